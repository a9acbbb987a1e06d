//! What a person who is elsewhere is told: notifications, the sound, the number that waits.

use std::time::Instant;

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use thirtyfour::prelude::*;

use super::company::Companion;
use super::offline::is_looked_after;
use super::settings::{member, pick, settings};
use super::{Browsers, PATIENCE, Person, site};
use crate::support::{Guest, Server};

/// The page is looked at, or is not.
pub(super) async fn hides(person: &Person, hidden: bool) {
    let script = format!(
        "(Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}), document.dispatchEvent(new Event('visibilitychange')))"
    );
    person.look::<bool>(&script).await;
}

/// Lets their browser show notifications, and notes what is shown and heard.
pub(super) async fn is_told(person: &Person) {
    is_looked_after(person).await;
    let permissions = json!({"permissions": ["notifications"]});
    person
        .devtools("Browser.grantPermissions", permissions)
        .await;
    let _nothing: Value = person
        .look(
            // A browser without a screen shows them, but forgets them when it likes: what stands there is kept here.
            "void (window.told = [], window.rang = 0, window.stand = [],
                (({ prototype }) => {
                    const real = prototype.showNotification;
                    prototype.showNotification = async function (title, options) {
                        told.push(`${title}: ${options.body}`);
                        await real.call(this, title, options);
                        const { body, data, tag } = options;
                        const one = { title, body, data, tag, close: () => { stand = stand.filter((each) => each !== one); } };
                        stand = [...stand.filter((each) => each.tag !== tag), one];
                    };
                    prototype.getNotifications = async () => stand;
                })(ServiceWorkerRegistration),
                window.OscillatorNode = class extends OscillatorNode { constructor(...all) { super(...all); rang += 1 } })",
        )
        .await;
}

/// Waits until their browser shows exactly these, each as `title: body`.
pub(super) async fn is_shown(person: &Person, wanted: &[&str]) {
    let shown = "navigator.serviceWorker.ready
        .then((worker) => worker.getNotifications())
        .then((all) => all.map(({ title, body }) => `${title}: ${body}`).sort())";
    let until = Instant::now() + PATIENCE;
    loop {
        let found: Vec<String> = person.look(shown).await;
        if found == wanted {
            return;
        }
        assert!(Instant::now() < until, "{found:?} instead of {wanted:?}");
    }
}

#[tokio::test]
async fn whoever_is_elsewhere_is_told_as_they_wish() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, "en", "Ann").await;
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    is_told(&ann).await;
    settings(&ann, "news").await;
    pick(&ann, "notify", "all").await;
    ann.reads(
        "#permission",
        "This browser shows notifications while you are elsewhere.",
    )
    .await;
    ann.press(Key::Escape).await;

    other.post("you are looking").await;
    ann.hears("you are looking").await;
    hides(&ann, true).await;
    other.post("one").await;
    ann.until("it is told", "told.length === 1").await;
    let told: Vec<String> = ann.look("told").await;
    assert!(told[0].ends_with("· Lobby: one"), "{told:?}");
    ann.until("and heard", "rang === 2").await;
    ann.until("and counted", "document.title.startsWith('(1) ')")
        .await;
    ann.until(
        "on the icon too",
        "document.querySelector('link[rel=icon]').href.startsWith('data:image/png')",
    )
    .await;
    hides(&ann, false).await;
    ann.until("nothing waits", "document.querySelector('link[rel=icon]').href.endsWith('favicon.svg') && !document.title.startsWith('(')")
        .await;

    settings(&ann, "news").await;
    pick(&ann, "notify", "mentions").await;
    ann.press(Key::Escape).await;
    hides(&ann, true).await;
    other.post("two").await;
    other.post("three, @Ann").await;
    ann.until("they are mentioned", "told.length === 2").await;
    assert!(ann.look::<Vec<String>>("told").await[1].ends_with("three, @Ann"));
    hides(&ann, false).await;

    settings(&ann, "news").await;
    ann.click("#settings label:has([name=quiet])").await;
    ann.until(
        "hours to choose",
        "document.getElementById('quiet-hours').checkVisibility()",
    )
    .await;
    // Around the clock.
    let _nothing: Value = ann
        .look("void ['quiet-from', 'quiet-to'].forEach((id) => { const field = document.getElementById(id); field.value = '10:00'; field.dispatchEvent(new Event('change', { bubbles: true })) })")
        .await;
    ann.until("they are kept", "performance.getEntriesByType('resource')
        .filter((entry) => entry.name.endsWith('/preferences') && entry.responseStatus === 200).length === 5")
        .await;
    ann.press(Key::Escape).await;
    hides(&ann, true).await;
    other.post("four, @Ann").await;
    ann.hears("four, @Ann").await;
    settings(&ann, "news").await;
    ann.click("#settings label:has([name=quiet])").await;
    ann.press(Key::Escape).await;
    let five = other.post("five, @Ann").await["id"].clone();
    ann.until("five is told", "told.some((each) => each.includes('five'))")
        .await;
    assert_eq!(
        ann.look::<usize>("told.length").await,
        3,
        "and four was not"
    );
    other.change(&five, &json!({"do": "recall"})).await;
    is_shown(&ann, &[]).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_notification_has_whole_characters_and_no_marks_and_says_what_is_true_now() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, "en", "Ann").await;
    let lin = Companion::named(&server, "Lin").await;
    let (mut lin, _) = lin.guest.feed().await;
    is_told(&ann).await;
    hides(&ann, true).await;
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    let long = "x".repeat(132);
    for (content, words) in [
        (
            "@Ann **bold**, ~~not~~ [tea](https://example.org/a)".to_owned(),
            "@Ann bold, ~~not~~ tea (https://example.org/a)".to_owned(),
        ),
        (
            "@Ann\n5. five\n6. six\n\n- a\n\n> b\n\n| c | d |\n|---|---|\n| e | f |".to_owned(),
            "@Ann 5. five 6. six - a > b c | d e | f".to_owned(),
        ),
        (format!("@Ann {long}xx😀tail"), format!("@Ann {long}xx😀")),
        (format!("@Ann {long}{family}tail"), format!("@Ann {long}")),
    ] {
        lin.post(&content).await;
        is_shown(&ann, &[&format!("Lin · Lobby: {words}")]).await;
    }
    let id = lin.post("@Ann the word is oolong").await["id"].clone();
    is_shown(&ann, &["Lin · Lobby: @Ann the word is oolong"]).await;
    lin.change(
        &id,
        &json!({"do": "edit", "content": "@Ann the word is *secret*"}),
    )
    .await;
    is_shown(&ann, &["Lin · Lobby: @Ann the word is secret"]).await;
    lin.change(&id, &json!({"do": "recall"})).await;
    is_shown(&ann, &[]).await;
    ann.leave().await;
}

