//! What is left of the files of a deleted account: nothing, or what was to be kept.

use serde_json::{Value, json};
use teahouse::model::file_id::FileId;

use crate::erasure::cells_with;
use crate::support::voice::{FIELDS, form, recording};
use crate::support::{Guest, Member, Server, eventually};

const PASSWORD: &str = "seven bowls 七碗茶";

async fn erased(server: &Server) {
    let waiting = "SELECT count(*) FROM users WHERE deleted_at IS NOT NULL AND erased_at IS NULL";
    eventually("it is erased", async || server.number(waiting) == 0).await;
    let doomed = "SELECT count(*) FROM files WHERE state = 4";
    eventually("the bytes are gone", async || server.number(doomed) == 0).await;
}

/// Ada, who has said something as a visitor before, with Bob in the room of this id.
async fn ada_and_bob(server: &Server) -> (Member, Member, i64) {
    let mut guest = Guest::visiting(server).await;
    let body = form(Some(&recording(8_000, 300)), &FIELDS);
    let own_site = [("sec-fetch-site", "same-origin")];
    let spoken = guest.posts_form("/api/voice", &own_site, &body).await;
    assert_eq!(spoken.status, 200, "{spoken:?}");
    let answer = guest.register("Ada", PASSWORD).await;
    let id = answer.json()["me"]["id"].as_str().unwrap().to_owned();
    let mut ada = Member { guest, id };
    let mut bob = Member::new(server, "Bob").await;
    let room = ada.makes("private", "Cellar").await;
    let code = ada.invites(room, &json!({})).await;
    bob.accepts(&code).await;
    (ada, bob, room)
}

#[tokio::test]
async fn a_deleted_account_takes_its_files_along_and_nobody_elses() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = ada_and_bob(&server).await;
    let (mut ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let beside_words = ada.uploads("zyxwvut-a.txt", b"a").await;
    let words = ws
        .sends_files(
            room,
            "words",
            &json!([{"id": beside_words, "alt": "zyxwvut"}]),
        )
        .await;
    let alone = [
        ada.uploads("zyxwvut-b.txt", b"b").await,
        ada.uploads("zyxwvut-c.txt", b"c").await,
    ];
    let alone = ws
        .sends_files(room, "", &json!([{"id": alone[0]}, {"id": alone[1]}]))
        .await;
    ada.uploads("zyxwvut-loose.txt", b"loose").await;
    let open = ada
        .guest
        .announce(10, &[("filename", "zyxwvut-open")])
        .await;
    ada.guest
        .continues(open.header("location").unwrap(), 0, b"half")
        .await;
    let others = bob.uploads("bob.txt", b"bob").await;
    bob_ws
        .sends_files(room, "mine", &json!([{"id": others}]))
        .await;
    ada.may("DELETE", "me", &json!({"password": PASSWORD}))
        .await;
    let mut heard = Vec::new();
    for _ in 0..2 {
        let event = bob_ws
            .expect("what goes", |frame| {
                ["file", "recall"].contains(&frame["data"]["kind"].as_str().unwrap_or_default())
            })
            .await;
        assert_eq!(event["data"]["by"], json!({"id": ada.id, "name": ""}));
        heard.push((event["data"]["kind"].clone(), event["data"]["id"].clone()));
    }
    heard.sort_by_key(|(kind, _)| kind.to_string());
    assert_eq!(
        heard,
        [
            ("file".into(), words["id"].clone()),
            ("recall".into(), alone["id"].clone())
        ]
    );
    erased(&server).await;
    assert_eq!(server.file_names(), [format!("{others}.raw")]);
    assert_eq!(cells_with(&server, &["zyxwvut"]), Vec::<String>::new());
    let path = format!("rooms/{room}/messages/{}", words["id"]);
    let kept = bob.may("GET", &path, &Value::Null).await["message"].take();
    assert_eq!(kept["content"], "words");
    assert_eq!(
        kept["files"],
        json!([{"id": beside_words, "kind": "file", "gone": true}])
    );
    let got = bob.guest.get(&format!("/files/{others}/raw")).await;
    assert_eq!((got.status, &*got.body), (200, &b"bob"[..]));
    let lobby = bob.may("GET", "rooms/1/messages", &Value::Null).await;
    assert_eq!(
        lobby["messages"][0]["recalled"], true,
        "what they said as a visitor, too"
    );
    let (code, out, err) = server.run(&["files", "check"], "");
    assert_eq!(code, Some(0), "{out}{err}");
}

