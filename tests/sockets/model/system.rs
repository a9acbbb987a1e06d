//! The server of the model test: the real store, the real room, and what its frames tell people.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest_state_machine::StateMachineTest;
use serde_json::{Value, json};
use uuid::Uuid;

use teahouse::chat::ring;
use teahouse::chat::room_history::{Missed, RoomHistory};
use teahouse::error::Error;
use teahouse::model::command::{Ack, Command, Outcome, Target};
use teahouse::model::event::EventContent;
use teahouse::model::message::{LOBBY, Message};
use teahouse::model::message_id::MessageId;
use teahouse::model::person::{Person, PersonKind};
use teahouse::model::person_id::PersonId;
use teahouse::model::principal::Principal;
use teahouse::model::seq::Seq;
use teahouse::protocol::request::Position;
use teahouse::store::commands::apply::apply;
use teahouse::store::queries::{epochs, messages};
use teahouse::store::schema;
use teahouse::store::sqlite::Sqlite;
use teahouse::text::body::RenderedBody;
use teahouse::text::content::Format;

use super::{Model, PEOPLE, Step, body, nonce};
use crate::support::View;

pub struct System {
    db: Sqlite,
    room: RoomHistory,
    people: [Option<View>; PEOPLE],
    connected: [bool; PEOPLE],
    /// The ids of messages, in the model's order.
    ids: Vec<i64>,
    /// What was acked for each nonce.
    acks: HashMap<Uuid, (MessageId, Seq)>,
}

impl System {
    fn load(db: &mut Sqlite) -> RoomHistory {
        let head = epochs::open(db, LOBBY).unwrap();
        let newest = messages::page(db, LOBBY, None, ring::EVENTS as i64).unwrap();
        let events = messages::events(db, LOBBY, ring::EVENTS as i64).unwrap();
        RoomHistory::new(
            LOBBY,
            head.epoch,
            head.seq,
            newest,
            events,
            50,
            String::new(),
        )
    }

    /// Writes a command as the writer does, and tells everybody who is connected.
    fn write(&mut self, nonce: Uuid, command: Command) -> Result<(MessageId, Seq), Error> {
        self.db.begin().unwrap();
        let written = apply(&mut self.db, Some(nonce), command).unwrap();
        self.db.commit().unwrap();
        match written {
            Outcome::Event(event) => {
                let ack = (event.change.message().unwrap(), event.seq);
                if let EventContent::Message(message) = &event.change {
                    self.ids.push(message.id.0);
                }
                let frames = decoded(&self.room.apply(event).feed);
                for (view, connected) in self.people.iter_mut().zip(self.connected) {
                    if let Some(view) = view.as_mut().filter(|_| connected) {
                        frames.iter().for_each(|frame| drop(view.take(frame)));
                    }
                }
                assert_eq!(self.acks.insert(nonce, ack), None);
                Ok(ack)
            }
            Outcome::Repeated(Ack { id, seq, .. }) => {
                let first = self.acks.get(&nonce);
                assert!(first.is_none_or(|first| *first == (id, seq)), "another ack");
                Ok((id, seq))
            }
            Outcome::Events { .. } | Outcome::Deleted(_) => {
                panic!("nobody does anything to rooms here")
            }
            Outcome::Refused(error) => Err(error),
        }
    }

    fn command(&self, step: &Step, who: usize, seq: i64) -> Command {
        let by = person(who);
        match step {
            Step::Edit(_, which) => Command::Edit {
                target: Box::new(self.target(by, which)),
                body: wording(seq),
            },
            Step::Recall(_, which) => Command::Recall {
                target: Box::new(self.target(by, which)),
                not_before: 0,
            },
            _ => Command::Send {
                message: Box::new(Message::new(LOBBY, by.clone(), seq)),
                body: wording(seq),
                attachments: Vec::new(),
                fallback_name: None,
                principal: Principal::member(by),
            },
        }
    }

    fn target(&self, by: Person, which: &prop::sample::Index) -> Target {
        Target {
            room: LOBBY,
            id: if self.ids.is_empty() {
                MessageId(1)
            } else {
                MessageId(*which.get(&self.ids))
            },
            principal: Principal::member(by),
            at: 7,
        }
    }

    fn resume(&mut self, who: usize) {
        let Some(view) = &mut self.people[who] else {
            return self.join(who);
        };
        let position = Position {
            epoch: view.epoch.clone(),
            seq: Seq(view.seq),
        };
        let (Missed::Batch(frames) | Missed::Reset(frames)) = self.room.since(&position);
        let gap = self.room.head().0 - view.seq;
        let resets = view.resets;
        decoded(&frames)
            .iter()
            .for_each(|frame| drop(view.take(frame)));
        assert_eq!(view.resets > resets, gap > 300, "{gap} events behind");
        assert!(!view.behind);
    }

