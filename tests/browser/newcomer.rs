//! A newcomer moves in: an account, a room of her own, a guest by invitation, order kept, a stranger
//! who asks in vain, and the next day on a phone. With `TEAHOUSE_SCREENSHOTS=DIR` it leaves the
//! pictures of docs/tour.md there.

use rusqlite::Connection;
use serde_json::json;
use thirtyfour::prelude::Key;

use super::{Browsers, Person, Road};
use crate::support::Server;

const PASSWORD: &str = "山路上的第七个弯 and a thermos";

const ROOM: &str = "周末徒步";

/// A day, in ms.
const DAY: i64 = 24 * 60 * 60 * 1_000;

const TALK: [(bool, &str); 5] = [
    (true, "欢迎！周六早上八点，九溪公交站集合。"),
    (false, "Thanks for the invitation! Is the trail easy?"),
    (true, "前半段平，最后一公里要爬。@Mira 记得带水。"),
    (false, "I will bring water, and a thermos of oolong."),
    (true, "那茶我就不带了 🍵"),
];

const OVERNIGHT: [&str; 3] = [
    "It rained all night. Are we still going?",
    "The forecast says it clears up at seven.",
    "I will be at the bus stop at eight.",
];

#[tokio::test]
async fn a_newcomer_moves_in_and_comes_back_the_next_day_on_a_phone() {
    let mut server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();

    let he = arrives(&browsers, &road, "zh-CN,zh", "light").await;
    he.choose("#open-register").await;
    he.picture("1-register").await;
    registers(&he, "小禾").await;
    he.click("#create-room").await;
    he.click("#create-dialog label:has([value=private])").await;
    he.write_into("#create-dialog [name=name]", ROOM).await;
    he.write_into("#create-dialog [name=topic]", "走得慢，看得多")
        .await;
    he.picture("2-create").await;
    he.click("#create-dialog footer .primary").await;
    he.is_in(ROOM).await;
    let address: String = he.look("location.pathname").await;
    he.click("#room-menu-button").await;
    he.click("#room-invite").await;
    he.click("#invite-dialog .primary").await;
    he.until(
        "a link",
        "document.querySelector('#invite-list input')?.value",
    )
    .await;
    he.picture("3-invite").await;
    let link: String = he
        .look("document.querySelector('#invite-list input').value")
        .await;
    assert!(link.starts_with(&road.site()), "{link}");
    he.click("#invite-dialog .cancel").await;

    let mira = arrives(&browsers, &road, "en", "dark").await;
    mira.goto(link.strip_prefix(&road.site()).unwrap()).await;
    mira.reads("#invited-title", ROOM).await;
    mira.picture("4-invited").await;
    mira.click("#invited-dialog .to-register").await;
    registers(&mira, "Mira").await;
    mira.is_in(ROOM).await;
    for (is_hers, words) in TALK {
        let (speaker, listener) = if is_hers { (&he, &mira) } else { (&mira, &he) };
        speaker.post(words).await;
        listener.hears(words).await;
    }
    he.picture("5-talk").await;

    stands(&he, "mute").await;
    mira.reads("#closed p", "You are muted: you can read along.")
        .await;
    mira.picture("6-muted").await;
    stands(&he, "unmute").await;
    mira.post("Sorry, I will keep to the topic.").await;
    he.hears("Sorry, I will keep to the topic.").await;

    let tom = arrives(&browsers, &road, "en", "light").await;
    tom.choose("#open-register").await;
    registers(&tom, "Tom").await;
    tom.expects("404");
    tom.goto(&address).await;
    tom.reads("#gone h2", "There is no such room").await;
    let page: String = tom.look("document.documentElement.outerHTML").await;
    assert!(!page.contains(ROOM) && !page.contains(TALK[0].1));
    let asked = format!(
        "fetch('/api/v1{address}').then(async (answer) => {{ window.asked = answer.status + await answer.text(); }})"
    );
    tom.browser.execute(asked, vec![]).await.unwrap();
    tom.until("an answer", "window.asked?.startsWith('404')")
        .await;
    tom.until("that says nothing", "window.asked.includes('Not found.')")
        .await;
    tom.picture("7-not-there").await;
    tom.leave().await;

    // She shuts the laptop without a word; the house sleeps; it is the day after.
    he.browser.goto("about:blank").await.unwrap();
    mira.until(
        "she is gone",
        "document.querySelector('#member-groups .off, #member-groups li:not(:has(.on))')",
    )
    .await;
    for words in OVERNIGHT {
        mira.post(words).await;
    }
    mira.expects_cuts();
    server.stop();
    a_day_later(&server);
    server.launch();
    road.mend(&server).await;
    mira.is_live().await;

    let phone = arrives(&browsers, &road, "zh-CN,zh", "dark").await;
    phone.resize(390, 844).await;
    phone.sign_in("小禾", PASSWORD).await;
    // Her taste came with her from the laptop; at night she likes it dark.
    phone
        .until(
            "her theme",
            "document.documentElement.dataset.theme === 'light'",
        )
        .await;
    wears(&phone, "dark").await;
    phone.show_rooms().await;
    phone
        .reads(".rail a[href^='/rooms/'] em > :first-child", "3")
        .await;
    phone.picture("8-phone-rooms").await;
    phone.enter(ROOM).await;
    let line = format!(
        "document.querySelector('#messages > .fresh')?.nextElementSibling?.querySelector('.body')?.textContent === {}",
        json!(OVERNIGHT[0])
    );
    phone
        .until("the line stands where she left off", &line)
        .await;
    phone.picture("9-phone-unread").await;
    phone.post("去的，八点见！").await;
    mira.hears("去的，八点见！").await;

    he.goto(&address).await;
    he.is_live().await;
    phone.choose("#open-settings").await;
    phone.click("#tab-devices").await;
    phone
        .until(
            "two devices",
            "document.querySelectorAll('#devices li').length === 2",
        )
        .await;
    phone.picture("10-phone-devices").await;
    phone.click("#devices li:last-child button").await;
    he.until(
        "the laptop is out",
        "document.querySelector('#state[data-state=stopped]')",
    )
    .await;
    he.picture("11-laptop-out").await;
    he.goto("/").await;
    he.is_live().await;
    let page: String = he.look("document.documentElement.outerHTML").await;
    assert!(!page.contains(ROOM), "whoever has the laptop is a visitor");
    mira.picture("12-the-next-day").await;
    for person in [he, mira, phone] {
        person.leave().await;
    }
}

