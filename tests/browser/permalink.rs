//! Anywhere in a room's history by one address: the roll stands there, goes on both ways, and what is
//! said meanwhile joins on at the end.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::actions::{pin, react};
use crate::support::{Guest, Member, Server, Ws};

/// Several pages of history.
const SAID: usize = 400;

/// A message may move by this much when newer ones come below it, in px.
const STILL: f64 = 3.0;

/// Says so many things; gives their ids.
pub async fn tell(ws: &mut Ws, count: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    for number in 1..=count {
        ids.push(ws.post(&format!("tale {number}")).await["id"].clone());
    }
    ids
}

/// The row of the message with this text.
pub fn row(text: &str) -> String {
    format!(
        "[...document.querySelectorAll('#messages > .msg')]
            .find((row) => row.querySelector('.body').textContent.trim() === {})",
        json!(text)
    )
}

/// Waits until this message stands in sight, has the focus and stands out.
pub async fn is_at(person: &Person, text: &str) {
    let there = format!(
        "((row) => {{
            const box = document.getElementById('timeline').getBoundingClientRect();
            const place = row?.getBoundingClientRect();
            return row && row === document.activeElement && row.checkVisibility({{visibilityProperty: true}})
                && place.top >= box.top - 1 && place.bottom <= box.bottom + 1;
        }})({})",
        row(text)
    );
    person.until(&format!("{text} is in sight"), &there).await;
}

/// Goes down to the last row; waits for what comes below it, unless it is the last one of all.
async fn goes_down(person: &Person, last: &str) -> bool {
    let (bottom, top): (String, f64) = person
        .look(
            "(() => {
                const row = [...document.querySelectorAll('#messages > .msg')].at(-1);
                row.scrollIntoView({block: 'end'});
                window.bottom = row;
                return [row.querySelector('.body').textContent, row.getBoundingClientRect().top];
            })()",
        )
        .await;
    if bottom == last {
        return false;
    }
    let come = format!(
        "[...document.querySelectorAll('#messages > .msg .body')].at(-1).textContent !== {}",
        json!(bottom)
    );
    person.until("newer messages", &come).await;
    let now: f64 = person
        .look("window.bottom.getBoundingClientRect().top")
        .await;
    assert!(
        (now - top).abs() <= STILL,
        "{bottom} moved from {top} to {now}"
    );
    true
}

/// Lets the answer that has the newest messages wait until [`let_go`].
async fn hold_newest(person: &Person) {
    let hold = "const real = window.fetch;
        window.held = 0;
        const gate = new Promise((open) => { window.letGo = open; });
        window.fetch = async (...ask) => {
            const answer = await real(...ask);
            if (!String(ask[0]).includes('after=') || (await answer.clone().json()).newer) return answer;
            window.held += 1;
            await gate;
            return answer;
        };";
    person.browser.execute(hold, vec![]).await.unwrap();
}

