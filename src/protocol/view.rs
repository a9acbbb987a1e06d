//! What clients see of people, messages, rooms and events, by socket, page and API alike.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use super::json;
use crate::model::event::{Event, EventContent};
use crate::model::file::{File, FileKind};
use crate::model::file_id::FileId;
use crate::model::membership::{Membership, Notify, RoomRole};
use crate::model::mention::Mentions;
use crate::model::message::{Message, Quote};
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonKind, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::reaction::Reaction;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::text::body;

/// A room as one person sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Room)]
pub struct RoomView {
    /// The room's id.
    #[schema(value_type = i64)]
    pub id: RoomId,
    /// The kind of room.
    pub kind: RoomKind,
    /// Its settings, with the name that the person sees.
    #[serde(flatten)]
    pub settings: Arc<RoomSettings>,
    /// URL of its picture.
    pub avatar: String,
    /// The seq of its newest event.
    #[schema(value_type = i64)]
    pub head: Seq,
    /// The numbering that `head` belongs to.
    pub epoch: String,
    /// Number of members; 0 for the lobby.
    pub members: usize,
    /// The person's room role.
    pub role: Option<RoomRole>,
    /// What the person may do in it now.
    pub may: Vec<&'static str>,
    /// When the last message was sent, ms since 1970.
    pub at: Option<i64>,
    /// The seq up to which the person has read.
    #[schema(value_type = i64)]
    pub read: Seq,
    /// Number of messages since then.
    pub unread: i64,
    /// How many of them mention the person.
    pub mentions: i64,
    /// What the person is notified of while they are elsewhere, when it differs from their default.
    pub notify: Option<Notify>,
    /// Whether it stands above their other rooms.
    pub favourite: bool,
    /// The others in a direct room.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<PersonHere>,
}

/// The part of a room that its person has settled for themselves.
#[derive(Debug, Serialize)]
pub struct OwnPart {
    id: RoomId,
    notify: Option<Notify>,
    favourite: bool,
}

impl OwnPart {
    /// The part of room `id` that comes from `membership`.
    #[must_use]
    pub fn of(id: RoomId, membership: &Membership) -> Self {
        let &Membership {
            notify, favourite, ..
        } = membership;
        Self {
            id,
            notify,
            favourite,
        }
    }
}

impl RoomView {
    /// Path of its page.
    #[must_use]
    pub fn path(&self) -> String {
        match self.kind {
            RoomKind::Lobby => "/".to_owned(),
            _ => format!("/rooms/{}", self.id),
        }
    }
}

/// Whether a person is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PresenceStatus {
    /// Online and active.
    On,
    /// Online, and idle for minutes.
    Idle,
    /// Offline.
    Off,
}

/// A person, and whether they are online.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PersonHere {
    /// The person as the page gets them.
    #[serde(flatten)]
    pub person: Person,
    /// Whether they are online.
    pub here: PresenceStatus,
}

/// Type 27 and the API's `people`: who and how many are online in a room.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Presence {
    /// The room's id.
    #[schema(value_type = i64)]
    pub room: RoomId,
    /// Number of distinct people.
    pub people: usize,
    /// Number of open connections.
    pub connections: usize,
    /// Who they are, while they are few enough to be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Vec<PersonHere>>,
    /// Whether that may be old: another node of the server does not say who is there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
}

/// A person as the page gets them.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Author)]
pub struct PersonView<'a> {
    #[schema(value_type = String)]
    id: PersonId,
    kind: PersonKind,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bot: bool,
    name: &'a str,
    avatar: Cow<'a, str>,
    place: &'a str,
}

impl<'a> From<&'a Person> for PersonView<'a> {
    fn from(person: &'a Person) -> Self {
        Self {
            id: person.id,
            kind: person.kind,
            bot: person.bot,
            name: &person.name,
            avatar: person.own_avatar(),
            place: &person.place,
        }
    }
}

/// A message as the page gets it, by socket or API.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Message)]
pub struct MessageView<'a> {
    #[schema(value_type = i64)]
    id: MessageId,
    #[schema(value_type = i64)]
    seq: Seq,
    #[schema(value_type = i64)]
    rev: Seq,
    at: i64,
    by: PersonView<'a>,
    #[serde(flatten)]
    body: BodyView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    recalled: bool,
    /// Public ids of those whom it mentions; see [`crate::model::mention::EVERYBODY`].
    #[serde(skip_serializing_if = "Mentions::is_empty")]
    #[schema(value_type = Vec<String>)]
    mentions: &'a Mentions,
    /// The message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<&'a Quote>,
    /// Its files, in their order.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    files: &'a [File],
    /// In the order in which the emoji came.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reactions: &'a [Reaction],
    /// Whether it is pinned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
}