/// Somebody before a page of this theme, on a desk.
pub(super) async fn arrives(
    browsers: &Browsers,
    road: &Road,
    languages: &str,
    theme: &str,
) -> Person {
    let person = browsers.person(&road.site(), languages).await;
    person.resize(1280, 800).await;
    person
        .devtools("Emulation.setScrollbarsHidden", json!({"hidden": true}))
        .await;
    wears(&person, theme).await;
    person
}

pub(super) async fn wears(person: &Person, theme: &str) {
    person.choose(&format!("#theme-{theme}")).await;
    let worn = format!("document.documentElement.dataset.theme === '{theme}'");
    person.until("the theme", &worn).await;
    person.press(Key::Escape).await;
}

pub(super) async fn registers(person: &Person, name: &str) {
    person
        .fill(
            "#register-dialog",
            &[("name", name), ("password", PASSWORD)],
        )
        .await;
    person.reads("#me-name", name).await;
    person.is_live().await;
}

/// The owner makes something else of the only other member.
async fn stands(owner: &Person, act: &str) {
    let offered = format!(
        "(() => {{
            const menu = document.getElementById('person-menu');
            if (!menu.matches(':popover-open')) document.querySelector('#member-groups .about')?.click();
            return menu.matches(':popover-open') && !menu.querySelector('[data-act={act}]').hidden;
        }})()"
    );
    owner.until("the menu", &offered).await;
    owner
        .until("the menu has come", "document.getAnimations().length === 0")
        .await;
    owner.click(&format!("#person-menu [data-act={act}]")).await;
}

/// Moves everything that was said back by a day.
pub(super) fn a_day_later(server: &Server) {
    let store = Connection::open(server.data().join("teahouse.db")).unwrap();
    for sql in [
        "UPDATE messages SET created_at = created_at - ?1",
        "UPDATE events SET at = at - ?1",
        "UPDATE rooms SET said_at = said_at - ?1",
    ] {
        store.execute(sql, [DAY]).unwrap();
    }
}
