//! Several who write to one room, and who find what others have written.

use std::thread;

use uuid::Uuid;

use super::*;
use crate::error::Error;
use crate::model::command::{Command, Outcome};
use crate::model::message::{LOBBY, Message};
use crate::model::person::{Person, PersonKind};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::seq::Seq;
use crate::store::backend::{Group, RequestId, task};
use crate::store::postgres::backend::PATIENCE;
use crate::store::postgres::sweep::{Myself, Seen, Sweeper};
use crate::store::queries::epochs;
use crate::text::body::RenderedBody;
use crate::text::content::Format;

/// A database with a lobby.
fn house() -> (String, Postgres) {
    let (mut db, database) = empty(Role::Tool);
    schema::migrate(&mut db).unwrap();
    epochs::open(&mut db, LOBBY).unwrap();
    (database, db)
}

fn said_by(number: i64) -> Command {
    let by = Person {
        id: PersonId::User(number),
        kind: PersonKind::User,
        bot: false,
        name: format!("Person {number}"),
        avatar: String::new(),
        place: String::new(),
    };
    Command::Send {
        message: Box::new(Message::new(LOBBY, by.clone(), 7)),
        body: Box::new(RenderedBody::new("tea".to_owned(), Format::Markdown)),
        attachments: Vec::new(),
        fallback_name: None,
        principal: Principal::member(by),
    }
}

/// What becomes of commands, in their order, however often their room has to be waited for.
fn written(db: &mut Postgres, commands: Vec<(Option<Uuid>, Command)>) -> Vec<Outcome> {
    let commands = (0..).zip(commands).map(|(connection, (nonce, command))| {
        let request = RequestId { connection, nonce };
        (request, command)
    });
    let mut group = Group {
        commands: commands.collect(),
        tasks: Vec::new(),
    };
    let mut outcomes = Vec::new();
    while !group.commands.is_empty() {
        let written = db.write(group);
        outcomes.extend(written.outcomes);
        group = Group {
            commands: written.put_back,
            tasks: Vec::new(),
        };
    }
    outcomes.sort_by_key(|(request, _)| request.connection);
    let outcomes = outcomes.into_iter();
    outcomes.map(|(_, outcome)| outcome.unwrap()).collect()
}

