//! `teahouse move`: a server leaves its SQLite file for PostgreSQL, and nobody notices.

use serde_json::Value;

use crate::support::demo::{PASSWORD, fill};
use crate::support::{Guest, Server, postgres};

/// The signed-in owner's view of everything: rooms with their unread numbers, the newest messages, and a search.
async fn seen(guest: &mut Guest) -> Vec<Value> {
    let (_, welcome) = guest.feed().await;
    let mut all = vec![welcome["rooms"].clone()];
    for path in [
        "/api/v1/rooms/1/messages",
        "/api/v1/rooms/1/members",
        "/api/v1/search?q=tea",
        "/api/v1/search?q=%E8%8C%B6",
    ] {
        let answer = guest.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        all.push(answer.json());
    }
    all
}

#[tokio::test]
async fn everything_moves_and_who_was_signed_in_still_is() {
    let mut server = Server::start(&[("storage.url", "")]);
    server.stop();
    let names = fill(&server, &[]);
    server.launch();
    let mut owner = Guest::visiting(&server).await;
    let answer = owner.sign_in(&names[0], PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let before = seen(&mut owner).await;
    assert!(before[3].to_string().len() > 200, "something is found");
    let postgres = postgres::server();
    let url = postgres.url(&postgres.create("template0"));
    let (code, _, err) = server.run(&["move", "--to", &url], "");
    assert!(code == Some(1) && err.contains("stop it first"), "{err}");
    server.stop();
    let (code, out, err) = server.run(&["move", "--to", &url], "");
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, _, err) = server.run(&["move", "--to", &url], "");
    assert!(
        code == Some(1) && err.contains("empty"),
        "twice is refused: {err}"
    );
    server.set("storage.url", &url);
    server.launch();
    let mut owner = owner.follow(&server);
    let after = seen(&mut owner).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    let (mut ws, _) = owner.feed().await;
    let said = ws.post_in(1, "the first words in the new place").await;
    assert!(said["id"].as_i64() > before[1]["messages"][0]["id"].as_i64());
}
