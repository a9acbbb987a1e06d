//! A server that is part of a site: private rooms that are open to its people, and pages without passwords.

use super::company::{Companion, signs_in};
use super::fits::fits;
use super::keys::opens;
use super::room_role::is_told;
use super::site_sign_in::find_house;
use super::{Browsers, Person};
use crate::support::Server;
use crate::support::site::{HOUSE, SETTINGS};

/// Opens the settings of a room, by its menu.
async fn configures(person: &Person, room: i64, name: &str) {
    person.goto(&format!("/rooms/{room}")).await;
    person.is_in(name).await;
    reopens(person).await;
}

async fn reopens(person: &Person) {
    person.click("#room-menu-button").await;
    person.click("#room-configure").await;
    person
        .until(
            "the form",
            "document.getElementById('configure-dialog').open",
        )
        .await;
}

async fn is_offered(person: &Person) -> bool {
    let shown = "document.getElementById('configure-site')?.checkVisibility() ?? false";
    person.look(shown).await
}

#[tokio::test]
async fn the_owner_of_a_private_room_lets_the_people_of_the_site_in() {
    let server = Server::start(&SETTINGS);
    let browsers = find_house(&server);
    let mut company = Companion::named(&server, "Lin").await;
    let public = company.makes("public", "Kitchen").await;
    let private = company.makes("private", "Cellar").await;
    let lin = browsers.person(HOUSE, "en").await;
    lin.choose("#open-sign-in").await;
    signs_in(&lin, "Lin").await;
    lin.reads("#me-name", "Lin").await;
    configures(&lin, public, "Kitchen").await;
    assert!(!is_offered(&lin).await, "a public room is open anyhow");
    configures(&lin, private, "Cellar").await;
    assert!(is_offered(&lin).await);
    fits(&lin, "#configure-dialog").await;
    lin.picture("room-open-to-site").await;
    lin.click("#configure-site").await;
    lin.click("#configure-dialog .primary").await;
    is_told(&lin, "You let the people of the site in").await;
    reopens(&lin).await;
    let on = "document.querySelector('#configure-site input').checked";
    assert!(lin.look::<bool>(on).await);
    lin.click("#configure-site").await;
    lin.click("#configure-dialog .primary").await;
    is_told(&lin, "You closed the room to the people of the site").await;
    reopens(&lin).await;
    assert!(!lin.look::<bool>(on).await);
    lin.leave().await;
    let (server, browsers) = (Server::start(&[]), Browsers::start());
    let mut company = Companion::named(&server, "Lin").await;
    let private = company.makes("private", "Cellar").await;
    let lin = opens(&browsers, &server, "en", "Lin").await;
    configures(&lin, private, "Cellar").await;
    assert!(!is_offered(&lin).await, "there is no site");
    // The form saves without that switch.
    lin.write_into("#configure-topic", "cool and dark").await;
    lin.click("#configure-dialog .primary").await;
    lin.reads(".title p", "cool and dark").await;
    lin.leave().await;
}

#[tokio::test]
async fn without_passwords_the_page_asks_for_none() {
    let mut settings = SETTINGS.to_vec();
    settings.extend([
        ("accounts.passwords", "false"),
        ("site.sign_in", "https://www.example.org/in"),
        ("site.name", "Example"),
    ]);
    let server = Server::start(&settings);
    let browsers = find_house(&server);
    let ann = browsers.person(HOUSE, "en").await;
    ann.goto("/").await;
    ann.is_live().await;
    ann.reads("#sign-in-button", "Sign in").await;
    ann.click("#sign-in-button").await;
    ann.reads("#site-sign-in", "Sign in with Example").await;
    let says = "You come in at the site that this chat is part of.";
    assert!(ann.text("#sign-in-dialog").await.contains(says));
    let fields = "document.querySelectorAll('#sign-in-dialog input').length";
    assert_eq!(ann.look::<u32>(fields).await, 0);
    ann.picture("sign-in-without-passwords").await;
    ann.leave().await;
}
