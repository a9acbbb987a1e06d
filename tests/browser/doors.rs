//! Registration and invitations on the page: who is shown a way in, and whom Enter
//! lets in.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::phone::{large_enough_for_a_finger, nothing_sticks_out};
use super::{Browsers, Person, site};
use crate::support::Server;

const PASSWORD: &str = "七碗 chest of leaves";

/// Waits until the element has the focus.
pub async fn has_focus(person: &Person, css: &str) {
    let focused = format!("document.activeElement?.matches({})", json!(css));
    person
        .until(&format!("{css} has the focus"), &focused)
        .await;
}

/// Fills in the form that is open, as its keyboard would, and presses Enter.
async fn fills_by_keyboard(person: &Person, dialog: &str, values: &[&str]) {
    person
        .until(
            &format!("{dialog} is open"),
            &format!("document.querySelector('{dialog}[open]')"),
        )
        .await;
    for (number, value) in values.iter().enumerate() {
        if number > 0 {
            person.press(Key::Tab).await;
        }
        person.type_in(value).await;
    }
    person.press(Key::Enter).await;
}

async fn invitation(lin: &mut Companion, room: i64) -> String {
    let path = format!("rooms/{room}/invitations");
    let made = lin.asks("POST", &path, json!({})).await;
    let code = made["invitation"]["code"].as_str().unwrap();
    format!("/join/{code}")
}

#[tokio::test]
async fn enter_takes_an_invitation_up() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("private", "Cellar").await;
    let link = invitation(&mut lin, room).await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.goto(&link).await;
    ann.reads("#invited-title", "Cellar").await;
    has_focus(&ann, "#invited-dialog .join").await;
    ann.press(Key::Enter).await;
    ann.is_in("Cellar").await;
    ann.leave().await;

    // A newcomer comes in by Enter alone, and is in at once.
    let newcomer = browsers.person(&site(&server), "he,en").await;
    newcomer.goto(&link).await;
    newcomer.reads("#invited-title", "Cellar").await;
    has_focus(&newcomer, "#invited-dialog .to-register").await;
    newcomer.press(Key::Enter).await;
    fills_by_keyboard(&newcomer, "#register-dialog", &["שרה בת אברהם", PASSWORD]).await;
    newcomer.is_in("Cellar").await;
    newcomer.is_live().await;
    newcomer.reads("#me-name", "שרה בת אברהם").await;
    assert_eq!(
        newcomer.look::<String>("location.pathname").await,
        format!("/rooms/{room}")
    );
    newcomer.leave().await;
}

#[tokio::test]
async fn a_visitor_sees_the_door_and_is_told_what_is_behind_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    for (languages, door, rooms) in [
        (
            "en",
            "Sign in / Register",
            "Rooms are made by people with an account: sign in, or register first.",
        ),
        (
            "zh-CN,zh",
            "登录 / 注册",
            "有账号才能开新房间，先登录或注册吧。",
        ),
    ] {
        let ann = browsers.person(&site(&server), languages).await;
        ann.resize(1440, 900).await;
        ann.reads("#sign-in-button", door).await;
        ann.picture(&format!("door-{languages}")).await;
        ann.click("#sign-in-button").await;
        has_focus(&ann, "#sign-in-name").await;
        ann.picture(&format!("door-sign-in-{languages}")).await;
        ann.press(Key::Escape).await;
        ann.click("#create-room").await;
        ann.reads("#sign-in-dialog .why", rooms).await;
        ann.press(Key::Escape).await;
        ann.resize(390, 844).await;
        ann.reads("#sign-in-button", door).await;
        large_enough_for_a_finger(&ann, "#sign-in-button").await;
        nothing_sticks_out(&ann).await;
        ann.picture(&format!("door-phone-{languages}")).await;
        ann.click("#sign-in-button").await;
        ann.until(
            "the reason is gone",
            "document.querySelector('#sign-in-dialog .why').hidden",
        )
        .await;
        ann.picture(&format!("door-phone-sign-in-{languages}"))
            .await;
        ann.click("#sign-in-dialog .other").await;
        ann.fill(
            "#register-dialog",
            &[
                ("name", door.get(..2).unwrap_or("林小满")),
                ("password", PASSWORD),
            ],
        )
        .await;
        ann.is_live().await;
        ann.until(
            "no door for whoever is in",
            "document.getElementById('sign-in-button').hidden",
        )
        .await;
        ann.leave().await;
    }
}

#[tokio::test]
async fn whoever_may_not_make_rooms_is_told_so_before_they_fill_in_a_form() {
    let settings = [("rooms.public", "admins"), ("rooms.private", "nobody")];
    let server = Server::start(&settings);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#create-room").await;
    ann.reads(
        "#toast",
        "You cannot make rooms in this house. Ask those who run it.",
    )
    .await;
    server.crown("Ann");
    ann.reload().await;
    ann.click("#create-room").await;
    ann.until(
        "public rooms only",
        "document.querySelector('#create-dialog[open] [value=public]:checked')
            && document.querySelector('#create-dialog [value=private]:disabled')",
    )
    .await;
    ann.leave().await;
}

