//! The files of a room, page by page, for whoever may read it.

use serde_json::{Value, json};

use crate::attachments::picture;
use crate::support::{CLOCK_SCRIPT, Guest, Member, Server, eventually, set_clock};

async fn page(guest: &mut Guest, room: i64, query: &str) -> Value {
    let path = format!("/api/v1/rooms/{room}/files{query}");
    let answer = guest.get(&path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn names(page: &Value) -> Vec<&str> {
    let files = page["files"].as_array().unwrap().iter();
    files
        .map(|each| each["file"]["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_page_says_what_each_file_is_who_sent_it_and_where() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let first = ada.uploads("茶 单.txt", b"oolong").await;
    let second = ada.uploads("bowls.jpg", &picture()).await;
    let files = json!([{"id": first}, {"id": second, "alt": "Two bowls", "spoiler": true}]);
    let ack = ws.sends_files(room, "look", &files).await;
    let elsewhere = ada.uploads("lobby.txt", b"x").await;
    ws.sends_files(1, "", &json!([{"id": elsewhere}])).await;
    let all = page(&mut bob.guest, room, "").await;
    assert_eq!(all["next"], Value::Null);
    assert_eq!(names(&all), ["bowls.jpg", "茶 单.txt"], "the newest first");
    let path = format!("rooms/{room}/messages/{}", ack["id"]);
    let message = bob.may("GET", &path, &Value::Null).await["message"].take();
    for (place, number) in [(0, 1), (1, 0)] {
        let shown = &all["files"][place];
        let expected = json!({
            "message": ack["id"], "number": number, "at": message["at"], "by": message["by"],
            "file": message["files"][number],
        });
        assert_eq!(*shown, expected);
    }
    for (query, found) in [
        ("?kind=picture", &["bowls.jpg"][..]),
        ("?kind=file", &["茶 单.txt"]),
        ("?kind=video,file,file", &["茶 单.txt"]),
        ("?kind=video", &[]),
        ("?kind=voice,audio", &[]),
    ] {
        assert_eq!(
            names(&page(&mut bob.guest, room, query).await),
            found,
            "{query}"
        );
    }
    for query in [
        "?kind=poster",
        "?kind=",
        "?kind=picture,",
        "?before=1",
        "?before=1.x",
        "?after=one",
        "?before=1.0&after=1.0",
    ] {
        let path = format!("/api/v1/rooms/{room}/files{query}");
        assert_eq!(bob.guest.get(&path).await.error(), "bad_data", "{query}");
    }
}

#[tokio::test]
async fn pages_follow_one_another_while_more_is_sent() {
    let server = Server::start(&[("limits.messages_per_minute", "0")]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let mut sent = Vec::new();
    for message in 0..5 {
        let mut files = Vec::new();
        for number in 0..10 {
            let name = format!("{message}-{number}.txt");
            files.push(json!({"id": ada.uploads(&name, b"x").await}));
            sent.push(name);
        }
        ws.sends_files(1, "", &json!(files)).await;
    }
    let mut guest = Guest::visiting(&server).await;
    let first = page(&mut guest, 1, "?kind=file").await;
    let late = ada.uploads("late.txt", b"x").await;
    ws.sends_files(1, "", &json!([{"id": late}])).await;
    let next = first["next"].as_str().unwrap();
    let second = page(&mut guest, 1, &format!("?kind=file&before={next}")).await;
    assert_eq!(second["next"], Value::Null);
    let mut all = names(&first);
    assert_eq!(all.len(), 40);
    all.extend(names(&second));
    all.reverse();
    assert_eq!(all, sent);
    // The other way round: from the oldest, and from a place in the middle.
    let oldest = page(&mut guest, 1, "?after=0.0").await;
    assert_eq!(names(&oldest).last(), Some(&"0-0.txt"));
    let next = oldest["next"].as_str().unwrap();
    let newest = page(&mut guest, 1, &format!("?after={next}")).await;
    assert_eq!(names(&newest)[..2], ["late.txt", "4-9.txt"]);
    assert_eq!((names(&newest).len(), &newest["next"]), (11, &Value::Null));
}

#[tokio::test]
async fn whoever_may_not_read_a_room_hears_nothing_of_its_files() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, _) = Member::two_in_a_room(&server, "Kitchen").await;
    let mut guest = Guest::visiting(&server).await;
    let cellar = ada.makes("private", "Cellar").await;
    let (mut ws, _) = ada.hears(cellar).await;
    let file = ada.uploads("secret.txt", b"x").await;
    ws.sends_files(cellar, "", &json!([{"id": file}])).await;
    let path = format!("/api/v1/rooms/{cellar}/files");
    for who in [&mut bob.guest, &mut guest] {
        let not_there = who.get("/api/v1/rooms/99999/files").await;
        let hidden = who.get(&path).await;
        assert_eq!(hidden.status, 404);
        assert_eq!(hidden.body, not_there.body, "the same words");
    }
    let code = ada.invites(cellar, &json!({})).await;
    bob.accepts(&code).await;
    assert_eq!(
        names(&page(&mut bob.guest, cellar, "").await),
        ["secret.txt"]
    );
    ada.gives_role(cellar, &bob, "banned").await;
    assert_eq!(bob.guest.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_is_recalled_or_older_than_files_are_kept_is_in_no_page() {
    let server = Server::start_strict_by(
        CLOCK_SCRIPT,
        &[("uploads.keep", "30d"), ("session.ttl", "400d")],
    );
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let kept = ada.uploads("kept.txt", b"x").await;
    ws.sends_files(1, "", &json!([{"id": kept}])).await;
    let regretted = ada.uploads("regretted.txt", b"x").await;
    let ack = ws.sends_files(1, "", &json!([{"id": regretted}])).await;
    assert_eq!(names(&page(&mut ada.guest, 1, "").await).len(), 2);
    ws.change(&ack["id"], &json!({"do": "recall"})).await;
    assert_eq!(names(&page(&mut ada.guest, 1, "").await), ["kept.txt"]);
    set_clock(&server, 40 * 86_400);
    let gone = async || {
        let path = format!("/files/{kept}/raw");
        Guest::of(&server).get(&path).await.status == 410
    };
    eventually("the file is removed", gone).await;
    assert!(names(&page(&mut ada.guest, 1, "").await).is_empty());
}
