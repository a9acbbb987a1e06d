//! Read markers, many at a time.

use super::*;
use crate::model::membership::RoomRole;
use crate::store::queries::{epochs, room_registry};
use crate::store::testing::{self, Open, on_both};

on_both!(markers_move_for_members_and_in_the_lobby_for_everybody);

fn marked(room: i64, person: i64, seq: i64) -> Marked {
    Marked {
        room: RoomId(room),
        person: PersonId::User(person),
        membership: Membership {
            room_role: RoomRole::Member,
            read_marker: FeedPosition {
                seq: Seq(seq),
                said: seq - 1,
            },
            notify: Some(Notify::All),
            favourite: true,
        },
    }
}

fn markers_move_for_members_and_in_the_lobby_for_everybody(open: Open) {
    let mut db = open();
    for room in 1..=2 {
        epochs::open(&mut db, RoomId(room)).unwrap();
    }
    db.execute("UPDATE rooms SET kind = 1 WHERE id = 2", &[])
        .unwrap();
    for (room, person) in [(1, "u1"), (2, "u1"), (2, "u2")] {
        db.execute(
            "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) VALUES ($1, $2, 2, 'x', 5, 0, 0, 0)",
            &[Value::Int(room), Value::Text(person)],
        )
        .unwrap();
    }
    keep(
        &mut db,
        &[
            marked(1, 1, 7),
            marked(1, 2, 8),
            marked(2, 1, 9),
            marked(2, 3, 9),
            marked(3, 1, 9),
        ],
    )
    .unwrap();
    let registry = room_registry::load(&mut db).unwrap();
    let membership = |room: i64, person: i64| {
        let record = registry.get(RoomId(room)).unwrap();
        record.memberships.get(&PersonId::User(person)).copied()
    };
    let moved = |room, person, seq: i64, role| {
        let expected = Membership {
            room_role: role,
            ..marked(room, person, seq).membership
        };
        assert_eq!(membership(room, person), Some(expected), "{room} {person}");
    };
    moved(1, 1, 7, RoomRole::Admin);
    moved(1, 2, 8, RoomRole::Member);
    moved(2, 1, 9, RoomRole::Admin);
    assert_eq!(
        membership(2, 2).unwrap().read_marker,
        FeedPosition::default()
    );
    assert_eq!(membership(2, 3), None, "who has left stays out");
    let mut own = of_person(&mut db, PersonId::User(1)).unwrap();
    own.sort_unstable_by_key(|(room, _)| *room);
    let expected = [1, 2].map(|room| (RoomId(room), membership(room, 1).unwrap()));
    assert_eq!(own, expected);
}

#[test]
fn a_member_is_looked_up_for_each_marker() {
    let mut db = testing::sqlite();
    for (sql, steps) in [
        (
            MOVE,
            [
                "SCAN json_each VIRTUAL TABLE",
                "SEARCH members USING COVERING INDEX members_by_person (person=? AND room_id=?)",
            ],
        ),
        (ADD, ["SCAN json_each VIRTUAL TABLE", "SEARCH rooms USING"]),
    ] {
        let plan = db.plan(sql);
        for step in steps {
            assert!(plan.contains(step), "{plan}");
        }
    }
}
