//! What other nodes are to be told of the people here.
//!
//! Bounded by the people who come and go between two rounds, and by [`PART`].

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::Arc;

use super::own::{Own, Present};
use crate::chat::word::{Here, PersonThere, RoomThere};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;

/// How much is told at a time, in bytes about: a quarter of the longest envelope, for what JSON adds.
const PART: usize = 128 * 1024;

/// People who look into a room that are told one by one; of more it is only told how many connections have it open.
pub(super) const LOOKERS: usize = 2_048;

/// What has changed here since the others were told.
#[derive(Debug, Default)]
pub(super) struct Telling {
    version: u64,
    /// People, and whether what they look like is to be told too.
    people: HashMap<PersonId, bool>,
    /// Those who had gone at the last round: they are told of a round later, so that who has come to another node
    /// meanwhile is not seen to go.
    gone: HashSet<PersonId>,
    rooms: HashSet<RoomId>,
}

/// What is told at a time.
type Part = (Vec<PersonThere>, Vec<RoomThere>);

impl Telling {
    /// Something about a person has changed: what they look like, or only their connections.
    pub(super) fn person(&mut self, id: PersonId, look: bool) {
        *self.people.entry(id).or_default() |= look;
    }

    /// Who has a room open has changed.
    pub(super) fn room(&mut self, id: RoomId) {
        self.rooms.insert(id);
    }

    /// Whether there is something to tell.
    pub(super) fn is_due(&self) -> bool {
        !(self.people.is_empty() && self.gone.is_empty() && self.rooms.is_empty())
    }

    /// All that has changed; `room` says how a room is now.
    pub(super) fn round(&mut self, own: &Own, room: impl Fn(RoomId) -> RoomThere) -> Vec<Here> {
        let mut people = Vec::new();
        for id in mem::take(&mut self.gone) {
            if own.get(id).is_none() {
                self.people.remove(&id);
                people.push(there(id, None, false));
            }
        }
        for (id, look) in mem::take(&mut self.people) {
            match own.get(id) {
                Some(present) => people.push(there(id, Some(present), look)),
                None => _ = self.gone.insert(id),
            }
        }
        let rooms = mem::take(&mut self.rooms).into_iter().map(room).collect();
        let parts = parts(people, rooms).into_iter();
        let parts = parts.map(|(people, rooms)| {
            let from = self.version;
            self.version += 1;
            Here {
                from: Some(from),
                to: self.version,
                people,
                rooms,
                ..Here::default()
            }
        });
        parts.collect()
    }

    /// Everything, in parts.
    pub(super) fn everything(&mut self, own: &Own, rooms: Vec<RoomThere>) -> Vec<Here> {
        // No two accounts of everything have one version, so that their parts are never mixed.
        self.version += 1;
        self.people.clear();
        self.gone.clear();
        self.rooms.clear();
        let mut present: Vec<_> = own.iter().collect();
        present.sort_unstable_by_key(|(_, present)| present.arrived);
        let present = present.into_iter();
        let people = present.map(|(id, present)| there(id, Some(present), true));
        let mut parts = parts(people.collect(), rooms);
        if parts.is_empty() {
            parts.push(Part::default());
        }
        let number = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let parts = (0..).zip(parts).map(|(part, (people, rooms))| Here {
            to: self.version,
            part: Some((part, number)),
            people,
            rooms,
            ..Here::default()
        });
        parts.collect()
    }

    /// That nothing has changed.
    pub(super) fn beat(&self) -> Here {
        Here {
            from: Some(self.version),
            to: self.version,
            ..Here::default()
        }
    }
}

fn there(id: PersonId, present: Option<&Present>, look: bool) -> PersonThere {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    PersonThere {
        id,
        n: present.map_or(0, |present| number(present.connections.len())),
        idle: present.map_or(0, |present| number(present.idle)),
        person: present
            .filter(|_| look)
            .map(|present| Arc::clone(&present.person)),
    }
}

/// Cuts what is to be told into parts that are short enough.
fn parts(people: Vec<PersonThere>, rooms: Vec<RoomThere>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut left = 0;
    let mut part_for = |weight: usize| {
        if parts.is_empty() || weight > left {
            parts.push(Part::default());
            left = PART;
        }
        left = left.saturating_sub(weight);
        parts.len() - 1
    };
    let people: Vec<_> = people
        .into_iter()
        .map(|person| (part_for(weight(&person)), person))
        .collect();
    let rooms: Vec<_> = rooms
        .into_iter()
        .map(|room| (part_for(64 + 24 * room.lookers.len()), room))
        .collect();
    for (part, person) in people {
        if let Some(part) = parts.get_mut(part) {
            part.0.push(person);
        }
    }
    for (part, room) in rooms {
        if let Some(part) = parts.get_mut(part) {
            part.1.push(room);
        }
    }
    parts
}

fn weight(person: &PersonThere) -> usize {
    let look = person.person.as_ref();
    64 + look.map_or(0, |person| {
        96 + person.name.len() + person.avatar.len() + person.place.len()
    })
}
