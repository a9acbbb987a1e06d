//! Every room, what it is and who is in it, as the store has it.
//!
//! Brought up to date by every committed event, whether somebody has the room open or not; its messages
//! are not here but in `chat/room_history.rs`. Bounds: the rooms and members that `[rooms]` allows,
//! some 100 bytes each.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Error;
use crate::model::command::RoomCreated;
use crate::model::event::{Event, EventContent, MembershipChange};
use crate::model::membership::{FeedPosition, Membership, RoomRole};
use crate::model::message::LOBBY;
use crate::model::person::{NOBODY, Person};
use crate::model::person_id::PersonId;
use crate::model::policy::{Action, RoomRules, authorize};
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::tally::Tally;

/// A room without its messages.
#[derive(Debug)]
pub struct RoomRecord {
    /// The room's id.
    pub id: RoomId,
    /// The kind of room.
    pub kind: RoomKind,
    /// What has been settled about it.
    pub settings: Arc<RoomSettings>,
    /// The epoch: the numbering that its seqs belong to.
    pub epoch: String,
    /// The position of its newest event.
    pub head: FeedPosition,
    /// Where it begins: messages up to there have been deleted.
    pub begin: FeedPosition,
    /// When the last message was sent, ms since 1970.
    pub at: Option<i64>,
    /// What is counted of its messages.
    pub tally: Tally,
    /// Its members and those banned from it, by public id. In the lobby only those of whom there is
    /// something to know.
    pub memberships: HashMap<PersonId, Membership>,
    /// The people of a direct room.
    pub company: Vec<Person>,
}

impl RoomRecord {
    /// A new room without members.
    #[must_use]
    pub fn new(id: RoomId, kind: RoomKind, epoch: String) -> Self {
        Self {
            id,
            kind,
            settings: Arc::default(),
            epoch,
            head: FeedPosition::default(),
            begin: FeedPosition::default(),
            at: None,
            tally: Tally::default(),
            memberships: HashMap::new(),
            company: Vec::new(),
        }
    }

    /// What the policy needs to know of the room.
    #[must_use]
    pub fn rules(&self) -> RoomRules {
        RoomRules::new(self.id, self.kind, &self.settings)
    }

    /// The room role of person `id`.
    #[must_use]
    pub fn role(&self, id: PersonId) -> Option<RoomRole> {
        self.memberships
            .get(&id)
            .map(|membership| membership.room_role)
    }

    /// Whether `principal` may do `action` in this room.
    ///
    /// # Errors
    /// Why not, as [`authorize`].
    pub fn authorize(&self, principal: &Principal, action: Action) -> Result<(), Error> {
        authorize(principal, self.role(principal.id()), action, &self.rules())
    }

    /// How many people are in it.
    #[must_use]
    pub fn members(&self) -> usize {
        match self.kind {
            RoomKind::Lobby => 0,
            _ => self
                .memberships
                .values()
                .filter(|membership| membership.room_role.is_in())
                .count(),
        }
    }

    /// Number of messages that a person with this read marker has not read.
    #[must_use]
    pub fn unread(&self, read_marker: FeedPosition) -> i64 {
        let read_marker = read_marker.or_later(self.begin);
        (self.head.said - read_marker.said - self.tally.recalled_after(read_marker.seq)).max(0)
    }

    /// Those of them that mention person `id`: in a direct room all do.
    #[must_use]
    pub fn mentions(&self, id: PersonId, read_marker: FeedPosition) -> i64 {
        match self.kind {
            RoomKind::Direct => self.unread(read_marker),
            _ => self.tally.mentions_after(id, read_marker.seq),
        }
    }

    /// Takes over what is known here of the members of `before`, the same room in the same epoch, and may not be
    /// in the store yet: read markers, and what else the members `moved` have set.
    pub fn keep_marks(
        &mut self,
        before: &HashMap<PersonId, Membership>,
        moved: impl Fn(PersonId) -> bool,
    ) {
        for (id, here) in before {
            match self.memberships.get_mut(id) {
                Some(stored) => {
                    if moved(*id) {
                        let room_role = stored.room_role;
                        *stored = Membership { room_role, ..*here };
                    } else {
                        stored.read_marker = stored.read_marker.or_later(here.read_marker);
                    }
                }
                // Who is in the lobby without a row there is a member.
                None if self.kind == RoomKind::Lobby => {
                    let room_role = RoomRole::Member;
                    self.memberships
                        .insert(*id, Membership { room_role, ..*here });
                }
                None => {}
            }
        }
    }

    /// It begins at `begin` from now on.
    pub fn expired(&mut self, begin: FeedPosition) {
        self.begin = self.begin.or_later(begin);
        self.tally.expired(self.begin.seq);
    }

    fn membership(&mut self, id: PersonId, room_role: RoomRole) -> &mut Membership {
        let read_marker = self.head;
        self.memberships.entry(id.to_owned()).or_insert(Membership {
            room_role,
            read_marker,
            notify: None,
            favourite: false,
        })
    }
}

/// All rooms, and which of them each person is in.
#[derive(Debug, Default)]
pub struct RoomRegistry {
    rooms: HashMap<RoomId, RoomRecord>,
    of: HashMap<PersonId, Vec<RoomId>>,
}

impl RoomRegistry {
    /// Adds a room as the store has it.
    pub fn add(&mut self, id: RoomId, record: RoomRecord) {
        for (person, membership) in &record.memberships {
            if membership.room_role.is_in() && record.kind != RoomKind::Lobby {
                self.of.entry(*person).or_default().push(id);
            }
        }
        self.rooms.insert(id, record);
    }

