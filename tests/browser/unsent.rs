//! What is written and not yet with the server: it outlives the page, the tab and the browser, goes
//! out in order, and is said once.

use thirtyfour::prelude::*;

use super::resume::{can_lose_frames, loses};
use super::{Browsers, Person, Road, site};
use crate::support::{Guest, Server, eventually};

/// Waits until exactly these messages are there, and with the server.
async fn shows(person: &Person, texts: &[&str]) {
    person.hears(texts.last().unwrap()).await;
    person
        .until(
            "nothing waits",
            "!document.querySelector('#messages .clock')",
        )
        .await;
    assert_eq!(person.texts().await, texts, "in order, each once");
}

/// Waits until these messages wait.
async fn holds(person: &Person, texts: &[&str]) {
    let count = format!(
        "document.querySelectorAll('#messages > .waiting').length === {}",
        texts.len()
    );
    person.until("what was written is there", &count).await;
    let waiting: Vec<String> = person
        .look("[...document.querySelectorAll('#messages > .waiting .body')].map((body) => body.textContent)")
        .await;
    assert_eq!(waiting, texts);
}

/// A new tab of the same browser, on the page, and in front.
async fn tab(person: &Person) -> WindowHandle {
    let tab = person.browser.new_tab().await.unwrap();
    turn_to(person, &tab).await;
    person.open().await;
    tab
}

async fn turn_to(person: &Person, tab: &WindowHandle) {
    person.browser.switch_to_window(tab.clone()).await.unwrap();
}

#[tokio::test]
async fn what_was_written_offline_survives_a_reload_and_arrives_once_and_in_order() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.expects_cuts();
    road.cut().await;
    ann.is_cut_off().await;
    let told = ["the first", "the second", "the third"];
    for text in told {
        ann.say(text).await;
    }
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    holds(&ann, &told).await;
    ann.is_cut_off().await;
    let counted = "document.getElementById('state').innerText.includes('3 unsent')";
    ann.until("the page counts them", counted).await;
    ann.say("the fourth").await;
    assert!(lin.texts().await.is_empty());

    road.mend(&server).await;
    let whole = ["the first", "the second", "the third", "the fourth"];
    shows(&ann, &whole).await;
    shows(&lin, &whole).await;
    for person in [&ann, &lin] {
        person.reload().await;
        shows(person, &whole).await;
    }
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn what_was_written_offline_outlives_the_browser_that_is_killed() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    let name = ann.text("#me-name").await;
    // A browser writes a new cookie down after half a minute, or when it ends.
    let ann = browsers.restarted(ann, "en").await;
    ann.open().await;
    assert_eq!(ann.text("#me-name").await, name);
    road.cut().await;
    ann.is_cut_off().await;
    ann.say("before the power cut").await;
    ann.say("and just before").await;
    // What is read there has been written to the disk.
    let kept = "new Promise((done) => {
        const request = indexedDB.open('teahouse');
        request.onsuccess = () => {
            const all = request.result.transaction('unsent').objectStore('unsent').count();
            all.onsuccess = () => { request.result.close(); done(all.result); };
        };
    })";
    eventually("both are on the disk", async || {
        ann.look::<u64>(kept).await == 2
    })
    .await;

    let ann = browsers.crashed(ann, "en").await;
    ann.expects_cuts();
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    holds(&ann, &["before the power cut", "and just before"]).await;
    road.mend(&server).await;
    shows(&ann, &["before the power cut", "and just before"]).await;
    ann.reload().await;
    shows(&ann, &["before the power cut", "and just before"]).await;
    let (mut feed, _) = Guest::visiting(&server).await.feed().await;
    feed.post("a fence").await;
    ann.hears("a fence").await;
    assert_eq!(ann.texts().await.len(), 3, "nothing goes out again");
    ann.leave().await;
}

#[tokio::test]
async fn what_arrived_without_its_ack_is_not_shown_twice() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    can_lose_frames(&ann).await;
    loses(&ann, "\"type\":13").await;
    ann.say("it arrived").await;
    ann.until("its ack is lost", "window.lose === ''").await;
    assert_eq!(ann.texts().await, ["it arrived"], "once, before its ack");
    ann.say("it waits behind").await;
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    holds(&ann, &["it waits behind"]).await;
    assert_eq!(ann.texts().await, ["it arrived", "it waits behind"]);
    road.mend(&server).await;
    shows(&ann, &["it arrived", "it waits behind"]).await;
    ann.reload().await;
    shows(&ann, &["it arrived", "it waits behind"]).await;
    ann.leave().await;
}

