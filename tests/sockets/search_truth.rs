//! What a search must not find: what one may not read, what has other words by now, what was
//! withdrawn; and what it finds again when its index is made anew.

use serde_json::{Value, json};

use crate::attachments::picture;
use crate::search::{finds, page, says};
use crate::support::{Guest, Member, Server};

#[tokio::test]
async fn nobody_finds_what_they_may_not_read_by_any_way() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let private = ada.makes("private", "Surprise").await;
    let public = ada.makes("public", "Garden").await;
    let (mut ada_ws, _) = ada.hears(private).await;
    let secret = says(&mut ada_ws, private, "the secret kettle").await;
    says(&mut ada_ws, public, "the public kettle").await;
    let code = ada.invites(private, &json!({})).await;
    let public_only = ["the public kettle"];
    let mut visitor = Guest::visiting(&server).await;
    for guest in [&mut bob.guest, &mut visitor] {
        assert_eq!(finds(guest, "kettle").await, public_only);
        assert_eq!(finds(guest, "from:ada").await, public_only);
        for typed in [
            "secret",
            "in:surprise",
            &format!("in:{private}"),
            "in:surprise kettle",
        ] {
            let none = page(guest, typed, "").await;
            let nowhere = page(guest, "in:nowhere", "").await;
            assert_eq!(none, nowhere, "{typed}");
        }
        let id = secret.as_i64().unwrap();
        let after = format!("&after=new.{}", id + 1);
        assert_eq!(page(guest, "the", &after).await["hits"], json!([]));
    }
    bob.accepts(&code).await;
    let both = ["the public kettle", "the secret kettle"];
    assert_eq!(finds(&mut bob.guest, "kettle").await, both);
    assert_eq!(
        finds(&mut bob.guest, "in:surprise").await,
        ["the secret kettle"]
    );
    ada.gives_role(private, &bob, "banned").await;
    assert_eq!(finds(&mut bob.guest, "kettle").await, public_only);
    assert!(finds(&mut bob.guest, "in:surprise").await.is_empty());
    ada.may(
        "DELETE",
        &format!("rooms/{private}/members/{}", bob.id),
        &Value::Null,
    )
    .await;
    assert_eq!(finds(&mut bob.guest, "kettle").await, public_only);
    bob.joins(public).await;
    ada.gives_role(public, &bob, "banned").await;
    assert!(
        finds(&mut bob.guest, "kettle").await.is_empty(),
        "banned from a public room"
    );
    assert!(finds(&mut bob.guest, "in:garden").await.is_empty());
    assert_eq!(finds(&mut ada.guest, "kettle").await, both);
    let mut server = server;
    server.stop();
    server.set("chat.guests", "off");
    server.launch();
    let mut guest = Guest::of(&server);
    assert_eq!(
        guest.get("/api/v1/search?q=kettle").await.error(),
        "guests_off"
    );
}

#[tokio::test]
async fn what_is_changed_is_found_by_its_new_words_and_what_is_withdrawn_by_none() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    let id = ws.post("the frist cup 第一杯").await["id"].clone();
    assert_eq!(finds(&mut guest, "frist").await.len(), 1);
    ws.change(
        &id,
        &json!({"do": "edit", "content": "the first cup 头一杯"}),
    )
    .await;
    assert!(finds(&mut guest, "frist").await.is_empty());
    assert!(finds(&mut guest, "第").await.is_empty());
    assert_eq!(finds(&mut guest, "头一杯").await, ["the first cup 头一杯"]);
    ws.change(&id, &json!({"do": "recall"})).await;
    for typed in ["first", "头一", "cup", "before:2100"] {
        assert!(finds(&mut guest, typed).await.is_empty(), "{typed}");
    }
}

