//! Whoever is kept out of a room sees so, and is back in it as soon as they may be.

use serde_json::{Value, json};

use super::company::{Companion, member};
use super::offices::{agrees, does};
use super::room_role::{is_told, joins};
use super::{Browsers, Person, site};
use crate::support::Server;

/// Waits until the page says that the lobby is closed to them, and shows nothing of it.
async fn is_barred(person: &Person) {
    person
        .reads("#gone h2", "You can no longer enter Lobby")
        .await;
    person
        .until(
            "no lobby to see",
            "[...document.querySelectorAll('#timeline, #online, #composer, .people, #gone a')]
                .every((part) => !part.checkVisibility({visibilityProperty: true}))
                && !document.querySelector('.rail a[href=\"/\"]')",
        )
        .await;
    assert_eq!(person.text("h1").await, "Lobby");
}

#[tokio::test]
async fn whoever_is_banned_from_the_lobby_keeps_their_rooms_and_is_back_at_once() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    server.crown("Lin");
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.expects("404");
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    ann.enter("Lobby").await;
    ann.post("too loud").await;
    let ban = format!("rooms/1/members/{}", ann.id().await);
    lin.asks("PUT", &ban, json!({"role": "banned"})).await;
    is_barred(&ann).await;
    ann.picture("bans-lobby").await;
    ann.enter("Oolong").await;
    ann.post("still at home here").await;
    ann.goto("/").await;
    ann.is_live().await;
    is_barred(&ann).await;
    ann.goto("/rooms/4398046511104").await;
    ann.is_live().await;
    ann.reads("#gone h2", "There is no such room").await;
    ann.click("#gone a").await;
    is_barred(&ann).await;
    lin.asks("DELETE", &ban, Value::Null).await;
    ann.is_in("Lobby").await;
    ann.hears("too loud").await;
    ann.post("quieter now").await;
    ann.leave().await;
}

#[tokio::test]
async fn who_is_kept_out_by_the_owner_comes_back_when_it_is_lifted() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let site = site(&server);
    let ann = member(&browsers, &server, &site, "Ann").await;
    let lin = member(&browsers, &server, &site, "Lin").await;
    ann.resize(1440, 900).await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    let address: String = ann.look("location.pathname").await;
    let room = address.rsplit('/').next().unwrap().parse().unwrap();
    joins(&lin, room).await;
    lin.post("too much sugar").await;
    ann.hears("too much sugar").await;
    ann.click(".msg .name").await;
    ann.click("#person-menu [data-act=ban]").await;
    agrees(&ann, "Ban Lin?").await;
    lin.reads("#gone h2", "You can no longer enter Oolong")
        .await;
    is_told(&ann, "You banned Lin").await;
    ann.reads("#member-groups .banned .name", "Lin").await;
    ann.reads("#people-count", "1").await;
    lin.expects("404");
    lin.goto(&address).await;
    lin.reads("#gone h2", "There is no such room").await;
    does(&ann, "Lin", "unban").await;
    is_told(&ann, "You lifted the ban on Lin").await;
    let list = "!document.querySelector('#member-groups .banned').checkVisibility()";
    ann.until("nobody is kept out", list).await;
    joins(&lin, room).await;
    lin.hears("too much sugar").await;
    is_told(&ann, "Lin joined").await;
    ann.leave().await;
    lin.leave().await;
}
