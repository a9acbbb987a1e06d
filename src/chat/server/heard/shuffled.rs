//! Two nodes that hear each other in whatever order, with losses and doubles.

use std::collections::HashMap;

use actix::System;
use proptest::prelude::*;
use uuid::Uuid;

use super::testing::*;
use crate::delivery::ConnId;
use crate::model::command::{Command, CommittedEvents, Outcome, RoomAction};
use crate::model::event::EventContent;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::message_id::MessageId;
use crate::model::room::RoomPatch;
use crate::model::room_id::RoomId;
use crate::store::db;

#[derive(Debug, Clone)]
enum Step {
    Say(usize, RoomId, Option<usize>),
    Edit(usize, Option<usize>),
    Recall(usize),
    React(usize, usize, bool),
    Pin(usize, bool),
    Join(usize),
    Leave(usize),
    SetRole(usize, Option<RoomRole>),
    Settle(bool),
}

fn steps() -> impl Strategy<Value = Step> {
    let who = || 0..PEOPLE.len();
    let room = prop_oneof![Just(LOBBY), Just(TEA), Just(TWO)];
    let role = prop_oneof![
        Just(None),
        Just(Some(RoomRole::Admin)),
        Just(Some(RoomRole::Member)),
        Just(Some(RoomRole::Muted)),
        Just(Some(RoomRole::Banned)),
    ];
    prop_oneof![
        8 => (who(), room, proptest::option::of(0..=PEOPLE.len())).prop_map(|(who, room, whom)| Step::Say(who, room, whom)),
        2 => (any::<usize>(), proptest::option::of(0..=PEOPLE.len())).prop_map(|(which, whom)| Step::Edit(which, whom)),
        2 => any::<usize>().prop_map(Step::Recall),
        1 => (who(), any::<usize>(), any::<bool>()).prop_map(|(who, which, on)| Step::React(who, which, on)),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(which, on)| Step::Pin(which, on)),
        2 => (1..PEOPLE.len()).prop_map(Step::Join),
        1 => (1..PEOPLE.len()).prop_map(Step::Leave),
        2 => (1..PEOPLE.len(), role).prop_map(|(who, to)| Step::SetRole(who, to)),
        1 => any::<bool>().prop_map(Step::Settle),
    ]
}

/// Something that mentions somebody, or everybody.
fn words(whom: Option<usize>) -> String {
    match whom.map(|whom| PEOPLE.get(whom)) {
        None => "茶".to_owned(),
        Some(Some(name)) => format!("@{name} 茶"),
        Some(None) => "@all 茶".to_owned(),
    }
}

/// The messages that there are: room, author, id.
type Messages = Vec<(RoomId, usize, MessageId)>;

fn command_of(step: &Step, messages: &Messages) -> Option<Command> {
    let pick = |which: &usize| messages.get(which % messages.len().max(1)).copied();
    Some(match step {
        Step::Say(who, room, whom) => say(*who, *room, &words(*whom)),
        Step::Edit(which, whom) => {
            let (room, author, id) = pick(which)?;
            Command::Edit {
                target: target(author, room, id),
                body: body(&words(*whom)),
            }
        }
        Step::Recall(which) => {
            let (room, author, id) = pick(which)?;
            Command::Recall {
                target: target(author, room, id),
                not_before: 0,
            }
        }
        Step::React(who, which, on) => {
            let (room, _, id) = pick(which)?;
            Command::React {
                target: target(*who, room, id),
                emoji: "🍵",
                on: *on,
            }
        }
        Step::Pin(which, on) => {
            let (room, _, id) = pick(which)?;
            Command::Pin {
                target: target(0, room, id),
                on: *on,
            }
        }
        Step::Join(who) => command(*who, TEA, RoomAction::Join { invitation: None }),
        Step::Leave(who) => command(*who, TEA, RoomAction::Leave),
        Step::SetRole(who, to) => command(
            0,
            TEA,
            RoomAction::SetRole {
                who: person(*who),
                to: *to,
            },
        ),
        Step::Settle(mute_all) => command(
            0,
            TEA,
            RoomAction::Update(RoomPatch {
                mute_all: Some(*mute_all),
                ..RoomPatch::default()
            }),
        ),
    })
}

/// The sweep: how far each room is.
async fn heads(base: &Base) -> Vec<CommittedEvents> {
    let heads = base.store.read(|db| {
        let rows = db.query("SELECT id, head FROM rooms", &[])?;
        let heads = rows
            .into_iter()
            .map(|mut row| Ok((row.room()?, row.seq()?)));
        heads.collect::<Result<Vec<_>, db::StoreError>>()
    });
    let heads = heads.await.unwrap().into_iter();
    heads
        .map(|(room, head)| CommittedEvents {
            room,
            epoch: None,
            created: None,
            events: Vec::new(),
            head,
        })
        .collect()
}

