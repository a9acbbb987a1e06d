//! What people are told of rooms that they have in the background: numbers, not what was said.
//!
//! Coalesced: at most one frame for each connection in [`EVERY`], whatever happens in all of its
//! rooms. Nothing is kept for who is not here; the numbers are in the directory.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{AsyncContext, Context};
use serde::Serialize;

use super::views::mentions;
use super::{ChatServer, Member};
use crate::chat::about::Kind;
use crate::chat::directory::{Entry, Notify};
use crate::chat::event::By;
use crate::chat::message::{LOBBY, Message};
use crate::chat::standing::Standing;
use crate::protocol::feed;
use crate::protocol::view::PersonHere;
use crate::text::words::SNIPPET;
use crate::ws::ConnId;
use crate::ws::hub::{Tell, Then};

/// How often a connection is told numbers.
const EVERY: Duration = Duration::from_secs(1);

/// Recalls of one room that are told in one part: more in so short a time is a raid that is being cleared
/// away, and its notifications have taken each other's place.
const WITHDRAWN: usize = 100;

/// What has not been told yet.
#[derive(Debug, Default)]
pub(super) struct Counters {
    timed: bool,
    told: Option<Instant>,
    /// Rooms in which something was said.
    said: HashMap<i64, Said>,
    /// Messages that were recalled, by their rooms.
    withdrawn: HashMap<i64, Vec<i64>>,
    /// Direct rooms of which somebody has come or gone.
    company: HashSet<i64>,
}

#[derive(Debug, Default)]
struct Said {
    /// The newest message.
    last: Option<Arc<Message>>,
    /// The newest that calls somebody, by his id.
    calls: HashMap<String, Arc<Message>>,
    /// The newest that calls everybody.
    to_all: Option<Arc<Message>>,
}

/// What one connection is told of one room.
#[derive(Debug, Serialize)]
struct Part<'a> {
    id: i64,
    #[serde(flatten)]
    numbers: Option<Numbers>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    withdrawn: &'a [i64],
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<Vec<PersonHere>>,
}

#[derive(Debug, Serialize)]
struct Numbers {
    head: i64,
    at: Option<i64>,
    unread: i64,
    mentions: i64,
    /// What he is notified of.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<Call>,
}

/// A message that is worth a notification.
#[derive(Debug, Serialize)]
struct Call {
    id: i64,
    at: i64,
    mention: bool,
    by: By,
    text: String,
}

impl Counters {
    pub(super) fn company(&mut self, room: i64) {
        self.company.insert(room);
    }
}

impl ChatServer {
    /// Something was said in a room: those who have it in the background are told soon.
    pub(super) fn count_said(&mut self, message: &Arc<Message>, ctx: &mut Context<Self>) {
        let said = self.counters.said.entry(message.room).or_default();
        said.last = Some(Arc::clone(message));
        if message.mentions.all {
            said.to_all = Some(Arc::clone(message));
        }
        for id in &message.mentions.people {
            said.calls.insert(id.clone(), Arc::clone(message));
        }
        self.count_soon(ctx);
    }

    /// A message was recalled: what was going to be told of it is not, and what was told is taken back.
    pub(super) fn count_recalled(&mut self, room: i64, id: i64, ctx: &mut Context<Self>) {
        let stays = |message: &Arc<Message>| message.id != id;
        if let Some(said) = self.counters.said.get_mut(&room) {
            said.last = said.last.take().filter(stays);
            said.to_all = said.to_all.take().filter(stays);
            said.calls.retain(|_, message| stays(message));
        }
        let withdrawn = self.counters.withdrawn.entry(room).or_default();
        if withdrawn.len() < WITHDRAWN {
            withdrawn.push(id);
        }
        self.count_soon(ctx);
    }

