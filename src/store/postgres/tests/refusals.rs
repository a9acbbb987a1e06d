//! Databases and addresses that the store does not take, and what it says then.

use super::super::session::refusal;
use super::*;

fn migrated(database: &str) -> Result<(), StoreError> {
    schema::migrate(&mut connect(database, Role::Tool))
}

fn words(result: Result<(), StoreError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_database_is_migrated_once_whoever_comes_first() {
    let (_, database) = empty(Role::Tool);
    let all: Vec<_> = (0..4)
        .map(|_| {
            let database = database.clone();
            std::thread::spawn(move || migrated(&database))
        })
        .collect();
    for one in all {
        one.join().unwrap().unwrap();
    }
    let mut db = connect(&database, Role::Tool);
    let mut row = db
        .first("SELECT value FROM house WHERE name = 'schema'", &[])
        .unwrap()
        .unwrap();
    assert_eq!(row.text().unwrap(), schema::known().to_string());
}

#[test]
fn a_database_of_a_newer_program_is_not_touched_unless_that_allows_it() {
    let (_, database) = empty(Role::Tool);
    migrated(&database).unwrap();
    let server = server::server();
    server.sql(
        &database,
        "UPDATE house SET value = '999' WHERE name = 'schema'",
    );
    migrated(&database).unwrap();
    server.sql(
        &database,
        "UPDATE house SET value = '998' WHERE name = 'oldest'",
    );
    let newer = StoreError::Newer {
        found: 999,
        known: schema::known(),
    };
    assert_eq!(migrated(&database), Err(newer));
}

#[test]
fn a_database_of_another_program_is_not_touched() {
    let (mut db, database) = empty(Role::Tool);
    db.batch("CREATE TABLE users (id BIGINT)").unwrap();
    assert!(words(migrated(&database)).contains("another program"));
}

#[test]
fn a_role_that_may_not_make_tables_is_told_what_it_lacks() {
    let (mut db, database) = empty(Role::Tool);
    db.batch("REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE visitor LOGIN")
        .unwrap();
    let url = server::server()
        .url(&database)
        .replace("teahouse@", "visitor@");
    let address = Address::parse(&url, None, None).unwrap();
    let mut visitor = Postgres::new(address, "test", Role::Tool).unwrap();
    let words = words(schema::migrate(&mut visitor));
    assert!(words.contains("OWNER TO"), "{words}");
}

#[test]
fn a_database_that_only_reads_or_has_another_encoding_is_refused() {
    let server = server::server();
    let (_, database) = empty(Role::Tool);
    server.sql(
        "postgres",
        &format!("ALTER DATABASE {database} SET default_transaction_read_only = on"),
    );
    let refused = migrated(&database).unwrap_err();
    assert!(matches!(refused, StoreError::Gone(_)), "{refused}");
    assert!(
        refused
            .to_string()
            .contains("default_transaction_read_only")
    );
    server.create_as(
        "latin",
        "ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0",
    );
    assert!(words(migrated("latin")).contains("ENCODING 'UTF8'"));
}

#[test]
fn a_server_that_is_too_old_or_a_standby_is_refused() {
    let says = |version: &str, name: &str, standby: &str| {
        let refused = refusal([version, name, "UTF8", "off", standby]);
        refused
            .unwrap()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert!(says("120018", "12.18", "f").contains("12.18"));
    assert_eq!(says("130000", "13.0", "f"), "");
    assert!(says("150000", "15.0", "t").contains("primary"));
}

#[test]
fn an_address_leads_to_this_machine_and_shows_no_password() {
    for near in [
        "postgres://ada@localhost/tea",
        "postgres://ada@127.0.0.1:5433,[::1]/tea",
        "postgresql://ada@%2Frun%2Fpostgresql/tea?target_session_attrs=read-write",
        "postgres://ada@db/tea?hostaddr=127.0.0.1",
    ] {
        let address = Address::parse(near, Some("secret"), None).unwrap();
        let shown = format!(
            "{address:?} {:?}",
            Postgres::new(address.clone(), "a", Role::Tool)
        );
        assert!(
            shown.contains("tea") && !shown.contains("secret"),
            "{shown}"
        );
    }
    for (url, why) in [
        ("sqlite:x", "must begin with postgres://"),
        ("postgres://ada@localhost/tea?colour=red", "parameters"),
        (
            "postgres://ada:secret@localhost/tea",
            "must not have the password",
        ),
        ("postgres:///tea", "must name a host"),
        (
            "postgres://ada@%2Frun%2Fpostgresql,db1/tea",
            "could not be encrypted",
        ),
    ] {
        let refused = Address::parse(url, None, None).unwrap_err().to_string();
        assert!(refused.contains(why), "{url}: {refused}");
        assert!(!refused.contains("secret"), "{refused}");
    }
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("ca.pem");
    for (text, why) in [(None, "ca.pem"), (Some(""), "no certificate in it")] {
        if let Some(text) = text {
            std::fs::write(&empty, text).unwrap();
        }
        let far = Address::parse("postgres://ada@db1/tea", None, Some(&empty));
        let refused = far.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn a_user_or_a_database_that_is_not_there_is_said_with_what_to_do() {
    let server = server::server();
    for (url, words) in [
        (server.url("nowhere"), "database.sql"),
        (
            server.url("postgres").replace("teahouse@", "nobody@"),
            "[storage] password or password_file",
        ),
    ] {
        let address = Address::parse(&url, None, None).unwrap();
        let mut db = Postgres::new(address, "test", Role::Writer).unwrap();
        let refused = db.begin().unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
}

#[test]
fn where_no_server_is_that_is_what_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let host = directory.path().display().to_string().replace('/', "%2F");
    let address = Address::parse(&format!("postgres://ada@{host}/tea"), None, None).unwrap();
    let mut db = Postgres::new(address, "test", Role::Writer).unwrap();
    for _ in 0..2 {
        assert!(matches!(db.begin(), Err(StoreError::Gone(_))));
        assert!(!db.is_in_transaction());
    }
}
