//! Whatever nodes hear of each other, and in whatever order, they end with what is in the database, and tell
//! clients each event once and in order.

use actix::System;
use serde_json::json;
use uuid::Uuid;

use super::testing::*;
use crate::chat::word::{Mark, Word};
use crate::model::command::{CommittedEvents, Outcome, RoomAction};
use crate::model::membership::{FeedPosition, RoomRole};
use crate::model::message::LOBBY;
use crate::model::room::{RoomKind, RoomSettings};
use crate::model::seq::Seq;
use crate::protocol::kinds;
use crate::store::db;
use crate::text::clock;

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
fn of_read_markers_that_cross_the_later_one_is_right_in_whatever_order_they_come() {
    System::new().block_on(async {
        let base = Base::open();
        base.write(make(TWO)).await;
        let said = said(&base, TWO, 5).await;
        let bob = person(1).id;
        let now = clock::now_ms();
        let marks = [(2, 1), (4, 2), (3, 3)].map(|(messages, at)| Mark {
            room: TWO,
            id: bob,
            read: FeedPosition {
                seq: said[messages - 1].head,
                said: messages as i64,
            },
            notify: None,
            favourite: at == 3,
            at: now + at,
        });
        for order in [&[0, 1, 2][..], &[2, 1, 0], &[1, 2, 0, 1], &[0, 2, 2, 1]] {
            let node = base.node();
            let conn = node.open(1, 1, LOBBY).await;
            let marks = order.iter().map(|at| marks[*at].clone());
            node.hear_words(vec![Word::Marks(marks.collect())]);
            let (unread, favourite) = ("[3, 2, 2]", "true");
            node.until(|look| look.image[&TWO].contains(unread)).await;
            // What was asked of the store meanwhile has been answered.
            base.store.read(|_| Ok(())).await.unwrap();
            let image = node.quiet().await.image[&TWO].clone();
            assert!(
                image.contains(unread) && image.contains(favourite),
                "{order:?}: {image}"
            );
            let told = node.told.lock().unwrap().clone();
            let last = told.iter().rev().find_map(|told| match told {
                Told::One(to, frame) if *to == conn && frame["type"] == kinds::READ_MARKER => {
                    Some(frame["data"].clone())
                }
                _ => None,
            });
            let last = last.unwrap();
            assert_eq!(
                (&last["read"], &last["unread"]),
                (&json!(said[2].head), &json!(2))
            );
        }
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
