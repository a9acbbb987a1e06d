//! Configuration and start: everything that keeps the server from opening is one clear message and exit
//! code 1, never a panic.

use std::path::Path;

use crate::support::{Guest, Server, run_program};

/// Starts `teahouse serve` where it must not come up; gives its message.
fn refuses(directory: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> String {
    let mut all = vec!["serve", "--bind", "127.0.0.1:0"];
    all.extend(arguments);
    let (code, out, err) = run_program(directory, &all, settings);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.is_empty(), "{out}");
    // Where it got as far as to have a log, that begins with its own line.
    let message = err.lines().find(|line| !line.contains(" INFO "));
    assert!(
        message.is_some_and(|line| line.starts_with("teahouse: ")),
        "{err}"
    );
    assert!(
        !err.contains("panicked") && !err.contains("RUST_BACKTRACE"),
        "{err}"
    );
    err
}

#[test]
fn a_configuration_with_three_mistakes_shows_all_three_with_their_lines() {
    let home = tempfile::tempdir().unwrap();
    let text = "[server]\nbimd = \"127.0.0.1:1\"\n\n[chat]\nhistory = -1\nguests = \"wirte\"\n";
    std::fs::write(home.path().join("config.toml"), text).unwrap();
    for command in ["serve", "check-config"] {
        let (code, out, err) = run_program(home.path(), &[command], &[]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        for line in [
            "config.toml:2:1: [server] bimd",
            "config.toml:5:11: [chat] history",
            "config.toml:6:10: [chat] guests",
        ] {
            assert!(err.contains(line), "{line} is not in {err}");
        }
    }
    let (code, _, err) = run_program(home.path(), &["check-config"], &[("chat.nam", "x")]);
    assert!(
        code == Some(1) && err.contains("environment TEAHOUSE__CHAT__NAM"),
        "{err}"
    );
}

#[test]
fn the_default_configuration_is_good_and_says_what_is_default() {
    let home = tempfile::tempdir().unwrap();
    let (code, text, _) = run_program(home.path(), &["default-config"], &[]);
    assert_eq!(
        (code, text.as_str()),
        (Some(0), include_str!("../../config.toml"))
    );
    std::fs::write(home.path().join("other.toml"), text).unwrap();
    let (code, out, _) = run_program(
        home.path(),
        &["check-config", "--config", "other.toml"],
        &[],
    );
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "the configuration is good\n")
    );
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "looking writes nothing: {left:?}");
    let (code, _, err) = run_program(home.path(), &["check-config", "--config", "no.toml"], &[]);
    assert!(
        code == Some(1) && err.contains("no.toml: there is no such file"),
        "{err}"
    );
}

#[test]
fn what_keeps_the_server_from_opening_is_said_in_words() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, err) = run_program(path, &["--bind", &address, "--data", "d1"], &[]);
    assert!(
        code == Some(1) && err.contains(&format!("cannot listen on {address}")),
        "{err}"
    );
    assert!(err.contains("--bind"), "and what to do: {err}");

    std::fs::write(path.join("file"), "x").unwrap();
    for data in ["file", "file/below", "/proc/nowhere"] {
        let err = refuses(path, &["--data", data], &[]);
        assert!(err.contains(data), "{err}");
    }

    std::fs::create_dir(path.join("d2")).unwrap();
    std::fs::write(
        path.join("d2/teahouse.db"),
        "this is no database, but long enough to look at".repeat(50),
    )
    .unwrap();
    let err = refuses(path, &["--data", "d2"], &[]);
    assert!(
        err.contains("cannot open the database d2/teahouse.db"),
        "{err}"
    );

    std::fs::create_dir(path.join("d3")).unwrap();
    let db = rusqlite::Connection::open(path.join("d3/teahouse.db")).unwrap();
    db.execute_batch("PRAGMA user_version = 999").unwrap();
    drop(db);
    let err = refuses(path, &["--data", "d3"], &[]);
    assert!(
        err.contains("d3/teahouse.db") && err.contains("newer"),
        "{err}"
    );

    std::fs::create_dir(path.join("d4")).unwrap();
    std::fs::write(path.join("d4/session.key"), "short").unwrap();
    let err = refuses(path, &["--data", "d4"], &[]);
    assert!(err.contains("session.key has 5 bytes"), "{err}");

    let err = refuses(path, &["--data", "d6"], &[("session.key_file", "gone.key")]);
    assert!(err.contains("key_file gone.key: No such file"), "{err}");
    assert!(!path.join("gone.key").exists());

    let err = refuses(path, &["--data", "d5"], &[("geo.database", "gone.xdb")]);
    assert!(err.contains("gone.xdb"), "{err}");
    std::fs::write(path.join("bad.mmdb"), "no").unwrap();
    let err = refuses(path, &["--data", "d6"], &[("geo.database", "bad.mmdb")]);
    assert!(err.contains("bad.mmdb"), "{err}");
}

