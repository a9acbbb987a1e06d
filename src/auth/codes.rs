//! Random codes for links and cookies, and the hashes that are stored of those that must not be readable in
//! the database.

use rand::RngExt;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};

/// Characters of a code in a link: 62^22 is 2^130, past guessing (OWASP asks for 128 bits of a token).
const CHARS: usize = 22;

/// Characters of a bearer token after its prefix: 62^43 is 2^256.
const TOKEN_CHARS: usize = 43;

/// A new bearer token.
#[must_use]
pub fn token(prefix: &str) -> String {
    format!("{prefix}{}", of_chars(TOKEN_CHARS))
}

/// Whether a text has the form of a bearer token with this prefix.
#[must_use]
pub fn is_token(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == TOKEN_CHARS && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Whether two codes are the same, in a time that tells nothing of where they differ.
#[must_use]
pub fn are_equal(one: &str, other: &str) -> bool {
    hash(one) == hash(other)
}

/// A new code for a link.
#[must_use]
pub fn new() -> String {
    of_chars(CHARS)
}

/// `count` random letters and digits.
pub(super) fn of_chars(count: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(count)
        .map(char::from)
        .collect()
}

/// The hash of a code, which is stored: the code cannot be derived from it.
#[must_use]
pub fn hash(code: &str) -> String {
    Sha256::digest(code)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