    pub(super) fn count_soon(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.counters.timed, true) {
            return;
        }
        let since = self.counters.told.map(|told| told.elapsed());
        let wait = since.map_or(Duration::ZERO, |since| EVERY.saturating_sub(since));
        ctx.run_later(wait, |server, _| server.tell_numbers());
    }

    fn tell_numbers(&mut self) {
        self.counters.timed = false;
        self.counters.told = Some(Instant::now());
        let said = std::mem::take(&mut self.counters.said);
        let withdrawn = std::mem::take(&mut self.counters.withdrawn);
        let rooms: HashSet<i64> = said.keys().chain(withdrawn.keys()).copied().collect();
        let mut parts: HashMap<ConnId, Vec<Part<'_>>> = HashMap::new();
        for room in rooms {
            let Some(entry) = self.directory.get(room) else {
                continue;
            };
            let said = said.get(&room);
            let withdrawn = withdrawn.get(&room).map_or(&[][..], Vec::as_slice);
            for (conn, member) in self.in_background(room, entry) {
                parts.entry(conn).or_default().push(Part {
                    id: room,
                    numbers: said.map(|said| numbers(entry, said, &member.id)),
                    withdrawn,
                    with: None,
                });
            }
        }
        for room in std::mem::take(&mut self.counters.company) {
            let Some(entry) = self.directory.get(room) else {
                continue;
            };
            for id in entry.seats.keys() {
                for conn in self.feeds_of(id) {
                    parts.entry(conn).or_default().push(Part {
                        id: room,
                        numbers: None,
                        withdrawn: &[],
                        with: Some(self.company(entry, id).collect()),
                    });
                }
            }
        }
        let tells = parts.into_iter().map(|(to, parts)| Tell {
            to,
            frames: feed::rooms(&parts),
            then: Then::Nothing,
        });
        self.fanout.send(&[], tells.collect());
    }

    /// The connections of a room's people that hear another room.
    fn in_background(&self, room: i64, entry: &Entry) -> Vec<(ConnId, &Member)> {
        let elsewhere = |member: &Member| member.feed && member.open != Some(room);
        if room == LOBBY {
            let all = self.sessions.iter();
            let is_out = |member: &Member| entry.standing(&member.id) == Some(Standing::Banned);
            return all
                .filter(|(_, member)| elsewhere(member) && !is_out(member))
                .map(|(conn, member)| (*conn, member))
                .collect();
        }
        let seats = entry.seats.iter().filter(|(_, seat)| seat.standing.is_in());
        let conns = seats.flat_map(|(id, _)| self.presence.connections_of(id));
        conns
            .filter_map(|conn| Some((*conn, self.sessions.get(conn)?)))
            .filter(|(_, member)| elsewhere(member))
            .collect()
    }

    /// The connections of a person that speak feed.
    pub(super) fn feeds_of(&self, id: &str) -> Vec<ConnId> {
        let is_feed = |conn: &&ConnId| self.sessions.get(conn).is_some_and(|member| member.feed);
        let all = self.presence.connections_of(id).iter();
        all.filter(is_feed).copied().collect()
    }
}

fn numbers(entry: &Entry, said: &Said, id: &str) -> Numbers {
    let seat = entry.seats.get(id);
    let others = |message: &&Arc<Message>| message.by.id != id;
    let own = said.calls.get(id).or(said.to_all.as_ref());
    let own = own.filter(others);
    let call = match seat.and_then(|seat| seat.notify) {
        Some(Notify::None) => None,
        Some(Notify::Mentions) if entry.kind != Kind::Direct => own,
        // Without a level for this room, his client knows what he likes.
        _ => own.or(said.last.as_ref()).filter(others),
    };
    Numbers {
        head: entry.head.seq,
        at: entry.at,
        unread: seat.map_or(0, |seat| entry.unread(seat.mark)),
        mentions: mentions(entry, id),
        call: call.map(|message| Call {
            id: message.id,
            at: message.at,
            mention: own.is_some(),
            by: By::from(message.by.clone()),
            text: message.words.line(SNIPPET),
        }),
    }
}
