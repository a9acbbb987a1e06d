//! `[chat] keep_days`: what was said is gone when it is so old, wherever one looks, and everything else
//! goes on as if it had never been there.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::erasure::cells_with;
use crate::room_deletion::indexed;
use crate::search::finds;
use crate::support::{CLOCK_SCRIPT, Guest, Member, Server, Ws, eventually, run_program, set_clock};

/// In seconds.
const DAY: i64 = 86_400;

fn server() -> Server {
    Server::start_strict_by(
        CLOCK_SCRIPT,
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
    set_clock(server, days * DAY);
}

/// Waits until so many messages have gone since the start.
pub async fn are_gone(server: &Server, messages: usize) {
    let line = format!("\nteahouse_messages_expired_total {messages}\n");
    let gone = async || {
        let numbers = Guest::of(server).get("/metrics").await.text();
        numbers.contains(&line)
    };
    eventually("they are gone", gone).await;
}

pub async fn says(ws: &mut Ws, room: i64, content: &str, reply: &Value) -> Value {
    let nonce = Uuid::new_v4();
    let mut send = json!({"nonce": nonce, "room": room, "content": content});
    if !reply.is_null() {
        send["reply"] = reply.clone();
    }
    ws.send(&json!({"type": kinds::SEND, "data": send})).await;
    ws.ack(nonce).await
}

pub fn waiting(view: &Value) -> (i64, i64) {
    let number = |field: &str| view[field].as_i64().unwrap();
    (number("unread"), number("mentions"))
}

pub fn contents(page: &Value) -> Vec<&str> {
    let messages = page.get("messages").unwrap_or(&page["page"]);
    let messages = messages.as_array().unwrap().iter();
    messages
        .map(|message| message["content"].as_str().unwrap())
        .collect()
}

/// What a member is told first of a room in which they were at `seq`.
pub async fn comes_back(who: &Member, room: i64, epoch: &Value, seq: i64) -> Value {
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
    let files = check("0\n[uploads]\nkeep = \"90d\"");
    assert_eq!(
        files,
        "the configuration is good\nnote: [uploads] keep = \"90d\": the server deletes for good the files of \
         messages that were uploaded longer ago\n"
    );
    let wrong = check("36501");
    let what = "[chat] keep_days must be a whole number from 0 to 36500, not 36501; for example: keep_days = 0";
    assert!(wrong.contains(what), "{wrong}");
}