impl<'a> From<&'a Message> for MessageView<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            id: message.id,
            seq: message.seq,
            rev: message.rev,
            at: message.at,
            by: PersonView::from(&message.by),
            body: BodyView::from(&message.body),
            edited: message.edited.filter(|_| !message.recalled),
            recalled: message.recalled,
            mentions: &message.mentions,
            reply: message.reply.as_deref(),
            files: &message.files,
            reactions: &message.reactions,
            pinned: message.pinned,
        }
    }
}

/// The body of a message: as it was written, and as HTML where that is more than the escaped text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BodyView<'a> {
    /// Markdown, or the plain text that older messages and those of classic clients are.
    content: Cow<'a, str>,
    /// Safe HTML; absent when it would be the escaped content.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<Cow<'a, str>>,
}

impl<'a> From<&'a body::MessageBody> for BodyView<'a> {
    fn from(body: &'a body::MessageBody) -> Self {
        Self {
            content: body.content(),
            html: body.html(),
        }
    }
}

/// The JSON of an event's data, the same in events and batches.
#[must_use]
pub fn event_data(event: &Event) -> Bytes {
    #[derive(Serialize)]
    struct Said<'a> {
        room: RoomId,
        seq: Seq,
        kind: &'static str,
        message: MessageView<'a>,
    }
    #[derive(Serialize)]
    struct Changed<'a> {
        room: RoomId,
        seq: Seq,
        kind: &'static str,
        id: MessageId,
        at: i64,
        by: &'a PersonRef,
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        body: Option<BodyView<'a>>,
        #[serde(skip_serializing_if = "Mentions::is_empty")]
        mentions: &'a Mentions,
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        reaction: Option<Reacted<'a>>,
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        taken: Option<Taken>,
    }
    #[derive(Serialize)]
    struct Taken {
        file: FileId,
        #[serde(skip_serializing_if = "Option::is_none")]
        first: Option<FileKind>,
    }
    #[derive(Serialize)]
    struct Reacted<'a> {
        #[serde(flatten)]
        now: &'a Reaction,
        on: bool,
    }
    #[derive(Serialize)]
    struct Settled<'a> {
        room: RoomId,
        seq: Seq,
        kind: &'static str,
        at: i64,
        by: &'a PersonRef,
        #[serde(rename = "about")]
        settings: &'a RoomSettings,
    }
    #[derive(Serialize)]
    struct Stands<'a> {
        room: RoomId,
        seq: Seq,
        kind: &'static str,
        at: i64,
        by: &'a PersonRef,
        who: PersonView<'a>,
        role: Option<RoomRole>,
    }
    let nobody = Mentions::default();
    let (room, seq, kind) = (event.room, event.seq, event.change.kind());
    let changed = |id, at, by: &PersonRef, body, mentions: &Mentions, reaction, taken| {
        json(&Changed {
            room,
            seq,
            kind,
            id,
            at,
            by,
            body,
            mentions,
            reaction,
            taken,
        })
    };
    Bytes::from(match &event.change {
        EventContent::Message(message) => json(&Said {
            room,
            seq,
            kind,
            message: MessageView::from(message.as_ref()),
        }),
        EventContent::Edited {
            id,
            at,
            by,
            body,
            mentions,
            ..
        } => {
            let body = Some(BodyView::from(body));
            changed(*id, *at, by, body, mentions, None, None)
        }
        EventContent::Recalled { id, at, by, .. } | EventContent::Pinned { id, at, by, .. } => {
            changed(*id, *at, by, None, &nobody, None, None)
        }
        EventContent::Reacted {
            id,
            at,
            by,
            reaction,
            on,
        } => {
            let reacted = Reacted {
                now: reaction,
                on: *on,
            };
            changed(*id, *at, by, None, &nobody, Some(reacted), None)
        }
        EventContent::FileTaken {
            id,
            at,
            by,
            file,
            first,
        } => {
            let (file, first) = (*file, *first);
            let taken = Some(Taken { file, first });
            changed(*id, *at, by, None, &nobody, None, taken)
        }
        EventContent::Settings { at, by, settings } => json(&Settled {
            room,
            seq,
            kind,
            at: *at,
            by,
            settings,
        }),
        EventContent::Membership {
            at,
            by,
            who,
            room_role,
            ..
        } => json(&Stands {
            room,
            seq,
            kind,
            at: *at,
            by,
            who: PersonView::from(who.as_ref()),
            role: *room_role,
        }),
    })
}
