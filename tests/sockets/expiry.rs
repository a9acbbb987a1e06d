//! `[chat] keep_days`: what was said is gone when it is so old, wherever one looks, and everything else
//! goes on as if it had never been there.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::erasure::cells_with;
use crate::room_deletion::{MARK, database, indexed, number};
use crate::search::finds;
use crate::support::{Guest, Member, Server, Ws, eventually, run_program};

/// The server with a clock that goes so many days ahead as the file `clock` says.
const CLOCK: &str = "[ -e clock ] || echo +0 > clock; \
     export LD_PRELOAD=$(echo /usr/lib/*/faketime/libfaketimeMT.so.1) FAKETIME_TIMESTAMP_FILE=$PWD/clock \
     FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1; exec \"$@\"";

/// In seconds.
const DAY: i64 = 86_400;

fn server() -> Server {
    Server::start_strict_by(
        CLOCK,
        &[
            ("limits.messages_per_minute", "0"),
            ("limits.connections_per_address", "0"),
            ("limits.sign_ins_per_minute", "0"),
            ("session.ttl", "400d"),
            ("chat.keep_days", "30"),
        ],
    )
}

fn days_later(server: &Server, days: i64) {
    let next = server.home().join("next");
    std::fs::write(&next, format!("+{}", days * DAY)).unwrap();
    std::fs::rename(next, server.home().join("clock")).unwrap();
}

/// Waits until so many messages have gone since the start.
async fn are_gone(server: &Server, messages: usize) {
    let line = format!("\nteahouse_messages_expired_total {messages}\n");
    let gone = async || {
        let numbers = Guest::of(server).get("/metrics").await.text();
        numbers.contains(&line)
    };
    eventually("they are gone", gone).await;
}

async fn says(ws: &mut Ws, room: i64, content: &str, reply: &Value) -> Value {
    let nonce = Uuid::new_v4();
    let mut send = json!({"nonce": nonce, "room": room, "content": content});
    if !reply.is_null() {
        send["reply"] = reply.clone();
    }
    ws.send(&json!({"type": kinds::SEND, "data": send})).await;
    ws.ack(nonce).await
}

fn waiting(view: &Value) -> (i64, i64) {
    let number = |field: &str| view[field].as_i64().unwrap();
    (number("unread"), number("mentions"))
}

fn contents(page: &Value) -> Vec<&str> {
    let messages = page.get("messages").unwrap_or(&page["page"]);
    let messages = messages.as_array().unwrap().iter();
    messages
        .map(|message| message["content"].as_str().unwrap())
        .collect()
}

/// What a member is told first of a room in which they were at `seq`.
async fn comes_back(who: &Member, room: i64, epoch: &Value, seq: i64) -> Value {
    let mut ws = who.guest.open("/ws?feed", &[]).await.unwrap();
    let position = json!({"epoch": epoch, "seq": seq});
    let hello = json!({"v": 1, "open": room, "resume": {room.to_string(): position}});
    ws.send(&json!({"type": kinds::HELLO, "data": hello})).await;
    let is_it = |frame: &Value| frame["type"] == kinds::BATCH || frame["type"] == kinds::RESET;
    let told = ws.expect("what was missed", is_it).await;
    ws.leave().await;
    told
}

/// A server in which something was said forty days ago, and something twenty days ago.
struct Said {
    ada: Member,
    bob: Member,
    room: i64,
    epoch: Value,
    /// Ada hears the room, Bob the lobby.
    ada_ws: Ws,
    bob_ws: Ws,
    /// The message that is too old, and the answer that is not.
    old: Value,
    young: Value,
    /// The seq of the last change of the old one.
    changed: i64,
}

