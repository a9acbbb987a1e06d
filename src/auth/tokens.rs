//! New tokens for programs.

use uuid::Uuid;

use super::bearer_token::Carrier;
use super::codes;
use crate::error::Error;
use crate::model::grant::{Grant, Scope};
use crate::model::room_id::RoomId;
use crate::store::accounts::tokens::Token;

/// Tokens that a person's account may have; those of bots are counted by `[bots] tokens`.
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
    /// The public id of whoever makes it, or [`OPERATOR`](crate::store::accounts::audit::OPERATOR).
    pub by: String,
    /// The token with which it is made: it ends no later.
    pub with: Option<Token>,
}

/// A key, which is shown once, and its token as it is stored, at `now` (ms since 1970).
#[must_use]
pub fn make(wanted: Wanted, now: i64) -> (String, Token) {
    let expires = wanted.days.map(|days| after(days, now));
    let latest = wanted.with.as_ref().and_then(|with| with.expires);
    let token = Token {
        id: codes::of_chars(ID_CHARS),
        mark: Uuid::new_v4().to_string(),
        user: wanted.user,
        name: wanted.name,
        grant: wanted.grant,
        made_by: wanted.by,
        made_with: wanted.with.map(|with| with.id),
        created: now,
        expires: expires.into_iter().chain(latest).min(),
        used: None,
        place: None,
    };
    (wanted.carrier.new_token(), token)
}

/// Days after which a token ends at the latest, where it ends at all: a hundred years, which dates can say.
pub const MOST_DAYS: i64 = 36_525;

/// The time so many days after `now`, both in ms since 1970.
#[must_use]
pub fn after(days: i64, now: i64) -> i64 {
    now.saturating_add(days.saturating_mul(DAY))
}

/// A token that has been renamed, narrowed or shortened.
#[derive(Debug, Clone, Default)]
pub struct Less {
    /// Another name.
    pub name: Option<String>,
    /// What it is good for from now on.
    pub scopes: Option<Vec<Scope>>,
    /// The only rooms that it is good in from now on.
    pub rooms: Option<Vec<RoomId>>,
    /// When it ends, ms since 1970.
    pub expires: Option<i64>,
}

impl Less {
    /// The token as it is then. Its sockets have been opened with what it was good for: it is known by another mark then.
    ///
    /// # Errors
    /// [`Error::WouldWiden`].
    pub fn of(self, token: &Token) -> Result<Token, Error> {
        let grant = Grant {
            scopes: self.scopes.unwrap_or_else(|| token.grant.scopes.clone()),
            rooms: self.rooms.or_else(|| token.grant.rooms.clone()),
        };
        let expires = self.expires.or(token.expires);
        let is_sooner = match (token.expires, expires) {
            (None, _) => true,
            (Some(before), after) => after.is_some_and(|after| after <= before),
        };
        if !token.grant.holds(&grant) || !is_sooner {
            return Err(Error::WouldWiden);
        }
        let mark = match grant == token.grant {
            true => token.mark.clone(),
            false => Uuid::new_v4().to_string(),
        };
        Ok(Token {
            name: self.name.unwrap_or_else(|| token.name.clone()),
            grant,
            expires,
            mark,
            ..token.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_becomes_less_and_never_more() {
        let wanted = Wanted {
            carrier: Carrier::Bot,
            user: 1,
            name: "Site".to_owned(),
            grant: Grant {
                scopes: vec![Scope::Read, Scope::Write],
                rooms: Some(vec![RoomId(1), RoomId(2)]),
            },
            days: Some(2),
            by: "u1".to_owned(),
            with: None,
        };
        let (_, token) = make(wanted, 0);
        let less = |less: Less| less.of(&token);
        let renamed = less(Less {
            name: Some("Shop".to_owned()),
            ..Less::default()
        });
        let renamed = renamed.unwrap();
        assert_eq!((&*renamed.name, &renamed.mark), ("Shop", &token.mark));
        let narrowed = less(Less {
            scopes: Some(vec![Scope::Read]),
            rooms: Some(vec![RoomId(2)]),
            expires: Some(DAY),
            ..Less::default()
        });
        let narrowed = narrowed.unwrap();
        assert_eq!(narrowed.grant.scopes, [Scope::Read]);
        assert_eq!(narrowed.grant.rooms, Some(vec![RoomId(2)]));
        assert_eq!(narrowed.expires, Some(DAY));
        assert_ne!(
            narrowed.mark, token.mark,
            "its sockets are not the old ones"
        );
        for more in [
            Less {
                scopes: Some(vec![Scope::Read, Scope::Rooms]),
                ..Less::default()
            },
            Less {
                rooms: Some(vec![RoomId(1), RoomId(3)]),
                ..Less::default()
            },
            Less {
                expires: Some(2 * DAY + 1),
                ..Less::default()
            },
        ] {
            assert_eq!(less(more), Err(Error::WouldWiden));
        }
        let wanted = Wanted {
            carrier: Carrier::Bot,
            user: 2,
            name: "Bot".to_owned(),
            grant: narrowed.grant.clone(),
            days: None,
            by: "u1".to_owned(),
            with: Some(narrowed.clone()),
        };
        let (_, made) = make(wanted, 0);
        assert_eq!(
            made.expires,
            Some(DAY),
            "no later than what it was made with"
        );
        assert_eq!(made.made_with, Some(narrowed.id));
    }
}
