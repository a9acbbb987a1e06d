//! What the disk alone can do: the store's own statements (message, event, nonce) in a loop, without
//! anything around them. What the whole house makes of it is measured by `teahouse bench post`.

use std::time::{Duration, Instant};

use teahouse::chat::mention::Mentions;
use teahouse::chat::message::{KIND_TEXT, LOBBY, Message};
use teahouse::chat::person::{Kind, Person};
use teahouse::store::changes::{self, Draft};
use teahouse::store::rooms;
use teahouse::store::sqlite::Sqlite;
use teahouse::text::content::Format;
use uuid::Uuid;

use super::support::scratch;

/// Messages in a transaction.
const GROUPS: [usize; 3] = [1, 16, 64];
const ROUND: Duration = Duration::from_secs(2);

/// What is said, about the length of a line of chat.
const WORDS: &str = "The kettle is on, come in. 茶已经泡好了，进来坐。";

/// Runs the bench, with nonces that grow with time as the page makes them, or with `random` ones:
/// these touch another page of the index each, and cost the disk twice as much.
pub fn run(random: bool) {
    let data = scratch();
    let nonces = if random { Uuid::new_v4 } else { Uuid::now_v7 };
    for group in GROUPS {
        let file = data.path().join(format!("disk{group}.db"));
        let mut db = Sqlite::open(Some(&file)).expect("a file");
        rooms::open(&mut db, LOBBY).expect("a room");
        let (began, mut commits) = (Instant::now(), 0_usize);
        while began.elapsed() < ROUND {
            db.begin().expect("a transaction");
            for _ in 0..group {
                let draft = Draft::Say {
                    doer: Box::new(message().by.into()),
                    message: Box::new(message()),
                    fallback_name: None,
                };
                changes::apply(&mut db, Some(nonces()), draft).expect("written");
            }
            db.commit().expect("on disk");
            commits += 1;
        }
        let rate = commits as f64 / began.elapsed().as_secs_f64();
        println!(
            "the disk alone, groups of {group}: {rate:.0} commits/s, {:.0} messages/s",
            rate * group as f64
        );
    }
}

/// A message as a member says it.
pub fn message() -> Message {
    Message {
        id: 0,
        room: LOBBY,
        seq: 0,
        rev: 0,
        at: 1_700_000_000_000,
        kind: KIND_TEXT,
        by: Person {
            id: "u1".to_owned(),
            kind: Kind::User,
            name: "member 1".to_owned(),
            avatar: "/avatar/00000000000000000000000000000000.svg".to_owned(),
            place: String::new(),
        },
        address: "u1".to_owned(),
        content: WORDS.to_owned(),
        format: Format::Plain,
        edited: None,
        recalled: false,
        mentions: Mentions::default(),
        reply: None,
        reactions: Vec::new(),
        pinned: false,
    }
}
