//! Writes a plan, step by step, as the server itself would have: every step is a command for
//! [`apply`].

use std::collections::HashMap;

use anyhow::{Context, bail};
use uuid::Uuid;

use super::dice::Dice;
use super::plan::{Act, Plan, Room, Step};
use super::rhythm::HOUR;
use super::uploading::Uploading;
use crate::error::Error;
use crate::model::command::{Command, Outcome, RoomAction, RoomBounds, RoomCommand, Target};
use crate::model::event::{Event, EventContent};
use crate::model::file::Attachment;
use crate::model::file_id::FileId;
use crate::model::membership::{FeedPosition, Membership, Notify, RoomRole};
use crate::model::mention::Mentions;
use crate::model::message::{KIND_TEXT, LOBBY, Message};
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonRef};
use crate::model::principal::Principal;
use crate::model::room::{self, RoomKind, RoomPatch, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::accounts::invitations::{self, Invitation};
use crate::store::commands::apply::apply;
use crate::store::read_markers::{self, Marked};
use crate::store::sqlite::Sqlite;
use crate::text::body::{MessageBody, RenderedBody};
use crate::text::catalog::Lang;
use crate::text::content::Format;

/// Steps per transaction: some seconds of the slowest disk, and little memory.
const GROUP: usize = 5_000;

/// Characters of an invitation's code, as the server makes them.
const CODE_CHARS: usize = 22;

/// No bounds: whoever fills a server is bound by what they ask for.
const BOUNDS: RoomBounds = RoomBounds {
    rooms: usize::MAX,
    owned: usize::MAX,
    joined: usize::MAX,
    members: usize::MAX,
};

/// What has been written of a room.
#[derive(Debug, Default)]
struct Kept {
    id: RoomId,
    head: Seq,
    /// The seqs of its messages, in order.
    said: Vec<Seq>,
    /// The number of the last message of each person.
    last: HashMap<usize, usize>,
    /// The code of the invitation to a private room.
    code: Option<String>,
}

/// Writes the steps of a plan into one database.
#[derive(Debug)]
pub struct Hand<'a> {
    db: &'a mut Sqlite,
    files: &'a Uploading,
    people: &'a [Principal],
    rooms: &'a [Room],
    dice: Dice,
    kept: Vec<Kept>,
    /// The ids of the messages that were written, by the number of their line.
    ids: HashMap<usize, MessageId>,
}

impl<'a> Hand<'a> {
    /// A writer for the rooms of a plan.
    pub fn new(
        db: &'a mut Sqlite,
        files: &'a Uploading,
        people: &'a [Principal],
        plan: &'a Plan,
        mut dice: Dice,
    ) -> Self {
        let ids = plan
            .rooms
            .iter()
            .enumerate()
            .map(|(number, _)| match number {
                0 => LOBBY,
                _ => RoomId(dice.between(room::IDS.start, room::IDS.end - 1)),
            });
        let kept = ids.map(|id| Kept {
            id,
            ..Kept::default()
        });
        Self {
            kept: kept.collect(),
            db,
            files,
            people,
            rooms: &plan.rooms,
            dice,
            ids: HashMap::new(),
        }
    }

