//! What one other node has told, and how long ago.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use crate::chat::word::{Here, PersonThere, RoomThere};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::store::postgres::sweep::GONE;

/// How long the people of a node stay that lives and tells nothing.
const FROZEN: Duration = Duration::from_secs(60);

/// How long the people of a node stay that goes down: by then they have come to another one.
const DRAINED: Duration = Duration::from_secs(5);

/// Another node.
#[derive(Debug)]
pub(super) struct Node {
    /// When it was first known.
    since: Instant,
    /// Whether it has said since then that it lives, in the database: one that has not was there before, perhaps.
    has_beaten: bool,
    /// When it last told something.
    heard: Option<Instant>,
    /// When it said that it goes down.
    drains: Option<Instant>,
    /// How far what is known of it goes; none when nothing is.
    version: Option<u64>,
    /// The newest version that it has told of.
    newest: u64,
    gathering: Option<Gathering>,
    people: HashMap<PersonId, u32>,
    rooms: HashMap<RoomId, (u32, Vec<PersonId>)>,
    connections: usize,
}

/// The parts of everything that have come.
#[derive(Debug)]
struct Gathering {
    to: u64,
    next: u32,
    change: Change,
}

/// People and rooms as they are from now on; others stay as they are.
#[derive(Debug, Default)]
pub(in crate::chat::presence) struct Change {
    pub(in crate::chat::presence) people: Vec<PersonThere>,
    pub(in crate::chat::presence) rooms: Vec<RoomThere>,
}

/// What is to be thought of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It tells who is there.
    Live,
    /// It lives, and tells nothing: its people stay for a while.
    Frozen,
    /// It lives, and how many are there is all that is known.
    Blind,
    /// It is none any more.
    Gone,
}

impl Node {
    pub(super) fn new(since: Instant) -> Self {
        Self {
            since,
            has_beaten: false,
            heard: None,
            drains: None,
            // Nobody is at a node that has just started.
            version: Some(0),
            newest: 0,
            gathering: None,
            people: HashMap::new(),
            rooms: HashMap::new(),
            connections: 0,
        }
    }

    /// It tells something; returns what changes by that. More than `most` people are not taken in.
    pub(super) fn hear(&mut self, here: Here, most: usize, now: Instant) -> Option<Change> {
        self.heard = Some(now);
        if self.drains.is_some() {
            return None;
        }
        if here.draining {
            self.drains = Some(now);
            return None;
        }
        self.newest = self.newest.max(here.to);
        if let Some((part, parts)) = here.part {
            return self.gather(here, part, parts, most);
        }
        if here.from.is_none() || here.from != self.version || here.from > Some(here.to) {
            return None;
        }
        let is_known = |one: &PersonThere| match &one.person {
            Some(person) => person.id == one.id,
            None => one.n == 0 || self.people.contains_key(&one.id),
        };
        if !here.people.iter().all(is_known) {
            self.version = None;
            return None;
        }
        self.version = Some(here.to);
        Some(Change {
            people: here.people,
            rooms: here.rooms,
        })
    }

    /// A part of everything: when all have come, in order, they are what is known.
    fn gather(&mut self, here: Here, part: u32, parts: u32, most: usize) -> Option<Change> {
        let Here {
            to, people, rooms, ..
        } = here;
        if self.version >= Some(to) {
            return None;
        }
        let is_at = |gathering: &Gathering| gathering.to == to;
        if part == 0 && !self.gathering.as_ref().is_some_and(is_at) {
            self.gathering = Some(Gathering {
                to,
                next: 0,
                change: Change::default(),
            });
        }
        let gathering = self
            .gathering
            .as_mut()
            .filter(|gathering| is_at(gathering) && gathering.next == part)?;
        gathering.next += 1;
        let change = &mut gathering.change;
        let with_look = |one: &PersonThere| {
            let look = one.person.as_ref();
            look.is_some_and(|person| person.id == one.id)
        };
        change.people.extend(people.into_iter().filter(with_look));
        change.rooms.extend(rooms);
        if change.people.len() > most || change.rooms.len() > most {
            self.gathering = None;
            return None;
        }
        if gathering.next < parts {
            return None;
        }
        let mut change = self.gathering.take()?.change;
        self.version = Some(to);
        let named: HashSet<PersonId> = change.people.iter().map(|one| one.id).collect();
        let heard: HashSet<RoomId> = change.rooms.iter().map(|room| room.id).collect();
        let gone = self.people.keys().filter(|id| !named.contains(id));
        let silent = self.rooms.keys().filter(|id| !heard.contains(id));
        change.people.extend(gone.map(|id| no_one(*id)));
        change.rooms.extend(silent.map(|id| unheard(*id)));
        Some(change)
    }

