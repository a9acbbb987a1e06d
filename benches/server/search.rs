//! A server of a million messages in two languages: how long a search and a page of history take in the
//! store, what the index weighs, and what it costs to write; the same in an empty database of PostgreSQL, where one is named.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rusqlite::Connection;
use teahouse::model::message_id::MessageId;
use teahouse::model::person_id::PersonId;
use teahouse::model::room_id::RoomId;
use teahouse::store::backend::{Backend, Role};
use teahouse::store::db::Db;
use teahouse::store::postgres::{Address, Postgres};
use teahouse::store::queries::history::{self, Place};
use teahouse::store::schema;
use teahouse::store::search;
use teahouse::store::search::find::{self, Order, Wanted};
use teahouse::store::search::scope::Reader;
use teahouse::store::sqlite::Sqlite;
use teahouse::text::query::Query;

use super::rooms::fill;
use super::support::{percentile, scratch};

/// What is asked of `teahouse demo`.
const MILLION: [&str; 2] = ["--messages", "1000000"];

/// What is looked for: one to four words, some that are everywhere, some that hardly anybody says, some
/// that are nowhere together.
const TYPED: [&str; 36] = [
    "的",
    "茶",
    "不",
    "我们",
    "今天",
    "明天",
    "周末",
    "北京大学",
    "水温",
    "服务器",
    "今天 茶",
    "我们 明天",
    "的 是 了",
    "一 不 的 我",
    "今天天气很好",
    "the",
    "tea",
    "kettle",
    "a",
    "in the",
    "tea kettle",
    "the water is hot",
    "to and of the",
    "deploy server",
    "xylophone",
    "茶 tea",
    "@all meeting",
    "the 的",
    "ku",
    "th",
    "wat",
    "wate",
    "ther",
    "running",
    "2.13",
    "資料庫",
];

/// Times that each is looked for, in each order.
const ROUNDS: usize = 20;

/// Pages read of the largest room.
const PAGES: usize = 2_000;

/// Messages of a page.
const PAGE: usize = 50;

/// Runs the bench; `postgres` is the URL of an empty database.
pub fn run(postgres: Option<&str>) {
    let data = scratch();
    let house = data.path().join("million");
    fill(&house, &MILLION);
    let file = house.join("teahouse.db");
    weigh(&file);
    let mut db = schema::open(Some(&file)).expect("a house");
    db.small_cache()
        .expect("less memory, as the house's readers");
    for order in [Order::New, Order::Best] {
        look(&mut db, order);
    }
    leaf(&mut db);
    if let Some(url) = postgres {
        let mut db = move_in(&house, url);
        for order in [Order::New, Order::Best] {
            look(&mut db, order);
        }
        leaf(&mut db);
    }
    again(&mut db);
}

/// Moves the server to PostgreSQL, and weighs it there; gives a reader's connection.
fn move_in(house: &Path, url: &str) -> Postgres {
    let began = Instant::now();
    let moved = Command::new(env!("CARGO_BIN_EXE_teahouse"))
        .args(["move", "--data"])
        .arg(house)
        .args(["--to", url])
        .status();
    assert!(moved.expect("the program starts").success(), "it moves");
    println!(
        "PostgreSQL: moved in, with the index, in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    let address = Address::parse(url, None, None).expect("an address");
    let open = |role| Postgres::new(address.clone(), "bench", role).expect("a connection");
    let mut tool = open(Role::Tool);
    // As PostgreSQL does by itself some minutes later.
    tool.execute("VACUUM ANALYZE", &[]).expect("settled");
    let mut megabytes = |sql: &'static str| {
        let row = tool.first(sql, &[]).expect("read").expect("a row");
        { row }.int().expect("a number") as f64 / 1e6
    };
    let text = megabytes("SELECT CAST(sum(octet_length(content)) AS BIGINT) FROM messages");
    let index = megabytes("SELECT pg_relation_size('search_by_word')");
    let table = megabytes("SELECT pg_table_size('search')");
    let key = megabytes("SELECT pg_relation_size('search_pkey')");
    let all = megabytes("SELECT pg_database_size(current_database())");
    println!(
        "text {text:.1} MB; of the search: index {index:.1}, table {table:.1}, its key {key:.1} MB, together {:.2} times \
         the text; the whole database {all:.1} MB",
        (index + table + key) / text
    );
    open(Role::Reader)
}

