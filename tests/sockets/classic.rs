//! The classic protocol, types 1 to 6, row by row: what clients in the wild send and what they
//! rely on to get. Every assertion here is something such a client does with the frame.

use std::time::Duration;

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::{Guest, Server, arrive};

#[tokio::test]
async fn a_newcomer_is_sent_the_history_once_and_then_the_count() {
    let server = Server::start(&[]);
    let (mut ws, history) = Guest::of(&server).classic().await;
    assert_eq!(history["chatRecordList"], json!([]), "never null");
    assert!(!history["ipAddress"].as_str().unwrap().is_empty());
    assert_eq!(history["ipSource"], "内网IP");
    assert_eq!(
        history["ipAddr"], history["ipAddress"],
        "the older dialect's name"
    );
    assert_eq!(history.as_object().unwrap().len(), 4);
    assert_eq!(ws.frame().await, json!({"type": kinds::ONLINE, "data": 1}));
    ws.say("first").await;
    let before = ws.until_said("first").await;
    assert_eq!(before.len(), 1, "nothing else was sent: {before:?}");
}

#[tokio::test]
async fn a_record_has_every_field_in_the_type_that_clients_compare() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "vue").await;
    let before = jiff::Timestamp::now().as_millisecond();
    ws.say("你好 🍵").await;
    let frame = ws.until_said("你好 🍵").await.pop().unwrap();
    let record = frame["data"].as_object().unwrap();
    let mut names: Vec<&str> = record.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "avatar",
            "content",
            "createTime",
            "id",
            "ipAddr",
            "ipAddress",
            "ipSource",
            "nickname",
            "type",
            "userId"
        ]
    );
    assert_eq!(frame["type"], kinds::TEXT);
    assert!(record["id"].is_i64(), "a number, compared with ===");
    assert_eq!(record["userId"], Value::Null, "a visitor has no user id");
    assert_eq!(
        record["type"],
        kinds::TEXT,
        "a client drops a record without it"
    );
    assert!(!record["nickname"].as_str().unwrap().is_empty());
    assert!(record["avatar"].as_str().unwrap().starts_with("/avatar/"));
    assert_eq!(record["ipSource"], "内网IP");
    assert_eq!(
        record["ipAddress"], record["ipAddr"],
        "the older dialect's name"
    );
    let time = record["createTime"].as_str().unwrap();
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    assert_eq!(time.get(19..20), Some("."), "{time}");
    let at: jiff::Timestamp = time.parse().unwrap();
    assert!(
        (before - 1..=before + 10_000).contains(&at.as_millisecond()),
        "{time}"
    );
}

#[tokio::test]
async fn a_text_reaches_everybody_once_the_sender_too() {
    let server = Server::start(&[]);
    let (mut ada, _) = arrive(&server, "ada").await;
    let (mut bob, _) = arrive(&server, "bob").await;
    ada.send(&json!({"type": kinds::TEXT, "data": "a bare string"}))
        .await;
    ada.send(&json!({"type": "3", "data": {"content": "a string type"}}))
        .await;
    ada.say("the end").await;
    for ws in [&mut ada, &mut bob] {
        let heard = ws.until_said("the end").await;
        let said: Vec<&str> = heard
            .iter()
            .filter(|frame| frame["type"] == kinds::TEXT)
            .map(|frame| frame["data"]["content"].as_str().unwrap())
            .collect();
        assert_eq!(said, ["a bare string", "a string type", "the end"]);
    }
}

#[tokio::test]
async fn the_history_is_the_newest_records_oldest_first() {
    let server = Server::start(&[("chat.history", "3")]);
    let (mut ada, own) = arrive(&server, "ada").await;
    for number in 1..=5 {
        ada.say(&format!("number {number}")).await;
    }
    let last = ada.until_said("number 5").await.pop().unwrap()["data"].take();
    ada.send(&json!({"type": kinds::HISTORY})).await;
    let asked = ada.data(2).await;
    let (_, joined) = arrive(&server, "bob").await;
    for history in [&asked, &joined] {
        let records = history["chatRecordList"].as_array().unwrap();
        let said: Vec<&Value> = records.iter().map(|record| &record["content"]).collect();
        assert_eq!(said, ["number 3", "number 4", "number 5"]);
        assert_eq!(records[2], last, "the same record as it was told live");
    }
    assert_eq!(asked["ipAddress"], own["ipAddress"]);
    assert_ne!(joined["ipAddress"], own["ipAddress"]);
}

