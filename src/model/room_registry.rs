//! Every room, what it is and who is in it, as the store has it.
//!
//! Brought up to date by every committed event, whether somebody hears the room or not; what was
//! said is not here but in [`super::room`]. Bounds: the rooms and members that `[rooms]` allows,
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
use crate::model::tally::Tally;

/// A room without what was said in it.
#[derive(Debug)]
pub struct RoomRecord {
    /// Its kind.
    pub kind: RoomKind,
    /// What has been settled about it.
    pub about: Arc<RoomSettings>,
    /// What its seqs count in.
    pub epoch: String,
    /// Its newest point.
    pub head: FeedPosition,
    /// Where it begins: what was said up to there is gone.
    pub begin: FeedPosition,
    /// When something was last said, ms since 1970.
    pub at: Option<i64>,
    /// What is counted of its messages.
    pub tally: Tally,
    /// Who is in it or kept out of it, by public id. In the lobby only those of whom there is
    /// something to know.
    pub seats: HashMap<PersonId, Membership>,
    /// The people of a direct room.
    pub company: Vec<Person>,
}

impl RoomRecord {
    /// A new room.
    #[must_use]
    pub fn new(kind: RoomKind, epoch: String) -> Self {
        Self {
            kind,
            about: Arc::default(),
            epoch,
            head: FeedPosition::default(),
            begin: FeedPosition::default(),
            at: None,
            tally: Tally::default(),
            seats: HashMap::new(),
            company: Vec::new(),
        }
    }

    /// What decides about permissions.
    #[must_use]
    pub fn rules(&self) -> RoomRules {
        RoomRules::new(self.kind, &self.about)
    }

    /// What person `id` is here.
    #[must_use]
    pub fn role(&self, id: PersonId) -> Option<RoomRole> {
        self.seats.get(&id).map(|seat| seat.standing)
    }

    /// Whether `principal` may do `action` here.
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
                .seats
                .values()
                .filter(|seat| seat.standing.is_in())
                .count(),
        }
    }

    /// Messages that somebody at `mark` has not read.
    #[must_use]
    pub fn unread(&self, mark: FeedPosition) -> i64 {
        let mark = mark.or_later(self.begin);
        (self.head.said - mark.said - self.tally.recalled_after(mark.seq)).max(0)
    }

    /// Those of them that call person `id`: in a direct room all do.
    #[must_use]
    pub fn mentions(&self, id: PersonId, mark: FeedPosition) -> i64 {
        match self.kind {
            RoomKind::Direct => self.unread(mark),
            _ => self.tally.calls_after(id, mark.seq),
        }
    }

    /// It begins at `begin` from now on.
    pub fn expired(&mut self, begin: FeedPosition) {
        self.begin = self.begin.or_later(begin);
        self.tally.expired(self.begin.seq);
    }

    fn seat(&mut self, id: PersonId, standing: RoomRole) -> &mut Membership {
        let mark = self.head;
        self.seats.entry(id.to_owned()).or_insert(Membership {
            standing,
            mark,
            notify: None,
            favourite: false,
        })
    }
}

/// The rooms, and which of them somebody is in.
#[derive(Debug, Default)]
pub struct RoomRegistry {
    rooms: HashMap<i64, RoomRecord>,
    of: HashMap<PersonId, Vec<i64>>,
}

impl RoomRegistry {
    /// Adds a room as the store has it.
    pub fn add(&mut self, id: i64, entry: RoomRecord) {
        for (person, seat) in &entry.seats {
            if seat.standing.is_in() && entry.kind != RoomKind::Lobby {
                self.of.entry(*person).or_default().push(id);
            }
        }
        self.rooms.insert(id, entry);
    }

    /// Adds a room that has just been made.
    pub fn make(&mut self, made: RoomCreated) {
        self.rooms
            .insert(made.id, RoomRecord::new(made.kind, made.epoch));
    }