async fn talk(server: &Server) -> Said {
    let mut ada = Member::new(server, "Ada").await;
    let mut bob = Member::new(server, "Bob").await;
    let room = ada.makes("private", "Tea").await;
    let code = ada.invites(room, &json!({})).await;
    bob.accepts(&code).await;
    let epoch = ada.sees(room).await["epoch"].clone();
    let (mut ada_ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    says(&mut bob_ws, 1, "old in the lobby", &Value::Null).await;
    let old = says(&mut ada_ws, room, "the kettle is on, @Bob", &Value::Null).await;
    for mut what in [
        json!({"do": "edit", "content": "the kettle sings, @Bob"}),
        json!({"do": "react", "emoji": "🍵", "on": true}),
        json!({"do": "pin", "on": true}),
    ] {
        what["room"] = room.into();
        what["id"] = old["id"].clone();
        ada_ws.try_change(what).await;
    }
    days_later(server, 20);
    says(&mut bob_ws, 1, "young in the lobby", &Value::Null).await;
    says(&mut ada_ws, room, "is it on?", &Value::Null).await;
    let mut unpin = json!({"do": "pin", "on": false, "room": room});
    unpin["id"] = old["id"].clone();
    let changed = ada_ws.try_change(unpin).await["seq"].as_i64().unwrap();
    let young = says(&mut ada_ws, room, "I hear it", &old["id"]).await;
    assert_eq!(waiting(&bob.sees(room).await), (3, 1));
    Said {
        ada,
        bob,
        room,
        epoch,
        ada_ws,
        bob_ws,
        old,
        young,
        changed,
    }
}

/// Everything that one can see of the server after the old messages have gone.
async fn holds(said: &mut Said) {
    let Said {
        ada,
        bob,
        room,
        epoch,
        old,
        young,
        ..
    } = said;
    let (room, changed) = (*room, said.changed);
    let id = &old["id"];
    let page = ada
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    assert_eq!(contents(&page), ["is it on?", "I hear it"]);
    assert_eq!(
        (&page["more"], &page["newer"]),
        (&json!(false), &json!(false))
    );
    let reply = json!({"id": id, "by": {"id": "", "name": ""}, "text": "", "gone": true});
    assert_eq!(page["messages"][1]["reply"], reply);
    // Whoever reads backwards comes to an end, wherever they were.
    for (before, left) in [(id, 0), (&young["id"], 1)] {
        let path = format!("rooms/{room}/messages?before={before}");
        let page = ada.may("GET", &path, &Value::Null).await;
        assert_eq!(
            (contents(&page).len(), &page["more"]),
            (left, &json!(false)),
            "{path}"
        );
    }
    let path = format!("rooms/{room}/messages?since=0");
    assert_eq!(
        contents(&ada.may("GET", &path, &Value::Null).await),
        ["is it on?", "I hear it"]
    );
    // It is like one that never was.
    for message in [id.clone(), json!(999_999)] {
        let of_room = format!("rooms/{room}/messages");
        for path in [
            format!("{of_room}?around={message}"),
            format!("{of_room}/{message}"),
            format!("{of_room}/{message}/versions"),
        ] {
            let refused = ada.may_not("GET", &path, &Value::Null).await;
            assert_eq!(refused, (404, "not_found".to_owned()), "{path}");
        }
        for page in [format!("/m/{message}"), format!("/rooms/{room}/{message}")] {
            let answer = ada.guest.get(&page).await;
            assert_eq!(answer.status, 404, "{page}");
            assert!(!answer.text().contains("kettle"), "{page}");
        }
    }
    let pins = ada
        .may("GET", &format!("rooms/{room}/pins"), &Value::Null)
        .await;
    assert_eq!(pins["messages"], json!([]));
    assert!(finds(&mut ada.guest, "kettle").await.is_empty());
    assert_eq!(finds(&mut ada.guest, "hear").await, ["I hear it"]);
    let data = ada.guest.get("/api/v1/me/export").await.text();
    assert!(
        data.contains("I hear it") && !data.contains("kettle"),
        "{data}"
    );
    assert!(
        !ada.guest
            .get(&format!("/rooms/{room}"))
            .await
            .text()
            .contains("kettle")
    );
    // Who was away: what waits, and where they go on.
    let seen = bob.sees(room).await;
    assert_eq!((waiting(&seen), &seen["head"]), ((2, 0), &young["seq"]));
    for seq in [0, old["seq"].as_i64().unwrap(), changed - 1] {
        let told = comes_back(bob, room, epoch, seq).await;
        assert_eq!(told["type"], kinds::RESET, "{seq}: {told}");
        assert_eq!(
            contents(&told["data"]),
            ["is it on?", "I hear it"],
            "{told}"
        );
        assert_eq!(told["data"]["page"][1]["reply"], reply);
    }
    for (seq, events) in [(changed, 1), (changed + 1, 0)] {
        let told = comes_back(bob, room, epoch, seq).await;
        let batch = told["data"]["events"].as_array().unwrap();
        assert_eq!((&told["type"], batch.len()), (&json!(19), events), "{told}");
        assert!(
            batch.iter().all(|event| event["message"]["reply"] == reply),
            "{told}"
        );
    }
    let (_, classic) = ada.guest.classic().await;
    let records = classic.to_string();
    assert!(
        records.contains("young in the lobby") && !records.contains("old in"),
        "{records}"
    );
}

#[tokio::test]
async fn what_is_too_old_is_gone_wherever_one_looks_and_stays_so_after_a_restart() {
    let mut server = server();
    let mut said = talk(&server).await;
    days_later(&server, 40);
    are_gone(&server, 2).await;
    // Who has the room in the background is told that less waits.
    loop {
        let told = said.bob_ws.data(33).await;
        let part = told["rooms"]
            .as_array()
            .unwrap()
            .iter()
            .find(|part| part["id"] == said.room);
        if part.is_some_and(|part| waiting(part) == (2, 0)) {
            break;
        }
    }
    // Who still has it on the page can do nothing with it.
    for mut what in [
        json!({"do": "edit", "content": "tea"}),
        json!({"do": "recall"}),
        json!({"do": "react", "emoji": "🍵", "on": true}),
        json!({"do": "react", "emoji": "🍵", "on": false}),
        json!({"do": "pin", "on": true}),
    ] {
        what["room"] = said.room.into();
        what["id"] = said.old["id"].clone();
        assert_eq!(
            said.ada_ws.try_change(what.clone()).await,
            "not_found",
            "{what}"
        );
    }
    let send = json!({"nonce": Uuid::new_v4(), "room": said.room, "content": "too late", "reply": said.old["id"]});
    said.ada_ws
        .send(&json!({"type": kinds::SEND, "data": send}))
        .await;
    assert_eq!(said.ada_ws.error().await, "not_found");
    holds(&mut said).await;
    // A mark that is put where nothing is any more counts what is there.
    let (mut marks, _) = said.bob.hears(1).await;
    let unread = json!({"room": said.room, "seq": 1, "unread": true});
    marks
        .send(&json!({"type": kinds::READ, "data": unread}))
        .await;
    let mark = marks.data(25).await;
    assert_eq!((&mark["read"], waiting(&mark)), (&json!(1), (2, 0)));

    let log = server.stop().log;
    let line = "deleted what was too old messages=2 changes=";
    assert!(log.contains(line), "{line} is not in {log}");
    assert!(!log.contains("kettle"), "{log}");
    assert_eq!(cells_with(&server, &["kettle"]), Vec::<String>::new());
    assert_eq!(indexed(&server, "kettle"), Vec::<String>::new());
    server.launch();
    said.ada = said.ada.follow(&server);
    said.bob = said.bob.follow(&server);
    holds(&mut said).await;
    // They are still in it, and go on.
    let (mut ada_ws, _) = said.ada.hears(said.room).await;
    let next = says(&mut ada_ws, said.room, "and goes on", &said.young["id"]).await;
    assert_eq!(
        next["seq"].as_i64(),
        said.young["seq"].as_i64().map(|seq| seq + 1)
    );
    assert_eq!(waiting(&said.bob.sees(said.room).await), (3, 0));
}

/// Puts so many messages of long ago in front of what is said in a room.
fn long_ago(server: &Server, room: i64, messages: i64) {
    let db = database(server);
    db.execute(
        "UPDATE messages SET id = id + ?1, seq = seq + ?1, rev = rev + ?1 WHERE room_id = ?2",
        [messages, room],
    )
    .unwrap();
    db.execute(
        "UPDATE events SET seq = seq + ?1, message_id = message_id + ?1 WHERE room_id = ?2",
        [messages, room],
    )
    .unwrap();
    db.execute_batch(&format!(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {messages}) \
         INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
         SELECT n, {room}, n, n, 3, 0, 'u1', 'Ada', '', '', '', '{MARK} ' || n, 1000 + n FROM n; \
         INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, nonce, at) \
         SELECT room_id, seq, 1, id, 'u1', 'Ada', 'old ' || id, created_at FROM messages WHERE id <= {messages}; \
         INSERT INTO search (rowid, words) SELECT id, '{MARK}' FROM messages WHERE id <= {messages}; \
         UPDATE rooms SET head = head + {messages}, said = said + {messages} WHERE id = {room};"
    ))
    .unwrap();
}

