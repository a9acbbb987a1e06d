//! Words that are Markdown, from one who writes them to everybody who reads them: the same live, after
//! time away, on the page, in the history and after a restart.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Member, Server, Ws, arrive};

const WRITTEN: &str = "**“茶”**好 & [a](https://example.org/?b=1&c=2)\n\n- one\n- `two <b>`";
const HTML: &str = "<p><strong>“茶”</strong>好 &amp; <a href=\"https://example.org/?b=1&amp;c=2\" title=\"https://example.org/?b=1&amp;c=2\" target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\">a</a></p><ul><li>one</li><li><code>two &lt;b&gt;</code></li></ul>";
const PLAIN: &str = "“茶”好 & a (https://example.org/?b=1&c=2)\n- one\n- two <b>";

/// The next event of a kind.
async fn event(ws: &mut Ws, kind: &str) -> Value {
    let is_it = |frame: &Value| frame["type"] == kinds::EVENT && frame["data"]["kind"] == kind;
    ws.expect(kind, is_it).await["data"].clone()
}

fn words(message: &Value) -> (&Value, &Value) {
    (&message["content"], &message["html"])
}

#[tokio::test]
async fn markdown_is_kept_as_written_and_rendered_once_for_everybody() {
    let mut server = Server::start(&[]);
    let ada = Guest::visiting(&server).await;
    let (mut ws, _) = ada.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    ws.post("just words, 没有别的").await;
    ws.post(WRITTEN).await;
    let expected = (&json!(WRITTEN), &json!(HTML));
    assert_eq!(
        event(&mut bob, "message").await["message"]["html"],
        Value::Null
    );
    let live = event(&mut bob, "message").await;
    assert_eq!(words(&live["message"]), expected);
    for again in [false, true] {
        if again {
            server.stop();
            server.launch();
        }
        let mut guest = Guest::of(&server);
        let page = guest.get("/api/v1/rooms/1/messages").await.json();
        assert_eq!(words(&page["messages"][1]), expected);
        assert_eq!(page["messages"][1], live["message"], "the very same");
        assert_eq!(page["messages"][0].get("html"), None);
        let drawn = guest.get("/").await.text();
        assert!(drawn.contains(HTML), "{drawn}");
        assert!(
            drawn.contains("data-source=\"**“茶”**好 &#38; [a]"),
            "{drawn}"
        );
        let resume = json!({"1": {"epoch": epoch(&server).await, "seq": 1}});
        let (mut back, _) = Guest::visiting(&server).await.resume(&resume).await;
        let missed = back.data(19).await;
        assert_eq!(words(&missed["events"][0]["message"]), expected);
    }
}

async fn epoch(server: &Server) -> Value {
    let (_, welcome) = Guest::visiting(server).await.feed().await;
    welcome["rooms"][0]["epoch"].clone()
}

