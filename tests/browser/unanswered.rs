//! What the server does not answer, and text that no JSON can carry: nothing that is said holds up what
//! is said after it for ever.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::{Browsers, Person, site};
use crate::support::{Guest, Server};

/// Their page loses what it sends with this word in it, and has waited long for an answer after a moment.
async fn swallows(person: &Person, word: &str) {
    let script = format!(
        "const [Real, later] = [WebSocket, setTimeout];
        window.WebSocket = class extends Real {{
            send(frame) {{ if (!frame.includes({})) super.send(frame); }}
        }};
        window.setTimeout = (act, ms, ...more) => later(act, ms === 15_000 ? 300 : ms, ...more);",
        json!(word)
    );
    let before = json!({"source": script});
    person
        .devtools("Page.addScriptToEvaluateOnNewDocument", before)
        .await;
    person.reload().await;
}

/// The message with this text has failed and can be thrown away; it is.
async fn throws_away(person: &Person, text: &str) {
    let row = format!(
        "[...document.querySelectorAll('#messages > .failed')]
            .find((row) => row.querySelector('.body').textContent === {})",
        json!(text)
    );
    person.until(&format!("{text:?} has failed"), &row).await;
    let why: String = person
        .look(&format!("{row}.querySelector('.why span').textContent"))
        .await;
    assert_eq!(why, "Not sent. The server did not answer.");
    let press = format!("{row}.querySelector('.discard').click()");
    person.browser.execute(press, vec![]).await.unwrap();
    person
        .until(&format!("{text:?} is gone"), &format!("!{row}"))
        .await;
}

#[tokio::test]
async fn half_a_character_is_sent_as_the_sign_for_it_and_holds_nothing_up() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let writes = "void (document.getElementById('say').value = 'x \\ud83d y')";
    let _nothing: Value = ann.look(writes).await;
    ann.click("#say").await;
    ann.press(Key::Enter).await;
    ann.say("second").await;
    ann.hears("second").await;
    ann.hears("x \u{fffd} y").await;
    assert_eq!(ann.texts().await, ["x \u{fffd} y", "second"]);
    feed.until_said("second").await;
    ann.use_tool(".edit", "second").await;
    let writes = "void (document.getElementById('say').value = 'second \\udc00')";
    let _nothing: Value = ann.look(writes).await;
    ann.press(Key::Enter).await;
    assert!(ann.hears("second \u{fffd}").await.edited);
    ann.post("third").await;
    // What the page before it left behind as it was.
    let keep = "(indexedDB.open('teahouse').onsuccess = ({ target: { result: db } }) => {
        const store = db.transaction('unsent', 'readwrite').objectStore('unsent');
        store.put({ nonce: crypto.randomUUID(), room: 1, tab: 'gone', content: 'kept \\ud83d', at: Date.now(),
            author: JSON.parse(document.getElementById('boot').textContent).me.id }).onsuccess = () => window.kept = true;
    }, true)";
    assert!(ann.look::<bool>(keep).await);
    ann.until("it is kept", "window.kept").await;
    ann.reload().await;
    ann.hears("kept \u{fffd}").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_gets_no_answer_fails_at_last_and_holds_nothing_up() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#browse-rooms").await;
    ann.click("#browse-list button").await;
    ann.is_in("Oolong").await;
    ann.post("the first words").await;
    ann.enter("Lobby").await;
    swallows(&ann, "swallowed").await;

    ann.say("swallowed").await;
    ann.say("second").await;
    ann.hears("second").await;
    throws_away(&ann, "swallowed").await;
    assert_eq!(ann.texts().await, ["second"]);

    // After a reload in the middle of it, too.
    ann.say("swallowed, then a reload").await;
    ann.say("third").await;
    ann.reload().await;
    ann.hears("third").await;
    throws_away(&ann, "swallowed, then a reload").await;

    // From a room that is left meanwhile.
    ann.enter("Oolong").await;
    ann.say("swallowed elsewhere").await;
    ann.enter("Lobby").await;
    ann.post("fourth").await;
    ann.enter("Oolong").await;
    throws_away(&ann, "swallowed elsewhere").await;

    // The words of an edit come back.
    ann.use_tool(".edit", "the first words").await;
    ann.write(", swallowed").await;
    ann.press(Key::Enter).await;
    ann.reads("#toast", "Not changed. The server did not answer.")
        .await;
    assert_eq!(ann.draft().await, "the first words, swallowed");
    ann.press(Key::Escape).await;
    ann.post("fifth").await;
    assert_eq!(ann.texts().await, ["the first words", "fifth"]);
    lin.says(room, "a fence").await;
    ann.hears("a fence").await;
    ann.leave().await;
}