/// Lets what was said up to a message have been said long ago, and starts the server with the setting.
async fn grows_old(server: &mut Server, last: &Value, messages: usize) {
    server.stop();
    let db = database(server);
    db.execute(
        "UPDATE messages SET created_at = id WHERE id <= ?1",
        [last.as_i64()],
    )
    .unwrap();
    drop(db);
    server.set("chat.keep_days", "1");
    server.launch();
    are_gone(server, messages).await;
}

#[tokio::test]
async fn a_mark_from_before_the_beginning_counts_what_is_there() {
    let mut server = Server::start(&[]);
    let (ada, mut bob, room) = Member::two_in_a_room(&server, "Tea").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let mut said = Vec::new();
    for number in 0..9 {
        let ack = says(
            &mut ada_ws,
            room,
            &format!("cup {number}, @Bob"),
            &Value::Null,
        )
        .await;
        said.push(ack);
    }
    assert_eq!(waiting(&bob.sees(room).await), (9, 9));
    grows_old(&mut server, &said[2]["id"], 3).await;
    let mut bob = bob.follow(&server);
    assert_eq!(waiting(&bob.sees(room).await), (6, 6));
    // Nobody hears the room: the store counts from Bob's mark, which is nearer than the head.
    let (mut bob_ws, _) = bob.hears(1).await;
    let read = json!({"room": room, "seq": said[3]["seq"]});
    bob_ws
        .send(&json!({"type": kinds::READ, "data": read}))
        .await;
    assert_eq!(waiting(&bob_ws.data(25).await), (5, 5));
    // And so it does when it is to be unread again, wherever that was.
    let read = json!({"room": room, "seq": said[1]["seq"], "unread": true});
    bob_ws
        .send(&json!({"type": kinds::READ, "data": read}))
        .await;
    assert_eq!(waiting(&bob_ws.data(25).await), (6, 6));
    server.stop();
    server.launch();
    assert_eq!(waiting(&bob.follow(&server).sees(room).await), (6, 6));
}

