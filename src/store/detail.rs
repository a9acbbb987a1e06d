//! Events as rows: the number of each kind, and what it has beside a message.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answers;
use super::db::StoreError;
use crate::chat::event::{By, Change, Turn};
use crate::chat::message::Message;
use crate::chat::person::Person;
use crate::chat::standing::Standing;

pub(super) const SAID: i64 = 1;
const RECALLED: i64 = 2;
const EDITED: i64 = 3;
const ABOUT: i64 = 4;
const REACTED: i64 = 14;
const PINNED: i64 = 15;
const UNPINNED: i64 = 16;

/// Somebody's standing after a turn.
#[derive(Serialize, Deserialize)]
struct Stands {
    who: Person,
    standing: Option<Standing>,
}

/// An emoji that somebody put on a message, or took away.
#[derive(Serialize, Deserialize)]
struct Reacted {
    emoji: String,
    on: bool,
}

/// The number, the doer and the detail of a change.
pub(super) fn of(change: &Change) -> Result<(i64, By, Option<String>), StoreError> {
    Ok(match change {
        Change::Said(message) => (SAID, By::from(message.by.clone()), None),
        Change::Edited { by, .. } => (EDITED, by.clone(), None),
        Change::Recalled { by, .. } => (RECALLED, by.clone(), None),
        Change::Reacted {
            by, reaction, on, ..
        } => {
            let reacted = Reacted {
                emoji: reaction.emoji.clone(),
                on: *on,
            };
            (REACTED, by.clone(), Some(json(&reacted)?))
        }
        Change::Pinned { by, on: true, .. } => (PINNED, by.clone(), None),
        Change::Pinned { by, .. } => (UNPINNED, by.clone(), None),
        Change::About { by, about, .. } => (ABOUT, by.clone(), Some(json(about.as_ref())?)),
        Change::Member {
            by,
            turn,
            who,
            standing,
            ..
        } => {
            let stands = Stands {
                who: who.as_ref().clone(),
                standing: *standing,
            };
            (number(*turn), by.clone(), Some(json(&stands)?))
        }
    })
}

/// The change of a row, with the message that it is about as that is now.
pub(super) fn change(
    kind: i64,
    at: i64,
    by: By,
    detail: Option<&str>,
    message: Option<Message>,
) -> Result<Change, StoreError> {
    let message = || message.ok_or(StoreError::Shape);
    let detail = || detail.ok_or(StoreError::Shape);
    Ok(match kind {
        SAID => Change::Said(Arc::new(message()?)),
        EDITED => {
            let message = message()?;
            Change::Edited {
                id: message.id,
                at,
                by,
                words: message.words,
                mentions: message.mentions,
                said: message.seq,
            }
        }
        RECALLED => {
            let message = message()?;
            Change::Recalled {
                id: message.id,
                at,
                by,
                said: message.seq,
            }
        }
        REACTED => {
            let Reacted { emoji, on } = parse(detail()?)?;
            let message = message()?;
            Change::Reacted {
                id: message.id,
                at,
                by,
                reaction: answers::state(&message.reactions, &emoji),
                on,
            }
        }
        PINNED | UNPINNED => Change::Pinned {
            id: message()?.id,
            at,
            by,
            on: kind == PINNED,
        },
        ABOUT => Change::About {
            at,
            by,
            about: Arc::new(parse(detail()?)?),
        },
        turn => {
            let Stands { who, standing } = parse(detail()?)?;
            Change::Member {
                at,
                by,
                turn: turn_of(turn).ok_or(StoreError::Shape)?,
                who: Arc::new(who),
                standing,
            }
        }
    })
}

/// The same detail without the name of person `id`; `None` when it does not name him.
pub(super) fn without(detail: &str, id: &str) -> Option<String> {
    let mut stands: Stands = serde_json::from_str(detail).ok()?;
    if stands.who.id != id {
        return None;
    }
    stands.who.forget();
    json(&stands).ok()
}

/// The number of a turn: never another's, since rows outlive programs.
fn number(turn: Turn) -> i64 {
    match turn {
        Turn::Join => 5,
        Turn::Leave => 6,
        Turn::Remove => 7,
        Turn::Ban => 8,
        Turn::Unban => 9,
        Turn::Mute => 10,
        Turn::Unmute => 11,
        Turn::Role => 12,
        Turn::Transfer => 13,
    }
}

fn turn_of(code: i64) -> Option<Turn> {
    Turn::ALL.into_iter().find(|turn| number(*turn) == code)
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_never| StoreError::Shape)
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_foreign| StoreError::Shape)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_kind_keeps_its_number_and_comes_back_from_it() {
        let numbers = Turn::ALL.map(number);
        assert_eq!(
            numbers,
            [5, 6, 7, 8, 9, 10, 11, 12, 13],
            "rows outlive programs"
        );
        assert_eq!(
            Turn::ALL.map(|turn| turn_of(number(turn))),
            Turn::ALL.map(Some)
        );
        let others = [SAID, RECALLED, EDITED, ABOUT, REACTED, PINNED, UNPINNED];
        assert_eq!(others, [1, 2, 3, 4, 14, 15, 16]);
        let all: HashSet<i64> = numbers.into_iter().chain(others).collect();
        assert_eq!(all.len(), Change::KINDS.len(), "no number is two kinds");
        for turn in Turn::ALL {
            let who = Person {
                kind: crate::chat::person::Kind::User,
                id: "u2".into(),
                name: "Ada".into(),
                avatar: String::new(),
                place: String::new(),
            };
            let change = Change::Member {
                at: 7,
                by: By {
                    id: "u1".into(),
                    name: "Bob".into(),
                },
                turn,
                who: Arc::new(who),
                standing: Some(Standing::Muted),
            };
            let (kind, by, detail) = of(&change).unwrap();
            let back = super::change(kind, 7, by, detail.as_deref(), None).unwrap();
            assert_eq!(back, change);
        }
        assert_eq!(turn_of(14), None, "an emoji is no turn");
    }
}