#[tokio::test]
async fn the_count_is_answered_at_once_and_told_after_each_change() {
    let server = Server::start(&[]);
    let (mut ada, _) = arrive(&server, "ada").await;
    for ask in [
        json!({"type": kinds::ONLINE}),
        json!({"type": kinds::ONLINE, "data": {"any": "thing"}}),
    ] {
        ada.send(&ask).await;
        assert_eq!(ada.frame().await, json!({"type": kinds::ONLINE, "data": 1}));
    }
    let (bob, _) = arrive(&server, "bob").await;
    assert_eq!(ada.data(1).await, 2);
    bob.leave().await;
    assert_eq!(ada.data(1).await, 1);
}

#[tokio::test]
async fn heartbeats_of_all_dialects_are_answered_to_the_asker_alone() {
    let server = Server::start(&[]);
    let (mut ada, _) = arrive(&server, "ada").await;
    let (mut bob, _) = arrive(&server, "bob").await;
    ada.data(1).await;
    for (ask, answer) in [
        (
            r#"{"type":6,"data":"ping"}"#,
            json!({"type": kinds::PING, "data": "pong"}),
        ),
        (
            r#"{"type":6,"data":null}"#,
            json!({"type": kinds::PING, "data": "pong"}),
        ),
        (r#"{"type":"6"}"#, json!({"type": 6, "data": "pong"})),
        (
            r#"{"type":5,"data":"ping"}"#,
            json!({"type": kinds::SECOND_PING, "data": "pong"}),
        ),
    ] {
        ada.send_text(ask).await;
        assert_eq!(ada.frame().await, answer, "{ask}");
    }
    ada.say("after the pings").await;
    assert_eq!(bob.until_said("after the pings").await.len(), 1);
}

#[tokio::test]
async fn content_is_safe_as_inner_html_and_emoji_pictures_survive() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "ada").await;
    let emoji = "<img src='https://example.org/e/1.png' width='24' height='24' style='margin: 0 1px;vertical-align: text-bottom'/>";
    for (sent, shown) in [
        (
            "<script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
        ),
        (
            "<img src=x onerror=alert(1)>",
            "&lt;img src=x onerror=alert(1)&gt;",
        ),
        (r#"a & b "c" 'd'"#, "a &amp; b &quot;c&quot; &#39;d&#39;"),
        (
            emoji,
            r#"<img src="https://example.org/e/1.png" alt="" width="24" height="24" style="margin: 0 1px;vertical-align: text-bottom">"#,
        ),
        (
            "<img src='https://example.org/e/1.png' onload='alert(1)'>",
            "&lt;img src=&#39;https://example.org/e/1.png&#39; onload=&#39;alert(1)&#39;&gt;",
        ),
        (
            "<img src='javascript:alert(1)' width='24'>",
            "&lt;img src=&#39;javascript:alert(1)&#39; width=&#39;24&#39;&gt;",
        ),
    ] {
        ws.say(sent).await;
        assert_eq!(ws.data(3).await["content"], shown);
    }
    let (_, history) = arrive(&server, "bob").await;
    let html = history["chatRecordList"].to_string();
    assert!(
        !html.contains("<script") && html.matches("<img").count() == 1,
        "{html}"
    );
}

