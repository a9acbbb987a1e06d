//! Many rooms: what waits below the edge of the rail is said there, and long lists can be folded.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, signs_in};
use super::{Browsers, Person, site};
use crate::support::Server;

const ROOMS: i64 = 14;

/// Somebody in more rooms than the rail shows at once, and who is there with them.
async fn full_rail(server: &Server, browsers: &Browsers) -> (Person, Companion, Vec<i64>) {
    let mut owner = Companion::named(server, "Ann").await;
    let mut rooms = Vec::new();
    for number in 1..=ROOMS {
        rooms.push(owner.makes("public", &format!("Room {number}")).await);
    }
    let ann = browsers.person(&site(server), "en").await;
    ann.choose("#open-sign-in").await;
    signs_in(&ann, "Ann").await;
    ann.reads("#me-name", "Ann").await;
    ann.is_live().await;
    ann.resize(1440, 560).await;
    (ann, owner, rooms)
}

/// Whether a link of the rail is before one's eyes.
fn in_sight(path: &str) -> String {
    format!(
        "(() => {{
            const [link, rail] = [document.querySelector(\".rail a[href='{path}']\"), document.querySelector('.rail')].map((each) => each.getBoundingClientRect());
            return link.top >= rail.top && link.bottom <= rail.bottom;
        }})()"
    )
}

#[tokio::test]
async fn what_waits_out_of_sight_is_said_at_the_edge_and_a_press_leads_there() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (ann, owner, rooms) = full_rail(&server, &browsers).await;
    let down = "document.getElementById('rail-down')";
    ann.until(
        "the rail is drawn",
        "document.querySelectorAll('#rail-rooms li').length === 15",
    )
    .await;
    assert!(!ann.look::<bool>(&format!("{down}.checkVisibility()")).await);

    let mut lin = Companion::named(&server, "Lin").await;
    let found = lin.asks("GET", "people?q=Ann", json!(null)).await;
    let id = found["people"][0]["id"].clone();
    let made = lin.asks("POST", "direct", json!({"people": [id]})).await;
    let direct = made["room"]["id"].as_i64().unwrap();
    lin.says(direct, "psst").await;
    let path = format!("/rooms/{direct}");
    ann.until(
        "it waits",
        &format!("document.querySelector(\".rail a[href='{path}'].unread\")"),
    )
    .await;
    assert!(!ann.look::<bool>(&in_sight(&path)).await);
    ann.reads("#rail-down", "1 unread").await;
    let label: String = ann.look(&format!("{down}.ariaLabel")).await;
    assert_eq!(label, "1 unread below");
    ann.picture("rail-edge").await;
    ann.click("#rail-down").await;
    ann.until("there", &in_sight(&path)).await;
    let focus = format!("document.activeElement.matches(\"[href='{path}']\")");
    assert!(ann.look::<bool>(&focus).await);
    ann.until("nothing more", &format!("!{down}.checkVisibility()"))
        .await;
    ann.press(Key::Enter).await;
    ann.is_in("Lin").await;

    lin.asks("POST", &format!("rooms/{}/join", rooms[0]), json!({}))
        .await;
    lin.says(rooms[0], "anybody there?").await;
    ann.reads("#rail-up", "1 unread").await;
    ann.click("#rail-up").await;
    ann.until("there", &in_sight(&format!("/rooms/{}", rooms[0])))
        .await;

    // What shall not disturb stands last, and is no reason to call.
    let last = "[...document.querySelectorAll('#rail-rooms a')].at(-1).getAttribute('href')";
    let before: String = ann.look(last).await;
    // Rooms in which nobody has spoken stand by their ids, which are random.
    let stands = |id: &i64| before == format!("/rooms/{id}");
    let number = rooms.iter().rposition(|id| !stands(id)).unwrap();
    let quiet = rooms[number];
    ann.enter(&format!("Room {}", number + 1)).await;
    ann.click("#room-menu-button").await;
    ann.click("#notify-none").await;
    let stands = format!("{last} === '/rooms/{quiet}'");
    ann.until("it stands last", &stands).await;
    owner.is_told_of(quiet, "none").await;
    ann.reload().await;
    assert_eq!(ann.look::<String>(last).await, format!("/rooms/{quiet}"));
    ann.leave().await;
}

#[tokio::test]
async fn a_section_can_be_folded_and_shows_what_waits_all_the_same() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (ann, _owner, rooms) = full_rail(&server, &browsers).await;
    let shown = "[...document.querySelectorAll('#rail-rooms a')].filter((link) => link.checkVisibility()).map((link) => link.querySelector('.name').textContent)";
    ann.enter("Room 3").await;
    assert_eq!(ann.look::<Vec<String>>(shown).await.len(), 15);
    let fold = "#rail-rooms-title button";
    ann.find(fold).await.focus().await.unwrap();
    ann.press(Key::Enter).await;
    ann.until(
        "folded",
        &format!("document.querySelector('{fold}').ariaExpanded === 'false'"),
    )
    .await;
    assert_eq!(ann.look::<Vec<String>>(shown).await, ["Room 3"]);
    let mut lin = Companion::named(&server, "Lin").await;
    lin.asks("POST", &format!("rooms/{}/join", rooms[0]), json!({}))
        .await;
    lin.says(rooms[0], "hello").await;
    ann.until(
        "what waits shows",
        &format!("({shown}).join() === 'Room 1,Room 3'"),
    )
    .await;
    ann.reload().await;
    ann.until(
        "it stays folded",
        &format!("({shown}).join() === 'Room 1,Room 3'"),
    )
    .await;
    ann.picture("rail-folded").await;
    ann.click(fold).await;
    ann.until("unfolded", &format!("({shown}).length === 15"))
        .await;
    ann.leave().await;
}
