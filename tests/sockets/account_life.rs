//! What asks for the password once more: another password, the end of an account; and taking one's
//! own data along.

use serde_json::{Value, json};

use crate::support::{Answer, DEADLINE, Guest, Server, ends_at_once, eventually};

const PHRASE: &str = "a long pass phrase";
const OTHER: &str = "quite another phrase";

async fn member(server: &Server, name: &str) -> Guest {
    let mut guest = Guest::visiting(server).await;
    let answer = guest.register(name, PHRASE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    guest
}

async fn again(server: &Server, name: &str, password: &str) -> (Guest, u16) {
    let mut guest = Guest::visiting(server).await;
    let status = guest.sign_in(name, password).await.status;
    (guest, status)
}

async fn change(guest: &mut Guest, old: &str, new: &str) -> Answer {
    let body = json!({"password": old, "new_password": new});
    guest.change("PUT", "/api/v1/me/password", &body).await
}

async fn delete(guest: &mut Guest, password: &str) -> Answer {
    let body = json!({"password": password});
    guest.change("DELETE", "/api/v1/me", &body).await
}

async fn page(server: &Server) -> Vec<Value> {
    let answer = Guest::of(server).get("/api/v1/rooms/1/messages").await;
    answer.json()["messages"].as_array().unwrap().clone()
}

fn is_nameless(by: &Value) -> bool {
    *by == json!({"id": "u1", "kind": "user", "name": "", "avatar": "/avatar/nobody.svg", "place": ""})
}

#[tokio::test]
async fn a_new_password_ends_every_session_but_this_one() {
    let server = Server::start(&[]);
    let mut ada = member(&server, "Ada").await;
    let (phone, _) = again(&server, "Ada", PHRASE).await;
    let (mut elsewhere, _) = phone.feed().await;
    let (mut here, _) = ada.feed().await;
    for (old, new, status, code) in [
        ("a wrong pass phrase", OTHER, 403, "wrong_password"),
        (PHRASE, "short77", 400, "password_short"),
        (PHRASE, "Ada12345", 400, "password_common"),
        (PHRASE, &"x1".repeat(129), 400, "password_long"),
        (&"x1".repeat(129), OTHER, 403, "wrong_password"),
    ] {
        let answer = change(&mut ada, old, new).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (status, code),
            "{old}, {new}"
        );
    }
    assert!(elsewhere.is_alive().await && here.is_alive().await);
    let thief = ada.clone();
    let answer = change(&mut ada, PHRASE, OTHER).await;
    assert_eq!(answer.json()["me"]["name"], "Ada");
    for ws in [&mut elsewhere, &mut here] {
        ends_at_once(server.addr(), ws).await;
    }
    assert_ne!(thief.cookie, ada.cookie, "a new key");
    assert_eq!(ada.feed().await.1["me"]["id"], "u1");
    for out in [phone, thief] {
        assert_eq!(out.feed().await.1["me"]["kind"], "visitor");
    }
    assert_eq!(again(&server, "Ada", PHRASE).await.1, 401);
    assert_eq!(again(&server, "Ada", OTHER).await.1, 200);
}

#[tokio::test]
async fn guessing_the_password_of_an_open_page_is_slowed_down_as_at_the_door() {
    let server = Server::start(&[]);
    let mut ada = member(&server, "Ada").await;
    for number in 0..5 {
        let guess = format!("a guess, number {number}");
        let answer = if number % 2 == 0 {
            change(&mut ada, &guess, OTHER).await
        } else {
            delete(&mut ada, &guess).await
        };
        assert_eq!(answer.error(), "wrong_password");
    }
    let held = change(&mut ada, PHRASE, OTHER).await;
    assert_eq!(
        (held.status, held.error().as_str()),
        (429, "sign_in_throttled")
    );
    assert_eq!(delete(&mut ada, PHRASE).await.status, 429);
}

#[tokio::test]
async fn visitors_have_no_account_to_change_or_end() {
    let server = Server::start(&[]);
    let mut visitor = Guest::visiting(&server).await;
    for answer in [
        change(&mut visitor, PHRASE, OTHER).await,
        delete(&mut visitor, PHRASE).await,
        visitor.get("/api/v1/me/export").await,
    ] {
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (401, "account_needed")
        );
    }
}

