//! What other nodes tell of who is there, and what that changes over all nodes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;

use super::{Changes, Neighbour, Presence, elsewhere};
use crate::chat::word::Here;
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::protocol::view::PresenceStatus;

impl Presence {
    /// A node tells who is there.
    pub fn hear(&mut self, boot: Uuid, here: Here, now: Instant) -> Changes {
        let Some(change) = self.elsewhere.hear(boot, here, now) else {
            return Changes::default();
        };
        self.noting(|presence, changes| presence.take(boot, change, changes))
    }

    /// The nodes that live, as the database says.
    pub fn know(&mut self, living: Vec<Neighbour>, now: Instant) -> Changes {
        self.elsewhere.know(living, now);
        self.look(now)
    }

    /// Looks who is silent.
    pub fn look(&mut self, now: Instant) -> Changes {
        self.noting(|presence, changes| {
            for boot in presence.elsewhere.lost(now) {
                if let Some(change) = presence.elsewhere.nobody_at(boot) {
                    presence.take(boot, change, changes);
                }
            }
            presence.elsewhere.settle(now);
        })
    }

    /// Whether something that a node told was missed.
    #[must_use]
    pub fn wants(&self, boot: Uuid) -> bool {
        self.elsewhere.wants(boot)
    }

    /// The nodes of which something was missed.
    #[must_use]
    pub fn wanting(&self) -> Vec<Uuid> {
        self.elsewhere.wanting().collect()
    }

    /// Whether what is known of other nodes may be old, or is a number alone.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.elsewhere.is_stale()
    }

    /// Connections at other nodes that have a room open.
    #[must_use]
    pub fn heard_elsewhere(&self, room: RoomId) -> usize {
        self.elsewhere.heard(room)
    }

    /// People at other nodes who have a room open without a membership.
    #[must_use]
    pub fn lookers_elsewhere(&self, room: RoomId) -> HashSet<PersonId> {
        self.elsewhere.lookers(room)
    }

    fn noting(&mut self, change: impl FnOnce(&mut Self, &mut Changes)) -> Changes {
        let numbers = |presence: &Self| (presence.people(), presence.connections());
        let before = (numbers(self), self.is_stale());
        let mut changes = Changes::default();
        change(self, &mut changes);
        changes.numbers = numbers(self) != before.0;
        changes.stale = self.is_stale() != before.1;
        changes
    }

    /// Takes in what a node tells; notes who is otherwise than before, over all nodes.
    fn take(&mut self, boot: Uuid, change: elsewhere::Change, changes: &mut Changes) {
        let ids = change.people.iter().map(|one| one.id);
        let before: HashMap<PersonId, (PresenceStatus, Option<Arc<Person>>)> = ids
            .map(|id| (id, (self.here(id), self.get(id).cloned())))
            .collect();
        changes
            .rooms
            .extend(change.rooms.iter().map(|room| room.id));
        let Self {
            own,
            elsewhere,
            arrivals,
            ..
        } = self;
        elsewhere.take(boot, change, |id| match own.get(id) {
            Some(present) => present.arrived,
            None => {
                *arrivals += 1;
                *arrivals
            }
        });
        for (id, (here, look)) in before {
            let is_moved = self.count(id, here);
            if is_moved || self.get(id) != look.as_ref() {
                changes.people.push(id);
            }
        }
    }
}
