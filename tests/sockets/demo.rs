//! A server filled by `teahouse demo`: one can sign in and finds it as if people had talked there.

use serde_json::{Value, json};

use crate::support::demo::{PASSWORD, SMALL, fill};
use crate::support::{Guest, Server, run_program};

/// What a server's database says, without times, epochs and hashes.
fn told(server: &Server) -> Vec<Vec<String>> {
    vec![
        server.texts("SELECT id || name || role FROM users ORDER BY id"),
        server.texts("SELECT id || ' ' || kind || name || said FROM rooms ORDER BY id"),
        server.texts("SELECT room_id || person || role FROM members ORDER BY room_id, person"),
        server.texts("SELECT room_id || author || content AS line FROM messages ORDER BY line"),
    ]
}

fn new_server() -> Server {
    let mut server = Server::start(&[]);
    server.stop();
    server
}

#[test]
fn a_demo_says_at_each_start_that_everybody_has_one_password() {
    let warns = |log: &str| log.contains("everybody in it has the same password");
    let mut server = new_server();
    server.launch();
    assert!(!warns(&server.stop().log));
    fill(&server, &[]);
    for _ in 0..2 {
        server.launch();
        let log = server.stop().log;
        assert!(warns(&log), "{log}");
    }
}

#[tokio::test]
async fn one_signs_in_and_finds_rooms_with_people_talk_and_unread() {
    let mut server = new_server();
    let names = fill(&server, &[]);
    server.launch();
    let mut guest = Guest::visiting(&server).await;
    let answer = guest.sign_in(&names[0], PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["me"]["role"], "owner");
    let (_, welcome) = guest.feed().await;
    let rooms = welcome["rooms"].as_array().unwrap();
    assert!(rooms.len() > 8, "{}", rooms.len());
    let some = |what: &str, is_it: &dyn Fn(&Value) -> bool| {
        assert!(rooms.iter().any(is_it), "no room {what}: {rooms:?}");
    };
    some("with unread", &|room| room["unread"].as_i64().unwrap() > 0);
    some("all read", &|room| room["unread"] == 0);
    some("that is private", &|room| room["kind"] == "private");
    some("of two", &|room| room["kind"] == "direct");
    some("for announcements", &|room| room["read_only"] == true);
    some("that is over", &|room| room["archived"] == true);
    let mut messages = 0;
    for room in rooms {
        let path = format!("/api/v1/rooms/{}/messages", room["id"]);
        let page = guest.get(&path).await.json();
        messages += page["messages"].as_array().unwrap().len();
        let times = page["messages"].as_array().unwrap().iter();
        let times: Vec<i64> = times.map(|one| one["at"].as_i64().unwrap()).collect();
        assert!(times.is_sorted(), "{path}");
    }
    assert!(messages > 200, "{messages}");
    let page = guest.get("/").await;
    assert_eq!(page.status, 200);
    let mut other = Guest::visiting(&server).await;
    assert_eq!(other.sign_in(&names[1], PASSWORD).await.status, 200);
    let data = other.get("/api/v1/me/export").await.json();
    assert_eq!(data["account"]["name"].as_str(), Some(names[1].as_str()));
    let (mut ws, _) = guest.feed().await;
    ws.post("现在是真的人了").await;
}

#[tokio::test]
async fn a_server_in_which_somebody_has_been_is_not_filled() {
    let mut server = new_server();
    fill(&server, &[]);
    let (code, out, err) = server.run(&SMALL, PASSWORD);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("accounts or messages already"), "{err}");
    server.launch();
    let (code, _, err) = server.run(&SMALL, PASSWORD);
    assert!(code == Some(1) && err.contains("another teahouse"), "{err}");
    let home = tempfile::tempdir().unwrap();
    let memory = [("storage.url", "memory:")];
    let (code, _, err) = run_program(home.path(), &["demo"], &memory);
    assert!(code == Some(1) && err.contains("nothing to fill"), "{err}");
    let (code, _, err) = run_program(home.path(), &["demo", "--people", "1"], &[]);
    assert!(code == Some(1) && err.contains("--people"), "{err}");
}

#[test]
fn the_same_seed_makes_the_same_server_and_what_was_asked_for() {
    let (one, same, other) = (new_server(), new_server(), new_server());
    for (server, seed) in [(&one, "7"), (&same, "7"), (&other, "8")] {
        fill(server, &["--seed", seed, "--memberships", "60"]);
    }
    let [first, second, third] = [&one, &same, &other].map(told);
    assert_eq!(first, second);
    assert_ne!(first, third);
    let [users, _, _, messages] = first.as_slice() else {
        panic!("four tables");
    };
    assert_eq!((users.len(), messages.len()), (20, 1_500));
    let number = |sql: &str| one.number(sql);
    let of_rooms = "FROM members m JOIN rooms r ON r.id = m.room_id AND r.kind IN (1, 2)";
    assert_eq!(number(&format!("SELECT count(*) {of_rooms}")), 60);
    assert_eq!(
        number("SELECT count(*) FROM rooms WHERE kind IN (1, 2)"),
        12
    );
    for (what, sql) in [
        (
            "edited",
            "SELECT count(*) FROM messages WHERE edited_at > 0",
        ),
        (
            "recalled",
            "SELECT count(*) FROM messages WHERE recalled_at > 0",
        ),
        (
            "calling",
            "SELECT count(*) FROM messages WHERE mentions <> ''",
        ),
        (
            "of many lines",
            "SELECT count(*) FROM messages WHERE instr(content, '\n') > 0",
        ),
        (
            "open",
            "SELECT count(*) FROM invitations WHERE expires_at > 0",
        ),
    ] {
        assert!(number(sql) > 0, "nothing {what}");
    }
    let holes = "SELECT count(*) FROM rooms r WHERE head <> (SELECT count(*) FROM events e WHERE e.room_id = r.id)";
    assert_eq!(number(holes), 0);
    assert_eq!(
        json!(number(
            "SELECT count(*) FROM rooms WHERE said <> (SELECT count(*) FROM messages WHERE room_id = rooms.id)"
        )),
        json!(0)
    );
}

#[tokio::test]
async fn a_demo_has_pictures_voices_and_files_that_open() {
    let mut server = new_server();
    let names = fill(&server, &[]);
    server.launch();
    let mut guest = Guest::visiting(&server).await;
    assert_eq!(guest.sign_in(&names[0], PASSWORD).await.status, 200);
    let (_, welcome) = guest.feed().await;
    let mut kinds = Vec::new();
    for room in welcome["rooms"].as_array().unwrap() {
        let path = format!("/api/v1/rooms/{}/messages", room["id"]);
        let page = guest.get(&path).await.json();
        for message in page["messages"].as_array().unwrap() {
            for file in message["files"].as_array().into_iter().flatten() {
                let kind = file["kind"].as_str().unwrap();
                let rendition = if kind == "picture" { "m" } else { "raw" };
                let address = format!("/files/{}/{rendition}", file["id"].as_str().unwrap());
                let got = guest.get(&address).await;
                assert!(got.status == 200 && got.body.len() > 100, "{file}");
                let told = file["alt"]
                    .as_str()
                    .is_some_and(|alt| alt.chars().count() > 5);
                assert!(told || kind != "picture", "{file}");
                kinds.push(kind.to_owned());
            }
        }
    }
    for kind in ["picture", "voice", "file"] {
        assert!(kinds.iter().any(|one| one == kind), "no {kind}: {kinds:?}");
    }
}
