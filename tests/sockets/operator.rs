//! What an operator does and reads: configuration, start, accounts. Everything
//! that keeps the server from opening is one clear message and exit code 1, never a panic.

use std::path::Path;

use serde_json::json;
use teahouse::protocol::kinds;

use crate::support::{Guest, Member, Server, run_program};

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

#[tokio::test]
async fn accounts_are_looked_after_from_the_command_line() {
    let server = Server::start(&[]);
    let user = |arguments: &[&str], stdin: &str| {
        let all: Vec<&str> = ["user"].iter().chain(arguments).copied().collect();
        server.run(&all, stdin)
    };
    let added = user(
        &["add", "Ada", "--role", "admin", "--password-stdin"],
        "a long pass phrase\n",
    );
    assert_eq!(
        (added.0, added.1.as_str()),
        (Some(0), "Ada now has the role admin\n"),
        "{}",
        added.2
    );
    for (arguments, stdin, words) in [
        (
            &["add", "ADA", "--password-stdin"][..],
            "a long pass phrase\n",
            "there is an account named",
        ),
        (
            &["add", "!!!", "--password-stdin"],
            "a long pass phrase\n",
            "cannot be a name",
        ),
        (&["add", "Bob", "--password-stdin"], "short\n", "too short"),
        (
            &["add", "Bob", "--password-stdin"],
            "password\n",
            "too easy to guess",
        ),
        (
            &["add", "Bob", "--role", "king", "--password-stdin"],
            "",
            "\"king\" is no role",
        ),
        (&["add", "Bob"], "", "--password-stdin"),
        (
            &["passwd", "Nobody", "--password-stdin"],
            "a long pass phrase\n",
            "there is no account named Nobody",
        ),
        (
            &["role", "Nobody", "owner"],
            "",
            "there is no account named Nobody",
        ),
    ] {
        let (code, _, err) = user(arguments, stdin);
        assert!(
            code == Some(1) && err.contains(words),
            "{arguments:?}: {err}"
        );
    }
    let mut admin = Guest::visiting(&server).await;
    let answer = admin.sign_in("Ada", "a long pass phrase").await;
    assert_eq!(answer.json()["me"]["role"], "admin");
    let (mut visitor, _) = Guest::visiting(&server).await.feed().await;
    let said = visitor.post("not nice").await;
    let (mut admin_ws, _) = admin.feed().await;
    let nonce = uuid::Uuid::new_v4();
    admin_ws.send(
        &json!({"type": kinds::CHANGE, "data": {"nonce": nonce, "room": 1, "do": "recall", "id": said["id"]}}),
    )
    .await;
    admin_ws.ack(nonce).await;
    let recalled = visitor
        .expect("the recall", |frame| frame["data"]["kind"] == "recall")
        .await;
    assert_eq!(
        recalled["data"]["by"]["name"], "Ada",
        "everybody sees who it was"
    );
    assert_eq!(user(&["role", "ada", "member"], "").0, Some(0));
    assert_eq!(
        user(
            &["passwd", "Ada", "--password-stdin"],
            "another pass phrase\r\n"
        )
        .0,
        Some(0)
    );
    let page = admin.get("/").await.text();
    assert!(
        page.contains(r#""kind":"visitor""#) && !page.contains(r#""role":"admin""#),
        "the old password's sessions have ended"
    );
    let mut other = Guest::visiting(&server).await;
    assert_eq!(other.sign_in("Ada", "a long pass phrase").await.status, 401);
    let answer = other.sign_in("Ada", "another pass phrase").await;
    assert_eq!(answer.json()["me"]["role"], "member");
}

#[tokio::test]
async fn accounts_and_rooms_are_listed_beside_a_server_that_runs() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let room = ada.makes("public", "Tea").await;
    let mut gone = Member::new(&server, "Gone").await;
    let proof = json!({"password": "seven bowls 七碗茶"});
    gone.may("DELETE", "me", &proof).await;
    Guest::visiting(&server)
        .await
        .feed()
        .await
        .0
        .post("hello")
        .await;
    let rows = |command: &str| -> Vec<Vec<String>> {
        let (code, out, err) = server.run(&[command, "list"], "");
        assert_eq!(code, Some(0), "{err}");
        let rows = out.lines().map(|line| line.split('\t'));
        rows.map(|cells| cells.map(str::to_owned).collect())
            .collect()
    };
    let users = rows("user");
    assert_eq!(users[0], ["id", "role", "made", "seen", "name"]);
    assert_eq!(users.len(), 2, "who is gone is in no list: {users:?}");
    let [id, role, made, _, name] = &users[1][..] else {
        panic!("{users:?}")
    };
    assert_eq!(
        (id, role.as_str(), name.as_str()),
        (&ada.id, "owner", "Ada")
    );
    assert!(made.len() == 10 && made.starts_with("20"), "{made}");
    let rooms = rows("room");
    assert_eq!(
        rooms[0],
        ["id", "kind", "people", "messages", "last", "name"]
    );
    assert_eq!(&rooms[1][..4], ["1", "lobby", "0", "1"]);
    let tea = room.to_string();
    assert_eq!(&rooms[2][..5], [&tea, "public", "1", "0", "-"]);
    assert_eq!(rooms[2][5], "Tea");
}

#[tokio::test]
async fn a_backup_of_a_server_that_runs_is_whole_and_overwrites_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.guest.feed().await;
    let said: Vec<String> = (0..200).map(|number| format!("number {number}")).collect();
    ws.post_all(&said).await;
    let backup = || server.run(&["backup", "copy.db"], "");
    let (code, out, err) = backup();
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("copy.db is whole") && out.contains("data/session.key"),
        "{out}"
    );
    let path = server.home().join("copy.db");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    ws.post("after the backup").await;
    let (code, _, err) = backup();
    assert!(code == Some(1) && err.contains("is there already"), "{err}");

    let mut other = Server::start(&[]);
    other.stop();
    for end in ["", "-wal", "-shm"] {
        let _gone = std::fs::remove_file(other.data().join(format!("teahouse.db{end}")));
    }
    std::fs::copy(&path, other.data().join("teahouse.db")).unwrap();
    other.launch();
    let page = Guest::of(&other)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    let newest = page["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(newest["content"], "number 199");
    let mut guest = Guest::visiting(&other).await;
    assert_eq!(guest.sign_in("Ada", "seven bowls 七碗茶").await.status, 200);

    let home = tempfile::tempdir().unwrap();
    let (code, _, err) = run_program(home.path(), &["backup", "copy.db"], &[]);
    assert!(
        code == Some(1) && err.contains("no database to copy"),
        "{err}"
    );
    let left = std::fs::read_dir(home.path()).unwrap().count();
    assert_eq!(left, 0, "and none is made");
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
