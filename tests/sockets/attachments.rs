//! Files of messages: sent once, seen by whoever may read the room, and gone with their message.

use serde_json::{Value, json};

use crate::support::{CLOCK_SCRIPT, Guest, Member, Server, eventually, set_clock};

fn left(server: &Server) -> usize {
    server.file_names().len()
}

#[tokio::test]
async fn a_message_brings_its_files_to_everybody_and_is_the_same_later() {
    let mut server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let (mut ws, welcome) = ada.hears(room).await;
    let limits = &welcome["limits"]["files"];
    assert_eq!(
        limits,
        &json!({"may": true, "voice": true, "voice_ms": 300_000, "file_bytes": 100 << 20, "picture_bytes": 25 << 20, "each": 10})
    );
    let first = ada.uploads("茶 单.txt", b"oolong").await;
    let second = ada.uploads("b.pdf", b"%PDF-1.7").await;
    let files =
        json!([{"id": first, "alt": "  A list\nof teas "}, {"id": second, "spoiler": true}]);
    let ack = ws.sends_files(room, "", &files).await;
    let expected = json!([
        {"id": first, "kind": "file", "name": "茶 单.txt", "type": "application/octet-stream", "size": 6, "alt": "A list of teas"},
        {"id": second, "kind": "file", "name": "b.pdf", "type": "application/octet-stream", "size": 8, "spoiler": true}
    ]);
    let event = bob_ws
        .expect("the message", |frame| frame["data"]["kind"] == "message")
        .await;
    let message = &event["data"]["message"];
    assert_eq!(message["files"], expected);
    assert_eq!(message["content"], "");
    let (_late, _) = bob.hears(room).await;
    server.stop();
    server.launch();
    let mut bob = bob.follow(&server);
    let list = bob
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    let messages = list["messages"].as_array().unwrap();
    let again = messages
        .iter()
        .find(|message| message["id"] == ack["id"])
        .unwrap();
    assert_eq!(again, message);
    let got = bob.guest.get(&format!("/files/{first}/raw")).await;
    assert_eq!((got.status, &*got.body), (200, &b"oolong"[..]));
    let disposition = got.header("content-disposition").unwrap();
    assert!(
        disposition.contains("filename=\"_ _.txt\""),
        "{disposition}"
    );
    assert!(
        disposition.contains("filename*=UTF-8''%E8%8C%B6%20%E5%8D%95.txt"),
        "{disposition}"
    );
    for (name, value) in [
        ("cache-control", "private, max-age=31536000, immutable"),
        ("accept-ranges", "bytes"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-length", "6"),
    ] {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
    let path = format!("/files/{first}/raw");
    let part = bob
        .guest
        .request("GET", &path, &[("range", "bytes=2-3")], b"")
        .await;
    assert_eq!((part.status, &*part.body), (206, &b"lo"[..]));
    assert_eq!(part.header("content-range"), Some("bytes 2-3/6"));
    let beyond = bob
        .guest
        .request("GET", &path, &[("range", "bytes=6-")], b"")
        .await;
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, Some("bytes */6"))
    );
    let tag = got.header("etag").unwrap();
    let same = bob
        .guest
        .request("GET", &path, &[("if-none-match", tag)], b"")
        .await;
    assert_eq!(same.status, 304);
    let head = bob.guest.request("HEAD", &path, &[], b"").await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("6"))
    );
}

#[tokio::test]
async fn a_file_is_in_one_message_and_a_repeated_send_is_one_message() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let file = ada.uploads("a", b"a").await;
    let nonce = uuid::Uuid::new_v4();
    let data =
        json!({"nonce": nonce, "room": 1, "content": "", "files": [{"id": file}, {"id": file}]});
    for _ in 0..2 {
        ws.send(&json!({"type": 12, "data": data})).await;
    }
    let first = ws.ack(nonce).await;
    let second = ws.ack(nonce).await;
    assert_eq!(first["id"], second["id"]);
    let again = ws.sends_files(1, "again", &json!([{"id": file}])).await;
    assert_eq!(again, "file_gone");
    let many: Vec<Value> = (0..11).map(|_| json!({"id": file})).collect();
    assert_eq!(ws.sends_files(1, "", &json!(many)).await, "too_many_files");
    assert_eq!(ws.sends_files(1, "", &json!([])).await, "empty");
    let open = ada.guest.announce(10, &[]).await;
    let open = open.header("location").unwrap().rsplit('/').next().unwrap();
    assert_eq!(
        ws.sends_files(1, "", &json!([{"id": open}])).await,
        "file_not_ready"
    );
    assert_eq!(
        ws.sends_files(1, "", &json!([{"id": "x"}])).await,
        "bad_data"
    );
}

