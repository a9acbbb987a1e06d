//! The resequencer: puts the events of several nodes back into the order of their rooms.
//!
//! Every committed event passes it, own and foreign ones alike: the next one of its room at once, one that comes
//! too early when those before it have passed. Of a hole that stays it says that it is to be read from the
//! store, and of a room that is too far behind that the room is to be read anew. A server of one node has every
//! event in order, and nothing is kept here.
//!
//! A plain type: it knows no actor, no store and no clock. Bounds: [`AHEAD`] events and [`ROOM_BYTES`] of a room,
//! [`ALL_BYTES`] and [`ACKS`] in all, [`READS`] at a time.

mod behind;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::chat::resequencer::behind::Behind;
use crate::chat::ring;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

/// Events that a room may be behind: a client that missed more gets a fresh page too.
pub const AHEAD: usize = ring::EVENTS;

/// How long what comes before an event may be late: ten times what it usually takes.
const PATIENCE: Duration = Duration::from_millis(30);

/// Bytes of events that wait in one room: half of what may wait for a reader, who gets them at once.
pub const ROOM_BYTES: usize = ring::AT_ONCE;

/// Bytes of events that wait in all rooms: 128 rooms that each are as far behind as they may be.
const ALL_BYTES: usize = 64 * 1024 * 1024;

/// Acks that wait for their events: as many as commands may wait for the writer.
const ACKS: usize = 4_096;

/// Rooms that are read at a time: the other reads of the store go on beside them.
const READS: usize = 8;

/// How long after a failed read the next one begins.
const RETRY: Duration = Duration::from_millis(500);

/// Where a room is here.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    /// The room's id.
    pub room: RoomId,
    /// Its epoch and the seq of the newest event that was applied; `None` when the room is not known here.
    pub known: Option<(&'a str, Seq)>,
}

impl Here<'_> {
    /// The newest event that was applied, if seqs of `epoch` mean the same here.
    fn head(&self, epoch: &str) -> Option<Seq> {
        self.known
            .filter(|(known, _)| *known == epoch)
            .map(|(_, head)| head)
    }
}

/// What becomes of an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Passage<T> {
    /// It is the room's next: it is to be applied, then [`Resequencer::next`] until there is none.
    Next(T),
    /// It was applied before.
    Old,
    /// It passes later, or is read from the store.
    Held,
}

/// What is to be read from the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// A hole: the events of a room after the first seq, up to the second; [`AHEAD`] at most.
    Hole(RoomId, Seq, Seq),
    /// A room as it is.
    Room(RoomId),
}

/// What a [`Read`] has brought, once it is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brought {
    /// Nothing: the store could not be read.
    Nothing,
    /// All that the store has up to this seq.
    Events(Seq),
    /// The room.
    Room,
}

/// Events, and acks of own ones, that wait for those before them.
#[derive(Debug)]
pub struct Resequencer<T, A> {
    rooms: HashMap<RoomId, Behind<T, A>>,
    /// Bytes of all events that wait.
    bytes: usize,
    /// Acks that wait.
    acks: usize,
    /// Reads that are under way.
    reads: usize,
}

impl<T, A> Default for Resequencer<T, A> {
    fn default() -> Self {
        Self {
            rooms: HashMap::new(),
            bytes: 0,
            acks: 0,
            reads: 0,
        }
    }
}

impl<T, A> Resequencer<T, A> {
    /// Whether no room lacks anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// Whether a room lacks something that is known to be in the store.
    #[must_use]
    pub fn is_behind(&self, room: RoomId) -> bool {
        self.rooms.contains_key(&room)
    }

    /// An event of about `bytes`, under `seq` of `epoch`.
    pub fn offer(
        &mut self,
        here: Here<'_>,
        epoch: &str,
        seq: Seq,
        event: T,
        bytes: usize,
        now: Instant,
    ) -> Passage<T> {
        match here.head(epoch) {
            Some(head) if seq <= head => return Passage::Old,
            Some(head) if seq == head.next() => return Passage::Next(event),
            _ => {}
        }
        let all_full = self.bytes + bytes > ALL_BYTES;
        let Some(behind) = self.note(here, epoch, seq, now) else {
            return Passage::Held;
        };
        if behind.waiting.contains_key(&seq) {
            return Passage::Held;
        }
        if all_full || behind.bytes + bytes > ROOM_BYTES || behind.waiting.len() >= AHEAD {
            behind.read_anew(now);
        } else {
            behind.bytes += bytes;
            behind.waiting.insert(seq, (event, bytes));
            self.bytes += bytes;
        }
        Passage::Held
    }

