//! Writes a plan, step by step, as the server itself would have: every step is a command for
//! [`apply`].

use std::collections::HashMap;

use anyhow::{Context, bail};
use uuid::Uuid;

use super::dice::Dice;
use super::kept::Kept;
use super::plan::{Act, Plan, Room, Step};
use super::rhythm::HOUR;
use super::uploading::{Brought, Uploading};
use crate::error::Error;
use crate::model::command::{Command, Outcome, RoomAction, RoomBounds, RoomCommand, Target};
use crate::model::file::Attachment;
use crate::model::membership::{Membership, Notify, RoomRole};
use crate::model::message::{LOBBY, Message};
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonRef};
use crate::model::principal::Principal;
use crate::model::room::{self, RoomKind, RoomPatch, RoomSettings};
use crate::model::room_id::RoomId;
use crate::store::accounts::invitations::{self, Invitation};
use crate::store::backend::Backend;
use crate::store::commands::apply::apply;
use crate::store::db::Db;
use crate::store::files::uploads;
use crate::store::read_markers::{self, Marked};
use crate::text::body::RenderedBody;
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

/// Writes the steps of a plan into one database.
#[derive(Debug)]
pub struct Hand<'a> {
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
    pub fn write(&mut self, db: &mut dyn Backend, steps: &[Step]) -> anyhow::Result<()> {
        let shows = |step: &Step| matches!(step.act, Act::Show(..));
        let groups = steps.chunks(GROUP);
        for group in groups.flat_map(|group| group.split_inclusive(shows)) {
            // A transaction in which nothing happens while somebody looks at a file would be ended meanwhile.
            let files = match group.last() {
                Some(step) => self.bring(db, step)?,
                None => Vec::new(),
            };
            super::in_one(db, |db| self.write_together(db, group, files))?;
        }
        Ok(())
    }

    /// Writes steps of which the last one shows `files`.
    fn write_together(
        &mut self,
        db: &mut dyn Db,
        steps: &[Step],
        files: Vec<Brought>,
    ) -> anyhow::Result<()> {
        let mut attachments = Vec::with_capacity(files.len());
        for Brought { file, inspected } in files {
            uploads::ready(db, file.id, &inspected)?;
            attachments.push(file);
        }
        for step in steps {
            self.step(db, step, &mut attachments)
                .with_context(|| format!("{:?} was not written", step.act))?;
        }
        Ok(())
    }

    /// Brings the files in that a step shows.
    fn bring(&mut self, db: &mut dyn Backend, step: &Step) -> anyhow::Result<Vec<Brought>> {
        let Act::Show(_, who, _, exhibit) = &step.act else {
            return Ok(Vec::new());
        };
        let lang = self.place(step.room)?.1.lang().unwrap_or(Lang::Zh);
        let owner = self.principal(*who)?.id();
        let files = exhibit.draw(lang, &mut self.dice)?;
        self.files.bring(db, &mut self.dice, owner, files, step.at)
    }

    fn step(
        &mut self,
        db: &mut dyn Db,
        step: &Step,
        shown: &mut Vec<Attachment>,
    ) -> anyhow::Result<()> {
        let (kept, room) = self.place(step.room)?;
        let (id, owner, code) = (kept.id, room.owner, kept.code.clone());
        match &step.act {
            Act::Make => self.room_command(db, step, owner, self.making(room)?),
            Act::Join(who) => {
                self.room_command(db, step, *who, RoomAction::Join { invitation: code })
            }
            Act::Stand(who, room_role) => {
                let who = Person::clone(&self.principal(*who)?.person);
                let to = Some(*room_role);
                self.room_command(db, step, owner, RoomAction::SetRole { who, to })
            }
            Act::Archive => {
                let patch = RoomPatch {
                    archived: Some(true),
                    ..RoomPatch::default()
                };
                self.room_command(db, step, owner, RoomAction::Update(patch))
            }
            Act::Slow(seconds) => {
                let patch = RoomPatch {
                    slow: Some(*seconds),
                    ..RoomPatch::default()
                };
                self.room_command(db, step, owner, RoomAction::Update(patch))
            }
            Act::Invite(uses, hours) => self.invite(db, step, owner, *uses, *hours),
            Act::Say(line, who, body) => self.say(db, step, (*line, *who), body, Vec::new()),
            Act::Show(line, who, body, _) => {
                self.say(db, step, (*line, *who), body, std::mem::take(shown))
            }
            Act::Edit(line, who, body) => {
                let draft = Command::Edit {
                    target: Box::new(self.target(id, *line, *who, step.at)?),
                    body: wording(body),
                };
                self.apply(db, step, draft).map(drop)
            }
            Act::Recall(line, who) => {
                let target = Box::new(self.target(id, *line, *who, step.at)?);
                let not_before = 0;
                self.apply(db, step, Command::Recall { target, not_before })
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

    fn room_command(
        &mut self,
        db: &mut dyn Db,
        step: &Step,
        who: usize,
        action: RoomAction,
    ) -> anyhow::Result<()> {
        let command = RoomCommand {
            principal: self.principal(who)?.clone(),
            at: step.at,
            room: self.place(step.room)?.0.id,
            action,
            bounds: BOUNDS,
        };
        self.apply(db, step, Command::Room(Box::new(command)))
            .map(drop)
    }

    fn invite(
        &mut self,
        db: &mut dyn Db,
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
        invitations::add(db, &invitation, i64::MAX)?;
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
        db: &mut dyn Db,
        step: &Step,
        (line, who): (usize, usize),
        body: &str,
        attachments: Vec<Attachment>,
    ) -> anyhow::Result<()> {
        let principal = self.principal(who)?;
        let message = Message {
            address: principal.id().to_string(),
            ..Message::new(
                self.place(step.room)?.0.id,
                Person::clone(&principal.person),
                step.at,
            )
        };
        let draft = Command::Send {
            message: Box::new(message),
            body: wording(body),
            attachments,
            fallback_name: None,
            principal: principal.clone(),
        };
        if let Some(id) = self.apply(db, step, draft)? {
            self.ids.insert(line, id);
        }
        if let Some(kept) = self.kept.get_mut(step.room) {
            kept.last.insert(who, kept.said.len());
        }
        Ok(())
    }

    /// Applies a command under a nonce like the page's, and notes its outcome; gives the id
    /// of a message that was sent.
    fn apply(
        &mut self,
        db: &mut dyn Db,
        step: &Step,
        draft: Command,
    ) -> anyhow::Result<Option<MessageId>> {
        let at = u64::try_from(step.at).unwrap_or_default();
        let nonce = uuid::Builder::from_unix_timestamp_millis(at, &self.dice.bytes());
        let nonce: Uuid = nonce.into_uuid();
        let events = match apply(db, Some(nonce), draft)? {
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
    pub fn set_read_markers(&mut self, db: &mut dyn Backend) -> anyhow::Result<()> {
        super::in_one(db, |db| self.mark(db))
    }

    fn mark(&mut self, db: &mut dyn Db) -> anyhow::Result<()> {
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
                read_markers::keep(db, &[marked])?;
            }
        }
        Ok(())
    }
}

/// A body as the page sends it.
fn wording(body: &str) -> Box<RenderedBody> {
    Box::new(RenderedBody::new(body.to_owned(), Format::Markdown))
}
