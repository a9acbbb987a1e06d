//! What hangs on messages: quotes, reactions, pins; drawn alike by the server and by the scripts, and
//! gone at once when what they are about is withdrawn.

use serde_json::{Value, json};

use super::{Browsers, Person, site};
use crate::answers::{answer, pin, react};
use crate::support::{Guest, Server, Ws};

/// The row of the message with this text.
fn row(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('#messages > .msg')]
            .find((row) => row.querySelector('.body').textContent === {})",
        json!(text)
    )
}

/// What hangs on the message with this text: its quote, its chips, its pin, as markup.
async fn hangs(person: &Person, text: &str) -> [String; 3] {
    let parts = format!(
        "['.quote', '.chips', '.pinned'].map((part) => {}.querySelector(part)?.outerHTML ?? '')",
        row(text)
    );
    person.look(&parts).await
}

/// Waits until the quote above this message reads so.
async fn quotes(person: &Person, text: &str, quote: &str) {
    let seen = format!(
        "{}?.querySelector('.quote')?.innerText.replace(/\\s+/gu, ' ').trim() === {}",
        row(text),
        json!(quote)
    );
    person
        .until(&format!("{text} answers {quote}"), &seen)
        .await;
}

/// The emoji below this message with their numbers, and whether each is the reader's own.
async fn has(person: &Person, text: &str, chips: &[(&str, bool)]) {
    let seen = format!(
        "JSON.stringify([...{}?.querySelectorAll('.chip[data-emoji]') ?? []]
            .map((chip) => [chip.innerText.replace(/\\s+/gu, ' ').trim(), chip.ariaPressed === 'true']))
            === JSON.stringify({})",
        row(text),
        json!(chips)
    );
    person.until(&format!("{text} has {chips:?}"), &seen).await;
}

/// What the house's owner says and does over a socket.
async fn owner(server: &Server) -> Ws {
    let mut guest = Guest::visiting(server).await;
    guest.register("Ada", "seven bowls 七碗茶").await;
    server.crown("Ada");
    guest.feed().await.0
}

#[tokio::test]
async fn quotes_emoji_and_pins_are_drawn_alike_live_and_by_the_server_and_go_with_their_message() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut ada = owner(&server).await;
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    let said = ada.post("who has\n  <b>good</b> tea?").await["id"].clone();
    let mine = {
        ann.post("I do").await;
        let id: u64 = ann
            .look(&format!("Number({}.dataset.id)", row("I do")))
            .await;
        json!(id)
    };
    let (mut bob, welcome) = Guest::visiting(&server).await.feed().await;
    let bob_is = welcome["me"]["name"].as_str().unwrap().to_owned();
    let reply = answer(&mut bob, &said, "me, too").await["id"].clone();
    react(&mut bob, &mine, "🍵", true).await;
    react(&mut ada, &mine, "🍵", true).await;
    react(&mut bob, &reply, "🎉", true).await;
    pin(&mut ada, &mine, true).await;

    quotes(&ann, "me, too", "In reply to Ada who has <b>good</b> tea?").await;
    quotes(&lin, "me, too", "回复 Ada who has <b>good</b> tea?").await;
    for person in [&ann, &lin] {
        has(person, "I do", &[("🍵 2", false)]).await;
        person
            .until("the pin", "document.querySelector('#messages .pinned')")
            .await;
    }
    let named: [String; 2] = ann
        .look("((chip) => [chip.title, chip.ariaLabel])(document.querySelector('.chip'))")
        .await;
    assert_eq!(
        named,
        [format!("{bob_is}, Ada"), format!("🍵 {bob_is}, Ada")]
    );
    lin.reads("#messages > .note.event", "Ada 置顶了一条消息")
        .await;
    for person in [&ann, &lin] {
        let live = [hangs(person, "I do").await, hangs(person, "me, too").await];
        person.reload().await;
        let drawn = [hangs(person, "I do").await, hangs(person, "me, too").await];
        assert_eq!(live, drawn);
    }

    // What the scripts took from the server's rows goes on from there.
    react(&mut bob, &mine, "🍵", false).await;
    react(&mut bob, &mine, "👀", true).await;
    pin(&mut ada, &mine, false).await;
    ada.change(
        &said,
        &json!({"do": "edit", "content": "who has\nbetter tea?"}),
    )
    .await;
    quotes(&ann, "me, too", "In reply to Ada who has better tea?").await;
    has(&ann, "I do", &[("🍵 1", false), ("👀 1", false)]).await;
    ann.until("no pin", "!document.querySelector('#messages .pinned')")
        .await;
    ada.change(&said, &json!({"do": "recall"})).await;
    quotes(&ann, "me, too", "In reply to Recalled message").await;
    quotes(&lin, "me, too", "回复 消息已撤回").await;
    pin(&mut ada, &mine, true).await;
    ada.change(&mine, &json!({"do": "recall"})).await;
    for person in [&ann, &lin] {
        let gone = "!document.querySelector('.chips .chip[data-emoji=\"👀\"], .pinned')";
        person.until("emoji and pin are gone", gone).await;
        let live = hangs(person, "me, too").await;
        person.reload().await;
        assert_eq!(live, hangs(person, "me, too").await);
        person.until("still", gone).await;
        assert!(
            person
                .look::<bool>("document.querySelector('.quote').disabled")
                .await
        );
    }
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_quote_leads_to_what_it_quotes_in_memory_and_before_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let first = bob.post("the very first").await["id"].clone();
    fill(&mut bob, 120).await;
    answer(&mut bob, &first, "back to the start").await;
    let ann = browsers.person(&site(&server), "en").await;
    assert!(!ann.texts().await.contains(&"the very first".to_owned()));
    leads(&ann, "back to the start", "the very first").await;
    ann.click("#newer").await;
    leads(&ann, "back to the start", "the very first").await;
    ann.leave().await;
}

/// Presses the quote above `from`: `to` comes into sight, and has the focus.
async fn leads(person: &Person, from: &str, to: &str) {
    person
        .until(
            "its quote",
            &format!("{}?.querySelector('.quote')", row(from)),
        )
        .await;
    let press = format!("{}.querySelector('.quote').click()", row(from));
    person.browser.execute(press, vec![]).await.unwrap();
    let there = format!(
        "((row) => {{
            const box = document.getElementById('timeline').getBoundingClientRect();
            const place = row?.getBoundingClientRect();
            return row && row === document.activeElement && place.top >= box.top && place.bottom <= box.bottom;
        }})({})",
        row(to)
    );
    person.until(&format!("{to} is in sight"), &there).await;
}

/// Says so many things, without waiting for each.
async fn fill(ws: &mut Ws, count: usize) {
    for number in 0..count {
        let nonce = json!(uuid::Uuid::new_v4());
        let send = json!({"nonce": nonce, "room": 1, "content": format!("small talk {number}")});
        ws.send(&json!({"type": 12, "data": send})).await;
    }
    let last = format!("small talk {}", count - 1);
    let told: Vec<Value> = ws.until_said(&last).await;
    assert!(!told.is_empty());
}