#[test]
fn an_address_to_listen_at_is_taken_by_what_listens_alone() {
    let home = tempfile::tempdir().unwrap();
    let address = ["--bind", "127.0.0.1:0"];
    for command in [
        &["check-config"][..],
        &["user", "role", "Ada", "owner"],
        &["demo"],
    ] {
        for all in [[&address, command].concat(), [command, &address].concat()] {
            let (code, out, err) = run_program(home.path(), &all, &[]);
            assert_ne!(code, Some(0), "{all:?}: {out}");
            assert!(err.contains("--bind"), "{all:?}: {err}");
            let left = std::fs::read_dir(home.path()).unwrap().count();
            assert_eq!(left, 0, "{all:?} wrote something");
        }
    }
}

#[test]
fn two_servers_do_not_share_a_data_directory() {
    let server = Server::start(&[]);
    let data = server.data();
    let home = tempfile::tempdir().unwrap();
    let err = refuses(home.path(), &["--data", data.to_str().unwrap()], &[]);
    assert!(err.contains("another teahouse"), "{err}");
}

#[tokio::test]
async fn the_configuration_in_the_working_directory_is_read_and_the_environment_wins() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join("config.toml"),
        "[chat]\nname = \"From the file\"\nguests = \"no\"\n",
    )
    .unwrap();
    let (code, _, err) = run_program(home.path(), &["check-config"], &[("chat.guests", "read")]);
    assert_eq!(
        code,
        Some(1),
        "the file's mistake is still a mistake: {err}"
    );
    let server = Server::start(&[("chat.name", "茶话会"), ("chat.notice", "be <kind>")]);
    let html = Guest::of(&server).get("/").await.text();
    assert!(html.contains("<h1 dir=\"auto\">茶话会</h1>"), "{html}");
    assert!(
        html.contains("be &lt;kind&gt;") || html.contains("be &#60;kind&#62;"),
        "{html}"
    );
}

#[test]
fn check_config_looks_into_the_database_of_places_as_the_start_does() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path();
    std::fs::write(path.join("broken.mmdb"), "no database").unwrap();
    std::fs::write(path.join("places.csv"), "").unwrap();
    for file in ["none.mmdb", "none.xdb", "broken.mmdb", "places.csv"] {
        let setting = [("geo.database", file)];
        let (code, out, err) = run_program(path, &["check-config"], &setting);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{file}");
        let start = ["--bind", "127.0.0.1:0", "--data", "data"];
        let (_, _, at_start) = run_program(path, &start, &setting);
        let last = at_start.lines().last().unwrap();
        assert!(
            err.contains(file) && err.trim_end() == last,
            "{err} is not {last}"
        );
    }
}

#[test]
fn an_option_that_is_not_there_is_not_taken_for_a_name() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["user", "add", "--bind", "127.0.0.1:1", "Ada"];
    let (code, _, err) = run_program(home.path(), &arguments, &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("unexpected argument '--bind' found"), "{err}");
    assert!(err.contains("--bind is for serve alone"), "{err}");
    assert!(!err.contains("as a value"), "{err}");
    let (_, _, err) = run_program(home.path(), &["user", "add", "--nam", "Ada"], &[]);
    assert!(
        !err.contains("as a value") && !err.contains("serve"),
        "{err}"
    );
}