#[tokio::test]
async fn an_edit_is_markdown_too_and_what_was_plain_before_stays_as_it_was() {
    let mut server = Server::start(&[]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let id = ws.post("**before**").await["id"].clone();
    ws.change(&id, &json!({"do": "edit", "content": "*after*"}))
        .await;
    let told = event(&mut bob, "edit").await;
    assert_eq!(words(&told), (&json!("*after*"), &json!("<em>after</em>")));
    ws.change(&id, &json!({"do": "edit", "content": "plain again"}))
        .await;
    let told = event(&mut bob, "edit").await;
    assert_eq!(
        (&told["content"], told.get("html")),
        (&json!("plain again"), None)
    );
    server.stop();
    server.runs(&["UPDATE messages SET format = 0, content = '**old** https://example.org'"]);
    server.launch();
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    let html = page["messages"][0]["html"].as_str().unwrap();
    assert!(
        html.starts_with("**old** <a href=\"https://example.org\""),
        "{html}"
    );
}

#[tokio::test]
async fn classic_clients_read_it_as_text_and_what_they_write_is_no_markdown() {
    let server = Server::start(&[]);
    let (mut classic, _) = arrive(&server, "old").await;
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    ws.post(WRITTEN).await;
    let record = classic.data(3).await;
    let escaped = PLAIN
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    assert_eq!(record["content"], escaped.as_str());
    let (_, history) = Guest::of(&server).classic().await;
    assert_eq!(history["chatRecordList"][0]["content"], escaped.as_str());
    classic.say("**not** bold").await;
    let told = event(&mut ws, "message").await;
    assert_eq!(told["message"]["content"], "**not** bold");
    assert_eq!(told["message"].get("html"), None);
}

#[tokio::test]
async fn who_is_called_is_marked_if_they_are_there_and_code_calls_nobody() {
    let server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob <x>").await;
    let (mut ws, _) = ada.hears(1).await;
    let (mut witness, _) = bob.hears(1).await;
    ws.post("**@Bob <x>**, `@Ada` and @nobody, @all").await;
    let told = event(&mut witness, "message").await["message"].clone();
    assert_eq!(told["mentions"], json!([bob.id]));
    let html = told["html"].as_str().unwrap();
    let mark = format!(
        "<strong><span class=\"mention\" data-id=\"{}\">@Bob &lt;x&gt;</span></strong>, <code>@Ada</code> and @nobody, @all",
        bob.id
    );
    assert_eq!(html, mark);
    // An edit marks whom it names, calls nobody anew, and calls no more whom it does not name.
    let id = told["id"].clone();
    ws.change(&id, &json!({"do": "edit", "content": "@Ada"}))
        .await;
    let edit = event(&mut witness, "edit").await;
    assert_eq!(
        edit["html"],
        format!("<span class=\"mention\" data-id=\"{}\">@Ada</span>", ada.id)
    );
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    assert_eq!(page["messages"][0].get("mentions"), None);
}

#[tokio::test]
async fn names_with_signs_are_called_and_no_name_is_found_within_a_word() {
    let server = Server::start(&[]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let (mut witness, _) = Guest::visiting(&server).await.feed().await;
    let mut ids = Vec::new();
    for name in [
        "__init__",
        "*star*x",
        "a@b",
        "Анна",
        "Zoé",
        "苏轼",
        "a👨\u{200d}👩\u{200d}👧",
    ] {
        ids.push(Member::new(&server, name).await.id);
    }
    for (said, called, marked) in [
        ("hi @__init__ there", Some(0), "@__init__"),
        ("@\\_\\_init\\_\\_ hi", Some(0), "@__init__"),
        ("**@__init__**", Some(0), "@__init__"),
        ("@*star*x, hi", Some(1), "@*star*x"),
        ("@\\*star\\*x hi", Some(1), "@*star*x"),
        ("@a@b hi", Some(2), "@a@b"),
        ("@Анна, привет", Some(3), "@Анна"),
        ("@Аннабель", None, ""),
        ("@Zoé!", Some(4), "@Zoé"),
        ("@Zoélie", None, ""),
        ("@苏轼你好", Some(5), "@苏轼"),
        (
            "@a👨\u{200d}👩\u{200d}👧 hi",
            Some(6),
            "@a👨\u{200d}👩\u{200d}👧",
        ),
    ] {
        ws.post(said).await;
        let message = event(&mut witness, "message").await["message"].clone();
        let expected = called.map(|place: usize| json!([ids[place]]));
        assert_eq!(message.get("mentions").cloned(), expected, "{said}");
        let mark = format!("\">{marked}</span>");
        let html = message["html"].as_str().unwrap_or_default();
        assert!(called.is_none() || html.contains(&mark), "{said}: {html}");
        assert!(!html.contains("<em>"), "{said}: {html}");
    }
}

#[tokio::test]
async fn what_was_written_is_kept_from_its_first_blank_on() {
    let server = Server::start(&[]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let (mut witness, _) = Guest::visiting(&server).await.feed().await;
    let code = "    if x:\n        y";
    let id = ws.post(code).await["id"].clone();
    let message = event(&mut witness, "message").await["message"].clone();
    let html = json!("<pre><code>if x:\n    y</code></pre>");
    assert_eq!(words(&message), (&json!(code), &html));
    for (written, kept) in [
        ("　　第一段\n　　第二段", "　　第一段\n　　第二段"),
        ("\n \n\tx\n\n", "\tx"),
        (code, code),
    ] {
        ws.change(&id, &json!({"do": "edit", "content": written}))
            .await;
        let edit = event(&mut witness, "edit").await;
        assert_eq!(edit["content"], kept);
    }
    for (written, html) in [
        (
            "5. five\n10. ten",
            "<ol start=\"5\"><li>five</li><li value=\"10\">ten</li></ol>",
        ),
        ("1+1\n=\n2", ""),
        ("苹果\n-\n梨", ""),
        (">_<", ""),
        ("长*宽*高", ""),
    ] {
        ws.post(written).await;
        let message = event(&mut witness, "message").await["message"].clone();
        assert_eq!(
            message["html"].as_str().unwrap_or_default(),
            html,
            "{written}"
        );
    }
}

#[tokio::test]
async fn no_character_is_cut_where_words_are_only_spoken_of() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("public", "Tea").await;
    let (mut elsewhere, _) = ada.hears(room).await;
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let (head, family) = ("x".repeat(132), "👨\u{200d}👩\u{200d}👧\u{200d}👦");
    let written = format!("@Ada {head}{family}{}", "tail".repeat(10));
    let id = ws.post(&written).await["id"].clone();
    let shown = format!("@Ada {head}");
    let is_call = |frame: &Value| {
        frame["type"] == kinds::ROOMS && frame["data"]["rooms"][0]["call"].is_object()
    };
    let frame = elsewhere.expect("a call", is_call).await;
    assert_eq!(frame["data"]["rooms"][0]["call"]["text"], shown);
    let answer = json!({"nonce": Uuid::new_v4(), "room": 1, "content": "what?", "reply": id});
    ws.send(&json!({"type": kinds::SEND, "data": answer})).await;
    let told = ws.until_said("what?").await.pop().unwrap();
    assert_eq!(told["data"]["message"]["reply"]["text"], shown);
    let found = ada.guest.get("/api/v1/search?q=Ada").await.json();
    assert_eq!(found["hits"][0]["text"], format!("{shown}…"));
}

#[tokio::test]
async fn those_who_are_elsewhere_are_told_of_it_in_one_line_of_text() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    let room = ada.makes("public", "Tea").await;
    let (mut elsewhere, _) = ada.hears(room).await;
    let (mut ws, _) = bob.hears(1).await;
    ws.post(&format!("@Ada\n{WRITTEN}")).await;
    let is_call = |frame: &Value| {
        frame["type"] == kinds::ROOMS && frame["data"]["rooms"][0]["call"].is_object()
    };
    let frame = elsewhere.expect("a call", is_call).await;
    assert_eq!(
        frame["data"]["rooms"][0]["call"]["text"],
        "@Ada “茶”好 & a (https://example.org/?b=1&c=2) - one - two <b>"
    );
}

#[tokio::test]
async fn whatever_is_sent_is_answered_and_shown_in_one_way_or_another() {
    let server = Server::start(&[("limits.messages_per_minute", "0")]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    for bomb in [
        "> ",
        "- ",
        "[",
        "*",
        "`",
        "|a",
        "[a](http://b.c) ",
        "@a ",
        "<b>",
        "~",
        "![](",
    ] {
        let written: String = bomb.chars().cycle().take(4_000).collect();
        let nonce = Uuid::new_v4();
        ws.submit(nonce, &written).await;
        ws.ack(nonce).await;
    }
    assert!(ws.is_alive().await);
    assert_eq!(Guest::of(&server).get("/").await.status, 200);
}
