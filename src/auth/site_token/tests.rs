//! Good tokens, and some four hundred that are not: each is refused, by the check that the table names.

mod table;

use hmac::{Hmac, KeyInit, Mac};
use sha2::digest::block_api::EagerHash;
use sha2::{Sha256, Sha384, Sha512};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;

/// The server's clock in these tests, seconds since 1970.
const NOW: i64 = 1_795_390_577;

const HOUSE: &str = "https://chat.example.org";

const SECRET: &[u8] = b"the first key, of 32 or more bytes";
const OTHER_SECRET: &[u8] = b"another key, which is as long as it";

fn key(id: &str, secret: &[u8]) -> SiteKey {
    SiteKey::parse(&SiteKey::line(id, secret)).unwrap()
}

fn verifier(keys: &[(&str, &[u8])]) -> Verifier {
    let site = Site {
        keys: keys.iter().map(|(id, secret)| key(id, secret)).collect(),
        ..Site::default()
    };
    Verifier::new(&site, HOUSE).unwrap()
}

fn one_key() -> Verifier {
    verifier(&[("2026a", SECRET)])
}

fn two_keys() -> Verifier {
    verifier(&[("2026a", SECRET), ("2026b", OTHER_SECRET)])
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "JWT", "kid": "2026a"})
}

fn claims() -> Value {
    json!({
        "iss": "site", "aud": HOUSE, "sub": "4711", "name": "苏轼", "iat": NOW, "exp": NOW + 60, "jti": "9f2c1e7a",
        "role": "member", "rooms": [407_814_773_526_145_i64],
    })
}

fn changed(value: &Value, name: &str, to: &Value) -> Value {
    let mut value = value.clone();
    value[name] = to.clone();
    value
}

