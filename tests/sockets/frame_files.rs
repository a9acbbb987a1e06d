//! Files in the frame of another site, whose pictures and links carry neither cookie nor header.

use serde_json::{Value, json};

use super::attachments::picture;
use crate::support::{Guest, Member, Server};

const HOST: &str = "https://blog.example.org";

/// What a frame of this person has: its session's token, and the key of its files.
async fn frame_of(server: &Server, browser: &mut Guest) -> (String, String) {
    let entry = json!({"host": HOST});
    let answer = browser
        .change("POST", "/api/v1/embed/session", &entry)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let token = answer.json()["session"].as_str().unwrap().to_owned();
    let mut frame = Guest::of(server).with("authorization", &format!("Bearer {token}"));
    let page = frame.get("/embed/rooms/1/page").await.text();
    let boot = page.split("id=\"boot\">").nth(1).unwrap();
    let boot: Value = serde_json::from_str(boot.split("</script>").next().unwrap()).unwrap();
    (token, boot["files_key"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn in_a_frame_files_open_by_a_key_in_their_address_for_whoever_may_read_them() {
    let server = Server::start(&[("embed.hosts", HOST)]);
    let (mut ada, mut bob) = (
        Member::new(&server, "Ada").await,
        Member::new(&server, "Bob").await,
    );
    let room = ada.makes("private", "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let file = ada.uploads("tea.jpg", &picture()).await;
    ws.sends_files(room, "", &json!([{"id": file}])).await;
    let (token, key) = frame_of(&server, &mut ada.guest).await;
    let (_, of_bob) = frame_of(&server, &mut bob.guest).await;
    let address = format!("/files/{file}/l");
    let mut frame = Guest::of(&server);
    assert_eq!(frame.get(&address).await.status, 404, "without a key");
    for query in [format!("?key={key}"), format!("?save&key={key}")] {
        let got = frame.get(&format!("{address}{query}")).await;
        assert_eq!(
            (got.status, got.header("content-type")),
            (200, Some("image/jpeg")),
            "{query}"
        );
    }
    let other = frame.get(&format!("{address}?key={of_bob}")).await;
    assert_eq!(other.status, 404, "Bob may not read there");
    // The key of somebody else counts, not one's own cookie.
    let mixed = ada.guest.get(&format!("{address}?key={of_bob}")).await;
    assert_eq!(mixed.status, 404);

    // What is no key is refused, and never somebody less.
    let (session, seal) = key.split_once('.').unwrap();
    let (session_of_bob, _) = of_bob.split_once('.').unwrap();
    for forged in [
        String::new(),
        token.clone(),
        format!("{session}."),
        format!("{session}.{}", "0".repeat(32)),
        format!("{session_of_bob}.{seal}"),
    ] {
        let got = frame.get(&format!("{address}?key={forged}")).await;
        assert_eq!(
            (got.status, got.error().as_str()),
            (401, "bad_token"),
            "{forged}"
        );
    }
    // It opens files and nothing else.
    for key in [&key, session] {
        let mut thief = Guest::of(&server).with("authorization", &format!("Bearer {key}"));
        assert_eq!(thief.get("/api/v1/me").await.status, 401);
    }
    let me = frame.get(&format!("/api/v1/me?key={key}")).await.json();
    assert_ne!(me["me"]["id"], json!(ada.id));
    let page = ada.guest.get("/").await.text();
    assert!(!page.contains("files_key"), "the page has a cookie");

    // It lives as long as the frame's session.
    let mut signed_in = Guest::of(&server).with("authorization", &format!("Bearer {token}"));
    let gone = signed_in
        .change("DELETE", "/api/v1/session", &Value::Null)
        .await;
    assert!(gone.status < 300, "{gone:?}");
    let got = frame.get(&format!("{address}?key={key}")).await;
    assert_eq!((got.status, got.error().as_str()), (401, "bad_token"));
}
