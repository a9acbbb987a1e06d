//! What somebody is in a room, and what its settings are, show at once wherever they matter.

use serde_json::{Value, json};

use super::company::{Companion, member};
use super::{Browsers, Person, site};
use crate::support::Server;

/// Waits until the box has given way to these words.
async fn is_closed(person: &Person, words: &str) {
    person.reads("#closed p", words).await;
    person
        .until(
            "the box is gone",
            "!document.querySelector('.box').checkVisibility()",
        )
        .await;
}

async fn is_open(person: &Person) {
    person
        .until(
            "the box is there",
            "document.querySelector('.box').checkVisibility()",
        )
        .await;
}

/// Waits until a grey note says this.
pub async fn is_told(person: &Person, words: &str) {
    let seen = format!(
        "[...document.querySelectorAll('#messages > .note')].some((note) => note.textContent === {})",
        json!(words)
    );
    person.until(words, &seen).await;
}

/// Lin, with a public room, and Ann before its page.
pub async fn room_of_lin(server: &Server, browsers: &Browsers) -> (Companion, i64, Person) {
    let mut lin = Companion::named(server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(browsers, server, &site(server), "Ann").await;
    joins(&ann, room).await;
    (lin, room, ann)
}

/// Comes to a public room by its address, and joins it.
pub async fn joins(person: &Person, room: i64) {
    person.goto(&format!("/rooms/{room}")).await;
    person.is_live().await;
    is_closed(person, "Join to talk here.").await;
    person.picture("room-role-outside").await;
    person.click("#closed button").await;
    is_open(person).await;
}

#[tokio::test]
async fn settings_of_a_room_show_at_once() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, room, ann) = room_of_lin(&server, &browsers).await;
    is_told(&ann, "You joined").await;

    let path = format!("rooms/{room}");
    for (change, note, closed) in [
        (
            json!({"read_only": true}),
            "Lin made the room read only",
            "Only admins may post in this room.",
        ),
        (
            json!({"read_only": false, "mute_all": true}),
            "Lin opened the room for everybody",
            "Everybody is muted for now.",
        ),
        (
            json!({"mute_all": false, "archived": true}),
            "Lin archived the room",
            "This room is archived: read only.",
        ),
    ] {
        lin.asks("PATCH", &path, change).await;
        is_told(&ann, note).await;
        is_closed(&ann, closed).await;
    }
    ann.picture("room-role-archived").await;
    lin.asks("PATCH", &path, json!({"archived": false})).await;
    is_open(&ann).await;
    lin.asks(
        "PATCH",
        &path,
        json!({"name": "Pu'er", "topic": "dark", "notice": "Bring a cup."}),
    )
    .await;
    ann.reads("h1", "Pu'er").await;
    ann.reads(".title p", "dark").await;
    ann.reads("#notice-text", "Bring a cup.").await;
    ann.picture("room-role-notice").await;
    ann.click("#notice button").await;
    ann.reload().await;
    assert!(
        !ann.look::<bool>("document.getElementById('notice').checkVisibility()")
            .await,
        "what was read does not come again"
    );
    lin.asks("PATCH", &path, json!({"slow": 60})).await;
    is_told(&ann, "Lin turned slow mode on: one message in 60 s").await;
    ann.post("slowly").await;
    ann.write("slower").await;
    let counts = "document.getElementById('count').textContent.startsWith('Slow mode: ')";
    ann.until("the wait is counted", counts).await;
    assert!(ann.look("document.getElementById('send').disabled").await);
    ann.leave().await;
}

#[tokio::test]
async fn whoever_is_muted_or_removed_or_banned_sees_it_at_once() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, room, ann) = room_of_lin(&server, &browsers).await;
    lin.makes_of(room, "Ann", "muted").await;
    is_closed(&ann, "You are muted: you can read along.").await;
    is_told(&ann, "Lin muted you").await;
    ann.picture("room-role-muted").await;
    lin.makes_of(room, "Ann", "member").await;
    is_open(&ann).await;

    let id = lin.id_of(room, "Ann").await;
    lin.asks("DELETE", &format!("rooms/{room}/members/{id}"), Value::Null)
        .await;
    ann.reads("#gone h2", "You were removed from Oolong").await;
    ann.picture("room-role-removed").await;
    ann.click("#gone a").await;
    ann.is_in("Lobby").await;
    joins(&ann, room).await;
    // They are in it, not on their way.
    is_told(&ann, "You joined").await;
    lin.makes_of(room, "Ann", "banned").await;
    ann.reads("#gone h2", "You can no longer enter Oolong")
        .await;
    ann.leave().await;
}

#[tokio::test]
async fn an_owner_looks_after_the_room_from_the_list_of_members() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.resize(1440, 900).await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    let address: String = ann.look("location.pathname").await;
    let room: i64 = address.rsplit('/').next().unwrap().parse().unwrap();
    lin.asks("POST", &format!("rooms/{room}/join"), Value::Null)
        .await;
    is_told(&ann, "Lin joined").await;
    ann.reads("#people-count", "2").await;
    for (act, note) in [
        ("mute", "You muted Lin"),
        ("unmute", "You unmuted Lin"),
        ("appoint", "You made Lin an admin"),
        ("dismiss", "You took admin rights from Lin"),
    ] {
        ann.click("#member-groups li.able").await;
        ann.picture(&format!("room-role-menu-{act}")).await;
        ann.click(&format!("#person-menu [data-act={act}]")).await;
        is_told(&ann, note).await;
        // The list is drawn anew with their new role.
        let undone = match act {
            "mute" => "unmute",
            "appoint" => "dismiss",
            _ => "mute",
        };
        let offered = format!(
            "(() => {{
                const menu = document.getElementById('person-menu');
                if (!menu.matches(':popover-open')) document.querySelector('#member-groups .about').click();
                const there = !menu.querySelector('[data-act={undone}]').hidden;
                menu.hidePopover();
                return there;
            }})()"
        );
        ann.until("the menu knows", &offered).await;
    }
    ann.click("#member-groups li.able").await;
    ann.click("#person-menu [data-act=remove]").await;
    ann.reads("#confirm-title", "Remove Lin from the room?")
        .await;
    ann.picture("room-role-confirm").await;
    ann.click("#confirm-dialog .primary").await;
    is_told(&ann, "You removed Lin").await;
    ann.reads("#people-count", "1").await;

    ann.click("#room-menu-button").await;
    ann.click("#room-configure").await;
    ann.picture("room-role-configure").await;
    ann.fill("#configure-dialog", &[("name", "White peony")])
        .await;
    ann.reads("h1", "White peony").await;
    is_told(&ann, "You renamed the room to “White peony”").await;
    ann.click("#room-menu-button").await;
    ann.click("#room-invite").await;
    ann.click("#invite-dialog .primary").await;
    let link = "document.querySelector('#invite-list input')?.value.startsWith(location.origin + '/join/')";
    ann.until("a link", link).await;
    ann.picture("room-role-invitations").await;
    let ends: String = ann
        .look("document.querySelector('#invite-list small').textContent")
        .await;
    assert!(
        ends.contains(":") && (ends.contains("AM") || ends.contains("PM")),
        "hours as everywhere else: {ends}"
    );
    ann.click("#invite-list .revoke").await;
    ann.reads("#invite-state", "There are no open invitations.")
        .await;
    ann.leave().await;
}
