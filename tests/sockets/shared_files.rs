//! Files of a server of several nodes: what comes to one is at all, and no node spoils what another has.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Member, Server, eventually, within};
use crate::uploads::{bytes, created};

/// All files below a directory that are somebody's.
fn files_in(directory: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if !path.ends_with("nodes") => all.extend(files_in(&path)),
            true => {}
            false if path.ends_with("house") => {}
            false => all.push(path),
        }
    }
    all
}

#[tokio::test]
async fn an_upload_goes_on_at_another_node_when_the_first_is_killed() {
    let mut nodes = Server::start_nodes(2, &[]);
    let (mut ada, bob, room) = Member::two_in_a_room(&nodes[0], "Kitchen").await;
    let mut bob = bob.follow(&nodes[1]);
    // Longer than what is noted at a time.
    let whole = bytes(20_000_000);
    let location = created(&mut ada, whole.len()).await;
    let first = ada.guest.continues(&location, 0, &whole[..12_000_000]);
    assert_eq!(first.await.status, 204);
    // A third piece is on its way when the node dies.
    let rest = &whole[12_000_000..];
    let mut ghost = ada
        .guest
        .begins_piece(&location, 12_000_000, rest.len())
        .await;
    ghost.write_all(&rest[..100_000]).await.unwrap();
    nodes[0].kill();
    let mut ada = ada.follow(&nodes[1]);
    let head = ada.guest.asks_offset(&location).await;
    assert_eq!(head.header("upload-offset"), Some("12000000"), "{head:?}");
    let sent = ada.guest.continues(&location, 12_000_000, rest).await;
    assert_eq!(sent.status, 204, "{sent:?}");
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
    let id = upload["id"].as_str().unwrap();
    let (mut ws, _) = ada.hears(room).await;
    let ack = ws.sends_files(room, "", &json!([{"id": id}])).await;
    // The node that knew nothing of it serves it, and the one that does not has to ask nobody.
    nodes[0].launch();
    let mut there = bob.follow(&nodes[0]);
    for reader in [&mut there, &mut bob] {
        let path = format!("/files/{id}/raw");
        assert!(reader.guest.get(&path).await.body == whole);
    }
    let (code, out, err) = nodes[0].run(&["files", "check", "--hash"], "");
    assert_eq!(code, Some(0), "{out}{err}");
    // What is taken back at one is nowhere.
    let (mut ws, _) = ada.follow(&nodes[0]).hears(room).await;
    ws.try_change(json!({"room": room, "id": ack["id"], "do": "recall"}))
        .await;
    assert_eq!(bob.guest.get(&format!("/files/{id}/raw")).await.status, 404);
    let shared = nodes[0].shared();
    eventually("nothing of it is left", async || {
        files_in(&shared).is_empty()
    })
    .await;
}

#[tokio::test]
async fn of_two_nodes_that_bring_bytes_for_one_place_one_is_told_where_the_upload_is() {
    let nodes = Server::start_nodes(2, &[]);
    let mut ada = Member::new(&nodes[0], "Ada").await;
    let mut elsewhere = ada.follow(&nodes[1]);
    let whole = bytes(300_000);
    let location = created(&mut ada, whole.len()).await;
    // Other bytes, so that a mixture is seen.
    let others = vec![0; 280_000];
    let mut ghost = ada.guest.begins_piece(&location, 0, others.len()).await;
    ghost.write_all(&others[..150_000]).await.unwrap();
    let name = "teahouse_upload_bytes_total";
    let come = async || ada.guest.clone().metric(name).await >= 150_000;
    eventually("the ghost's bytes have come", come).await;
    let sent = elsewhere.guest.continues(&location, 0, &whole[..250_000]);
    assert_eq!(sent.await.status, 204);
    ghost.write_all(&others[150_000..]).await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = within("an answer", ghost.read(&mut answer)).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).to_lowercase();
    assert!(answer.starts_with("http/1.1 409"), "{answer}");
    assert!(answer.contains("upload-offset: 250000"), "{answer}");
    let sent = ada.guest.continues(&location, 250_000, &whole[250_000..]);
    assert_eq!(sent.await.status, 204);
    let upload = elsewhere.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
    let id = upload["id"].as_str().unwrap();
    let got = elsewhere.guest.get(&format!("/files/{id}/raw")).await;
    assert!(got.body == whole, "nothing of the other one's");
    let shared = nodes[0].shared();
    let one = async || files_in(&shared).len() == 1;
    eventually("the parts have gone, and the other one's", one).await;
    // One that is thrown away at another node leaves nothing either.
    let location = created(&mut ada, whole.len()).await;
    ada.guest.continues(&location, 0, &whole[..100]).await;
    let gone = elsewhere
        .guest
        .change("DELETE", &location, &serde_json::Value::Null)
        .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    eventually("it is gone", one).await;
}

