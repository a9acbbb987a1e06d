//! Who is at other nodes, as those tell it, and what becomes of it when they fall silent.
//!
//! A node tells over the bus; that it lives it says in the database too. Bounds: [`NODES`], [`PEOPLE`].

mod node;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

pub(super) use self::node::Change;
use self::node::{Node, Standing};
use super::{Neighbour, Seen};
use crate::chat::word::{Here, PersonThere};
use crate::model::person::Person;
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::protocol::view::PresenceStatus;
use crate::{shrink, telemetry};

/// Other nodes that are listened to: more than one database serves.
const NODES: usize = 256;

/// People at other nodes who are known by name, some 250 bytes each: ten times as many as a database serves. Others are
/// left out.
const PEOPLE: usize = 1_000_000;

/// What the database said longer ago about who lives is not known any more.
const KNOWN_FOR: Duration = Duration::from_secs(3);

/// Whoever has not looked for so long was stopped, or had too much to do: what it has not heard meanwhile proves nothing.
const STOPPED: Duration = Duration::from_secs(2);

/// The people who are at other nodes.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// Whether nodes can tell each other anything.
    pub(super) has_bus: bool,
    nodes: HashMap<Uuid, Node>,
    people: HashMap<PersonId, Known>,
    /// The nodes that live, as the database says, and when it did.
    living: HashMap<Uuid, Neighbour>,
    asked: Option<Instant>,
    /// When it was last looked who is silent.
    looked: Option<Instant>,
    /// Whether some of it may be old.
    is_stale: bool,
    /// People and connections of nodes of which nothing else is known.
    numbers: (usize, usize),
}

/// A person who is at other nodes.
#[derive(Debug)]
struct Known {
    at: Vec<At>,
    /// Order of arrival.
    arrived: u64,
}

/// A person at one node.
#[derive(Debug)]
struct At {
    boot: Uuid,
    person: Arc<Person>,
    connections: u32,
    idle: u32,
}

impl Known {
    fn seen(&self) -> Option<Seen<'_>> {
        let is_active = self.at.iter().any(|at| at.idle < at.connections);
        Some(Seen {
            person: &self.at.first()?.person,
            here: match is_active {
                true => PresenceStatus::On,
                false => PresenceStatus::Idle,
            },
            arrived: self.arrived,
        })
    }
}

impl Elsewhere {
    /// A node tells something. Returns what changes by it.
    pub(super) fn hear(&mut self, boot: Uuid, here: Here, now: Instant) -> Option<Change> {
        if !self.nodes.contains_key(&boot) && self.nodes.len() >= NODES {
            return None;
        }
        let node = self.nodes.entry(boot).or_insert_with(|| Node::new(now));
        node.hear(here, PEOPLE, now)
    }

    /// The nodes of which something was missed.
    pub(super) fn wanting(&self) -> impl Iterator<Item = Uuid> {
        let wanting = self.nodes.iter().filter(|(_, node)| node.wants());
        wanting.map(|(boot, _)| *boot)
    }

    pub(super) fn wants(&self, boot: Uuid) -> bool {
        self.nodes.get(&boot).is_some_and(Node::wants)
    }

    /// Takes in what a node has told. Who comes new is the `arrived`th, and so on.
    pub(super) fn take(
        &mut self,
        boot: Uuid,
        change: Change,
        mut arrived: impl FnMut(PersonId) -> u64,
    ) {
        for person in change.people {
            self.set(boot, person, &mut arrived);
        }
        if let Some(node) = self.nodes.get_mut(&boot) {
            node.set_rooms(change.rooms);
        }
        shrink::give_back(&mut self.people);
    }

    fn set(&mut self, boot: Uuid, there: PersonThere, arrived: impl FnOnce(PersonId) -> u64) {
        let Some(node) = self.nodes.get_mut(&boot) else {
            return;
        };
        let id = there.id;
        let is_known = self.people.contains_key(&id);
        let (connections, idle) = (there.n, there.idle.min(there.n));
        let is_at = |at: &At| at.boot == boot;
        if connections == 0 {
            node.lost(id);
            if let Some(known) = self.people.get_mut(&id) {
                known.at.retain(|at| !is_at(at));
                if known.at.is_empty() {
                    self.people.remove(&id);
                }
            }
            return;
        }
        let places = self.people.get_mut(&id).map(|known| &mut known.at);
        if let Some(at) = places.and_then(|at| at.iter_mut().find(|at| is_at(at))) {
            (at.connections, at.idle) = (connections, idle);
            at.person = there.person.unwrap_or_else(|| Arc::clone(&at.person));
            return node.has(id, connections);
        }
        let Some(person) = there.person else {
            return;
        };
        if !is_known && self.people.len() >= PEOPLE {
            return telemetry::cluster::person_left_out();
        }
        node.has(id, connections);
        let known = self.people.entry(id).or_insert_with(|| Known {
            at: Vec::new(),
            arrived: arrived(id),
        });
        known.at.push(At {
            boot,
            person,
            connections,
            idle,
        });
    }

