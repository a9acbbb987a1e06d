//! Events as rows: the number of each kind, and what it has beside a message.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::event::{EventContent, MembershipChange};
use crate::model::file::File;
use crate::model::file_id::FileId;
use crate::model::membership::RoomRole;
use crate::model::message::Message;
use crate::model::person::{Person, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::reaction::Reaction;
use crate::store::db::StoreError;

pub(in crate::store) const SAID: i64 = 1;
const RECALLED: i64 = 2;
const EDITED: i64 = 3;
const ABOUT: i64 = 4;
const REACTED: i64 = 14;
const PINNED: i64 = 15;
const UNPINNED: i64 = 16;
const FILE_TAKEN: i64 = 17;

/// A person's membership after a change.
#[derive(Serialize, Deserialize)]
struct Stands {
    who: Person,
    #[serde(rename = "standing")]
    room_role: Option<RoomRole>,
}

/// An emoji that a person put on a message, or took away.
#[derive(Serialize, Deserialize)]
struct Reacted {
    emoji: String,
    on: bool,
}

/// A file that was taken out of a message.
#[derive(Serialize, Deserialize)]
struct Taken {
    file: FileId,
}

/// The number, the principal and the detail of a change.
pub(in crate::store) fn of(
    change: &EventContent,
) -> Result<(i64, PersonRef, Option<String>), StoreError> {
    Ok(match change {
        EventContent::Message(message) => (SAID, PersonRef::from(&message.by), None),
        EventContent::Edited { by, .. } => (EDITED, by.clone(), None),
        EventContent::Recalled { by, .. } => (RECALLED, by.clone(), None),
        EventContent::Reacted {
            by, reaction, on, ..
        } => {
            let reacted = Reacted {
                emoji: reaction.emoji.clone(),
                on: *on,
            };
            (REACTED, by.clone(), Some(json(&reacted)?))
        }
        EventContent::Pinned { by, on: true, .. } => (PINNED, by.clone(), None),
        EventContent::Pinned { by, .. } => (UNPINNED, by.clone(), None),
        EventContent::FileTaken { by, file, .. } => {
            let taken = Taken { file: *file };
            (FILE_TAKEN, by.clone(), Some(json(&taken)?))
        }
        EventContent::Settings { by, settings, .. } => {
            (ABOUT, by.clone(), Some(json(settings.as_ref())?))
        }
        EventContent::Membership {
            by,
            change,
            who,
            room_role,
            ..
        } => {
            let stands = Stands {
                who: who.as_ref().clone(),
                room_role: *room_role,
            };
            (number(*change), by.clone(), Some(json(&stands)?))
        }
    })
}

/// The change of a row, with the message that it is about as that is now.
pub(in crate::store) fn change(
    kind: i64,
    at: i64,
    by: PersonRef,
    detail: Option<&str>,
    message: Option<Message>,
) -> Result<EventContent, StoreError> {
    let message = || message.ok_or(StoreError::Shape);
    let detail = || detail.ok_or(StoreError::Shape);
    Ok(match kind {
        SAID => EventContent::Message(Arc::new(message()?)),
        EDITED => {
            let message = message()?;
            EventContent::Edited {
                id: message.id,
                at,
                by,
                body: message.body,
                mentions: message.mentions,
                said: message.seq,
            }
        }
        RECALLED => {
            let message = message()?;
            EventContent::Recalled {
                id: message.id,
                at,
                by,
                voice: message.is_voice(),
                said: message.seq,
            }
        }
        REACTED => {
            let Reacted { emoji, on } = parse(detail()?)?;
            let message = message()?;
            EventContent::Reacted {
                id: message.id,
                at,
                by,
                reaction: Reaction::of(&emoji, &message.reactions),
                on,
            }
        }
        PINNED | UNPINNED => EventContent::Pinned {
            id: message()?.id,
            at,
            by,
            on: kind == PINNED,
        },
        FILE_TAKEN => {
            let Taken { file } = parse(detail()?)?;
            let message = message()?;
            EventContent::FileTaken {
                id: message.id,
                at,
                by,
                file,
                first: File::first_kind(&message.files),
            }
        }
        ABOUT => EventContent::Settings {
            at,
            by,
            settings: Arc::new(parse(detail()?)?),
        },
        change => {
            let Stands { who, room_role } = parse(detail()?)?;
            EventContent::Membership {
                at,
                by,
                change: membership_change_of(change).ok_or(StoreError::Shape)?,
                who: Arc::new(who),
                room_role,
            }
        }
    })
}

/// The same detail without the name of person `id`; `None` when it does not name them.
pub(in crate::store) fn without(detail: &str, id: PersonId) -> Option<String> {
    let mut stands: Stands = serde_json::from_str(detail).ok()?;
    if stands.who.id != id {
        return None;
    }
    stands.who.anonymise();
    json(&stands).ok()
}

/// The number of a turn: never another's, since rows outlive programs.
fn number(change: MembershipChange) -> i64 {
    match change {
        MembershipChange::Join => 5,
        MembershipChange::Leave => 6,
        MembershipChange::Remove => 7,
        MembershipChange::Ban => 8,
        MembershipChange::Unban => 9,
        MembershipChange::Mute => 10,
        MembershipChange::Unmute => 11,
        MembershipChange::Role => 12,
        MembershipChange::Transfer => 13,
    }
}

fn membership_change_of(code: i64) -> Option<MembershipChange> {
    MembershipChange::ALL
        .into_iter()
        .find(|change| number(*change) == code)
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
        let numbers = MembershipChange::ALL.map(number);
        assert_eq!(
            numbers,
            [5, 6, 7, 8, 9, 10, 11, 12, 13],
            "rows outlive programs"
        );
        assert_eq!(
            MembershipChange::ALL.map(|change| membership_change_of(number(change))),
            MembershipChange::ALL.map(Some)
        );
        let others = [
            SAID, RECALLED, EDITED, ABOUT, REACTED, PINNED, UNPINNED, FILE_TAKEN,
        ];
        assert_eq!(others, [1, 2, 3, 4, 14, 15, 16, 17]);
        let all: HashSet<i64> = numbers.into_iter().chain(others).collect();
        assert_eq!(
            all.len(),
            EventContent::KINDS.len(),
            "no number is two kinds"
        );
        for change in MembershipChange::ALL {
            let who = Person {
                kind: crate::model::person::PersonKind::User,
                bot: false,
                id: PersonId::User(2),
                name: "Ada".into(),
                avatar: String::new(),
                place: String::new(),
            };
            let change = EventContent::Membership {
                at: 7,
                by: PersonRef {
                    id: PersonId::User(1),
                    name: "Bob".into(),
                },
                change,
                who: Arc::new(who),
                room_role: Some(RoomRole::Muted),
            };
            let (kind, by, detail) = of(&change).unwrap();
            let back = super::change(kind, 7, by, detail.as_deref(), None).unwrap();
            assert_eq!(back, change);
        }
        assert_eq!(membership_change_of(14), None, "an emoji is no turn");
    }
}