#[tokio::test]
async fn an_author_recalls_their_record_and_everybody_hears_it_in_their_own_dialect() {
    let server = Server::start(&[]);
    let (mut ada, _) = arrive(&server, "first dialect").await;
    let (mut bob, _) = arrive(&server, "second dialect").await;
    let (mut eve, _) = arrive(&server, "second dialect, by its heartbeat").await;
    eve.send(&json!({"type": kinds::SECOND_PING, "data": "ping"}))
        .await;
    assert_eq!(eve.data(5).await, "pong");
    ada.say("by ada").await;
    let id = bob.until_said("by ada").await.pop().unwrap()["data"]["id"].clone();
    ada.send(&json!({"type": kinds::RECALL, "data": {"id": id, "isVoice": false}}))
        .await;
    let whole = json!({"id": id, "isVoice": false});
    assert_eq!(ada.data(4).await, whole);
    assert_eq!(
        bob.data(4).await,
        whole,
        "nothing told the server their dialect yet"
    );
    assert_eq!(eve.data(4).await, id);
    bob.say("by bob").await;
    let id = bob.until_said("by bob").await.pop().unwrap()["data"]["id"].clone();
    bob.send(&json!({"type": kinds::RECALL, "data": id})).await;
    assert_eq!(ada.data(4).await, json!({"id": id, "isVoice": false}));
    assert_eq!(bob.data(4).await, id);
    assert_eq!(eve.data(4).await, id);
    let (_, history) = arrive(&server, "newcomer").await;
    let left = &history["chatRecordList"];
    assert_eq!(*left, json!([]), "what is withdrawn is not told again");
}

#[tokio::test]
async fn nobody_hears_of_a_recall_that_withdrew_nothing() {
    let server = Server::start(&[("chat.recall_window", "1h")]);
    let (mut ada, _) = arrive(&server, "ada").await;
    let (mut bob, _) = arrive(&server, "bob").await;
    ada.say("stays").await;
    let id = bob.until_said("stays").await.pop().unwrap()["data"]["id"].clone();
    bob.send(&json!({"type": kinds::RECALL, "data": {"id": id, "isVoice": false}}))
        .await;
    assert_eq!(bob.error().await, "not_yours");
    bob.send(&json!({"type": kinds::RECALL, "data": {"id": 4_711, "isVoice": false}}))
        .await;
    assert_eq!(bob.error().await, "not_found");
    ada.say("goes").await;
    let goes = ada.until_said("goes").await.pop().unwrap()["data"]["id"].clone();
    for _twice in 0..2 {
        ada.send(&json!({"type": kinds::RECALL, "data": goes}))
            .await;
    }
    ada.say("the end").await;
    let heard = bob.until_said("the end").await;
    let recalls: Vec<&Value> = heard
        .iter()
        .filter(|frame| frame["type"] == kinds::RECALL)
        .collect();
    assert_eq!(recalls.len(), 1, "{heard:?}");
    assert_eq!(recalls[0]["data"]["id"], goes);
    let (_, history) = arrive(&server, "eve").await;
    assert_eq!(history["chatRecordList"][0]["content"], "stays");
}

#[tokio::test]
async fn a_recall_that_comes_too_late_withdraws_nothing() {
    let server = Server::start(&[("chat.recall_window", "20ms")]);
    let (mut ada, _) = arrive(&server, "ada").await;
    let (mut bob, _) = arrive(&server, "bob").await;
    ada.say("stays").await;
    let id = ada.until_said("stays").await.pop().unwrap()["data"]["id"].clone();
    // The window is time itself: there is nothing to wait for but its end.
    tokio::time::sleep(Duration::from_millis(40)).await;
    ada.send(&json!({"type": kinds::RECALL, "data": {"id": id, "isVoice": false}}))
        .await;
    assert_eq!(ada.error().await, "too_late");
    ada.say("the end").await;
    let heard = bob.until_said("the end").await;
    assert!(
        heard.iter().all(|frame| frame["type"] != kinds::RECALL),
        "{heard:?}"
    );
}

#[tokio::test]
async fn classic_clients_and_the_page_hear_each_other() {
    let server = Server::start(&[]);
    let (mut classic, own) = arrive(&server, "vue").await;
    let (mut page, welcome) = Guest::visiting(&server).await.feed().await;
    page.post("from <the> page https://example.org/").await;
    let record = classic.data(3).await;
    assert_eq!(
        record["content"],
        "from &lt;the&gt; page https://example.org/"
    );
    assert_eq!(record["nickname"], welcome["me"]["name"]);
    classic
        .say("<img src='/e/7.png' alt='[笑]' width='24'> hi")
        .await;
    let event = page.expect("the classic text", |frame| {
        frame["type"] == kinds::EVENT && frame["data"]["message"]["by"]["id"] == own["ipAddress"]
    });
    assert_eq!(event.await["data"]["message"]["content"], "[笑] hi");
}
