//! The claims of a token, each missing, of another type, with another value, and at another time.

use super::*;

/// Each claim of another type.
pub(super) fn types() -> Vec<Case> {
    let all = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(9_007_199_254_740_993_i64),
        json!(u64::MAX),
        json!(""),
        json!("\u{7}"),
        json!([]),
        json!([null]),
        json!(["\u{7}"]),
        json!({}),
        json!({"0": "site"}),
        json!([["site"]]),
    ];
    let mut cases = Vec::new();
    for (name, check) in [
        ("iss", "iss"),
        ("aud", "aud"),
        ("sub", "sub"),
        ("exp", "exp"),
        ("nbf", "nbf"),
        ("iat", "iat"),
        ("jti", "jti"),
        ("name", "name"),
        ("role", "role"),
        ("rooms", "rooms"),
        ("nonce", "nonce"),
    ] {
        for value in &all {
            let is_right = match name {
                "name" => value.is_string(),
                "rooms" => *value == json!([]),
                _ => false,
            };
            // Lists and objects in these have a test of their own.
            if ["sub", "exp", "nbf"].contains(&name) && (value.is_array() || value.is_object()) {
                continue;
            }
            let check = if is_right { "good" } else { check };
            let token = token(&header(), &changed(&claims(), name, value));
            cases.push(case(format!("{name} {value}"), token, check));
        }
        if !["nbf", "role", "rooms", "nonce"].contains(&name) {
            cases.push(case(
                format!("no {name}"),
                token(&header(), &without(&claims(), name)),
                check,
            ));
        }
    }
    for name in ["role", "rooms"] {
        cases.push(case(
            format!("no {name}"),
            token(&header(), &without(&claims(), name)),
            "good",
        ));
    }
    cases
}

/// Each claim with another value.
pub(super) fn values() -> Vec<Case> {
    let text = |length: usize| json!("苏".repeat(length));
    let rows = [
        ("iss", json!("Site"), "iss"),
        ("iss", json!("site "), "iss"),
        ("iss", json!(["site"]), "iss"),
        ("iss", json!(HOUSE), "iss"),
        ("aud", json!("https://chat.example.org/"), "aud"),
        ("aud", json!("http://chat.example.org"), "aud"),
        ("aud", json!("https://chat.example.org.evil.example"), "aud"),
        ("aud", json!("chat.example.org"), "aud"),
        ("aud", json!("*"), "aud"),
        ("aud", json!([HOUSE, "https://other.example.org"]), "aud"),
        ("aud", json!([HOUSE]), "good"),
        ("aud", json!([HOUSE, HOUSE]), "aud"),
        ("aud", json!([HOUSE, 1]), "aud"),
        ("sub", text(1), "good"),
        ("sub", text(128), "good"),
        ("sub", text(129), "sub"),
        ("sub", json!("a\nb"), "sub"),
        ("sub", json!("a\u{0}"), "sub"),
        ("sub", json!(4711), "sub"),
        ("jti", text(7), "jti"),
        ("jti", text(8), "good"),
        ("jti", text(64), "good"),
        ("jti", text(65), "jti"),
        ("jti", json!("1234567\n"), "jti"),
        ("role", json!("admin"), "good"),
        ("role", json!("owner"), "role"),
        ("role", json!("Admin"), "role"),
        ("role", json!("root"), "role"),
        ("role", json!(["admin"]), "role"),
        ("role", json!("member,admin"), "role"),
        ("rooms", json!([1, 2]), "good"),
        ("rooms", json!([0]), "rooms"),
        ("rooms", json!([-1]), "rooms"),
        ("rooms", json!(["1"]), "rooms"),
        ("rooms", json!([1, 1.5]), "rooms"),
        ("rooms", json!("all"), "rooms"),
        ("rooms", json!(1), "rooms"),
        ("rooms", json!([1_i64 << 53]), "rooms"),
        ("name", json!("x".repeat(300)), "good"),
        ("name", json!(["Ada"]), "name"),
        ("nonce", json!("n"), "good"),
        ("nonce", text(129), "nonce"),
        ("nonce", json!("a\rb"), "nonce"),
        ("admin", json!(true), "good"),
        ("is_owner", json!(true), "good"),
    ];
    let with = |(name, value, check): &(&str, Value, &'static str)| {
        case(
            format!("{name} is {value}"),
            token(&header(), &changed(&claims(), name, value)),
            check,
        )
    };
    rows.iter().map(with).collect()
}

/// Each time so many seconds off.
pub(super) fn times() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |iat: i64, exp: i64, nbf: Option<i64>, check| {
        let mut claims = changed(&claims(), "iat", &json!(NOW + iat));
        claims["exp"] = json!(NOW + exp);
        if let Some(nbf) = nbf {
            claims["nbf"] = json!(NOW + nbf);
        }
        let what = format!("iat {iat:+}, exp {exp:+}, nbf {nbf:?}");
        cases.push(case(what, token(&header(), &claims), check));
    };
    for (iat, exp, check) in [
        (-60, 0, "good"),
        (-60, -29, "good"),
        (-60, -30, "good"),
        (-60, -31, "exp passed"),
        (-60, -32, "exp passed"),
        (-330, -30, "good"),
        (-331, -31, "exp passed"),
        (-86_400, -86_340, "exp passed"),
        (-NOW, -NOW, "exp passed"),
        (29, 60, "good"),
        (30, 60, "good"),
        (31, 60, "iat"),
        (31, 91, "iat"),
        (3_600, 3_660, "iat"),
        (0, 299, "good"),
        (0, 300, "good"),
        (0, 301, "exp - iat"),
        (0, 86_400, "exp - iat"),
        (29, 329, "good"),
        (29, 330, "exp - iat"),
        (-271, 29, "good"),
        (-271, 30, "exp - iat"),
        (-NOW, 60, "exp - iat"),
        (0, 0, "exp - iat"),
        (29, 28, "exp - iat"),
        (0, -29, "exp - iat"),
        (0, 1, "good"),
    ] {
        add(iat, exp, None, check);
    }
    for (nbf, check) in [
        (-NOW, "good"),
        (-31, "good"),
        (0, "good"),
        (29, "good"),
        (30, "good"),
        (31, "nbf"),
        (32, "nbf"),
        (3_600, "nbf"),
    ] {
        add(0, 60, Some(nbf), check);
    }
    // In milliseconds, as is easily done.
    add(NOW * 999, NOW * 999 + 60, None, "iat");
    cases
}