#[tokio::test]
async fn whoever_has_left_hears_of_no_file_and_is_given_none() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = ada_and_bob(&server).await;
    let (mut ws, _) = ada.hears(room).await;
    let mut phone = Member::signed_in(&server, "Ada", PASSWORD).await;
    let (mut phone_ws, _) = phone.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let mine = ada.uploads("mine.txt", b"mine").await;
    ws.sends_files(room, "", &json!([{"id": mine}])).await;
    let before = bob.uploads("before.txt", b"before").await;
    bob_ws
        .sends_files(room, "before", &json!([{"id": before}]))
        .await;
    let loose = ada.uploads("loose.txt", b"loose").await;
    let after = bob.uploads("after.txt", b"after").await;
    for socket in [&mut ws, &mut phone_ws] {
        socket.until_said("before").await;
        assert!(socket.heard.contains(&before), "it is heard until then");
        socket.heard.clear();
    }
    ada.may("DELETE", "me", &json!({"password": PASSWORD}))
        .await;
    bob_ws
        .sends_files(room, "after", &json!([{"id": after}]))
        .await;
    bob_ws
        .expect("what goes", |frame| frame["data"]["kind"] == "recall")
        .await;
    for socket in [&mut ws, &mut phone_ws] {
        assert_eq!(socket.closed().await, Some(4500));
        for id in [&mine, &before, &loose, &after] {
            assert!(!socket.heard.contains(id.as_str()), "{}", socket.heard);
        }
        assert!(!socket.heard.contains("recall"), "{}", socket.heard);
    }
    for who in [&mut ada, &mut phone] {
        for id in [&mine, &before, &loose, &after] {
            let got = who.guest.get(&format!("/files/{id}/raw")).await;
            assert_eq!(got.status, 404, "{got:?}");
        }
        let uploads = who.may("GET", "uploads", &Value::Null).await;
        assert_eq!(uploads["uploads"], json!([]));
    }
    let got = bob.guest.get(&format!("/files/{after}/raw")).await;
    assert_eq!((got.status, &*got.body), (200, &b"after"[..]));
}

#[tokio::test]
async fn files_that_are_to_stay_stay_and_voices_go() {
    let mut server = Server::start(&[]);
    let (mut ada, bob, room) = ada_and_bob(&server).await;
    let (mut ws, _) = ada.hears(room).await;
    let kept = ada.uploads("a.txt", b"a").await;
    ws.sends_files(room, "", &json!([{"id": kept}])).await;
    let voice = ada.records(&recording(8_000, 300)).await["id"].take();
    ws.sends_files(room, "", &json!([{"id": voice}])).await;
    ada.uploads("loose.txt", b"loose").await;
    let body = json!({"password": PASSWORD, "keep_files": true});
    ada.may("DELETE", "me", &body).await;
    // The choice outlives the server, which may end before it has done it all.
    server.kill();
    server.launch();
    erased(&server).await;
    assert_eq!(server.file_names(), [format!("{kept}.raw")]);
    let mut bob = bob.follow(&server);
    let got = bob.guest.get(&format!("/files/{kept}/raw")).await;
    assert_eq!((got.status, &*got.body), (200, &b"a"[..]));
}

#[tokio::test]
async fn an_erasure_that_a_crash_broke_off_is_finished() {
    let mut server = Server::start(&[]);
    let (mut ada, bob, room) = ada_and_bob(&server).await;
    let (mut ws, _) = ada.hears(room).await;
    let file = ada.uploads("zyxwvut.txt", b"a").await;
    let ack = ws.sends_files(room, "words", &json!([{"id": file}])).await;
    server.stop();
    // More than one step has: the rows of as many more, whose bytes are as they may be.
    let ids = (1..=450_u128).map(|place| FileId::new(place).to_string());
    let rows = ids.enumerate().map(|(place, id)| {
        format!(
            "INSERT INTO files (id, owner, state, kind, size, got, stored, name, media_type, detail, room_id, message_id, place, created_at, touched_at) \
             SELECT '{id}', owner, state, kind, size, got, stored, name, media_type, '{{}}', room_id, message_id, {}, created_at, touched_at \
             FROM files WHERE id = '{file}'",
            place + 1
        )
    });
    let rows: Vec<String> = rows.collect();
    server.runs(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(server.run(&["files", "check", "--repair"], "").0, Some(0));
    assert_eq!(
        server.run(&["user", "delete", "Ada", "--yes"], "").0,
        Some(0)
    );
    server.launch();
    let begun = "SELECT count(*) < 451 FROM files WHERE state = 3";
    eventually("it has begun", async || server.number(begun) == 1).await;
    server.kill();
    server.launch();
    erased(&server).await;
    assert_eq!(server.file_names(), Vec::<String>::new());
    assert_eq!(cells_with(&server, &["zyxwvut"]), Vec::<String>::new());
    let mut bob = bob.follow(&server);
    let path = format!("rooms/{room}/messages/{}", ack["id"]);
    let message = bob.may("GET", &path, &Value::Null).await["message"].take();
    let files = message["files"].as_array().unwrap();
    assert_eq!(files.len(), 451);
    assert!(files.iter().all(|file| file["gone"] == true));
    // Each has one event, however often it was begun.
    let events = server.number("SELECT count(*) FROM events WHERE kind = 17");
    assert_eq!(events, 451);
    assert_eq!(server.run(&["files", "check"], "").0, Some(0));
}
