//! An emoji that a crowd has put on a message: only the first are named, and yet
//! everybody sees their own.

use serde_json::json;

use super::answers::{has, row};
use super::{Browsers, Person, site};
use crate::support::actions::react;
use crate::support::{Guest, Server};

/// More than are named.
const CROWD: usize = 11;

async fn presses(person: &Person) {
    let chip = format!("{}.querySelector('.chip[data-emoji]')", row("tea?"));
    person.until("a chip", &chip).await;
    let press = format!("{chip}.click()");
    person.browser.execute(press, vec![]).await.unwrap();
}

#[tokio::test]
async fn whoever_is_one_of_many_takes_their_emoji_off_again() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let id = bob.post("tea?").await["id"].clone();
    for _ in 0..CROWD {
        let (mut one, _) = Guest::visiting(&server).await.feed().await;
        assert_ne!(react(&mut one, &id, "🍵", true).await, json!("too_fast"));
    }
    let ann = browsers.person(&site(&server), "en").await;
    has(&ann, "tea?", &[("🍵 11", false)]).await;
    presses(&ann).await;
    has(&ann, "tea?", &[("🍵 12", true)]).await;
    presses(&ann).await;
    has(&ann, "tea?", &[("🍵 11", false)]).await;
    presses(&ann).await;
    has(&ann, "tea?", &[("🍵 12", true)]).await;
    // After a reload the page does not know, and asks.
    ann.reload().await;
    presses(&ann).await;
    has(&ann, "tea?", &[("🍵 11", false)]).await;
    ann.leave().await;
}
