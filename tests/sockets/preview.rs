//! How a message will look, before it is sent.

use serde_json::{Value, json};

use crate::support::{DEADLINE, Guest, Server, within_time};

async fn preview(guest: &mut Guest, content: &Value) -> (u16, Value) {
    let answer = guest
        .change("POST", "/api/v1/preview", &json!({"content": content}))
        .await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_preview_is_what_the_message_will_be_but_for_who_is_called() {
    let server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    let (mut ws, _) = ada.feed().await;
    for written in [
        "**bold** & <b>",
        "a\n\n- b\n- https://example.org",
        "```rust\nfn a() {}\n```",
    ] {
        let (status, drawn) = preview(&mut ada, &json!(written)).await;
        assert_eq!(status, 200, "{drawn}");
        ws.post(written).await;
        let page = Guest::of(&server)
            .get("/api/v1/rooms/1/messages?limit=1")
            .await
            .json();
        assert_eq!(page["messages"][0]["html"], drawn["html"], "{written}");
    }
    let (_, drawn) = preview(&mut ada, &json!("1 < 2 @Ada")).await;
    assert_eq!(drawn["html"], "1 &lt; 2 @Ada");
}

#[tokio::test]
async fn what_could_not_be_sent_has_no_preview() {
    let server = Server::start(&[("chat.max_message_chars", "10")]);
    let mut ada = Guest::visiting(&server).await;
    for (content, status, code) in [
        (json!("eleven char"), 413, "too_long"),
        (json!("x".repeat(200_000)), 413, "too_long"),
        (json!(" \u{200b}\n"), 400, "empty"),
        (json!(7), 400, "bad_data"),
    ] {
        let (answered, body) = preview(&mut ada, &content).await;
        assert_eq!((answered, &body["error"]["code"]), (status, &json!(code)));
    }
    let headers = [
        ("sec-fetch-site", "cross-site"),
        ("content-type", "application/json"),
    ];
    let foreign = ada
        .request("POST", "/api/v1/preview", &headers, b"{\"content\":\"x\"}")
        .await;
    assert_eq!(foreign.error(), "cross_site");
}

#[tokio::test]
async fn the_longest_message_in_the_widest_characters_has_a_preview() {
    let server = Server::start(&[("chat.max_message_chars", "20000")]);
    let mut ada = Guest::visiting(&server).await;
    let (status, drawn) = preview(&mut ada, &json!("🍵".repeat(20_000))).await;
    assert_eq!(status, 200, "{drawn}");
}

#[tokio::test]
async fn previews_are_paced_for_each_person() {
    let server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    // As long as it takes to be faster than two a second, which is what a busy machine may need.
    let refused = async {
        loop {
            let (status, body) = preview(&mut ada, &json!("*x*")).await;
            if status != 200 {
                return (status, body);
            }
        }
    };
    let (status, body) = within_time("they are told to wait", 4 * DEADLINE, refused).await;
    assert_eq!((status, &body["error"]["code"]), (429, &json!("too_fast")));
    assert!(body["error"]["retry_after"].as_u64().is_some());
    let mut bob = Guest::visiting(&server).await;
    assert_eq!(preview(&mut bob, &json!("*x*")).await.0, 200);
}
