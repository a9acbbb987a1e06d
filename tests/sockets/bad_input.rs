//! What clients should not send, on either protocol: each frame gets its typed answer, or the
//! content that may stay, and the connection lives on.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::support::{Guest, Server, Ws, arrive};

/// Sends each frame and expects its error code; then the connection must still be alive.
async fn refused(ws: &mut Ws, frames: &[(String, &str)]) {
    for (frame, code) in frames {
        ws.send_text(frame).await;
        let shown: String = frame.chars().take(80).collect();
        let answer = ws.error().await;
        assert!(
            code.split('|').any(|code| code == answer),
            "{shown}: {answer}"
        );
        assert!(ws.is_alive().await, "{shown}");
    }
}

#[tokio::test]
async fn what_is_no_frame_of_ours_is_named_and_survived() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "vue").await;
    let deep = "[".repeat(30_000);
    let closed = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let frames: Vec<(String, &str)> = [
        ("", "bad_frame"),
        ("ping", "bad_frame"),
        ("null", "bad_frame"),
        ("[]", "bad_frame"),
        ("{}", "bad_frame"),
        ("{\"type\":3", "bad_frame"),
        ("{\"type\":3,\"data\":\"a\u{0}b\"}", "bad_frame"),
        ("{\"type\":3,\"data\":\"a\nb\"}", "bad_frame"),
        (r#"{"type":null}"#, "bad_frame"),
        (r#"{"type":true,"data":1}"#, "bad_frame"),
        (r#"{"type":{"a":1}}"#, "bad_frame"),
        (r#"{"type":1e400}"#, "bad_frame"),
        (r#"{"type":99999999999999999999}"#, "bad_frame"),
        (r#"{"type":3.5,"data":"x"}"#, "bad_frame"),
        (r#"{"type":3,"data":"x"} trailing"#, "bad_frame"),
        (r#"{"type":0}"#, "unknown_type"),
        (r#"{"type":-6}"#, "unknown_type"),
        (r#"{"type":77,"data":{}}"#, "unknown_type"),
        (r#"{"type":"six"}"#, "unknown_type"),
        (r#"{"type":""}"#, "unknown_type"),
        (r#"{"type":5,"data":"x"}"#, "unknown_type"),
        (r#"{"type":13,"data":{}}"#, "unknown_type"),
    ]
    .into_iter()
    .map(|(frame, code)| (frame.to_owned(), code))
    .chain([
        (deep.clone(), "bad_frame"),
        (closed.clone(), "bad_frame"),
        (format!(r#"{{"type":{closed}}}"#), "bad_frame"),
        (
            format!(r#"{{"type":3,"data":{closed}}}"#),
            "bad_data|bad_frame",
        ),
    ])
    .collect();
    refused(&mut ws, &frames).await;
}

#[tokio::test]
async fn known_types_with_the_wrong_data_are_named_and_survived() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "vue").await;
    let frames: Vec<(String, &str)> = [
        r#"{"type":3}"#,
        r#"{"type":3,"data":null}"#,
        r#"{"type":3,"data":17}"#,
        r#"{"type":3,"data":1e400}"#,
        r#"{"type":3,"data":[]}"#,
        r#"{"type":3,"data":{}}"#,
        r#"{"type":3,"data":{"content":null}}"#,
        r#"{"type":3,"data":{"content":["x"]}}"#,
        r#"{"type":3,"data":"\ud800"}"#,
        r#"{"type":4}"#,
        r#"{"type":4,"data":null}"#,
        r#"{"type":4,"data":"17"}"#,
        r#"{"type":4,"data":1e400}"#,
        r#"{"type":4,"data":1.5}"#,
        r#"{"type":4,"data":99999999999999999999}"#,
        r#"{"type":4,"data":{"isVoice":false}}"#,
        r#"{"type":10}"#,
        r#"{"type":10,"data":{"v":-1}}"#,
        r#"{"type":10,"data":{"v":1,"resume":[]}}"#,
        r#"{"type":10,"data":{"v":1,"resume":{"1":{"epoch":1,"seq":"x"}}}}"#,
        r#"{"type":12,"data":{"nonce":"not-a-uuid","room":1,"content":"x"}}"#,
        r#"{"type":12,"data":{"room":1,"content":"x"}}"#,
        r#"{"type":14,"data":{"nonce":"00000000-0000-4000-8000-000000000000","room":1,"do":"edit","id":1}}"#,
    ]
    .into_iter()
    .map(|frame| (frame.to_owned(), "bad_data"))
    .collect();
    refused(&mut ws, &frames).await;
    refused(
        &mut ws,
        &[(r#"{"type":4,"data":-1}"#.to_owned(), "not_found")],
    )
    .await;
    refused(
        &mut ws,
        &[(format!(r#"{{"type":4,"data":{}}}"#, i64::MAX), "not_found")],
    )
    .await;
}

#[tokio::test]
async fn half_a_character_is_taken_as_the_sign_for_one_that_cannot_be_read() {
    let server = Server::start(&[]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let nonces = [Uuid::new_v4(), Uuid::new_v4()];
    let frame = r#"{"type":12,"data":{"nonce":"N","room":1,"content":"a\ud83d and \ud83d\ude00"}}"#;
    ws.send_text(&frame.replace('N', &nonces[0].to_string()))
        .await;
    let said = ws.data(17).await;
    assert_eq!(said["message"]["content"], "a\u{fffd} and 😀");
    let id = ws.ack(nonces[0]).await["id"].to_string();
    let frame =
        r#"{"type":14,"data":{"nonce":"N","room":1,"id":ID,"do":"edit","content":"\udc00b"}}"#;
    let frame = frame.replace("ID", &id);
    ws.send_text(&frame.replace('N', &nonces[1].to_string()))
        .await;
    assert_eq!(ws.data(17).await["content"], "\u{fffd}b");
    ws.ack(nonces[1]).await;
}

#[tokio::test]
async fn a_refusal_of_what_cannot_be_read_names_its_nonce() {
    let server = Server::start(&[]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    for (frame, code) in [
        (
            r#"{"type":12,"data":{"nonce":"N","room":1,"content":7}}"#,
            "bad_data",
        ),
        (
            r#"{"type":12,"data":{"nonce":"N","room":"1","content":"x"}}"#,
            "bad_data",
        ),
        (
            r#"{"type":14,"data":{"nonce":"N","room":1,"do":"shout","id":1}}"#,
            "bad_data",
        ),
        (
            r#"{"type":14,"data":{"nonce":"N","room":1,"do":"edit","id":1}}"#,
            "bad_data",
        ),
        (r#"{"type":99,"data":{"nonce":"N"}}"#, "unknown_type"),
        (r#"{"type":null,"data":{"nonce":"N"}}"#, "bad_frame"),
        (
            r#"{"type":3,"data":{"nonce":"N","content":"x"}}"#,
            "out_of_turn",
        ),
    ] {
        let nonce = Uuid::new_v4().to_string();
        ws.send_text(&frame.replace('N', &nonce)).await;
        let refusal = ws.data(15).await;
        assert_eq!(refusal["code"], code, "{frame}");
        if code != "out_of_turn" {
            assert_eq!(refusal["nonce"], json!(nonce), "{frame}");
        }
    }
}

#[tokio::test]
async fn a_binary_frame_is_answered_as_one_that_cannot_be_read() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "vue").await;
    for bytes in [&br#"{"type":6}"#[..], b"", b"\xff\xfe", &[0; 60_000]] {
        ws.send_message(Message::binary(bytes.to_vec())).await;
        assert_eq!(ws.error().await, "bad_frame");
    }
    assert!(ws.is_alive().await);
}

#[tokio::test]
async fn content_keeps_every_script_and_loses_what_cannot_be_seen() {
    let server = Server::start(&[]);
    let (mut classic, _) = arrive(&server, "vue").await;
    let (mut page, _) = Guest::visiting(&server).await.feed().await;
    for (sent, kept) in [
        ("🍵🫖 四字节", "🍵🫖 四字节"),
        (
            "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f} 🏴\u{e0067}\u{e0062}\u{e007f}",
            "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f} 🏴\u{e0067}\u{e0062}\u{e007f}",
        ),
        ("abc\u{202e}fdp.exe\u{202c}", "abcfdp.exe"),
        ("\u{2066}x\u{2069}\u{200f}y", "xy"),
        ("a\u{0}b\u{7}c\u{1b}[31md\u{9f}e", "abc[31mde"),
        ("\u{feff}one\r\ntwo\tthree\n", "one\ntwo\tthree"),
        ("שלום مرحبا नमस्ते", "שלום مرحبا नमस्ते"),
        ("e\u{301} Z̷͑a̴l", "e\u{301} Z̷͑a̴l"),
    ] {
        classic.say(sent).await;
        assert_eq!(classic.data(3).await["content"], kept);
        page.data(17).await;
        page.submit(Uuid::new_v4(), sent).await;
        assert_eq!(page.data(17).await["message"]["content"], kept);
        classic.data(3).await;
    }
}

#[tokio::test]
async fn content_without_anything_to_see_and_too_much_of_it_are_refused() {
    let server = Server::start(&[("chat.max_message_chars", "100")]);
    let (mut classic, _) = arrive(&server, "vue").await;
    let (mut page, _) = Guest::visiting(&server).await.feed().await;
    for (content, code) in [
        (String::new(), "empty"),
        (" \t\r\n ".to_owned(), "empty"),
        ("\u{200b}\u{200d}\u{feff}\u{202e}".to_owned(), "empty"),
        ("\u{0}\u{1}".to_owned(), "empty"),
        ("x".repeat(101), "too_long"),
        ("🍵".repeat(101), "too_long"),
        ("茶".repeat(15_000), "too_long"),
    ] {
        classic.say(&content).await;
        assert_eq!(classic.error().await, code);
        page.submit(Uuid::new_v4(), &content).await;
        assert_eq!(page.error().await, code);
    }
    let fits = "🍵".repeat(100);
    let ack = page.post(&fits).await;
    assert_eq!(ack["seq"], 1, "nothing of the above was said");
    assert_eq!(
        classic.data(3).await["content"],
        fits,
        "characters are counted, not bytes"
    );
}

#[tokio::test]
async fn errors_are_in_the_readers_language() {
    let server = Server::start(&[]);
    for (language, empty) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", "消息是空的。"),
        ("en-GB", "The message is empty."),
    ] {
        let guest = Guest::of(&server).with("accept-language", language);
        let (mut ws, _) = guest.classic().await;
        ws.say("").await;
        let data = ws.data(15).await;
        assert_eq!(data, json!({"code": "empty", "message": empty}));
    }
}

#[tokio::test]
async fn refused_frames_are_heard_by_nobody_else() {
    let server = Server::start(&[]);
    let (mut witness, _) = arrive(&server, "witness").await;
    let (mut bad, _) = arrive(&server, "bad").await;
    for frame in [
        "x",
        r#"{"type":3,"data":""}"#,
        r#"{"type":4,"data":9}"#,
        r#"{"type":88}"#,
    ] {
        bad.send_text(frame).await;
        bad.error().await;
    }
    bad.say("at last").await;
    let heard = witness.until_said("at last").await;
    let others: Vec<&Value> = heard.iter().filter(|frame| frame["type"] != 1).collect();
    assert_eq!(others.len(), 1, "{heard:?}");
}
