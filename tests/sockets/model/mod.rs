//! A room against a plain model: people come, go, come back, say, say again, edit, withdraw, and
//! the server restarts, in any order. Every one of them always knows what the model knows.
//!
//! The real store (SQLite in memory), the real room and its frames; no server.

mod system;

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, prop_state_machine};
use uuid::Uuid;

use teahouse::error::Error;

use system::System;

prop_state_machine! {
    #![proptest_config(Config { cases: 60, failure_persistence: None, .. Config::default() })]

    #[test]
    fn whoever_listens_knows_what_the_model_knows(sequential 1..120 => System);
}

/// People in the model. Each may be connected or away.
const PEOPLE: usize = 3;

#[derive(Debug, Clone)]
pub enum Step {
    /// Draws the page, forgetting what was known.
    Join(usize),
    Leave(usize),
    Resume(usize),
    /// So many messages; many of them push an absent person past what is kept for them.
    Say(usize, u16),
    /// A change that was made before, again.
    Repeat(prop::sample::Index),
    Edit(usize, prop::sample::Index),
    Recall(usize, prop::sample::Index),
    Restart,
}

#[derive(Debug, Clone, Default)]
pub struct Model {
    said: Vec<Said>,
    seq: i64,
    /// Every change that was taken: who made it, and the seq that it got.
    taken: Vec<(Step, usize, i64)>,
    connected: [bool; PEOPLE],
}

#[derive(Debug, Clone)]
struct Said {
    by: usize,
    body: String,
    rev: i64,
    edited: bool,
    recalled: bool,
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_model: &Self) -> BoxedStrategy<Step> {
        let who = 0..PEOPLE;
        let index = any::<prop::sample::Index>;
        prop_oneof![
            2 => who.clone().prop_map(Step::Join),
            2 => who.clone().prop_map(Step::Leave),
            4 => who.clone().prop_map(Step::Resume),
            6 => (who.clone(), 1u16..4).prop_map(|(who, count)| Step::Say(who, count)),
            1 => (who.clone(), 100u16..400).prop_map(|(who, count)| Step::Say(who, count)),
            3 => index().prop_map(Step::Repeat),
            5 => (who.clone(), index()).prop_map(|(who, which)| Step::Edit(who, which)),
            4 => (who, index()).prop_map(|(who, which)| Step::Recall(who, which)),
            1 => Just(Step::Restart),
        ]
        .boxed()
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        match step {
            Step::Join(who) | Step::Resume(who) => model.connected[*who] = true,
            Step::Leave(who) => model.connected[*who] = false,
            Step::Say(who, count) => (0..*count).for_each(|_| {
                model.seq += 1;
                let said = Said {
                    by: *who,
                    body: body(model.seq),
                    rev: model.seq,
                    edited: false,
                    recalled: false,
                };
                model.said.push(said);
                model.taken.push((step.clone(), *who, model.seq));
            }),
            Step::Edit(who, which) => {
                if model.may_change(*who, which).is_ok() {
                    let next = model.seq + 1;
                    let said = which.get_mut(&mut model.said);
                    said.body = body(next);
                    (said.rev, said.edited) = (next, true);
                    model.seq = next;
                    model.taken.push((step.clone(), *who, next));
                }
            }
            Step::Recall(who, which) => {
                if model.may_change(*who, which).is_ok() {
                    let next = model.seq + 1;
                    let said = which.get_mut(&mut model.said);
                    said.body = String::new();
                    (said.rev, said.recalled) = (next, true);
                    model.seq = next;
                    model.taken.push((step.clone(), *who, next));
                }
            }
            Step::Repeat(_) | Step::Restart => {}
        }
        model
    }
}

impl Model {
    fn may_change(&self, who: usize, which: &prop::sample::Index) -> Result<(), Error> {
        let Some(said) = (!self.said.is_empty()).then(|| which.get(&self.said)) else {
            return Err(Error::NotFound);
        };
        match said {
            Said { by, .. } if *by != who => Err(Error::NotYours),
            Said { recalled: true, .. } => Err(Error::TooLate),
            _ => Ok(()),
        }
    }
}

/// The words of the change with this seq; the nonce comes from the same number.
fn body(seq: i64) -> String {
    format!("words {seq} <茶>")
}

fn nonce(seq: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(seq).unwrap())
}
