//! What is on the disk: nobody else's to read, one server's at a time, and noticed when it is gone.

use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use crate::support::{Guest, Server, eventually, run_program, skipped_on_postgres};

/// Why most of this is SQLite's alone.
const ITS_FILE: &str = "it is about the file of the database";

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_is_written_is_its_owners_also_in_a_directory_that_others_may_enter() {
    if skipped_on_postgres(ITS_FILE) {
        return;
    }
    for (elsewhere, database) in [("", "data/teahouse.db"), ("sqlite:else.db", "else.db")] {
        let mut server = Server::start_by(&format!(
            "umask 022; mkdir -m 755 data; TEAHOUSE__STORAGE__URL={elsewhere}; \
             export TEAHOUSE__STORAGE__URL; exec \"$@\""
        ));
        let (mut ada, _) = Guest::visiting(&server).await.feed().await;
        ada.post("between us").await;
        let home = server.home().to_owned();
        for end in ["", "-wal", "-shm"] {
            let path = home.join(format!("{database}{end}"));
            assert_eq!(mode(&path), 0o600, "{}", path.display());
        }
        assert_eq!(mode(&home.join("data/lock")), 0o600);
        assert_eq!(mode(&home.join("data/session.key")), 0o600);
        let log = server.stop().log;
        assert!(log.contains("(mode 755): chmod 700 data"), "{log}");
        assert!(!log.contains("chmod 600"), "{log}");
    }
}

#[test]
fn what_others_may_read_is_named_with_what_to_do() {
    if skipped_on_postgres(ITS_FILE) {
        return;
    }
    let mut server = Server::start(&[]);
    server.stop();
    for file in ["teahouse.db", "session.key"] {
        let others = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(server.data().join(file), others).unwrap();
    }
    server.launch();
    let log = server.stop().log;
    for file in ["data/teahouse.db", "data/session.key"] {
        let words = format!("can get at {file} (mode 644): chmod 600 {file}");
        assert!(log.contains(&words), "{log}");
    }
}

#[test]
fn two_servers_never_share_a_database_wherever_it_is_and_whatever_was_removed() {
    if skipped_on_postgres(ITS_FILE) {
        return;
    }
    let server = Server::start(&[]);
    let database = server.data().join("teahouse.db");
    let home = tempfile::tempdir().unwrap();
    let link = home.path().join("link.db");
    std::os::unix::fs::symlink(&database, &link).unwrap();
    let serve = |data: &str, url: &str| {
        let arguments = ["serve", "--bind", "127.0.0.1:0", "--data", data];
        run_program(home.path(), &arguments, &[("storage.url", url)])
    };
    for path in [&database, &link] {
        let (code, out, err) = serve("another", &format!("sqlite:{}", path.display()));
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        assert!(err.contains("another teahouse"), "{err}");
    }
    std::fs::remove_file(server.data().join("lock")).unwrap();
    let (code, _, err) = serve(server.data().to_str().unwrap(), "");
    assert!(code == Some(1) && err.contains("another teahouse"), "{err}");
    let (code, _, err) = server.run(&["user", "role", "Nobody", "owner"], "");
    assert!(
        code == Some(1) && err.contains("there is no account named Nobody"),
        "the tools go on beside it: {err}"
    );
}

#[tokio::test]
async fn a_command_line_leaves_the_database_of_an_older_server_as_it_is() {
    if skipped_on_postgres(ITS_FILE) {
        return;
    }
    let server = Server::start(&[]);
    let path = server.data().join("teahouse.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    let version = || -> i64 {
        db.query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    };
    let older = version() - 1;
    db.pragma_update(None, "user_version", older).unwrap();
    let (code, _, err) = server.run(&["user", "role", "Ada", "owner"], "");
    assert_eq!(code, Some(1), "{err}");
    for words in ["older version", "restart the server"] {
        assert!(err.contains(words), "{err}");
    }
    assert_eq!(version(), older);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    ada.post("and the server goes on").await;
}

#[tokio::test]
async fn a_database_that_is_gone_or_another_is_not_ready() {
    if skipped_on_postgres(ITS_FILE) {
        return;
    }
    let server = Server::start(&[]);
    let path = server.data().join("teahouse.db");
    let aside = server.data().join("aside.db");
    let answer = async || Guest::of(&server).get("/readyz").await.status;
    assert_eq!(answer().await, 200);
    std::fs::rename(&path, &aside).unwrap();
    assert_eq!(answer().await, 503, "removed");
    std::fs::copy(&aside, &path).unwrap();
    assert_eq!(answer().await, 503, "another");
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(answer().await, 200, "back");
}

#[tokio::test]
async fn a_database_that_is_cut_off_or_overwritten_in_place_is_not_ready() {
    if skipped_on_postgres(ITS_FILE) {
        return;
    }
    for damage in ["cut off", "emptied", "overwritten"] {
        let server = Server::start(&[]);
        let path = server.data().join("teahouse.db");
        let answer = async || Guest::of(&server).get("/readyz").await.status;
        // It grows, and is written from the log that SQLite has beside it.
        let (mut ws, _) = Guest::visiting(&server).await.feed().await;
        let said: Vec<String> = (0..500)
            .map(|n| format!("{n} {}", "tea ".repeat(500)))
            .collect();
        ws.post_all(&said).await;
        assert_eq!(answer().await, 200, "{damage}");
        let whole = std::fs::read(&path).unwrap();
        assert!(whole.len() > 100_000, "{}", whole.len());
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        match damage {
            "cut off" => file.set_len(40_960).unwrap(),
            "emptied" => file.set_len(0).unwrap(),
            _ => file.write_all_at(&[0xa5; 4_096], 0).unwrap(),
        }
        assert_eq!(answer().await, 503, "{damage}");
        assert_eq!(answer().await, 503, "{damage}: it stays so");
        file.write_all_at(&whole, 0).unwrap();
        assert_eq!(answer().await, 200, "{damage}: put back");
    }
}

#[test]
fn a_start_on_a_full_disk_says_that_there_is_no_space() {
    let home = tempfile::tempdir().unwrap();
    let script = "mkdir data; mount -t tmpfs -o size=1m,mode=700 tmpfs data; \
         \"$0\" reindex --data data; head -c 2M /dev/zero > data/filler; \
         exec \"$0\" serve --bind 127.0.0.1:0 --data data";
    let done = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(env!("CARGO_BIN_EXE_teahouse"))
        .current_dir(home.path())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{err}");
    assert!(
        err.contains("there is no space left on the disk of data"),
        "{err}"
    );
}

#[test]
fn a_damaged_database_is_told_with_what_to_do() {
    if skipped_on_postgres(ITS_FILE) {
        return;
    }
    let mut server = Server::start(&[]);
    server.stop();
    let path = server.data().join("teahouse.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..4096].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let arguments = ["--bind", "127.0.0.1:0", "--data", "data"];
    let (code, _, err) = run_program(server.home(), &arguments, &[]);
    assert_eq!(code, Some(1), "{err}");
    for words in ["is damaged", "backup", "docs/what-to-do-when.md"] {
        assert!(err.contains(words), "{words} is not in {err}");
    }
}

#[tokio::test]
async fn a_server_that_has_just_started_is_small() {
    let server = Server::start(&[]);
    // A debug build of it is four times as large as the program that people run.
    let peak = server.peak_kib() - server.mapped_kib();
    assert!(peak < 12 * 1_024, "{peak} KiB");
    eventually("it answers", async || {
        Guest::of(&server).get("/readyz").await.status == 200
    })
    .await;
}