    fn join(&mut self, who: usize) {
        let position = Position {
            epoch: "another".to_owned(),
            seq: Seq(0),
        };
        let Missed::Reset(frames) = self.room.since(&position) else {
            panic!("an unknown epoch is no resume");
        };
        let mut view = View::default();
        decoded(&frames)
            .iter()
            .for_each(|frame| drop(view.take(frame)));
        self.people[who] = Some(view);
    }
}

impl StateMachineTest for System {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_model: &Model) -> Self {
        let mut db = schema::open(None).unwrap();
        Self {
            room: Self::load(&mut db),
            db,
            people: Default::default(),
            connected: [false; PEOPLE],
            ids: Vec::new(),
            acks: HashMap::new(),
        }
    }

    /// `model` is what it is after the step.
    fn apply(mut system: Self, model: &Model, step: Step) -> Self {
        match &step {
            Step::Join(who) => system.join(*who),
            Step::Leave(_) => {}
            Step::Resume(who) => system.resume(*who),
            Step::Say(who, count) => {
                for seq in model.seq - i64::from(*count) + 1..=model.seq {
                    let ack = system.write(nonce(seq), system.command(&step, *who, seq));
                    assert_eq!(ack.map(|(_, seq)| seq.0), Ok(seq));
                }
            }
            Step::Repeat(which) => {
                if !model.taken.is_empty() {
                    let (step, who, seq) = which.get(&model.taken);
                    let again = system.write(nonce(*seq), system.command(step, *who, *seq));
                    assert_eq!(again.map(|(_, seq)| seq.0), Ok(*seq));
                }
            }
            Step::Edit(who, which) | Step::Recall(who, which) => {
                let taken = model.taken.len() > system.acks.len();
                let next = system.room.head().0 + 1;
                // What is not taken uses up no nonce of the model's.
                let nonce = if taken { nonce(next) } else { Uuid::new_v4() };
                let ack = system.write(nonce, system.command(&step, *who, next));
                match (taken, ack) {
                    (true, ack) => assert_eq!(ack.map(|(_, seq)| seq.0), Ok(next)),
                    (false, Err(error)) => {
                        let expected = model.may_change(*who, which).unwrap_err();
                        assert_eq!(error, expected);
                    }
                    // A recall of what is recalled is acked again.
                    (false, Ok((_, seq))) => {
                        let said = which.get(&model.said);
                        assert!(
                            said.recalled && said.rev == seq.0 && matches!(step, Step::Recall(..))
                        );
                    }
                }
            }
            Step::Restart => {
                system.room = Self::load(&mut system.db);
                let people = system.connected;
                (0..PEOPLE)
                    .filter(|who| people[*who])
                    .for_each(|who| system.resume(who));
            }
        }
        system.connected = model.connected;
        system
    }

    fn check_invariants(system: &Self, model: &Model) {
        assert_eq!(system.room.head(), Seq(model.seq));
        let truth = |at: usize| {
            let said = &model.said[at];
            json!([
                said.body,
                said.rev,
                said.edited && !said.recalled,
                said.recalled
            ])
        };
        let known = |message: &Value| {
            let (edited, recalled) = (message.get("edited"), message.get("recalled"));
            json!([
                message["content"],
                message["rev"],
                edited.is_some(),
                recalled.is_some()
            ])
        };
        for (view, connected) in system.people.iter().zip(system.connected) {
            let Some(view) = view.as_ref().filter(|_| connected) else {
                continue;
            };
            assert_eq!(view.seq, model.seq);
            let oldest = view.messages.keys().next().copied().unwrap_or(i64::MAX);
            for (at, id) in system
                .ids
                .iter()
                .enumerate()
                .filter(|(_, id)| **id >= oldest)
            {
                assert_eq!(known(&view.messages[id]), truth(at), "message {id}");
            }
            let newest = system.ids.len().min(50);
            assert!(view.messages.len() >= newest, "at least the newest page");
        }
    }
}

fn person(who: usize) -> Person {
    Person {
        id: PersonId::User(who as i64 + 1),
        kind: PersonKind::User,
        bot: false,
        name: format!("Person {who}"),
        avatar: String::new(),
        place: String::new(),
    }
}

/// The texts of whole, unmasked frames.
fn decoded(mut frames: &[u8]) -> Vec<Value> {
    let mut texts = Vec::new();
    while let [0x81, short, rest @ ..] = frames {
        let (length, rest) = match *short {
            126 => (u16::from_be_bytes([rest[0], rest[1]]).into(), &rest[2..]),
            127 => (
                usize::try_from(u64::from_be_bytes(rest[..8].try_into().unwrap())).unwrap(),
                &rest[8..],
            ),
            short => (usize::from(short), rest),
        };
        let (text, after) = rest.split_at(length);
        texts.push(serde_json::from_slice(text).unwrap());
        frames = after;
    }
    assert!(frames.is_empty(), "not a text frame: {frames:?}");
    texts
}

fn wording(seq: i64) -> Box<RenderedBody> {
    Box::new(RenderedBody::new(body(seq), Format::Markdown))
}
