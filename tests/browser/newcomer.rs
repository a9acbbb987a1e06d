//! A newcomer moves in: an account, a room of their own, guests by invitation, order kept, a stranger
//! who asks in vain, and the next day on a phone. With `TEAHOUSE_SCREENSHOTS=DIR` it leaves the first
//! pictures of docs/tour.md there.

use serde_json::{Value, json};
use thirtyfour::prelude::Key;

use super::company::Companion;
use super::offices::does;
use super::strangers::{
    ADDRESS, BLANKLESS, CODE, FAMILY, GREETING, HALF, HEBREW, LONG, ROOM, TASKS, shown,
};
use super::{Browsers, Person, Road};
use crate::support::Server;

const PASSWORD: &str = "山路上的第七个弯 and a thermos";

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
    HALF,
    "I will be at the bus stop at eight.",
];

/// What two guests say: who, and what.
const IN_THE_LOBBY: [(usize, &str); 5] = [
    (0, "Good evening! I am looking for this one:"),
    (0, ADDRESS[0]),
    (1, GREETING),
    (0, BLANKLESS),
    (1, FAMILY),
];
const IN_THE_ROOM: [(usize, &str); 3] = [(0, CODE[0]), (1, GREETING), (1, TASKS[0])];

#[tokio::test]
async fn a_newcomer_moves_in_and_comes_back_the_next_day_on_a_phone() {
    let mut server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();

    let mut guests = [
        Companion::named(&server, LONG).await,
        Companion::named(&server, HEBREW).await,
    ];
    for (who, words) in IN_THE_LOBBY {
        guests[who].says(1, words).await;
    }

    let host = arrives(&browsers, &road, "zh-CN,zh", "light").await;
    for (_, words) in IN_THE_LOBBY {
        host.hears(shown(words)).await;
    }
    host.reads("#sign-in-button", "登录 / 注册").await;
    host.picture("1-door").await;
    host.click("#sign-in-button").await;
    host.click("#sign-in-dialog .other").await;
    let hand = host.browser.action_chain().move_to(1, 1);
    hand.perform().await.unwrap();
    host.picture("2-register").await;
    registers(&host, "小禾").await;
    host.click("#create-room").await;
    host.click("#create-dialog label:has([value=private])")
        .await;
    host.write_into("#create-dialog [name=name]", ROOM).await;
    host.write_into("#create-dialog [name=topic]", "走得慢，看得多")
        .await;
    host.picture("3-create").await;
    host.click("#create-dialog footer .primary").await;
    host.is_in(ROOM).await;
    let address: String = host.look("location.pathname").await;
    host.click("#room-menu-button").await;
    host.click("#room-invite").await;
    host.click("#invite-dialog .primary").await;
    host.until(
        "a link",
        "document.querySelector('#invite-list input')?.value",
    )
    .await;
    host.picture("4-invite").await;
    let link: String = host
        .look("document.querySelector('#invite-list input').value")
        .await;
    assert!(link.starts_with(&road.site()), "{link}");
    host.click("#invite-dialog .cancel").await;

    let mira = arrives(&browsers, &road, "en", "dark").await;
    mira.goto(link.strip_prefix(&road.site()).unwrap()).await;
    mira.reads("#invited-title", ROOM).await;
    mira.picture("5-invited").await;
    mira.click("#invited-dialog .to-register").await;
    registers(&mira, "Mira").await;
    mira.is_in(ROOM).await;
    let (_, code) = link.rsplit_once('/').unwrap();
    for guest in &mut guests {
        let path = format!("invitations/{code}");
        guest.asks("POST", &path, Value::Null).await;
    }
    for (is_hosts, words) in TALK {
        let (speaker, listener) = if is_hosts {
            (&host, &mira)
        } else {
            (&mira, &host)
        };
        speaker.post(words).await;
        listener.hears(words).await;
    }
    let room: i64 = address.strip_prefix("/rooms/").unwrap().parse().unwrap();
    for (who, words) in IN_THE_ROOM {
        guests[who].says(room, words).await;
        host.hears(shown(words)).await;
    }
    host.until(
        "all are in the list",
        "document.querySelectorAll('#member-groups li').length === 4",
    )
    .await;
    host.picture("6-talk").await;

    does(&host, "Mira", "mute").await;
    mira.reads("#closed p", "You are muted: you can read along.")
        .await;
    mira.picture("7-muted").await;
    does(&host, "Mira", "unmute").await;
    mira.post("Sorry, I will keep to the topic.").await;
    host.hears("Sorry, I will keep to the topic.").await;

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
    let right = "document.querySelector('main').getBoundingClientRect().right === innerWidth";
    assert!(
        tom.look::<bool>(right).await,
        "nobody's column is left free"
    );
    tom.picture("8-not-there").await;
    tom.leave().await;

    // The laptop is shut without a word; the server sleeps; it is the day after.
    let direct = json!({"people": [host.id().await]});
    host.browser.goto("about:blank").await.unwrap();
    mira.until(
        "the host is gone",
        "document.querySelector('#member-groups .off, #member-groups li:not(:has(.on))')",
    )
    .await;
    for words in OVERNIGHT {
        mira.post(words).await;
    }
    let direct = guests[0].asks("POST", "direct", direct).await;
    let direct = direct["room"]["id"].as_i64().unwrap();
    guests[0].says(direct, "Could you bring the map?").await;
    mira.expects_cuts();
    server.stop();
    a_day_later(&server);
    server.launch();
    road.mend(&server).await;
    mira.is_live().await;

    let phone = arrives(&browsers, &road, "zh-CN,zh", "dark").await;
    phone.resize(390, 844).await;
    phone.sign_in("小禾", PASSWORD).await;
    // The taste came along from the laptop; at night it is dark.
    phone
        .until(
            "the theme of the laptop",
            "document.documentElement.dataset.theme === 'light'",
        )
        .await;
    wears(&phone, "dark").await;
    phone.show_rooms().await;
    for (path, count) in [(address.clone(), "3"), (format!("/rooms/{direct}"), "1")] {
        let waits = format!(".rail a[href='{path}'] em > :first-child");
        phone.reads(&waits, count).await;
    }
    phone.picture("9-phone-rooms").await;
    phone.enter(ROOM).await;
    let line = format!(
        "document.querySelector('#messages > .fresh')?.nextElementSibling?.querySelector('.body')?.textContent === {}",
        json!(OVERNIGHT[0])
    );
    phone
        .until("the line stands where the host left off", &line)
        .await;
    stands_back(&phone).await;
    phone.picture("10-phone-unread").await;
    phone.post("去的，八点见！").await;
    mira.hears("去的，八点见！").await;

    host.goto(&address).await;
    host.is_live().await;
    phone.choose("#open-settings").await;
    phone.click("#tab-devices").await;
    phone
        .until(
            "two devices",
            "document.querySelectorAll('#devices li').length === 2",
        )
        .await;
    phone.picture("11-phone-devices").await;
    phone.click("#devices li:last-child button").await;
    host.until(
        "the laptop is out",
        "document.querySelector('#state[data-state=stopped]')",
    )
    .await;
    host.picture("12-laptop-out").await;
    host.goto("/").await;
    host.is_live().await;
    let page: String = host.look("document.documentElement.outerHTML").await;
    assert!(!page.contains(ROOM), "whoever has the laptop is a visitor");
    mira.picture("13-the-next-day").await;
    for person in [host, mira, phone] {
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
    // With a mouse.
    person.reload().await;
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
    stands_back(person).await;
}

/// Nothing has the focus, and nothing is pointed at.
pub(super) async fn stands_back(person: &Person) {
    let blur = "document.activeElement.blur()";
    person.browser.execute(blur, vec![]).await.unwrap();
    let hand = person.browser.action_chain().move_to(1, 1);
    hand.perform().await.unwrap();
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

/// Moves everything that was said back by a day.
pub(super) fn a_day_later(server: &Server) {
    server.runs(&[
        &format!("UPDATE messages SET created_at = created_at - {DAY}"),
        &format!("UPDATE events SET at = at - {DAY}"),
        &format!("UPDATE rooms SET said_at = said_at - {DAY}"),
    ]);
}
