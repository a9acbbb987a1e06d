//! Who is online, counted by identity, not by socket: at this node, and at others as far as those tell it.
//!
//! Two tabs are one person and two connections, at whichever nodes; two people behind one address are two. A bot is not
//! online and no connection, however many sockets it has. Bounded
//! by the number of connections that the server admits, and by what is kept of other nodes ([`elsewhere`]).

mod elsewhere;
mod hearing;
mod own;
mod telling;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use uuid::Uuid;

use self::elsewhere::Elsewhere;
use self::own::Own;
use self::telling::{LOOKERS, Telling};
use crate::chat::word::{Here, RoomThere};
use crate::delivery::ConnId;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::protocol::view::{PersonHere, PresenceStatus};

/// Up to so many people are named to everybody; in a bigger room the counts go out alone and the
/// list is asked for.
pub const LISTED: usize = 50;

/// How many people are at this node, for whoever tells the database.
#[derive(Debug, Clone, Default)]
pub struct Headcount(Arc<AtomicUsize>);

impl Headcount {
    /// Their number.
    #[must_use]
    pub fn people(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Another node that lives, as the database says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// What it is known by.
    pub boot: Uuid,
    /// How many people are there.
    pub people: usize,
    /// How many WebSockets are open there.
    pub connections: usize,
    /// How long ago it said that it lives.
    pub silent: Duration,
}

/// A room as it is heard at this node.
#[derive(Debug)]
pub struct Audience {
    /// Connections that have it open.
    pub heard: usize,
    /// People without a membership who have it open.
    pub lookers: Vec<PersonId>,
}

/// The people who are present.
#[derive(Debug, Default)]
pub struct Presence {
    own: Own,
    elsewhere: Elsewhere,
    /// The connections of bots at this node: they are reached by them, and are nobody's presence.
    bots: HashMap<PersonId, Vec<ConnId>>,
    /// What the other nodes are to be told, where somebody tells them.
    telling: Option<Telling>,
    /// Number of distinct people whose names are known.
    people: usize,
    arrivals: u64,
    headcount: Headcount,
}

/// A person who is present.
struct Seen<'a> {
    person: &'a Arc<Person>,
    here: PresenceStatus,
    /// Order of arrival, so that lists do not jump.
    arrived: u64,
}

/// What is other than before because of another node.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// People who have come, gone, fallen idle or look otherwise.
    pub people: Vec<PersonId>,
    /// Rooms that are heard by others.
    pub rooms: Vec<RoomId>,
    /// Whether there are other numbers of people or connections.
    pub numbers: bool,
    /// Whether some of it may be old now, or is not any more.
    pub stale: bool,
}

impl Presence {
    /// Nobody; how many are at this node is written to `headcount`.
    #[must_use]
    pub fn new(headcount: Headcount) -> Self {
        Self {
            headcount,
            ..Self::default()
        }
    }

    /// A connection of `person` has opened; returns whether that changes whether they are here. A later connection
    /// brings their newest profile.
    pub fn join(&mut self, person: Arc<Person>, conn: ConnId) -> bool {
        let id = person.id;
        if person.bot {
            self.bots.entry(id).or_default().push(conn);
            return false;
        }
        let arrived = self.arrival(id);
        self.tell_person(id, true);
        self.changing(id, |presence| presence.own.join(person, conn, arrived))
    }

    /// A connection of the person `id` has closed, which was idle or not; returns whether that changes whether they are
    /// here.
    pub fn leave(&mut self, id: PersonId, conn: ConnId, idle: bool) -> bool {
        if let Entry::Occupied(mut bot) = self.bots.entry(id) {
            bot.get_mut().retain(|other| *other != conn);
            if bot.get().is_empty() {
                bot.remove();
            }
            return false;
        }
        self.tell_person(id, false);
        self.changing(id, |presence| presence.own.leave(id, conn, idle))
    }

    /// A connection of the person `id` has become idle, or active again; returns whether that
    /// changes whether the person as a whole is idle.
    pub fn idle(&mut self, id: PersonId, idle: bool) -> bool {
        if self.bots.contains_key(&id) {
            return false;
        }
        self.tell_person(id, false);
        self.changing(id, |presence| presence.own.idle(id, idle))
    }

    /// Changes a person's name and picture; false when they are not present.
    pub fn set_profile(&mut self, id: PersonId, name: &str, avatar: &str) -> bool {
        let here = self.own.set_profile(id, name, avatar);
        if here {
            self.tell_person(id, true);
        }
        let there = self.elsewhere.set_profile(id, name, avatar);
        here || there
    }

    fn changing(&mut self, id: PersonId, change: impl FnOnce(&mut Self)) -> bool {
        let before = self.here(id);
        change(self);
        self.headcount.0.store(self.own.people(), Ordering::Relaxed);
        self.count(id, before)
    }

    /// Counts a person who was `before`; returns whether that has changed.
    fn count(&mut self, id: PersonId, before: PresenceStatus) -> bool {
        let now = self.here(id);
        match (before, now) {
            (PresenceStatus::Off, PresenceStatus::Off) => {}
            (PresenceStatus::Off, _) => self.people += 1,
            (_, PresenceStatus::Off) => self.people -= 1,
            _ => {}
        }
        before != now
    }

    /// When a person came who is here, or that they come now.
    fn arrival(&mut self, id: PersonId) -> u64 {
        if let Some(seen) = self.seen(id) {
            return seen.arrived;
        }
        self.arrivals += 1;
        self.arrivals
    }

