//! Random codes that stand in links and cookies, and what is kept of those that must not be read from
//! the database.

use rand::RngExt;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};

/// Characters of a code in a link: 62^22 is 2^130, past guessing (OWASP asks for 128 bits of a token).
const CHARS: usize = 22;

/// A new code for a link.
#[must_use]
pub fn new() -> String {
    of_chars(CHARS)
}

/// Random letters and digits, so many.
pub(super) fn of_chars(count: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(count)
        .map(char::from)
        .collect()
}

/// What is kept of a code: nobody who reads it has the code.
#[must_use]
pub fn hash(code: &str) -> String {
    Sha256::digest(code)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
