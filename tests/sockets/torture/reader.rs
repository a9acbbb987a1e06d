//! Somebody who listens, comes back with where they were, and writes down all that they hear.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rand::random_range;
use serde::Deserialize;
use serde_json::json;
use teahouse::protocol::kinds;
use tokio::time::sleep;

use super::log::{Deliveries, Kind, Reset, Shown, Told, Words};
use crate::support::{Guest, Heard, Line};

/// Nothing for so long, not even a head: the line is not what it seems.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Reader {
    pub guest: Guest,
    pub epoch: String,
    /// Once known: the seq at which everything has been heard.
    pub end: Arc<AtomicI64>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Event {
    Message { seq: i64, message: Message },
    Edit { seq: i64, id: i64, content: String },
    Recall { seq: i64, id: i64 },
}

#[derive(Deserialize)]
struct Message {
    id: i64,
    rev: i64,
    content: String,
    #[serde(default)]
    recalled: bool,
}

#[derive(Deserialize)]
struct Batch {
    events: Vec<Event>,
    more: bool,
}

#[derive(Deserialize)]
struct Fresh {
    epoch: String,
    head: i64,
    page: Vec<Message>,
}

#[derive(Deserialize)]
struct Head {
    seq: i64,
}

#[derive(Deserialize)]
struct Frame<T> {
    data: T,
}

fn data<'a, T: Deserialize<'a>>(text: &'a str) -> T {
    serde_json::from_str::<Frame<T>>(text)
        .unwrap_or_else(|error| panic!("{error}: {text}"))
        .data
}

impl Reader {
    /// Listens until the end.
    pub async fn run(self) -> Deliveries {
        let mut deliveries = Deliveries::default();
        while !self.done(&deliveries) {
            if let Some(mut line) = Line::open(&self.guest, "/ws?feed").await {
                self.listen(&mut line, &mut deliveries).await;
            }
            sleep(Duration::from_millis(random_range(5..100))).await;
        }
        deliveries
    }

    fn done(&self, deliveries: &Deliveries) -> bool {
        let end = self.end.load(Ordering::Acquire);
        end > 0 && deliveries.seq >= end
    }

    async fn listen(&self, line: &mut Line, deliveries: &mut Deliveries) {
        let resume = json!({"1": {"epoch": self.epoch, "seq": deliveries.seq}});
        let hello = json!({"type": kinds::HELLO, "data": {"v": 1, "resume": resume}});
        if !line.say(&hello).await {
            return;
        }
        let mut caught_up = false;
        while !self.done(deliveries) {
            let Heard::Text(text) = line.hear(PATIENCE).await else {
                return;
            };
            match text.split(',').next().unwrap() {
                "{\"type\":17" => {
                    assert!(caught_up, "a live event before the resume was answered");
                    hear(deliveries, data(&text), true);
                }
                "{\"type\":19" => {
                    let batch: Batch = data(&text);
                    batch
                        .events
                        .into_iter()
                        .for_each(|event| hear(deliveries, event, false));
                    caught_up = !batch.more;
                }
                "{\"type\":21" => {
                    let fresh: Fresh = data(&text);
                    assert_eq!(fresh.epoch, self.epoch, "the room is another");
                    let page = fresh.page.into_iter().map(|message| Shown {
                        id: message.id,
                        rev: message.rev,
                        words: Words::of(&message.content),
                        recalled: message.recalled,
                    });
                    deliveries.resets.push(Reset {
                        from: deliveries.seq,
                        head: fresh.head,
                        page: page.collect(),
                    });
                    deliveries.seq = fresh.head;
                    caught_up = true;
                }
                "{\"type\":31" => {
                    let head: Head = data(&text);
                    assert_eq!(head.seq, deliveries.seq, "P5: lost without a trace");
                }
                _ => {}
            }
        }
    }
}

fn hear(deliveries: &mut Deliveries, event: Event, live: bool) {
    let (seq, kind, id, words) = match event {
        Event::Message { seq, message } => {
            (seq, Kind::Message, message.id, Words::of(&message.content))
        }
        Event::Edit { seq, id, content } => (seq, Kind::Edit, id, Words::of(&content)),
        Event::Recall { seq, id } => (seq, Kind::Recall, id, Words::of("")),
    };
    assert_eq!(seq, deliveries.seq + 1, "P2: a hole or a double");
    deliveries.seq = seq;
    deliveries.told.push(Told {
        seq,
        kind,
        id,
        words,
        live,
    });
}
