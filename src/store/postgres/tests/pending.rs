//! What waits to be put in its place in the index of the search.

use super::*;
use crate::store::search;

const WORDS: &str =
    "INSERT INTO search (rowid, words) SELECT n, 'tea:' || n FROM generate_series($1, $1 + 999) n";

#[test]
fn the_owner_of_the_tables_empties_the_list_and_need_be_no_superuser() {
    let (mut superuser, database) = empty(Role::Tool);
    let own = format!("CREATE ROLE keeper LOGIN; ALTER DATABASE {database} OWNER TO keeper");
    superuser.batch(&own).unwrap();
    let url = server::server().url(&database);
    let address = Address::parse(&url.replace("teahouse@", "keeper@"), None, None).unwrap();
    let mut keeper = Postgres::new(address, "test", Role::Upkeep).unwrap();
    schema::migrate(&mut keeper).unwrap();
    // How many pages there were to be emptied.
    let pages = "SELECT gin_clean_pending_list('search_by_word')";
    keeper.execute(WORDS, &[Value::Int(1)]).unwrap();
    assert!(number(&mut keeper, pages) > 1, "whoever writes leaves it");
    keeper.execute(WORDS, &[Value::Int(1_001)]).unwrap();
    keeper
        .transaction(&mut |db| search::empty_pending(db))
        .unwrap();
    assert_eq!(number(&mut keeper, pages), 0);
}

#[test]
fn a_sender_could_leave_64_mib_there() {
    let (mut db, _) = empty(Role::Tool);
    schema::migrate(&mut db).unwrap();
    let options = "SELECT CAST(count(*) AS BIGINT) FROM pg_class WHERE relname = 'search_by_word' \
         AND 'gin_pending_list_limit=65536' = ANY (reloptions)";
    assert_eq!(number(&mut db, options), 1);
}
