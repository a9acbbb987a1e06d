//! Going from room to room in one page, and what waits in those that are not open.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, member, signs_in};
use super::{Browsers, Person, Road, site};
use crate::support::Server;

/// The link of a room in the rail.
fn link(room: i64) -> String {
    format!(".rail a[href='/rooms/{room}']")
}

/// Waits until the badge of a room reads so; empty when nothing waits there.
/// Waits until the rail counts so much in a room, nothing being `""`.
pub async fn waits(person: &Person, room: i64, badge: &str) {
    let seen = format!(
        "(() => {{
            const badge = document.querySelector(\"{} em\");
            return badge && (badge.hidden ? '' : badge.firstChild.textContent) === '{badge}';
        }})()",
        link(room)
    );
    person
        .until(&format!("the badge reads {badge:?}"), &seen)
        .await;
}

async fn path(person: &Person) -> String {
    person.look("location.pathname").await
}

#[tokio::test]
async fn one_goes_from_room_to_room_and_the_page_stays() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.browser
        .execute("window.same = true", vec![])
        .await
        .unwrap();
    ann.click("#create-room").await;
    ann.picture("room-create").await;
    ann.fill(
        "#create-dialog",
        &[("name", "Oolong"), ("topic", "half green")],
    )
    .await;
    ann.is_in("Oolong").await;
    ann.reads(".title p", "half green").await;
    ann.picture("room-empty").await;
    let oolong = path(&ann).await;
    assert!(oolong.starts_with("/rooms/"), "{oolong}");
    ann.post("the first cup").await;

    ann.enter("Lobby").await;
    assert_eq!(path(&ann).await, "/");
    assert!(ann.texts().await.is_empty());
    ann.write("half a thought").await;
    ann.enter("Oolong").await;
    assert_eq!(ann.texts().await, ["the first cup"]);
    assert_eq!(ann.draft().await, "", "a draft stays with its room");
    ann.browser.back().await.unwrap();
    ann.is_in("Lobby").await;
    assert_eq!(ann.draft().await, "half a thought");
    ann.browser.forward().await.unwrap();
    ann.is_in("Oolong").await;
    ann.hears("the first cup").await;
    assert!(ann.look::<bool>("window.same").await, "no page was loaded");

    // The same address draws the same page without a script's help.
    ann.reload().await;
    assert_eq!(path(&ann).await, oolong);
    assert_eq!(ann.text("h1").await, "Oolong");
    assert_eq!(ann.texts().await, ["the first cup"]);
    assert!(
        ann.look::<bool>("document.title === 'Oolong · Teahouse'")
            .await
    );
    ann.leave().await;
}

#[tokio::test]
async fn whoever_has_made_a_room_can_write_and_is_shown_how_to_invite() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let invite = "document.getElementById('invite-here').checkVisibility()";
    assert!(!ann.look::<bool>(invite).await, "not in the lobby");
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    ann.until("ready to write", "document.activeElement.id === 'say'")
        .await;
    ann.until("the way to others", invite).await;
    ann.picture("room-made").await;
    ann.click("#invite-here").await;
    ann.until(
        "the invitations",
        "document.getElementById('invite-dialog').open",
    )
    .await;
    ann.press(Key::Escape).await;
    let mut lin = Companion::named(&server, "Lin").await;
    let room: i64 = path(&ann)
        .await
        .trim_start_matches("/rooms/")
        .parse()
        .unwrap();
    lin.asks("POST", &format!("rooms/{room}/join"), json!({}))
        .await;
    ann.until("Ann is not alone any more", &format!("!{invite}"))
        .await;

    // So it is when a direct room has been begun.
    ann.click("#open-direct").await;
    ann.write_into("#direct-find", "Lin").await;
    ann.click("#direct-list button").await;
    ann.click("#direct-dialog .primary").await;
    ann.is_in("Lin").await;
    ann.until("ready to write", "document.activeElement.id === 'say'")
        .await;
    ann.leave().await;
}

#[tokio::test]
async fn the_choices_of_what_one_is_told_say_what_they_are_about() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    ann.click("#room-menu-button").await;
    ann.reads("#room-notify-title", "Notify me").await;
    let named = "document.getElementById('room-notify').getAttribute('aria-labelledby') === 'room-notify-title'
        && document.getElementById('room-notify-title').checkVisibility()";
    assert!(ann.look::<bool>(named).await);
    ann.leave().await;
}

