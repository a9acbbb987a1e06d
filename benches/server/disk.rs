//! What the disk alone can do: the store's own statements (message, event, nonce) in a loop, without
//! anything around them. What the whole server makes of it is measured by `teahouse bench post`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use teahouse::model::command::Command;
use teahouse::model::message::{LOBBY, Message};
use teahouse::model::person::{Person, PersonKind};
use teahouse::model::person_id::PersonId;
use teahouse::model::principal::Principal;
use teahouse::store::commands::apply::apply;
use teahouse::store::queries::epochs;
use teahouse::store::schema;
use teahouse::text::body::RenderedBody;
use teahouse::text::content::Format;
use teahouse::text::tokens::{terms, tokens};
use uuid::Uuid;

use super::support::{median, scratch};

/// Messages in a transaction.
const GROUPS: [usize; 3] = [1, 16, 64];
const ROUND: Duration = Duration::from_secs(2);

/// What is said, about the length of a line of chat.
const WORDS: &str = "The kettle is on, come in. 茶已经泡好了，进来坐。";

/// Rounds of each kind, by turns.
const ROUNDS: usize = 3;

/// What takes the place of the index, and keeps nothing.
const NO_INDEX: &str = "DROP TABLE search; CREATE VIEW search AS SELECT 0 AS rowid, '' AS words; \
    CREATE TRIGGER unkept INSTEAD OF INSERT ON search BEGIN SELECT 1; END;";

/// Runs the bench, with nonces that grow with time as the page makes them, or with `random` ones:
/// these touch another page of the index each, and cost the disk twice as much. Each beside the same
/// without an index of what was said.
pub fn run(random: bool) {
    let nonces = if random { Uuid::new_v4 } else { Uuid::now_v7 };
    for group in GROUPS {
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (index, rates) in [true, false].into_iter().zip(&mut rates) {
                rates.push(commits(group, nonces, index));
            }
        }
        let [with, without] = rates.map(median);
        println!(
            "the disk alone, groups of {group}: {with:.0} commits/s, {:.0} messages/s; \
             the index of what was said takes {:.0} % of a send",
            with * group as f64,
            (1.0 - with / without) * 100.0
        );
    }
    let (began, times) = (Instant::now(), 100_000);
    for _ in 0..times {
        black_box(terms(&tokens(black_box(WORDS))));
    }
    let each = began.elapsed().as_secs_f64() / f64::from(times);
    println!(
        "the words of a message, which both make: {:.1} µs",
        each * 1e6
    );
}

/// Commits a second.
fn commits(group: usize, nonces: fn() -> Uuid, index: bool) -> f64 {
    let data = scratch();
    let file = data.path().join("disk.db");
    drop(schema::open(Some(&file)).expect("a file"));
    if !index {
        let raw = Connection::open(&file).expect("a file");
        raw.execute_batch(NO_INDEX).expect("no index");
    }
    let mut db = schema::open(Some(&file)).expect("a file");
    epochs::open(&mut db, LOBBY).expect("a room");
    let (began, mut commits) = (Instant::now(), 0_u32);
    while began.elapsed() < ROUND {
        db.begin().expect("a transaction");
        for _ in 0..group {
            let draft = Command::Send {
                principal: Principal::member(message().by),
                message: Box::new(message()),
                body: body(),
                attachments: Vec::new(),
                fallback_name: None,
            };
            apply(&mut db, Some(nonces()), draft).expect("written");
        }
        db.commit().expect("on disk");
        commits += 1;
    }
    f64::from(commits) / began.elapsed().as_secs_f64()
}

/// A message as a member says it.
pub fn message() -> Message {
    let by = Person {
        id: PersonId::User(1),
        kind: PersonKind::User,
        bot: false,
        name: "member 1".to_owned(),
        avatar: "/avatar/00000000000000000000000000000000.svg".to_owned(),
        place: String::new(),
    };
    Message {
        address: "u1".to_owned(),
        ..Message::new(LOBBY, by, 1_700_000_000_000)
    }
}

/// What it says.
pub fn body() -> Box<RenderedBody> {
    Box::new(RenderedBody::new(WORDS.to_owned(), Format::Markdown))
}