#[tokio::test]
async fn only_who_may_read_the_room_gets_the_bytes() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, _) = Member::two_in_a_room(&server, "Kitchen").await;
    let mut eve = Member::new(&server, "Eve").await;
    let mut guest = Guest::visiting(&server).await;
    let mut stranger = Guest::of(&server);
    let cellar = ada.makes("private", "Cellar").await;
    let code = ada.invites(cellar, &json!({})).await;
    bob.accepts(&code).await;
    let (mut ws, _) = ada.hears(cellar).await;
    let file = ada.uploads("a", b"secret").await;
    ws.sends_files(cellar, "", &json!([{"id": file}])).await;
    let path = format!("/files/{file}/raw");
    let unknown = format!("/files/{}/raw", "a".repeat(26));
    assert_eq!(bob.guest.get(&path).await.status, 200);
    for who in [&mut eve.guest, &mut guest, &mut stranger] {
        let not_there = who.get(&unknown).await;
        let hidden = who.get(&path).await;
        assert_eq!(hidden.status, 404);
        assert_eq!(hidden.body, not_there.body, "the same words");
        assert_eq!(hidden.header("cache-control"), Some("no-store"));
    }
    for path in [
        format!("/files/{file}/s"),
        format!("/files/{file}/x"),
        format!("/files/{}/raw", file.to_uppercase()),
        "/files/../raw".to_owned(),
    ] {
        assert_eq!(bob.guest.get(&path).await.status, 404, "{path}");
    }
    // Whoever is not in the room any more has nothing of it.
    ada.gives_role(cellar, &bob, "banned").await;
    assert_eq!(bob.guest.get(&path).await.status, 404);
    // What is in the lobby is everybody's who may read it.
    let (mut ws, _) = ada.hears(1).await;
    let open = ada.uploads("b", b"open").await;
    ws.sends_files(1, "", &json!([{"id": open}])).await;
    let path = format!("/files/{open}/raw");
    let shown = stranger.get(&path).await;
    assert_eq!(shown.status, 200);
    // Classic clients on other sites show it in their pages.
    let policy = shown.header("cross-origin-resource-policy");
    assert_eq!(policy, Some("cross-origin"));
}

#[tokio::test]
async fn a_recall_takes_the_files_with_it() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, _) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(1).await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let file = ada.uploads("a", b"regretted").await;
    let ack = ws
        .sends_files(1, "with words", &json!([{"id": file}]))
        .await;
    let answer = ws.sends_files(1, "answer", &json!([])).await;
    assert!(answer["id"].is_number());
    let reply =
        json!({"nonce": uuid::Uuid::new_v4(), "room": 1, "content": "look", "reply": ack["id"]});
    bob_ws.send(&json!({"type": 12, "data": reply})).await;
    let said = ws
        .expect("the answer", |frame| {
            frame["data"]["message"]["content"] == "look"
        })
        .await;
    assert_eq!(said["data"]["message"]["reply"]["file"], "file");
    // An edit leaves them, and may take the words away.
    ws.change(&ack["id"], &json!({"do": "edit", "content": " "}))
        .await;
    assert_eq!(
        bob.guest.get(&format!("/files/{file}/raw")).await.status,
        200
    );
    let refused = json!({"room": 1, "id": answer["id"], "do": "edit", "content": ""});
    assert_eq!(ws.try_change(refused).await, "empty");
    ws.change(&ack["id"], &json!({"do": "recall"})).await;
    for who in [&mut ada.guest, &mut bob.guest] {
        let gone = who.get(&format!("/files/{file}/raw")).await;
        assert_eq!(gone.status, 404);
        assert_eq!(gone.header("cache-control"), Some("no-store"));
    }
    let path = format!("rooms/1/messages/{}", ack["id"]);
    let recalled = bob.may("GET", &path, &Value::Null).await["message"].take();
    assert!(recalled["files"].is_null(), "{recalled}");
    eventually("the bytes are gone", async || left(&server) == 0).await;
    let usage = ada.guest.get("/api/v1/uploads").await.json();
    assert_eq!(usage["uploads"], json!([]));
}

#[tokio::test]
async fn the_files_of_a_deleted_room_go_with_it() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let file = ada.uploads("a", b"x").await;
    ws.sends_files(room, "", &json!([{"id": file}])).await;
    ada.may("DELETE", &format!("rooms/{room}"), &Value::Null)
        .await;
    assert_eq!(
        bob.guest.get(&format!("/files/{file}/raw")).await.status,
        404
    );
    eventually("the bytes are gone", async || left(&server) == 0).await;
}

#[tokio::test]
async fn classic_clients_get_links() {
    let server = Server::start(&[("server.public_url", "https://chat.example.org")]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut classic, _) = Guest::of(&server).classic().await;
    let (mut ws, _) = ada.hears(1).await;
    let file = ada.uploads("<b>茶.txt", b"x").await;
    ws.sends_files(1, "hi", &json!([{"id": file}])).await;
    let record = classic
        .expect("the record", |frame| frame["type"] == 3)
        .await;
    let content = record["data"]["content"].as_str().unwrap();
    let address = format!("https://chat.example.org/files/{file}/raw");
    assert_eq!(
        content,
        format!(
            "hi<br><a href=\"{address}\" target=\"_blank\" rel=\"noopener\">[文件] b茶.txt (1 B)</a>"
        )
    );
}

/// A small picture as a camera's program writes it, with a comment.
pub fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels: Vec<u8> = (0..64 * 48 * 3).map(|place| (place % 251) as u8).collect();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder
        .encode(&pixels, 64, 48, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    bytes.extend_from_slice(b"what stands after the end");
    bytes
}