#[tokio::test]
async fn a_deleted_account_is_out_and_what_it_said_is_nobodys() {
    let mut server = Server::start(&[("chat.show_ip", "true")]);
    let mut ada = member(&server, "Ada").await;
    let (mut ada_ws, welcome) = ada.feed().await;
    let (phone, _) = again(&server, "Ada", PHRASE).await;
    let (mut elsewhere, _) = phone.feed().await;
    let grace = member(&server, "Grace").await;
    let (mut other, _) = grace.feed().await;
    let first = ada_ws.post("one").await;
    other.post("two").await;
    let third = ada_ws.post("three").await;
    ada_ws
        .change(
            &first["id"],
            &json!({"do": "edit", "content": "one, edited"}),
        )
        .await;
    ada_ws.change(&third["id"], &json!({"do": "recall"})).await;

    let answer = delete(&mut ada, "a wrong pass phrase").await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (403, "wrong_password")
    );
    let answer = delete(&mut ada, PHRASE).await;
    assert_eq!(answer.json()["me"]["kind"], "visitor", "{answer:?}");
    for ws in [&mut ada_ws, &mut elsewhere] {
        ends_at_once(server.addr(), ws).await;
    }
    assert_eq!(ada.feed().await.1["me"]["kind"], "visitor");
    assert_eq!(phone.feed().await.1["me"]["kind"], "visitor");
    assert_eq!(again(&server, "Ada", PHRASE).await.1, 401);

    // In memory of the running server: who resumes, who reloads, who comes by the classic way.
    let epoch = &welcome["rooms"][0]["epoch"];
    let from_start = json!({"1": {"epoch": epoch, "seq": 0}});
    let check = async |server: &Server| {
        let reader = grace.clone().follow(server);
        let (mut feed, _) = reader.resume(&from_start).await;
        let batch = feed.data(19).await;
        assert!(!batch.to_string().contains("Ada"), "{batch}");
        assert!(is_nameless(&batch["events"][0]["message"]["by"]), "{batch}");
        assert_eq!(batch["events"][3]["by"], json!({"id": "u1", "name": ""}));
        let (_classic, history) = Guest::of(server).classic().await;
        let record = &history["chatRecordList"][0];
        assert_eq!(record["nickname"], "已注销");
        assert_eq!(
            (&record["ipAddress"], &record["ipSource"]),
            (&json!(""), &json!(""))
        );
        let drawn = Guest::of(server).get("/").await.text();
        assert!(drawn.contains("Deleted account") && !drawn.contains(">Ada<"));
    };
    check(&server).await;
    eventually("the store has forgotten the name", || async {
        let said = page(&server).await;
        is_nameless(&said[0]["by"])
            && said[0]["content"] == "one, edited"
            && said[1]["by"]["name"] == "Grace"
    })
    .await;
    server.stop();
    let named = server.number(
        "SELECT (SELECT count(*) FROM messages WHERE name = 'Ada' OR (author = 'u1' AND address <> '')) \
         + (SELECT count(*) FROM events WHERE by_name = 'Ada') + (SELECT count(*) FROM users WHERE name = 'Ada')",
    );
    assert_eq!(named, 0);
    server.launch();
    check(&server).await;

    // The name is free, the number is not.
    let newcomer = member(&server, "Ada").await;
    assert_eq!(newcomer.feed().await.1["me"]["id"], "u3");
}

#[tokio::test]
async fn an_operator_deletes_an_account_only_when_they_mean_it() {
    let mut server = Server::start(&[]);
    let ada = member(&server, "Ada").await;
    let (mut ada_ws, _) = ada.feed().await;
    ada_ws.post("mine").await;
    let (code, _, err) = server.run(&["user", "delete", "ada"], "");
    assert_eq!(code, Some(1));
    assert!(err.contains("--yes to delete the account Ada"), "{err}");
    assert!(ada_ws.is_alive().await);
    let (code, _, err) = server.run(&["user", "delete", "Nobody", "--yes"], "");
    assert_eq!(code, Some(1));
    assert!(err.contains("no account named Nobody"), "{err}");
    let (code, out, err) = server.run(&["user", "delete", "ada", "--yes"], "");
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("the account Ada is deleted"), "{out}");
    assert_eq!(ada_ws.closed().await, Some(4500));
    assert_eq!(again(&server, "Ada", PHRASE).await.1, 401);
    // The server looks once a minute, and at its start.
    server.stop();
    server.launch();
    eventually("it has no name", || async {
        is_nameless(&page(&server).await[0]["by"])
    })
    .await;
}

