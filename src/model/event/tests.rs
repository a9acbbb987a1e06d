use serde_json::json;

use super::*;
use crate::model::command::RoomCreated;
use crate::model::file::{Content, File};
use crate::model::message::{KIND_TEXT, Quote};
use crate::model::person::PersonKind;
use crate::model::person_id::PersonId;
use crate::model::room::RoomKind;
use crate::text::content::Format;

/// Events as the release 0.1.0 writes them.
const RELEASED: &str = include_str!("released/0.1.0.json");

fn by(number: i64) -> PersonRef {
    PersonRef {
        id: PersonId::User(number),
        name: format!("茶 {number}"),
    }
}

fn person(id: PersonId) -> Person {
    Person {
        id,
        kind: PersonKind::from(id),
        bot: false,
        name: "Ada".into(),
        avatar: Person::coloured(id, Some(7)),
        place: "杭州".into(),
    }
}

fn reaction() -> Reaction {
    Reaction {
        emoji: "🍵".into(),
        count: 12,
        who: vec![by(1), by(2)],
        place: 5,
    }
}

fn mentions() -> Mentions {
    Mentions {
        all: true,
        people: vec![PersonId::User(2), PersonId::Visitor(3)],
    }
}

/// A message that has whatever a message can have.
fn message() -> Message {
    let picture = File {
        name: "a.jpg".into(),
        media_type: "image/jpeg".into(),
        size: 1_234,
        content: Content {
            w: Some(40),
            h: Some(30),
            ms: Some(5),
            hash: Some("aGFzaA==".into()),
            wave: Some("d2F2ZQ==".into()),
            poster: true,
            full: true,
            still: true,
        },
        alt: "茶".into(),
        spoiler: true,
        gone: false,
        ..File::gone(FileId::new(1), FileKind::Picture)
    };
    Message {
        id: MessageId(9),
        room: RoomId(1),
        seq: Seq(3),
        rev: Seq(7),
        at: 1_700_000_000_007,
        kind: KIND_TEXT,
        by: person(PersonId::Visitor(1)),
        address: "192.0.2.1".into(),
        body: MessageBody::kept("**茶**", Format::Markdown, Some("<strong>茶</strong>")),
        edited: Some(1_700_000_000_008),
        recalled: true,
        mentions: mentions(),
        reply: Some(Box::new(Quote {
            by: by(4),
            text: "tea?".into(),
            file: Some(FileKind::Voice),
            gone: true,
            ..*Quote::of(MessageId(8))
        })),
        files: vec![picture, File::gone(FileId::new(2), FileKind::File)],
        reactions: vec![reaction()],
        pinned: true,
    }
}

/// The example that follows that of `change`, the first for `None`. A new kind does not compile until it has one.
fn example_after(change: Option<&EventContent>) -> Option<EventContent> {
    let (id, at, by, said) = (MessageId(9), 1_700_000_000_009, by(1), Seq(3));
    Some(match change {
        None => EventContent::Message(Arc::new(message())),
        Some(EventContent::Message(_)) => EventContent::Edited {
            id,
            at,
            by,
            body: MessageBody::kept("a", Format::Plain, None),
            mentions: mentions(),
            said,
        },
        Some(EventContent::Edited { .. }) => EventContent::Recalled {
            id,
            at,
            by,
            voice: true,
            said,
        },
        Some(EventContent::Recalled { .. }) => EventContent::Reacted {
            id,
            at,
            by,
            reaction: reaction(),
            on: true,
        },
        Some(EventContent::Reacted { .. }) => EventContent::Pinned {
            id,
            at,
            by,
            on: true,
        },
        Some(EventContent::Pinned { .. }) => EventContent::FileTaken {
            id,
            at,
            by,
            file: FileId::new(1),
            first: Some(FileKind::Video),
        },
        Some(EventContent::FileTaken { .. }) => EventContent::Settings {
            at,
            by,
            settings: Arc::new(RoomSettings {
                name: "Tea".into(),
                topic: "茶".into(),
                notice: "Quiet, please.".into(),
                read_only: true,
                mute_all: true,
                slow: 30,
                archived: true,
                open_to_site: false,
            }),
        },
        Some(EventContent::Settings { .. }) => EventContent::Membership {
            at,
            by,
            change: MembershipChange::Join,
            who: Arc::new(person(PersonId::User(2))),
            room_role: Some(RoomRole::Muted),
        },
        Some(EventContent::Membership { .. }) => return None,
    })
}