/// Waits until a connection of this role waits for a lock in a database.
fn until_it_waits(db: &mut Postgres, role: Role) {
    let waits = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name = 'teahouse/test/' || $1 AND wait_event_type = 'Lock'";
    let until = Instant::now() + Duration::from_secs(30);
    while db
        .first(waits, &[Value::Text(role.name())])
        .unwrap()
        .is_none()
    {
        assert!(Instant::now() < until, "nobody waits");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The lock of a room is what decides about it: what a group reads before it has the lock is what was true once.
#[test]
fn what_was_done_while_a_group_waited_for_its_room_is_seen_by_it() {
    let (database, mut watching) = house();
    let mut other = connect(&database, Role::Tasks);
    let mut writer = connect(&database, Role::Writer);
    let [nonce, new] = [1, 2].map(Uuid::from_u128);
    // This thread may be kept waiting on a busy machine.
    other
        .batch("SET idle_in_transaction_session_timeout = 0; BEGIN")
        .unwrap();
    let lock = "SELECT head FROM rooms WHERE id = 1 FOR NO KEY UPDATE";
    other.query(lock, &[]).unwrap();
    let commands = vec![
        (Some(nonce), said_by(1)),
        (Some(new), said_by(2)),
        (None, said_by(3)),
    ];
    let writing = thread::spawn(move || written(&mut writer, commands));
    until_it_waits(&mut watching, Role::Writer);
    // The other one has this nonce already, has muted somebody, and something was said.
    let done = "INSERT INTO nonces (by_id, nonce, room_id, message_id, seq, at) \
             VALUES ('u1', CAST('00000000-0000-0000-0000-000000000001' AS UUID), 1, 0, 9, 5); \
         INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) \
             VALUES (1, 'u2', 4, '', 0, 0, 0, 0); \
         UPDATE rooms SET head = 9, said = 9 WHERE id = 1; COMMIT";
    other.batch(done).unwrap();
    let outcomes = writing.join().unwrap();
    assert!(
        matches!(&outcomes[0], Outcome::Repeated(ack) if (ack.seq, ack.at) == (Seq(9), 5)),
        "{outcomes:?}"
    );
    assert_eq!(outcomes[1], Outcome::Refused(Error::Muted));
    assert!(
        matches!(&outcomes[2], Outcome::Event(event) if event.seq == Seq(10)),
        "{outcomes:?}"
    );
}

/// Pages of history go by ids.
#[test]
fn ids_grow_with_the_seqs_of_a_room_whoever_writes() {
    let (database, _) = house();
    let mut writers = [0, 1].map(|_| connect(&database, Role::Writer));
    let mut ids = Vec::new();
    for round in 0..6 {
        let commands = (0..3).map(|who| (None, said_by(who + 1))).collect();
        for outcome in written(&mut writers[round % 2], commands) {
            let Outcome::Event(event) = outcome else {
                panic!("{outcome:?}");
            };
            ids.push((event.seq.0, event.change.message().unwrap()));
        }
    }
    ids.sort_unstable();
    let ids: Vec<_> = ids.into_iter().map(|(_, id)| id).collect();
    assert!(ids.len() == 18 && ids.is_sorted(), "{ids:?}");
}

/// A nonce that was written is found, and nothing is written to find out.
#[test]
fn a_group_finds_a_nonce_without_trying() {
    let (database, mut watching) = house();
    let mut writer = connect(&database, Role::Writer);
    let nonce = Some(Uuid::from_u128(7));
    let first = written(&mut writer, vec![(nonce, said_by(1))]);
    let Outcome::Event(event) = &first[0] else {
        panic!("{first:?}");
    };
    let mut others = connect(&database, Role::Writer);
    let again = written(&mut others, vec![(nonce, said_by(1)), (None, said_by(2))]);
    assert!(
        matches!(&again[0], Outcome::Repeated(ack) if ack.seq == event.seq),
        "{again:?}"
    );
    // Each message that a group asks an id for has one: a group that had failed would have asked again.
    let ids = "SELECT last_value FROM message_ids";
    assert_eq!(number(&mut watching, ids), 3);
}

/// Transactions end in another order than they begin.
#[test]
fn a_sweep_finds_what_was_written_before_what_it_has_seen() {
    let (database, mut early) = house();
    let mut late = connect(&database, Role::Writer);
    let mut looking = connect(&database, Role::Tool);
    let seen = Seen::now(&mut looking).unwrap();
    let address = Address::parse(&server::server().url(&database), None, None).unwrap();
    let myself = Myself {
        boot: Uuid::from_u128(1),
        node: "test".to_owned(),
        since: 0,
        print: String::new(),
    };
    let mut sweeper = Sweeper::start(address, myself, seen).unwrap();
    let heads = |sweeper: &mut Sweeper| -> Vec<_> {
        let swept = sweeper.sweep(None).unwrap();
        let heads = swept.heads.into_iter();
        heads.map(|head| (head.room.0, head.head.0)).collect()
    };
    const EVENT: &str = "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, at) VALUES ($1, 1, 4, 0, '', '', 0)";
    const NOTICE: &str =
        "INSERT INTO notices (body, at) VALUES ('{\"kind\": \"of another program\"}', 0)";
    early
        .batch("SET idle_in_transaction_session_timeout = 0")
        .unwrap();
    early.begin().unwrap();
    early.execute(EVENT, &[Value::Int(10)]).unwrap();
    early.execute(NOTICE, &[]).unwrap();
    late.execute(EVENT, &[Value::Int(20)]).unwrap();
    assert_eq!(heads(&mut sweeper), [(20, 1)]);
    assert_eq!(heads(&mut sweeper), [], "once");
    early.commit().unwrap();
    let swept = sweeper.sweep(None).unwrap();
    let rooms: Vec<_> = swept.heads.iter().map(|head| head.room.0).collect();
    assert_eq!(
        rooms,
        [10],
        "what began before what was seen, and ended after it"
    );
    assert_eq!(swept.unknown_notices, 1);
    assert_eq!(heads(&mut sweeper), []);
}

#[test]
fn a_group_that_lost_its_connection_is_tried_again_however_long_that_took() {
    let (database, mut other) = house();
    // As when this process stands still in a transaction, which the server then ends.
    other
        .batch(&format!(
            "CREATE SEQUENCE tries;
             CREATE FUNCTION stands_still() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('tries') = 1 THEN
                     PERFORM pg_sleep({});
                     PERFORM pg_terminate_backend(pg_backend_pid());
                 END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER still BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION stands_still()",
            PATIENCE.as_secs_f64() + 0.1
        ))
        .unwrap();
    let mut db = connect(&database, Role::Writer);
    let outcomes = written(&mut db, vec![(None, said_by(1))]);
    assert!(matches!(outcomes[..], [Outcome::Event(_)]), "{outcomes:?}");
    assert_eq!(number(&mut other, "SELECT last_value FROM tries"), 2);
}

/// Has the connection end that is the first to insert into `table`; where `fails` says so, the first only hears that something is
/// wrong, and the second ends.
fn hangs_up(other: &mut Postgres, table: &str, fails: bool) {
    let (wrong, lost) = if fails { (1, 2) } else { (0, 1) };
    other
        .batch(&format!(
            "CREATE SEQUENCE tries;
             CREATE FUNCTION hangs_up() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE try BIGINT := nextval('tries'); BEGIN
                 IF try = {wrong} THEN RAISE 'out of tea'; END IF;
                 IF try = {lost} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                 RETURN NEW;
             END $$;
             CREATE TRIGGER hangs_up BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION hangs_up()"
        ))
        .unwrap();
}

#[test]
fn commands_that_are_written_one_by_one_are_tried_again_when_their_connection_is_lost() {
    let (database, mut other) = house();
    hangs_up(&mut other, "events", true);
    let mut db = connect(&database, Role::Writer);
    let outcomes = written(&mut db, vec![(None, said_by(1)), (None, said_by(2))]);
    let [Outcome::Event(_), Outcome::Event(_)] = outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert_eq!(number(&mut other, "SELECT count(*) FROM messages"), 2);
}

#[test]
fn tasks_that_lost_their_connection_before_they_were_committed_are_done_again() {
    let (database, mut other) = house();
    hangs_up(&mut other, "house", false);
    let note = |name: &'static str| {
        let note = move |db: &mut dyn Db| {
            let sql = "INSERT INTO house (name, value) VALUES ($1, '')";
            db.execute(sql, &[Value::Text(name)])
        };
        task(note, |_written| {})
    };
    let mut db = connect(&database, Role::Tasks);
    let written = db.write(Group {
        commands: Vec::new(),
        tasks: vec![note("a"), note("b")],
    });
    let results: Vec<_> = written.tasks.iter().map(|(_, result)| result).collect();
    assert_eq!(results, [&Ok(()), &Ok(())]);
    let there = "SELECT count(*) FROM house WHERE name IN ('a', 'b')";
    assert_eq!(number(&mut other, there), 2);
}
