//! Signatures of what other programs post, by a secret that both sides know.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a signature of GitHub begins with, in the header `X-Hub-Signature-256`.
const GITHUB: &str = "sha256=";

/// Whether `header` signs `body` as GitHub, Gitea and Forgejo do: HMAC-SHA256 of the bytes as they came, in
/// hexadecimal. Compared in constant time; an empty secret signs nothing.
#[must_use]
pub fn is_githubs(header: &str, secret: &[u8], body: &[u8]) -> bool {
    let Some(signature) = header.strip_prefix(GITHUB).and_then(bytes) else {
        return false;
    };
    let mac = Hmac::<Sha256>::new_from_slice(secret);
    let verified = mac.is_ok_and(|mac| mac.chain_update(body).verify_slice(&signature).is_ok());
    verified && !secret.is_empty()
}

/// The bytes of a SHA-256 in hexadecimal.
fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 2 * bytes.len() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation ("Validating webhook deliveries").
    const SECRET: &[u8] = b"It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn what_is_signed_with_the_secret_is_known() {
        assert!(is_githubs(SIGNED, SECRET, BODY));
        let upper = SIGNED.replace("757107ea", "757107EA");
        assert!(is_githubs(&upper, SECRET, BODY));
    }

    #[test]
    fn everything_else_is_refused() {
        let flipped = SIGNED.replace("3e17", "3e16");
        let long = format!("{SIGNED}00");
        let unlike_hex = SIGNED.replace("757107ea", "+57107ea");
        for header in [
            "",
            "sha256=",
            "sha256",
            flipped.as_str(),
            long.as_str(),
            unlike_hex.as_str(),
            SIGNED.trim_start_matches("sha256="),
            &SIGNED.replace("sha256=", "sha1="),
            &SIGNED.replace("757107ea", "757107é"),
            SIGNED.trim_end_matches('7'),
        ] {
            assert!(!is_githubs(header, SECRET, BODY), "{header}");
        }
        assert!(!is_githubs(SIGNED, b"another secret", BODY));
        assert!(!is_githubs(SIGNED, SECRET, b"Hello, World?"));
        let mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        let digest = mac.chain_update(BODY).finalize().into_bytes();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(
            !is_githubs(&format!("sha256={hex}"), b"", BODY),
            "an empty secret is none"
        );
    }
}
