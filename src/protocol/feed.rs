//! Feed frames, types 10 and up: what the page and new clients get.

use bytes::Bytes;
use serde::Serialize;
use uuid::Uuid;

use super::view::{MessageView, Presence, RoomView};
use super::{envelope, frame, json, kinds};
use crate::config::Uploaders;
use crate::error::Error;
use crate::model::command::Ack;
use crate::model::membership::FeedPosition;
use crate::model::membership::GoneReason;
use crate::model::message::Message;
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::model::policy::may_upload;
use crate::model::principal::Principal;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::text::catalog::Lang;

/// The version of the feed protocol spoken here.
pub const VERSION: u32 = 1;

/// The limits that a client should know before it meets them.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limits {
    /// Longest message, in Unicode scalar values.
    pub message_chars: usize,
    /// How long an author may recall, in ms.
    pub recall_window: u64,
    /// Messages a minute, 0 = no limit.
    pub messages_per_minute: u32,
    /// What the person may send of files.
    pub files: FileLimits,
}

/// The limits of files.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FileLimits {
    /// Whether the person may send any.
    pub may: bool,
    /// Whether the person may send a voice.
    pub voice: bool,
    /// Length of the longest voice, in ms.
    pub voice_ms: u64,
    /// Size of the largest, in bytes.
    pub file_bytes: u64,
    /// Size of the largest picture, in bytes.
    pub picture_bytes: u64,
    /// Files in one message.
    pub each: usize,
}

impl FileLimits {
    /// The limits for `principal`, where the operator lets `files` send files and `voices` send voices.
    #[must_use]
    pub fn of(self, principal: &Principal, files: Uploaders, voices: Uploaders) -> Self {
        Self {
            may: may_upload(principal, files).is_ok(),
            voice: may_upload(principal, voices).is_ok(),
            ..self
        }
    }
}

/// Type 11: the answer to hello.
#[derive(Debug, Clone, Serialize)]
pub struct Welcome {
    /// The version of the protocol, [`VERSION`].
    pub v: u32,
    /// The person whose connection it is.
    pub me: Principal,
    /// The connection's id, for logs of both sides.
    pub connection: String,
    /// The server's time, ms since 1970.
    pub now: i64,
    /// The rooms of this person, the lobby first.
    pub rooms: Vec<RoomView>,
    /// The limits that the server enforces.
    pub limits: Limits,
}

/// Type 11: who are you, where are the rooms.
#[must_use]
pub fn welcome(welcome: &Welcome) -> Bytes {
    envelope(kinds::WELCOME, welcome)
}

/// Type 13: it is on disk. `nonce` is the sender's.
#[must_use]
pub fn ack(nonce: Uuid, ack: &Ack) -> Bytes {
    #[derive(Serialize)]
    struct Acked<'a> {
        nonce: Uuid,
        #[serde(flatten)]
        ack: &'a Ack,
    }
    envelope(kinds::ACK, &Acked { nonce, ack })
}

/// Type 15: not granted. Classic clients get it too, and ignore the number they do not know.
#[must_use]
pub fn error(error: &Error, lang: Lang, nonce: Option<Uuid>) -> Bytes {
    envelope(kinds::ERROR, &ErrorView::new(error, lang, nonce))
}

/// Type 15: the room that was asked for cannot be opened now.
#[must_use]
pub fn not_opened(error: &Error, lang: Lang, room: RoomId) -> Bytes {
    let room = Some(room);
    envelope(
        kinds::ERROR,
        &ErrorView {
            room,
            ..ErrorView::new(error, lang, None)
        },
    )
}

/// A refusal as clients read it, by socket or API.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Error)]
pub struct ErrorView {
    /// Which refusal it is; it never changes.
    code: &'static str,
    /// The error for the person, in their language.
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    nonce: Option<Uuid>,
    /// The room that was to be opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    room: Option<RoomId>,
    /// Seconds to wait, where waiting helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

/// The answer of the API to what is refused.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RefusedAnswer {
    /// The error that it was refused with.
    pub error: ErrorView,
}

impl ErrorView {
    /// The view of `error` for a reader of `lang`.
    #[must_use]
    pub fn new(error: &Error, lang: Lang, nonce: Option<Uuid>) -> Self {
        Self {
            code: error.code(),
            message: error.message(lang),
            nonce,
            room: None,
            retry_after: error.retry_after(),
        }
    }
}

