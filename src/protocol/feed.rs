//! Feed frames, types 10 and up: what the page and new clients hear.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use super::{envelope, frame, json};
use crate::chat::message::{Change, Event, Message};
use crate::chat::person::{Kind, Person, Role};
use crate::error::Error;
use crate::text::catalog::Lang;
use crate::text::content;

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
    at: i64,
    by: PersonView<'a>,
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
}

impl<'a> From<&'a Message> for MessageView<'a> {
    fn from(message: &'a Message) -> Self {
        let content = content::plain(&message.content, message.format);
        let html = content::page_html(&message.content, message.format);
        let mut escaped = String::with_capacity(content.len());
        content::escape(&content, &mut escaped);
        Self {
            id: message.id,
            seq: message.seq,
            at: message.at,
            by: PersonView::from(&message.by),
            html: (html != escaped).then_some(html),
            content,
            recalled: message.recalled,
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
    struct By<'a> {
        id: &'a str,
        name: &'a str,
    }
    #[derive(Serialize)]
    struct Recalled<'a> {
        room: i64,
        seq: i64,
        kind: &'static str,
        id: i64,
        at: i64,
        by: By<'a>,
    }
    let (room, seq) = (event.room, event.seq);
    Bytes::from(match &event.change {
        Change::Said(message) => json(&Said {
            room,
            seq,
            kind: "message",
            message: MessageView::from(message.as_ref()),
        }),
        Change::Recalled {
            id,
            at,
            by_id,
            by_name,
        } => json(&Recalled {
            room,
            seq,
            kind: "recall",
            id: *id,
            at: *at,
            by: By {
                id: by_id,
                name: by_name,
            },
        }),
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

/// Type 19: what a resume missed, as JSON of [`event_data`] in order.
#[must_use]
pub fn batch<'a>(room: i64, epoch: &str, events: impl Iterator<Item = &'a [u8]>) -> Bytes {
    let mut out = format!("{{\"type\":19,\"data\":{{\"room\":{room},\"epoch\":").into_bytes();
    out.extend_from_slice(&json(&epoch));
    out.extend_from_slice(b",\"events\":[");
    for (place, event) in events.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.extend_from_slice(event);
    }
    out.extend_from_slice(b"],\"more\":false}}");
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
