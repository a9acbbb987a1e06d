use uuid::Uuid;

use super::*;
use crate::model::file_id::FileId;
use crate::model::membership::FeedPosition;
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::queries::{epochs, messages, room_registry};
use crate::store::testing::{Open, TestDb, on_both};

const KEPT: Kept = Kept {
    since: 1_000,
    now: 2_000,
};

on_both!(
    what_is_too_old_goes_with_all_that_it_has_and_nothing_else_does,
    steps_are_small_in_one_room_and_in_many,
    a_message_that_a_crowd_has_to_do_with_goes_in_steps_too,
    no_id_and_no_seq_is_given_twice_when_all_is_too_old,
    what_is_left_of_a_rooms_events_has_no_holes,
    what_happened_beside_goes_by_its_own_age,
);

fn count(db: &mut TestDb, sql: &'static str) -> i64 {
    db.number(sql)
}

/// Sends a message to a room at a time, with everything that a message can have, and an answer to the
/// first message of the room.
fn say(db: &mut dyn Db, room: RoomId, at: i64) {
    let (nonce, file) = (
        Uuid::now_v7().to_string(),
        FileId::new(Uuid::now_v7().as_u128()).to_string(),
    );
    let with = |text| [Value::Room(room), Value::Int(at), Value::Text(text)];
    for sql in [
        "UPDATE rooms SET head = head + 1, said = said + 1, said_at = $2 WHERE id = $1",
        "INSERT INTO messages (room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at, reply_to, pinned_at) \
         SELECT $1, head, head, 3, 0, 'u1', 'name', 'face', 'place', 'address', 'words', $2, (SELECT min(id) FROM messages WHERE room_id = $1), $2 \
         FROM rooms WHERE id = $1",
        "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, nonce, at) \
         SELECT room_id, seq, 1, id, 'u1', 'name', $3, $2 FROM messages WHERE id = (SELECT max(id) FROM messages) AND room_id = $1",
        "INSERT INTO search (rowid, words) SELECT max(id), 'words' FROM messages WHERE room_id = $1",
        "INSERT INTO versions (message_id, rev, at, format, content) SELECT max(id), 0, $2, 0, 'earlier' FROM messages WHERE room_id = $1",
        "INSERT INTO reactions (room_id, message_id, emoji, person, name, seq) SELECT $1, max(id), 'x', 'u1', 'name', 1 FROM messages WHERE room_id = $1",
        "INSERT INTO emoji (room_id, message_id, emoji, place, n) SELECT $1, max(id), 'x', 1, 1 FROM messages WHERE room_id = $1",
        "INSERT INTO files (id, owner, state, kind, size, got, stored, name, media_type, detail, room_id, message_id, place, created_at, touched_at) \
         SELECT $3, 'u1', 3, 0, 1, 1, 1, 'a', '', '{}', $1, id, 0, $2, $2 \
         FROM messages WHERE id = (SELECT max(id) FROM messages) AND id < 20 AND room_id = $1",
        "INSERT INTO nonces (by_id, nonce, room_id, message_id, seq, at) SELECT 'u2', $3, $1, max(id), 1, $2 FROM messages WHERE room_id = $1",
    ] {
        let text = if sql.contains("files") { &file } else { &nonce };
        db.execute(sql, &with(text)).unwrap();
    }
}

/// Something else happens in a room: to its message `about`, or to the room where that is 0.
fn happens(db: &mut TestDb, room: RoomId, settings: i64, at: i64) {
    let values = [Value::Room(room), Value::Int(settings), Value::Int(at)];
    for sql in [
        "UPDATE rooms SET head = head + 1 WHERE id = $1",
        "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, at, detail) \
         SELECT id, head, CASE CAST($2 AS BIGINT) WHEN 0 THEN 4 ELSE 15 END, $2, 'u1', 'name', $3, \
         '{\"name\":\"Tea\",\"topic\":\"\",\"notice\":\"\",\"read_only\":false,\"mute_all\":false,\"slow\":0,\"archived\":false}' FROM rooms WHERE id = $1",
    ] {
        db.execute(sql, &values).unwrap();
    }
}

/// A server in whose rooms messages were sent at these times.
fn filled(open: Open, said: &[(i64, &[i64])]) -> TestDb {
    let mut db = open();
    let say_all = |db: &mut dyn Db| {
        for (room, times) in said {
            epochs::open(db, RoomId(*room))?;
            for at in *times {
                say(db, RoomId(*room), *at);
            }
        }
        Ok(())
    };
    db.in_one(say_all).unwrap();
    db
}

/// Lets everything go that is too old; returns what each step has done that did something.
fn run(db: &mut TestDb) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        let done = step(db, KEPT).unwrap();
        if !done.more {
            break;
        }
        steps.push(done);
    }
    while aside(db, KEPT).unwrap().more {}
    steps
}

const HAS: [&str; 8] = [
    "SELECT count(*) FROM messages WHERE room_id > 0",
    "SELECT count(*) FROM versions",
    "SELECT count(*) FROM events",
    "SELECT count(*) FROM nonces",
    "SELECT count(*) FROM reactions",
    "SELECT count(*) FROM emoji",
    "SELECT count(*) FROM messages WHERE pinned_at > 0",
    "SELECT count(*) FROM files WHERE state = 3",
];

