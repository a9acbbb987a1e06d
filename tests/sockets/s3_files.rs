//! Files in a bucket, over a public S3 server that is killed and started again.

use std::fs;

use serde_json::{Value, json};

use crate::look::make::{jpeg, quarters};
use crate::support::s3::S3;
use crate::support::{Member, Server, eventually};
use crate::uploads::{bytes, created};

/// Settings as a server is started with them.
fn given<'a>(
    settings: &'a [(&'static str, String)],
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let settings = settings.iter().map(|(key, value)| (*key, value.as_str()));
    settings.chain(more.iter().copied()).collect()
}

/// Sends a piece until it is taken, from where the server says.
async fn persists(who: &mut Member, location: &str, whole: &[u8], to: usize) {
    let arrives = async || {
        let mut who = who.clone();
        let head = who.guest.asks_offset(location).await;
        let at: usize = head.header("upload-offset").unwrap().parse().unwrap();
        at >= to
            || who
                .guest
                .continues(location, at, &whole[at..to])
                .await
                .status
                == 204
    };
    eventually("the bytes have come", arrives).await;
}

#[tokio::test]
async fn two_nodes_have_one_bucket() {
    let Some(s3) = S3::start() else { return };
    let settings = s3.settings();
    let mut nodes = Server::start_nodes(2, &given(&settings, &[]));
    let (mut ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let mut bob = bob.follow(&nodes[1]);
    // Longer than what S3 is given at a time, in pieces that are shorter, and longer.
    let whole = bytes(20_000_000);
    let location = created(&mut ada, whole.len()).await;
    let first = ada.guest.continues(&location, 0, &whole[..100_000]).await;
    assert_eq!(first.status, 204, "{first:?}");
    nodes[0].kill();
    let mut ada = ada.follow(&nodes[1]);
    let head = ada.guest.asks_offset(&location).await;
    assert_eq!(head.header("upload-offset"), Some("100000"));
    let rest = ada.guest.continues(&location, 100_000, &whole[100_000..]);
    assert_eq!(rest.await.status, 204);
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
    let id = upload["id"].as_str().unwrap();
    let picture = ada
        .uploads("quarters.jpg", &jpeg(&quarters(640, 480)))
        .await;
    let (mut ws, _) = ada.hears(room).await;
    let files = json!([{"id": id}, {"id": picture}]);
    let ack = ws.sends_files(room, "", &files).await;
    nodes[0].launch();
    let mut there = bob.follow(&nodes[0]);
    let path = format!("/files/{id}/raw");
    assert!(there.guest.get(&path).await.body == whole);
    let range = [("range", "bytes=9000000-9000009")];
    let part = bob.guest.request("GET", &path, &range, b"").await;
    assert_eq!(
        (part.status, &part.body[..]),
        (206, &whole[9_000_000..9_000_010])
    );
    let small = there.guest.get(&format!("/files/{picture}/s")).await;
    assert_eq!(small.header("content-type"), Some("image/jpeg"));
    let (code, out, err) = nodes[0].run(&["files", "check", "--hash"], "");
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(out, "2 files: database and disk agree\n");
    let names = s3.names();
    assert!(
        names.iter().all(|name| !name.starts_with("parts/")),
        "{names:?}"
    );
    // What is missing there is found, and what is nobody's.
    fs::remove_file(s3.kept(&format!("{}/{id}.raw", id.split_at(2).0))).unwrap();
    let (code, out, _) = nodes[1].run(&["files", "check"], "");
    assert_eq!(code, Some(1));
    assert!(
        out.contains(&format!("{id} ")) && out.contains("has no bytes"),
        "{out}"
    );
    // What is taken back is nowhere.
    let recall = json!({"room": room, "id": ack["id"], "do": "recall"});
    ws.try_change(recall).await;
    eventually("the bucket is empty", async || s3.names().is_empty()).await;
    let (code, out, err) = nodes[1].run(&["files", "check"], "");
    assert_eq!(code, Some(0), "{out}{err}");
    // A node with a directory of its own is none of these.
    let mut third = nodes[0].beside();
    third.set("uploads.store", "");
    assert!(third.is_refused().contains("[uploads] store"));
    for node in &mut nodes {
        let log = node.stop().log;
        assert!(!log.contains(s3.settings()[3].1.as_str()), "{log}");
    }
}

#[tokio::test]
async fn while_s3_is_away_text_goes_on_and_files_wait() {
    let Some(mut s3) = S3::start() else { return };
    let settings = s3.settings();
    let mut server = Server::start(&given(&settings, &[]));
    let mut ada = Member::new(&server, "Ada").await;
    let id = ada.uploads("tea.txt", b"oolong").await;
    let whole = bytes(300_000);
    let location = created(&mut ada, whole.len()).await;
    let first = ada.guest.continues(&location, 0, &whole[..100_000]);
    assert_eq!(first.await.status, 204);
    s3.kill();
    let path = format!("/files/{id}/raw");
    let away = ada.guest.get(&path).await;
    assert_eq!((away.status, away.error()), (503, "files_away".to_owned()));
    assert_eq!(away.header("retry-after"), Some("5"));
    let away = ada.guest.continues(&location, 100_000, &whole[100_000..]);
    let away = away.await;
    assert_eq!((away.status, away.error()), (503, "files_away".to_owned()));
    assert_eq!(
        away.header("upload-offset"),
        Some("100000"),
        "nothing is lost"
    );
    assert_eq!(ada.guest.get("/readyz").await.status, 200);
    let (mut ws, _) = ada.hears(1).await;
    crate::expiry::says(&mut ws, 1, "tea?", &Value::Null).await;
    // It starts without, too.
    server.stop();
    server.launch();
    let mut ada = ada.follow(&server);
    assert_eq!(ada.guest.get(&path).await.error(), "files_away");
    s3.launch();
    assert_eq!(ada.guest.get(&path).await.body, b"oolong");
    persists(&mut ada, &location, &whole, whole.len()).await;
    // Whole, and not looked at yet.
    s3.kill();
    let upload = ada.guest.get(&location).await.json();
    if upload["state"] != "ready" {
        assert_eq!(upload["state"], "working", "{upload}");
    }
    s3.launch();
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
    let raw = format!("/files/{}/raw", upload["id"].as_str().unwrap());
    assert!(ada.guest.get(&raw).await.body == whole);
    let (code, out, err) = server.run(&["files", "check", "--hash"], "");
    assert_eq!(code, Some(0), "{out}{err}");
}

/// Uploads while S3 and the server are killed.
const UPLOADS: usize = 12;

#[tokio::test]
async fn whatever_is_killed_what_was_answered_is_kept() {
    let Some(mut s3) = S3::start() else { return };
    let settings = s3.settings();
    let mut server = Server::start(&given(&settings, &[]));
    let mut ada = Member::new(&server, "Ada").await;
    let mut files = Vec::new();
    for number in 0..UPLOADS {
        let whole: Vec<u8> = bytes(400_000 + number);
        let location = created(&mut ada, whole.len()).await;
        // A part of it is answered; the end of it is on its way when one of both dies.
        persists(&mut ada, &location, &whole, 150_000).await;
        let rest = whole.len() - 150_000;
        let mut ghost = ada.guest.begins_piece(&location, 150_000, rest).await;
        let half = &whole[150_000..150_000 + rest * (number % 4) / 3];
        tokio::io::AsyncWriteExt::write_all(&mut ghost, half)
            .await
            .unwrap();
        match number % 3 {
            0 => {
                s3.kill();
                s3.launch();
            }
            1 => {
                server.kill();
                server.launch();
                ada = ada.follow(&server);
            }
            _ => {
                server.kill();
                s3.kill();
                s3.launch();
                server.launch();
                ada = ada.follow(&server);
            }
        }
        drop(ghost);
        persists(&mut ada, &location, &whole, whole.len()).await;
        files.push((location, whole));
    }
    let (mut ws, _) = ada.hears(1).await;
    for (location, whole) in &files {
        let upload = ada.guest.awaits(location).await;
        assert_eq!(upload["state"], "ready", "{upload}");
        let id = upload["id"].as_str().unwrap();
        ws.sends_files(1, "", &json!([{"id": id}])).await;
        let got = ada.guest.get(&format!("/files/{id}/raw")).await;
        assert!(got.body == *whole, "{location}");
    }
    let (code, out, err) = server.run(&["files", "check", "--hash"], "");
    assert_eq!(code, Some(0), "{out}{err}");
    assert_eq!(out, format!("{UPLOADS} files: database and disk agree\n"));
}
