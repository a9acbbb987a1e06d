//! The verdict: one pass over the log of a run, against what was acked and what is on disk.

use std::collections::HashMap;

use teahouse::store::db::{Db, Engine};

use super::log::{Deliveries, Fact, Kind, Words};

/// What happened in the room, by seq, as the acks say.
pub struct Truth<'a> {
    facts: Vec<&'a Fact>,
    /// By message: the seqs of its changes and the words after each.
    lives: HashMap<i64, Vec<(i64, Words)>>,
}

impl<'a> Truth<'a> {
    /// Every seq from 1 on belongs to exactly one acked wish (P2, P3), and each sender's wishes
    /// came in their order (P2).
    pub fn of(senders: &'a [Vec<Fact>]) -> Self {
        for facts in senders {
            let in_order = facts.is_sorted_by(|one, next| one.seq < next.seq);
            assert!(in_order, "P2: a sender's own messages keep their order");
        }
        let mut facts: Vec<&Fact> = senders.iter().flatten().collect();
        facts.sort_by_key(|fact| fact.seq);
        let mut lives: HashMap<i64, Vec<(i64, Words)>> = HashMap::new();
        for (place, fact) in facts.iter().enumerate() {
            assert_eq!(
                fact.seq,
                place as i64 + 1,
                "P2, P3: seqs without holes, each once"
            );
            lives
                .entry(fact.id)
                .or_default()
                .push((fact.seq, fact.words));
        }
        Self { facts, lives }
    }

    pub fn head(&self) -> i64 {
        self.facts.len() as i64
    }

    fn at(&self, seq: i64) -> &Fact {
        self.facts[usize::try_from(seq - 1).unwrap()]
    }

    /// What a reader heard is what happened. One node tells live events to the letter; in a resume, and where a node has
    /// read what another one wrote, words may have been changed or withdrawn since (P4).
    pub fn check_hearing(&self, deliveries: &Deliveries, nodes: usize) {
        assert_eq!(
            deliveries.seq,
            self.head(),
            "a reader did not hear everything"
        );
        for told in &deliveries.told {
            let fact = self.at(told.seq);
            assert_eq!(
                (told.kind, told.id),
                (fact.kind, fact.id),
                "seq {}",
                told.seq
            );
            let later = (nodes > 1 || !told.live)
                && self.lives[&told.id]
                    .iter()
                    .any(|(seq, words)| *seq > told.seq && *words == told.words);
            assert!(
                told.words == fact.words || later,
                "seq {} was told with other words",
                told.seq
            );
        }
        for reset in &deliveries.resets {
            assert!(
                reset.head - reset.from > 300,
                "P4: reset from {} to {}, which is not far",
                reset.from,
                reset.head
            );
            assert!(!reset.page.is_empty());
            for shown in &reset.page {
                let fact = self.at(shown.rev);
                assert_eq!((fact.id, fact.words), (shown.id, shown.words), "P4: page");
                assert_eq!(fact.kind == Kind::Recall, shown.recalled, "P4: page");
                let newer = |(seq, _): &&(i64, Words)| *seq > shown.rev && *seq <= reset.head;
                assert_eq!(
                    self.lives[&shown.id].iter().find(newer),
                    None,
                    "P4: old page"
                );
            }
        }
    }

    /// What is on disk is what was acked (P1), once (P3), under the same seq (P2).
    pub fn check_disk(&self, db: &mut dyn Db) {
        if db.engine() == Engine::Sqlite {
            let mut whole = db.first("PRAGMA integrity_check", &[]).unwrap().unwrap();
            assert_eq!(whole.text().as_deref(), Ok("ok"));
        }
        let events = "SELECT seq, message_id, CAST(nonce AS TEXT) FROM events WHERE room_id = 1 ORDER BY seq";
        let mut count = 0;
        for mut row in db.query(events, &[]).unwrap() {
            let seq = row.int().unwrap();
            assert!(seq <= self.head(), "seq {seq} was never acked to anybody");
            let fact = self.at(seq);
            let kept = (row.int().unwrap(), row.text().unwrap());
            assert_eq!(kept, (fact.id, fact.nonce.to_string()), "P1: seq {seq}");
            count += 1;
        }
        assert_eq!(count, self.head(), "P1: acked means stored");
        let mut messages = 0;
        let all = "SELECT id, content FROM messages ORDER BY id";
        for mut row in db.query(all, &[]).unwrap() {
            let (id, content) = (row.int().unwrap(), row.text().unwrap());
            let last = self.lives[&id].last().map(|(_, words)| *words);
            assert_eq!(
                last,
                Some(Words::of(&content)),
                "P1: the words of message {id}"
            );
            messages += 1;
        }
        assert_eq!(messages, self.lives.len());
    }
}