#[tokio::test]
async fn a_server_for_the_invited_offers_to_register_to_them_alone() {
    let settings = [("accounts.registration", "invited"), ("chat.guests", "off")];
    let server = Server::start(&settings);
    let browsers = Browsers::start();
    let (code, _, err) = server.run(
        &["user", "add", "Olga", "--role", "owner", "--password-stdin"],
        PASSWORD,
    );
    assert_eq!(code, Some(0), "{err}");

    let olga = browsers.stranger(&site(&server), "en").await;
    olga.reads("#sign-in-button", "Sign in").await;
    olga.click("#sign-in-button").await;
    olga.reads(
        "#no-register",
        "New accounts are by invitation here: open the link that somebody inside sends you.",
    )
    .await;
    let hidden = "!document.querySelector('#sign-in-dialog .other').checkVisibility()";
    assert!(olga.look::<bool>(hidden).await, "no way to register");
    olga.picture("invited-sign-in").await;
    olga.fill(
        "#sign-in-dialog",
        &[("name", "Olga"), ("password", PASSWORD)],
    )
    .await;
    olga.is_live().await;
    olga.choose("#invite-to-server").await;
    olga.reads(
        "#invite-dialog .hint",
        "Everybody with the link can make an account.",
    )
    .await;
    olga.click("#invite-dialog .primary").await;
    olga.until(
        "a link",
        "document.querySelector('#invite-list input')?.value",
    )
    .await;
    olga.picture("invite-to-server").await;
    let link: String = olga
        .look("new URL(document.querySelector('#invite-list input').value).pathname")
        .await;

    let lin = browsers.stranger(&site(&server), "zh-CN,zh").await;
    lin.goto(&link).await;
    lin.reads("#invited-title", "茶馆").await;
    lin.picture("invited-to-server").await;
    lin.resize(390, 844).await;
    lin.picture("invited-to-server-phone").await;
    lin.press(Key::Enter).await;
    fills_by_keyboard(&lin, "#register-dialog", &["林小满", PASSWORD]).await;
    lin.reads("#me-name", "林小满").await;
    lin.is_live().await;
    assert_eq!(lin.look::<String>("location.pathname").await, "/");

    // Whoever puts the invitation aside is a stranger again.
    let mia = browsers.stranger(&site(&server), "en").await;
    mia.goto(&link).await;
    mia.reads("#sign-in-button", "Sign in / Register").await;
    mia.click("#invited-dialog .cancel").await;
    mia.reads("#sign-in-button", "Sign in").await;
    mia.leave().await;
    olga.click("#invite-list .revoke").await;
    olga.reads("#invite-state", "There are no open invitations.")
        .await;
    olga.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_lost_password_is_replaced_by_a_link() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "林小满").await;
    lin.says(1, "我记不住密码").await;
    let olga = member(&browsers, &server, &site(&server), "Olga").await;
    server.crown("Olga");
    olga.reload().await;
    olga.hears("我记不住密码").await;
    olga.click("#messages > .msg .name").await;
    olga.picture("password-menu").await;
    olga.click("#person-menu [data-act=password]").await;
    olga.until(
        "the link",
        "document.querySelector('#link-dialog[open] input')?.value",
    )
    .await;
    olga.picture("password-link").await;
    let link: String = olga
        .look("document.querySelector('#link-dialog input').value")
        .await;
    let path = link.strip_prefix(&site(&server)).unwrap();
    olga.leave().await;

    let ann = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.resize(390, 844).await;
    ann.click("#sign-in-button").await;
    ann.until(
        "what to do",
        "document.querySelector('#sign-in-dialog[open]').innerText.includes('忘了密码？')",
    )
    .await;
    ann.expects("400");
    ann.goto(path).await;
    ann.reads("#password-link-title", "给 林小满 设新密码")
        .await;
    has_focus(&ann, "#password-link-new").await;
    ann.picture("password-new-phone").await;
    fills_by_keyboard(&ann, "#password-dialog", &["short"]).await;
    ann.until(
        "why not",
        "document.getElementById('password-link-problem').textContent",
    )
    .await;
    ann.fill("#password-dialog", &[("password", "八碗 chest of leaves")])
        .await;
    ann.reads("#me-name", "林小满").await;
    ann.is_live().await;
    assert!(ann.hears("我记不住密码").await.mine);
    ann.expects("404");
    ann.goto(path).await;
    ann.reads("#password-link-title", "这个链接已失效，请再要一个。")
        .await;
    ann.picture("password-link-bad-phone").await;
    ann.leave().await;
}

#[tokio::test]
async fn name_and_words_of_a_visitor_come_along() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.click("#sign-in-button").await;
    ann.click("#sign-in-dialog .other").await;
    assert_eq!(
        ann.look::<String>("document.getElementById('register-name').value")
            .await,
        "",
        "a given name is not one's own"
    );
    ann.press(Key::Escape).await;
    ann.choose("#open-rename").await;
    ann.fill("#rename-dialog", &[("name", "青青 of the Hills")])
        .await;
    ann.reads("#me-name", "青青 of the Hills").await;
    ann.post("said at the door").await;
    ann.choose("#open-register").await;
    has_focus(&ann, "#register-name").await;
    ann.fill("#register-dialog", &[("password", PASSWORD)])
        .await;
    ann.until(
        "the page of a member",
        "document.getElementById('me-about').textContent.startsWith('Member')",
    )
    .await;
    ann.is_live().await;
    ann.reads("#me-name", "青青 of the Hills").await;
    assert!(
        ann.hears("said at the door").await.mine,
        "it is theirs as before"
    );
    assert!(ann.may_change("said at the door").await);
    ann.use_tool(".edit", "said at the door").await;
    ann.type_in(", corrected").await;
    ann.press(Key::Enter).await;
    ann.hears("said at the door, corrected").await;
    ann.reload().await;
    assert!(ann.hears("said at the door, corrected").await.mine);
    ann.leave().await;
}
