//! Somebody who says, changes and withdraws, and does not give up before everything is acked.
//! They keep their wishes in order, a window of them under way, and send what is not acked again
//! over each new line, as the page does.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::random_range;
use serde::Deserialize;
use serde_json::{Value, json};
use teahouse::protocol::kinds;
use tokio::time::sleep;
use uuid::Uuid;

use super::log::{Fact, Wish};
use crate::support::{Guest, Heard, Line};

/// Wishes under way at a time.
const WINDOW: usize = 16;

/// Own messages remembered for changes.
const OWN: usize = 200;

/// No ack for so long: the line is not what it seems.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Sender {
    pub number: usize,
    pub guest: Guest,
    /// Wishes to make in all.
    pub wishes: usize,
    /// Acks of all senders.
    pub acked: Arc<AtomicUsize>,
}

/// An ack, or a refusal.
#[derive(Deserialize)]
struct Answer {
    nonce: Option<Uuid>,
    #[serde(default)]
    id: i64,
    #[serde(default)]
    seq: i64,
    code: Option<String>,
}

#[derive(Default)]
struct Log {
    made: usize,
    under_way: VecDeque<(Uuid, Wish)>,
    own: Vec<i64>,
    facts: Vec<Fact>,
    by_nonce: HashMap<Uuid, usize>,
    /// An acked wish to send again, to see that it changes nothing.
    again: Option<(Uuid, Wish)>,
}

impl Sender {
    /// Runs until every wish is acked; gives them in the order in which they were made.
    pub async fn run(self) -> Vec<Fact> {
        let mut log = Log::default();
        while log.facts.len() < self.wishes {
            if let Some(mut line) = Line::open(&self.guest, "/ws?feed").await {
                self.talk(&mut line, &mut log).await;
            }
            sleep(Duration::from_millis(random_range(5..100))).await;
        }
        log.facts
    }

    /// Talks until the line is gone or everything is acked.
    async fn talk(&self, line: &mut Line, log: &mut Log) {
        if !line
            .say(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
            .await
        {
            return;
        }
        for (nonce, wish) in &log.under_way {
            if !line.say(&frame(*nonce, wish)).await {
                return;
            }
        }
        while log.facts.len() < self.wishes {
            while log.under_way.len() < WINDOW && log.made < self.wishes {
                let wish = self.wish(log);
                log.made += 1;
                let nonce = Uuid::new_v4();
                let sent = line.say(&frame(nonce, &wish)).await;
                log.under_way.push_back((nonce, wish));
                if !sent {
                    return;
                }
            }
            if let Some((nonce, wish)) = log.again.take()
                && !line.say(&frame(nonce, &wish)).await
            {
                return;
            }
            match line.hear(PATIENCE).await {
                Heard::Text(text) => {
                    if !self.take(&text, log) {
                        return;
                    }
                }
                Heard::Quiet | Heard::Gone => return,
            }
        }
    }

    /// False when the line should be given up.
    fn take(&self, text: &str, log: &mut Log) -> bool {
        #[derive(Deserialize)]
        struct Frame {
            data: Answer,
        }
        let kind = text.split(',').next().unwrap();
        if kind != "{\"type\":13" && kind != "{\"type\":15" {
            return true;
        }
        let answer = serde_json::from_str::<Frame>(text).unwrap().data;
        if let Some(code) = answer.code {
            assert!(
                ["busy", "not_saved"].contains(&code.as_str()),
                "sender {} was refused: {text}",
                self.number
            );
            return false;
        }
        let nonce = answer.nonce.unwrap();
        if let Some(known) = log.by_nonce.get(&nonce) {
            let known = &log.facts[*known];
            assert_eq!(
                (known.id, known.seq),
                (answer.id, answer.seq),
                "P3: one send, one ack"
            );
            return true;
        }
        let (expected, wish) = log.under_way.pop_front().unwrap();
        assert_eq!(nonce, expected, "P2: acks come in the order of the sends");
        if matches!(wish, Wish::Say(_)) {
            log.own.push(answer.id);
            if log.own.len() > OWN {
                log.own.remove(0);
            }
        }
        log.by_nonce.insert(nonce, log.facts.len());
        log.facts.push(Fact {
            nonce,
            kind: wish.kind(),
            words: wish.words(),
            id: answer.id,
            seq: answer.seq,
        });
        self.acked.fetch_add(1, Ordering::AcqRel);
        if random_range(0..50) == 0 {
            log.again = Some((nonce, wish));
        }
        true
    }

    fn wish(&self, log: &mut Log) -> Wish {
        let words = format!("sender {}, wish {} 茶", self.number, log.made);
        if log.own.is_empty() {
            return Wish::Say(words);
        }
        let which = random_range(0..log.own.len());
        match random_range(0..100) {
            0..8 => Wish::Edit(log.own[which], words),
            8..12 => Wish::Recall(log.own.swap_remove(which)),
            _ => Wish::Say(words),
        }
    }
}

fn frame(nonce: Uuid, wish: &Wish) -> Value {
    match wish {
        Wish::Say(content) => {
            json!({"type": kinds::SEND, "data": {"nonce": nonce, "room": 1, "content": content}})
        }
        Wish::Edit(id, content) => json!({"type": kinds::CHANGE, "data":
            {"nonce": nonce, "room": 1, "do": "edit", "id": id, "content": content}}),
        Wish::Recall(id) => json!({"type": kinds::CHANGE, "data":
            {"nonce": nonce, "room": 1, "do": "recall", "id": id}}),
    }
}
