//! A page that was away, or that missed something without a sign, shows what a fresh page shows.

use std::time::Duration;

use serde_json::{Value, json};

use super::unread::begins_at;
use super::{Browsers, Person, Road, site};
use crate::support::{Guest, Server, Ws};

/// More events than the room keeps for a resume, and more messages than a few pages.
const MANY: usize = 310;

/// All rows, with what the server's page says of them too. Only a page that was there knows since when
/// they are new, and shows a face below that line.
const ROWS: &str = "
    [...document.querySelectorAll('#messages > li:not(.fresh)')].map((row) => ({
        kind: [...row.classList].filter((name) =>
            name !== 'first' || !row.previousElementSibling?.matches('.fresh')).sort().join(' '),
        id: row.dataset.id,
        seq: row.dataset.seq,
        rev: row.dataset.rev,
        words: row.querySelector('.body')?.innerHTML ?? row.querySelector('span, button').textContent,
        edited: row.querySelector('.edited')?.dataset.at,
    }))";

/// Their page shows what it shows after a reload; `whole` scrolls up to the beginning first.
async fn shows_what_a_fresh_page_shows(person: &Person, whole: bool) {
    if whole {
        to_the_beginning(person).await;
    }
    let before: Vec<Value> = person.look(ROWS).await;
    person.reload().await;
    if whole {
        to_the_beginning(person).await;
    }
    let fresh: Vec<Value> = person.look(ROWS).await;
    let skip = before.len().saturating_sub(fresh.len());
    for (before, fresh) in before.iter().skip(skip).zip(&fresh) {
        if before["kind"] != "day" {
            assert_eq!(before, fresh);
        }
    }
    assert!(before.len() >= fresh.len(), "{before:#?} {fresh:#?}");
}

async fn to_the_beginning(person: &Person) {
    let up = "document.getElementById('timeline').scrollTop = -1e6,
        !document.getElementById('beginning').hidden";
    person.until("the beginning", &format!("({up})")).await;
}

async fn edit(feed: &mut Ws, message: &Value, content: &str) {
    let change = json!({"do": "edit", "content": content});
    feed.change(&message["id"], &change).await;
}

async fn recall(feed: &mut Ws, message: &Value) {
    feed.change(&message["id"], &json!({"do": "recall"})).await;
}

/// Waits until their page knows of everything: the last message is a fence.
async fn is_at(person: &Person, feed: &mut Ws, fence: &str) {
    feed.post(fence).await;
    person.hears(fence).await;
    person.is_live().await;
}

#[tokio::test]
async fn a_page_that_was_away_shows_what_was_edited_and_recalled_meanwhile() {
    for missed in [0, MANY] {
        let server = Server::start(&[]);
        let mut road = Road::to(&server).await;
        let browsers = Browsers::start();
        let ann = browsers.person(&road.site(), "en").await;
        ann.expects_cuts();
        let (mut feed, _) = Guest::visiting(&server).await.feed().await;
        let mut told = Vec::new();
        for text in ["one", "two", "three", "four"] {
            told.push(feed.post(text).await);
        }
        ann.hears("four").await;
        road.cut().await;
        ann.is_cut_off().await;
        edit(&mut feed, &told[0], "ONE, see https://example.org/ & more").await;
        recall(&mut feed, &told[1]).await;
        edit(&mut feed, &told[2], "three, once more").await;
        edit(&mut feed, &told[2], "three, twice more").await;
        let late = feed.post("five").await;
        edit(&mut feed, &late, "five, changed at once").await;
        let gone = feed.post("six").await;
        edit(&mut feed, &gone, "six, changed").await;
        recall(&mut feed, &gone).await;
        for number in 0..missed {
            feed.post(&format!("more {number}")).await;
        }
        road.mend(&server).await;
        if missed > 0 {
            begins_at(&ann, "five, changed at once").await;
            ann.click("#newer").await;
        }
        is_at(&ann, &mut feed, "a fence").await;
        if missed == 0 {
            let texts = ann.texts().await;
            let now = [
                "ONE, see https://example.org/ & more",
                "three, twice more",
                "four",
                "five, changed at once",
                "a fence",
            ];
            assert_eq!(texts, now);
        }
        shows_what_a_fresh_page_shows(&ann, missed > 0).await;
        ann.leave().await;
    }
}

