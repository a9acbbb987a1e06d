<?php
// PHP 7.4 or newer. The key and the address of the chat come from the environment, as `teahouse site-key` prints them.
function part(string $data): string {
    return rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
}

function teahouse_token(string $user_id, string $name, array $more = []): string {
    [$kid, $key] = explode(':', getenv('TEAHOUSE_SITE_KEY'));
    $now = time();
    $header = ['alg' => 'HS256', 'typ' => 'JWT', 'kid' => $kid];
    $claims = ['iss' => 'site', 'aud' => getenv('TEAHOUSE_URL'), 'sub' => $user_id, 'name' => $name,
               'iat' => $now, 'exp' => $now + 60, 'jti' => bin2hex(random_bytes(16))] + $more;
    $signed = part(json_encode($header)) . '.' . part(json_encode($claims));
    $mac = hash_hmac('sha256', $signed, base64_decode(strtr($key, '-_', '+/')), true);
    return $signed . '.' . part($mac);
}

echo teahouse_token($argv[1], $argv[2]), "\n";
