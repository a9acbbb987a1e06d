//! Commands of a few people in a few rooms.

use crate::model::command::{
    Command, CommittedEvents, RoomAction, RoomBounds, RoomCommand, Target,
};
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::room_id::RoomId;
use crate::text::body::RenderedBody;
use crate::text::content::Format;

use super::{Base, PEOPLE};

/// A public room that Ada has made.
pub(in crate::chat::server::heard) const TEA: RoomId = RoomId(1 << 40);

/// A direct room of Ada and Bob.
pub(in crate::chat::server::heard) const TWO: RoomId = RoomId((1 << 40) + 1);

pub(in crate::chat::server::heard) fn person(number: usize) -> Person {
    let id = PersonId::User(number as i64 + 1);
    Person {
        avatar: Person::identicon(id),
        kind: PersonKind::User,
        bot: false,
        name: PEOPLE[number].to_owned(),
        id,
        place: String::new(),
    }
}

pub(in crate::chat::server::heard) fn principal(number: usize) -> Principal {
    Principal::member(person(number))
}

pub(in crate::chat::server::heard) fn say(number: usize, room: RoomId, words: &str) -> Command {
    Command::Send {
        message: Box::new(Message::new(room, person(number), 7)),
        body: body(words),
        attachments: Vec::new(),
        fallback_name: None,
        principal: principal(number),
    }
}

pub(in crate::chat::server::heard) fn body(words: &str) -> Box<RenderedBody> {
    Box::new(RenderedBody::new(words.to_owned(), Format::Markdown))
}

pub(in crate::chat::server::heard) fn target(
    number: usize,
    room: RoomId,
    id: MessageId,
) -> Box<Target> {
    let principal = principal(number);
    Box::new(Target {
        room,
        id,
        principal,
        at: 8,
    })
}

pub(in crate::chat::server::heard) fn command(
    number: usize,
    room: RoomId,
    action: RoomAction,
) -> Command {
    Command::Room(Box::new(RoomCommand {
        principal: principal(number),
        at: 9,
        room,
        action,
        bounds: RoomBounds {
            rooms: 100,
            owned: 100,
            joined: 100,
            members: 100,
        },
    }))
}

pub(in crate::chat::server::heard) fn make(room: RoomId) -> Command {
    let (kind, name, company) = match room {
        TWO => (RoomKind::Direct, "", vec![person(1)]),
        _ => (RoomKind::Public, "Tea", Vec::new()),
    };
    let settings = RoomSettings {
        name: name.to_owned(),
        ..RoomSettings::default()
    };
    let action = RoomAction::Create {
        kind,
        settings,
        company,
    };
    command(0, room, action)
}

/// Ada says so many things in a room; what other nodes are told of it.
pub(in crate::chat::server::heard) async fn said(
    base: &Base,
    room: RoomId,
    times: usize,
) -> Vec<CommittedEvents> {
    let mut all = Vec::new();
    for _ in 0..times {
        all.extend(base.write(say(0, room, "@Bob 茶")).await.committed());
    }
    all
}