fn without(value: &Value, name: &str) -> Value {
    let mut value = value.clone();
    value.as_object_mut().unwrap().remove(name).unwrap();
    value
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn mac<H: EagerHash>(message: &str, secret: &[u8]) -> Vec<u8>
where
    Hmac<H>: KeyInit + Mac,
{
    let mac = <Hmac<H> as KeyInit>::new_from_slice(secret).unwrap();
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

/// A token of these parts, signed as the first key would.
fn token(header: &Value, claims: &Value) -> String {
    signed(header, claims, SECRET)
}

fn signed(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(mac::<Sha256>(&message, secret));
    format!("{message}.{signature}")
}

fn at(verifier: &Verifier, token: &str, now: i64) -> Result<Claims, Refusal> {
    verifier.verify(token, now * 1_000 + 999)
}

#[test]
fn a_good_token_is_read() {
    let read = at(&one_key(), &token(&header(), &claims()), NOW).unwrap();
    let expected = Claims {
        subject: "4711".to_owned(),
        name: "苏轼".to_owned(),
        role: Some(ServerRole::Member),
        rooms: vec![RoomId(407_814_773_526_145)],
        issued: NOW * 1_000,
        until: (NOW + 91) * 1_000,
        token_id: "9f2c1e7a".to_owned(),
        nonce: None,
        key_id: "2026a".to_owned(),
    };
    assert_eq!(read, expected);
}

#[test]
fn the_example_of_another_implementation_is_taken() {
    // The HMAC of RFC 7515, appendix A.1: its key and its first two parts, whose claims are not ours.
    let secret =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let example = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
                   eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
                   dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let secret = URL_SAFE_NO_PAD.decode(secret).unwrap();
    let verifier = verifier(&[("rfc", &secret)]);
    // Its signature holds; it has neither audience nor subject, in which order the library looks is its choice.
    let lacks = at(&verifier, example, 1_300_819_380).unwrap_err();
    assert!(
        [Refusal::Audience, Refusal::Subject].contains(&lacks),
        "{lacks:?}"
    );
    let forged = example.replace("dBjf", "dBjg");
    assert_eq!(
        at(&verifier, &forged, 1_300_819_380),
        Err(Refusal::Signature)
    );
}

#[test]
fn every_token_of_the_table_meets_its_check_and_none_gets_in() {
    let cases = table::all();
    assert!(cases.len() > 400, "{}", cases.len());
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let met = match at(&case.verifier, &case.token, NOW) {
                Ok(_) => "good",
                Err(refusal) => refusal.check(),
            };
            (met != case.check).then(|| format!("{}: {met} instead of {}", case.what, case.check))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let named: std::collections::BTreeSet<_> = cases.iter().map(|case| case.check).collect();
    for check in [
        "size",
        "parts",
        "header",
        "crit",
        "kid",
        "alg",
        "signature",
        "claims",
        "iss",
        "aud",
        "sub",
        "exp",
        "exp passed",
        "nbf",
        "iat",
        "exp - iat",
        "jti",
        "name",
        "role",
        "rooms",
        "nonce",
    ] {
        assert!(named.contains(check), "no token is refused for {check}");
    }
}

#[test]
fn a_token_with_any_character_changed_is_refused() {
    let (verifier, good) = (one_key(), token(&header(), &claims()));
    for place in 0..good.len() {
        for other in ["A", "B", "_", ".", "=", " ", "é"] {
            let mut changed = good.clone();
            changed.replace_range(place..=place, other);
            let taken = at(&verifier, &changed, NOW);
            assert!(taken.is_err() || changed == good, "{place} {other}");
        }
        let (start, end) = good.split_at(place);
        assert!(at(&verifier, start, NOW).is_err(), "{place}");
        assert!(place == 0 || at(&verifier, end, NOW).is_err(), "{place}");
    }
}

#[test]
fn a_list_or_an_object_is_no_text_and_no_time() {
    for (name, check) in [
        ("sub", Refusal::Subject),
        ("exp", Refusal::Expiry),
        ("nbf", Refusal::NotBefore),
    ] {
        for value in [
            json!([]),
            json!(["4711"]),
            json!([NOW]),
            json!({}),
            json!({"0": 1}),
            json!([[1]]),
        ] {
            let token = token(&header(), &changed(&claims(), name, &value));
            let refused = at(&one_key(), &token, NOW).unwrap_err();
            // The library may not find its way behind it.
            assert!(
                [check, Refusal::Claims].contains(&refused),
                "{name} {value}: {refused:?}"
            );
        }
    }
}

#[test]
fn whoever_brings_a_token_learns_one_of_three_things() {
    let code = |refusal: Refusal| Error::from(refusal).code();
    assert_eq!(code(Refusal::Expired), "token_expired");
    assert_eq!(code(Refusal::Spent), "token_used");
    for refusal in [
        Refusal::Signature,
        Refusal::Key,
        Refusal::SignedOut,
        Refusal::Blocked,
        Refusal::Expiry,
    ] {
        assert_eq!(code(refusal), "bad_token");
    }
}

#[test]
fn a_key_that_is_added_is_taken_beside_the_old_one_and_a_removed_one_is_not() {
    let old = token(&header(), &claims());
    let new = signed(
        &changed(&header(), "kid", &json!("2026b")),
        &claims(),
        OTHER_SECRET,
    );
    let after = verifier(&[("2026b", OTHER_SECRET)]);
    for (verifier, token, check) in [
        (&one_key(), &old, None),
        (&one_key(), &new, Some(Refusal::Key)),
        (&two_keys(), &old, None),
        (&two_keys(), &new, None),
        (&after, &old, Some(Refusal::Key)),
        (&after, &new, None),
    ] {
        assert_eq!(at(verifier, token, NOW).err(), check);
    }
}

#[test]
fn without_a_key_there_is_no_verifier() {
    assert!(Verifier::new(&Site::default(), HOUSE).is_none());
    let shown = format!("{:?}", one_key());
    assert!(
        !shown.contains("first key") && !shown.contains(&format!("{:?}", SECRET[0])),
        "{shown}"
    );
}
