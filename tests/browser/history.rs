//! What was said before: in the page from the start, and older messages on scrolling up.

use uuid::Uuid;

use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::{Guest, Server};

/// More than three pages of history.
const SAID: u32 = 180;

/// A message may move by this much when older ones come above it, in px.
const STILL: f64 = 3.0;

#[tokio::test]
async fn a_reload_keeps_the_draft_and_the_page_brings_the_history() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.post("水开了").await;
    ann.write("half a thou").await;
    ann.reload().await;
    let draft: String = ann.look("document.getElementById('say').value").await;
    assert_eq!(draft, "half a thou");
    let shown = ann.hears("水开了").await;
    assert!(shown.mine && shown.first, "{shown:?}");
    assert!(ann.may_change("水开了").await);
    assert_eq!(ann.texts().await, ["水开了"]);
    ann.type_in("ght").await;
    ann.press(Key::Enter).await;
    ann.hears("half a thought").await;
    ann.reload().await;
    assert_eq!(
        ann.look::<String>("document.getElementById('say').value")
            .await,
        ""
    );

    // Before any script runs: what the server sends is already the room.
    let page = Guest::visiting(&server).await.visit().await.text();
    let list = page.split_once("<ol id=\"messages\"").unwrap().1;
    let list = list.split_once("</ol>").unwrap().0;
    assert!(
        list.contains("水开了") && list.contains("half a thought"),
        "{list}"
    );
    ann.leave().await;
}

/// Goes to the oldest message on the page; gives its text and how far from the top it stands.
async fn go_up(reader: &Person) -> (String, f64) {
    reader
        .look(
            "(() => {
                const row = document.querySelector('#messages > .msg');
                row.scrollIntoView();
                return [row.querySelector('.body').textContent, row.getBoundingClientRect().top];
            })()",
        )
        .await
}

/// How far from the top the message stands now.
async fn stands_at(reader: &Person, text: &str) -> f64 {
    let find = format!(
        "[...document.querySelectorAll('#messages > .msg')]
            .find((row) => row.querySelector('.body').textContent === '{text}')
            .getBoundingClientRect().top"
    );
    reader.look(&find).await
}

#[tokio::test]
async fn older_messages_come_on_scrolling_up_and_the_reader_keeps_their_place() {
    let server = Server::start(&[]);
    let (mut teller, _) = Guest::visiting(&server).await.feed().await;
    let mut last = Uuid::nil();
    for number in 1..=SAID {
        last = Uuid::new_v4();
        teller.submit(last, &format!("tale {number}")).await;
    }
    teller.ack(last).await;

    let browsers = Browsers::start();
    let reader = browsers.person(&site(&server), "en").await;
    reader.hears(&format!("tale {SAID}")).await;
    assert!(
        reader.texts().await.len() < 100,
        "the page does not come with everything"
    );
    let mut pages = 0;
    loop {
        let (oldest, top) = go_up(&reader).await;
        let come = format!(
            "document.querySelector('#messages > .msg .body').textContent !== '{oldest}'
                || !document.getElementById('beginning').hidden"
        );
        reader.until("older messages", &come).await;
        let now = stands_at(&reader, &oldest).await;
        assert!(
            (now - top).abs() <= STILL,
            "{oldest} moved from {top} to {now}"
        );
        if oldest == "tale 1" {
            break;
        }
        pages += 1;
        assert!(pages < 20, "it goes up for ever");
    }
    let told: Vec<String> = (1..=SAID).map(|number| format!("tale {number}")).collect();
    assert_eq!(reader.texts().await, told, "in order, each once");
    assert_eq!(reader.text("#beginning").await, "This is where it begins");

    // What is new while they read up there does not move them; one press brings them down to it.
    let top = stands_at(&reader, "tale 1").await;
    teller.post("and one more").await;
    reader.reads("#newer", "1 new message").await;
    reader.picture("news-below").await;
    let now = stands_at(&reader, "tale 1").await;
    assert!((now - top).abs() <= STILL, "moved from {top} to {now}");
    reader.click("#newer").await;
    reader.hears("and one more").await;
    reader
        .until(
            "they are down",
            "document.getElementById('timeline').scrollTop === 0",
        )
        .await;
    reader
        .until(
            "the button is gone",
            "document.getElementById('newer').hidden",
        )
        .await;
    reader.leave().await;
}