#[tokio::test]
async fn a_page_of_history_from_before_a_change_is_brought_up_to_date() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let mut told = Vec::new();
    for number in 0..60 {
        told.push(feed.post(&format!("tale {number}")).await);
    }
    let ann = browsers.person(&site(&server), "en").await;
    // The answer is held on its way until the test lets it go.
    let held = "const real = window.fetch;
        window.fetch = async (...request) => {
            const answer = await real(...request);
            const text = await answer.text();
            window.held = true;
            await new Promise((go) => { window.release = go });
            return new Response(text);
        }";
    ann.browser.execute(held, vec![]).await.unwrap();
    let up = "document.getElementById('timeline').scrollTop = -1e6, window.held";
    ann.until("the page of history is on its way", &format!("({up})"))
        .await;
    edit(&mut feed, &told[3], "another tale").await;
    recall(&mut feed, &told[4]).await;
    edit(&mut feed, &told[55], "another tale, in sight").await;
    feed.post("a fence").await;
    ann.hears("a fence").await;
    let _nothing: Value = ann
        .look("void (window.fetch = fetch, window.release())")
        .await;
    ann.hears("another tale").await;
    shows_what_a_fresh_page_shows(&ann, true).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_server_that_restarts_under_the_page_loses_and_doubles_nothing() {
    let mut server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let mut whole = Vec::new();
    for signal in ["TERM", "KILL"] {
        // The last ones are under way when it ends.
        for number in 1..=4 {
            whole.push(format!("{signal} {number}"));
            ann.say(whole.last().unwrap()).await;
        }
        server.signal(signal);
        server.wait(Duration::from_secs(20));
        road.cut().await;
        ann.is_cut_off().await;
        whole.push(format!("after {signal}"));
        ann.say(whole.last().unwrap()).await;
        server.launch();
        road.mend(&server).await;
        ann.is_live().await;
        ann.hears(whole.last().unwrap()).await;
        ann.until(
            "nothing waits",
            "!document.querySelector('#messages .clock')",
        )
        .await;
        assert_eq!(ann.texts().await, whole, "in order, each once");
    }
    shows_what_a_fresh_page_shows(&ann, false).await;
    assert_eq!(ann.texts().await, whole);
    ann.leave().await;
}

/// Lets their page lose the next frame that has `window.lose` in it, without a sign.
pub async fn can_lose_frames(person: &Person) {
    let script = "
        const Real = WebSocket;
        window.opened = 0;
        window.WebSocket = class extends Real {
            constructor(...address) {
                super(...address);
                window.opened += 1;
            }
            set onmessage(take) {
                super.onmessage = take && ((message) => {
                    if (!window.lose || !message.data.includes(window.lose)) return take(message);
                    window.lose = '';
                });
            }
        };";
    person
        .devtools(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": script}),
        )
        .await;
    person.reload().await;
    assert_eq!(person.look::<u32>("window.opened").await, 1);
}

/// Their page loses the next frame that has this in it.
pub async fn loses(person: &Person, frame: &str) {
    let _set: String = person
        .look(&format!("window.lose = {}", json!(frame)))
        .await;
}

#[tokio::test]
async fn a_lost_frame_is_noticed_by_the_next_one() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    can_lose_frames(&ann).await;
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let told = feed.post("a first one").await;
    ann.hears("a first one").await;
    loses(&ann, "\"kind\":\"edit\"").await;
    edit(&mut feed, &told, "the very first one").await;
    ann.until("it is lost", "window.lose === ''").await;
    feed.post("the next").await;
    ann.hears("the next").await;
    ann.hears("the very first one").await;
    ann.is_live().await;
    assert_eq!(
        ann.look::<u32>("window.opened").await,
        2,
        "it came back once"
    );
    assert_eq!(ann.texts().await, ["the very first one", "the next"]);
    shows_what_a_fresh_page_shows(&ann, false).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_lost_frame_is_noticed_when_nothing_follows_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    can_lose_frames(&ann).await;
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    let told = feed.post("a first one").await;
    ann.hears("a first one").await;
    loses(&ann, "the last words").await;
    feed.post("the last words").await;
    ann.until("it is lost", "window.lose === ''").await;
    ann.hears("the last words").await;
    loses(&ann, "\"kind\":\"recall\"").await;
    recall(&mut feed, &told).await;
    ann.until("it is lost", "window.lose === ''").await;
    ann.until(
        "it is noticed",
        "document.querySelector('#messages > .note')",
    )
    .await;
    ann.is_live().await;
    assert_eq!(ann.texts().await, ["the last words"]);

    // Of their own messages the ack tells.
    loses(&ann, "\"kind\":\"message\"").await;
    ann.post("mine, see https://example.org/").await;
    ann.until(
        "the link comes with its event",
        "document.querySelector('#messages .body a')",
    )
    .await;
    shows_what_a_fresh_page_shows(&ann, false).await;
    ann.leave().await;
}