#[tokio::test]
async fn a_picture_has_renditions_and_nothing_else_of_it_is_kept() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, _) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(1).await;
    let (mut classic, _) = Guest::of(&server).classic().await;
    let (mut bob_ws, _) = bob.hears(1).await;
    let file = ada.uploads("tea.png", &picture()).await;
    ws.sends_files(1, "", &json!([{"id": file, "alt": "Two bowls"}]))
        .await;
    let event = bob_ws
        .expect("the message", |frame| frame["data"]["kind"] == "message")
        .await;
    let shown = &event["data"]["message"]["files"][0];
    assert_eq!(shown["kind"], "picture");
    assert_eq!(shown["type"], "image/jpeg");
    assert_eq!((&shown["w"], &shown["h"]), (&json!(64), &json!(48)));
    assert!(shown["hash"].as_str().unwrap().len() > 10);
    for rendition in ["s", "m", "l"] {
        let path = format!("/files/{file}/{rendition}");
        let got = bob.guest.get(&path).await;
        assert_eq!(
            (got.status, got.header("content-type")),
            (200, Some("image/jpeg"))
        );
        assert!(
            got.header("content-disposition")
                .unwrap()
                .starts_with("inline")
        );
        assert!(!got.body.windows(5).any(|part| part == b"after"));
        let saved = bob.guest.get(&format!("{path}?save")).await;
        assert!(
            saved
                .header("content-disposition")
                .unwrap()
                .starts_with("attachment")
        );
        if rendition == "l" {
            assert_eq!(shown["size"], got.body.len());
        }
    }
    assert_eq!(
        bob.guest.get(&format!("/files/{file}/raw")).await.status,
        404
    );
    let record = classic
        .expect("the record", |frame| frame["type"] == 3)
        .await;
    let content = record["data"]["content"].as_str().unwrap();
    assert!(
        content.contains(&format!("<img src=\"/files/{file}/s\"")),
        "{content}"
    );
    // As a file it is kept to the byte, and only saved.
    let pairs = [("filename", "tea.jpg"), ("as", "file")];
    let created = ada.guest.announce(picture().len(), &pairs).await;
    let location = created.header("location").unwrap().to_owned();
    ada.guest.continues(&location, 0, &picture()).await;
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["file"]["kind"], "file");
    let id = upload["id"].as_str().unwrap();
    assert!(ada.guest.get(&format!("/files/{id}/raw")).await.body == picture());
}

#[tokio::test]
async fn what_is_no_picture_is_refused_as_one_and_counts_for_nobody() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let pairs = [("filename", "tea.jpg"), ("as", "picture")];
    let created = ada.guest.announce(5, &pairs).await;
    let location = created.header("location").unwrap().to_owned();
    ada.guest.continues(&location, 0, b"<svg>").await;
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(
        (&upload["state"], &upload["error"]["code"]),
        (&json!("refused"), &json!("bad_picture"))
    );
    assert_eq!(left(&server), 0);
    // Nobody said what it is to be: then it is a file.
    let id = ada.uploads("tea.jpg", b"<svg>").await;
    let got = ada.guest.get(&format!("/files/{id}/raw")).await;
    assert!(
        got.header("content-disposition")
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(got.header("content-type"), Some("application/octet-stream"));
}

#[tokio::test]
async fn files_that_are_too_old_go_and_unsent_ones_before_them() {
    let server = Server::start_strict_by(
        CLOCK_SCRIPT,
        &[("uploads.keep", "10d"), ("session.ttl", "400d")],
    );
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let file = ada.uploads("a", b"old").await;
    let ack = ws.sends_files(1, "words", &json!([{"id": file}])).await;
    let unsent = ada.uploads("b", b"never sent").await;
    let path = format!("/files/{file}/raw");
    set_clock(&server, 36 * 3_600);
    eventually("what was not sent is gone", async || left(&server) == 1).await;
    let expired = ada.guest.get(&format!("/api/v1/uploads/{unsent}")).await;
    assert_eq!((expired.status, &*expired.error()), (410, "upload_expired"));
    assert_eq!(
        ws.sends_files(1, "", &json!([{"id": unsent}])).await,
        "file_gone"
    );
    assert_eq!(ada.guest.get(&path).await.status, 200);
    set_clock(&server, 11 * 86_400);
    eventually("what is too old is gone", async || left(&server) == 0).await;
    let gone = ada.guest.get(&path).await;
    assert_eq!((gone.status, &*gone.error()), (410, "file_gone"));
    // The message says what it had, until it is recalled.
    let message = format!("rooms/1/messages/{}", ack["id"]);
    let kept = ada.may("GET", &message, &Value::Null).await;
    assert_eq!(kept["message"]["files"][0]["name"], "a");
    ws.change(&ack["id"], &json!({"do": "recall"})).await;
    let recalled = ada.may("GET", &message, &Value::Null).await;
    assert!(recalled["message"]["files"].is_null(), "{recalled}");
    assert_eq!(ada.guest.get(&path).await.status, 404);
}
