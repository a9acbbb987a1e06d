//! What `teahouse files check` finds between the rows of files and the disk, and what it puts right.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::json;
use teahouse::store::db::Row;

use crate::look::make::{jpeg, quarters};
use crate::support::video::webm;
use crate::support::{Member, Server, skipped_on_postgres};
use crate::videos::brings_poster;

fn raw(server: &Server, id: &str) -> PathBuf {
    let files = server.data().join("files");
    files.join(id.split_at(2).0).join(format!("{id}.raw"))
}

/// Writes a file as if it had lain there for two hours.
fn write_old(path: &PathBuf, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    let old = SystemTime::now() - Duration::from_secs(7_200);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(old).unwrap();
}

fn uses(server: &Server) -> Vec<(String, i64, i64)> {
    let rows = server.database(|db| {
        let sql = "SELECT owner, bytes, files FROM file_use ORDER BY owner";
        db.query(sql, &[]).unwrap()
    });
    let use_of = |mut row: Row| (row.text().unwrap(), row.int().unwrap(), row.int().unwrap());
    rows.into_iter().map(use_of).collect()
}

#[tokio::test]
async fn a_check_names_what_is_wrong_and_repairs_what_costs_nobody_anything() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let mut ids = Vec::new();
    for (name, bytes) in [("gone", "12345"), ("cut", "123"), ("other", "oolong")] {
        let id = ada.uploads(name, bytes.as_bytes()).await;
        ws.sends_files(room, "", &json!([{"id": id}])).await;
        ids.push(id);
    }
    let loose = ada.uploads("loose", b"loose").await;
    let [gone, cut, other] = &ids[..] else {
        panic!()
    };
    let check = |arguments: &[&str]| server.run(&[&["files", "check"], arguments].concat(), "");
    let (code, out, err) = check(&["--hash"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert_eq!(out, "4 files: database and disk agree\n");
    let counted = uses(&server);

    fs::remove_file(raw(&server, gone)).unwrap();
    fs::remove_file(raw(&server, &loose)).unwrap();
    fs::write(raw(&server, cut), "1").unwrap();
    fs::write(raw(&server, other), "Oolong").unwrap();
    let files = server.data().join("files");
    let nobodys = "a".repeat(26);
    let strays = [
        raw(&server, &nobodys),
        files.join("incoming").join(&nobodys),
        raw(&server, cut).with_extension("half"),
    ];
    for stray in &strays {
        write_old(stray, b"stray");
    }
    let young = raw(&server, &"b".repeat(26));
    fs::create_dir_all(young.parent().unwrap()).unwrap();
    fs::write(&young, "young").unwrap();
    let foreign = files.join("notes.txt");
    fs::write(&foreign, "mine").unwrap();
    server.runs(&["UPDATE file_use SET bytes = bytes + 7"]);

    let (code, out, err) = check(&["--hash"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert_eq!(
        err,
        "teahouse: 4 files: 2 without bytes, 2 damaged, 3 strays, 1 that are not the server's, 2 counts that are off; \
         0 of these put right\n"
    );
    for line in [
        format!("{gone} (\"gone\", message 1 in room {room}, of u1) has no bytes on the disk"),
        format!("{loose} (\"loose\", an upload that is ready, of u1) has no bytes on the disk"),
        format!(
            "{cut} (\"cut\", message 2 in room {room}, of u1) is damaged: raw has 1 bytes, not 3"
        ),
        format!(
            "{other} (\"other\", message 3 in room {room}, of u1) is damaged: raw has other bytes than were sent"
        ),
        format!("data/files/aa/{nobodys}.raw (5 B) belongs to no file"),
        "data/files/notes.txt is not a file of this server; it is left".to_owned(),
        "what is counted of u1 is off by -7 bytes and 0 files".to_owned(),
        "what is counted of all together is off by -7 bytes and 0 files".to_owned(),
    ] {
        assert!(out.lines().any(|each| each == line), "{line}\n{out}");
    }
    assert_eq!(out.lines().count(), 10, "{out}");
    let (_, out, _) = check(&[]);
    assert_eq!(out.lines().count(), 9, "without reading the bytes: {out}");
    assert!(strays.iter().all(|stray| stray.exists()), "nothing is done");

    let (code, out, err) = check(&["--repair"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(err.ends_with("; 7 of these put right\n"), "{err}");
    assert!(!strays.iter().any(|stray| stray.exists()), "{out}");
    assert!(young.exists() && foreign.exists(), "{out}");
    // What is gone says so at once, to a server that ran all the time.
    let answer = bob.guest.get(&format!("/files/{gone}/raw")).await;
    assert_eq!(
        (answer.status, answer.error()),
        (410, "file_gone".to_owned())
    );
    let upload = ada.guest.get(&format!("/api/v1/uploads/{loose}")).await;
    assert_eq!(upload.error(), "upload_expired");
    let freed = counted
        .into_iter()
        .map(|(owner, bytes, files)| (owner, bytes - 10, files - 2));
    assert_eq!(uses(&server), freed.collect::<Vec<_>>());

    fs::write(raw(&server, cut), "123").unwrap();
    fs::write(raw(&server, other), "oolong").unwrap();
    fs::remove_file(&foreign).unwrap();
    let (code, out, _) = check(&["--hash"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "2 files: database and disk agree\n")
    );
}

#[tokio::test]
async fn a_video_of_which_only_the_poster_is_left_is_lost_and_one_without_it_is_damaged() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let still = jpeg(&quarters(64, 36));
    let mut ids = Vec::new();
    for is_sent in [true, true, false] {
        let id = ada.uploads("trip.webm", &webm()).await;
        let poster = brings_poster(&mut ada, &id, &still).await;
        assert_eq!(poster["state"], "ready", "{poster}");
        if is_sent {
            ws.sends_files(1, "", &json!([{"id": id}])).await;
        }
        ids.push(id);
    }
    let [sent, bare, loose] = &ids[..] else {
        panic!()
    };
    let poster = |id: &str| raw(&server, id).with_extension("poster");
    assert!(poster(sent).exists() && poster(loose).exists());
    fs::remove_file(raw(&server, sent)).unwrap();
    fs::remove_file(raw(&server, loose)).unwrap();
    fs::remove_file(poster(bare)).unwrap();
    let (code, out, err) = server.run(&["files", "check", "--repair"], "");
    assert_eq!(code, Some(1), "{out}");
    assert!(
        err.contains("2 without bytes, 1 damaged, 0 strays"),
        "{err}"
    );
    assert!(err.ends_with("; 2 of these put right\n"), "{err}");
    let damaged =
        format!("{bare} (\"trip.webm\", message 2 in room 1, of u1) is damaged: poster is missing");
    assert!(out.lines().any(|line| line == damaged), "{out}");
    for rendition in ["raw", "poster"] {
        let answer = ada.guest.get(&format!("/files/{sent}/{rendition}")).await;
        assert_eq!(answer.error(), "file_gone", "{rendition}");
    }
    assert!(!poster(sent).exists() && !poster(loose).exists());
    let upload = ada.guest.get(&format!("/api/v1/uploads/{loose}")).await;
    assert_eq!(upload.error(), "upload_expired");
    let answer = ada.guest.get(&format!("/files/{bare}/raw")).await;
    assert_eq!(answer.status, 200, "it plays");
    let (_, out, err) = server.run(&["files", "check"], "");
    assert!(
        err.contains("0 without bytes, 1 damaged, 0 strays, 0 that are not the server's, 0 counts"),
        "{err}{out}"
    );
}

#[tokio::test]
async fn a_database_that_is_older_than_its_files_is_cleared_of_them_and_nothing_is_made() {
    if skipped_on_postgres("its own programs copy it and put it back") {
        return;
    }
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let backup = server.data().join("old.db");
    let (code, _, err) = server.run(&["backup", backup.to_str().unwrap()], "");
    assert_eq!(code, Some(0), "{err}");
    let id = ada.uploads("tea", b"tea").await;
    let path = raw(&server, &id);
    server.stop();
    for end in ["", "-wal", "-shm"] {
        let _none = fs::remove_file(server.data().join(format!("teahouse.db{end}")));
    }
    fs::rename(&backup, server.data().join("teahouse.db")).unwrap();
    write_old(&path, b"tea");
    let (code, out, _) = server.run(&["files", "check", "--repair"], "");
    assert_eq!(code, Some(0), "all of it is put right");
    assert!(out.contains("belongs to no file; it is removed"), "{out}");
    assert!(!path.exists());
    fs::remove_dir_all(server.data().join("files")).unwrap();
    let (code, out, _) = server.run(&["files", "check"], "");
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "0 files: database and disk agree\n")
    );
    assert!(!server.data().join("files").exists());
}

#[tokio::test]
async fn a_start_says_so_where_what_people_have_sent_is_not_there() {
    let mut server = Server::start(&[]);
    let (mut ada, _, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let id = ada.uploads("tea.txt", b"oolong").await;
    ws.sends_files(room, "", &json!([{"id": id}])).await;
    server.stop();
    server.launch();
    let words = "a file that people have sent is not in data/files";
    let stopped = server.stop();
    assert!(!stopped.log.contains(words), "{}", stopped.log);
    fs::rename(server.data().join("files"), server.home().join("elsewhere")).unwrap();
    server.launch();
    let stopped = server.stop();
    assert!(stopped.log.contains(words), "{}", stopped.log);
    assert!(stopped.log.contains(&id), "{}", stopped.log);
}