    /// Adds a room that has just been made, unless it is here already.
    pub fn add_created(&mut self, created: RoomCreated) {
        self.rooms
            .entry(created.id)
            .or_insert_with(|| RoomRecord::new(created.id, created.kind, created.epoch));
    }

    /// Puts a room as the store has it in the place of what is known of it here, if it is known.
    pub fn replace(&mut self, id: RoomId, record: RoomRecord) -> Option<RoomRecord> {
        let before = self.remove(id);
        self.add(id, record);
        before
    }

    /// Takes out a room that has been deleted, if it is there.
    pub fn remove(&mut self, id: RoomId) -> Option<RoomRecord> {
        let record = self.rooms.remove(&id)?;
        for person in record.memberships.keys() {
            let Some(rooms) = self.of.get_mut(person) else {
                continue;
            };
            rooms.retain(|room| *room != id);
            if rooms.is_empty() {
                self.of.remove(person);
            }
        }
        Some(record)
    }

    /// The ids of all rooms, in no order.
    pub fn ids(&self) -> impl Iterator<Item = RoomId> {
        self.rooms.keys().copied()
    }

    /// The room `id`, if it exists.
    #[must_use]
    pub fn get(&self, id: RoomId) -> Option<&RoomRecord> {
        self.rooms.get(&id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: RoomId) -> Option<&mut RoomRecord> {
        self.rooms.get_mut(&id)
    }

    /// The rooms that person `id` is in, the lobby not counted.
    #[must_use]
    pub fn of(&self, id: PersonId) -> &[RoomId] {
        self.of.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The membership of somebody who may read the room; in the lobby it is made when there is none.
    pub fn membership_mut(&mut self, room: RoomId, id: PersonId) -> Option<&mut Membership> {
        let record = self.rooms.get_mut(&room)?;
        if record.kind == RoomKind::Lobby {
            return Some(record.membership(id, RoomRole::Member));
        }
        record.memberships.get_mut(&id)
    }

    /// Forgets what is known of a visitor in the lobby, unless they are banned there.
    pub fn remove_visitor(&mut self, id: PersonId) {
        if let Some(lobby) = self.rooms.get_mut(&LOBBY)
            && lobby.role(id) == Some(RoomRole::Member)
        {
            lobby.memberships.remove(&id);
        }
    }

    /// Changes a person's name and picture wherever they are shown by name.
    pub fn set_profile(&mut self, id: PersonId, name: &str, avatar: &str) {
        for room in self.of(id).to_vec() {
            let company = self.rooms.get_mut(&room).map(|record| &mut record.company);
            for other in company.into_iter().flatten() {
                if other.id == id {
                    name.clone_into(&mut other.name);
                    avatar.clone_into(&mut other.avatar);
                }
            }
        }
    }

    /// Takes name and picture off a person wherever they are shown by name.
    pub fn anonymise(&mut self, id: PersonId) {
        self.set_profile(id, "", NOBODY);
    }

    /// Applies what the store has committed, in its order. Returns whether somebody has less unread than
    /// before.
    pub fn apply(&mut self, event: &Event) -> bool {
        let Some(record) = self.rooms.get_mut(&event.room) else {
            return false;
        };
        if let EventContent::Message(message) = &event.change
            && record.kind == RoomKind::Lobby
        {
            // Who is mentioned there for the first time has read what was there before.
            let others = message.mentions.people.iter();
            for id in others.filter(|id| **id != message.by.id) {
                record.membership(*id, RoomRole::Member);
            }
        }
        record.head.seq = event.seq;
        match &event.change {
            EventContent::Message(message) => {
                record.head.said += 1;
                record.at = Some(message.at);
                let (author, mentions) = (&message.by.id, &message.mentions);
                record.tally.said(event.seq, *author, mentions);
            }
            EventContent::Edited { said, mentions, .. } => {
                return record.tally.edited(*said, mentions);
            }
            EventContent::Recalled { said, .. } => {
                record.tally.recalled(*said);
                return true;
            }
            EventContent::Settings { settings, .. } => record.settings = Arc::clone(settings),
            EventContent::Membership {
                who,
                room_role,
                by,
                change,
                ..
            } => {
                self.set_role(event.room, who, *room_role);
                if *change == MembershipChange::Transfer
                    && let Some(membership) = self.membership_mut(event.room, by.id)
                {
                    membership.room_role = RoomRole::Admin;
                }
            }
            EventContent::Reacted { .. }
            | EventContent::Pinned { .. }
            | EventContent::FileTaken { .. } => {}
        }
        false
    }

    fn set_role(&mut self, room: RoomId, who: &Person, room_role: Option<RoomRole>) {
        let Some(record) = self.rooms.get_mut(&room) else {
            return;
        };
        match room_role {
            Some(room_role) => record.membership(who.id, room_role).room_role = room_role,
            None => {
                record.memberships.remove(&who.id);
                record.tally.remove_person(who.id);
            }
        }
        if record.kind == RoomKind::Direct {
            record.company.push(who.clone());
        }
        if record.kind == RoomKind::Lobby {
            return;
        }
        let is_in = room_role.is_some_and(RoomRole::is_in);
        let rooms = self.of.entry(who.id).or_default();
        match (is_in, rooms.iter().position(|other| *other == room)) {
            (true, None) => rooms.push(room),
            (false, Some(at)) => {
                rooms.swap_remove(at);
            }
            _ => {}
        }
        if rooms.is_empty() {
            self.of.remove(&who.id);
        }
    }
}
