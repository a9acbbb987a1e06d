//! Who is at this node, with their connections.

use std::collections::HashMap;
use std::sync::Arc;

use super::Seen;
use crate::delivery::ConnId;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::protocol::view::PresenceStatus;
use crate::shrink;

/// The people who are at this node.
#[derive(Debug, Default)]
pub(super) struct Own {
    people: HashMap<PersonId, Present>,
    connections: usize,
}

#[derive(Debug)]
pub(super) struct Present {
    pub(super) person: Arc<Person>,
    /// The person's connections, and how many of them have been idle for minutes.
    pub(super) connections: Vec<ConnId>,
    pub(super) idle: usize,
    /// Order of arrival, so that lists do not jump.
    pub(super) arrived: u64,
}

impl Present {
    pub(super) fn here(&self) -> PresenceStatus {
        if self.idle == self.connections.len() {
            PresenceStatus::Idle
        } else {
            PresenceStatus::On
        }
    }

    pub(super) fn seen(&self) -> Seen<'_> {
        Seen {
            person: &self.person,
            here: self.here(),
            arrived: self.arrived,
        }
    }
}

impl Own {
    /// A connection of `person` has opened, who is the `arrived`th to come if it is their first. A later connection brings
    /// their newest profile.
    pub(super) fn join(&mut self, person: Arc<Person>, conn: ConnId, arrived: u64) {
        self.connections += 1;
        let id = person.id;
        let present = self.people.entry(id).or_insert_with(|| Present {
            person: Arc::clone(&person),
            connections: Vec::new(),
            idle: 0,
            arrived,
        });
        present.person = person;
        present.connections.push(conn);
    }

    /// A connection of the person `id` has closed, which was idle or not.
    pub(super) fn leave(&mut self, id: PersonId, conn: ConnId, idle: bool) {
        let Some(present) = self.people.get_mut(&id) else {
            return;
        };
        let Some(at) = present.connections.iter().position(|other| *other == conn) else {
            return;
        };
        present.connections.swap_remove(at);
        present.idle -= usize::from(idle);
        self.connections -= 1;
        if present.connections.is_empty() {
            self.people.remove(&id);
            shrink::give_back(&mut self.people);
        }
    }

    /// A connection of the person `id` has become idle, or active again.
    pub(super) fn idle(&mut self, id: PersonId, idle: bool) {
        if let Some(present) = self.people.get_mut(&id) {
            present.idle = match idle {
                true => present.idle + 1,
                false => present.idle.saturating_sub(1),
            };
        }
    }

    /// Changes a person's name and picture; false when they are not here.
    pub(super) fn set_profile(&mut self, id: PersonId, name: &str, avatar: &str) -> bool {
        let Some(present) = self.people.get_mut(&id) else {
            return false;
        };
        let person = Arc::make_mut(&mut present.person);
        name.clone_into(&mut person.name);
        avatar.clone_into(&mut person.avatar);
        true
    }

    pub(super) fn get(&self, id: PersonId) -> Option<&Present> {
        self.people.get(&id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (PersonId, &Present)> {
        self.people.iter().map(|(id, present)| (*id, present))
    }

    /// Number of distinct people.
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    /// Number of open connections.
    pub(super) fn connections(&self) -> usize {
        self.connections
    }
}