/// What text and index take on the disk.
fn weigh(file: &Path) {
    let raw = Connection::open(file).expect("a database");
    let number = |sql: &str| -> f64 { raw.query_row(sql, [], |row| row.get(0)).expect("a number") };
    let text = number("SELECT CAST(sum(length(CAST(content AS BLOB))) AS REAL) FROM messages");
    let index = number("SELECT CAST(sum(pgsize) AS REAL) FROM dbstat WHERE name LIKE 'search%'");
    let all = number("SELECT CAST(sum(pgsize) AS REAL) FROM dbstat");
    println!(
        "text {:.1} MB, index {:.1} MB, together {:.2} times the text; the whole database {:.1} MB",
        text / 1e6,
        index / 1e6,
        (text + index) / text,
        all / 1e6
    );
}

fn look(db: &mut dyn Backend, order: Order) {
    let (mut all, mut slow) = (Vec::new(), Vec::new());
    for typed in TYPED {
        let wanted = Wanted {
            reader: Reader {
                id: PersonId::User(2),
                runs_server: false,
                rooms: None,
            },
            query: Query::read(typed, &jiff::tz::TimeZone::UTC).expect("short"),
            lobby: false,
            order,
            after: None,
            now: teahouse::text::clock::now_ms(),
        };
        let mut times = Vec::new();
        let mut hits = 0;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            db.at_one_moment(&mut |db| {
                hits = find::page(db, &wanted)?.hits.len();
                Ok(())
            })
            .expect("found");
            times.push(began.elapsed().as_secs_f64() * 1e3);
        }
        slow.push((
            percentile(&times, 50.0),
            percentile(&times, 100.0),
            hits,
            typed,
        ));
        all.extend(times);
    }
    println!(
        "{order:?}, first hits of {} searches: p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        all.len(),
        percentile(&all, 50.0),
        percentile(&all, 99.0),
        percentile(&all, 100.0)
    );
    slow.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (usual, longest, hits, typed) in slow.iter().take(6) {
        println!("  {typed}: {usual:.2} ms, longest {longest:.2} ms, {hits} hits");
    }
}

/// Pages of the largest room, at places all over it.
fn leaf(db: &mut dyn Backend) {
    let mut row = db
        .first("SELECT room_id, count(*), min(id), max(id) FROM messages GROUP BY 1 ORDER BY 2 DESC LIMIT 1", &[])
        .expect("read")
        .expect("a room");
    let mut next = || row.int().expect("a number");
    let (room, count, first, last) = (next(), next(), next(), next());
    println!("history of {count} messages, pages of {PAGE}, from {PAGES} places each:");
    let mut row = db
        .first("SELECT min(created_at), max(created_at) FROM messages", &[])
        .expect("read")
        .expect("a row");
    let (early, late) = (row.int().expect("a time"), row.int().expect("a time"));
    // Steps that meet every part of a room in no order.
    let spread = |number: usize, from: i64, to: i64| {
        let share = (number as f64 * 0.618_033_988_75).fract();
        from + ((to - from) as f64 * share) as i64
    };
    let ids: Vec<i64> = (0..PAGES)
        .map(|number| {
            let near = spread(number, first, last);
            let page =
                history::slice(db, RoomId(room), Place::After(MessageId(near)), 1).expect("read");
            page.and_then(|page| page.messages.first().map(|one| one.id.0))
                .unwrap_or(last)
        })
        .collect();
    let at: Vec<i64> = (0..PAGES)
        .map(|number| spread(number, early, late))
        .collect();
    let places = [
        (
            "before",
            (|id| Place::Before(MessageId(id))) as fn(i64) -> Place,
            &ids,
        ),
        ("after", |id| Place::After(MessageId(id)), &ids),
        ("around", |id| Place::Around(MessageId(id)), &ids),
        ("at", Place::At, &at),
    ];
    for (what, place, points) in places {
        let times: Vec<f64> = (0..PAGES)
            .map(|number| {
                let began = Instant::now();
                db.at_one_moment(&mut |db| {
                    history::slice(db, RoomId(room), place(points[number]), PAGE).map(drop)
                })
                .expect("read");
                began.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        println!(
            "  {what}: p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
            percentile(&times, 50.0),
            percentile(&times, 99.0),
            percentile(&times, 100.0)
        );
    }
}

/// The index made anew, without rest.
fn again(db: &mut Sqlite) {
    let began = Instant::now();
    db.in_one(search::begin_anew).expect("empty");
    println!(
        "index emptied in {:.0} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
    let (began, mut steps) = (Instant::now(), Vec::new());
    loop {
        let step = Instant::now();
        let left = db.in_one(search::step).expect("taken in");
        steps.push(step.elapsed().as_secs_f64() * 1e3);
        if left.is_none() {
            break;
        }
    }
    println!(
        "made anew in {:.1} s: {} steps, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        began.elapsed().as_secs_f64(),
        steps.len(),
        percentile(&steps, 50.0),
        percentile(&steps, 99.0),
        percentile(&steps, 100.0)
    );
}
