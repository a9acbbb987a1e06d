//! Where people have read up to.
//!
//! Known here at once, told to a person's other connections at once, and written to the store in
//! groups: a crash can take the marks of the last [`EVERY`], never a message. Bounded by the seats
//! that changed in that time.

use std::collections::HashSet;
use std::time::Duration;

use actix::{AsyncContext, Context};

use super::ChatServer;
use crate::chat::about::Kind;
use crate::chat::directory::{Mark, Notify};
use crate::chat::message::LOBBY;
use crate::protocol::feed;
use crate::protocol::request::Read;
use crate::store::marks::{self, Marked};
use crate::ws::ConnId;
use crate::ws::hub::{Tell, Then};

/// How often marks are written.
const EVERY: Duration = Duration::from_secs(2);

/// Marks that are not in the store yet.
#[derive(Debug, Default)]
pub(super) struct Marks {
    timed: bool,
    moved: HashSet<(i64, String)>,
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
        let said = if seq == head.seq {
            head.said
        } else {
            // Beyond what is kept in memory the number is a lower bound.
            let Some(hall) = self.halls.get(&read.room) else {
                return;
            };
            (head.said - hall.room.said_after(seq)).max(0)
        };
        let Some(seat) = self.directory.seat_mut(read.room, &id) else {
            return;
        };
        if !read.unread && seq <= seat.mark.seq {
            return;
        }
        seat.mark = Mark { seq, said };
        if seq == head.seq {
            seat.mentions = 0;
        }
        let tells = self.moved(read.room, &id, ctx);
        self.fanout.send(&[], tells);
        self.stir_seen(read.room, ctx);
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
