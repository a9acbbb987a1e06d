//! Whatever nodes hear of each other, and in whatever order, they end with what is in the database, and tell
//! clients each event once and in order.

use std::collections::HashMap;

use actix::System;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::testing::*;
use crate::delivery::ConnId;
use crate::model::command::{Command, CommittedEvents, Outcome, RoomAction};
use crate::model::event::EventContent;
use crate::model::membership::RoomRole;
use crate::model::message::LOBBY;
use crate::model::message_id::MessageId;
use crate::model::room::{RoomKind, RoomPatch, RoomSettings};
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::protocol::kinds;
use crate::store::db;

/// A public room that Ada has made.
const TEA: RoomId = RoomId(1 << 40);

/// A direct room of Ada and Bob.
const TWO: RoomId = RoomId((1 << 40) + 1);

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

fn make(room: RoomId) -> Command {
    let (kind, name, company) = match room {
        TWO => (RoomKind::Direct, "", vec![person(1)]),
        _ => (RoomKind::Public, "Tea", Vec::new()),
    };
    let settings = RoomSettings {
        name: name.to_owned(),
        ..RoomSettings::default()
    };
    let action = RoomAction::Create {
        kind,
        settings,
        company,
    };
    command(0, room, action)
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

/// What goes on in a room, as somebody sees it who has it open: the seq that they are at, and how many fresh pages
/// they got.
fn watch(told: &[Value]) -> (Option<i64>, usize) {
    let (mut at, mut resets) = (None, 0);
    for frame in told {
        if frame["type"] == kinds::EVENT {
            let seq = frame["data"]["seq"].as_i64().unwrap();
            assert!(at.is_none_or(|at| seq == at + 1), "{seq} after {at:?}");
            at = Some(seq);
        } else if frame["type"] == kinds::RESET {
            at = frame["data"]["head"].as_i64();
            resets += 1;
        }
    }
    (at, resets)
}

/// The acks that a node gave: each once, and after the event that it is of.
fn acks(node: &Node) -> HashMap<String, i64> {
    let mut heads: HashMap<RoomId, i64> = HashMap::new();
    let mut acks = HashMap::new();
    for told in node.told.lock().unwrap().iter() {
        match told {
            Told::Room(room, frame) => {
                let data = &frame["data"];
                let head = data["seq"].as_i64().or(data["head"].as_i64());
                let head =
                    head.filter(|_| frame["type"] == kinds::EVENT || frame["type"] == kinds::RESET);
                heads.extend(head.map(|head| (*room, head)));
            }
            Told::One(_, frame) if frame["type"] == kinds::ACK => {
                let data = &frame["data"];
                let (room, seq) = (data["room"].as_i64(), data["seq"].as_i64().unwrap());
                let seen = heads.get(&RoomId(room.unwrap()));
                assert!(
                    seen.is_none_or(|seen| seq <= *seen),
                    "{frame} after {seen:?}"
                );
                let nonce = data["nonce"].as_str().unwrap().to_owned();
                assert_eq!(acks.insert(nonce, seq), None, "an ack came twice");
            }
            Told::One(..) => {}
        }
    }
    acks
}

/// Asserts that a node is what the database is.
async fn agrees(node: &Node, base: &Base) {
    let look = node.quiet().await;
    let fresh = base.image().await;
    for (room, image) in &fresh {
        let here = look.image.get(room).map_or("", String::as_str);
        assert!(
            here == image,
            "{room}: here\n{here}\nin the database\n{image}"
        );
    }
    assert_eq!(look.image.len(), fresh.len());
    for (room, page) in &look.pages {
        assert_eq!(*page, base.page(*room).await, "{room}");
    }
}

/// What becomes of an event on its way to the other node.
#[derive(Debug, Clone, Copy)]
struct Way {
    lost: bool,
    doubled: bool,
    /// How many places it comes too late.
    late: usize,
}

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
    async fn write(&mut self, place: usize, by: usize, way: Way, command: Command) {
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
    let sure = Way {
        lost: false,
        doubled: true,
        late: 0,
    };
    post.write(0, 0, sure, make(TEA)).await;
    post.write(0, 1, sure, make(TWO)).await;
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

/// Ada says so many things in a room; what other nodes are told of it.
async fn said(base: &Base, room: RoomId, times: usize) -> Vec<CommittedEvents> {
    let mut all = Vec::new();
    for _ in 0..times {
        all.extend(base.write(say(0, room, "@Bob 茶")).await.committed());
    }
    all
}

#[test]
fn who_is_too_far_behind_gets_one_fresh_page_and_goes_on_from_there() {
    System::new().block_on(async {
        let base = Base::open();
        let node = base.node();
        node.open(1, 1, LOBBY).await;
        let mut missed = said(&base, LOBBY, 300).await;
        node.hear(missed.split_off(299));
        node.quiet().await;
        assert_eq!(
            watch(&node.told_to(LOBBY)),
            (Some(300), 0),
            "299 are read one by one"
        );

        let mut missed = said(&base, LOBBY, 400).await;
        node.hear(missed.split_off(398));
        node.quiet().await;
        agrees(&node, &base).await;
        assert_eq!(watch(&node.told_to(LOBBY)), (Some(700), 1));
        node.hear(said(&base, LOBBY, 1).await);
        agrees(&node, &base).await;
        assert_eq!(watch(&node.told_to(LOBBY)), (Some(701), 1));
    });
}

#[test]
fn a_room_that_was_made_elsewhere_unheard_is_read_and_its_people_learn_of_it() {
    System::new().block_on(async {
        let base = Base::open();
        let node = base.node();
        let conn = node.open(1, 1, LOBBY).await;
        base.write(make(TWO)).await;
        node.hear(said(&base, TWO, 1).await);
        agrees(&node, &base).await;
        let told = node.told.lock().unwrap().clone();
        let listed = told.iter().any(|told| {
            matches!(told, Told::One(to, frame) if *to == conn
                && frame["type"] == kinds::ROOMS && frame["data"]["rooms"][0]["id"] == TWO.0)
        });
        assert!(listed, "{told:?}");
    });
}

#[test]
fn an_ack_whose_room_is_not_known_here_comes_once_it_is() {
    System::new().block_on(async {
        let base = Base::open();
        let node = base.node();
        let conn = node.open(1, 0, LOBBY).await;
        base.write(make(TEA)).await;
        let nonce = Uuid::new_v4();
        node.own(conn, nonce, base.write(say(0, TEA, "茶")).await);
        agrees(&node, &base).await;
        assert_eq!(acks(&node).len(), 1);
    });
}

#[test]
fn a_repeated_command_is_acked_after_the_event_that_this_node_has_not_heard_of() {
    System::new().block_on(async {
        let base = Base::open();
        let node = base.node();
        let conn = node.open(1, 0, LOBBY).await;
        let written = said(&base, LOBBY, 3).await;
        let ack = crate::model::command::Ack {
            room: LOBBY,
            seq: written[2].head,
            ..Default::default()
        };
        node.own(conn, Uuid::new_v4(), Outcome::Repeated(ack));
        agrees(&node, &base).await;
        assert_eq!(acks(&node).len(), 1);
        assert_eq!(watch(&node.told_to(LOBBY)), (Some(3), 0));
    });
}

#[test]
fn another_numbering_is_a_fresh_page_and_what_it_does_not_have_is_not_saved() {
    System::new().block_on(async {
        let base = Base::open();
        let node = base.node();
        let conn = node.open(1, 1, LOBBY).await;
        node.hear(said(&base, LOBBY, 3).await);
        node.quiet().await;
        // The database has lost the newest event, and goes on from there.
        let lose = |db: &mut dyn db::Db| {
            db.execute("DELETE FROM events WHERE seq = 3", &[])?;
            db.execute("DELETE FROM messages WHERE seq = 3", &[])?;
            db.execute("UPDATE rooms SET epoch = 'anew', head = 2, said = 2", &[])
        };
        base.store.write(lose).await.unwrap();
        let heard = said(&base, LOBBY, 1).await.into_iter();
        let heard = heard.map(|committed| CommittedEvents {
            epoch: Some("anew".to_owned()),
            ..committed
        });
        node.hear(heard.collect());
        let lost = crate::model::command::Ack {
            room: LOBBY,
            seq: Seq(9),
            ..Default::default()
        };
        node.own(conn, Uuid::new_v4(), Outcome::Repeated(lost));
        agrees(&node, &base).await;
        assert_eq!(watch(&node.told_to(LOBBY)), (Some(3), 1));
        assert_eq!(acks(&node).len(), 0);
        let told = node.told.lock().unwrap().clone();
        let refused = told.iter().any(
            |told| matches!(told, Told::One(_, frame) if frame["data"]["code"] == "not_saved"),
        );
        assert!(refused, "{told:?}");
    });
}

#[test]
fn who_is_mentioned_on_another_node_is_told_of_it() {
    System::new().block_on(async {
        let base = Base::open();
        base.write(make(TEA)).await;
        let join = RoomAction::Join { invitation: None };
        base.write(command(1, TEA, join)).await;
        let node = base.node();
        let conn = node.open(1, 1, LOBBY).await;
        node.hear(said(&base, TEA, 2).await);
        let told = std::sync::Arc::clone(&node.told);
        let counted = |told: &Told| {
            let Told::One(to, frame) = told else {
                return false;
            };
            let part = &frame["data"]["rooms"][0];
            let call = &part["call"];
            *to == conn
                && (&part["id"], &part["unread"], &part["mentions"])
                    == (&json!(TEA), &json!(2), &json!(2))
                && (&call["by"]["name"], &call["mention"]) == (&json!("Ada"), &json!(true))
        };
        node.until(|_| told.lock().unwrap().iter().any(counted))
            .await;
    });
}

#[test]
fn who_was_let_in_on_another_node_a_moment_ago_is_let_in_here() {
    System::new().block_on(async {
        let base = Base::open();
        base.write(make(TEA)).await;
        let private = RoomAction::Create {
            kind: RoomKind::Private,
            settings: RoomSettings {
                name: "Quiet".to_owned(),
                ..RoomSettings::default()
            },
            company: Vec::new(),
        };
        let node = base.node();
        // Made elsewhere, and nobody has told this node.
        base.write(command(0, TWO, private)).await;
        node.open(1, 0, TWO).await;
        node.quiet().await;
        // Unbanned elsewhere, and nobody has told this node.
        let set = |to| {
            let who = person(1);
            command(0, TEA, RoomAction::SetRole { who, to })
        };
        let banned = base.write(set(Some(RoomRole::Banned))).await;
        node.hear(banned.committed().into_iter().collect());
        base.write(set(None)).await;
        node.open(2, 1, TEA).await;
        agrees(&node, &base).await;
    });
}

#[test]
fn a_client_that_is_ahead_of_its_node_gets_what_comes_next_and_no_fresh_page() {
    System::new().block_on(async {
        let base = Base::open();
        let node = base.node();
        node.hear(said(&base, LOBBY, 1).await);
        node.quiet().await;
        // It has heard the second on another node.
        said(&base, LOBBY, 1).await;
        let conn = node.resume(1, 1, LOBBY, Seq(2)).await;
        node.hear(said(&base, LOBBY, 1).await);
        agrees(&node, &base).await;
        let told = node.told.lock().unwrap().clone();
        let reset = |told: &Told| matches!(told, Told::One(to, frame) if *to == conn && frame["type"] == kinds::RESET);
        assert!(!told.iter().any(reset), "{told:?}");
        // What no node has is forgotten, as ever.
        let conn = node.resume(2, 1, LOBBY, Seq(1_000)).await;
        let told = node.told.lock().unwrap().clone();
        let reset = |told: &Told| matches!(told, Told::One(to, frame) if *to == conn && frame["type"] == kinds::RESET);
        assert!(told.iter().any(reset), "{told:?}");
    });
}
