//! Values, deadlines, transactions, and connections that are lost.

use std::time::{Duration, Instant};

use super::*;
use crate::store::backend::Backend;
use crate::store::testing::{connect, server};

mod failover;
mod parity;
mod pending;
mod refusals;
mod shape;
mod shared;
mod statements;

/// The store's threads are given theirs.
const fn may_be_sent<T: Send>() {}
const _: () = may_be_sent::<Postgres>();

/// A connection to an empty database.
fn empty(role: Role) -> (Postgres, String) {
    let database = server::server().create("template1");
    (connect(&database, role), database)
}

fn number(db: &mut dyn Db, sql: &'static str) -> i64 {
    db.first(sql, &[]).unwrap().unwrap().int().unwrap()
}

#[test]
fn values_go_to_their_numbers_and_a_statement_may_use_fewer() {
    let (mut db, _) = empty(Role::Tool);
    let sql = "SELECT CAST($3 AS TEXT), CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($1 AS BIGINT)";
    let values = [
        Value::Int(1),
        Value::Text("two"),
        Value::Null,
        Value::Int(9),
    ];
    let mut row = db.first(sql, &values).unwrap().unwrap();
    assert_eq!(row.maybe_int(), Ok(None));
    assert_eq!(row.int(), Ok(1));
    assert_eq!(row.text().as_deref(), Ok("two"));
    assert_eq!(row.int(), Ok(1));
    assert_eq!(db.query(sql, &values[..2]).unwrap_err(), StoreError::Shape);
    assert_eq!(number(&mut db, "SELECT 1"), 1, "nothing was broken by it");
}

#[test]
fn every_type_comes_back_as_it_went() {
    let (mut db, _) = empty(Role::Tool);
    db.batch(
        "CREATE TABLE t (a SMALLINT, b INTEGER, c BIGINT, d BOOLEAN, e TEXT, f VARCHAR(9), g UUID)",
    )
    .unwrap();
    let id = "018f0000-0000-7000-8000-00000000000a";
    let texts = [Value::Text("茶 '\\"), Value::Text(""), Value::Text(id)];
    for (a, b, c) in [
        (i64::from(i16::MIN), i64::from(i32::MIN), i64::MIN),
        (i64::from(i16::MAX), i64::from(i32::MAX), i64::MAX),
    ] {
        for d in [0, 1] {
            let mut values = [a, b, c, d].map(Value::Int).to_vec();
            values.extend(texts);
            let insert = "INSERT INTO t (a, b, c, d, e, f, g) VALUES ($1, $2, $3, $4, $5, $6, $7)";
            assert_eq!(db.execute(insert, &values), Ok(1));
            let mut row = db.first("DELETE FROM t RETURNING *", &[]).unwrap().unwrap();
            for number in [a, b, c, d] {
                assert_eq!(row.int(), Ok(number));
            }
            for text in ["茶 '\\", "", id] {
                assert_eq!(row.text().as_deref(), Ok(text));
            }
        }
    }
    let nulls = [Value::Null; 7];
    let insert = "INSERT INTO t (a, b, c, d, e, f, g) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    assert_eq!(db.execute(insert, &nulls), Ok(1));
    let mut row = db.first("SELECT a, d, c, b FROM t", &[]).unwrap().unwrap();
    for _ in 0..4 {
        assert_eq!(row.maybe_int(), Ok(None));
    }
    let mut row = db.first("SELECT e, g, f FROM t", &[]).unwrap().unwrap();
    for _ in 0..3 {
        assert_eq!(row.maybe_text(), Ok(None));
    }
}

