//! A room that a connection has open: its newest messages, and what goes on in it at the moment.
//!
//! Lives in memory while it is open and a while longer. Bounds: one [`RoomHistory`], [`TYPISTS`].

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::chat::room_history::RoomHistory;
use crate::model::person::{Person, PersonRef};
use crate::model::person_id::PersonId;

/// How long a person counts as typing after their client last said so; it says so every 3 s.
const TYPES_FOR: Duration = Duration::from_secs(6);

/// How often it is told other nodes that somebody goes on typing: twice before they stop counting them.
const TOLD_EVERY: Duration = Duration::from_millis(2_500);

/// The most people of a room whose typing is remembered.
const TYPISTS: usize = 50;

/// People who are named when they type; the others are a number.
pub const TYPISTS_NAMED: usize = 3;

/// A room in memory, with presence and typing.
#[derive(Debug)]
pub struct LiveRoom {
    /// The room's newest messages and events.
    pub room: RoomHistory,
    /// People without a membership who have the room open, with the number of their connections.
    pub non_members: HashMap<PersonId, usize>,
    /// Number of connections that have the room open.
    pub ids_in: usize,
    /// Those of bots among them, which are nobody's presence.
    pub bots_in: usize,
    /// Since when no connection has had it open.
    pub unused_since: Instant,
    /// What is to be broadcast soon.
    pub due: Due,
    /// The people who are typing.
    pub typing: Typing,
}

/// What has changed and has not been broadcast yet.
#[derive(Debug, Default)]
pub struct Due {
    /// Whether a timer runs.
    pub timed: bool,
    /// When something was last broadcast.
    pub sent: Option<Instant>,
    /// Whether the presence list has changed.
    pub presence: bool,
    /// The presence frame that was last broadcast; empty when not all connections have the same one.
    pub presence_sent: Bytes,
    /// Whether the list of people who are typing has changed.
    pub typing: bool,
    /// Whether read markers have moved.
    pub seen: bool,
    /// Where the room is: whether a timer runs for that.
    pub head: bool,
}

impl LiveRoom {
    /// Number of connections of people that have the room open.
    #[must_use]
    pub fn heard(&self) -> usize {
        self.ids_in.saturating_sub(self.bots_in)
    }

    /// A live room that no connection has open yet.
    #[must_use]
    pub fn new(room: RoomHistory) -> Self {
        Self {
            room,
            non_members: HashMap::new(),
            ids_in: 0,
            bots_in: 0,
            unused_since: Instant::now(),
            due: Due::default(),
            typing: Typing::default(),
        }
    }

    /// One more connection of a person has the room open; `looks` says that they have no membership.
    pub fn enter(&mut self, person: &Person, looks: bool) {
        self.ids_in += 1;
        self.bots_in += usize::from(person.bot);
        if looks {
            *self.non_members.entry(person.id).or_default() += 1;
        }
    }

    /// One connection of a person has closed it.
    pub fn leave(&mut self, person: &Person) {
        let id = person.id;
        self.ids_in = self.ids_in.saturating_sub(1);
        self.bots_in = self.bots_in.saturating_sub(usize::from(person.bot));
        self.unused_since = Instant::now();
        if let Some(count) = self.non_members.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                self.non_members.remove(&id);
            }
        }
    }
}

/// The people who are typing in a room.
#[derive(Debug, Default)]
pub struct Typing {
    now: Vec<Typist>,
    sent: Vec<PersonId>,
}

#[derive(Debug)]
struct Typist {
    who: PersonRef,
    /// When they last said so, and when that was last worth telling others.
    said: Instant,
    told: Instant,
}

impl Typing {
    /// A person is typing; returns whether other nodes are to be told.
    pub fn add(&mut self, who: PersonRef, now: Instant) -> bool {
        let known = self.now.iter_mut().find(|known| known.who.id == who.id);
        if let Some(known) = known {
            (known.who, known.said) = (who, now);
            let is_news = now.duration_since(known.told) >= TOLD_EVERY;
            if is_news {
                known.told = now;
            }
            return is_news;
        }
        let has_room = self.now.len() < TYPISTS;
        if has_room {
            self.now.push(Typist {
                who,
                said: now,
                told: now,
            });
        }
        has_room
    }

    /// A person has sent their message, or gone.
    pub fn remove(&mut self, id: PersonId) {
        self.now.retain(|typist| typist.who.id != id);
    }

    /// Whether somebody types, or was shown as typing in the last broadcast.
    #[must_use]
    pub fn is_going_on(&self) -> bool {
        !self.now.is_empty() || !self.sent.is_empty()
    }

    /// Those to name and the number of the others, if that is another answer than the last one.
    pub fn news(&mut self, now: Instant) -> Option<(Vec<PersonRef>, usize)> {
        self.now
            .retain(|typist| now.duration_since(typist.said) < TYPES_FOR);
        let ids: Vec<PersonId> = self.now.iter().map(|typist| typist.who.id).collect();
        if ids == self.sent {
            return None;
        }
        self.sent = ids;
        let named = self.now.iter().take(TYPISTS_NAMED);
        let named: Vec<PersonRef> = named.map(|typist| typist.who.clone()).collect();
        let more = self.now.len() - named.len();
        Some((named, more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(number: i64) -> PersonRef {
        PersonRef {
            id: PersonId::User(number),
            name: number.to_string(),
        }
    }

    #[test]
    fn who_types_is_news_once_and_again_when_they_stop() {
        let mut typing = Typing::default();
        let now = Instant::now();
        assert_eq!(typing.news(now), None);
        for id in 1..=5 {
            typing.add(by(id), now);
        }
        let (named, more) = typing.news(now).unwrap();
        assert_eq!((named.len(), more), (3, 2));
        assert!(!typing.add(by(1), now), "others know");
        assert_eq!(typing.news(now), None, "the same answer");
        assert!(typing.add(by(1), now + TOLD_EVERY));
        assert!(!typing.add(by(1), now + TOLD_EVERY));
        typing.add(by(1), now);
        typing.remove(PersonId::User(1));
        assert_eq!(typing.news(now).unwrap().1, 1);
        let (named, more) = typing.news(now + TYPES_FOR).unwrap();
        assert_eq!((named.len(), more), (0, 0), "nobody said so again");
        assert!(!typing.is_going_on());
        for number in 0..1_000 {
            typing.add(by(number), now);
        }
        assert_eq!(typing.now.len(), TYPISTS);
    }
}
