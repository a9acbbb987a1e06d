//! Random codes for links and cookies, and the hashes that are stored of those that must not be readable in
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