#[test]
fn what_would_be_cut_off_or_guessed_is_refused() {
    let (mut db, _) = empty(Role::Tool);
    let refused = |db: &mut Postgres, sql: &'static str, value: Value<'_>| {
        let Err(StoreError::Failed(words)) = db.query(sql, &[value]) else {
            panic!("{sql} took {value:?}");
        };
        words
    };
    for (sql, value) in [
        ("SELECT CAST($1 AS SMALLINT)", i64::from(i16::MAX) + 1),
        ("SELECT CAST($1 AS INTEGER)", i64::from(i32::MIN) - 1),
        ("SELECT CAST($1 AS BOOLEAN)", 2),
    ] {
        let words = refused(&mut db, sql, Value::Int(value));
        assert_eq!(words, "a number is too large for its column", "{sql}");
    }
    let nul = refused(&mut db, "SELECT CAST($1 AS TEXT)", Value::Text("a\0b"));
    assert!(nul.contains("NUL"), "{nul}");
    let other = refused(&mut db, "SELECT CAST($1 AS UUID)", Value::Text("x"));
    assert!(other.contains("UUID"), "{other}");
    for (sql, value) in [
        ("SELECT CAST($1 AS BIGINT)", Value::Text("1")),
        ("SELECT CAST($1 AS TEXT)", Value::Int(1)),
        ("SELECT CAST($1 AS NUMERIC)", Value::Int(1)),
        ("SELECT CAST($1 AS TIMESTAMP)", Value::Text("now")),
        ("SELECT CAST($1 AS BYTEA)", Value::Text("x")),
        (
            "SELECT sum(x) FROM (SELECT CAST($1 AS BIGINT) AS x) AS one",
            Value::Int(1),
        ),
        (
            "SELECT sum(x) FROM (SELECT CAST($1 AS BIGINT) AS x) AS one",
            Value::Null,
        ),
        ("SELECT now() WHERE $1 = 1", Value::Int(1)),
        ("SELECT 1.5 WHERE $1 = 1", Value::Int(1)),
        ("SELECT ARRAY[1] WHERE $1 = 1", Value::Int(1)),
    ] {
        let words = refused(&mut db, sql, value);
        assert_eq!(
            words, "a value has another type than the statement",
            "{sql}"
        );
    }
}

#[test]
fn an_inserted_row_has_the_id_that_the_database_gave_it() {
    let (mut db, _) = empty(Role::Tool);
    db.batch("CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY, a TEXT)")
        .unwrap();
    for id in 1..=3 {
        let insert = "INSERT INTO t (a) VALUES ($1)";
        assert_eq!(db.insert(insert, &[Value::Text("x")]), Ok(id));
    }
    assert_eq!(number(&mut db, "SELECT count(*) FROM t"), 3);
}

#[test]
fn a_statement_ends_at_its_deadline_and_the_next_may_take_its_time() {
    let (mut db, _) = empty(Role::Tool);
    let slow = "SELECT 1 FROM (SELECT pg_sleep(100)) AS x";
    let limit = |db: &mut dyn Db| {
        let mut row = db
            .first("SELECT current_setting('statement_timeout')", &[])
            .unwrap()
            .unwrap();
        row.text().unwrap()
    };
    let soon = || Some(Instant::now() + Duration::from_millis(30));
    db.set_deadline(soon()).unwrap();
    assert_eq!(db.query(slow, &[]).unwrap_err(), StoreError::TooSlow);
    let late = db.query("SELECT 1", &[]);
    assert_eq!(
        late.unwrap_err(),
        StoreError::TooSlow,
        "it is past for the next one too"
    );
    db.set_deadline(None).unwrap();
    assert_eq!(limit(&mut db), "0");
    db.at_one_moment(&mut |db| {
        db.set_deadline(soon()).unwrap();
        assert_eq!(db.query(slow, &[]).unwrap_err(), StoreError::TooSlow);
        db.set_deadline(None).unwrap();
        Ok(())
    })
    .unwrap();
    assert_eq!(limit(&mut db), "0");
    db.at_one_moment(&mut |db| {
        db.set_deadline(Some(Instant::now() + Duration::from_secs(100)))
            .unwrap();
        assert_ne!(limit(db), "0");
        db.set_deadline(None).unwrap();
        assert_eq!(limit(db), "0");
        Ok(())
    })
    .unwrap();
    db.set_deadline(Some(Instant::now() + Duration::from_secs(100)))
        .unwrap();
    assert_ne!(limit(&mut db), "0");
    db.set_deadline(None).unwrap();
    db.begin().unwrap();
    assert_eq!(limit(&mut db), "0", "a transaction does not inherit it");
}

