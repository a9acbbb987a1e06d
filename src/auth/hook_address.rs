//! The address of a hook: an id that names it, and a secret that opens it.

use super::codes;

/// Characters of the id: 62^12, so that two never meet.
const ID: usize = 12;

/// Characters of the secret: 62^32 is 2^190, past guessing.
const SECRET: usize = 32;

/// The address of a hook. The secret is shown once, and never logged.
pub struct HookAddress {
    /// What names it.
    pub id: String,
    secret: String,
}

impl HookAddress {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        Self {
            id: codes::of_chars(ID),
            secret: codes::of_chars(SECRET),
        }
    }

    /// The one of a request's path; `None` when no hook has such an address.
    #[must_use]
    pub fn read(id: &str, secret: &str) -> Option<Self> {
        let is = |text: &str, chars| {
            text.len() == chars && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        (is(id, ID) && is(secret, SECRET)).then(|| Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// The hash of its secret, which is stored.
    #[must_use]
    pub fn key_hash(&self) -> String {
        codes::hash(&self.secret)
    }

    /// Whether this is the hash of its secret, in a time that tells nothing. It takes as long where there is no hook and
    /// so no hash, and is false then.
    #[must_use]
    pub fn opens(&self, key_hash: Option<&str>) -> bool {
        codes::are_equal(&self.key_hash(), key_hash.unwrap_or_default())
    }

    /// Its path on this server.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/hooks/{}/{}", self.id, self.secret)
    }
}

impl Default for HookAddress {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for HookAddress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "HookAddress({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_opens_by_its_own_secret_alone_and_shows_it_nowhere() {
        let address = HookAddress::new();
        let path = address.path();
        let parts: Vec<&str> = path.split('/').collect();
        let read = HookAddress::read(parts[2], parts[3]).unwrap();
        assert!(read.opens(Some(&address.key_hash())));
        assert!(!read.opens(Some(&HookAddress::new().key_hash())));
        assert!(!read.opens(None) && !read.opens(Some("")));
        assert!(!format!("{address:?}").contains(parts[3]));
        for (id, secret) in [
            ("", ""),
            (parts[2], &parts[3][1..]),
            (&parts[2][1..], parts[3]),
            (parts[2], &format!("{}-", &parts[3][1..])),
        ] {
            assert!(HookAddress::read(id, secret).is_none(), "{id} {secret}");
        }
    }
}
