//! New tokens for programs.

use uuid::Uuid;

use super::bearer_token::Carrier;
use super::codes;
use crate::model::grant::Grant;
use crate::model::person_id::PersonId;
use crate::store::accounts::tokens::Token;

/// Tokens that one account may have.
pub const MOST: usize = 20;

/// Characters of what a token is called by: enough that no two are the same, and nothing that has to be secret.
const ID_CHARS: usize = 12;

/// Milliseconds in a day.
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// What somebody wants a token to be.
#[derive(Debug)]
pub struct Wanted {
    /// Who is to speak with it: a person or a bot.
    pub carrier: Carrier,
    /// The number of the account.
    pub user: i64,
    /// What it is called.
    pub name: String,
    /// What it is good for.
    pub grant: Grant,
    /// After how many days it ends; `None` is never.
    pub days: Option<i64>,
    /// Who makes it.
    pub by: PersonId,
}

/// A key, which is shown once, and its token as it is stored, at `now` (ms since 1970).
#[must_use]
pub fn make(wanted: Wanted, now: i64) -> (String, Token) {
    let token = Token {
        id: codes::of_chars(ID_CHARS),
        mark: Uuid::new_v4().to_string(),
        user: wanted.user,
        name: wanted.name,
        grant: wanted.grant,
        made_by: wanted.by,
        created: now,
        expires: wanted
            .days
            .map(|days| now.saturating_add(days.saturating_mul(DAY))),
        used: None,
        place: None,
    };
    (wanted.carrier.new_token(), token)
}
