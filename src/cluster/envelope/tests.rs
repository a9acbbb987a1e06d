use proptest::prelude::*;

use super::*;
use std::sync::Arc;

use crate::chat::word::{Ask, Here, Mark, PersonThere, RoomThere, Types};
use crate::model::event::{Event, EventContent};
use crate::model::membership::{FeedPosition, Notify};
use crate::model::message_id::MessageId;
use crate::model::person::{Person, PersonKind, PersonRef};
use crate::model::person_id::PersonId;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;

const NOW: i64 = 1_700_000_000_000;

fn pair() -> (Envelopes, Envelopes) {
    let [one, other] = [1, 2].map(|boot| Envelopes::new([7; 32], Uuid::from_u128(boot)));
    (one, other)
}

fn events(number: i64, text: &str) -> CommittedEvents {
    let event = |seq| Event {
        room: RoomId(3),
        seq: Seq(seq),
        change: EventContent::Pinned {
            id: MessageId(1),
            at: NOW,
            by: PersonRef {
                id: PersonId::User(1),
                name: text.to_owned(),
            },
            on: true,
        },
    };
    CommittedEvents {
        room: RoomId(3),
        epoch: None,
        created: None,
        events: (1..=number).map(event).collect(),
        head: Seq(number),
    }
}

#[test]
fn what_one_node_says_the_other_hears() {
    let (one, other) = pair();
    let person = Person {
        id: PersonId::Visitor(9),
        kind: PersonKind::Visitor,
        bot: false,
        name: "茶\"客".to_owned(),
        avatar: String::new(),
        place: String::new(),
    };
    let here = Here {
        from: Some(3),
        to: 4,
        people: vec![PersonThere {
            id: person.id,
            n: 2,
            idle: 1,
            person: Some(Arc::new(person)),
        }],
        rooms: vec![RoomThere {
            id: RoomId(3),
            heard: 1,
            lookers: vec![PersonId::Visitor(9)],
        }],
        ..Here::default()
    };
    let (room, id) = (RoomId(3), PersonId::User(1));
    let attempt = serde_json::json!({"account": "a1", "address": "b2", "failed": true});
    let contents = [
        Content::Events(events(2, "茶")),
        Content::Notice,
        Content::Word(Word::Here(here)),
        Content::Word(Word::Here(Here {
            part: Some((0, 1)),
            draining: true,
            ..Here::default()
        })),
        Content::Word(Word::Ask(Ask { of: None })),
        Content::Word(Word::Types(Types { room, id })),
        Content::Word(Word::Marks(vec![Mark {
            room,
            id,
            read: FeedPosition {
                seq: Seq(7),
                said: 5,
            },
            notify: Some(Notify::None),
            favourite: true,
            at: NOW,
        }])),
        Content::Asset(Wanted {
            tree: "0123456789ab".to_owned(),
            path: "js/main.js".to_owned(),
        }),
        Content::Attempt(serde_json::from_value(attempt).unwrap()),
    ];
    for (count, content) in (1..).zip(contents) {
        let Sealed { json, mac } = one.seal(content.clone(), NOW, MAX).unwrap();
        let heard = other.open(&content.subject(), Some(&mac), &json, NOW + 5);
        let opened = Opened {
            node: Uuid::from_u128(1),
            count,
            at: NOW,
            content,
        };
        assert_eq!(heard, Ok(opened));
    }
}

#[test]
fn it_can_be_read_by_people() {
    let (one, _) = pair();
    let sealed = one.seal(Content::Notice, 5, MAX).unwrap();
    assert_eq!(
        std::str::from_utf8(&sealed.json).unwrap(),
        r#"{"v":1,"node":"00000000-0000-0000-0000-000000000001","n":1,"at":5,"d":null}"#
    );
}

