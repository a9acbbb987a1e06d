//! Who is online, counted by identity, not by socket.
//!
//! Two tabs are one person and two connections; two people behind one address are two. Bounded
//! by the number of connections that the house admits.

use std::collections::HashMap;

use super::person::Person;
use crate::spare;

/// Up to so many people are named to everybody; in a bigger room the counts go out alone and the
/// list is asked for.
pub const LISTED: usize = 50;

/// The people of a room.
#[derive(Debug, Default)]
pub struct Presence {
    people: HashMap<String, Present>,
    connections: usize,
    arrivals: u64,
}

#[derive(Debug)]
struct Present {
    person: Person,
    connections: usize,
    /// Order of arrival, so that lists do not jump.
    arrived: u64,
}

impl Presence {
    /// A connection of `person` has come. A later connection brings his newest name.
    pub fn join(&mut self, person: Person) {
        self.connections += 1;
        self.arrivals += 1;
        let arrived = self.arrivals;
        let present = self
            .people
            .entry(person.id.clone())
            .or_insert_with(|| Present {
                person: person.clone(),
                connections: 0,
                arrived,
            });
        present.person = person;
        present.connections += 1;
    }

    /// A connection of the person `id` has gone.
    pub fn leave(&mut self, id: &str) {
        if let Some(present) = self.people.get_mut(id) {
            self.connections -= 1;
            present.connections -= 1;
            if present.connections == 0 {
                self.people.remove(id);
                spare::give_back(&mut self.people);
            }
        }
    }

    /// Changes how a person looks; false when he is not here.
    pub fn rename(&mut self, id: &str, name: String, avatar: String) -> bool {
        match self.people.get_mut(id) {
            Some(present) => {
                present.person.name = name;
                present.person.avatar = avatar;
                true
            }
            None => false,
        }
    }

    /// The person `id`, if he is here.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Person> {
        self.people.get(id).map(|present| &present.person)
    }

    /// Distinct people.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// Open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// The first `limit` people in order of arrival.
    #[must_use]
    pub fn list(&self, limit: usize) -> Vec<Person> {
        let mut all: Vec<&Present> = self.people.values().collect();
        all.sort_unstable_by_key(|present| present.arrived);
        all.into_iter()
            .take(limit)
            .map(|present| present.person.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::person::Kind;
    use proptest::prelude::*;

    fn person(id: u8) -> Person {
        Person {
            id: format!("v{id}"),
            kind: Kind::Visitor,
            name: format!("n{id}"),
            avatar: String::new(),
            place: String::new(),
        }
    }

    proptest! {
        /// Whatever the order of coming and going, the counts are those of a plain list of
        /// connections.
        #[test]
        fn counts_are_those_of_a_plain_list(steps in proptest::collection::vec((any::<bool>(), 0u8..6), 0..200)) {
            let mut presence = Presence::default();
            let mut model: Vec<u8> = Vec::new();
            for (join, id) in steps {
                if join {
                    presence.join(person(id));
                    model.push(id);
                } else if let Some(at) = model.iter().position(|other| *other == id) {
                    model.remove(at);
                    presence.leave(&format!("v{id}"));
                } else {
                    presence.leave(&format!("v{id}"));
                }
                let mut distinct = model.clone();
                distinct.sort_unstable();
                distinct.dedup();
                prop_assert_eq!(presence.connections(), model.len());
                prop_assert_eq!(presence.people(), distinct.len());
                prop_assert_eq!(presence.list(LISTED).len(), distinct.len());
            }
        }
    }
}