#[tokio::test]
async fn files_are_found_beside_whatever_their_message_says_until_it_is_recalled() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = ada.hears(1).await;
    let report = ada.uploads("报告_2026.final.pdf", b"x").await;
    let bowls = ada.uploads("IMG.jpg", &picture()).await;
    let files = json!([{"id": report}, {"id": bowls, "alt": "Two bowls"}]);
    let id = ws.sends_files(1, "", &files).await["id"].clone();
    let found = async |guest: &mut Guest, typed: &str| {
        let page = page(guest, typed, "").await;
        let hits = page["hits"].as_array().unwrap().clone();
        hits.into_iter()
            .map(|hit| hit["text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let typed = [
        "报告",
        "2026 final",
        "报告_2026.final.pdf",
        "bowl",
        "has:file",
        "有:图片",
    ];
    for each in typed {
        let expected = ["报告_2026.final.pdf · IMG.jpg · Two bowls"];
        assert_eq!(found(&mut guest, each).await, expected, "{each}");
    }
    for none in ["has:video", "has:voice", "has:link"] {
        assert!(found(&mut guest, none).await.is_empty(), "{none}");
    }
    ws.change(
        &id,
        &json!({"do": "edit", "content": "see https://example.org/"}),
    )
    .await;
    for each in typed.into_iter().chain(["has:link", "example"]) {
        let expected = ["see https://example.org/ · 报告_2026.final.pdf · IMG.jpg · Two bowls"];
        assert_eq!(found(&mut guest, each).await, expected, "{each}");
    }
    let (code, _, err) = server.run(&["reindex"], "");
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(found(&mut guest, "报告 has:picture").await.len(), 1);
    ws.change(&id, &json!({"do": "recall"})).await;
    for each in typed {
        assert!(found(&mut guest, each).await.is_empty(), "{each}");
    }
}

#[tokio::test]
async fn what_a_deleted_account_said_is_found_but_not_by_its_name() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = ada.hears(1).await;
    ws.post("still here").await;
    assert_eq!(finds(&mut guest, "from:ada").await, ["still here"]);
    let gone = json!({"password": "seven bowls 七碗茶"});
    ada.may("DELETE", "me", &gone).await;
    for typed in [
        "from:ada",
        &format!("from:{}", ada.id),
        "from:已注销",
        "from:deleted",
    ] {
        assert!(finds(&mut guest, typed).await.is_empty(), "{typed}");
    }
    let found = page(&mut guest, "here", "").await;
    assert_eq!(found["hits"][0]["text"], "still here");
}

#[tokio::test]
async fn an_index_is_made_anew_beside_a_server_that_is_open() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    for number in 1..=30 {
        ws.post(&format!("cup {number} 茶")).await;
    }
    let id = ws.post("a cup to forget").await["id"].clone();
    ws.change(&id, &json!({"do": "recall"})).await;
    server.runs(&["DELETE FROM search WHERE rowid = 7"]);
    assert!(finds(&mut guest, "\"cup 7\"").await.is_empty());
    let (code, out, err) = server.run(&["reindex"], "");
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("all messages can be found"), "{out}");
    assert_eq!(finds(&mut guest, "\"cup 7\"").await, ["cup 7 茶"]);
    assert!(finds(&mut guest, "forget").await.is_empty());
    ws.post("cup 31 茶").await;
    assert_eq!(
        finds(&mut guest, "茶").await[..2],
        ["cup 31 茶", "cup 30 茶"]
    );
}

#[tokio::test]
async fn a_server_from_before_there_was_an_index_opens_and_finds_everything_soon() {
    let mut server = Server::start(&[]);
    let guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    ws.post("said long ago").await;
    server.stop();
    server.runs(&[
        "DELETE FROM search",
        "INSERT INTO house VALUES ('search_unread', '1')",
    ]);
    server.launch();
    let guest = guest.follow(&server);
    crate::support::eventually("it is whole", || {
        let mut guest = guest.clone();
        async move { page(&mut guest, "long", "").await["complete"] == true }
    })
    .await;
    assert_eq!(
        finds(&mut guest.clone(), "long ago").await,
        ["said long ago"]
    );
    assert!(server.stop().log.contains("all messages can be found"));
}