#[test]
fn a_connection_begins_as_its_role_says() {
    let (mut reader, database) = empty(Role::Reader);
    let mut writer = connect(&database, Role::Writer);
    let setting = |db: &mut dyn Db, name: &str| {
        let sql = "SELECT current_setting($1)";
        let mut row = db.first(sql, &[Value::Text(name)]).unwrap().unwrap();
        row.text().unwrap()
    };
    for (name, reading, writing) in [
        (
            "application_name",
            "teahouse/test/reader",
            "teahouse/test/writer",
        ),
        ("statement_timeout", "5s", "0"),
        ("idle_in_transaction_session_timeout", "2s", "2s"),
        ("jit", "off", "off"),
        ("plan_cache_mode", "auto", "force_generic_plan"),
        ("enable_seqscan", "on", "off"),
        ("synchronous_commit", "on", "on"),
        (
            "default_transaction_isolation",
            "read committed",
            "read committed",
        ),
    ] {
        assert_eq!(setting(&mut reader, name), reading, "{name}");
        assert_eq!(setting(&mut writer, name), writing, "{name}");
    }
    reader
        .at_one_moment(&mut |db| {
            assert_eq!(setting(db, "transaction_isolation"), "repeatable read");
            assert_eq!(setting(db, "transaction_read_only"), "on");
            Ok(())
        })
        .unwrap();
}

#[test]
fn work_that_fails_leaves_nothing_behind_and_takes_nothing_along() {
    let (mut db, _) = empty(Role::Writer);
    db.batch("CREATE TABLE t (id BIGINT PRIMARY KEY)").unwrap();
    const INSERT: &str = "INSERT INTO t (id) VALUES ($1)";
    db.begin().unwrap();
    db.execute(INSERT, &[Value::Int(1)]).unwrap();
    for _ in 0..2 {
        let failed: Result<(), _> = db.all_or_nothing(|db| {
            db.execute(INSERT, &[Value::Int(2)])?;
            db.execute(INSERT, &[Value::Int(1)]).map(drop)
        });
        assert!(matches!(failed, Err(StoreError::Again(_))), "{failed:?}");
    }
    assert!(db.is_in_transaction());
    db.all_or_nothing(|db| db.execute(INSERT, &[Value::Int(3)]))
        .unwrap();
    db.commit().unwrap();
    assert_eq!(number(&mut db, "SELECT sum(id)::bigint FROM t"), 4);
    // The server answers a COMMIT after an error without an error, and rolls back.
    db.begin().unwrap();
    db.execute(INSERT, &[Value::Int(5)]).unwrap();
    db.execute(INSERT, &[Value::Int(1)]).unwrap_err();
    assert!(matches!(db.commit(), Err(StoreError::Failed(_))));
    assert!(!db.is_in_transaction());
    let failed: Result<(), _> = db.in_one(|db| {
        db.execute(INSERT, &[Value::Int(6)])?;
        Err(StoreError::Shape)
    });
    assert_eq!(failed, Err(StoreError::Shape));
    assert_eq!(number(&mut db, "SELECT sum(id)::bigint FROM t"), 4);
}

