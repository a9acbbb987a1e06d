//! Who goes through their rooms quickly: the last one is what they wanted, and what comes late for
//! another one is no answer any more.

use serde_json::{Value, json};

use super::company::{Companion, member};
use super::{Browsers, Person, site};
use crate::support::{Guest, Server};

/// As many as somebody looks through in the morning.
const ROOMS: usize = 24;

/// Holds answers of the API whose address has this in it, until the test lets them go.
async fn holds(person: &Person, part: &str) {
    let held = format!(
        "const real = window.fetch;
        window.fetch = async (...request) => {{
            const answer = await real(...request);
            if (!String(request[0]).includes({part})) return answer;
            const text = await answer.text();
            window.held = true;
            await new Promise((go) => {{ window.release = go }});
            window.released = true;
            return new Response(text);
        }}",
        part = json!(part)
    );
    person.browser.execute(held, vec![]).await.unwrap();
}

#[tokio::test]
async fn who_passes_many_rooms_is_in_the_last_one_without_a_word() {
    let server = Server::start(&[("rooms.owned", "40")]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    for number in 1..=ROOMS {
        let body = json!({"kind": "private", "name": format!("Room {number}")});
        let make = format!(
            "fetch('/api/v1/rooms', {{ method: 'POST', headers: {{ 'content-type': 'application/json' }}, body: JSON.stringify({body}) }})"
        );
        let _nothing: Value = ann.look(&format!("void ({make})")).await;
        let there = format!(
            "document.querySelectorAll('#rail-rooms li').length === {}",
            number + 1
        );
        ann.until("the room is there", &there).await;
    }
    // Whatever is said at the foot of the page meanwhile is noted; each room is asked for at once.
    let walk = "(() => {
        window.words = [];
        new MutationObserver(() => words.push(document.getElementById('toast').textContent))
            .observe(document.getElementById('toast'), { childList: true, characterData: true, subtree: true });
        const links = [...document.querySelectorAll('#rail-rooms a')].filter((link) => link.pathname !== '/');
        const later = Date.now;
        let ahead = 0;
        Date.now = () => later() + ahead;
        for (const link of links) { ahead += 1000; link.click(); }
        Date.now = later;
        return links.at(-1).querySelector('.name').textContent;
    })()";
    let last: String = ann.look(walk).await;
    ann.is_in(&last).await;
    ann.post("here I am").await;
    assert_eq!(ann.look::<Vec<String>>("words").await, Vec::<String>::new());
    assert_eq!(ann.text("h1").await, last);

    // Faster than one can read, only the last one is asked for.
    let run = "(() => {
        window.asked = 0;
        const real = WebSocket.prototype.send;
        WebSocket.prototype.send = function (frame) {
            if (JSON.parse(frame).type === 16) asked += 1;
            return real.call(this, frame);
        };
        const links = [...document.querySelectorAll('#rail-rooms a')].filter((link) => link.pathname !== '/' && !link.ariaCurrent);
        for (const link of links) link.click();
        return links.at(-1).querySelector('.name').textContent;
    })()";
    let last: String = ann.look(run).await;
    ann.is_in(&last).await;
    ann.post("and here").await;
    let asked: u32 = ann.look("asked").await;
    assert!(asked <= 2, "{asked} rooms were asked for");
    ann.leave().await;
}

#[tokio::test]
async fn a_list_of_people_that_comes_late_stays_out_of_another_room() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    lin.makes("public", "Oolong").await;
    let ann = browsers.person(&site(&server), "en").await;
    holds(&ann, "/people").await;
    let mut crowd = Vec::new();
    for _ in 0..52 {
        crowd.push(Guest::visiting(&server).await.feed().await);
    }
    ann.until("the list is on its way", "window.held").await;
    ann.click("#browse-rooms").await;
    ann.click("#browse-list a").await;
    ann.is_in("Oolong").await;
    let two = "document.querySelectorAll('#people-list li').length === 2";
    ann.until("who is here", two).await;
    let _nothing: Value = ann.look("void window.release()").await;
    ann.until("the list is there", "window.released").await;
    // What it would have drawn is drawn by then.
    let drawn = "(setTimeout(() => setTimeout(() => { window.drawn = true; })), window.drawn)";
    ann.until("a moment has passed", drawn).await;
    assert_eq!(
        ann.look::<u32>("document.querySelectorAll('#people-list li').length")
            .await,
        2
    );
    ann.leave().await;
}

#[tokio::test]
async fn an_emoji_meant_for_one_room_does_not_land_in_another() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    lin.says(1, "tea?").await;
    for _ in 0..11 {
        let (mut one, _) = Guest::visiting(&server).await.feed().await;
        let id: i64 = ann
            .look("Number(document.querySelector('#messages > .msg').dataset.id)")
            .await;
        assert_ne!(
            crate::support::actions::react(&mut one, &json!(id), "🍵", true).await,
            json!("too_fast")
        );
    }
    ann.until(
        "a crowd's",
        "document.querySelector('.chip[data-emoji] b')?.textContent === '11'",
    )
    .await;
    // Of a crowd the page asks whether its reader is among them.
    ann.reload().await;
    holds(&ann, "/messages/").await;
    let _nothing: Value = ann
        .look("void document.querySelector('.chip[data-emoji]').click()")
        .await;
    ann.until("it is asked", "window.held").await;
    ann.click("#browse-rooms").await;
    ann.click("#browse-list a").await;
    ann.is_in("Oolong").await;
    let watch = "(() => {
        window.sent = [];
        const real = WebSocket.prototype.send;
        WebSocket.prototype.send = function (frame) { sent.push(frame); return real.call(this, frame); };
        return true;
    })()";
    assert!(ann.look::<bool>(watch).await);
    let _nothing: Value = ann.look("void window.release()").await;
    ann.until("it is answered", "window.released").await;
    lin.says(room, "a fence").await;
    ann.hears("a fence").await;
    let sent: Vec<String> = ann.look("sent").await;
    assert!(
        sent.iter().all(|frame| !frame.contains("react")),
        "{sent:?}"
    );
    ann.leave().await;
}
