//! The table: what is wrong with a token, and the check that says so. Here what is wrong around the claims.

mod claims;

use super::*;

/// One token.
pub(super) struct Case {
    pub(super) what: String,
    pub(super) token: String,
    pub(super) verifier: Verifier,
    /// The check that refuses it, or "good".
    pub(super) check: &'static str,
}

fn case(what: impl Into<String>, token: String, check: &'static str) -> Case {
    Case {
        what: what.into(),
        token,
        verifier: one_key(),
        check,
    }
}

/// All of them.
pub(super) fn all() -> Vec<Case> {
    let parts = [
        shapes(),
        keys(),
        algorithms(),
        signatures(),
        headers(),
        claims::types(),
        claims::values(),
        claims::times(),
    ];
    parts.into_iter().flatten().collect()
}

/// Too much, or not three parts of base64url and JSON.
fn shapes() -> Vec<Case> {
    let good = token(&header(), &claims());
    let [first, second, third] = *good.split('.').collect::<Vec<_>>() else {
        panic!()
    };
    let raw = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let with_header = |part: &[u8]| {
        let message = format!("{}.{second}", raw(part));
        format!("{message}.{}", raw(&mac::<Sha256>(&message, SECRET)))
    };
    let with_claims = |part: &[u8]| {
        let message = format!("{first}.{}", raw(part));
        format!("{message}.{}", raw(&mac::<Sha256>(&message, SECRET)))
    };
    let of_size = |bytes: usize| {
        let bare = token(&header(), &changed(&claims(), "x", &json!(""))).len();
        let about = (bytes - bare) * 3 / 4;
        let mut sizes = (about - 4..about + 4).map(|more| {
            token(
                &header(),
                &changed(&claims(), "x", &json!("x".repeat(more))),
            )
        });
        sizes
            .find(|token| token.len() == bytes || token.len() == bytes + 1)
            .unwrap()
    };
    let mut cases = vec![
        case("good", good.clone(), "good"),
        case("as large as may be", of_size(4_095), "good"),
        case("5 KiB", of_size(5_120), "size"),
        case("a byte too large", "x".repeat(4_097), "size"),
        case("1 MiB of dots", ".".repeat(1 << 20), "size"),
        case("of two tokens", format!("{good},{good}"), "parts"),
        case("Bearer", format!("Bearer {good}"), "header"),
        case("with a line end", format!("{good}\n"), "signature"),
        case("after a blank", format!(" {good}"), "header"),
        case("with NUL", format!("{good}\0"), "signature"),
        case(
            "in padded base64",
            format!("{first}.{second}.{third}="),
            "signature",
        ),
        case(
            "header in padded base64",
            format!("{first}=.{second}.{third}"),
            "header",
        ),
    ];
    for text in [
        "", ".", "..", "...", "....", "a", "a.b", "a.b.c.d", "{}", "null", "é.é.é", "ths_abc",
    ] {
        let check = if text.matches('.').count() == 2 {
            "header"
        } else {
            "parts"
        };
        cases.push(case(format!("{text:?}"), text.to_owned(), check));
    }
    for text in [
        format!("{first}.{second}"),
        format!("{first}.{second}.{third}."),
        format!(".{first}.{second}.{third}"),
        format!("{first}.{second}.{third}.{first}.{second}"),
        format!("{second}.{third}"),
    ] {
        cases.push(case(text.clone(), text, "parts"));
    }
    for bad in [
        &b""[..],
        b"null",
        b"[]",
        b"1",
        b"\"HS256\"",
        b"{",
        b"{}x",
        b"\xff\xfe",
        b"{\"alg\":\"HS256\"",
        b"\xef\xbb\xbf{}",
    ] {
        cases.push(case(format!("header {bad:?}"), with_header(bad), "header"));
        cases.push(case(format!("claims {bad:?}"), with_claims(bad), "claims"));
    }
    cases.push(case("no claim", with_claims(b"{}"), "missing"));
    cases.push(case(
        "header names alg twice",
        with_header(br#"{"alg":"none","alg":"HS256"}"#),
        "claims",
    ));
    cases.push(case(
        "claims name iss twice",
        with_claims(br#"{"iss":"site","iss":"other"}"#),
        "claims",
    ));
    // Which of four missing claims is named is the library's choice.
    cases.retain(|case| case.check != "missing");
    cases
}

/// Absent, unknown and foreign keys.
fn keys() -> Vec<Case> {
    let unnamed = without(&header(), "kid");
    let mut cases = vec![
        case("no kid and one key", token(&unnamed, &claims()), "good"),
        case(
            "no kid and a foreign key",
            signed(&unnamed, &claims(), OTHER_SECRET),
            "signature",
        ),
        case(
            "foreign key",
            signed(&header(), &claims(), OTHER_SECRET),
            "signature",
        ),
        case("empty key", signed(&header(), &claims(), b""), "signature"),
        case(
            "the key's name as the key",
            signed(&header(), &claims(), b"2026a"),
            "signature",
        ),
        case(
            "the key as it is written",
            signed(
                &header(),
                &claims(),
                URL_SAFE_NO_PAD.encode(SECRET).as_bytes(),
            ),
            "signature",
        ),
    ];
    let of_two = |what: &str, token: String, check| Case {
        verifier: two_keys(),
        ..case(what, token, check)
    };
    let second = changed(&header(), "kid", &json!("2026b"));
    cases.extend([
        of_two("first of two", token(&header(), &claims()), "good"),
        of_two(
            "second of two",
            signed(&second, &claims(), OTHER_SECRET),
            "good",
        ),
        of_two(
            "first named, second signs",
            signed(&header(), &claims(), OTHER_SECRET),
            "signature",
        ),
        of_two(
            "second named, first signs",
            token(&second, &claims()),
            "signature",
        ),
        of_two("none named of two", token(&unnamed, &claims()), "kid"),
    ]);
    for kid in [
        json!("2026c"),
        json!("2026A"),
        json!("2026a "),
        json!(""),
        json!(null),
        json!(0),
        json!(true),
        json!(["2026a"]),
        json!({"2026a": 1}),
        json!("../2026a"),
        json!("' OR 1=1 --"),
        json!("2026a\u{0}"),
        json!("x".repeat(500)),
    ] {
        let header = changed(&header(), "kid", &kid);
        cases.push(case(format!("kid {kid}"), token(&header, &claims()), "kid"));
        cases.push(of_two(
            &format!("kid {kid} of two"),
            token(&header, &claims()),
            "kid",
        ));
    }
    cases
}

/// Algorithms that are not the key's, whoever signs.
fn algorithms() -> Vec<Case> {
    const PUBLIC_KEY: &[u8] =
        b"-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n";
    let mut cases = Vec::new();
    for alg in [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!(""),
        json!("hs256"),
        json!("HS256 "),
        json!("HS384"),
        json!("HS512"),
        json!("RS256"),
        json!("RS384"),
        json!("PS256"),
        json!("ES256"),
        json!("EdDSA"),
        json!("HS1"),
        json!("dir"),
        json!(null),
        json!(256),
        json!(["HS256"]),
        json!({"alg": "HS256"}),
        json!(true),
    ] {
        let header = changed(&header(), "alg", &alg);
        let message = format!("{}.{}", encoded(&header), encoded(&claims()));
        for (signer, signature) in [
            ("nobody", Vec::new()),
            ("HS256", mac::<Sha256>(&message, SECRET)),
            ("HS384", mac::<Sha384>(&message, SECRET)),
            ("HS512", mac::<Sha512>(&message, SECRET)),
            ("a public key", mac::<Sha256>(&message, PUBLIC_KEY)),
            ("RSA", vec![7; 256]),
        ] {
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
            cases.push(case(format!("alg {alg} signed by {signer}"), token, "alg"));
        }
    }
    cases.push(case(
        "no alg",
        token(&without(&header(), "alg"), &claims()),
        "alg",
    ));
    cases.push(case(
        "HS256 over a public key",
        signed(&header(), &claims(), PUBLIC_KEY),
        "signature",
    ));
    cases
}

/// Signatures that are not of this token.
fn signatures() -> Vec<Case> {
    let good = token(&header(), &claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut cases = Vec::new();
    let mut add = |what: String, signature: &[u8]| {
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature));
        cases.push(case(what, token, "signature"));
    };
    for place in 0..bytes.len() {
        let mut other = bytes.clone();
        other[place] ^= 1 << (place % 8);
        add(format!("bit of byte {place} turned"), &other);
    }
    for length in [0, 1, 16, 20, 31] {
        add(format!("{length} bytes of it"), &bytes[..length]);
    }
    add("twice".to_owned(), &bytes.repeat(2));
    add("and a byte".to_owned(), &[&bytes[..], &[0]].concat());
    add("HS384".to_owned(), &mac::<Sha384>(message, SECRET));
    add("HS512".to_owned(), &mac::<Sha512>(message, SECRET));
    add("zeros".to_owned(), &[0; 32]);
    let admin = token(&header(), &changed(&claims(), "role", &json!("admin")));
    let theirs = admin.rsplit_once('.').unwrap().1;
    cases.push(case(
        "of another token",
        format!("{message}.{theirs}"),
        "signature",
    ));
    cases.push(case(
        "in base64",
        format!(
            "{message}.{}",
            base64::engine::general_purpose::STANDARD.encode(&bytes)
        ),
        "signature",
    ));
    cases.push(case(
        "in hex",
        format!(
            "{message}.{}",
            bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()
        ),
        "signature",
    ));
    cases
}

/// What else stands in a header.
fn headers() -> Vec<Case> {
    let mut cases = Vec::new();
    for crit in [
        json!([]),
        json!(["exp"]),
        json!(["b64"]),
        json!(null),
        json!("b64"),
        json!(["x", "x"]),
        json!(0),
    ] {
        let header = changed(&header(), "crit", &crit);
        cases.push(case(
            format!("crit {crit}"),
            token(&header, &claims()),
            "crit",
        ));
        let header = changed(&header, "b64", &json!(true));
        cases.push(case(
            format!("crit {crit} and b64"),
            token(&header, &claims()),
            "crit",
        ));
    }
    // Nobody looks there for a key.
    let jwk = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(OTHER_SECRET)});
    for (name, value) in [
        ("jku", json!("https://evil.example.org/keys.json")),
        ("x5u", json!("https://evil.example.org/cert.pem")),
        ("jwk", jwk),
    ] {
        let header = changed(&header(), name, &value);
        cases.push(case(
            format!("{name}, our key"),
            token(&header, &claims()),
            "good",
        ));
        cases.push(case(
            format!("{name}, their key"),
            signed(&header, &claims(), OTHER_SECRET),
            "signature",
        ));
    }
    cases
}
