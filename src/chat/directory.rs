//! Every room, what it is and who is in it, as the store has it.
//!
//! Brought up to date by every committed event, whether somebody hears the room or not; what was
//! said is not here but in [`super::room`]. Bounds: the rooms and members that `[rooms]` allows,
//! some 100 bytes each.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::about::{About, Kind};
use super::event::{Change, Event, Turn};
use super::message::LOBBY;
use super::permission::{Actor, Place};
use super::person::{NOBODY, Person};
use super::standing::Standing;
use super::tally::Tally;
use crate::store::changes::Made;

/// Which messages of a room somebody is told of while he is elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    /// Every message.
    All,
    /// Those that call him, and those of direct rooms.
    Mentions,
    /// None.
    None,
}

impl Notify {
    /// The number in the store; 0 there is no level of its own.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::All => 1,
            Self::Mentions => 2,
            Self::None => 3,
        }
    }

    /// The level of a number, if it is one.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        [Self::All, Self::Mentions, Self::None]
            .into_iter()
            .find(|level| level.code() == code)
    }
}

/// A person's place in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// What he is.
    pub standing: Standing,
    /// Where he has read up to.
    pub mark: Mark,
    /// What he is told of, when it is another than he likes elsewhere.
    pub notify: Option<Notify>,
}

/// A point in a room's feed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// The seq of the last event before it.
    pub seq: i64,
    /// How many messages had been said by then, ever.
    pub said: i64,
}

/// A room without what was said in it.
#[derive(Debug)]
pub struct Entry {
    /// Its kind.
    pub kind: Kind,
    /// What has been settled about it.
    pub about: Arc<About>,
    /// What its seqs count in.
    pub epoch: String,
    /// Its newest point.
    pub head: Mark,
    /// When something was last said, ms since 1970.
    pub at: Option<i64>,
    /// What is counted of its messages.
    pub tally: Tally,
    /// Who is in it or kept out of it, by public id. In the lobby only those of whom there is
    /// something to know.
    pub seats: HashMap<String, Seat>,
    /// The people of a direct room.
    pub company: Vec<Person>,
}

impl Entry {
    /// A new room.
    #[must_use]
    pub fn new(kind: Kind, epoch: String) -> Self {
        Self {
            kind,
            about: Arc::default(),
            epoch,
            head: Mark::default(),
            at: None,
            tally: Tally::default(),
            seats: HashMap::new(),
            company: Vec::new(),
        }
    }

    /// What decides about permissions.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::new(self.kind, &self.about)
    }

    /// What person `id` is here.
    #[must_use]
    pub fn standing(&self, id: &str) -> Option<Standing> {
        self.seats.get(id).map(|seat| seat.standing)
    }

    /// The same actor in this room.
    #[must_use]
    pub fn actor(&self, id: &str, elsewhere: &Actor) -> Actor {
        Actor {
            standing: self.standing(id),
            ..*elsewhere
        }
    }

    /// How many people are in it.
    #[must_use]
    pub fn members(&self) -> usize {
        match self.kind {
            Kind::Lobby => 0,
            _ => self
                .seats
                .values()
                .filter(|seat| seat.standing.is_in())
                .count(),
        }
    }

    /// Messages that somebody at `mark` has not read.
    #[must_use]
    pub fn unread(&self, mark: Mark) -> i64 {
        (self.head.said - mark.said - self.tally.recalled_after(mark.seq)).max(0)
    }

    /// Those of them that call person `id`: in a direct room all do.
    #[must_use]
    pub fn mentions(&self, id: &str, mark: Mark) -> i64 {
        match self.kind {
            Kind::Direct => self.unread(mark),
            _ => self.tally.calls_after(id, mark.seq),
        }
    }

    fn seat(&mut self, id: &str, standing: Standing) -> &mut Seat {
        let mark = self.head;
        self.seats.entry(id.to_owned()).or_insert(Seat {
            standing,
            mark,
            notify: None,
        })
    }
}

/// The rooms, and which of them somebody is in.
#[derive(Debug, Default)]
pub struct Directory {
    rooms: HashMap<i64, Entry>,
    of: HashMap<String, Vec<i64>>,
}