/// Type 17 around the JSON of [`event_data`](super::view::event_data).
#[must_use]
pub fn event(data: &[u8]) -> Bytes {
    let mut out = format!("{{\"type\":{},\"data\":", kinds::EVENT).into_bytes();
    out.extend_from_slice(data);
    out.push(b'}');
    frame::text(&out)
}

/// Type 19: what a resume missed, as JSON of [`event_data`](super::view::event_data) in order. `more`
/// says that another one follows.
#[must_use]
pub fn batch(room: RoomId, epoch: &str, events: &[&[u8]], more: bool) -> Bytes {
    let mut out = format!(
        "{{\"type\":{},\"data\":{{\"room\":{room},\"epoch\":",
        kinds::BATCH
    )
    .into_bytes();
    out.extend_from_slice(&json(&epoch));
    out.extend_from_slice(b",\"events\":[");
    out.extend_from_slice(&events.join(&b','));
    out.extend_from_slice(format!("],\"more\":{more}}}}}").as_bytes());
    frame::text(&out)
}

/// Type 21: forget what you have of this room and show this.
#[must_use]
pub fn reset<'a>(
    room: RoomId,
    epoch: &str,
    head: Seq,
    page: impl Iterator<Item = &'a Message>,
) -> Bytes {
    #[derive(Serialize)]
    struct Reset<'a> {
        room: RoomId,
        epoch: &'a str,
        head: Seq,
        page: Vec<MessageView<'a>>,
    }
    let page = page.map(MessageView::from).collect();
    envelope(
        kinds::RESET,
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
    envelope(kinds::PRESENCE, presence)
}

/// Type 23: who types in a room; `more` are not named.
#[must_use]
pub fn typing(room: RoomId, who: &[PersonRef], more: usize) -> Bytes {
    #[derive(Serialize)]
    struct Typing<'a> {
        room: RoomId,
        who: &'a [PersonRef],
        more: usize,
    }
    envelope(kinds::TYPERS, &Typing { room, who, more })
}

/// Type 25: where a person has read up to, for all of their connections.
#[must_use]
pub fn read(room: RoomId, mark: FeedPosition, unread: i64, mentions: i64) -> Bytes {
    #[derive(Serialize)]
    struct Read {
        room: RoomId,
        read: Seq,
        unread: i64,
        mentions: i64,
    }
    envelope(
        kinds::READ_MARKER,
        &Read {
            room,
            read: mark.seq,
            unread,
            mentions,
        },
    )
}

/// Type 33: rooms that are new to a client or another than before; each whole or in part.
#[must_use]
pub fn rooms<T: Serialize>(rooms: &[T]) -> Bytes {
    #[derive(Serialize)]
    struct Rooms<'a, T> {
        rooms: &'a [T],
    }
    envelope(kinds::ROOMS, &Rooms { rooms })
}

/// Type 35: a room is not the client's any more, or never was; `why` says which.
#[must_use]
pub fn gone(room: RoomId, why: GoneReason) -> Bytes {
    #[derive(Serialize)]
    struct Gone {
        room: RoomId,
        why: GoneReason,
    }
    envelope(kinds::GONE, &Gone { room, why })
}

/// Type 37: up to where the members of a small room have read.
#[must_use]
pub fn seen(room: RoomId, read_markers: &[(PersonId, Seq)]) -> Bytes {
    #[derive(Serialize)]
    struct Seen {
        room: RoomId,
        #[serde(rename = "marks")]
        read_markers: Vec<SeenBy>,
    }
    #[derive(Serialize)]
    struct SeenBy {
        id: PersonId,
        seq: Seq,
    }
    let read_markers = read_markers
        .iter()
        .map(|(id, seq)| SeenBy { id: *id, seq: *seq });
    let read_markers = read_markers.collect();
    envelope(kinds::SEEN, &Seen { room, read_markers })
}

/// Type 31: where a room is, for clients that missed something without noticing.
#[must_use]
pub fn head(room: RoomId, epoch: &str, seq: Seq) -> Bytes {
    #[derive(Serialize)]
    struct Head<'a> {
        room: RoomId,
        epoch: &'a str,
        seq: Seq,
    }
    envelope(kinds::HEAD, &Head { room, epoch, seq })
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
        kinds::BYE,
        &Bye {
            reason,
            retry_after,
        },
    )
}
