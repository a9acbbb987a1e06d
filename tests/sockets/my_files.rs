//! One's own files: what they take, in which order they are listed, and that removing them makes space.

use std::io::{Cursor, Read};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::support::{Member, Server};

async fn listed(member: &mut Member, query: &str) -> Value {
    let path = format!("me/files{query}");
    member.may("GET", &path, &Value::Null).await
}

fn names(answer: &Value) -> Vec<&str> {
    let list = answer["list"].as_array().unwrap().iter();
    list.map(|own| own["file"]["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn the_largest_comes_first_and_what_is_removed_is_space() {
    let server = Server::start(&[("uploads.quota", "100 KiB")]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let mut sent = Vec::new();
    for (name, bytes) in [("small", 10), ("large", 60_000), ("middle", 500)] {
        let id = ada.uploads(name, &vec![7; bytes]).await;
        let ack = ws.sends_files(room, "", &json!([{"id": id}])).await;
        sent.push((id, ack));
    }
    ada.uploads("loose", &[7; 100]).await;
    let theirs = bob.uploads("theirs", &[7; 1_000]).await;
    bob_ws.sends_files(room, "", &json!([{"id": theirs}])).await;
    let all = listed(&mut ada, "").await;
    assert_eq!(
        (&all["bytes"], &all["files"], &all["quota"], &all["next"]),
        (&json!(60_610), &json!(4), &json!(102_400), &Value::Null)
    );
    assert_eq!(names(&all), ["large", "middle", "small"]);
    let (large, ack) = &sent[1];
    let expected = json!({
        "room": {"id": room, "name": "Kitchen"}, "message": ack["id"], "at": ack["at"], "bytes": 60_000,
        "file": {"id": large, "kind": "file", "name": "large", "type": "application/octet-stream", "size": 60_000}
    });
    assert_eq!(all["list"][0], expected);
    let data = ada.may("GET", "me/export", &Value::Null).await;
    let exported = &data["messages"][1]["files"][0];
    assert_eq!(exported["name"], "large");
    let bytes = ada.guest.get(exported["address"].as_str().unwrap()).await;
    assert_eq!((bytes.status, bytes.body.len()), (200, 60_000));
    let newest = listed(&mut ada, "?order=new").await;
    assert_eq!(names(&newest), ["middle", "large", "small"]);
    assert_eq!(names(&listed(&mut bob, "").await), ["theirs"]);
    for bad in ["?before=x", "?before=1.x", "?order=name"] {
        let path = format!("me/files{bad}");
        let refused = ada.may_not("GET", &path, &Value::Null).await;
        assert_eq!(refused, (400, "bad_data".to_owned()), "{bad}");
    }

    // What does not fit fits when another is gone.
    let full = ada.guest.announce(50_000, &[]).await;
    assert_eq!(full.error(), "quota_full");
    let path = format!("me/files/{large}");
    assert_eq!(bob.may_not("DELETE", &path, &Value::Null).await.0, 404);
    ada.may("DELETE", &path, &Value::Null).await;
    let event = bob_ws
        .expect("the recall", |frame| frame["data"]["kind"] == "recall")
        .await;
    assert_eq!(event["data"]["id"], ack["id"], "it had no words");
    assert_eq!(ada.may_not("DELETE", &path, &Value::Null).await.0, 404);
    assert_eq!(listed(&mut ada, "").await["bytes"], 610);
    assert_eq!(ada.guest.announce(50_000, &[]).await.status, 201);
}

#[tokio::test]
async fn pages_follow_each_other_and_a_room_that_was_left_keeps_nobodys_space() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let cellar = ada.makes("private", "Cellar").await;
    let code = ada.invites(cellar, &json!({})).await;
    bob.accepts(&code).await;
    let (mut ws, _) = bob.hears(cellar).await;
    let (mut ada_ws, _) = ada.hears(cellar).await;
    let mut words = 0;
    for count in [10, 10, 10, 10, 5] {
        let mut files = Vec::new();
        for _ in 0..count {
            // Many of the same size: the order among them is one all the same.
            let id = bob.uploads(&format!("{:02}", words), b"same").await;
            files.push(json!({"id": id}));
            words += 1;
        }
        ws.sends_files(cellar, "words", &json!(files)).await;
    }
    for order in ["size", "new"] {
        let first = listed(&mut bob, &format!("?order={order}")).await;
        let next = first["next"].as_str().unwrap();
        let second = listed(&mut bob, &format!("?order={order}&before={next}")).await;
        assert_eq!(second["next"], Value::Null);
        let mut all = [names(&first), names(&second)].concat();
        assert_eq!(all.len(), 45);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 45, "each once");
    }
    ada.gives_role(cellar, &bob, "banned").await;
    let left = listed(&mut bob, "").await;
    assert_eq!(left["list"][0]["room"], Value::Null);
    let id = left["list"][0]["file"]["id"].as_str().unwrap();
    bob.may("DELETE", &format!("me/files/{id}"), &Value::Null)
        .await;
    let event = ada_ws
        .expect("the event", |frame| frame["data"]["kind"] == "file")
        .await;
    assert_eq!(event["data"]["file"], id);
    assert_eq!(listed(&mut bob, "").await["files"], 44);
}

#[tokio::test]
async fn all_of_ones_files_come_as_one_zip_that_lists_them() {
    let server = Server::start(&[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let long: Vec<u8> = (0..200_000_u32).map(|byte| (byte % 251) as u8).collect();
    let mut ids = Vec::new();
    for (name, bytes) in [
        ("茶 单.txt", &b"oolong"[..]),
        ("tea.tar.gz", &long),
        ("tea.tar.gz", b"another"),
        ("lost", b"lost"),
    ] {
        let id = ada.uploads(name, bytes).await;
        ws.sends_files(room, "", &json!([{"id": id}])).await;
        ids.push(id);
    }
    let lost = &ids[3];
    let path = server.data().join("files").join(lost.split_at(2).0);
    std::fs::remove_file(path.join(format!("{lost}.raw"))).unwrap();
    let answer = ada.guest.get("/api/v1/me/files.zip").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/zip"))
    );
    let mut zip = ZipArchive::new(Cursor::new(answer.body.to_vec())).unwrap();
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let list: Value = serde_json::from_slice(&read("files.json")).unwrap();
    assert_eq!(list["next"], Value::Null);
    let files = list["files"].as_array().unwrap();
    let of = |id: &String| files.iter().find(|file| file["file"]["id"] == id.as_str());
    let mut at = |id: &String| read(of(id).unwrap()["path"].as_str().unwrap());
    assert_eq!(at(&ids[0]), b"oolong");
    assert!(at(&ids[1]) == long);
    assert_eq!(at(&ids[2]), b"another");
    assert_eq!(
        of(lost).unwrap()["path"],
        Value::Null,
        "its bytes are missing"
    );
    assert_eq!(files.len(), 4);
    let path = of(&ids[1]).unwrap()["path"].as_str().unwrap();
    assert!(
        path.ends_with("/tea.tar (2).gz"),
        "the last sent comes first: {path}"
    );
    assert_eq!(zip.len(), 4);
    let mut bob = bob;
    let empty = bob.guest.get("/api/v1/me/files.zip").await;
    let zip = ZipArchive::new(Cursor::new(empty.body.to_vec())).unwrap();
    assert_eq!(zip.len(), 1, "the list alone");
}
