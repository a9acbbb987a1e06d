//! What a person who is elsewhere is told: notifications, the sound, the number that waits.

use serde_json::json;
use thirtyfour::prelude::*;

use super::settings::{member, pick, settings};
use super::{Browsers, Person};
use crate::support::{Guest, Server};

/// The page is looked at, or is not.
pub(super) async fn hides(person: &Person, hidden: bool) {
    let script = format!(
        "(Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}), document.dispatchEvent(new Event('visibilitychange')))"
    );
    person.look::<bool>(&script).await;
}

#[tokio::test]
async fn whoever_is_elsewhere_is_told_as_he_wishes() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, "en", "Ann").await;
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    ann.devtools(
        "Browser.grantPermissions",
        json!({"permissions": ["notifications"]}),
    )
    .await;
    // What a browser would show and let hear.
    let _nothing: serde_json::Value = ann
        .look(
            "void (window.told = [], window.shut = [], window.rang = 0,
                window.Notification = class { static permission = 'granted'; constructor(title, { body }) { this.body = body; told.push(`${title}: ${body}`) } close() { shut.push(this.body) } },
                window.OscillatorNode = class extends OscillatorNode { constructor(...all) { super(...all); rang += 1 } })",
        )
        .await;
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
    ann.until("he is named", "told.length === 2").await;
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
    let _nothing: serde_json::Value = ann
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
    ann.until("it is taken back", "shut.join() === 'five, @Ann'")
        .await;
    ann.leave().await;
}