#[tokio::test]
async fn a_server_that_dies_amid_goes_on_and_gives_no_number_twice() {
    let mut server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    server.stop();
    let many = 6_000;
    long_ago(&server, 1, many);
    // Without the setting nothing goes, however often it is started.
    server.launch();
    let (mut ada_ws, _) = ada.follow(&server).hears(1).await;
    let kept = ada_ws.post("said today").await;
    assert_eq!(kept["id"], many + 1);
    server.stop();
    assert_eq!(number(&server, "SELECT count(*) FROM messages"), many + 1);
    database(&server)
        .execute("UPDATE messages SET created_at = 7 WHERE id > 6000", [])
        .unwrap();

    server.set("chat.keep_days", "30");
    let left = "SELECT count(*) FROM messages WHERE room_id > 0";
    let mut last = number(&server, left);
    for _kill in 0..2 {
        server.launch();
        let fewer = async || number(&server, left) < last;
        eventually("some are gone", fewer).await;
        server.kill();
        last = number(&server, left);
        assert!(last > 0, "there is still much to do");
        let begins = "SELECT begins_seq = (SELECT min(seq) - 1 FROM messages WHERE room_id = 1) \
             AND begins_seq = begins_said FROM rooms WHERE id = 1";
        assert_eq!(number(&server, begins), 1, "each step is whole");
    }
    server.launch();
    // People come, talk and read while it goes on.
    let mut here = ada.follow(&server);
    let (mut ada_ws, _) = here.hears(1).await;
    let mut before = json!(many);
    for turn in 0..20 {
        assert_eq!(
            ada_ws.post(&format!("meanwhile {turn}")).await["id"],
            many + 2 + turn
        );
        let path = format!("rooms/1/messages?before={before}");
        let page = here.may("GET", &path, &Value::Null).await;
        if let Some(first) = page["messages"][0]["id"].as_i64() {
            before = first.into();
        }
    }
    are_gone(&server, usize::try_from(last).unwrap()).await;
    let page = here.may("GET", "rooms/1/messages", &Value::Null).await;
    assert_eq!((contents(&page).len(), &page["more"]), (20, &json!(false)));
    server.stop();
    assert_eq!(cells_with(&server, &[MARK]), Vec::<String>::new());
    assert_eq!(indexed(&server, MARK), Vec::<String>::new());
    assert_eq!(number(&server, "SELECT count(*) FROM messages"), 20);
    assert_eq!(
        number(&server, "SELECT head FROM rooms WHERE id = 1"),
        many + 21
    );
    assert_eq!(
        number(&server, "SELECT begins_said FROM rooms WHERE id = 1"),
        many + 1
    );
}