#[tokio::test]
async fn two_tabs_that_write_offline_say_each_thing_once_and_show_the_same() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let first = ann.browser.window().await.unwrap();
    let second = tab(&ann).await;
    road.cut().await;
    for (tab, texts) in [
        (&first, ["tea", "from the first tab"]),
        (&second, ["tea", "from the second tab"]),
    ] {
        turn_to(&ann, tab).await;
        ann.is_cut_off().await;
        for text in texts {
            ann.say(text).await;
        }
    }
    // What the other tab looks after stays with it.
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    holds(&ann, &["tea", "from the second tab"]).await;
    road.mend(&server).await;
    let mut seen = Vec::new();
    for tab in [&first, &second] {
        turn_to(&ann, tab).await;
        ann.is_live().await;
        ann.hears("from the first tab").await;
        ann.hears("from the second tab").await;
        ann.until(
            "nothing waits",
            "!document.querySelector('#messages .clock')",
        )
        .await;
        seen.push(ann.texts().await);
    }
    ann.reload().await;
    seen.push(ann.texts().await);
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:?}");
    let mut texts = seen.pop().unwrap();
    texts.sort();
    assert_eq!(
        texts,
        ["from the first tab", "from the second tab", "tea", "tea"]
    );
    ann.browser.close_window().await.unwrap();
    turn_to(&ann, &first).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_tab_takes_over_what_a_closed_one_left_behind() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let first = ann.browser.window().await.unwrap();
    tab(&ann).await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.say("left behind").await;
    ann.browser.close_window().await.unwrap();
    turn_to(&ann, &first).await;
    ann.is_cut_off().await;
    ann.say("later, in the other").await;

    // A third tab asks, too: what somebody looks after is not its own.
    road.mend(&server).await;
    shows_both(&ann).await;
    let third = tab(&ann).await;
    shows_both(&ann).await;
    ann.browser.close_window().await.unwrap();
    drop(third);
    turn_to(&ann, &first).await;
    ann.reload().await;
    shows_both(&ann).await;
    ann.leave().await;
}

async fn shows_both(person: &Person) {
    person.hears("left behind").await;
    person.hears("later, in the other").await;
    assert_eq!(person.texts().await.len(), 2, "each once");
}

#[tokio::test]
async fn what_another_tab_has_thrown_away_goes_here_too() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    road.cut().await;
    ann.is_cut_off().await;
    ann.say("never mind").await;
    let told = "new BroadcastChannel('teahouse.unsent').postMessage(
        { kind: 'gone', nonce: document.querySelector('.waiting').dataset.nonce })";
    let _nothing: serde_json::Value = ann.look(&format!("void {told}")).await;
    ann.until("it goes", "!document.querySelector('#messages > .msg')")
        .await;
    road.mend(&server).await;
    ann.is_live().await;
    ann.post("a fence").await;
    assert_eq!(ann.texts().await, ["a fence"]);
    ann.leave().await;
}

#[tokio::test]
async fn what_an_account_wrote_is_not_for_the_next_at_this_browser() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let mut grace = Guest::visiting(&server).await;
    assert_eq!(grace.register("Grace", "tea before noon").await.status, 200);
    let sign_in = async || {
        ann.choose("#open-sign-in").await;
        let words = [("name", "Grace"), ("password", "tea before noon")];
        ann.fill("#sign-in-dialog", &words).await;
        ann.reads("#me-name", "Grace").await;
    };
    sign_in().await;
    ann.is_live().await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.say("between us").await;
    holds(&ann, &["between us"]).await;
    road.mend_for_pages(&server).await;
    ann.choose("#sign-out").await;
    ann.until(
        "somebody else is here",
        "document.getElementById('me-name').innerText !== 'Grace'",
    )
    .await;
    let nothing: Vec<String> = Vec::new();
    assert_eq!(ann.texts().await, nothing);
    road.mend(&server).await;
    ann.reload().await;
    ann.is_live().await;
    ann.post("who was here?").await;
    assert_eq!(ann.texts().await, ["who was here?"]);
    sign_in().await;
    ann.is_live().await;
    shows(&ann, &["who was here?", "between us"]).await;
    let (mut feed, _) = grace.feed().await;
    feed.post("the end").await;
    shows(&ann, &["who was here?", "between us", "the end"]).await;
    ann.leave().await;
}

#[tokio::test]
async fn what_was_written_as_another_waits_for_a_word() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let mut grace = Guest::visiting(&server).await;
    assert_eq!(grace.register("Grace", "tea before noon").await.status, 200);
    road.cut().await;
    ann.is_cut_off().await;
    ann.say("as nobody").await;
    road.mend_for_pages(&server).await;
    ann.choose("#open-sign-in").await;
    ann.fill(
        "#sign-in-dialog",
        &[("name", "Grace"), ("password", "tea before noon")],
    )
    .await;
    ann.reads("#me-name", "Grace").await;
    ann.reads(
        "#messages .failed .why span",
        "Not sent. It was written before you changed who you are.",
    )
    .await;
    road.mend(&server).await;
    ann.is_live().await;
    ann.click("#messages .failed .retry").await;
    assert_eq!(ann.hears("as nobody").await.name, "Grace");
    ann.reload().await;
    assert_eq!(ann.texts().await, ["as nobody"]);
    ann.leave().await;
}
