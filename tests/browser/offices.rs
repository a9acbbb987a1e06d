//! What somebody is in a room is given, taken and laid down from the page, and shows to all at once.

use super::company::{Companion, member};
use super::room_role::{is_told, joins};
use super::{Browsers, Person, site};
use crate::support::Server;

/// Opens what can be done with somebody in the list of members, once `act` is offered, and does it.
pub async fn does(person: &Person, name: &str, act: &str) {
    let row = format!(
        "[...document.querySelectorAll('.people .persons li')]
            .find((row) => row.checkVisibility() && row.querySelector('.name').textContent === '{name}')"
    );
    // The list is drawn anew with their new role: what is offered then is looked for again.
    let offered = format!(
        "(() => {{
            const menu = document.getElementById('person-menu');
            const act = menu.querySelector('[data-act={act}]');
            if (menu.matches(':popover-open') && act.checkVisibility()) return true;
            menu.hidePopover();
            {row}?.querySelector('.about')?.click();
        }})()"
    );
    person.until(&format!("{act} is offered"), &offered).await;
    person
        .click(&format!("#person-menu [data-act={act}]"))
        .await;
}

/// Says yes to the question that this is.
pub async fn agrees(person: &Person, question: &str) {
    person.reads("#confirm-title", question).await;
    person.click("#confirm-dialog .primary").await;
}

#[tokio::test]
async fn a_room_is_handed_over_and_an_admin_steps_down() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let site = site(&server);
    let ann = member(&browsers, &server, &site, "Ann").await;
    let lin = member(&browsers, &server, &site, "Lin").await;
    for person in [&ann, &lin] {
        person.resize(1440, 900).await;
    }
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    let address: String = ann.look("location.pathname").await;
    joins(&lin, address.rsplit('/').next().unwrap().parse().unwrap()).await;
    is_told(&ann, "Lin joined").await;
    assert!(
        !lin.look::<bool>("document.getElementById('room-configure').checkVisibility()")
            .await
    );

    does(&ann, "Lin", "transfer").await;
    agrees(&ann, "Hand the room over to Lin?").await;
    is_told(&ann, "You handed the room over to Lin").await;
    is_told(&lin, "Ann handed the room over to you").await;
    for person in [&ann, &lin] {
        person.reads("#member-groups .owner .name", "Lin").await;
        person.reads("#member-groups .admin .name", "Ann").await;
    }
    does(&lin, "Ann", "mute").await;
    is_told(&ann, "Lin muted you").await;
    does(&lin, "Ann", "unmute").await;
    is_told(&ann, "Lin unmuted you").await;
    does(&lin, "Ann", "appoint").await;
    is_told(&ann, "Lin made you an admin").await;

    does(&ann, "Ann", "resign").await;
    ann.picture("offices-resign").await;
    agrees(&ann, "Step down as admin?").await;
    is_told(&ann, "You stepped down as admin").await;
    is_told(&lin, "Ann stepped down as admin").await;
    let group = "!document.querySelector('#member-groups .admin').checkVisibility()";
    for person in [&ann, &lin] {
        person.until("no admin is left", group).await;
    }
    let offered = "document.querySelector('#member-groups .self .about')";
    ann.until("nothing more to lay down", &format!("!{offered}"))
        .await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn in_the_lobby_those_of_the_server_mute_and_ban_and_lift_it_again() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let site = site(&server);
    drop(Companion::named(&server, "Olga").await);
    server.crown("Olga");
    let owner = browsers.person(&site, "en").await;
    owner.resize(1440, 900).await;
    owner.choose("#open-sign-in").await;
    super::company::signs_in(&owner, "Olga").await;
    owner.reads("#me-name", "Olga").await;
    owner.is_live().await;
    let bob = member(&browsers, &server, &site, "Bob").await;
    bob.expects("404");
    let kept = "document.querySelector('#members').checkVisibility()";
    assert!(!owner.look::<bool>(kept).await, "nobody is kept quiet");

    does(&owner, "Bob", "mute").await;
    is_told(&bob, "Olga muted you").await;
    bob.reads("#closed p", "You are muted: you can read along.")
        .await;
    owner.reads("#member-groups .muted .name", "Bob").await;
    does(&owner, "Bob", "unmute").await;
    is_told(&bob, "Olga unmuted you").await;
    bob.post("I can talk again").await;
    owner.until("nobody is muted", &format!("!{kept}")).await;

    does(&owner, "Bob", "ban").await;
    agrees(&owner, "Ban Bob?").await;
    bob.reads("#gone h2", "You can no longer enter Lobby").await;
    is_told(&owner, "You banned Bob").await;
    bob.leave().await;
    owner.reads("#member-groups .banned .name", "Bob").await;
    owner.reload().await;
    owner.reads("#member-groups .banned .name", "Bob").await;
    owner.picture("offices-lobby").await;
    does(&owner, "Bob", "unban").await;
    is_told(&owner, "You lifted the ban on Bob").await;
    owner.until("nobody is banned", &format!("!{kept}")).await;
    owner.reload().await;
    assert!(!owner.look::<bool>(kept).await);
    owner.leave().await;
}
