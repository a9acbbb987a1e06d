//! A message as it leaves the store, encoded for every dialect.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion};
use teahouse::chat::room_history::RoomHistory;
use teahouse::model::event::{Event, EventContent};
use teahouse::model::mention::Mentions;
use teahouse::model::message::{KIND_TEXT, LOBBY, Message};
use teahouse::model::message_id::MessageId;
use teahouse::model::person::{Person, PersonKind};
use teahouse::model::person_id::PersonId;
use teahouse::model::seq::Seq;
use teahouse::text::body::MessageBody;
use teahouse::text::content::Format;

/// Times one event through a room with a full history, and the history of one who joins.
pub fn bench(criterion: &mut Criterion) {
    let mut room = RoomHistory::new(
        LOBBY,
        "epoch".to_owned(),
        Seq(0),
        Vec::new(),
        Vec::new(),
        100,
        String::new(),
    );
    let mut seq = 0;
    criterion.bench_function("encode: an event for every dialect", |bencher| {
        bencher.iter_batched(
            || {
                seq += 1;
                said(seq)
            },
            |event| black_box(room.apply(event)),
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("encode: the history for one more joiner", |bencher| {
        bencher.iter(|| black_box(room.classic_history("somebody", "somewhere")));
    });
}

fn said(seq: i64) -> Event {
    Event {
        room: LOBBY,
        seq: Seq(seq),
        change: EventContent::Message(Arc::new(Message {
            id: MessageId(seq),
            room: LOBBY,
            seq: Seq(seq),
            rev: Seq(seq),
            at: 1_700_000_000_000,
            kind: KIND_TEXT,
            by: Person {
                id: PersonId::User(1),
                kind: PersonKind::User,
                bot: false,
                name: "Ada".to_owned(),
                avatar: "/avatar/00000000000000000000000000000000.svg".to_owned(),
                place: String::new(),
            },
            address: "u1".to_owned(),
            body: MessageBody::kept(
                "The kettle is on, come in. 茶已经泡好了，进来坐。",
                Format::Markdown,
                None,
            ),
            edited: None,
            recalled: false,
            mentions: Mentions::default(),
            reply: None,
            reactions: Vec::new(),
            files: Vec::new(),
            pinned: false,
        })),
    }
}
