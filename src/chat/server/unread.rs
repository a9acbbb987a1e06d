//! What people are sent about rooms that they have in the background: counts, not messages.
//!
//! Coalesced: at most one frame for each connection in [`EVERY`], whatever happens in all of its
//! rooms. Nothing is kept for people who are offline; the counts are in the room registry.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{AsyncContext, Context};
use serde::Serialize;

use crate::chat::server::{ChatServer, Connection};
use crate::delivery::{AfterSend, ConnId, Unicast};
use crate::model::event::{Event, EventContent};
use crate::model::file::{File, FileKind};
use crate::model::membership::{Notify, RoomRole};
use crate::model::message::{LOBBY, Message};
use crate::model::message_id::MessageId;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::model::room_id::RoomId;
use crate::model::room_registry::RoomRecord;
use crate::model::seq::Seq;
use crate::protocol::feed;
use crate::protocol::view::PersonHere;
use crate::text::body::SNIPPET;

/// How often a connection is sent counts.
const EVERY: Duration = Duration::from_secs(1);

/// Recalls of one room that are sent in one part: more in so short a time is a raid that is being cleared
/// away, and its notifications have taken each other's place.
const WITHDRAWN: usize = 100;

/// What has not been sent yet.
#[derive(Debug, Default)]
pub(super) struct UnreadCounters {
    timed: bool,
    sent: Option<Instant>,
    /// Rooms with a new message.
    said: HashMap<RoomId, Said>,
    /// Messages that were recalled, by their rooms.
    withdrawn: HashMap<RoomId, Vec<MessageId>>,
    /// Direct rooms in which a person's presence has changed.
    company: HashSet<RoomId>,
}

#[derive(Debug, Default)]
struct Said {
    /// The newest message of the room.
    last: Option<Arc<Message>>,
    /// The newest message that mentions a person, by their id.
    mentions: HashMap<PersonId, Arc<Message>>,
    /// The newest that mentions everybody.
    to_all: Option<Arc<Message>>,
}

/// What one connection is sent about one room.
#[derive(Debug, Serialize)]
struct Part<'a> {
    id: RoomId,
    #[serde(flatten)]
    numbers: Option<Numbers>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    withdrawn: &'a [MessageId],
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<Vec<PersonHere>>,
}

#[derive(Debug, Serialize)]
struct Numbers {
    head: Seq,
    at: Option<i64>,
    unread: i64,
    mentions: i64,
    /// What the person is notified of.
    #[serde(rename = "call", skip_serializing_if = "Option::is_none")]
    notification: Option<Notification>,
}

/// A message that is worth a notification.
#[derive(Debug, Serialize)]
struct Notification {
    id: MessageId,
    at: i64,
    mention: bool,
    #[serde(flatten)]
    line: Rc<Line>,
}

/// What a notification says of a message: made once, however many connections get it.
#[derive(Debug, Serialize)]
struct Line {
    by: PersonRef,
    text: String,
    /// What its first file is, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileKind>,
}

/// The notification texts of messages, by message id.
type Lines = HashMap<MessageId, Rc<Line>>;

impl Said {
    /// Brings the message of `event` up to date, and takes out whom it does not mention any more.
    fn settle(&mut self, event: &Event) {
        let of = event.change.message();
        let now = |message: &mut Arc<Message>| {
            if Some(message.id) == of {
                *message = Arc::new(message.after(event));
            }
        };
        self.last.iter_mut().for_each(now);
        self.to_all.iter_mut().for_each(now);
        self.mentions.values_mut().for_each(now);
        self.last.take_if(|message| message.recalled);
        self.to_all.take_if(|message| !message.mentions.all);
        self.mentions
            .retain(|id, message| message.mentions.people.contains(id));
    }
}

impl UnreadCounters {
    pub(super) fn company(&mut self, room: RoomId) {
        self.company.insert(room);
    }

    /// Drops what was to be sent about a room that was deleted.
    pub(super) fn remove_room(&mut self, room: RoomId) {
        self.said.remove(&room);
        self.withdrawn.remove(&room);
        self.company.remove(&room);
    }
}

impl ChatServer {
    /// A message was sent to a room: those who have it in the background get new counts soon.
    pub(super) fn count_said(&mut self, message: &Arc<Message>, ctx: &mut Context<Self>) {
        let said = self.unread.said.entry(message.room).or_default();
        said.last = Some(Arc::clone(message));
        if message.mentions.all {
            said.to_all = Some(Arc::clone(message));
        }
        for id in &message.mentions.people {
            said.mentions.insert(*id, Arc::clone(message));
        }
        self.count_soon(ctx);
    }

    /// A message was edited, recalled or lost a file: what was going to be sent about it is sent as it is now. When
    /// a person has less unread than before, those who got counts get them again.
    pub(super) fn count_changed(&mut self, event: &Event, less: bool, ctx: &mut Context<Self>) {
        if let Some(said) = self.unread.said.get_mut(&event.room) {
            said.settle(event);
        }
        if let EventContent::Recalled { id, .. } = event.change {
            let withdrawn = self.unread.withdrawn.entry(event.room).or_default();
            if withdrawn.len() < WITHDRAWN {
                withdrawn.push(id);
            }
        }
        if less {
            self.count_less(event.room, ctx);
        }
    }

