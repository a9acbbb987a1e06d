//! Reactions and files of many messages at once.

use super::*;
use crate::store::queries::messages;
use crate::store::testing::{self, Open, TestDb, on_both};

on_both!(each_message_has_its_own_reactions_and_their_first_people_in_order);

/// A message of a room with so many who put an emoji on it, the first of them u1.
fn reacted(db: &mut TestDb, id: i64, room: i64, crowds: &[(&str, i64)]) {
    db.execute(
        "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
         VALUES ($1, $2, $1, $1, 3, 0, 'u1', '', '', '', '', 'tea', 0)",
        &[Value::Int(id), Value::Int(room)],
    )
    .unwrap();
    for (place, (emoji, crowd)) in (10..).step_by(100).zip(crowds) {
        for n in 1..=*crowd {
            // The number is no order of the texts.
            db.execute(
                "INSERT INTO reactions (room_id, message_id, emoji, person, name, seq) VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    Value::Int(room),
                    Value::Int(id),
                    Value::Text(emoji),
                    Value::Text(&format!("u{n}")),
                    Value::Text(&format!("{emoji}{n}")),
                    Value::Int(place + n),
                ],
            )
            .unwrap();
        }
        db.execute(
            "INSERT INTO emoji (room_id, message_id, emoji, place, n) VALUES ($1, $2, $3, $4, $5)",
            &[
                Value::Int(room),
                Value::Int(id),
                Value::Text(emoji),
                Value::Int(place),
                Value::Int(*crowd),
            ],
        )
        .unwrap();
    }
}

fn each_message_has_its_own_reactions_and_their_first_people_in_order(open: Open) {
    let mut db = open();
    reacted(&mut db, 1, 1, &[("z", 1), ("a", 12)]);
    reacted(&mut db, 2, 2, &[("a", 10)]);
    reacted(&mut db, 3, 1, &[]);
    let shown: Vec<_> = messages::all(&mut db, &[3, 2, 1, 9].map(MessageId))
        .unwrap()
        .into_iter()
        .map(|message| {
            let of = |reaction: Reaction| {
                let who: Vec<String> = reaction.who.into_iter().map(|by| by.name).collect();
                (reaction.emoji, reaction.count, who.join(" "))
            };
            (
                message.id.0,
                message.reactions.into_iter().map(of).collect::<Vec<_>>(),
            )
        })
        .collect();
    let first_ten = "a1 a2 a3 a4 a5 a6 a7 a8 a9 a10".to_owned();
    let expected = [
        (
            1,
            vec![
                ("z".to_owned(), 1, "z1".to_owned()),
                ("a".to_owned(), 12, first_ten.clone()),
            ],
        ),
        (2, vec![("a".to_owned(), 10, first_ten)]),
        (3, vec![]),
    ];
    assert_eq!(shown, expected);
    let one = messages::one(&mut db, MessageId(1)).unwrap().unwrap();
    assert_eq!(one.reactions.len(), 2);
}

#[test]
fn a_crowd_is_not_read() {
    let plan = testing::sqlite().plan(REACTIONS);
    for step in [
        "SCAN asked VIRTUAL TABLE",
        "SEARCH e USING PRIMARY KEY (room_id=? AND message_id=?)",
        "SEARCH r USING INDEX reactions_in_order (room_id=? AND message_id=? AND emoji=? AND seq<?)",
        "SEARCH s USING COVERING INDEX reactions_in_order (room_id=? AND message_id=? AND emoji=?)",
    ] {
        assert!(plan.contains(step), "{plan}");
    }
    let plan = testing::sqlite().plan(attached::OF_MESSAGES);
    let step = "SEARCH files USING INDEX files_by_message (message_id=?)";
    assert!(plan.contains(step), "{plan}");
}