    /// What it takes to forget its people. What it tells next will not do without everything.
    pub(super) fn clear(&mut self) -> Change {
        self.version = None;
        self.gathering = None;
        Change {
            people: self.people.keys().map(|id| no_one(*id)).collect(),
            rooms: self.rooms.keys().map(|id| unheard(*id)).collect(),
        }
    }

    /// Whether something that it told was missed.
    pub(super) fn wants(&self) -> bool {
        self.heard.is_some()
            && self.drains.is_none()
            && self.version.is_none_or(|version| version < self.newest)
    }

    /// What is to be thought of it. `lives` is what the database says.
    pub(super) fn standing(&self, now: Instant, lives: bool, has_bus: bool) -> Standing {
        let gone = Duration::from_millis(GONE.unsigned_abs());
        let for_so_long = |since: Instant| now.saturating_duration_since(since);
        if self
            .drains
            .is_some_and(|since| for_so_long(since) >= DRAINED)
        {
            return Standing::Gone;
        }
        match self.heard.map(for_so_long) {
            Some(silent) if silent < gone => Standing::Live,
            _ if !lives => Standing::Gone,
            Some(silent) if silent < gone + FROZEN => Standing::Frozen,
            // It has just started, perhaps, or died before it was known here: nobody is there.
            None if has_bus && for_so_long(self.since) < gone => Standing::Live,
            None if !self.has_beaten => Standing::Live,
            _ => Standing::Blind,
        }
    }

    /// It said so long ago in the database that it lives.
    pub(super) fn said_to_live(&mut self, silent: Duration, now: Instant) {
        self.has_beaten |= silent < now.saturating_duration_since(self.since);
    }

    /// That it was not heard for so long is not its fault.
    pub(super) fn excuse(&mut self, time: Duration) {
        for moment in [&mut self.heard, &mut self.drains].into_iter().flatten() {
            *moment += time;
        }
        self.since += time;
    }

    /// A person has so many connections there.
    pub(super) fn has(&mut self, id: PersonId, connections: u32) {
        self.lost(id);
        self.connections += connections as usize;
        self.people.insert(id, connections);
    }

    /// A person is not there any more.
    pub(super) fn lost(&mut self, id: PersonId) {
        let before = self.people.remove(&id).unwrap_or_default();
        self.connections -= before as usize;
    }

    pub(super) fn set_rooms(&mut self, rooms: Vec<RoomThere>) {
        for RoomThere { id, heard, lookers } in rooms {
            match heard {
                0 => self.rooms.remove(&id),
                heard => self.rooms.insert(id, (heard, lookers)),
            };
        }
    }

    pub(super) fn has_any(&self) -> bool {
        !self.people.is_empty() || !self.rooms.is_empty()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections
    }

    /// How many have a room open there, and who of them without a membership.
    pub(super) fn room(&self, id: RoomId) -> Option<(u32, &[PersonId])> {
        let (heard, lookers) = self.rooms.get(&id)?;
        Some((*heard, lookers.as_slice()))
    }
}

fn no_one(id: PersonId) -> PersonThere {
    PersonThere {
        id,
        n: 0,
        idle: 0,
        person: None,
    }
}

fn unheard(id: RoomId) -> RoomThere {
    RoomThere {
        id,
        heard: 0,
        lookers: Vec::new(),
    }
}
