//! Passwords: which are accepted, and how they are hashed.
//!
//! Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet). Hashing is
//! slow on purpose, so it runs on threads of its own, [`PARALLEL`] at a time; when [`WAITING`]
//! more are waiting the answer is [`Error::Busy`] instead of piling up 19 MiB each.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::RngExt;
use rand::distr::Alphanumeric;
use tokio::sync::Semaphore;

use crate::error::Error;

/// Fewest characters (NIST SP 800-63B §3.1.1.2).
pub const MIN_CHARS: usize = 8;

/// Most characters: any passphrase, and not a way to make the server hash megabytes.
pub const MAX_CHARS: usize = 256;

/// Guesses that a password must be worth: the commonest few thousand, and what is made of them by
/// rule, are below (zxcvbn's estimate, log 10).
const MIN_GUESSES_LOG10: f64 = 4.5;

/// Characters that the estimate looks at; its cost grows with the square.
const JUDGED_CHARS: usize = 64;

/// Hashes computed at the same time.
const PARALLEL: usize = 2;

/// Hashes that may wait for a thread.
const WAITING: usize = 32;

/// Memory for one hash, in KiB.
const MEMORY_KIB: u32 = 19 * 1024;

/// Passes over the memory.
const PASSES: u32 = 2;

/// What the first guesses in China are made of ("I love you" in letters and in digits that sound
/// like it, common family names, keyboard walks); zxcvbn's own lists are English.
const FIRST_GUESSES: [&str; 16] = [
    "woaini",
    "woaiwojia",
    "5201314",
    "1314520",
    "1314",
    "520",
    "wang",
    "zhang",
    "zhao",
    "chen",
    "147258",
    "147258369",
    "123123",
    "qwe",
    "zxc",
    "qaz",
];

/// Checks a new password of the account called `name`.
///
/// # Errors
/// [`Error::PasswordShort`], [`Error::PasswordLong`], [`Error::PasswordCommon`].
pub fn check(password: &str, name: &str) -> Result<(), Error> {
    let chars = password.chars().count();
    if chars < MIN_CHARS {
        return Err(Error::PasswordShort { least: MIN_CHARS });
    }
    if chars > MAX_CHARS {
        return Err(Error::PasswordLong { limit: MAX_CHARS });
    }
    let judged: String = password.chars().take(JUDGED_CHARS).collect();
    let mut expected = vec![name];
    expected.extend(FIRST_GUESSES);
    if zxcvbn::zxcvbn(&judged, &expected).guesses_log10() < MIN_GUESSES_LOG10 {
        return Err(Error::PasswordCommon);
    }
    Ok(())
}

/// The hash of a password in PHC form, with a salt of its own. Slow; see [`Pool`].
///
/// # Errors
/// [`Error::Internal`] when the system gives no randomness or memory.
pub fn hash(password: &str) -> Result<String, Error> {
    let hashed = hasher()?.hash_password(password.as_bytes());
    hashed.map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        Error::Internal
    })
}

/// Whether `password` is the one that was hashed. Slow; see [`Pool`].
#[must_use]
pub fn matches(password: &str, phc: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(phc) else {
        return false;
    };
    hasher().is_ok_and(|hasher| hasher.verify_password(password.as_bytes(), &parsed).is_ok())
}

/// A string in the form of this server's hashes, of a password that nobody knows: random, and not computed,
/// so that a starting server does not take the memory of a hash.
fn decoy() -> String {
    let random = |chars: usize| {
        rand::rng()
            .sample_iter(Alphanumeric)
            .take(chars)
            .map(char::from)
            .collect::<String>()
    };
    // In base64 16 bytes are 21 characters and two bits, 32 bytes 42 and four; A has none set.
    let (salt, hash) = (random(21), random(42));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}A${hash}A")
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_never| Error::Internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The bounded pool of threads that hash passwords.
#[derive(Debug, Clone)]
pub struct Pool {
    parallel: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// The hash of nobody's password: an unknown name takes as long to check as a known one.
    decoy: Arc<str>,
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    /// A pool that has started no thread yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            parallel: Arc::new(Semaphore::new(PARALLEL)),
            waiting: Arc::default(),
            decoy: decoy().into(),
        }
    }

    /// [`hash`] on the pool.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many are waiting.
    pub async fn hash(&self, password: String) -> Result<String, Error> {
        self.run(move || hash(&password)).await?
    }

    /// [`matches`] on the pool; without a hash, or with that of an account that has no password, it takes as long and is
    /// false.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many are waiting.
    pub async fn matches(&self, password: String, phc: Option<String>) -> Result<bool, Error> {
        let decoy = Arc::clone(&self.decoy);
        let phc = phc.filter(|phc| !phc.is_empty());
        self.run(move || {
            let same = matches(&password, phc.as_deref().unwrap_or(&decoy));
            same && phc.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= PARALLEL + WAITING {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(Error::Busy);
        }
        let permit = self.parallel.acquire().await;
        let done = actix_web::web::block(work).await;
        drop(permit);
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        done.map_err(|_cancelled| Error::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_guessed_first_are_refused() {
        for common in [
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou1",
            "password1",
            "11111111",
            "abcd1234",
            "sunshine1",
        ] {
            assert_eq!(check(common, "ada"), Err(Error::PasswordCommon), "{common}");
        }
        assert_eq!(
            check("lovelace1815", "lovelace1815"),
            Err(Error::PasswordCommon)
        );
    }

    #[test]
    fn any_long_enough_words_in_any_script_are_welcome() {
        for good in [
            "correct horse battery",
            "凤凰单丛配白瓷盖碗",
            "пароль-чайника-77",
            "🍵🫖🍃🥮🏮🎋🐼🐉",
        ] {
            assert_eq!(check(good, "ada"), Ok(()), "{good}");
        }
        let long: String = (0..128)
            .filter_map(|n| char::from_u32(0x4e00 + n * 97))
            .collect();
        assert_eq!(check(&long, "ada"), Ok(()));
        assert_eq!(
            check("短短短短短短短", "ada"),
            Err(Error::PasswordShort { least: MIN_CHARS })
        );
        assert_eq!(
            check(&"x".repeat(MAX_CHARS + 1), "ada"),
            Err(Error::PasswordLong { limit: MAX_CHARS })
        );
    }

    #[test]
    fn a_hash_is_argon2id_and_its_whole_password_counts() {
        let long = "茶".repeat(128);
        let phc = hash(&long).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(matches(&long, &phc));
        assert!(!matches(&"茶".repeat(127), &phc));
        assert!(!matches("", &phc));
        assert!(!matches(&long, "not a hash"));
        assert_ne!(phc, hash(&long).unwrap(), "each has a salt of its own");
    }

    #[test]
    fn an_unknown_name_costs_what_a_known_one_costs() {
        let decoy = decoy();
        let parsed = PasswordHash::new(&decoy).unwrap();
        let known = hash("a long pass phrase").unwrap();
        let known = PasswordHash::new(&known).unwrap();
        assert_eq!(parsed.algorithm, known.algorithm);
        assert_eq!(parsed.version, known.version);
        assert_eq!(parsed.params, known.params);
        let bytes = |phc: &PasswordHash| {
            let salt = phc.salt.as_ref().map(|salt| salt.as_ref().len());
            (salt, phc.hash.as_ref().map(|hash| hash.as_bytes().len()))
        };
        assert_eq!(bytes(&parsed), bytes(&known));
        assert!(!matches("a long pass phrase", &decoy));
    }
}
