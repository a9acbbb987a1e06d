//! Who is online, counted by identity, not by socket.
//!
//! Two tabs are one person and two connections; two people behind one address are two. Bounded
//! by the number of connections that the server admits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::delivery::ConnId;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::protocol::view::{PersonHere, PresenceStatus};
use crate::shrink;

/// Up to so many people are named to everybody; in a bigger room the counts go out alone and the
/// list is asked for.
pub const LISTED: usize = 50;

/// The people who are present, with their connections.
#[derive(Debug, Default)]
pub struct Presence {
    people: HashMap<PersonId, Present>,
    connections: usize,
    arrivals: u64,
}

#[derive(Debug)]
struct Present {
    person: Arc<Person>,
    /// The person's connections, and how many of them have been idle for minutes.
    connections: Vec<ConnId>,
    idle: usize,
    /// Order of arrival, so that lists do not jump.
    arrived: u64,
}

impl Present {
    fn here(&self) -> PresenceStatus {
        if self.idle == self.connections.len() {
            PresenceStatus::Idle
        } else {
            PresenceStatus::On
        }
    }

    fn view(&self) -> PersonHere {
        PersonHere {
            person: Person::clone(&self.person),
            here: self.here(),
        }
    }
}

impl Presence {
    /// A connection of `person` has opened; returns whether it is their first. A later connection
    /// brings their newest profile.
    pub fn join(&mut self, person: Arc<Person>, conn: ConnId) -> bool {
        self.connections += 1;
        if let Some(present) = self.people.get_mut(&person.id) {
            present.person = person;
            present.connections.push(conn);
            return false;
        }
        self.arrivals += 1;
        let id = person.id;
        let present = Present {
            person,
            connections: vec![conn],
            idle: 0,
            arrived: self.arrivals,
        };
        self.people.insert(id, present);
        true
    }

    /// A connection of the person `id` has closed, which was idle or not; returns whether it was
    /// their last.
    pub fn leave(&mut self, id: PersonId, conn: ConnId, idle: bool) -> bool {
        let Some(present) = self.people.get_mut(&id) else {
            return false;
        };
        let Some(at) = present.connections.iter().position(|other| *other == conn) else {
            return false;
        };
        present.connections.swap_remove(at);
        present.idle -= usize::from(idle);
        self.connections -= 1;
        let gone = present.connections.is_empty();
        if gone {
            self.people.remove(&id);
            shrink::give_back(&mut self.people);
        }
        gone
    }

    /// A connection of the person `id` has become idle, or active again; returns whether that
    /// changes whether the person as a whole is idle.
    pub fn idle(&mut self, id: PersonId, idle: bool) -> bool {
        let Some(present) = self.people.get_mut(&id) else {
            return false;
        };
        let before = present.here();
        if idle {
            present.idle += 1;
        } else {
            present.idle = present.idle.saturating_sub(1);
        }
        before != present.here()
    }

    /// Changes a person's name and picture; false when they are not present.
    pub fn set_profile(&mut self, id: PersonId, name: String, avatar: String) -> bool {
        match self.people.get_mut(&id) {
            Some(present) => {
                let person = Arc::make_mut(&mut present.person);
                person.name = name;
                person.avatar = avatar;
                true
            }
            None => false,
        }
    }

    /// The person `id`, if they are present.
    #[must_use]
    pub fn get(&self, id: PersonId) -> Option<&Arc<Person>> {
        self.people.get(&id).map(|present| &present.person)
    }

    /// Whether the person `id` is present.
    #[must_use]
    pub fn here(&self, id: PersonId) -> PresenceStatus {
        self.people
            .get(&id)
            .map_or(PresenceStatus::Off, Present::here)
    }

    /// The connections of the person `id`.
    #[must_use]
    pub fn connections_of(&self, id: PersonId) -> &[ConnId] {
        let present = self.people.get(&id);
        present
            .map(|present| present.connections.as_slice())
            .unwrap_or_default()
    }

    /// Number of distinct people.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// The first `limit` people in order of arrival.
    #[must_use]
    pub fn list(&self, limit: usize) -> Vec<PersonHere> {
        self.first(self.people.values().collect(), limit)
    }

    /// The same of those among `ids` who are present.
    #[must_use]
    pub fn list_of(&self, ids: impl Iterator<Item = PersonId>, limit: usize) -> Vec<PersonHere> {
        self.first(ids.filter_map(|id| self.people.get(&id)).collect(), limit)
    }

    fn first(&self, mut some: Vec<&Present>, limit: usize) -> Vec<PersonHere> {
        some.sort_unstable_by_key(|present| present.arrived);
        let first = some.into_iter().take(limit);
        first.map(Present::view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::person::PersonKind;
    use proptest::prelude::*;

    fn person(id: u8) -> Person {
        Person {
            id: PersonId::Visitor(id.into()),
            kind: PersonKind::Visitor,
            name: format!("n{id}"),
            avatar: String::new(),
            place: String::new(),
        }
    }

    proptest! {
        /// Whatever the order of coming, going and falling idle, the counts are those of a plain
        /// list of connections.
        #[test]
        fn counts_are_those_of_a_plain_list(steps in proptest::collection::vec((0u8..3, 0u8..6), 0..200)) {
            let mut presence = Presence::default();
            let mut model: Vec<(u8, ConnId, bool)> = Vec::new();
            for (number, (step, id)) in (0u64..).zip(steps) {
                let name = PersonId::Visitor(id.into());
                let known = model.iter().position(|(other, ..)| *other == id);
                match (step, known) {
                    (0, _) => {
                        let conn = ConnId::new(0, number);
                        prop_assert_eq!(presence.join(Arc::new(person(id)), conn), known.is_none());
                        model.push((id, conn, false));
                    }
                    (1, Some(at)) => {
                        let (_, conn, idle) = model.remove(at);
                        let last = model.iter().all(|(other, ..)| *other != id);
                        prop_assert_eq!(presence.leave(name, conn, idle), last);
                    }
                    (2, Some(at)) => {
                        model[at].2 = !model[at].2;
                        presence.idle(name, model[at].2);
                    }
                    _ => {
                        prop_assert!(!presence.leave(name, ConnId::new(0, 0), false));
                    }
                }
                let mut distinct: Vec<u8> = model.iter().map(|(id, ..)| *id).collect();
                distinct.sort_unstable();
                distinct.dedup();
                let of_them = || model.iter().filter(|(other, ..)| *other == id);
                let here = match of_them().count() {
                    0 => PresenceStatus::Off,
                    _ if of_them().all(|(_, _, idle)| *idle) => PresenceStatus::Idle,
                    _ => PresenceStatus::On,
                };
                prop_assert_eq!(presence.here(name), here);
                prop_assert_eq!(presence.connections_of(name).len(), of_them().count());
                prop_assert_eq!(presence.connections(), model.len());
                prop_assert_eq!(presence.people(), distinct.len());
                prop_assert_eq!(presence.list(LISTED).len(), distinct.len());
            }
        }
    }
}
