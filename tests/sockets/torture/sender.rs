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

use super::log::{Fact, Intent};
use crate::support::{Guest, Heard, Line};

/// Own messages remembered for changes.
const OWN: usize = 200;

/// No ack for so long: the line is not what it seems.
const PATIENCE: Duration = Duration::from_secs(3);

pub struct Sender {
    pub number: usize,
    pub guest: Guest,
    /// Wishes to make in all.
    pub intents: usize,
    /// Wishes under way at a time.
    pub window: usize,
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
    under_way: VecDeque<(Uuid, Intent)>,
    own: Vec<i64>,
    facts: Vec<Fact>,
    by_nonce: HashMap<Uuid, usize>,
    /// An acked wish to send again, to see that it changes nothing.
    again: Option<(Uuid, Intent)>,
}

impl Sender {
    /// Runs until every wish is acked; gives them in the order in which they were made.
    pub async fn run(self) -> Vec<Fact> {
        let mut log = Log::default();
        while log.facts.len() < self.intents {
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
        for (nonce, intent) in &log.under_way {
            if !line.say(&frame(*nonce, intent)).await {
                return;
            }
        }
        while log.facts.len() < self.intents {
            while log.under_way.len() < self.window && log.made < self.intents {
                let intent = self.intent(log);
                log.made += 1;
                let nonce = Uuid::new_v4();
                let sent = line.say(&frame(nonce, &intent)).await;
                log.under_way.push_back((nonce, intent));
                if !sent {
                    return;
                }
            }
            if let Some((nonce, intent)) = log.again.take()
                && !line.say(&frame(nonce, &intent)).await
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
                ["busy", "not_saved", "store_away"].contains(&code.as_str()),
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
        let (expected, intent) = log.under_way.pop_front().unwrap();
        assert_eq!(nonce, expected, "P2: acks come in the order of the sends");
        if matches!(intent, Intent::Say(_)) {
            log.own.push(answer.id);
            if log.own.len() > OWN {
                log.own.remove(0);
            }
        }
        log.by_nonce.insert(nonce, log.facts.len());
        log.facts.push(Fact {
            nonce,
            kind: intent.kind(),
            words: intent.words(),
            id: answer.id,
            seq: answer.seq,
        });
        self.acked.fetch_add(1, Ordering::AcqRel);
        if random_range(0..50) == 0 {
            log.again = Some((nonce, intent));
        }
        true
    }

    fn intent(&self, log: &mut Log) -> Intent {
        let words = format!("sender {}, wish {} 茶", self.number, log.made);
        if log.own.is_empty() {
            return Intent::Say(words);
        }
        let which = random_range(0..log.own.len());
        match random_range(0..100) {
            0..8 => Intent::Edit(log.own[which], words),
            8..12 => Intent::Recall(log.own.swap_remove(which)),
            _ => Intent::Say(words),
        }
    }
}

fn frame(nonce: Uuid, intent: &Intent) -> Value {
    match intent {
        Intent::Say(content) => {
            json!({"type": kinds::SEND, "data": {"nonce": nonce, "room": 1, "content": content}})
        }
        Intent::Edit(id, content) => json!({"type": kinds::CHANGE, "data":
            {"nonce": nonce, "room": 1, "do": "edit", "id": id, "content": content}}),
        Intent::Recall(id) => json!({"type": kinds::CHANGE, "data":
            {"nonce": nonce, "room": 1, "do": "recall", "id": id}}),
    }
}