    fn seen(&self, id: PersonId) -> Option<Seen<'_>> {
        let own = self.own.get(id).map(own::Present::seen);
        match (own, self.elsewhere.get(id)) {
            (Some(own), Some(there)) => Some(Seen {
                here: match (own.here, there.here) {
                    (PresenceStatus::Idle, PresenceStatus::Idle) => PresenceStatus::Idle,
                    _ => PresenceStatus::On,
                },
                arrived: own.arrived.min(there.arrived),
                ..own
            }),
            (own, there) => own.or(there),
        }
    }

    /// The person `id`, if they are present.
    #[must_use]
    pub fn get(&self, id: PersonId) -> Option<&Arc<Person>> {
        self.seen(id).map(|seen| seen.person)
    }

    /// Whether the person `id` is present.
    #[must_use]
    pub fn here(&self, id: PersonId) -> PresenceStatus {
        self.seen(id).map_or(PresenceStatus::Off, |seen| seen.here)
    }

    /// The connections of the person `id` at this node.
    #[must_use]
    pub fn connections_of(&self, id: PersonId) -> &[ConnId] {
        let present = self.own.get(id).map(|present| &present.connections);
        present
            .or_else(|| self.bots.get(&id))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The nodes that the person `id` is at, this one under `boot`: their connections there, and how many of them are
    /// idle.
    pub fn places_of(
        &self,
        id: PersonId,
        boot: Uuid,
    ) -> impl Iterator<Item = (Uuid, usize, usize)> {
        let own = self.own.get(id).into_iter();
        let own = own.map(move |present| (boot, present.connections.len(), present.idle));
        own.chain(self.elsewhere.places(id))
    }

    /// Number of distinct people. Those of a node that only says how many they are count beside the others.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people + self.elsewhere.people_by_number()
    }

    /// Number of open connections of people.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.own.connections() + self.elsewhere.connections()
    }

    /// Number of open connections of people at this node.
    #[must_use]
    pub fn own_connections(&self) -> usize {
        self.own.connections()
    }

    /// The first `limit` people in order of arrival.
    #[must_use]
    pub fn list(&self, limit: usize) -> Vec<PersonHere> {
        let own = self.own.iter().map(|(id, _)| id);
        let others = self.elsewhere.iter().map(|(id, _)| id);
        let others = others.filter(|id| self.own.get(*id).is_none());
        self.list_of(own.chain(others), limit)
    }

    /// Those who come after `after` by their ids, the first `limit` of them in that order: whoever comes or goes meanwhile
    /// moves nobody to another page.
    #[must_use]
    pub fn page(&self, after: PersonId, limit: usize) -> Vec<PersonHere> {
        let own = self.own.iter().map(|(id, _)| id);
        let others = self.elsewhere.iter().map(|(id, _)| id);
        let others = others.filter(|id| self.own.get(*id).is_none());
        let mut ids: Vec<PersonId> = own.chain(others).filter(|id| *id > after).collect();
        if limit < ids.len() {
            ids.select_nth_unstable(limit);
            ids.truncate(limit);
        }
        ids.sort_unstable();
        let seen = ids.into_iter().filter_map(|id| self.seen(id));
        seen.map(|seen| PersonHere {
            person: Person::clone(seen.person),
            here: seen.here,
        })
        .collect()
    }

    /// The same of those among `ids` who are present.
    #[must_use]
    pub fn list_of(&self, ids: impl Iterator<Item = PersonId>, limit: usize) -> Vec<PersonHere> {
        let mut some: Vec<Seen<'_>> = ids.filter_map(|id| self.seen(id)).collect();
        some.sort_unstable_by_key(|seen| (seen.arrived, seen.person.id));
        let first = some.into_iter().take(limit).map(|seen| PersonHere {
            person: Person::clone(seen.person),
            here: seen.here,
        });
        first.collect()
    }
}

/// Other nodes: what they are told.
impl Presence {
    /// From now on there is somebody who tells the others.
    pub fn tell(&mut self) {
        let telling = self.telling.get_or_insert_default();
        for (id, _) in self.own.iter() {
            telling.person(id, true);
        }
        self.elsewhere.has_bus = true;
    }

    fn tell_person(&mut self, id: PersonId, look: bool) {
        if let Some(telling) = &mut self.telling {
            telling.person(id, look);
        }
    }

    /// Who has a room open here has changed.
    pub fn tell_room(&mut self, id: RoomId) {
        if let Some(telling) = &mut self.telling {
            telling.room(id);
        }
    }

    /// Whether the others are to be told something.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.telling.as_ref().is_some_and(Telling::is_due)
    }

    /// What has changed since they were told; `audience` says who has a room open.
    pub fn round(&mut self, audience: impl Fn(RoomId) -> Audience) -> Vec<Here> {
        let room = |id| room_there(id, audience(id));
        let telling = self.telling.as_mut();
        telling.map_or_else(Vec::new, |telling| telling.round(&self.own, room))
    }

    /// Everything, in parts.
    pub fn everything(&mut self, rooms: impl Iterator<Item = (RoomId, Audience)>) -> Vec<Here> {
        let rooms = rooms.map(|(id, audience)| room_there(id, audience));
        let telling = self.telling.as_mut();
        telling.map_or_else(Vec::new, |telling| {
            telling.everything(&self.own, rooms.collect())
        })
    }

    /// That this node lives; `draining` where it goes down.
    #[must_use]
    pub fn beat(&self, draining: bool) -> Option<Here> {
        let beat = self.telling.as_ref().map(Telling::beat);
        beat.map(|beat| Here { draining, ..beat })
    }
}

fn room_there(id: RoomId, audience: Audience) -> RoomThere {
    let Audience { heard, mut lookers } = audience;
    lookers.truncate(LOOKERS);
    RoomThere {
        id,
        heard: u32::try_from(heard).unwrap_or(u32::MAX),
        lookers,
    }
}

#[cfg(test)]
mod tests;
