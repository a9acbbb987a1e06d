//! Another server takes over: who is first to write there gives every room a new epoch, once.

use super::*;
use crate::model::message::LOBBY;
use crate::store::notices::{self, Notice};
use crate::store::queries::epochs;

const OTHER: &str = "UPDATE house SET value = '7/00000001' WHERE name = 'history'";

fn epoch(db: &mut Postgres) -> String {
    epochs::open(db, LOBBY).unwrap().epoch
}

fn told(db: &mut Postgres) -> Vec<Option<Notice>> {
    let rows = db
        .query("SELECT body FROM notices ORDER BY id", &[])
        .unwrap();
    rows.into_iter()
        .map(|mut row| notices::read(&row.text().unwrap()))
        .collect()
}

/// A database that somebody has written to.
fn lived_in() -> (String, Postgres, String) {
    let database = server::server().create("template1");
    let mut db = connect(&database, Role::Tool);
    schema::migrate(&mut db).unwrap();
    db.close();
    let before = epoch(&mut db);
    (database, db, before)
}

#[test]
fn every_room_has_a_new_epoch_when_another_history_goes_on() {
    let (database, mut db, before) = lived_in();
    db.close();
    assert_eq!(epoch(&mut db), before, "the same history");
    db.execute(OTHER, &[]).unwrap();
    db.close();
    let mut reader = connect(&database, Role::Reader);
    let sql = "SELECT CAST(count(*) AS BIGINT) FROM rooms WHERE epoch = $1";
    let still = |db: &mut Postgres| {
        let row = db.first(sql, &[Value::Text(&before)]).unwrap();
        row.unwrap().int().unwrap()
    };
    assert_eq!(still(&mut reader), 1, "who reads changes nothing");
    // Two at once, as two nodes do.
    let writers = [Role::Writer, Role::Tasks].map(|role| connect(&database, role));
    let after = std::thread::scope(|scope| {
        let epochs = writers.map(|mut db| scope.spawn(move || epoch(&mut db)));
        epochs.map(|thread| thread.join().unwrap())
    });
    assert_eq!(after[0], after[1], "once");
    assert_ne!(after[0], before);
    assert_eq!(told(&mut db), [Some(Notice::Epochs)]);
}

#[test]
fn where_nothing_is_lost_rooms_keep_their_epochs() {
    let (database, mut db, before) = lived_in();
    db.execute(OTHER, &[]).unwrap();
    let address = Address::parse(&server::server().url(&database), None, None).unwrap();
    let mut writer = Postgres::new(address.lossless(), "test", Role::Writer).unwrap();
    assert_eq!(epoch(&mut writer), before);
    assert_eq!(told(&mut writer), []);
    // It is known from then on, whatever the setting is.
    db.close();
    assert_eq!(epoch(&mut db), before);
}

#[test]
fn a_dump_that_was_put_back_is_another_history_however_the_server_is_followed() {
    let (database, mut db, before) = lived_in();
    db.execute(
        "INSERT INTO house (name, value) VALUES ('last_account', '7')",
        &[],
    )
    .unwrap();
    db.close();
    drop(db);
    // A copy of its rows in a database of its own, as a dump is.
    let copy = server::server().create(&database);
    let address = Address::parse(&server::server().url(&copy), None, None).unwrap();
    let mut writer = Postgres::new(address.lossless(), "test", Role::Writer).unwrap();
    let after = epoch(&mut writer);
    assert_ne!(after, before);
    assert_eq!(told(&mut writer), [Some(Notice::Epochs)]);
    let last = "SELECT CAST(value AS BIGINT) FROM house WHERE name = 'last_account'";
    assert_eq!(number(&mut writer, last), 1_007);
    writer.close();
    assert_eq!(epoch(&mut writer), after, "once");
}

#[test]
fn a_crash_is_no_other_history() {
    let own = server::Server::start();
    let database = own.create("template0");
    let address = Address::parse(&own.url(&database), None, None).unwrap();
    let mut db = Postgres::new(address, "test", Role::Tool).unwrap();
    schema::migrate(&mut db).unwrap();
    db.close();
    let before = epoch(&mut db);
    own.hangs_up(&database);
    assert_eq!(epoch(&mut db), before);
    let until = Instant::now() + Duration::from_secs(60);
    let started = "SELECT CAST(extract(epoch FROM pg_postmaster_start_time()) * 1000 AS BIGINT)";
    let first = number(&mut db, started);
    drop(own.falls());
    // Until it falls it answers still.
    let mut again = || {
        db.first(started, &[])
            .ok()
            .flatten()
            .and_then(|mut row| row.int().ok())
    };
    while again().is_none_or(|again| again == first) {
        assert!(Instant::now() < until, "it never came back");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(epoch(&mut db), before);
}