#[tokio::test]
async fn nothing_is_left_and_still_no_number_is_given_twice() {
    let mut server = Server::start(&[("chat.keep_days", "1")]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("public", "Tea").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let last = says(&mut ada_ws, room, "the last word", &Value::Null).await;
    server.stop();
    let db = database(&server);
    db.execute_batch("UPDATE messages SET created_at = 5; UPDATE events SET at = 5")
        .unwrap();
    drop(db);
    server.launch();
    are_gone(&server, 1).await;
    let nothing = async || number(&server, "SELECT count(*) FROM events") == 0;
    eventually("no event is left", nothing).await;
    let mut ada = ada.follow(&server);
    let seen = ada.sees(room).await;
    assert_eq!(
        (&seen["head"], &seen["unread"], &seen["role"]),
        (&last["seq"], &json!(0), &json!("owner"))
    );
    let told = comes_back(&ada, room, &seen["epoch"], 0).await;
    assert_eq!(
        (&told["type"], contents(&told["data"]).len()),
        (&json!(21), 0)
    );
    server.stop();
    server.launch();
    let mut ada = ada.follow(&server);
    let told = comes_back(&ada, room, &seen["epoch"], last["seq"].as_i64().unwrap()).await;
    assert_eq!(
        (&told["type"], &told["data"]["events"]),
        (&json!(19), &json!([]))
    );
    let told = comes_back(&ada, room, &seen["epoch"], 0).await;
    assert_eq!(
        (&told["type"], contents(&told["data"]).len()),
        (&json!(21), 0)
    );
    let (mut ada_ws, _) = ada.hears(room).await;
    let next = says(&mut ada_ws, room, "the first word", &Value::Null).await;
    for field in ["id", "seq"] {
        assert!(
            next[field].as_i64() > last[field].as_i64(),
            "{field}: {next} after {last}"
        );
    }
    let page = ada
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    assert_eq!(contents(&page), ["the first word"]);
}

#[test]
fn check_config_says_what_will_be_deleted() {
    let home = tempfile::tempdir().unwrap();
    let check = |days: &str| {
        let file = home.path().join("config.toml");
        std::fs::write(&file, format!("[chat]\nkeep_days = {days}\n")).unwrap();
        let (_code, out, err) = run_program(home.path(), &["check-config"], &[]);
        out + err.as_str()
    };
    assert_eq!(check("0"), "the configuration is good\n");
    assert_eq!(
        check("90"),
        "the configuration is good\nnote: [chat] keep_days = 90: the server deletes for good what was said \
         more than 90 days ago, in every room\n"
    );
    let wrong = check("36501");
    let what = "[chat] keep_days must be a whole number from 0 to 36500, not 36501; for example: keep_days = 0";
    assert!(wrong.contains(what), "{wrong}");
}
