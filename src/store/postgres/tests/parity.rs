//! The same commands, one by one on SQLite and in groups on PostgreSQL, come to the same.
//!
//! What may differ: ids of messages, which are known by room and seq here, and epochs. A nonce that one person uses in
//! two rooms is no part of it: which of the two comes first is decided in a group by what can be written together.

mod plan;
mod steps;

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::Value as Json;
use uuid::Uuid;

use super::*;
use crate::model::command::{Command, Outcome};
use crate::model::event::EventContent;
use crate::model::message::LOBBY;
use crate::model::message_id::MessageId;
use crate::store::backend::{Group, RequestId};
use crate::store::moving::TABLES;
use crate::store::queries::epochs;
use crate::store::testing::{self, TestDb};
use plan::{Known, Plan};
use steps::Step;

/// One of the two.
struct Side {
    db: TestDb,
    /// The messages of this database, as both know them.
    names: HashMap<i64, String>,
}

impl Side {
    fn new(mut db: TestDb) -> Self {
        epochs::open(&mut db, LOBBY).unwrap();
        plan::people_and_files(&mut db);
        let names = HashMap::from([(0, "none".to_owned())]);
        Self { db, names }
    }

    /// What becomes of commands that are written together, in their order; and the ids of new messages.
    fn write(&mut self, commands: Vec<(Option<Uuid>, Command)>) -> Vec<(String, Option<i64>)> {
        let count = commands.len();
        let commands = (0..).zip(commands).map(|(connection, (nonce, command))| {
            let request = RequestId { connection, nonce };
            (request, command)
        });
        let group = Group {
            commands: commands.collect(),
            tasks: Vec::new(),
        };
        let written = match &mut self.db {
            TestDb::Sqlite(db) => db.write(group),
            TestDb::Postgres(db) => db.write(group),
        };
        assert_eq!(written.put_back.len(), 0, "nobody else has a room");
        let mut outcomes = vec![(String::new(), None); count];
        for (request, outcome) in written.outcomes {
            let place = usize::try_from(request.connection).unwrap();
            outcomes[place] = self.told(outcome.unwrap());
        }
        outcomes
    }

    /// An outcome without what may differ.
    fn told(&mut self, outcome: Outcome) -> (String, Option<i64>) {
        let mut new = None;
        let told = match outcome {
            Outcome::Event(event) => {
                if let EventContent::Message(message) = &event.change {
                    let name = format!("{}/{}", event.room.0, event.seq.0);
                    self.names.insert(message.id.0, name);
                    new = Some(message.id.0);
                }
                self.named(serde_json::to_value(&event).unwrap())
            }
            Outcome::Events {
                room,
                created,
                events,
            } => {
                let created = created.map(|created| (created.id, created.kind));
                let events = self.named(serde_json::to_value(&events).unwrap());
                format!("{room:?} {created:?} {events}")
            }
            Outcome::Repeated(ack) => {
                let name = &self.names[&ack.id.0];
                format!("again {:?} {name} {:?} {}", ack.room, ack.seq, ack.at)
            }
            other @ (Outcome::Deleted(_) | Outcome::Refused(_)) => format!("{other:?}"),
        };
        (told, new)
    }

    /// Events with their messages as both know them: only those have a number as their id.
    fn named(&self, mut events: Json) -> String {
        fn name(names: &HashMap<i64, String>, value: &mut Json) {
            match value {
                Json::Array(all) => all.iter_mut().for_each(|one| name(names, one)),
                Json::Object(all) => {
                    for (key, one) in all {
                        match one.as_i64().filter(|_| key == "id") {
                            Some(id) => *one = Json::String(names[&id].clone()),
                            None => name(names, one),
                        }
                    }
                }
                _ => {}
            }
        }
        name(&self.names, &mut events);
        events.to_string()
    }

    /// The rows of a table.
    fn rows(&mut self, table: &str, columns: &str) -> Vec<String> {
        let columns = columns.split(", ").map(|column| match (table, column) {
            ("rooms", "epoch") => "NULL".to_owned(),
            ("messages" | "clock_steps", "id") | ("messages", "reply_to") | (_, "message_id") => format!(
                "(SELECT named.room_id || '/' || named.seq FROM messages named WHERE named.id = {table}.{column})"
            ),
            (_, column) => format!("CAST({column} AS TEXT)"),
        });
        let columns: Vec<_> = columns.collect();
        let sql = format!("SELECT {} FROM {table}", columns.join(", "));
        // The database takes statements that are there from the start.
        let rows = self.db.query(sql.leak(), &[]).unwrap().into_iter();
        let mut rows: Vec<_> = rows
            .map(|mut row| {
                let values = columns.iter().map(|_| row.maybe_text().unwrap());
                let values = values.map(|value| value.unwrap_or_else(|| "-".to_owned()));
                values.collect::<Vec<_>>().join(" | ")
            })
            .collect();
        rows.sort_unstable();
        rows
    }
}

fn come_to_the_same(steps: &[Step], groups: &[usize]) {
    let mut one_by_one = Side::new(testing::sqlite());
    let mut in_groups = Side::new(testing::postgres());
    let mut plan = Plan::default();
    let (mut left, mut sizes) = (steps, groups.iter().cycle());
    while !left.is_empty() {
        let size = (*sizes.next().unwrap()).min(left.len());
        let (group, rest) = left.split_at(size);
        left = rest;
        plan.next_group();
        let planned: Vec<_> = group.iter().filter_map(|step| plan.command(step)).collect();
        let [here, there]: [Vec<_>; 2] = std::array::from_fn(|side| {
            let commands = planned.iter().map(|planned| planned.on(side));
            commands.collect()
        });
        let here = here.into_iter().map(|command| {
            let mut outcome = one_by_one.write(vec![command]);
            outcome.pop().unwrap()
        });
        let here: Vec<_> = here.collect();
        let there = in_groups.write(there);
        for (planned, (here, there)) in planned.iter().zip(here.iter().zip(&there)) {
            assert_eq!(here.0, there.0, "{planned:?}");
            if let (Some(here), Some(there)) = (here.1, there.1) {
                plan.known.push(Known {
                    room: planned.room(),
                    author: planned.author,
                    ids: [here, there].map(MessageId),
                });
            }
        }
    }
    let compared = |(table, columns): &(&str, &str)| *table != "house" && !columns.is_empty();
    for (table, columns) in TABLES.into_iter().filter(compared) {
        let here = one_by_one.rows(table, columns);
        assert_eq!(here, in_groups.rows(table, columns), "{table}");
    }
    for word in steps::WORDS {
        let here = one_by_one.db.indexed(word);
        assert_eq!(here, in_groups.db.indexed(word), "{word}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn commands_in_groups_come_to_the_same_as_one_by_one(
        steps in proptest::collection::vec(steps::steps(), 40..160),
        groups in proptest::collection::vec(1..48_usize, 1..6),
    ) {
        come_to_the_same(&steps, &groups);
    }
}