async fn let_go(person: &Person) {
    person
        .browser
        .execute("window.letGo()", vec![])
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_leads_to_its_message_and_from_there_both_ways_to_the_newest() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut ada = Guest::visiting(&server).await;
    ada.register("Ada", "seven bowls 七碗茶").await;
    server.crown("Ada");
    let (mut ada, _) = ada.feed().await;
    let ids = tell(&mut ada, SAID).await;
    let ann = browsers.person(&site(&server), "en").await;
    ann.goto(&format!("/rooms/1/{}", ids[199])).await;
    ann.is_live().await;
    is_at(&ann, "tale 200").await;
    ann.picture("permalink").await;
    let shown = ann.texts().await;
    assert!(shown.contains(&"tale 190".to_owned()) && shown.contains(&"tale 210".to_owned()));
    for far in ["tale 100", "tale 300", "tale 400"] {
        assert!(!shown.contains(&far.to_owned()), "{shown:?}");
    }
    assert_eq!(ann.text("#newer").await, "To the newest");

    // What happens to messages here is seen at once; what is said elsewhere is counted.
    let edit = json!({"do": "edit", "content": "tale of two hundred"});
    ada.change(&ids[199], &edit).await;
    react(&mut ada, &ids[198], "🍵", true).await;
    pin(&mut ada, &ids[200], true).await;
    ada.change(&ids[197], &json!({"do": "recall"})).await;
    ann.hears("tale of two hundred").await;
    for part in [".chip", ".pinned", ".note"] {
        ann.find(&format!("#messages {part}")).await;
    }
    ada.post("while you were away").await;
    ann.reads("#newer", "1 new message").await;
    assert!(
        !ann.texts()
            .await
            .contains(&"while you were away".to_owned())
    );

    // Up to the beginning, then down to the end: each once, in order.
    let mut pages = 0;
    while !ann.texts().await.contains(&"tale 1".to_owned()) {
        let up = "document.querySelector('#messages > li').scrollIntoView()";
        let first: String = ann
            .look("document.querySelector('#messages > .msg .body').textContent")
            .await;
        ann.browser.execute(up, vec![]).await.unwrap();
        let come = format!(
            "document.querySelector('#messages > .msg .body').textContent !== {}",
            json!(first)
        );
        ann.until("older messages", &come).await;
        pages += 1;
        assert!(pages < 20, "it goes up for ever");
    }
    assert_eq!(ann.text("#newer").await, "1 new message");
    let mut pages = 0;
    while goes_down(&ann, "while you were away").await {
        let rows = ann.texts().await.len();
        assert!(rows <= 300, "{rows} rows");
        pages += 1;
        assert!(pages < 20, "it goes down for ever");
    }
    ada.post("and here we are").await;
    ann.hears("and here we are").await;
    let shown = ann.texts().await;
    let mut told: Vec<String> = (1..=SAID).map(|number| format!("tale {number}")).collect();
    told[199] = "tale of two hundred".to_owned();
    told.remove(197);
    told.push("while you were away".to_owned());
    told.push("and here we are".to_owned());
    assert_eq!(
        shown,
        told[told.len() - shown.len()..],
        "in order, each once"
    );
    ann.leave().await;
}

#[tokio::test]
async fn what_is_said_while_the_last_page_is_under_way_joins_on_and_one_press_leads_back() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let ids = tell(&mut bob, 200).await;
    let ann = browsers.person(&site(&server), "en").await;
    ann.goto(&format!("/rooms/1/{}", ids[29])).await;
    ann.is_live().await;
    is_at(&ann, "tale 30").await;
    hold_newest(&ann).await;
    ann.until(
        "they go down until the last page is under way",
        "(document.getElementById('timeline').scrollTop = 0) || window.held === 1",
    )
    .await;
    ann.reads("#newest", "Loading later messages…").await;
    let late = bob.post("late").await["id"].clone();
    bob.post("later").await;
    bob.change(&late, &json!({"do": "edit", "content": "late, corrected"}))
        .await;
    ann.reads("#newer", "2 new messages").await;
    let_go(&ann).await;
    while goes_down(&ann, "later").await {}
    ann.hears("late, corrected").await;
    let mut told: Vec<String> = (1..=200).map(|number| format!("tale {number}")).collect();
    told.extend(["late, corrected".to_owned(), "later".to_owned()]);
    let shown = ann.texts().await;
    assert_eq!(
        shown,
        told[told.len() - shown.len()..],
        "in order, each once"
    );
    ann.until("nothing is new", "document.getElementById('newer').hidden")
        .await;

    // From far back one press leads to the newest, and so does speaking.
    for speaks in [false, true] {
        ann.goto(&format!("/rooms/1/{}", ids[9])).await;
        ann.is_live().await;
        is_at(&ann, "tale 10").await;
        bob.post(&format!("news, {speaks}")).await;
        ann.reads("#newer", "1 new message").await;
        if speaks {
            ann.write("I am here").await;
            ann.press(Key::Enter).await;
            ann.hears("I am here").await;
        } else {
            ann.click("#newer").await;
        }
        ann.hears(&format!("news, {speaks}")).await;
        let down = "document.getElementById('timeline').scrollTop > -5";
        ann.until("they are down", down).await;
        let marked = "Boolean(document.querySelector('#messages .fresh'))";
        assert_eq!(
            ann.look::<bool>(marked).await,
            !speaks,
            "the line above what is new"
        );
    }
    ann.leave().await;
}

