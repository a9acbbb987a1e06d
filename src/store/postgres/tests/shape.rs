//! Both databases have the same tables.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::store::testing::{self, TestDb};

/// What PostgreSQL has alone: for several servers.
const OWN: [&str; 7] = [
    "notices",
    "notices_by_stamp",
    "notices_by_time",
    "nodes",
    "stamp",
    "events_by_stamp",
    "search_by_word",
];

/// What the table of the search index is made of: FTS5's own there, a table here.
const SEARCH: &str = "search";

fn texts(db: &mut TestDb, sql: &'static str) -> Vec<Vec<String>> {
    let rows = db.query(sql, &[]).unwrap().into_iter();
    rows.map(|mut row| std::iter::from_fn(|| row.text().ok()).collect())
        .collect()
}

fn of_sqlite() -> (BTreeSet<String>, BTreeMap<String, String>) {
    let mut db = testing::sqlite();
    let columns = texts(
        &mut db,
        "SELECT t.name, c.name, CASE WHEN c.type = 'TEXT' THEN 'text' ELSE 'number' END, \
         CASE WHEN c.\"notnull\" OR c.pk THEN 'always' ELSE 'perhaps' END, CASE WHEN c.pk THEN 'key ' || c.pk ELSE '' END \
         FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'search%' AND t.name NOT LIKE 'sqlite%'",
    );
    let indexes = texts(
        &mut db,
        "SELECT i.name, CASE WHEN l.\"unique\" THEN 'unique ' ELSE '' END || i.tbl_name || ' (' || \
         (SELECT group_concat(name, ', ') FROM pragma_index_info(i.name)) || ')' || CASE WHEN i.sql LIKE '% WHERE %' THEN ' WHERE' ELSE '' END \
         FROM sqlite_master i, pragma_index_list(i.tbl_name) l WHERE i.type = 'index' AND i.sql IS NOT NULL AND l.name = i.name",
    );
    shape(&columns, indexes)
}

fn of_postgres() -> (BTreeSet<String>, BTreeMap<String, String>) {
    let mut db = testing::postgres();
    let columns = texts(
        &mut db,
        "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), \
         CASE WHEN a.atttypid IN ('text'::regtype, 'uuid'::regtype) THEN 'text' WHEN a.atttypid = 'bigint'::regtype THEN 'number' ELSE 'other' END, \
         CASE WHEN a.attnotnull THEN 'always' ELSE 'perhaps' END, \
         coalesce((SELECT 'key ' || array_position(k.conkey, a.attnum) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attnum = ANY (k.conkey)), '') \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace",
    );
    let indexes = texts(
        &mut db,
        "SELECT CAST(i.relname AS TEXT), CASE WHEN x.indisunique THEN 'unique ' ELSE '' END || t.relname || ' (' || \
         (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.oid) || ')' || CASE WHEN x.indpred IS NULL THEN '' ELSE ' WHERE' END \
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
         WHERE t.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid)",
    );
    shape(&columns, indexes)
}

fn shape(
    columns: &[Vec<String>],
    indexes: Vec<Vec<String>>,
) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let own = |name: &String| OWN.contains(&name.as_str());
    let columns = columns
        .iter()
        .filter(|column| column[0] != SEARCH && !column[..2].iter().any(own));
    let columns = columns.map(|column| column.join(" ")).collect();
    let indexes = indexes
        .into_iter()
        .filter(|index| !own(&index[0]))
        .map(|index| (index[0].clone(), index[1].clone()));
    (columns, indexes.collect())
}

#[test]
fn both_have_the_same_columns_and_indexes() {
    let (here, there) = (of_postgres(), of_sqlite());
    assert!(
        there.0.len() > 100 && there.1.len() > 20,
        "{}, {}",
        there.0.len(),
        there.1.len()
    );
    let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
        one.difference(other).cloned().collect::<Vec<_>>()
    };
    assert_eq!(only(&here.0, &there.0), [""; 0], "only on PostgreSQL");
    assert_eq!(only(&there.0, &here.0), [""; 0], "only on SQLite");
    assert_eq!(here.1, there.1);
}

#[test]
fn each_migration_from_the_first_here_is_one_of_both() {
    assert_eq!(schema::known(), crate::store::schema::known());
}

#[test]
fn what_is_compared_is_compared_by_bytes() {
    let mut db = testing::postgres();
    let others = texts(
        &mut db,
        "SELECT t.relname || '.' || a.attname FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (x.indkey) \
         WHERE t.relnamespace = 'public'::regnamespace AND a.atttypid = 'text'::regtype AND a.attcollation <> 'pg_catalog.\"C\"'::regcollation",
    );
    assert!(others.is_empty(), "{others:?}");
}