#[test]
fn what_is_not_to_be_believed_is_refused_with_the_reason() {
    let (one, other) = pair();
    let Sealed { json, mac } = one.seal(Content::Notice, NOW, MAX).unwrap();
    let open = |subject: &str, mac: Option<&str>, json: &[u8]| other.open(subject, mac, json, NOW);
    assert_eq!(open("notice", None, &json), Err(Refused::Forged));
    assert_eq!(open("notice", Some(""), &json), Err(Refused::Forged));
    assert_eq!(open("notice", Some("+1"), &json), Err(Refused::Forged));
    assert_eq!(open("ev.1", Some(&mac), &json), Err(Refused::Forged));
    let long = vec![b' '; MAX + 1];
    assert_eq!(open("notice", Some(&mac), &long), Err(Refused::Long));
    let stranger = Envelopes::new([8; 32], Uuid::from_u128(3));
    let theirs = stranger.seal(Content::Notice, NOW, MAX).unwrap();
    assert_eq!(
        open("notice", Some(&theirs.mac), &theirs.json),
        Err(Refused::Forged)
    );
    assert_eq!(
        one.open("notice", Some(&mac), &json, NOW),
        Err(Refused::Own)
    );
    for later in [FRESH + 1, -FRESH - 1] {
        assert_eq!(
            other.open("notice", Some(&mac), &json, NOW + later),
            Err(Refused::Stale)
        );
    }
}

#[test]
fn what_a_newer_program_says_is_left_to_the_database() {
    let (one, other) = pair();
    let sign = |subject: &str, json: &str| {
        let hash = pair().0.hash(subject, json.as_bytes()).finalize();
        let digits = hash.into_bytes();
        let digits = digits.iter().take(MAC).map(|byte| format!("{byte:02x}"));
        let mac: String = digits.collect();
        let opened = other.open(subject, Some(&mac), json.as_bytes(), NOW);
        opened.map(|opened| opened.content)
    };
    let node = Uuid::from_u128(1);
    let told = |v: u32, d: &str| format!(r#"{{"v":{v},"node":"{node}","n":1,"at":{NOW},"d":{d}}}"#);
    assert_eq!(sign("notice", &told(1, "null")), Ok(Content::Notice));
    for (subject, json) in [
        ("notice", told(2, "null")),
        ("typing", told(1, "null")),
        ("typing", told(1, r#"{"room":1,"id":"u0x"}"#)),
        ("here", told(1, r#"{"to":-1}"#)),
        ("drums", told(1, "{}")),
        ("ev.1", told(1, "{}")),
        ("ev", told(1, "{}")),
        ("here", told(1, "{}")),
        ("notice", r#"{"v":2}"#.to_owned()),
        ("notice", "nonsense".to_owned()),
    ] {
        assert_eq!(sign(subject, &json), Err(Refused::Unknown), "{json}");
    }
    assert!(one.seal(Content::Notice, NOW, MAX).is_some());
}

#[test]
fn of_too_much_only_the_head_is_told() {
    let (one, other) = pair();
    for (text, max) in [("x".repeat(300_000), MAX), ("x".to_owned(), 250)] {
        let content = Content::Events(events(2, &text));
        let Sealed { json, mac } = one.seal(content.clone(), NOW, max).unwrap();
        let heard = other.open(&content.subject(), Some(&mac), &json, NOW);
        let head = CommittedEvents {
            events: Vec::new(),
            ..events(2, &text)
        };
        assert_eq!(heard.map(|heard| heard.content), Ok(Content::Events(head)));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused_and_nothing_panics(
        subject in "[a-z.0-9]{0,12}",
        mac in prop_oneof![Just(None), ".{0,40}".prop_map(Some), "[0-9a-f]{32}".prop_map(Some)],
        json in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let (_, other) = pair();
        prop_assert_eq!(other.open(&subject, mac.as_deref(), &json, NOW), Err(Refused::Forged));
    }

    #[test]
    fn a_flipped_bit_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let (one, other) = pair();
        let content = Content::Events(events(2, "tea"));
        let Sealed { json, mac } = one.seal(content.clone(), NOW, MAX).unwrap();
        let subject = content.subject();
        let mut changed = json.to_vec();
        changed[at.index(json.len())] ^= 1 << bit;
        prop_assert_eq!(other.open(&subject, Some(&mac), &changed, NOW), Err(Refused::Forged));
        let mut changed = mac.into_bytes();
        changed[at.index(2 * MAC)] ^= 1 << bit;
        // Another spelling of the same digit is the same hash.
        let is_case = changed[at.index(2 * MAC)].is_ascii_uppercase();
        let changed = String::from_utf8(changed).ok();
        let heard = other.open(&subject, changed.as_deref(), &json, NOW);
        prop_assert!(is_case || heard == Err(Refused::Forged));
    }
}
