//! Where people have read up to.
//!
//! Known here at once, told to a person's other connections at once, and written to the store in
//! groups: a crash can take the marks of the last [`EVERY`], never a message. Bounded by the seats
//! that changed in that time.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use actix::{ActorFutureExt, AsyncContext, Context, fut::wrap_future};

use super::ChatServer;
use crate::chat::about::Kind;
use crate::chat::directory::{Mark, Notify};
use crate::chat::message::LOBBY;
use crate::protocol::feed;
use crate::protocol::request::Read;
use crate::store::db::Db;
use crate::store::marks::{self, Marked};
use crate::ws::ConnId;
use crate::ws::hub::{Tell, Then};

/// How often marks are written.
const EVERY: Duration = Duration::from_secs(2);

/// A mark so many events away from the reader's last one, or from the head, is counted exactly: it
/// costs the store a look at each of them, 1 ms in all.
const COUNTED: i64 = 10_000;

/// Marks that are not in the store yet.
#[derive(Debug, Default)]
pub(super) struct Marks {
    timed: bool,
    moved: HashSet<(i64, String)>,
    /// The seqs up to which the store counts now: what a person says of a room later takes the place of
    /// what he said before.
    counting: HashMap<(i64, String), i64>,
}

impl ChatServer {
    /// Somebody has read up to somewhere, or says that he has not.
    pub(super) fn read(&mut self, conn: ConnId, read: &Read, ctx: &mut Context<Self>) {
        let Some(member) = self.sessions.get(&conn) else {
            return;
        };
        let id = member.id.clone();
        if self.may_read(conn, read.room).is_err() {
            return;
        }
        let Some(entry) = self.directory.get(read.room) else {
            return;
        };
        let head = entry.head;
        let seq = read.seq.clamp(0, head.seq);
        let before = entry.seats.get(&id).map_or(head, |seat| seat.mark);
        if !read.unread && seq <= before.seq {
            return;
        }
        if seq == head.seq {
            return self.mark(read.room, &id, head, ctx);
        }
        let Some(hall) = self.halls.get(&read.room) else {
            return;
        };
        let (after, all) = hall.room.said_after(seq);
        let far = |mark: &Mark| (mark.seq - seq).abs();
        let nearer = if far(&before) < far(&head) {
            before
        } else {
            head
        };
        if all || far(&nearer) > COUNTED {
            // Further away than is counted, the number of those in memory is the least there can be.
            let said = (head.said - after).max(0);
            self.mark(read.room, &id, Mark { seq, said }, ctx);
        } else {
            self.count(read.room, id, seq, nearer, ctx);
        }
    }

    /// Asks the store how many messages are between a mark and `seq`, then puts the mark there.
    fn count(&mut self, room: i64, id: String, seq: i64, from: Mark, ctx: &mut Context<Self>) {
        self.marks.counting.insert((room, id.clone()), seq);
        let store = self.store.clone();
        let (low, high) = (from.seq.min(seq), from.seq.max(seq));
        let counting = async move {
            let count = move |db: &mut dyn Db| marks::said_between(db, room, low, high);
            store.read(count).await
        };
        ctx.spawn(
            wrap_future(counting).map(move |counted, server: &mut Self, ctx| {
                let key = (room, id);
                if server.marks.counting.get(&key) != Some(&seq) {
                    return;
                }
                match counted {
                    Ok(count) => {
                        let count = if seq < from.seq { -count } else { count };
                        let said = (from.said + count).max(0);
                        server.mark(room, &key.1, Mark { seq, said }, ctx);
                    }
                    Err(error) => tracing::warn!(%error, "a read mark was not counted"),
                }
                server.marks.counting.remove(&key);
            }),
        );
    }

    fn mark(&mut self, room: i64, id: &str, mark: Mark, ctx: &mut Context<Self>) {
        self.marks.counting.remove(&(room, id.to_owned()));
        let head = self.directory.get(room).map(|entry| entry.head);
        let Some(seat) = self.directory.seat_mut(room, id) else {
            return;
        };
        seat.mark = mark;
        if Some(mark) == head {
            seat.mentions = 0;
        }
        let tells = self.moved(room, id, ctx);
        self.fanout.send(&[], tells);
        self.stir_seen(room, ctx);
    }

    /// Somebody spoke: he has read everything until then. Gives what he is to be told.
    pub(super) fn spoke(&mut self, room: i64, id: &str, ctx: &mut Context<Self>) -> Vec<Tell> {
        let Some(head) = self.directory.get(room).map(|entry| entry.head) else {
            return Vec::new();
        };
        // In the lobby a mark is kept of those who have one.
        let known = room != LOBBY
            || self
                .directory
                .get(room)
                .is_some_and(|entry| entry.seats.contains_key(id));
        if known && let Some(seat) = self.directory.seat_mut(room, id) {
            seat.mark = head;
            seat.mentions = 0;
            self.marks.counting.remove(&(room, id.to_owned()));
            self.stir_seen(room, ctx);
            return self.moved(room, id, ctx);
        }
        Vec::new()
    }

    /// What a person's connections are to be told of a mark that has moved; the store gets it in a
    /// while.
    fn moved(&mut self, room: i64, id: &str, ctx: &mut Context<Self>) -> Vec<Tell> {
        self.keep_mark(room, id, ctx);
        let Some(entry) = self.directory.get(room) else {
            return Vec::new();
        };
        let Some(seat) = entry.seats.get(id) else {
            return Vec::new();
        };
        let unread = entry.unread(seat.mark);
        let mentions = match entry.kind {
            Kind::Direct => unread,
            _ => i64::from(seat.mentions),
        };
        let frames = feed::read(room, seat.mark, unread, mentions);
        let conns = self.feeds_of(id).into_iter();
        let tells = conns.map(|to| Tell {
            to,
            frames: frames.clone(),
            then: Then::Nothing,
        });
        tells.collect()
    }

    /// Somebody wants to be told of more, or less.
    pub(super) fn notify(
        &mut self,
        room: i64,
        id: &str,
        level: Option<Notify>,
        ctx: &mut Context<Self>,
    ) -> bool {
        let Some(seat) = self.directory.seat_mut(room, id) else {
            return false;
        };
        seat.notify = level;
        self.keep_mark(room, id, ctx);
        true
    }

    fn keep_mark(&mut self, room: i64, id: &str, ctx: &mut Context<Self>) {
        if !id.starts_with('u') {
            return;
        }
        self.marks.moved.insert((room, id.to_owned()));
        if !std::mem::replace(&mut self.marks.timed, true) {
            ctx.run_later(EVERY, |server, _| server.keep_marks());
        }
    }

    /// Hands the marks that have moved to the store.
    pub(super) fn keep_marks(&mut self) {
        self.marks.timed = false;
        let moved = std::mem::take(&mut self.marks.moved);
        let marked = moved.into_iter().filter_map(|(room, person)| {
            let seat = *self.directory.get(room)?.seats.get(&person)?;
            Some(Marked { room, person, seat })
        });
        let marked: Vec<Marked> = marked.collect();
        if marked.is_empty() {
            return;
        }
        let kept = self
            .store
            .writer()
            .later(move |db| marks::keep(db, &marked));
        if let Err(error) = kept {
            tracing::warn!(%error, "read marks were not kept");
        }
    }
}