#[tokio::test]
async fn an_erasure_that_was_broken_off_is_finished_at_the_next_start() {
    let mut server = Server::start(&[]);
    let ada = member(&server, "Ada").await;
    let (mut ada_ws, _) = ada.feed().await;
    for number in 0..5 {
        ada_ws.post(&format!("number {number}")).await;
    }
    server.kill();
    // As a crash leaves it: the row is emptied, the messages are not.
    server.runs(&[
        "UPDATE users SET name = '', name_key = 'deleted 1', password = '', deleted_at = 5 WHERE id = 1",
        "UPDATE messages SET name = '' WHERE id < 3",
    ]);
    server.launch();
    eventually("no message has a name", || async {
        page(&server)
            .await
            .iter()
            .all(|said| is_nameless(&said["by"]))
    })
    .await;
    let (mut reader, _) = Guest::of(&server).feed().await;
    reader.is_alive().await;
    let erased = "SELECT count(*) FROM users WHERE id = 1 AND erased_at IS NOT NULL";
    eventually("it is done", async || server.number(erased) == 1).await;
    let named = server.number("SELECT count(*) FROM events WHERE by_name <> ''");
    assert_eq!(named, 0);
}

#[tokio::test]
async fn erasing_a_great_many_messages_keeps_nobody_waiting() {
    const MANY: i64 = 20_000;
    let mut server = Server::start(&[]);
    let mut ada = member(&server, "Ada").await;
    let grace = member(&server, "Grace").await;
    let (mut ada_ws, _) = ada.feed().await;
    ada_ws.post("first").await;
    server.stop();
    server.runs(&[
        &format!(
            "WITH RECURSIVE n(n) AS (VALUES (2) UNION ALL SELECT n + 1 FROM n WHERE n < {MANY})
             INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at)
                 SELECT n, 1, n, n, 3, 1, 'u1', 'Ada', '/avatar/x.svg', '北京', 'u1', 'words', n FROM n"
        ),
        "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, at) \
         SELECT 1, id, 1, id, 'u1', 'Ada', id FROM messages WHERE id > 1",
        &format!("UPDATE rooms SET head = {MANY} WHERE id = 1"),
    ]);
    server.counts_ids_anew();
    server.launch();
    ada = ada.follow(&server);
    let (mut other, _) = grace.follow(&server).feed().await;
    assert_eq!(delete(&mut ada, PHRASE).await.status, 200);
    let named = "SELECT (SELECT count(*) FROM messages WHERE name = 'Ada') + (SELECT count(*) FROM events WHERE by_name = 'Ada')";
    let left = || server.number(named);
    // Whoever talks is heard between the steps: an answer comes while some rows are erased and others not.
    let all = left();
    let mut between = 0;
    let until = std::time::Instant::now() + DEADLINE;
    loop {
        other.post("meanwhile").await;
        match left() {
            0 => break,
            rest if rest < all => between += 1,
            _not_begun => {}
        }
        assert!(std::time::Instant::now() < until, "it does not end");
    }
    assert!(between > 0, "all {all} rows at once");
}

#[tokio::test]
async fn what_is_kept_of_a_person_can_be_taken_along() {
    let server = Server::start(&[]);
    let mut ada = member(&server, "Ada").await;
    let mut grace = member(&server, "Grace").await;
    let empty = grace.get("/api/v1/me/export").await.json();
    assert_eq!(empty["messages"], json!([]));
    let (mut ada_ws, _) = ada.feed().await;
    let (mut other, _) = grace.feed().await;
    other.post("theirs, not mine").await;
    for number in 0..250 {
        ada_ws.post(&format!("number {number} \"<茶>\"")).await;
    }
    ada.change("PUT", "/api/v1/preferences", &json!({"clock": "12"}))
        .await;
    let answer = ada.get("/api/v1/me/export").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(
        answer.header("content-disposition"),
        Some("attachment; filename=\"teahouse-u1.json\"")
    );
    let data = answer.json();
    assert_eq!(data["account"]["name"], "Ada");
    assert_eq!(data["preferences"]["clock"], "12");
    assert_eq!(data["devices"].as_array().unwrap().len(), 1);
    assert_eq!(data["identities"], json!([]));
    let said: Vec<_> = data["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    let expected: Vec<_> = (0..250)
        .map(|number| format!("number {number} \"<茶>\""))
        .collect();
    assert_eq!(said, expected);
    let text = answer.text();
    assert!(!text.contains("argon2") && !text.contains("theirs, not mine"));
}