    /// Writes all steps.
    ///
    /// # Errors
    /// When the database fails, or a step is refused.
    pub fn write(&mut self, steps: &[Step]) -> anyhow::Result<()> {
        for group in steps.chunks(GROUP) {
            self.db.begin()?;
            for step in group {
                self.step(step)
                    .with_context(|| format!("{:?} was not written", step.act))?;
            }
            self.db.commit()?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        let (kept, room) = self.place(step.room)?;
        let (id, owner, code) = (kept.id, room.owner, kept.code.clone());
        match &step.act {
            Act::Make => self.room_command(step, owner, self.making(room)?),
            Act::Join(who) => self.room_command(step, *who, RoomAction::Join { invitation: code }),
            Act::Stand(who, room_role) => {
                let who = Person::clone(&self.principal(*who)?.person);
                let to = Some(*room_role);
                self.room_command(step, owner, RoomAction::SetRole { who, to })
            }
            Act::Archive => {
                let patch = RoomPatch {
                    archived: Some(true),
                    ..RoomPatch::default()
                };
                self.room_command(step, owner, RoomAction::Update(patch))
            }
            Act::Slow(seconds) => {
                let patch = RoomPatch {
                    slow: Some(*seconds),
                    ..RoomPatch::default()
                };
                self.room_command(step, owner, RoomAction::Update(patch))
            }
            Act::Invite(uses, hours) => self.invite(step, owner, *uses, *hours),
            Act::Say(line, who, body) => self.say(step, (*line, *who), body, Vec::new()),
            Act::Show(line, who, body, exhibit) => {
                let lang = room.lang().unwrap_or(Lang::Zh);
                let owner = self.principal(*who)?.id();
                let mut attachments = Vec::new();
                for file in exhibit.draw(lang, &mut self.dice)? {
                    let file_id = FileId::new(u128::from_le_bytes(self.dice.bytes()));
                    attachments.push(self.files.bring(self.db, file_id, owner, file, step.at)?);
                }
                self.say(step, (*line, *who), body, attachments)
            }
            Act::Edit(line, who, body) => {
                let draft = Command::Edit {
                    target: Box::new(self.target(id, *line, *who, step.at)?),
                    body: wording(body),
                };
                self.apply(step, draft).map(drop)
            }
            Act::Recall(line, who) => {
                let target = Box::new(self.target(id, *line, *who, step.at)?);
                let not_before = 0;
                self.apply(step, Command::Recall { target, not_before })
                    .map(drop)
            }
        }
    }

    fn place(&self, number: usize) -> anyhow::Result<(&Kept, &'a Room)> {
        let rooms = self.rooms;
        let found = self.kept.get(number).zip(rooms.get(number));
        found.context("a room that was not planned")
    }

    fn principal(&self, who: usize) -> anyhow::Result<&'a Principal> {
        let people = self.people;
        people.get(who).context("somebody who is not there")
    }

    fn making(&self, room: &Room) -> anyhow::Result<RoomAction> {
        let company = room.company.iter();
        let company = company.map(|one| Ok(Person::clone(&self.principal(*one)?.person)));
        Ok(RoomAction::Create {
            kind: room
                .sketch
                .as_ref()
                .map_or(RoomKind::Direct, |one| one.kind),
            settings: room
                .sketch
                .as_ref()
                .map_or_else(RoomSettings::default, super::settings),
            company: company.collect::<anyhow::Result<_>>()?,
        })
    }

    fn room_command(&mut self, step: &Step, who: usize, action: RoomAction) -> anyhow::Result<()> {
        let command = RoomCommand {
            principal: self.principal(who)?.clone(),
            at: step.at,
            room: self.place(step.room)?.0.id,
            action,
            bounds: BOUNDS,
        };
        self.apply(step, Command::Room(Box::new(command))).map(drop)
    }

    fn invite(
        &mut self,
        step: &Step,
        by: usize,
        uses: Option<i64>,
        hours: Option<i64>,
    ) -> anyhow::Result<()> {
        let code = self.dice.code(CODE_CHARS);
        let invitation = Invitation {
            code: code.clone(),
            room: self.place(step.room)?.0.id,
            by: PersonRef::from(self.principal(by)?.person.as_ref()),
            uses,
            used: 0,
            expires: hours.map(|hours| step.at + hours * HOUR),
            at: step.at,
        };
        invitations::add(self.db, &invitation, i64::MAX)?;
        if let Some(kept) = self.kept.get_mut(step.room) {
            kept.code.get_or_insert(code);
        }
        Ok(())
    }

    fn target(&self, room: RoomId, line: usize, who: usize, at: i64) -> anyhow::Result<Target> {
        Ok(Target {
            room,
            id: *self.ids.get(&line).context("a line that was not said")?,
            principal: self.principal(who)?.clone(),
            at,
        })
    }

