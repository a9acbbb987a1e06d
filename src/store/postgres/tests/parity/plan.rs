//! The commands of steps, with what both databases have by then.

use proptest::sample::Index;

use super::steps::{Deed, FILES, Nonce, PEOPLE, Step, Words};
use super::*;
use crate::model::command::{RoomAction, RoomBounds, RoomCommand, Target};
use crate::model::file::{Attachment, Content, FileKind, Inspected, Rendition, Stored, Wanted};
use crate::model::file_id::FileId;
use crate::model::message::{Message, Quote};
use crate::model::person::{Person, PersonKind, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::store::accounts::users;
use crate::store::files::uploads::{self, NewUpload};
use crate::store::files::usage::Quotas;
use crate::text::body::RenderedBody;
use crate::text::content::Format;

/// A message that both have: its ids on SQLite and on PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) room: RoomId,
    pub(super) author: usize,
    pub(super) ids: [MessageId; 2],
}

/// What there is, as far as those know who ask for something.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) known: Vec<Known>,
    rooms: i64,
    steps: i64,
    groups: i64,
}

/// A command, but for the message that it is about.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) author: usize,
    nonce: Option<Uuid>,
    command: Command,
    about: Option<Known>,
}

impl Planned {
    pub(super) fn room(&self) -> RoomId {
        self.command.room()
    }

    /// The command as one of the two databases is given it.
    pub(super) fn on(&self, side: usize) -> (Option<Uuid>, Command) {
        let mut command = self.command.clone();
        if let Some(about) = self.about {
            let id = about.ids[side];
            match &mut command {
                Command::Send { message, .. } => message.reply = Some(Quote::of(id)),
                Command::Edit { target, .. }
                | Command::Recall { target, .. }
                | Command::React { target, .. }
                | Command::Pin { target, .. }
                | Command::TakeFile { target, .. } => target.id = id,
                Command::Room(_) => {}
            }
        }
        (self.nonce, command)
    }
}

impl Plan {
    /// Commands that are written together have come at about the same time.
    pub(super) fn next_group(&mut self) {
        self.groups += 1;
    }

    /// The command of a step; nothing where there is no message yet that it could be about.
    pub(super) fn command(&mut self, step: &Step) -> Option<Planned> {
        self.steps += 1;
        let at = self.groups * 2_000 + self.steps;
        let mut author = step.who;
        let mut about = None;
        let mut target = |whose: &bool, which: &Index| {
            let known = *(!self.known.is_empty()).then(|| which.get(&self.known))?;
            if *whose {
                author = known.author;
            }
            about = Some(known);
            Some(Box::new(Target {
                room: known.room,
                id: MessageId(0),
                principal: principal(author),
                at,
            }))
        };
        let room = |which: &Index| match which.index(usize::try_from(self.rooms).unwrap() + 2) {
            // There is always somebody there.
            0 | 1 => LOBBY,
            other => made(i64::try_from(other).unwrap() - 1),
        };
        let of_room = |room: RoomId, action: RoomAction| {
            Command::Room(Box::new(RoomCommand {
                principal: principal(step.who),
                at,
                room,
                action,
                bounds: RoomBounds {
                    rooms: 6,
                    owned: 3,
                    joined: 4,
                    members: 4,
                },
            }))
        };
        let command = match &step.deed {
            Deed::Say(which, words, quote, file) => {
                about = quote
                    .and_then(|quote| (!self.known.is_empty()).then(|| *quote.get(&self.known)));
                let room = about.map_or_else(|| room(which), |about| about.room);
                say(step.who, room, body(words), *file, at)
            }
            Deed::Edit(whose, which, words) => Command::Edit {
                target: target(whose, which)?,
                body: body(words),
            },
            Deed::Recall(whose, which, late) => Command::Recall {
                target: target(whose, which)?,
                not_before: if *late { at - 20_000 } else { 0 },
            },
            Deed::React(whose, which, emoji, on) => Command::React {
                target: target(whose, which)?,
                emoji,
                on: *on,
            },
            Deed::Pin(whose, which, on) => Command::Pin {
                target: target(whose, which)?,
                on: *on,
            },
            Deed::TakeFile(whose, which, number) => {
                let target = target(whose, which)?;
                let file = file(about?.author, *number);
                Command::TakeFile { target, file }
            }
            Deed::Create(kind, name, other) => {
                self.rooms += 1;
                let direct = *kind == RoomKind::Direct;
                let settings = RoomSettings {
                    name: if direct {
                        String::new()
                    } else {
                        (*name).to_owned()
                    },
                    ..RoomSettings::default()
                };
                let action = RoomAction::Create {
                    kind: *kind,
                    settings,
                    company: if direct {
                        vec![person(*other)]
                    } else {
                        Vec::new()
                    },
                };
                of_room(made(self.rooms), action)
            }
            Deed::Update(which, patch) => of_room(room(which), RoomAction::Update(patch.clone())),
            Deed::Delete(which) => of_room(room(which), RoomAction::Delete),
            Deed::Join(which, invited) => {
                let invitation = invited.then(|| "of nobody".to_owned());
                of_room(room(which), RoomAction::Join { invitation })
            }
            Deed::Admit(which) => of_room(room(which), RoomAction::Admit),
            Deed::Leave(which) => of_room(room(which), RoomAction::Leave),
            Deed::DeleteAccount(which) => of_room(room(which), RoomAction::DeleteAccount),
            Deed::SetRole(which, whom, to) => {
                let action = RoomAction::SetRole {
                    who: person(*whom),
                    to: *to,
                };
                of_room(room(which), action)
            }
        };
        let own = u128::from(command.room().0.unsigned_abs()) << 64 | (author as u128) << 32;
        let nonce = match step.nonce {
            Nonce::None => None,
            Nonce::New => Some(1 << 120 | u128::from(self.steps.unsigned_abs())),
            Nonce::OfFew(number) => Some(own | u128::from(number)),
        };
        Some(Planned {
            author,
            nonce: nonce.map(Uuid::from_u128),
            command,
            about,
        })
    }
}