fn what_is_too_old_goes_with_all_that_it_has_and_nothing_else_does(open: Open) {
    let mut db = filled(
        open,
        &[
            (1, &[1, 2, 999]),
            (2, &[5]),
            (1, &[1_000, 1_500]),
            (3, &[1_800]),
        ],
    );
    let steps = run(&mut db);
    assert_eq!(steps.len(), 1, "{steps:?}");
    assert_eq!(steps[0].messages, 4);
    for sql in HAS {
        assert_eq!(count(&mut db, sql), 3, "{sql}");
    }
    assert_eq!(db.indexed("words"), 3);
    assert_eq!(count(&mut db, "SELECT count(*) FROM rooms"), 3);
    let begin = FeedPosition {
        seq: Seq(3),
        said: 3,
    };
    assert_eq!(read_markers::begin(&mut db, RoomId(1)).unwrap(), begin);
    assert!(run(&mut db).is_empty(), "once more does no harm");
    let left = messages::newest(&mut db, RoomId(1), 10, 10)
        .unwrap()
        .unwrap();
    assert_eq!(
        (left.head.0, left.messages.len(), left.events.len()),
        (5, 2, 2)
    );
    for message in left.messages {
        let reply = message.reply.unwrap();
        assert_eq!(
            (reply.id.0, reply.gone),
            (1, true),
            "what it answers is gone"
        );
        assert_eq!(
            format!("{}{}{}", reply.text, reply.by.id, reply.by.name).as_str(),
            ""
        );
    }
}

fn steps_are_small_in_one_room_and_in_many(open: Open) {
    let times = vec![1; 1_200];
    let mut db = filled(open, &[(2, &[1]), (1, &times), (2, &[1_500])]);
    let done: Vec<u64> = run(&mut db).iter().map(|step| step.messages).collect();
    assert_eq!(done.iter().sum::<u64>(), 1_201);
    assert!(done.iter().all(|messages| *messages <= 200), "{done:?}");
    let rooms: Vec<(i64, &[i64])> = (1..=100).map(|room| (room, &[1][..])).collect();
    let mut db = filled(open, &rooms);
    let steps = run(&mut db);
    let most = steps.iter().map(|step| step.messages).max();
    assert!(steps.len() == 1 && most == Some(100), "{steps:?}");
    assert_eq!(count(&mut db, HAS[0]), 0);
}

fn a_message_that_a_crowd_has_to_do_with_goes_in_steps_too(open: Open) {
    let mut db = filled(open, &[(1, &[1, 1_500])]);
    let crowd = 3 * ROWS + 5;
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1) \
         INSERT INTO reactions (room_id, message_id, emoji, person, name, seq) SELECT 1, 1, 'y', 'u' || n, '', 1 FROM n",
        &[Value::Int(crowd)],
    )
    .unwrap();
    let done: Vec<u64> = run(&mut db).iter().map(|step| step.messages).collect();
    assert_eq!(done, [0, 0, 0, 1]);
    assert_eq!(count(&mut db, "SELECT count(*) FROM reactions"), 1);
}

fn no_id_and_no_seq_is_given_twice_when_all_is_too_old(open: Open) {
    let mut db = filled(open, &[(1, &[1, 2]), (2, &[3, 4, 5])]);
    run(&mut db);
    assert_eq!((count(&mut db, HAS[0]), db.indexed("words")), (0, 0));
    say(&mut db, RoomId(1), 1_500);
    assert_eq!(count(&mut db, "SELECT max(id) FROM messages"), 6);
    assert_eq!(count(&mut db, "SELECT seq FROM messages WHERE id = 6"), 3);
    run(&mut db);
    let shells = "SELECT count(*) FROM messages WHERE room_id = 0";
    assert_eq!(count(&mut db, shells), 1);
    let known = room_registry::load(&mut db).unwrap();
    let unread = |room| known.get(room).unwrap().unread(FeedPosition::default());
    assert_eq!((unread(RoomId(1)), unread(RoomId(2))), (1, 0));
}

fn what_is_left_of_a_rooms_events_has_no_holes(open: Open) {
    let mut db = filled(open, &[(1, &[1, 2, 1_500])]);
    // Pinned lately, although it is old; then something about the room, and about what is kept.
    happens(&mut db, RoomId(1), 2, 1_600);
    happens(&mut db, RoomId(1), 0, 1_700);
    happens(&mut db, RoomId(1), 3, 1_800);
    run(&mut db);
    assert_eq!(count(&mut db, "SELECT count(*) FROM events"), 3);
    let seqs = |db: &mut TestDb| {
        let newest = messages::newest(db, RoomId(1), 10, 10).unwrap().unwrap();
        let seqs = newest.events.iter().map(|event| event.seq.0);
        (newest.head.0, seqs.collect::<Vec<_>>())
    };
    assert_eq!(seqs(&mut db), (6, vec![5, 6]));
    let mut db = filled(open, &[(1, &[1, 1_500])]);
    happens(&mut db, RoomId(1), 1, 1_600);
    run(&mut db);
    assert_eq!(
        seqs(&mut db),
        (3, vec![]),
        "the newest was about what is gone"
    );
}

fn what_happened_beside_goes_by_its_own_age(open: Open) {
    let mut db = filled(open, &[(1, &[1_500]), (2, &[])]);
    for at in [1, 2, 1_500] {
        happens(&mut db, RoomId(1), 0, at);
        happens(&mut db, RoomId(2), 0, at);
    }
    let done = aside(&mut db, KEPT).unwrap();
    assert_eq!(
        (done.rooms, done.changes, done.more),
        (vec![RoomId(1), RoomId(2)], 4, false)
    );
    assert_eq!(count(&mut db, "SELECT count(*) FROM events"), 3);
    let done = aside(&mut db, KEPT).unwrap();
    assert_eq!((done.rooms.len(), done.changes), (0, 0));
}