/// What becomes of an event on its way to the other node.
#[derive(Debug, Clone, Copy)]
struct Way {
    lost: bool,
    doubled: bool,
    /// How many places it comes too late.
    late: usize,
}

/// It comes at once, and once more.
const SURE: Way = Way {
    lost: false,
    doubled: true,
    late: 0,
};

fn ways() -> impl Strategy<Value = Way> {
    (
        proptest::bool::weighted(0.15),
        proptest::bool::weighted(0.2),
        prop_oneof![3 => Just(0), 1 => 0..40_usize],
    )
        .prop_map(|(lost, doubled, late)| Way {
            lost,
            doubled,
            late,
        })
}

/// What is on its way to which of two nodes: the place in time, the node, the nonce if it is the node's own.
struct Post {
    base: Base,
    messages: Messages,
    mail: Vec<(usize, usize, Option<Uuid>, Outcome)>,
    /// What each node is to ack.
    expected: [HashMap<String, i64>; 2],
}

impl Post {
    async fn write(&mut self, place: usize, by: usize, mut way: Way, command: Command) {
        let author = match command.by().id.user() {
            Some(number) => number as usize - 1,
            None => 0,
        };
        let outcome = self.base.write(command).await;
        let Some(committed) = outcome.committed() else {
            return;
        };
        if let Outcome::Event(event) = &outcome
            && let EventContent::Message(message) = &event.change
        {
            self.messages.push((event.room, author, message.id));
            // Whom a mention has given a row of the lobby, and who is not mentioned any more when the other node reads the
            // message, that node knows when they come to it.
            if event.room == LOBBY && !message.mentions.people.is_empty() {
                way = SURE;
            }
        }
        let nonce = Uuid::new_v4();
        self.expected[by].insert(nonce.to_string(), committed.head.0);
        self.mail.push((place, by, Some(nonce), outcome.clone()));
        let times = if way.lost {
            0
        } else {
            1 + usize::from(way.doubled)
        };
        for time in 0..times {
            let late = place + way.late + time * 7;
            self.mail.push((late, 1 - by, None, outcome.clone()));
        }
    }
}

/// Two nodes write by turns and hear each other as the ways have it.
async fn two_nodes(steps: Vec<(Step, bool, Way)>) {
    let mut post = Post {
        base: Base::open(),
        messages: Vec::new(),
        mail: Vec::new(),
        expected: Default::default(),
    };
    let nodes = [post.base.node(), post.base.node()];
    let conn = ConnId::new(0, 1);
    for node in &nodes {
        node.open(1, 3, LOBBY).await;
    }
    // A room that is read anew has the read markers that are stored by then: here none is read.
    post.write(0, 0, SURE, make(TEA)).await;
    post.write(0, 1, SURE, make(TWO)).await;
    for (place, (step, second, way)) in (1..).zip(steps) {
        if let Some(command) = command_of(&step, &post.messages) {
            post.write(place, usize::from(second), way, command).await;
        }
    }
    // Each node's own come in their order, as its writer gives them.
    post.mail.sort_by_key(|(place, ..)| *place);
    for (_, to, nonce, outcome) in std::mem::take(&mut post.mail) {
        match nonce {
            Some(nonce) => nodes[to].own(conn, nonce, outcome),
            None => nodes[to].hear(outcome.committed().into_iter().collect()),
        }
    }
    for node in &nodes {
        node.hear(heads(&post.base).await);
        node.quiet().await;
        node.store_marks(&post.base).await;
    }
    for (node, expected) in nodes.iter().zip(&post.expected) {
        agrees(node, &post.base).await;
        let (at, _) = watch(&node.told_to(LOBBY));
        let head = post
            .base
            .page(LOBBY)
            .await
            .iter()
            .map(|said| said.rev.0)
            .max();
        assert!(at >= head, "{at:?} of {head:?}");
        let acks = acks(node);
        let missing: Vec<_> = expected
            .iter()
            .filter(|(nonce, _)| !acks.contains_key(*nonce))
            .collect();
        assert!(missing.is_empty(), "without an ack: {missing:?}");
        assert_eq!(acks.len(), expected.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Losses, doubles and delays change nothing: both nodes end as one that has just started.
    #[test]
    fn nodes_that_hear_each_other_somehow_end_with_what_is_in_the_database(
        steps in proptest::collection::vec((steps(), any::<bool>(), ways()), 20..120)
    ) {
        System::new().block_on(two_nodes(steps));
    }
}