#[test]
fn a_reader_sees_one_moment_and_a_writer_what_was_committed() {
    let (mut reader, database) = empty(Role::Reader);
    let mut writer = connect(&database, Role::Writer);
    let mut other = connect(&database, Role::Writer);
    other
        .batch("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        .unwrap();
    const COUNT: &str = "SELECT count(*) FROM t";
    writer.begin().unwrap();
    reader
        .at_one_moment(&mut |reader| {
            assert_eq!(number(reader, COUNT), 0);
            assert_eq!(number(&mut writer, COUNT), 0);
            other.execute("INSERT INTO t (id) VALUES (1)", &[]).unwrap();
            assert_eq!(number(reader, COUNT), 0);
            assert_eq!(number(&mut writer, COUNT), 1);
            let written = reader.execute("INSERT INTO t (id) VALUES (2)", &[]);
            assert!(written.is_err(), "it reads");
            Ok(())
        })
        .unwrap();
    writer.rollback();
    assert_eq!(number(&mut reader, COUNT), 1);
}

/// Ends the connection of `db` at the server, and waits until the server has forgotten it.
fn cut(db: &mut Postgres, by: &mut Postgres) {
    let pid = number(db, "SELECT pg_backend_pid()");
    let values = [Value::Int(pid)];
    by.query("SELECT pg_terminate_backend($1)", &values)
        .unwrap();
    let gone = "SELECT pid FROM pg_stat_activity WHERE pid = $1";
    let until = Instant::now() + Duration::from_secs(30);
    while by.first(gone, &values).unwrap().is_some() {
        assert!(Instant::now() < until, "{pid} is still there");
    }
}

#[test]
fn a_lost_connection_is_opened_anew_but_not_in_a_transaction() {
    let (mut db, database) = empty(Role::Writer);
    let mut by = connect(&database, Role::Tool);
    db.batch("CREATE TABLE t (id BIGINT PRIMARY KEY)").unwrap();
    const INSERT: &str = "INSERT INTO t (id) VALUES ($1)";
    cut(&mut db, &mut by);
    assert_eq!(db.execute(INSERT, &[Value::Int(1)]), Ok(1), "a statement");
    cut(&mut db, &mut by);
    db.begin().unwrap();
    db.execute(INSERT, &[Value::Int(2)]).unwrap();
    let pid = number(&mut db, "SELECT pg_backend_pid()");
    cut(&mut db, &mut by);
    for _ in 0..2 {
        let lost = db.execute(INSERT, &[Value::Int(3)]);
        assert!(matches!(lost, Err(StoreError::Gone(_))), "{lost:?}");
        assert!(!db.is_in_transaction());
    }
    assert!(matches!(
        db.all_or_nothing(|_| Ok(())),
        Err(StoreError::Gone(_))
    ));
    assert!(db.commit().is_err());
    db.rollback();
    assert_eq!(number(&mut db, "SELECT sum(id)::bigint FROM t"), 1);
    assert_ne!(number(&mut db, "SELECT pg_backend_pid()"), pid);
    cut(&mut db, &mut by);
    let mut seen = 0;
    db.at_one_moment(&mut |db| {
        seen = number(db, "SELECT count(*) FROM t");
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, 1);
    db.close();
}

#[test]
fn whoever_stops_in_a_transaction_loses_it_with_its_locks() {
    let (mut db, database) = empty(Role::Writer);
    let mut other = connect(&database, Role::Writer);
    other
        .batch("CREATE TABLE t (id BIGINT PRIMARY KEY); INSERT INTO t VALUES (1)")
        .unwrap();
    db.begin().unwrap();
    db.execute("UPDATE t SET id = 2", &[]).unwrap();
    // Waits for the lock, which is let go of after two seconds.
    assert_eq!(other.execute("UPDATE t SET id = 3", &[]), Ok(1));
    assert!(matches!(db.commit(), Err(StoreError::Gone(_))));
    db.rollback();
    assert_eq!(number(&mut db, "SELECT id FROM t"), 3);
}

#[test]
fn what_may_be_done_again_is_told_apart() {
    let (mut db, database) = empty(Role::Writer);
    let mut other = connect(&database, Role::Writer);
    other
        .batch("CREATE TABLE t (id BIGINT PRIMARY KEY); INSERT INTO t VALUES (1)")
        .unwrap();
    other.begin().unwrap();
    other.execute("UPDATE t SET id = 2", &[]).unwrap();
    db.begin().unwrap();
    db.batch("SET LOCAL lock_timeout = 20").unwrap();
    let waited = db.execute("UPDATE t SET id = 3", &[]);
    assert!(matches!(waited, Err(StoreError::Again(_))), "{waited:?}");
    db.rollback();
    let wrong = db.query("SELECT id FROM nowhere", &[]);
    assert!(matches!(wrong, Err(StoreError::Failed(_))), "{wrong:?}");
    other.rollback();
}

#[test]
fn a_port_of_this_machine_is_as_good_as_a_socket() {
    let server = server::server();
    let url = server.url_at(server.addr().port(), &server.create("template1"));
    let address = Address::parse(&url, None, None).unwrap();
    let mut db = Postgres::new(address, "test", Role::Tool).unwrap();
    assert_eq!(number(&mut db, "SELECT 7"), 7);
}