#[tokio::test]
async fn what_was_read_on_another_device_is_news_no_more() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = super::company::member(&browsers, &server, &site(&server), "Ann").await;
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let other = lin.makes("public", "Sencha").await;
    for id in [other, room] {
        ann.goto(&format!("/rooms/{id}")).await;
        ann.click("#closed button").await;
        ann.until("Ann is in", "!document.getElementById('say').disabled")
            .await;
    }
    ann.is_live().await;
    let phone = super::company::other_device(&server, "Ann").await;
    let (mut phone, _) = phone.feed().await;
    is_told(&ann).await;
    settings(&ann, "news").await;
    pick(&ann, "notify", "all").await;
    ann.press(Key::Escape).await;
    hides(&ann, true).await;

    for text in ["one", "two", "three"] {
        lin.says(room, text).await;
    }
    is_shown(&ann, &["Lin · Oolong: three"]).await;
    lin.says(other, "elsewhere").await;
    is_shown(&ann, &["Lin · Oolong: three", "Lin · Sencha: elsewhere"]).await;
    let title = |title: &str| format!("document.title === {}", json!(title));
    ann.until("four wait", &title("(4) Oolong · Teahouse"))
        .await;

    // Some, then all of the open room; the other one is read where nobody looks at it.
    let head: i64 = ann
        .look("Number([...document.querySelectorAll('#messages > .msg')].at(-1).dataset.seq)")
        .await;
    let reads =
        |room: i64, seq: i64| json!({"type": kinds::READ, "data": {"room": room, "seq": seq}});
    phone.send(&reads(room, head - 1)).await;
    ann.until("two wait", &title("(2) Oolong · Teahouse")).await;
    is_shown(&ann, &["Lin · Oolong: three", "Lin · Sencha: elsewhere"]).await;
    phone.send(&reads(room, head)).await;
    ann.until("one waits", &title("(1) Oolong · Teahouse"))
        .await;
    is_shown(&ann, &["Lin · Sencha: elsewhere"]).await;
    let mut head = 0;
    while head == 0 {
        let told = phone.data(33).await;
        let mut parts = told["rooms"].as_array().unwrap().iter();
        let part = parts.find(|part| part["id"] == other && part["unread"] == 1);
        head = part.map_or(0, |part| part["head"].as_i64().unwrap());
    }
    phone.send(&reads(other, head)).await;
    ann.until("nothing waits", &title("Oolong · Teahouse"))
        .await;
    is_shown(&ann, &[]).await;

    // A press leads to the room, as the worker says.
    let press = format!(
        "navigator.serviceWorker.dispatchEvent(new MessageEvent('message', {{ data: {{ go: {other} }} }}))"
    );
    assert!(ann.look::<bool>(&press).await);
    ann.is_in("Sencha").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_recalled_while_nobody_looks_is_counted_no_more() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = super::company::member(&browsers, &server, &site(&server), "Ann").await;
    let lin = Companion::named(&server, "Lin").await;
    let (mut lin, _) = lin.guest.feed().await;
    hides(&ann, true).await;
    let first = lin.post("one").await;
    lin.post("two").await;
    let title = |title: &str| format!("document.title === {}", json!(title));
    ann.until("two wait", &title("(2) Lobby · Teahouse")).await;
    lin.change(&first["id"], &json!({"do": "recall"})).await;
    ann.until("one waits", &title("(1) Lobby · Teahouse")).await;
    ann.leave().await;
}
