//! A room is deleted while people are in it, and while they are away.

use std::time::Instant;

use serde_json::Value;
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::files::{all_uploaded, attaches};
use super::news::{hides, is_shown, is_told};
use super::phone::{large_enough_for_a_finger, nothing_sticks_out};
use super::room_role::joins;
use super::{Browsers, PATIENCE, Person, Road, site};
use crate::support::Server;

/// Waits until the page says this in passing.
async fn says(person: &Person, words: &str) {
    person.reads("#toast", words).await;
}

/// Waits until the browser keeps the page of a room, or does not.
async fn is_kept(person: &Person, room: i64, wanted: bool) {
    is_kept_at(person, &format!("/rooms/{room}"), wanted).await;
}

async fn is_kept_at(person: &Person, path: &str, wanted: bool) {
    let kept = format!("caches.match('{path}').then((page) => page !== undefined)");
    let until = Instant::now() + PATIENCE;
    while person.look::<bool>(&kept).await != wanted {
        assert!(Instant::now() < until, "not so: its page is kept: {wanted}");
    }
}

async fn path(person: &Person) -> String {
    person.look("location.pathname").await
}

#[tokio::test]
async fn whoever_deletes_a_room_types_its_name_and_everybody_is_led_to_the_lobby() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.resize(1440, 900).await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Green Tea")]).await;
    ann.is_in("Green Tea").await;
    ann.post("the kettle sings").await;
    let room = path(&ann).await;
    let id: i64 = room.rsplit('/').next().unwrap().parse().unwrap();
    let first = ann.browser.window().await.unwrap();

    let bob = member(&browsers, &server, &site(&server), "Bob").await;
    bob.resize(390, 844).await;
    joins(&bob, id).await;
    bob.hears("the kettle sings").await;
    bob.write("half a thought").await;
    bob.click("#room-menu-button").await;
    let offered = "document.getElementById('room-configure').checkVisibility()";
    assert!(!bob.look::<bool>(offered).await, "a member does not");
    bob.press(Key::Escape).await;

    // Another tab of the same person, with the room open in both.
    let second = ann.browser.new_tab().await.unwrap();
    ann.browser.switch_to_window(second).await.unwrap();
    ann.goto(&room).await;
    ann.is_live().await;
    ann.resize(390, 844).await;
    ann.click("#room-menu-button").await;
    ann.click("#room-configure").await;
    let opened = "document.getElementById('configure-dialog').open";
    ann.until("the settings are open", opened).await;
    ann.picture("delete-room-settings").await;
    for css in ["#archive-room", "#delete-room"] {
        large_enough_for_a_finger(&ann, css).await;
    }
    ann.click("#delete-room").await;
    ann.reads("#delete-room-title", "Delete “Green Tea” for good?")
        .await;
    let told = ann.text("#delete-room-text").await;
    assert!(told.contains("all 2 members"), "{told}");
    let focused = "document.activeElement.id === 'delete-room-name'";
    ann.until("ready to type", focused).await;
    nothing_sticks_out(&ann).await;
    ann.picture("delete-room").await;
    ann.press(Key::Enter).await;
    for wrong in ["tea", "Green Tea 2"] {
        ann.write_into("#delete-room-name", wrong).await;
        ann.press(Key::Enter).await;
        ann.reads("#delete-room-name-problem", "This is not the room’s name.")
            .await;
        ann.until("ready to mend it", focused).await;
    }
    ann.press(Key::Escape).await;
    assert_eq!(ann.text("h1").await, "Green Tea", "nothing has happened");
    ann.click("#room-menu-button").await;
    ann.click("#room-configure").await;
    ann.click("#delete-room").await;
    ann.write_into("#delete-room-name", " green  tea").await;
    ann.click("#delete-room-dialog .primary").await;
    ann.is_in("Lobby").await;
    says(&ann, "“Green Tea” has been deleted.").await;
    assert_eq!(path(&ann).await, "/");

    // On the phone, with what was being written there.
    bob.is_in("Lobby").await;
    says(&bob, "“Green Tea” has been deleted.").await;
    assert_eq!(path(&bob).await, "/");
    bob.reads("#confirm-title", "Not sent: the room is not there any more")
        .await;
    bob.reads("#confirm-text", "half a thought").await;
    nothing_sticks_out(&bob).await;
    bob.picture("deleted-unsaid").await;
    bob.click("#confirm-dialog .primary").await;
    says(&bob, "Copied.").await;
    assert_eq!(bob.draft().await, "", "it does not come into another room");
    bob.show_rooms().await;
    let rooms: Vec<String> = bob
        .look("[...document.querySelectorAll('.rail li .name')].map((name) => name.textContent)")
        .await;
    assert!(!rooms.contains(&"Green Tea".to_owned()), "{rooms:?}");
    bob.expects("404");
    // A link to it leads where one leads to what never was.
    bob.goto(&room).await;
    bob.reads("#gone h2", "There is no such room").await;
    bob.goto(&format!("{room}/1")).await;
    bob.reads("#gone h2", "There is no such message").await;

    ann.browser.switch_to_window(first).await.unwrap();
    ann.is_in("Lobby").await;
    ann.post("on we go").await;
    ann.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn what_waits_for_a_room_that_is_deleted_meanwhile_is_given_back() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(&browsers, &server, &road.site(), "Ann").await;
    joins(&ann, room).await;
    ann.expects_cuts();
    attaches(&ann, &server, &[("leaves.txt", 10)]).await;
    all_uploaded(&ann).await;
    road.cut().await;
    ann.is_cut_off().await;
    for text in ["the first", "the second"] {
        ann.say(text).await;
    }
    lin.asks("DELETE", &format!("rooms/{room}"), Value::Null)
        .await;
    road.mend(&server).await;
    ann.reads("#gone h2", "There is no such room").await;
    let words = "document.getElementById('confirm-text').textContent.split('\\n\\n')";
    ann.until(
        "both are given back",
        &format!("{words}.join() === 'the first\\n[leaves.txt],the second'"),
    )
    .await;
    ann.picture("deleted-unsaid-two").await;
    ann.click("#confirm-dialog .cancel").await;
    ann.goto("/").await;
    ann.is_live().await;
    ann.post("good evening").await;
    assert!(
        !ann.look::<bool>("document.getElementById('confirm-dialog').open")
            .await,
        "once"
    );
    ann.leave().await;
}