    /// A person has less unread in a room than before: those who have it in the background get counts soon.
    pub(super) fn count_less(&mut self, room: RoomId, ctx: &mut Context<Self>) {
        self.unread.said.entry(room).or_default();
        self.count_soon(ctx);
    }

    /// Takes the name of the person `id` out of what is going to be sent.
    pub(super) fn count_nameless(&mut self, id: PersonId) {
        for said in self.unread.said.values_mut() {
            let messages = said.last.iter_mut().chain(said.to_all.iter_mut());
            for message in messages.chain(said.mentions.values_mut()) {
                if let Some(nameless) = message.without(id) {
                    *message = Arc::new(nameless);
                }
            }
        }
    }

    pub(super) fn count_soon(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.unread.timed, true) {
            return;
        }
        let since = self.unread.sent.map(|sent| sent.elapsed());
        let wait = since.map_or(Duration::ZERO, |since| EVERY.saturating_sub(since));
        ctx.run_later(wait, |server, _| server.send_numbers());
    }

    fn send_numbers(&mut self) {
        self.unread.timed = false;
        self.unread.sent = Some(Instant::now());
        let said = std::mem::take(&mut self.unread.said);
        let withdrawn = std::mem::take(&mut self.unread.withdrawn);
        let mut parts: HashMap<ConnId, Vec<Part<'_>>> = HashMap::new();
        let mut lines = Lines::new();
        for (room, said) in said {
            let Some(record) = self.registry.get(room) else {
                continue;
            };
            let withdrawn = withdrawn.get(&room).map_or(&[][..], Vec::as_slice);
            for (conn, connection) in self.in_background(room, record) {
                parts.entry(conn).or_default().push(Part {
                    id: room,
                    numbers: Some(numbers(
                        record,
                        &said,
                        connection.principal.id(),
                        &mut lines,
                    )),
                    withdrawn,
                    with: None,
                });
            }
        }
        for room in std::mem::take(&mut self.unread.company) {
            let Some(record) = self.registry.get(room) else {
                continue;
            };
            for id in record.memberships.keys() {
                for conn in self.feeds_of(*id, room) {
                    parts.entry(conn).or_default().push(Part {
                        id: room,
                        numbers: None,
                        withdrawn: &[],
                        with: Some(self.company(record, *id).collect()),
                    });
                }
            }
        }
        let unicasts = parts.into_iter().map(|(to, parts)| Unicast {
            to,
            frames: feed::rooms(&parts),
            after: AfterSend::Nothing,
        });
        self.fanout.send(&[], unicasts.collect());
    }

    /// The connections of a room's people that have another room open.
    fn in_background(&self, room: RoomId, record: &RoomRecord) -> Vec<(ConnId, &Connection)> {
        let elsewhere = |connection: &Connection| {
            connection.feed && connection.open != Some(room) && connection.principal.reaches(room)
        };
        if room == LOBBY {
            let all = self.connections.iter();
            let is_out = |connection: &Connection| {
                record.role(connection.principal.id()) == Some(RoomRole::Banned)
            };
            return all
                .filter(|(_, connection)| elsewhere(connection) && !is_out(connection))
                .map(|(conn, connection)| (*conn, connection))
                .collect();
        }
        let memberships = record
            .memberships
            .iter()
            .filter(|(_, membership)| membership.room_role.is_in());
        let conns = memberships.flat_map(|(id, _)| self.presence.connections_of(*id));
        conns
            .filter_map(|conn| Some((*conn, self.connections.get(conn)?)))
            .filter(|(_, connection)| elsewhere(connection))
            .collect()
    }

    /// The feed connections of a person that may hear of a room.
    pub(super) fn feeds_of(&self, id: PersonId, room: RoomId) -> Vec<ConnId> {
        let is_feed = |conn: &&ConnId| {
            self.connections
                .get(conn)
                .is_some_and(|connection| connection.feed && connection.principal.reaches(room))
        };
        let all = self.presence.connections_of(id).iter();
        all.filter(is_feed).copied().collect()
    }
}

fn numbers(record: &RoomRecord, said: &Said, id: PersonId, lines: &mut Lines) -> Numbers {
    let membership = record.memberships.get(&id);
    let read_marker = membership.map_or(record.head, |membership| membership.read_marker);
    // Another device of theirs may have read it meanwhile.
    let read = membership.map_or(Seq(0), |membership| membership.read_marker.seq);
    let notifies = |message: &&Arc<Message>| message.by.id != id && message.seq > read;
    let own = said.mentions.get(&id).into_iter().chain(&said.to_all);
    let own = own.filter(notifies).max_by_key(|message| message.seq);
    let worth = match membership.and_then(|membership| membership.notify) {
        Some(Notify::None) => None,
        Some(Notify::Mentions) if record.kind != RoomKind::Direct => own,
        // Without a level for this room, the person's client knows their default.
        _ => own.or(said.last.as_ref()).filter(notifies),
    };
    Numbers {
        head: record.head.seq,
        at: record.at,
        unread: record.unread(read_marker),
        mentions: record.mentions(id, read_marker),
        notification: worth.map(|message| Notification {
            id: message.id,
            at: message.at,
            mention: own.is_some(),
            line: Rc::clone(lines.entry(message.id).or_insert_with(|| {
                Rc::new(Line {
                    by: PersonRef::from(&message.by),
                    text: message.body.line(SNIPPET),
                    file: File::first_kind(&message.files),
                })
            })),
        }),
    }
}
