//! What an operator does from the command line beside a server that runs: accounts, lists, backups;
//! and what they see of its files.

use serde_json::json;
use teahouse::protocol::kinds;

use crate::support::{Guest, Member, Server, eventually, run_program, skipped_on_postgres};

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
    if skipped_on_postgres("its own programs copy it") {
        return;
    }
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
        out.contains("copy.db is whole")
            && out.contains("data/session.key")
            && out.contains("data/files"),
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

#[tokio::test]
async fn a_probe_ends_well_when_the_server_is_ready_and_only_then() {
    let server = Server::start(&[]);
    let here = tempfile::tempdir().unwrap();
    let probe = |bind: &str| run_program(here.path(), &["probe"], &[("server.bind", bind)]);
    let (code, out, err) = probe(&server.addr().to_string());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("{\"ready\":true"), "{out}");
    let everywhere = format!("0.0.0.0:{}", server.addr().port());
    assert_eq!(probe(&everywhere).0, Some(0));
    // Somebody else listens there.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = other.local_addr().unwrap().to_string();
    let says = std::thread::spawn(move || {
        let (mut line, _) = other.accept().unwrap();
        // What is closed with something unread in it is reset.
        let _asked = std::io::Read::read(&mut line, &mut [0; 1_024]).unwrap();
        std::io::Write::write_all(&mut line, b"HTTP/1.1 503 Busy\r\n\r\n{\"ready\":false}")
            .unwrap();
    });
    let (code, _, err) = probe(&at);
    says.join().unwrap();
    assert_eq!(code, Some(1));
    assert!(err.contains("503 Busy: {\"ready\":false}"), "{err}");
    let (code, _, err) = probe(&at);
    assert_eq!(code, Some(1));
    assert!(err.contains("does not answer"), "{err}");
}

#[tokio::test]
async fn an_operator_sees_what_files_take() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let sent = ada.uploads("a.txt", b"oolong").await;
    ada.uploads("b.txt", b"never sent").await;
    ws.sends_files(1, "", &json!([{"id": sent}])).await;
    let looks = Guest::of(&server).get("/metrics").await.text();
    assert!(looks.contains("teahouse_look_seconds_count 2\n"), "{looks}");
    server.stop();
    server.launch();
    eventually("it is measured", async || {
        let metrics = Guest::of(&server).get("/metrics").await.text();
        let free = "teahouse_disk_free_bytes ";
        let free = metrics.lines().find_map(|line| line.strip_prefix(free));
        free.is_some_and(|free| free.parse::<u64>().is_ok_and(|free| free > 0))
            && metrics.contains("teahouse_file_bytes{kind=\"file\"} 6\n")
            && metrics.contains("teahouse_uploads{state=\"ready\"} 1\n")
    })
    .await;
}
