//! `[site]`: the site that this server is part of, whose people sign in here by tokens that it signs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use sha2::{Digest, Sha256};
use toml::Value;
use url::Url;

use super::values;

/// Keys at a time: the one that signs, the one that follows it, and some room for several servers of one site.
const MAX_KEYS: usize = 8;
/// The longest name of a key, in bytes: it stands in every token.
const MAX_KEY_ID: usize = 32;
/// The shortest key, in bytes: HS256 asks for as many as its hash has (RFC 7518, section 3.2).
const MIN_KEY: usize = 32;
/// The longest key, in bytes: a longer one is hashed before it is used, and no better.
const MAX_KEY: usize = 64;
/// The name of the site stands in each token and beside each account.
const MAX_ISSUER: usize = 100;
/// What the site is called stands on a button.
const MAX_NAME: usize = 40;
/// Longer addresses are cut by programs on the way.
const MAX_URL: usize = 1_000;

/// `[site]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// The keys that the site signs with; empty: nobody signs in by a token.
    #[serde(deserialize_with = "keys")]
    pub keys: Vec<SiteKey>,
    /// What the site calls itself in its tokens.
    #[serde(deserialize_with = "issuer")]
    pub issuer: String,
    /// What people call it; empty: its host.
    #[serde(deserialize_with = "values::line::<_, MAX_NAME>")]
    pub name: String,
    /// The page of the site that signs people in and sends them back; empty: there is none.
    #[serde(deserialize_with = "sign_in")]
    pub sign_in: String,
    /// Whether the site says who is an admin of the server.
    #[serde(deserialize_with = "values::flag")]
    pub roles: bool,
    /// Whose names its people have.
    pub names: Names,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            issuer: "site".to_owned(),
            name: String::new(),
            sign_in: String::new(),
            roles: false,
            names: Names::default(),
        }
    }
}

/// Whose names people have who come from the site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// The site's, at each sign-in.
    #[default]
    Site,
    /// The site's at first, then what they choose themselves.
    Own,
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Names, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("site") => Ok(Names::Site),
            Some("own") => Ok(Names::Own),
            _ => Err(values::wrong("\"site\" or \"own\"", &value)),
        }
    }
}

/// A key that the site signs with: never shown, but for its id.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteKey {
    id: String,
    secret: Vec<u8>,
}

impl SiteKey {
    /// What tokens call it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself, at least [`MIN_KEY`] bytes.
    #[must_use]
    pub fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// A key with this secret, as `config.toml` has it.
    #[must_use]
    pub fn line(id: &str, secret: &[u8]) -> String {
        format!("{id}:{}", URL_SAFE_NO_PAD.encode(secret))
    }

    /// What tells this key from another, and tells no more of it than any token that it has signed.
    pub(super) fn print(&self) -> (&str, [u8; 32]) {
        (&self.id, Sha256::digest(&self.secret).into())
    }

    /// Reads `ID:KEY`; the error says what is wrong with it and nothing of what it says.
    ///
    /// # Errors
    /// In words for the operator, as the end of "one …".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (id, key) = text.split_once(':').ok_or("has no \":\" behind its name")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if id.is_empty() || id.len() > MAX_KEY_ID || !id.chars().all(is_plain) {
            return Err("has a name that is not 1 to 32 letters, digits, \".\", \"-\" and \"_\"");
        }
        if key.starts_with("ed25519:") {
            return Err("is a public key, which this version does not take");
        }
        let secret = URL_SAFE_NO_PAD
            .decode(key.trim_end_matches('='))
            .map_err(|_other| "is not in base64url (letters, digits, \"-\" and \"_\")")?;
        match secret.len() {
            0..MIN_KEY => Err("has fewer than 32 bytes"),
            MIN_KEY..=MAX_KEY => Ok(Self {
                id: id.to_owned(),
                secret,
            }),
            _ => Err("has more than 64 bytes"),
        }
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:***", self.id)
    }
}

/// The keys of the site. What is refused is not shown.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SiteKey>, D::Error> {
    let form = "must be a list of keys as [\"NAME:KEY\"], where KEY is 32 to 64 bytes in base64url \
                (`teahouse site-key` makes one)";
    let value = Value::deserialize(deserializer)?;
    let Some(entries) = value.as_array() else {
        return Err(D::Error::custom(form));
    };
    if entries.len() > MAX_KEYS {
        let many = entries.len();
        return Err(D::Error::custom(format!(
            "must have at most {MAX_KEYS} keys, not {many}"
        )));
    }
    let mut taken: Vec<SiteKey> = Vec::with_capacity(entries.len());
    for (number, entry) in (1..).zip(entries) {
        let read = entry.as_str().map(str::trim).ok_or("is no text in quotes");
        let read = read.and_then(SiteKey::parse).and_then(|key| {
            let twice = taken.iter().any(|other| other.id == key.id);
            if twice {
                Err("has the name of another")
            } else {
                Ok(key)
            }
        });
        match read {
            Ok(key) => taken.push(key),
            Err(fault) => return Err(D::Error::custom(format!("{form}: key {number} {fault}"))),
        }
    }
    Ok(taken)
}

/// What the site calls itself in its tokens.
fn issuer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let issuer = values::line::<_, MAX_ISSUER>(deserializer)?;
    match issuer.is_empty() {
        true => Err(D::Error::custom("must not be empty")),
        false => Ok(issuer),
    }
}

/// The address of a page, or nothing.
fn sign_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = values::text_of(&value)?.trim();
    let is_page = |url: Url| {
        let bare = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && bare && url.fragment().is_none()
    };
    let known = text.len() <= MAX_URL && Url::parse(text).is_ok_and(is_page);
    if !text.is_empty() && !known {
        let form =
            "the address of a page, such as \"https://www.example.org/chat/sign-in\", or \"\"";
        return Err(values::wrong(form, &value));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_name_and_enough_bytes() {
        let line = SiteKey::line("2026a", &[0xfb; 32]);
        let key = SiteKey::parse(&line).unwrap();
        assert_eq!((key.id(), key.secret()), ("2026a", &[0xfb; 32][..]));
        assert_eq!(SiteKey::parse(&format!("{line}=")), Ok(key));
        for (wrong, why) in [
            ("", "\":\""),
            ("2026a", "\":\""),
            (":AAAA", "name"),
            ("a b:AAAA", "name"),
            (&SiteKey::line(&"k".repeat(33), &[1; 32]), "name"),
            (&SiteKey::line("k", &[1; 31]), "fewer"),
            (&SiteKey::line("k", &[1; 65]), "more"),
            (&format!("{line}+/"), "base64url"),
            ("k:", "fewer"),
            (
                "2026b:ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "public key",
            ),
        ] {
            let said = SiteKey::parse(wrong).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_key_is_in_no_text_that_is_made_of_the_settings() {
        let site = Site {
            keys: vec![
                SiteKey::parse(&SiteKey::line("2026a", b"shibboleth-shibboleth-shibboleth"))
                    .unwrap(),
            ],
            ..Site::default()
        };
        let shown = format!("{site:?}");
        assert!(
            shown.contains("2026a:***") && !shown.contains("shib"),
            "{shown}"
        );
        // The same in base64.
        assert!(!shown.contains("c2hp"), "{shown}");
    }
}