    /// The store has an event under `seq` of `epoch`, whatever it says.
    pub fn exists(&mut self, here: Here<'_>, epoch: &str, seq: Seq, now: Instant) {
        if here.head(epoch).is_none_or(|head| seq > head) {
            self.note(here, epoch, seq, now);
        }
    }

    /// The ack of an event that has not been applied: it leaves with [`Self::settle`].
    ///
    /// # Errors
    /// The ack, when too many wait.
    pub fn hold(&mut self, here: Here<'_>, seq: Seq, ack: A, now: Instant) -> Result<(), A> {
        if self.acks >= ACKS {
            return Err(ack);
        }
        match here.known {
            Some((epoch, _)) => {
                let _old_epoch = self.note(here, epoch, seq, now);
            }
            // Of what epoch it is will be known with the room.
            None if self.rooms.contains_key(&here.room) => {}
            None => {
                let _always = self.note(here, "", seq, now);
            }
        }
        let Some(behind) = self.rooms.get_mut(&here.room) else {
            return Err(ack);
        };
        behind.acks.push((seq, ack));
        self.acks += 1;
        Ok(())
    }

    /// The next event of a room that waited for the one that was applied last.
    pub fn next(&mut self, here: Here<'_>) -> Option<T> {
        let behind = self.rooms.get_mut(&here.room)?;
        let head = here.head(&behind.epoch)?;
        while let Some(first) = behind.waiting.first_entry()
            && *first.key() <= head.next()
        {
            let (seq, (event, bytes)) = first.remove_entry();
            behind.bytes -= bytes;
            self.bytes -= bytes;
            if seq == head.next() {
                return Some(event);
            }
        }
        None
    }

    /// To be called when events of a room were applied, and no next one waits: returns the acks that leave.
    pub fn settle(&mut self, here: Here<'_>, now: Instant) -> Vec<A> {
        let Some(behind) = self.rooms.get_mut(&here.room) else {
            return Vec::new();
        };
        let mut leaving = Vec::new();
        if let Some((epoch, head)) = here.known {
            let acks = behind.acks.extract_if(.., |(seq, _)| *seq <= head);
            leaving.extend(acks.map(|(_, ack)| ack));
            if behind.epoch == epoch && !behind.anew && head > behind.head {
                behind.due = now + PATIENCE;
            }
            behind.head = head;
        }
        self.acks -= leaving.len();
        if !behind.anew && !behind.reading && behind.newest() <= behind.head {
            // What the store has not been found to have will not come.
            leaving.extend(self.forget(here.room));
        }
        leaving
    }

    /// Whether a room that was read anew, up to `read`, is near by now: what it lacked has come while it was read.
    #[must_use]
    pub fn has_come_near(&self, here: Here<'_>, read: Seq) -> bool {
        let behind = self.rooms.get(&here.room);
        behind.is_some_and(|behind| {
            let head = here.head(&behind.epoch);
            behind.only_far && head.is_some_and(|head| !behind::is_far(head, read))
        })
    }

    /// What is to be read now.
    pub fn due(&mut self, now: Instant) -> Vec<Read> {
        let free = READS.saturating_sub(self.reads);
        let mut due: Vec<(Instant, RoomId)> = self
            .rooms
            .iter()
            .filter(|(_, behind)| !behind.reading && behind.due <= now)
            .map(|(room, behind)| (behind.due, *room))
            .collect();
        due.sort_unstable();
        let mut reads = Vec::new();
        for (_, room) in due.into_iter().take(free) {
            let Some(behind) = self.rooms.get_mut(&room) else {
                continue;
            };
            behind.reading = true;
            self.reads += 1;
            if behind.anew {
                // Whatever waits is in what will be read.
                behind.waiting.clear();
                self.bytes -= std::mem::take(&mut behind.bytes);
                behind.newest = Seq::default();
                reads.push(Read::Room(room));
            } else {
                reads.push(Read::Hole(room, behind.head, behind.last_missing()));
            }
        }
        reads
    }

