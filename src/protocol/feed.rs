//! Feed frames, types 10 and up: what the page and new clients hear.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use super::{envelope, frame, json};
use crate::chat::message::{By, Change, Event, Message};
use crate::chat::person::{Kind, Person, Role};
use crate::error::Error;
use crate::text::catalog::Lang;
use crate::text::content::{self, Format};

/// The version of the feed protocol spoken here.
pub const VERSION: u32 = 1;

/// Who a client is, as he himself is told.
#[derive(Debug, Clone, Serialize)]
pub struct Me {
    /// As the others see him.
    #[serde(flatten)]
    pub person: Person,
    /// What he may do beyond talking.
    pub role: Role,
    /// Whether he may talk.
    pub may_write: bool,
}

/// A room's name and place in time.
#[derive(Debug, Clone, Serialize)]
pub struct RoomHead {
    /// The room's id.
    pub id: i64,
    /// Its name in the client's language.
    pub name: String,
    /// The seq of its newest event.
    pub head: i64,
    /// What `head` counts in.
    pub epoch: String,
}

/// The limits that a client should know before it meets them.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limits {
    /// Longest message, in Unicode scalar values.
    pub message_chars: usize,
    /// How long an author may recall, in ms.
    pub recall_window: u64,
    /// Messages a minute, 0 = no limit.
    pub messages_per_minute: u32,
}

/// Type 11.
#[derive(Debug, Clone, Serialize)]
pub struct Welcome {
    /// [`VERSION`].
    pub v: u32,
    /// Who the client is.
    pub me: Me,
    /// The connection's id, for logs of both sides.
    pub connection: String,
    /// The server's time, ms since 1970.
    pub now: i64,
    /// The rooms the client is in.
    pub rooms: Vec<RoomHead>,
    /// The limits.
    pub limits: Limits,
}

/// Type 27 and the API's `people`: who and how many are online in a room.
#[derive(Debug, Clone, Serialize)]
pub struct Presence {
    /// The room.
    pub room: i64,
    /// Distinct people.
    pub people: usize,
    /// Open connections.
    pub connections: usize,
    /// Who they are, while they are few enough to be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Vec<Person>>,
}

/// A person as the page gets him.
#[derive(Debug, Serialize)]
struct PersonView<'a> {
    id: &'a str,
    kind: Kind,
    name: &'a str,
    avatar: Cow<'a, str>,
    place: &'a str,
}

impl<'a> From<&'a Person> for PersonView<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            id: &person.id,
            kind: person.kind,
            name: &person.name,
            avatar: person.own_avatar(),
            place: &person.place,
        }
    }
}

/// A message as the page gets it, by socket or API.
#[derive(Debug, Serialize)]
pub struct MessageView<'a> {
    id: i64,
    seq: i64,
    rev: i64,
    at: i64,
    by: PersonView<'a>,
    #[serde(flatten)]
    words: Words,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
}

impl<'a> From<&'a Message> for MessageView<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            id: message.id,
            seq: message.seq,
            rev: message.rev,
            at: message.at,
            by: PersonView::from(&message.by),
            words: Words::new(&message.content, message.format),
            edited: message.edited.filter(|_| !message.recalled),
            recalled: message.recalled,
        }
    }
}