#[tokio::test]
async fn what_is_said_elsewhere_waits_until_it_is_read() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#browse-rooms").await;
    ann.find("#browse-list li").await;
    ann.picture("room-browse").await;
    ann.click("#browse-list button").await;
    ann.is_in("Oolong").await;
    ann.enter("Lobby").await;
    lin.says(room, "one").await;
    lin.says(room, "two, @Ann").await;
    waits(&ann, room, "@1").await;
    ann.until("the title counts", "document.title.startsWith('(2) ')")
        .await;

    ann.enter("Oolong").await;
    let line = "document.querySelector('#messages > .fresh').nextElementSibling";
    let first: String = ann
        .look(&format!("{line}.querySelector('.body').textContent"))
        .await;
    assert_eq!(first, "one", "the line stands above the first new one");
    ann.picture("room-unread").await;
    let read = "performance.now() > 0 && document.title === 'Oolong · Teahouse'";
    ann.until("the title counts no more", read).await;
    ann.enter("Lobby").await;
    waits(&ann, room, "").await;

    ann.enter("Oolong").await;
    ann.hears("two, @Ann").await;
    ann.choose_for("unread", "two, @Ann").await;
    ann.enter("Lobby").await;
    waits(&ann, room, "@1").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_one_is_told_of_a_room_can_be_as_in_general_again() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    for choice in ["none", "usual"] {
        ann.click("#room-menu-button").await;
        ann.click(&format!("#notify-{choice}")).await;
        ann.picture(&format!("room-notify-{choice}")).await;
        let kept = "performance.getEntriesByType('resource')
            .filter((entry) => entry.name.endsWith('/notify') && entry.responseStatus === 200).length === 1";
        ann.until("it is kept", kept).await;
        ann.reload().await;
        let chosen = "[...document.querySelectorAll('#room-notify [aria-pressed=true]')]
            .map((button) => button.id).join()";
        assert_eq!(ann.look::<String>(chosen).await, format!("notify-{choice}"));
    }
    ann.leave().await;
}

#[tokio::test]
async fn what_waits_for_another_room_goes_out_all_the_same() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &road.site(), "Ann").await;
    ann.expects_cuts();
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.say("written in a tunnel").await;
    ann.click(".rail a[href='/']").await;
    ann.reads("h1", "Lobby").await;
    let unsent = "document.getElementById('state').textContent.includes('1 unsent')";
    ann.until("it is still counted", unsent).await;
    assert!(ann.texts().await.is_empty(), "it belongs to the other room");
    ann.picture("room-offline").await;
    road.mend(&server).await;
    ann.is_live().await;
    ann.is_in("Lobby").await;
    ann.enter("Oolong").await;
    ann.hears("written in a tunnel").await;
    assert_eq!(ann.texts().await, ["written in a tunnel"]);
    ann.leave().await;
}

#[tokio::test]
async fn an_invitation_leads_into_its_room() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let _ann = Companion::named(&server, "Ann").await;
    let room = lin.makes("private", "Cellar").await;
    lin.says(room, "come down").await;
    let made = lin
        .asks("POST", &format!("rooms/{room}/invitations"), json!({}))
        .await;
    let code = made["invitation"]["code"].as_str().unwrap().to_owned();

    let ann = browsers.person(&site(&server), "en").await;
    ann.expects("404");
    ann.goto(&format!("/rooms/{room}")).await;
    ann.reads("#gone h2", "There is no such room").await;
    ann.goto("/join/nonsense").await;
    ann.reads("#invited-title", "This invitation is no longer good")
        .await;
    ann.goto(&format!("/join/{code}")).await;
    ann.reads("#invited-title", "Cellar").await;
    ann.picture("room-invited-visitor").await;
    ann.click("#invited-dialog .to-sign-in").await;
    signs_in(&ann, "Ann").await;
    ann.reads("#me-name", "Ann").await;
    ann.reads("#invited-title", "Cellar").await;
    ann.picture("room-invited").await;
    ann.click("#invited-dialog .join").await;
    ann.is_in("Cellar").await;
    ann.hears("come down").await;
    assert_eq!(path(&ann).await, format!("/rooms/{room}"));
    ann.leave().await;
}

#[tokio::test]
async fn two_talk_alone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let _lin = Companion::named(&server, "Lin").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#open-direct").await;
    ann.write_into("#direct-find", "li").await;
    ann.click("#direct-list button").await;
    ann.reads("#direct-chosen", "Talk with Lin").await;
    ann.picture("room-direct").await;
    ann.click("#direct-dialog .primary").await;
    ann.is_in("Lin").await;
    ann.post("only you hear this").await;
    assert_eq!(ann.text("#rail-direct .name").await, "Lin");
    ann.leave().await;
}