#[tokio::test]
async fn a_node_starts_only_where_its_files_are_those_of_the_others() {
    let mut nodes = Server::start_nodes(1, &[("uploads.store", "")]);
    let mut second = nodes[0].beside();
    let words = second.is_refused();
    assert!(
        words.contains("set [uploads] store to a directory"),
        "{words}"
    );
    // Where nobody sends files, none can be missing.
    let mut silent = nodes[0].beside();
    silent.set("uploads.who", "nobody");
    silent.set("uploads.voice", "nobody");
    silent.launch();
    silent.stop();
    let mut ada = Member::new(&nodes[0], "Ada").await;
    ada.uploads("tea.txt", b"oolong").await;
    let words = silent.is_refused();
    assert!(
        words.contains("set [uploads] store to a directory"),
        "{words}"
    );
    // A node that was killed is known where it was.
    nodes[0].kill();
    nodes[0].launch();
    nodes[0].stop();
    // A directory that two have, and one that only has the same name.
    let home = nodes[0].home().to_owned();
    let (one, other) = (home.join("one"), home.join("other"));
    for node in [&mut nodes[0], &mut second] {
        node.set("uploads.store", one.to_str().unwrap());
        node.launch();
    }
    second.stop();
    second.set("uploads.store", other.to_str().unwrap());
    let words = second.is_refused();
    assert!(words.contains("has never been in"), "{words}");
    assert!(words.contains(other.to_str().unwrap()), "{words}");
}

#[tokio::test]
async fn a_directory_of_another_server_is_not_touched() {
    let shared = tempfile::tempdir().unwrap();
    let store = shared.path().join("files");
    let settings = [("uploads.store", store.to_str().unwrap())];
    let server = Server::start(&settings);
    let mut ada = Member::new(&server, "Ada").await;
    let id = ada.uploads("tea.txt", b"oolong").await;
    assert!(
        store
            .join(id.split_at(2).0)
            .join(format!("{id}.raw"))
            .exists()
    );
    assert_eq!(
        ada.guest.get(&format!("/files/{id}/raw")).await.body,
        b"oolong"
    );
    let (code, out, err) = server.run(&["files", "check"], "");
    assert_eq!(code, Some(0), "{out}{err}");
    let stranger = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--bind", "127.0.0.1:0", "--data", "data"];
    let (code, _, err) = crate::support::run_program(stranger.path(), &arguments, &settings);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("are another server's"), "{err}");
}

#[tokio::test]
async fn where_the_directory_is_not_mounted_files_are_away_and_text_goes_on() {
    let nodes = Server::start_nodes(1, &[]);
    let mut ada = Member::new(&nodes[0], "Ada").await;
    let id = ada.uploads("tea.txt", b"oolong").await;
    let location = created(&mut ada, 6).await;
    let shared = nodes[0].shared();
    let unmounted = shared.with_extension("away");
    fs::rename(&shared, &unmounted).unwrap();
    let path = format!("/files/{id}/raw");
    let answer = ada.guest.get(&path).await;
    assert_eq!(
        (answer.status, answer.error()),
        (503, "files_away".to_owned())
    );
    assert_eq!(answer.header("retry-after"), Some("5"));
    let answer = ada.guest.continues(&location, 0, b"oolong").await;
    assert_eq!(
        (answer.status, answer.error()),
        (503, "files_away".to_owned())
    );
    assert_eq!(ada.guest.get("/readyz").await.status, 200);
    let (mut ws, _) = ada.hears(1).await;
    crate::expiry::says(&mut ws, 1, "tea?", &serde_json::Value::Null).await;
    // A node that starts there says what is missing, and writes nothing.
    let words = nodes[0].beside().is_refused();
    assert!(words.contains("is it mounted?"), "{words}");
    assert_eq!(files_in(&shared).len(), 0);
    fs::remove_dir_all(&shared).unwrap();
    fs::rename(&unmounted, &shared).unwrap();
    assert_eq!(ada.guest.get(&path).await.body, b"oolong");
    let sent = ada.guest.continues(&location, 0, b"oolong").await;
    assert_eq!(sent.status, 204, "{sent:?}");
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
}

#[tokio::test]
async fn what_crashes_have_left_goes_and_what_is_an_uploads_stays() {
    let mut nodes = Server::start_nodes(1, &[]);
    let node = &mut nodes[0];
    let mut ada = Member::new(node, "Ada").await;
    let location = created(&mut ada, 6).await;
    let sent = ada.guest.continues(&location, 0, b"ool").await;
    assert_eq!(sent.status, 204, "{sent:?}");
    let shared = node.shared();
    let kept = files_in(&shared);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let id = location.rsplit('/').next().unwrap();
    let nobodys = "a".repeat(26);
    node.kill();
    let left = [
        format!("parts/{id}/3.0123456789abcdef"),
        format!("parts/{nobodys}/0.0123456789abcdef"),
        format!("incoming/{id}.0123456789abcdef.half"),
    ];
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
    for name in &left {
        let path = shared.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "tea").unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(old).unwrap();
    }
    // Somebody may be writing it.
    let young = shared.join(format!("parts/{id}/3.fedcba9876543210"));
    fs::write(&young, "tea").unwrap();
    node.launch();
    let gone = async || left.iter().all(|name| !shared.join(name).exists());
    eventually("what was left is gone", gone).await;
    assert!(young.exists() && kept[0].exists());
    let mut ada = ada.follow(node);
    let sent = ada.guest.continues(&location, 3, b"ong").await;
    assert_eq!(sent.status, 204, "{sent:?}");
    assert_eq!(ada.guest.awaits(&location).await["state"], "ready");
    let got = ada.guest.get(&format!("/files/{id}/raw")).await;
    assert_eq!(got.body, b"oolong");
    let one = async || files_in(&shared).len() == 1;
    eventually("the parts have gone", one).await;
}
