//! What a client's text frame asks for.
//!
//! Owns the reading of both generations of the protocol, classic (types 1 to 6) and feed (types
//! 10 and up). It checks shapes only; what is allowed is decided in `chat/`. Unknown fields are
//! ignored: classic clients send many that the server must not believe.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::escapes::mended;
use super::kinds;
use crate::error::Error;
use crate::model::file_id::FileId;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

/// A client's wish, already of the right shape.
#[derive(Debug, PartialEq)]
pub enum Request {
    /// Classic 1: how many are online?
    Online,
    /// Classic 2: the newest records.
    History,
    /// Classic 3: a text, with the name and avatar that a nameless visitor claims.
    Text {
        /// Text with emoji tags, as the client wrote it.
        content: String,
        /// The claimed name, if any.
        nickname: Option<String>,
        /// The claimed avatar address, if any.
        avatar: Option<String>,
    },
    /// Classic 4: recalls a record.
    Recall {
        /// The record's id, which is the message's.
        id: MessageId,
        /// Whether it came in the second dialect, as the bare id.
        bare: bool,
    },
    /// Classic 6, or 5 in the second dialect: are you there? Answered under the same number.
    Ping {
        /// The number to answer under, 6 or 5.
        number: u8,
    },
    /// Feed 10: the first frame of a feed client.
    Hello(Hello),
    /// Feed 12: a new message.
    Send(Send),
    /// Feed 14: a change of a message.
    Change(Change),
    /// Feed 16: opens a room.
    Open(Open),
    /// Feed 22: the person is typing.
    Typing(InRoom),
    /// Feed 24: the read marker of a room.
    Read(Read),
    /// Feed 26: whether the person is idle.
    Idle(Idle),
}

/// Feed 10, the first frame of a feed client.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Hello {
    /// Version of the feed protocol, 1.
    pub v: u32,
    /// Where the client is, per room id.
    #[serde(default)]
    pub resume: BTreeMap<String, Position>,
    /// The room that it opens; the lobby when it names none.
    #[serde(default)]
    pub open: Option<RoomId>,
}

/// Feed 16: opens another room.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Open {
    /// The room's id.
    pub room: RoomId,
    /// Where the client is in it.
    #[serde(default)]
    pub resume: Option<Position>,
}

/// Feed 22: the person is typing.
#[derive(Debug, PartialEq, Deserialize)]
pub struct InRoom {
    /// The room's id.
    pub room: RoomId,
}

/// Feed 24: the seq up to which a person has read.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Read {
    /// The room's id.
    pub room: RoomId,
    /// The seq up to which the person has read.
    pub seq: Seq,
    /// Whether what comes after it is unread again.
    #[serde(default)]
    pub unread: bool,
}

/// Feed 26: whether a person has been idle for minutes.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Idle {
    /// Whether the person is idle.
    pub idle: bool,
}

/// The last change of a room that a client has applied.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Position {
    /// The store's epoch that `seq` counts in.
    pub epoch: String,
    /// The seq of the last event applied.
    pub seq: Seq,
}

/// Feed 12: a new message.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Send {
    /// Made by the sender, kept with the unsent message.
    pub nonce: Uuid,
    /// The room's id.
    pub room: RoomId,
    /// The text as the sender typed it.
    pub content: String,
    /// The message that it answers.
    #[serde(default)]
    pub reply: Option<MessageId>,
    /// Its files, in their order.
    #[serde(default)]
    pub files: Vec<SentFile>,
}

/// A file of a new message, which has been uploaded before.
#[derive(Debug, PartialEq, Deserialize, utoipa::ToSchema)]
pub struct SentFile {
    /// The id of its upload.
    #[schema(value_type = String)]
    pub id: FileId,
    /// What it shows, as its sender says.
    #[serde(default)]
    pub alt: String,
    /// Whether it is hidden until the reader wants to see it.
    #[serde(default)]
    pub spoiler: bool,
}

/// Feed 14: a change of a message.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Change {
    /// Made by the sender, and returned with the ack.
    pub nonce: Uuid,
    /// The room's id.
    pub room: RoomId,
    /// The message's id.
    pub id: MessageId,
    /// The kind of change.
    #[serde(flatten)]
    pub action: Action,
}

