//! Favourite rooms stand above the others, on every device of their person.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, signs_in};
use super::phone::large_enough_for_a_finger;
use super::{Browsers, Person, site};
use crate::support::Server;

/// The names in each section of the rail, as far as they show.
const RAIL: &str = "['favourites', 'rooms', 'direct'].map((section) =>
    [...document.querySelectorAll(`#rail-${section} a`)].filter((link) => link.checkVisibility())
        .map((link) => link.querySelector('.name').textContent).join())";

async fn stands(person: &Person, favourites: &str, rooms: &str, direct: &str) {
    let expected = json!([favourites, rooms, direct]);
    let as_expected = format!("JSON.stringify({RAIL}) === JSON.stringify({expected})");
    person
        .until(&format!("the rail is {expected}"), &as_expected)
        .await;
    let title = "document.getElementById('rail-favourites-title').checkVisibility()";
    let shown: bool = person.look(title).await;
    assert_eq!(shown, !favourites.is_empty(), "the section");
}

/// Whether the open room's menu says that it is a favourite.
async fn is_said(person: &Person, checked: bool) {
    let said = format!(
        "document.querySelector('#room-menu:popover-open [role=menu] > [role=menuitemcheckbox]').ariaChecked === '{checked}'"
    );
    person.until("the menu says so", &said).await;
}

async fn sits_down(browsers: &Browsers, server: &Server, name: &str) -> Person {
    let person = browsers.person(&site(server), "en").await;
    person.choose("#open-sign-in").await;
    signs_in(&person, name).await;
    person.reads("#me-name", name).await;
    person.is_live().await;
    person
}

#[tokio::test]
async fn favourites_stand_in_a_section_of_their_own_on_every_device() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut owner = Companion::named(&server, "Ann").await;
    let mut lin = Companion::named(&server, "Lin").await;
    let oolong = owner.makes("public", "Oolong").await;
    let puer = owner.makes("public", "Puer").await;
    owner.says(puer, "the first cup").await;
    lin.asks("POST", &format!("rooms/{oolong}/join"), json!({}))
        .await;
    let ann = sits_down(&browsers, &server, "Ann").await;
    let found = lin
        .asks("POST", "direct", json!({"people": [ann.id().await]}))
        .await;
    let direct = found["room"]["id"].as_i64().unwrap();
    lin.says(direct, "psst").await;
    let phone = sits_down(&browsers, &server, "Ann").await;
    phone.resize(390, 844).await;
    phone.show_rooms().await;
    stands(&ann, "", "Lobby,Puer,Oolong", "Lin").await;
    stands(&phone, "", "Lobby,Puer,Oolong", "Lin").await;

    // By keyboard: the menu has the focus, the arrows go round.
    ann.enter("Oolong").await;
    ann.find("#room-menu-button").await.focus().await.unwrap();
    ann.press(Key::Enter).await;
    ann.until("in the menu", "document.activeElement.id === 'room-search'")
        .await;
    is_said(&ann, false).await;
    for _ in 0..4 {
        ann.press(Key::Down).await;
    }
    ann.until(
        "at the star",
        "document.activeElement.id === 'room-favourite'",
    )
    .await;
    ann.press(Key::Space).await;
    is_said(&ann, true).await;
    ann.picture("favourite-menu").await;
    ann.press(Key::Escape).await;
    stands(&ann, "Oolong", "Lobby,Puer", "Lin").await;
    stands(&phone, "Oolong", "Lobby,Puer", "Lin").await;

    // By a finger, a direct room, the lobby too; what was said in last stands first, the lobby before.
    for name in ["Lin", "Lobby"] {
        phone.enter(name).await;
        phone.click("#room-menu-button").await;
        large_enough_for_a_finger(&phone, "#room-favourite").await;
        phone.click("#room-favourite").await;
        is_said(&phone, true).await;
        phone.picture(&format!("phone-favourite-menu-{name}")).await;
        phone.press(Key::Escape).await;
        phone.show_rooms().await;
    }
    stands(&phone, "Lobby,Lin,Oolong", "Puer", "").await;
    stands(&ann, "Lobby,Lin,Oolong", "Puer", "").await;
    assert!(
        !phone
            .look::<bool>("document.getElementById('no-direct').checkVisibility()")
            .await,
        "there is a direct room, if elsewhere"
    );
    phone.picture("phone-favourites").await;
    large_enough_for_a_finger(&phone, "#rail-favourites-title .fold").await;
    large_enough_for_a_finger(&phone, "#rail-favourites a").await;

    // What shall not disturb stands last here too, and its number is faint.
    ann.click("#room-menu-button").await;
    ann.click("#notify-none").await;
    ann.press(Key::Escape).await;
    ann.enter("Puer").await;
    lin.says(oolong, "anybody there?").await;
    let link = format!("document.querySelector(\"#rail-favourites a[href='/rooms/{oolong}']\")");
    ann.until(
        "it waits, quietly",
        &format!("{link}.querySelector('em.faint:not([hidden])') && !{link}.matches('.unread')"),
    )
    .await;
    stands(&ann, "Lobby,Lin,Oolong", "Puer", "").await;
    stands(&phone, "Lobby,Lin,Oolong", "Puer", "").await;
    ann.picture("favourites").await;

    // As the server draws it.
    ann.reload().await;
    stands(&ann, "Lobby,Lin,Oolong", "Puer", "").await;
    ann.is_live().await;
    let fold = "#rail-favourites-title .fold";
    ann.click(fold).await;
    lin.says(direct, "are you there?").await;
    stands(&ann, "Lin", "Puer", "").await;
    ann.reload().await;
    stands(&ann, "Lin", "Puer", "").await;
    ann.click(fold).await;

    for name in ["Oolong", "Lobby", "Lin"] {
        phone.enter(name).await;
        phone.click("#room-menu-button").await;
        is_said(&phone, true).await;
        phone.click("#room-favourite").await;
        is_said(&phone, false).await;
        phone.press(Key::Escape).await;
        phone.show_rooms().await;
    }
    stands(&phone, "", "Lobby,Puer,Oolong", "Lin").await;
    stands(&ann, "", "Lobby,Puer,Oolong", "Lin").await;
    ann.leave().await;
    phone.leave().await;
}

#[tokio::test]
async fn nothing_is_kept_of_a_visitors_favourites_and_none_are_offered() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let guest = browsers.person(&site(&server), "zh-CN,zh").await;
    guest.click("#room-menu-button").await;
    let offered = "['room-search', 'room-favourite', 'room-notify'].map((id) => document.getElementById(id).checkVisibility())";
    assert_eq!(guest.look::<[bool; 3]>(offered).await, [true, false, false]);
    guest.leave().await;
}