    /// Takes out a room that has been deleted, if it is there.
    pub fn remove(&mut self, id: i64) -> Option<RoomRecord> {
        let entry = self.rooms.remove(&id)?;
        for person in entry.seats.keys() {
            let Some(rooms) = self.of.get_mut(person) else {
                continue;
            };
            rooms.retain(|room| *room != id);
            if rooms.is_empty() {
                self.of.remove(person);
            }
        }
        Some(entry)
    }

    /// A room.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<&RoomRecord> {
        self.rooms.get(&id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut RoomRecord> {
        self.rooms.get_mut(&id)
    }

    /// The rooms that person `id` is in, the lobby not counted.
    #[must_use]
    pub fn of(&self, id: PersonId) -> &[i64] {
        self.of.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The room's seat of somebody who may read it; in the lobby it is made when there is none.
    pub fn seat_mut(&mut self, room: i64, id: PersonId) -> Option<&mut Membership> {
        let entry = self.rooms.get_mut(&room)?;
        if entry.kind == RoomKind::Lobby {
            return Some(entry.seat(id, RoomRole::Member));
        }
        entry.seats.get_mut(&id)
    }

    /// Forgets what is known of a visitor in the lobby, unless it keeps him out.
    pub fn forget_visitor(&mut self, id: PersonId) {
        if let Some(lobby) = self.rooms.get_mut(&LOBBY)
            && lobby.role(id) == Some(RoomRole::Member)
        {
            lobby.seats.remove(&id);
        }
    }

    /// Gives a person another look wherever he is shown by name.
    pub fn dress(&mut self, id: PersonId, name: &str, avatar: &str) {
        for room in self.of(id).to_vec() {
            let company = self.rooms.get_mut(&room).map(|entry| &mut entry.company);
            for other in company.into_iter().flatten() {
                if other.id == id {
                    name.clone_into(&mut other.name);
                    avatar.clone_into(&mut other.avatar);
                }
            }
        }
    }

    /// Takes name and face off a person wherever he is shown by name.
    pub fn strip(&mut self, id: PersonId) {
        self.dress(id, "", NOBODY);
    }

    /// Takes in what the store has committed, in its order. Says whether less waits for somebody than
    /// before.
    pub fn apply(&mut self, event: &Event) -> bool {
        let Some(entry) = self.rooms.get_mut(&event.room) else {
            return false;
        };
        if let EventContent::Said(message) = &event.change
            && entry.kind == RoomKind::Lobby
        {
            // Who is called there for the first time has read what was there before.
            let others = message.mentions.people.iter();
            for id in others.filter(|id| **id != message.by.id) {
                entry.seat(*id, RoomRole::Member);
            }
        }
        entry.head.seq = event.seq;
        match &event.change {
            EventContent::Said(message) => {
                entry.head.said += 1;
                entry.at = Some(message.at);
                let (author, mentions) = (&message.by.id, &message.mentions);
                entry.tally.said(event.seq, *author, mentions);
            }
            EventContent::Edited { said, mentions, .. } => {
                return entry.tally.edited(*said, mentions);
            }
            EventContent::Recalled { said, .. } => {
                entry.tally.recalled(*said);
                return true;
            }
            EventContent::About { about, .. } => entry.about = Arc::clone(about),
            EventContent::Member {
                who,
                standing,
                by,
                turn,
                ..
            } => {
                self.stand(event.room, who, *standing);
                if *turn == MembershipChange::Transfer
                    && let Some(seat) = self.seat_mut(event.room, by.id)
                {
                    seat.standing = RoomRole::Admin;
                }
            }
            EventContent::Reacted { .. } | EventContent::Pinned { .. } => {}
        }
        false
    }

    fn stand(&mut self, room: i64, who: &Person, standing: Option<RoomRole>) {
        let Some(entry) = self.rooms.get_mut(&room) else {
            return;
        };
        match standing {
            Some(standing) => entry.seat(who.id, standing).standing = standing,
            None => {
                entry.seats.remove(&who.id);
                entry.tally.forget(who.id);
            }
        }
        if entry.kind == RoomKind::Direct {
            entry.company.push(who.clone());
        }
        if entry.kind == RoomKind::Lobby {
            return;
        }
        let is_in = standing.is_some_and(RoomRole::is_in);
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