/// The kinds of [`Change`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Action {
    /// Replaces the body of the message.
    Edit {
        /// The new text as the sender typed it.
        content: String,
    },
    /// Recalls the message.
    Recall,
    /// Put an emoji on the message, or take it away.
    React {
        /// The emoji to add or take off.
        emoji: String,
        /// Whether it is to be there.
        on: bool,
    },
    /// Pins the message, or takes the pin off.
    Pin {
        /// Whether it is to be pinned.
        on: bool,
    },
    /// Takes a file out of the message.
    Unfile {
        /// The file's id.
        file: FileId,
    },
}

impl Request {
    /// The nonce of the frame, where there is one.
    #[must_use]
    pub fn nonce(&self) -> Option<Uuid> {
        match self {
            Self::Send(send) => Some(send.nonce),
            Self::Change(change) => Some(change.nonce),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// Some classic clients write the type as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kind {
    Number(i64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ClassicText {
    Bare(String),
    Record {
        content: String,
        #[serde(default)]
        nickname: Loose,
        #[serde(default)]
        avatar: Loose,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ClassicRecall {
    /// The second dialect: the bare id.
    Bare(MessageId),
    Record {
        id: MessageId,
    },
}

/// A string, or anything else as if it had not been sent.
#[derive(Default, Deserialize)]
#[serde(from = "serde_json::Value")]
struct Loose(Option<String>);

impl From<serde_json::Value> for Loose {
    fn from(value: serde_json::Value) -> Self {
        Self(match value {
            serde_json::Value::String(text) => Some(text),
            _ => None,
        })
    }
}

/// Reads one text frame.
///
/// # Errors
/// [`Error::BadFrame`] when it is not JSON of the envelope's shape, [`Error::UnknownType`], and
/// [`Error::BadData`] when the type is known and its data is not as it should be.
pub fn parse(text: &str) -> Result<Request, Error> {
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_not_ours| Error::BadFrame)?;
    let kind = match envelope.kind {
        Kind::Number(number) => number,
        Kind::Text(text) => text
            .trim()
            .parse()
            .map_err(|_not_a_number| Error::UnknownType)?,
    };
    let data = envelope.data.map_or("null", RawValue::get);
    match u8::try_from(kind).unwrap_or_default() {
        kinds::ONLINE => Ok(Request::Online),
        kinds::HISTORY => Ok(Request::History),
        kinds::TEXT => Ok(match read(data)? {
            ClassicText::Bare(content) => Request::Text {
                content,
                nickname: None,
                avatar: None,
            },
            ClassicText::Record {
                content,
                nickname,
                avatar,
            } => Request::Text {
                content,
                nickname: nickname.0,
                avatar: avatar.0,
            },
        }),
        kinds::RECALL => Ok(match read(data)? {
            ClassicRecall::Bare(id) => Request::Recall { id, bare: true },
            ClassicRecall::Record { id } => Request::Recall { id, bare: false },
        }),
        kinds::SECOND_PING if data == r#""ping""# => Ok(Request::Ping {
            number: kinds::SECOND_PING,
        }),
        kinds::PING => Ok(Request::Ping {
            number: kinds::PING,
        }),
        kinds::HELLO => read(data).map(Request::Hello),
        kinds::SEND => read(&mended(data)).map(Request::Send),
        kinds::CHANGE => read(&mended(data)).map(Request::Change),
        kinds::OPEN => read(data).map(Request::Open),
        kinds::TYPING => read(data).map(Request::Typing),
        kinds::READ => read(data).map(Request::Read),
        kinds::IDLE => read(data).map(Request::Idle),
        _ => Err(Error::UnknownType),
    }
}

/// The nonce of a frame that could not be read, as far as it can be found: a client that waits for an answer
/// knows what this one is about.
#[must_use]
pub fn nonce_of(text: &str) -> Option<Uuid> {
    #[derive(Deserialize)]
    struct Marked {
        data: Mark,
    }
    #[derive(Deserialize)]
    struct Mark {
        nonce: Uuid,
    }
    let marked: Marked = serde_json::from_str(text).ok()?;
    Some(marked.data.nonce)
}

fn read<'a, T: Deserialize<'a>>(data: &'a str) -> Result<T, Error> {
    serde_json::from_str(data).map_err(|_wrong_shape| Error::BadData)
}

#[cfg(test)]
mod tests;