#[tokio::test]
async fn links_to_messages_stay_in_the_page_and_back_leads_back() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Member::new(&server, "Lin").await;
    let oolong = lin.makes("public", "Oolong").await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let ids = tell(&mut bob, 120).await;
    let (mut inside, _) = lin.hears(oolong).await;
    let nonce = json!(uuid::Uuid::new_v4());
    let link = format!("{}/rooms/1/{}", site(&server), ids[9]);
    let content = format!("see {link}");
    let said = json!({"nonce": nonce, "room": oolong, "content": content});
    inside
        .send(&json!({"type": kinds::SEND, "data": said}))
        .await;
    inside.until_said(&content).await;

    let ann = browsers.person(&site(&server), "en").await;
    ann.goto(&format!("/rooms/{oolong}")).await;
    ann.is_live().await;
    ann.look::<Value>("window.same = true").await;
    ann.click("#messages .body a").await;
    is_at(&ann, "tale 10").await;
    assert_eq!(ann.text("h1").await, "Lobby");
    assert!(!ann.texts().await.contains(&"tale 120".to_owned()));
    let path = "location.pathname";
    assert_eq!(
        ann.look::<String>(path).await,
        format!("/rooms/1/{}", ids[9])
    );
    ann.browser.back().await.unwrap();
    ann.is_in("Oolong").await;
    ann.browser.forward().await.unwrap();
    is_at(&ann, "tale 10").await;
    assert!(ann.look::<bool>("window.same").await, "it is the same page");

    // The short address leads to the long one.
    ann.goto(&format!("/m/{}", ids[59])).await;
    ann.is_live().await;
    is_at(&ann, "tale 60").await;
    assert_eq!(
        ann.look::<String>(path).await,
        format!("/rooms/1/{}", ids[59])
    );
    ann.leave().await;
}

#[tokio::test]
async fn a_message_that_is_not_for_its_reader_is_as_one_that_is_not_there() {
    let server = Server::start(&[]);
    let mut lin = Member::new(&server, "Lin").await;
    let cellar = lin.makes("private", "Cellar").await;
    let (mut inside, _) = lin.hears(cellar).await;
    let nonce = json!(uuid::Uuid::new_v4());
    let said = json!({"nonce": nonce, "room": cellar, "content": "down here"});
    inside
        .send(&json!({"type": kinds::SEND, "data": said}))
        .await;
    inside.until_said("down here").await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let told = bob.post("up here").await["id"].as_i64().unwrap();
    let hidden = told - 1;

    let own = lin.guest.get(&format!("/rooms/{cellar}/{hidden}")).await;
    assert!(own.status == 200 && own.text().contains("down here"));
    let mut ann = Guest::visiting(&server).await;
    let shown = ann.visit().await;
    assert_eq!(shown.status, 200);
    let mut pages = Vec::new();
    for path in [
        format!("/rooms/{cellar}/{hidden}"),
        format!("/rooms/{cellar}/{told}"),
        format!("/rooms/1/{hidden}"),
        "/rooms/1/4711".to_owned(),
        "/rooms/4711/4711".to_owned(),
        format!("/m/{hidden}"),
        "/m/4711".to_owned(),
    ] {
        let page = ann.get(&path).await;
        assert_eq!(page.status, 404, "{path}");
        let text = page.text();
        assert!(text.contains("<h2>There is no such message</h2>"), "{path}");
        let (before, after) = text.split_once("\"now\":").unwrap();
        let after = after.trim_start_matches(|sign: char| sign.is_ascii_digit());
        pages.push(format!("{before}{after}"));
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "one page for all");

    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.expects("404");
    ann.goto("/rooms/1/4711").await;
    ann.is_live().await;
    ann.reads("#gone h2", "There is no such message").await;
    ann.picture("permalink-gone").await;
    ann.leave().await;
}
