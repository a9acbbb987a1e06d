//! The server's secret: one random key in a file, by itself in the data directory.
//!
//! The cookie key, the pseudonyms of visitors and the secrets of signed hooks derive from it. Whoever has the file can forge
//! sessions, so only its owner may read it; whoever deletes it signs everybody out, and has signed hooks to make anew.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use actix_web::cookie::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Length of the key in bytes: what the cookie jar needs.
const KEY_BYTES: usize = 64;

/// The server's key.
#[derive(Clone)]
pub struct Secrets([u8; KEY_BYTES]);

impl Secrets {
    /// A random key that lives as long as the process.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The key in a file.
    ///
    /// # Errors
    /// When the file cannot be read, or has another length than it should.
    pub fn read(path: &Path) -> io::Result<Self> {
        fs::read(path)?
            .try_into()
            .map(Self)
            .map_err(|bytes: Vec<u8>| {
                let (path, has) = (path.display(), bytes.len());
                let words = format!("{path} has {has} bytes instead of {KEY_BYTES}");
                io::Error::new(io::ErrorKind::InvalidData, words)
            })
    }

    /// The key in a file, which is made on first use with mode 0600.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); when it cannot be made.
    pub fn read_or_make(path: &Path) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self::random();
                let mut file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)?;
                file.write_all(&secrets.0)?;
                file.sync_all()?;
                Ok(secrets)
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let words = "remove it to have a new one made (everybody is signed out then)";
                Err(io::Error::new(error.kind(), format!("{error}; {words}")))
            }
            read => read,
        }
    }

    /// The key that cookies are encrypted with.
    #[must_use]
    pub fn cookie_key(&self) -> Key {
        Key::derive_from(&self.mac("cookie", ""))
    }

    /// The key that nodes of one server know each other's words by.
    #[must_use]
    pub fn cluster_key(&self) -> [u8; 32] {
        self.mac("cluster", "")
    }

    /// A stable public name for something that must stay private (a visitor's cookie id, an
    /// address): 64 bits, so that no two visitors of a large server collide; it cannot be reversed
    /// without the key.
    #[must_use]
    pub fn pseudonym(&self, private: &str) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.mac("pseudonym", private);
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// What stands for something private of this `purpose` where others may see it, who cannot guess their way back
    /// without the key.
    #[must_use]
    pub fn digest(&self, purpose: &str, private: &str) -> u128 {
        let mac = self.mac(purpose, private);
        mac.iter()
            .take(size_of::<u128>())
            .fold(0, |digest, byte| digest << 8 | u128::from(*byte))
    }

    /// What tells this key from others, and tells nothing of it.
    #[must_use]
    pub fn print(&self) -> String {
        self.hex("print", "")
    }

    /// What signs the deliveries of the hook with this id.
    #[must_use]
    pub fn hook_secret(&self, hook: &str) -> String {
        self.hex("hook", hook)
    }

    fn hex(&self, purpose: &str, text: &str) -> String {
        let mac = self.mac(purpose, text);
        mac.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn mac(&self, purpose: &str, text: &str) -> [u8; 32] {
        // HMAC takes a key of any length; the zeros would only appear if it did not.
        Hmac::<Sha256>::new_from_slice(&self.0).map_or([0; 32], |mac| {
            mac.chain_update(purpose)
                .chain_update([0])
                .chain_update(text)
                .finalize()
                .into_bytes()
                .into()
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_made_once_and_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("session.key");
        let missing = Secrets::read(&file).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        let first = Secrets::read_or_make(&file).unwrap();
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let second = Secrets::read_or_make(&file).unwrap();
        assert_eq!(first.pseudonym("a"), second.pseudonym("a"));
        assert_ne!(first.pseudonym("a"), first.pseudonym("b"));
        assert_ne!(first.pseudonym("a"), Secrets::random().pseudonym("a"));
    }

    #[test]
    fn a_damaged_key_is_named_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("session.key");
        fs::write(&file, "short").unwrap();
        let error = Secrets::read_or_make(&file).unwrap_err().to_string();
        assert!(error.contains("session.key has 5 bytes"), "{error}");
    }
}