#[tokio::test]
async fn a_page_that_is_forgotten_while_it_is_being_kept_does_not_come_back() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    joins(&ann, room).await;
    ann.reload().await;
    is_kept(&ann, room, true).await;
    // Each time it is asked for and forgotten at once; the lobby's page, asked for later, is there in the end.
    let forget = format!(
        "import(document.querySelector('script[type=module][src]').src.replace(/[^/]*$/, 'sync/offline.js'))
           .then(async ({{ forgetPage }}) => {{
             const {{ controller }} = navigator.serviceWorker;
             const [path, parts] = ['/rooms/{room}', []];
             for (let round = 0; round <= 20; round += 1) {{
               controller.postMessage({{ keep: path, parts }});
               if (round % 2) await fetch(path);
               await forgetPage(path);
             }}
             await caches.open('pages').then((pages) => pages.delete('/'));
             controller.postMessage({{ keep: '/', parts }});
             return true;
           }})"
    );
    assert!(ann.look::<bool>(&forget).await);
    is_kept_at(&ann, "/", true).await;
    is_kept(&ann, room, false).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_deleted_room_in_the_background_leaves_nothing_in_the_browser() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    // What is in it may have been asked for just before it went.
    ann.expects("the server responded with a status of 404");
    joins(&ann, room).await;
    is_told(&ann).await;
    // The browser keeps its page for times without a line.
    ann.reload().await;
    is_kept(&ann, room, true).await;
    ann.enter("Lobby").await;
    is_told(&ann).await;
    hides(&ann, true).await;
    lin.says(room, "tea, @Ann?").await;
    is_shown(&ann, &["Lin · Oolong: tea, @Ann?"]).await;
    let title = |title: &str| format!("document.title === '{title}'");
    ann.until("one waits", &title("(1) Lobby · Teahouse")).await;

    lin.asks("DELETE", &format!("rooms/{room}"), Value::Null)
        .await;
    says(&ann, "“Oolong” has been deleted.").await;
    is_shown(&ann, &[]).await;
    ann.until("nothing waits", &title("Lobby · Teahouse")).await;
    is_kept(&ann, room, false).await;
    ann.leave().await;
}
