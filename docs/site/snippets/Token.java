// Java 17 or newer. The key and the address of the chat come from the environment, as `teahouse site-key` prints them.
import static java.util.stream.Collectors.joining;

import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Token {
    static String part(byte[] data) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(data);
    }

    static String json(String text) {
        return text.chars()
                .mapToObj(c -> c < 128 && Character.isLetterOrDigit(c) ? "" + (char) c : String.format("\\u%04x", c))
                .collect(joining("", "\"", "\""));
    }

    static String teahouseToken(String userId, String name) throws Exception {
        String[] key = System.getenv("TEAHOUSE_SITE_KEY").split(":");
        long now = Instant.now().getEpochSecond();
        String header = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":" + json(key[0]) + "}";
        String claims = "{\"iss\":\"site\",\"aud\":" + json(System.getenv("TEAHOUSE_URL")) + ",\"sub\":" + json(userId)
                + ",\"name\":" + json(name) + ",\"iat\":" + now + ",\"exp\":" + (now + 60) + ",\"jti\":" + json(UUID.randomUUID().toString()) + "}";
        String signed = part(header.getBytes()) + "." + part(claims.getBytes());
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getUrlDecoder().decode(key[1]), "HmacSHA256"));
        return signed + "." + part(mac.doFinal(signed.getBytes()));
    }

    public static void main(String[] words) throws Exception {
        System.out.println(teahouseToken(words[0], words[1]));
    }
}