    /// The nodes that live, as the database says.
    pub(super) fn know(&mut self, living: Vec<Neighbour>, now: Instant) {
        for neighbour in &living {
            if self.nodes.len() < NODES {
                let node = self.nodes.entry(neighbour.boot);
                let node = node.or_insert_with(|| Node::new(now));
                node.said_to_live(neighbour.silent, now);
            }
        }
        self.living = living.into_iter().map(|one| (one.boot, one)).collect();
        self.asked = Some(now);
    }

    /// The nodes whose people are not to be counted by name any more, if they still are.
    pub(super) fn lost(&mut self, now: Instant) -> Vec<Uuid> {
        let since = self
            .looked
            .replace(now)
            .map(|looked| now.duration_since(looked));
        if let Some(stopped) = since.filter(|since| *since > STOPPED) {
            for node in self.nodes.values_mut() {
                node.excuse(stopped);
            }
        }
        let by_name = |standing| matches!(standing, Standing::Live | Standing::Frozen);
        let lost = self
            .nodes
            .iter()
            .filter(|(boot, node)| !by_name(self.standing(**boot, node, now)) && node.has_any());
        lost.map(|(boot, _)| *boot).collect()
    }

    /// Forgets nodes that are gone, and looks how much of the rest is old.
    pub(super) fn settle(&mut self, now: Instant) {
        let standings = self.nodes.iter();
        let standings = standings.map(|(boot, node)| (*boot, self.standing(*boot, node, now)));
        let standings: Vec<_> = standings.collect();
        self.is_stale = false;
        self.numbers = (0, 0);
        let mut silent = 0;
        for (boot, standing) in standings {
            match standing {
                Standing::Live => continue,
                Standing::Gone => {
                    self.nodes.remove(&boot);
                    continue;
                }
                Standing::Frozen => {}
                Standing::Blind => {
                    if let Some(node) = self.living.get(&boot) {
                        self.numbers.0 += node.people;
                        self.numbers.1 += node.connections;
                    }
                }
            }
            silent += 1;
            self.is_stale = true;
        }
        telemetry::cluster::silent_nodes(silent);
        telemetry::cluster::people_elsewhere(self.people.len());
    }

    fn standing(&self, boot: Uuid, node: &Node, now: Instant) -> Standing {
        let is_known = self
            .asked
            .is_some_and(|asked| now.duration_since(asked) < KNOWN_FOR);
        let lives = !is_known || self.living.contains_key(&boot);
        node.standing(now, lives, self.has_bus)
    }

    /// What it takes to forget the people of a node.
    pub(super) fn nobody_at(&mut self, boot: Uuid) -> Option<Change> {
        self.nodes.get_mut(&boot).map(Node::clear)
    }

    /// Changes a person's name and picture.
    pub(super) fn set_profile(&mut self, id: PersonId, name: &str, avatar: &str) -> bool {
        let Some(known) = self.people.get_mut(&id) else {
            return false;
        };
        for at in &mut known.at {
            let person = Arc::make_mut(&mut at.person);
            name.clone_into(&mut person.name);
            avatar.clone_into(&mut person.avatar);
        }
        true
    }

    pub(super) fn get(&self, id: PersonId) -> Option<Seen<'_>> {
        self.people.get(&id)?.seen()
    }

    /// The nodes that a person is at: their connections there, and how many of them are idle.
    pub(super) fn places(&self, id: PersonId) -> impl Iterator<Item = (Uuid, usize, usize)> {
        let known = self.people.get(&id).into_iter();
        known.flat_map(|known| {
            let places = known.at.iter();
            places.map(|at| (at.boot, at.connections as usize, at.idle as usize))
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (PersonId, Seen<'_>)> {
        let people = self.people.iter();
        people.filter_map(|(id, known)| Some((*id, known.seen()?)))
    }

    /// Connections there, and people who are known by their number alone.
    pub(super) fn connections(&self) -> usize {
        let named = self.nodes.values().map(Node::connections);
        named.sum::<usize>() + self.numbers.1
    }

    pub(super) fn people_by_number(&self) -> usize {
        self.numbers.0
    }

    /// Whether some of it may be old, or is a number alone.
    pub(super) fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Connections there that have a room open.
    pub(super) fn heard(&self, room: RoomId) -> usize {
        let heard = self.nodes.values().filter_map(|node| node.room(room));
        heard.map(|(heard, _)| heard as usize).sum()
    }

    /// People there who have a room open without a membership, each once.
    pub(super) fn lookers(&self, room: RoomId) -> HashSet<PersonId> {
        let rooms = self.nodes.values().filter_map(|node| node.room(room));
        rooms
            .flat_map(|(_, lookers)| lookers.iter().copied())
            .collect()
    }
}
