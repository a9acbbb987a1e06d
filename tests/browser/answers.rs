//! What hangs on messages: quotes, reactions, pins; drawn alike by the server and by the scripts, and
//! gone at once when what they are about is withdrawn.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use thirtyfour::prelude::*;

use super::{Browsers, Person, Road, site};
use crate::support::actions::{answer, pin, react};
use crate::support::{Guest, Server, Ws};

/// The row of the message with this text.
pub fn row(text: &str) -> String {
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
pub async fn has(person: &Person, text: &str, chips: &[(&str, bool)]) {
    let seen = format!(
        "JSON.stringify([...{}?.querySelectorAll('.chip[data-emoji]') ?? []]
            .map((chip) => [chip.innerText.replace(/\\s+/gu, ' ').trim(), chip.ariaPressed === 'true']))
            === JSON.stringify({})",
        row(text),
        json!(chips)
    );
    person.until(&format!("{text} has {chips:?}"), &seen).await;
}

/// What the server's owner says and does over a socket.
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
        [format!("{bob_is}, Ada"), format!("🍵 2: {bob_is}, Ada")]
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

/// The bar above the box says whom they are about to answer, and how that begins; nothing, when it is not there.
async fn is_about_to_answer(person: &Person, bar: &str) {
    let says = format!(
        "((bar) => bar.checkVisibility() ? bar.innerText.replace(/\\s+/gu, ' ').trim() : '')
            (document.getElementById('replying')) === {}",
        json!(bar)
    );
    person.until(&format!("the bar says {bar}"), &says).await;
}

#[tokio::test]
async fn one_answers_a_message_with_its_button_or_a_key_and_escape_leaves_the_words() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    let [ann_is, lin_is] = [ann.text("#me-name").await, lin.text("#me-name").await];
    lin.write("谁有**好**茶？").await;
    lin.press(Key::Enter).await;
    lin.hears("谁有好茶？").await;
    ann.hears("谁有好茶？").await;
    ann.write("I ").await;
    ann.use_tool(".reply", "谁有好茶？").await;
    let begun = format!("Replying to {lin_is} 谁有好茶？");
    is_about_to_answer(&ann, &begun).await;
    ann.picture("replying").await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'say'")
            .await
    );
    ann.press(Key::Escape).await;
    is_about_to_answer(&ann, "").await;
    assert_eq!(ann.draft().await, "I ");
    ann.use_tool(".reply", "谁有好茶？").await;
    ann.click("#replying .cancel").await;
    is_about_to_answer(&ann, "").await;
    ann.use_tool(".more", "谁有好茶？").await;
    ann.press(Key::Escape).await;
    ann.press("r").await;
    is_about_to_answer(&ann, &begun).await;

    // It is kept with the draft, and out of the way while something else is changed.
    ann.reload().await;
    is_about_to_answer(&ann, &begun).await;
    assert_eq!(ann.draft().await, "I ");
    ann.click("#say").await;
    ann.type_in("do").await;
    ann.press(Key::Enter).await;
    quotes(&ann, "I do", &format!("In reply to {lin_is} 谁有好茶？")).await;
    is_about_to_answer(&ann, "").await;
    quotes(&lin, "I do", &format!("回复 {lin_is} 谁有好茶？")).await;
    lin.use_tool(".reply", "I do").await;
    is_about_to_answer(&lin, &format!("回复 {ann_is} I do")).await;
    lin.press(Key::Up).await;
    is_about_to_answer(&lin, "").await;
    lin.press(Key::Escape).await;
    is_about_to_answer(&lin, &format!("回复 {ann_is} I do")).await;
    lin.post("太好了").await;
    lin.post("马上来").await;
    for person in [&ann, &lin] {
        person.hears("马上来").await;
        person.reload().await;
        let quoted: Vec<bool> = person
            .look("[...document.querySelectorAll('#messages > .msg')].map((row) => row.querySelector('.quote') !== null)")
            .await;
        assert_eq!(quoted, [false, true, true, false]);
        is_about_to_answer(person, "").await;
    }
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn an_answer_written_offline_waits_with_its_quote_and_outlives_the_page() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let (mut bob, welcome) = Guest::visiting(&server).await.feed().await;
    let bob_is = welcome["me"]["name"].as_str().unwrap().to_owned();
    let said = bob.post("who has tea?").await["id"].clone();
    ann.hears("who has tea?").await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.use_tool(".reply", "who has tea?").await;
    ann.say("I do").await;
    let quote = format!("In reply to {bob_is} who has tea?");
    quotes(&ann, "I do", &quote).await;
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    ann.until("it waits", "document.querySelector('#messages .clock')")
        .await;
    quotes(&ann, "I do", &quote).await;
    bob.change(
        &said,
        &json!({"do": "edit", "content": "who has green tea?"}),
    )
    .await;
    road.mend(&server).await;
    ann.hears("I do").await;
    let quote = format!("In reply to {bob_is} who has green tea?");
    quotes(&ann, "I do", &quote).await;
    ann.reload().await;
    quotes(&ann, "I do", &quote).await;
    assert_eq!(ann.texts().await, ["who has green tea?", "I do"]);
    ann.leave().await;
}

#[tokio::test]
async fn whom_one_answers_may_take_it_back_meanwhile() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let said = bob.post("a secret").await["id"].clone();
    ann.hears("a secret").await;
    ann.use_tool(".reply", "a secret").await;
    ann.write("what a secret!").await;
    bob.change(&said, &json!({"do": "recall"})).await;
    is_about_to_answer(&ann, "Replying to a message that was recalled").await;
    ann.reload().await;
    is_about_to_answer(&ann, "Replying to a message that was recalled").await;
    ann.click("#send").await;
    ann.hears("what a secret!").await;
    quotes(&ann, "what a secret!", "In reply to Recalled message").await;
    ann.reload().await;
    quotes(&ann, "what a secret!", "In reply to Recalled message").await;
    ann.leave().await;
}

/// Says so many things, without waiting for each.
async fn fill(ws: &mut Ws, count: usize) {
    for number in 0..count {
        let nonce = json!(uuid::Uuid::new_v4());
        let send = json!({"nonce": nonce, "room": 1, "content": format!("small talk {number}")});
        ws.send(&json!({"type": kinds::SEND, "data": send})).await;
    }
    let last = format!("small talk {}", count - 1);
    let told: Vec<Value> = ws.until_said(&last).await;
    assert!(!told.is_empty());
}
