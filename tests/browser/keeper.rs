//! A server for those who are invited, and its owner: an invitation to the server, no way in for anybody else,
//! and a link for whoever has forgotten their password. It leaves the last pictures of docs/tour.md.

use thirtyfour::prelude::Key;

use super::newcomer::wears;
use super::strangers::{FAMILY, LONG};
use super::{Browsers, Person, site};
use crate::support::Server;

const OWNER: &str = "老陈";
const PASSWORD: &str = "七碗 chest of leaves";
const NEXT: &str = "eight bowls, and a lid";

#[tokio::test]
async fn whoever_keeps_a_server_lets_people_in_and_in_again() {
    let settings = [("accounts.registration", "invited"), ("chat.guests", "off")];
    let server = Server::start(&settings);
    let arguments = ["user", "add", OWNER, "--role", "owner", "--password-stdin"];
    let (code, _, err) = server.run(&arguments, PASSWORD);
    assert_eq!(code, Some(0), "{err}");

    let browsers = Browsers::start();
    let owner = browsers.stranger(&site(&server), "zh-CN,zh").await;
    owner.resize(1280, 800).await;
    owner.click("#sign-in-button").await;
    let fields = [("name", OWNER), ("password", PASSWORD)];
    owner.fill("#sign-in-dialog", &fields).await;
    owner.is_live().await;
    wears(&owner, "light").await;
    owner.choose("#invite-to-server").await;
    owner.click("#invite-dialog .primary").await;
    let link = link_in(&owner, "#invite-list input").await;
    owner.picture("27-invite-to-server").await;
    owner.press(Key::Escape).await;

    let guest = on_a_phone(&browsers, &server).await;
    guest.goto(&link).await;
    guest.reads("#invited-title", "Teahouse").await;
    let tops = "new Set([...document.querySelectorAll('#invited-dialog footer button')].filter((button) => button.checkVisibility()).map((button) => button.offsetTop)).size";
    assert_eq!(guest.look::<u32>(tops).await, 1, "all ways in one row");
    let line = "!document.getElementById('state').checkVisibility()";
    guest.until("only the place of the box says it", line).await;
    guest.picture("28-invited-to-server").await;
    guest.click("#invited-dialog .to-register").await;
    let fields = [("name", LONG), ("password", PASSWORD)];
    guest.fill("#register-dialog", &fields).await;
    guest.is_in("Lobby").await;
    guest.is_live().await;
    guest.write(FAMILY).await;
    guest.send().await;
    guest.hears(FAMILY).await;

    // The phone is lost, and the password with it.
    owner.hears(FAMILY).await;
    owner.click("#messages > .msg .name").await;
    owner.reads("#person-menu > b", LONG).await;
    owner.click("#person-menu [data-act=password]").await;
    let link = link_in(&owner, "#link-dialog[open] input").await;
    owner.picture("29-password-link").await;
    let another = on_a_phone(&browsers, &server).await;
    another.goto(&link).await;
    let title = format!("A new password for {LONG}");
    another.reads("#password-link-title", &title).await;
    another.picture("30-new-password").await;
    another
        .fill("#password-dialog", &[("password", NEXT)])
        .await;
    another.is_in("Lobby").await;
    another.is_live().await;
    assert!(another.hears(FAMILY).await.mine);
    for person in [owner, guest, another] {
        person.leave().await;
    }
}

/// Somebody before a phone, at a door that is shut to them.
async fn on_a_phone(browsers: &Browsers, server: &Server) -> Person {
    let person = browsers.stranger(&site(server), "en").await;
    person.resize(390, 844).await;
    person.reads("#sign-in-button", "Sign in").await;
    person
}

/// What follows the server in the link that this field shows, once it is there.
async fn link_in(person: &Person, css: &str) -> String {
    let field = format!("document.querySelector('{css}')");
    person.until("a link", &format!("{field}?.value")).await;
    person
        .look(&format!("{field}.value.slice(location.origin.length)"))
        .await
}