fn examples() -> Vec<Event> {
    let changes = std::iter::successors(example_after(None), |change| example_after(Some(change)));
    let events = (1..).zip(changes).map(|(seq, change)| Event {
        room: RoomId(1),
        seq: Seq(seq),
        change,
    });
    events.collect()
}

#[test]
fn every_turn_is_among_the_kinds() {
    let (messages, changes) = EventContent::KINDS.split_at(8);
    assert_eq!(messages.len() + changes.len(), EventContent::KINDS.len());
    assert_eq!(changes, MembershipChange::ALL.map(MembershipChange::as_str));
}

#[test]
fn another_node_reads_what_this_one_writes() {
    for event in examples() {
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }
    for change in MembershipChange::ALL {
        let json = serde_json::to_value(change).unwrap();
        assert_eq!(json, change.as_str());
        assert_eq!(
            serde_json::from_value::<MembershipChange>(json).unwrap(),
            change
        );
    }
    for format in [Format::Plain, Format::Classic, Format::Markdown] {
        let body = MessageBody::kept("a", format, None);
        let json = serde_json::to_string(&body).unwrap();
        assert_eq!(serde_json::from_str::<MessageBody>(&json).unwrap(), body);
    }
    for kind in RoomKind::ALL {
        let created = RoomCreated {
            id: RoomId(7),
            kind,
            epoch: "e".into(),
        };
        let json = serde_json::to_string(&created).unwrap();
        assert_eq!(serde_json::from_str::<RoomCreated>(&json).unwrap(), created);
    }
}

#[test]
fn events_of_released_versions_are_read() {
    let released: Vec<Event> = serde_json::from_str(RELEASED).unwrap();
    assert_eq!(released, examples());
}

#[test]
fn what_is_written_is_what_was_released() {
    let released: serde_json::Value = serde_json::from_str(RELEASED).unwrap();
    let written = serde_json::to_value(examples()).unwrap();
    assert_eq!(written, released, "{written:#}");
}

#[test]
fn what_is_unknown_is_ignored_and_what_is_missing_has_a_default() {
    let event = json!({"room": 1, "seq": 3, "later": [1], "change": {"message": {
        "id": 9, "room": 1, "seq": 3, "rev": 3, "at": 7, "kind": 3, "later": {},
        "by": {"id": "u1", "kind": "user", "name": "Ada", "avatar": "", "place": "", "later": 1},
        "body": {"source": "茶", "format": "plain", "later": null},
        "files": [{"id": FileId::new(2), "kind": "file", "gone": true, "later": 1}],
        "reply": {"id": 8, "by": {"id": "", "name": "", "later": 1}, "text": ""},
    }}});
    let event: Event = serde_json::from_value(event).unwrap();
    let EventContent::Message(message) = &event.change else {
        panic!("{event:?}");
    };
    assert_eq!(message.reply, Some(Quote::of(MessageId(8))));
    assert_eq!(message.files, [File::gone(FileId::new(2), FileKind::File)]);
    let rest = (message.edited, message.recalled, message.pinned);
    assert_eq!(rest, (None, false, false));
    assert!(message.mentions.is_empty() && message.reactions.is_empty());

    let left = json!({"room": 1, "seq": 4, "change": {"membership": {
        "at": 7, "by": by(1), "change": "leave", "who": person(PersonId::User(1)), "later": 1,
    }}});
    let left: Event = serde_json::from_value(left).unwrap();
    let EventContent::Membership { room_role, .. } = left.change else {
        panic!("{left:?}");
    };
    assert_eq!(room_role, None);

    let settings =
        json!({"settings": {"at": 7, "by": by(1), "settings": {"name": "Tea", "later": 1}}});
    let settings: EventContent = serde_json::from_value(settings).unwrap();
    assert!(matches!(settings, EventContent::Settings { settings, .. } if settings.slow == 0));
}

#[test]
fn a_kind_that_is_not_known_here_is_an_error_and_not_another_kind() {
    let unknown = json!({"room": 1, "seq": 3, "change": {"poll": {"at": 7}}});
    assert!(serde_json::from_value::<Event>(unknown).is_err());
}