/// The id of a room that is made.
fn made(number: i64) -> RoomId {
    RoomId((1 << 40) + number)
}

fn id(who: usize) -> PersonId {
    match who + 1 == PEOPLE.len() {
        true => PersonId::Visitor(7),
        false => PersonId::User(who as i64 + 1),
    }
}

fn person(who: usize) -> Person {
    let id = id(who);
    Person {
        id,
        kind: PersonKind::from(id),
        bot: false,
        name: PEOPLE[who].to_owned(),
        avatar: Person::identicon(id),
        place: "Fuzhou".to_owned(),
    }
}

fn principal(who: usize) -> Principal {
    Principal::member(person(who))
}

fn body((word, whom): &Words) -> Box<RenderedBody> {
    let words = match whom.map(|whom| PEOPLE.get(whom)) {
        None => format!("**{word}** 茶 {word}"),
        Some(Some(name)) => format!("@{name} {word}"),
        Some(None) => format!("@all {word}"),
    };
    Box::new(RenderedBody::new(words, Format::Markdown))
}

fn say(
    who: usize,
    room: RoomId,
    body: Box<RenderedBody>,
    number: Option<usize>,
    at: i64,
) -> Command {
    let mut by = person(who);
    // A visitor who takes the name of an account.
    let fallback_name = by.id.is_visitor().then(|| {
        let own = std::mem::replace(&mut by.name, PEOPLE[usize::from(at % 2 == 0)].to_owned());
        format!("{own} of the street")
    });
    let attachment = |number: usize| Attachment {
        id: file(who, number),
        alt: "a leaf".to_owned(),
        spoiler: number == 0,
    };
    Command::Send {
        message: Box::new(Message::new(room, by, at)),
        body,
        attachments: number.map(attachment).into_iter().collect(),
        fallback_name,
        principal: principal(who),
    }
}

fn file(owner: usize, number: usize) -> FileId {
    FileId::new((owner * FILES + number + 1) as u128)
}

/// The accounts, and the files that they have uploaded.
pub(super) fn people_and_files(db: &mut TestDb) {
    let free = Quotas {
        person: 0,
        total: 0,
    };
    for (who, name) in PEOPLE.into_iter().enumerate() {
        if id(who).is_user() {
            let role = if who == 0 {
                ServerRole::Admin
            } else {
                ServerRole::Member
            };
            users::add(db, name, "", role, 0).unwrap().unwrap();
        }
        let owner = id(who);
        for number in 0..FILES {
            let id = file(who, number);
            let upload = NewUpload {
                id,
                owner,
                was: None,
                nonce: None,
                size: 10,
                name: "a".to_owned(),
                wanted: Wanted::Any,
                full: false,
                poster_of: None,
                at: 0,
            };
            uploads::create(db, &upload, free).unwrap().unwrap();
            uploads::received(db, id, 10, 0).unwrap();
            let stored = Stored {
                media_type: "image/jpeg".to_owned(),
                bytes: 7,
            };
            let looked = Inspected {
                kind: FileKind::Picture,
                media_type: "image/jpeg".to_owned(),
                content: Content::default(),
                sha256: "0".repeat(64),
                renditions: [(Rendition::L, stored)].into(),
            };
            assert!(uploads::ready(db, id, &looked).unwrap());
        }
    }
}