    /// When [`Self::due`] is to be asked next, unless a read ends before.
    #[must_use]
    pub fn wake(&self) -> Option<Instant> {
        if self.reads >= READS {
            return None;
        }
        let idle = self.rooms.values().filter(|behind| !behind.reading);
        idle.map(|behind| behind.due).min()
    }

    /// A read has ended, and what it brought is applied; [`Self::settle`] comes next.
    pub fn have_read(&mut self, here: Here<'_>, brought: Brought, now: Instant) {
        let Some(behind) = self.rooms.get_mut(&here.room) else {
            return;
        };
        if std::mem::take(&mut behind.reading) {
            self.reads -= 1;
        }
        let (epoch, head) = here.known.unwrap_or_default();
        match brought {
            Brought::Nothing => behind.due = now + RETRY,
            // What the store has not any more is gone with the messages that it was about.
            Brought::Events(to) if epoch == behind.epoch && head < to => behind.read_anew(now),
            Brought::Events(_) => behind.due = now,
            Brought::Room => {
                behind.anew = false;
                behind.due = now;
                if behind.epoch != epoch {
                    // The store knows nothing of it: it was an epoch that has passed.
                    behind.waiting.clear();
                    self.bytes -= std::mem::take(&mut behind.bytes);
                    behind.newest = head;
                    epoch.clone_into(&mut behind.epoch);
                }
                behind.head = head;
                behind.look_how_far(now);
            }
        }
    }

    /// A room is to be read anew.
    pub fn read_anew(&mut self, here: Here<'_>, now: Instant) {
        let (epoch, head) = here.known.unwrap_or_default();
        if let Some(behind) = self.note(here, epoch, head, now) {
            behind.read_anew(now);
        }
    }

    /// Takes the acks that wait in a room out.
    pub fn take_acks(&mut self, room: RoomId) -> Vec<A> {
        let acks = self.rooms.get_mut(&room).map(|behind| &mut behind.acks);
        let acks = acks.map(std::mem::take).unwrap_or_default();
        self.acks -= acks.len();
        acks.into_iter().map(|(_, ack)| ack).collect()
    }

    /// Forgets a room that is gone; returns the acks that waited for them.
    pub fn forget(&mut self, room: RoomId) -> Vec<A> {
        let Some(behind) = self.rooms.remove(&room) else {
            return Vec::new();
        };
        self.bytes -= behind.bytes;
        self.acks -= behind.acks.len();
        self.reads -= usize::from(behind.reading);
        behind.acks.into_iter().map(|(_, ack)| ack).collect()
    }

    /// An event that the store has and that is not the next one; `None` when it means nothing.
    fn note(
        &mut self,
        here: Here<'_>,
        epoch: &str,
        seq: Seq,
        now: Instant,
    ) -> Option<&mut Behind<T, A>> {
        let behind = self.rooms.entry(here.room).or_insert_with(|| Behind {
            epoch: epoch.to_owned(),
            waiting: BTreeMap::new(),
            bytes: 0,
            acks: Vec::new(),
            head: here.known.map_or_else(Seq::default, |(_, head)| head),
            newest: seq,
            anew: false,
            only_far: false,
            reading: false,
            due: now + PATIENCE,
        });
        let known = here.head(epoch);
        if behind.epoch != epoch {
            if known.is_some() {
                // The room is about to be numbered anew, and this is of the old numbering.
                return None;
            }
            behind.waiting.clear();
            self.bytes -= std::mem::take(&mut behind.bytes);
            behind.newest = seq;
            epoch.clone_into(&mut behind.epoch);
        }
        behind.newest = behind.newest.max(seq);
        match known {
            Some(head) => {
                behind.head = head;
                behind.look_how_far(now);
            }
            None => behind.read_anew(now),
        }
        Some(behind)
    }
}

#[cfg(test)]
mod tests;