    fn say(
        &mut self,
        step: &Step,
        (line, who): (usize, usize),
        body: &str,
        attachments: Vec<Attachment>,
    ) -> anyhow::Result<()> {
        let principal = self.principal(who)?;
        let message = Message {
            id: MessageId(0),
            room: self.place(step.room)?.0.id,
            seq: Seq(0),
            rev: Seq(0),
            at: step.at,
            kind: KIND_TEXT,
            by: Person::clone(&principal.person),
            address: principal.id().to_string(),
            body: MessageBody::default(),
            edited: None,
            recalled: false,
            mentions: Mentions::default(),
            reply: None,
            reactions: Vec::new(),
            files: Vec::new(),
            pinned: false,
        };
        let draft = Command::Send {
            message: Box::new(message),
            body: wording(body),
            attachments,
            fallback_name: None,
            principal: principal.clone(),
        };
        if let Some(id) = self.apply(step, draft)? {
            self.ids.insert(line, id);
        }
        if let Some(kept) = self.kept.get_mut(step.room) {
            kept.last.insert(who, kept.said.len());
        }
        Ok(())
    }

    /// Applies a command under a nonce like the page's, and notes its outcome; gives the id
    /// of a message that was sent.
    fn apply(&mut self, step: &Step, draft: Command) -> anyhow::Result<Option<MessageId>> {
        let at = u64::try_from(step.at).unwrap_or_default();
        let nonce = uuid::Builder::from_unix_timestamp_millis(at, &self.dice.bytes());
        let nonce: Uuid = nonce.into_uuid();
        let events = match apply(self.db, Some(nonce), draft)? {
            Outcome::Event(event) => vec![event],
            Outcome::Events { events, .. } => events,
            Outcome::Refused(error) => bail!(Error::message(&error, Lang::En)),
            Outcome::Repeated(_) | Outcome::Deleted(_) => bail!("a nonce came twice"),
        };
        let (kept, _) = self.place(step.room)?;
        let (head, mut said) = (kept.head, None);
        if let Some(kept) = self.kept.get_mut(step.room) {
            for event in &events {
                kept.head = event.seq;
                said = kept.note(event).or(said);
            }
            if kept.head <= head {
                bail!("it would have changed nothing");
            }
        }
        Ok(said)
    }

    /// Moves everybody's read markers to where they may have read up to, and lowers some notification settings.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_read_markers(&mut self) -> anyhow::Result<()> {
        self.db.begin()?;
        for (number, (room, kept)) in self.rooms.iter().zip(&self.kept).enumerate() {
            for membership in room.members.all() {
                let Some(principal) = self.people.get(membership.person) else {
                    continue;
                };
                let said = kept.said.len();
                let own = kept
                    .last
                    .get(&membership.person)
                    .copied()
                    .unwrap_or_default();
                let behind = match membership.person {
                    0 if number % 2 == 0 => 1 + self.dice.below(said.min(30)),
                    0 => 0,
                    _ if self.dice.chance(0.55) => 0,
                    _ => self.dice.below(said.min(500)),
                };
                let read = said.saturating_sub(behind).max(own);
                let notify = match self.dice.below(20) {
                    0 => Some(Notify::None),
                    1 => Some(Notify::Mentions),
                    _ => None,
                };
                let marked = Marked {
                    room: kept.id,
                    person: principal.id(),
                    membership: Membership {
                        room_role: RoomRole::Member,
                        read_marker: kept.read_marker_at(read)?,
                        notify,
                        favourite: false,
                    },
                };
                read_markers::keep(self.db, &[marked])?;
            }
        }
        self.db.commit()?;
        Ok(())
    }
}

/// A body as the page sends it.
fn wording(body: &str) -> Box<RenderedBody> {
    Box::new(RenderedBody::new(body.to_owned(), Format::Markdown))
}

impl Kept {
    /// Notes an event; gives the id of a new message.
    fn note(&mut self, event: &Event) -> Option<MessageId> {
        let EventContent::Message(message) = &event.change else {
            return None;
        };
        self.said.push(event.seq);
        Some(message.id)
    }

    /// The read marker of somebody who has read the first `read` messages.
    fn read_marker_at(&self, read: usize) -> anyhow::Result<FeedPosition> {
        let all = read >= self.said.len();
        let last = read.checked_sub(1).and_then(|last| self.said.get(last));
        Ok(FeedPosition {
            seq: if all {
                self.head
            } else {
                last.copied().unwrap_or_default()
            },
            said: i64::try_from(read)?,
        })
    }
}