impl Directory {
    /// Adds a room as the store has it.
    pub fn add(&mut self, id: i64, entry: Entry) {
        for (person, seat) in &entry.seats {
            if seat.standing.is_in() && entry.kind != Kind::Lobby {
                self.of.entry(person.clone()).or_default().push(id);
            }
        }
        self.rooms.insert(id, entry);
    }

    /// Adds a room that has just been made.
    pub fn make(&mut self, made: Made) {
        self.rooms
            .insert(made.id, Entry::new(made.kind, made.epoch));
    }

    /// Takes out a room that has been deleted, if it is there.
    pub fn remove(&mut self, id: i64) -> Option<Entry> {
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
    pub fn get(&self, id: i64) -> Option<&Entry> {
        self.rooms.get(&id)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut Entry> {
        self.rooms.get_mut(&id)
    }

    /// The rooms that person `id` is in, the lobby not counted.
    #[must_use]
    pub fn of(&self, id: &str) -> &[i64] {
        self.of.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The room's seat of somebody who may read it; in the lobby it is made when there is none.
    pub fn seat_mut(&mut self, room: i64, id: &str) -> Option<&mut Seat> {
        let entry = self.rooms.get_mut(&room)?;
        if entry.kind == Kind::Lobby {
            return Some(entry.seat(id, Standing::Member));
        }
        entry.seats.get_mut(id)
    }

    /// Forgets what is known of a visitor in the lobby, unless it keeps him out.
    pub fn forget_visitor(&mut self, id: &str) {
        if let Some(lobby) = self.rooms.get_mut(&LOBBY)
            && lobby.standing(id) == Some(Standing::Member)
        {
            lobby.seats.remove(id);
        }
    }

    /// Gives a person another look wherever he is shown by name.
    pub fn dress(&mut self, id: &str, name: &str, avatar: &str) {
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
    pub fn strip(&mut self, id: &str) {
        self.dress(id, "", NOBODY);
    }

    /// Takes in what the store has committed, in its order. Says whether less waits for somebody than
    /// before.
    pub fn apply(&mut self, event: &Event) -> bool {
        let Some(entry) = self.rooms.get_mut(&event.room) else {
            return false;
        };
        if let Change::Said(message) = &event.change
            && entry.kind == Kind::Lobby
        {
            // Who is called there for the first time has read what was there before.
            let others = message.mentions.people.iter();
            for id in others.filter(|id| **id != message.by.id) {
                entry.seat(id, Standing::Member);
            }
        }
        entry.head.seq = event.seq;
        match &event.change {
            Change::Said(message) => {
                entry.head.said += 1;
                entry.at = Some(message.at);
                let (author, mentions) = (&message.by.id, &message.mentions);
                entry.tally.said(event.seq, author, mentions);
            }
            Change::Edited { said, mentions, .. } => return entry.tally.edited(*said, mentions),
            Change::Recalled { said, .. } => {
                entry.tally.recalled(*said);
                return true;
            }
            Change::About { about, .. } => entry.about = Arc::clone(about),
            Change::Member {
                who,
                standing,
                by,
                turn,
                ..
            } => {
                self.stand(event.room, who, *standing);
                if *turn == Turn::Transfer
                    && let Some(seat) = self.seat_mut(event.room, &by.id)
                {
                    seat.standing = Standing::Admin;
                }
            }
            Change::Reacted { .. } | Change::Pinned { .. } => {}
        }
        false
    }

    fn stand(&mut self, room: i64, who: &Person, standing: Option<Standing>) {
        let Some(entry) = self.rooms.get_mut(&room) else {
            return;
        };
        match standing {
            Some(standing) => entry.seat(&who.id, standing).standing = standing,
            None => {
                entry.seats.remove(&who.id);
                entry.tally.forget(&who.id);
            }
        }
        if entry.kind == Kind::Direct {
            entry.company.push(who.clone());
        }
        if entry.kind == Kind::Lobby {
            return;
        }
        let is_in = standing.is_some_and(Standing::is_in);
        let rooms = self.of.entry(who.id.clone()).or_default();
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
