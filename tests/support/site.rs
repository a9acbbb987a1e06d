//! A site with users of its own, which signs tokens for this server.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use teahouse::text::clock;
use uuid::Uuid;

/// The server's address in tokens.
pub const HOUSE: &str = "http://chat.example.org";

/// The key of the site.
pub const SECRET: &[u8] = b"shibboleth-shibboleth-shibboleth";

/// Settings of a server that is part of the site.
pub const SETTINGS: [(&str, &str); 2] = [
    ("server.public_url", HOUSE),
    (
        "site.keys",
        "2026a:c2hpYmJvbGV0aC1zaGliYm9sZXRoLXNoaWJib2xldGg",
    ),
];

/// What the site says of somebody who comes now.
pub fn claims(subject: &str, name: &str) -> Value {
    let now = clock::now_ms() / 1_000;
    json!({
        "iss": "site", "aud": HOUSE, "sub": subject, "name": name,
        "iat": now, "exp": now + 60, "jti": Uuid::new_v4().to_string(),
    })
}

/// A token that says so.
pub fn token(claims: &Value) -> String {
    signed(
        &json!({"alg": "HS256", "typ": "JWT", "kid": "2026a"}),
        claims,
        SECRET,
    )
}

/// A new token of somebody.
pub fn token_of(subject: &str, name: &str) -> String {
    token(&claims(subject, name))
}

/// A token with this header, signed with this key.
pub fn signed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    let mac = mac.chain_update(&text).finalize().into_bytes();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
}