/// What a message says: as text, and as HTML where that is more than the escaped text.
#[derive(Debug, Serialize)]
struct Words {
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

impl Words {
    fn new(content: &str, format: Format) -> Self {
        let html = content::page_html(content, format);
        let content = content::plain(content, format);
        let mut escaped = String::with_capacity(content.len());
        content::escape(&content, &mut escaped);
        Self {
            html: (html != escaped).then_some(html),
            content,
        }
    }
}

/// Type 11: who are you, where are the rooms.
#[must_use]
pub fn welcome(welcome: &Welcome) -> Bytes {
    envelope(11, welcome)
}

/// Type 13: it is on disk. `nonce` is the sender's.
#[must_use]
pub fn ack(nonce: Uuid, room: i64, id: i64, seq: i64, at: i64) -> Bytes {
    #[derive(Serialize)]
    struct Ack {
        nonce: Uuid,
        room: i64,
        id: i64,
        seq: i64,
        at: i64,
    }
    envelope(
        13,
        &Ack {
            nonce,
            room,
            id,
            seq,
            at,
        },
    )
}

/// Type 15: not granted. Classic clients get it too, and ignore the number they do not know.
#[must_use]
pub fn error(error: &Error, lang: Lang, nonce: Option<Uuid>) -> Bytes {
    envelope(15, &ErrorView::new(error, lang, nonce))
}

/// A refusal as clients read it, by socket or API.
#[derive(Debug, Serialize)]
pub struct ErrorView {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl ErrorView {
    /// The view of `error` for a reader of `lang`.
    #[must_use]
    pub fn new(error: &Error, lang: Lang, nonce: Option<Uuid>) -> Self {
        Self {
            code: error.code(),
            message: error.message(lang),
            nonce,
            retry_after: error.retry_after(),
        }
    }
}

/// The JSON of an event's data, the same in events and batches.
#[must_use]
pub fn event_data(event: &Event) -> Bytes {
    #[derive(Serialize)]
    struct Said<'a> {
        room: i64,
        seq: i64,
        kind: &'static str,
        message: MessageView<'a>,
    }
    #[derive(Serialize)]
    struct Changed<'a> {
        room: i64,
        seq: i64,
        kind: &'static str,
        id: i64,
        at: i64,
        by: ByView<'a>,
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        words: Option<Words>,
    }
    #[derive(Serialize)]
    struct ByView<'a> {
        id: &'a str,
        name: &'a str,
    }
    let (room, seq, kind) = (event.room, event.seq, event.change.kind());
    let changed = |id, at, by: &By, words| {
        let by = ByView {
            id: &by.id,
            name: &by.name,
        };
        json(&Changed {
            room,
            seq,
            kind,
            id,
            at,
            by,
            words,
        })
    };
    Bytes::from(match &event.change {
        Change::Said(message) => json(&Said {
            room,
            seq,
            kind,
            message: MessageView::from(message.as_ref()),
        }),
        Change::Edited {
            id,
            at,
            by,
            content,
            format,
        } => changed(*id, *at, by, Some(Words::new(content, *format))),
        Change::Recalled { id, at, by } => changed(*id, *at, by, None),
    })
}

/// Type 17 around the JSON of [`event_data`].
#[must_use]
pub fn event(data: &[u8]) -> Bytes {
    let mut out = b"{\"type\":17,\"data\":".to_vec();
    out.extend_from_slice(data);
    out.push(b'}');
    frame::text(&out)
}

/// Type 19: what a resume missed, as JSON of [`event_data`] in order. `more` says that another
/// one follows.
#[must_use]
pub fn batch(room: i64, epoch: &str, events: &[&[u8]], more: bool) -> Bytes {
    let mut out = format!("{{\"type\":19,\"data\":{{\"room\":{room},\"epoch\":").into_bytes();
    out.extend_from_slice(&json(&epoch));
    out.extend_from_slice(b",\"events\":[");
    out.extend_from_slice(&events.join(&b','));
    out.extend_from_slice(format!("],\"more\":{more}}}}}").as_bytes());
    frame::text(&out)
}

/// Type 21: forget what you have of this room and show this.
#[must_use]
pub fn reset<'a>(
    room: i64,
    epoch: &str,
    head: i64,
    page: impl Iterator<Item = &'a Message>,
) -> Bytes {
    #[derive(Serialize)]
    struct Reset<'a> {
        room: i64,
        epoch: &'a str,
        head: i64,
        page: Vec<MessageView<'a>>,
    }
    let page = page.map(MessageView::from).collect();
    envelope(
        21,
        &Reset {
            room,
            epoch,
            head,
            page,
        },
    )
}

/// Type 27: who is online.
#[must_use]
pub fn presence(presence: &Presence) -> Bytes {
    envelope(27, presence)
}

/// Type 31: where a room is, for clients that missed something without noticing.
#[must_use]
pub fn head(room: i64, epoch: &str, seq: i64) -> Bytes {
    #[derive(Serialize)]
    struct Head<'a> {
        room: i64,
        epoch: &'a str,
        seq: i64,
    }
    envelope(31, &Head { room, epoch, seq })
}

/// Type 29: the connection is about to end. `retry_after` in seconds.
#[must_use]
pub fn bye(reason: &str, retry_after: Option<f64>) -> Bytes {
    #[derive(Serialize)]
    struct Bye<'a> {
        reason: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<f64>,
    }
    envelope(
        29,
        &Bye {
            reason,
            retry_after,
        },
    )
}
