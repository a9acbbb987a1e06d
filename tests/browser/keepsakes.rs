//! What is written is worth keeping: Markdown and emoji, an answer, an edit, a recall, a pin, a search in
//! two languages, a link to a message, a day long ago, and the page on a device. It goes on where
//! `newcomer.rs` ends, and leaves the next pictures of docs/tour.md.

use serde_json::json;
use thirtyfour::prelude::Key;

use super::acts::{lists, puts};
use super::answers::{has, row};
use super::company::Companion;
use super::newcomer::{a_day_later, arrives, registers, wears};
use super::news::hides;
use super::offline::{is_looked_after, keeps, keeps_what_nobody_wanted};
use super::permalink::is_at;
use super::strangers::{ADDRESS, BLANKLESS, CODE, FAMILY, HEBREW, LONG, ROOM, shown};
use super::{Browsers, Person, Road, emoji, search};
use crate::support::Server;

/// What was said some days ago.
const BEFORE: [&str; 4] = [
    "上周的照片在这里：https://example.org/photos/jiuxi",
    "What a view! The tea farm was my favourite.",
    "下次走龙井村那条路吧，茶园更大。",
    "Deal. I will bring the small kettle.",
];

/// What two strangers say after it.
const STRANGERS: [(usize, &str); 4] = [(0, CODE[0]), (1, ADDRESS[0]), (0, BLANKLESS), (1, FAMILY)];

const PLAN: &str = "**周六** 九溪集合：\n\n1. 九溪公交站 *08:00*\n2. 龙井村，喝茶\n\n| 车 | 从 | 每 |\n| --- | --- | ---: |\n| `27` 路 | 延安路，龙翔桥 | 10 分钟 |\n| `4` 路 | 城站 | 15 分钟 |\n\n> 下雨就改到周日。";

const TICKETS: &str = "车票我来买，一共四张。";

const ANSWER: &str = "Eight is early, but for the tea I will be there.";

#[tokio::test]
async fn what_is_written_can_be_changed_answered_kept_and_found() {
    let mut server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let host = arrives(&browsers, &road, "zh-CN,zh", "light").await;
    host.choose("#open-register").await;
    registers(&host, "小禾").await;
    host.click("#create-room").await;
    host.fill("#create-dialog", &[("name", ROOM)]).await;
    host.is_in(ROOM).await;
    let address: String = host.look("location.pathname").await;
    let mira = arrives(&browsers, &road, "en", "dark").await;
    mira.choose("#open-register").await;
    registers(&mira, "Mira").await;
    mira.goto(&address).await;
    mira.is_live().await;
    mira.click("#closed button").await;
    mira.until("in the room", "!document.getElementById('say').disabled")
        .await;
    for (place, words) in BEFORE.iter().enumerate() {
        let (speaker, listener) = if place % 2 == 0 {
            (&host, &mira)
        } else {
            (&mira, &host)
        };
        speaker.post(words).await;
        listener.hears(words).await;
    }
    let room: i64 = address.strip_prefix("/rooms/").unwrap().parse().unwrap();
    let mut strangers = [
        Companion::named(&server, LONG).await,
        Companion::named(&server, HEBREW).await,
    ];
    for stranger in &mut strangers {
        stranger
            .asks("POST", &format!("rooms/{room}/join"), json!({}))
            .await;
    }
    for (who, words) in STRANGERS {
        strangers[who].says(room, words).await;
        host.hears(shown(words)).await;
    }
    for person in [&host, &mira] {
        person.expects_cuts();
    }
    server.stop();
    for _day in 0..3 {
        a_day_later(&server);
    }
    server.launch();
    road.mend(&server).await;
    for person in [&host, &mira] {
        person.reload().await;
    }

    writes(&host).await;
    mira.until(
        "the plan",
        "document.querySelector('#messages .body ol') && document.querySelector('#messages .body blockquote')",
    )
    .await;
    answers(&mira, &host).await;
    changes(&host, &mira).await;
    keeps_at_hand(&host).await;
    finds(&host, &mira).await;
    let link = copies_link(&host).await;
    follows(&mira, &link).await;
    goes_to_a_day(&host).await;
    looks_the_keys_up(&host).await;
    is_installed(&host, &mut road, &server, &address).await;
    for person in [host, mira] {
        person.leave().await;
    }
}

/// Markdown with a preview, and an emoji by its Chinese name.
async fn writes(host: &Person) {
    host.click("#preview-button").await;
    let typed = format!(
        "document.getElementById('say').focus(); document.execCommand('insertText', false, {})",
        json!(PLAN)
    );
    host.browser.execute(typed, vec![]).await.unwrap();
    host.until(
        "how it will look",
        "document.querySelector('#preview-body blockquote') && document.querySelector('#preview-body code')",
    )
    .await;
    host.picture("14-write").await;
    host.press(Key::Enter).await;
    host.until("it is said", "document.querySelector('#messages .body ol')")
        .await;
    host.click("#preview-button").await;
    emoji::opens(host).await;
    emoji::finds(host, "喝茶", "🍵").await;
    host.picture("15-emoji").await;
    host.press(Key::Enter).await;
    host.until(
        "it is in the box, and so is the caret",
        "document.activeElement.matches('#say') && document.activeElement.value === '🍵'",
    )
    .await;
    host.press(Key::Enter).await;
    host.hears("🍵").await;
}

/// A quote that leads to what it quotes, and a word in one emoji.
async fn answers(mira: &Person, host: &Person) {
    mira.hears("🍵").await;
    let plan: String = mira
        .look("document.querySelector('#messages .body:has(ol)').textContent")
        .await;
    mira.use_tool(".reply", &plan).await;
    mira.post(ANSWER).await;
    puts(mira, "🎉", "🍵").await;
    host.hears(ANSWER).await;
    has(host, "🍵", &[("🎉 1", false)]).await;
    host.until(
        "the quote",
        "document.querySelector('#messages .quote .words')?.textContent.includes('九溪')",
    )
    .await;
    mira.picture("16-answer").await;
}

/// An edit and its versions, a recall and what is left of it.
async fn changes(host: &Person, mira: &Person) {
    host.post("车票我来买，一共三张。").await;
    host.use_tool(".edit", "车票我来买，一共三张。").await;
    host.find("#say").await.clear().await.unwrap();
    host.write("车票我来买，一共**四**张。").await;
    host.press(Key::Enter).await;
    host.hears(TICKETS).await;
    host.choose_for("versions", TICKETS).await;
    lists(host, "#versions-list", &[TICKETS, "车票我来买，一共三张。"]).await;
    host.picture("17-versions").await;
    host.press(Key::Escape).await;
    mira.post("See you on Sunday!").await;
    mira.choose_for("recall", "See you on Sunday!").await;
    mira.until(
        "it is gone",
        "document.querySelector('#messages .note .again')",
    )
    .await;
    mira.picture("18-recalled").await;
    mira.click("#messages .note .again").await;
    mira.until(
        "the words are back",
        "document.getElementById('say').value === 'See you on Sunday!'",
    )
    .await;
    mira.find("#say").await.clear().await.unwrap();
    mira.post("See you on Saturday!").await;
    host.hears("See you on Saturday!").await;
}

async fn keeps_at_hand(host: &Person) {
    for text in [TICKETS, CODE[1], ADDRESS[1]] {
        host.choose_for("pin", text).await;
        let pinned = format!("{}.querySelector('.pinned')", row(text));
        host.until("the pin", &pinned).await;
    }
    for (width, height, name) in [(1280, 800, "19-pins"), (390, 844, "20-pins-phone")] {
        if width < 700 {
            host.resize(width, height).await;
        }
        host.click("#room-menu-button").await;
        host.click("#room-pins").await;
        lists(host, "#pins-list", &[ADDRESS[1], CODE[1], TICKETS]).await;
        host.picture(name).await;
        host.press(Key::Escape).await;
    }
    // From the hand back to the desk, with a mouse.
    host.resize(1280, 800).await;
    host.reload().await;
}

/// Chinese words on a desk, English ones on a phone.
async fn finds(host: &Person, mira: &Person) {
    search::looks(host).await;
    host.type_in("茶园").await;
    search::finds(host, &[BLANKLESS, BEFORE[2]]).await;
    host.picture("21-search").await;
    host.press(Key::Escape).await;
    mira.resize(390, 844).await;
    search::looks(mira).await;
    mira.type_in("tea from:Mira").await;
    search::finds(mira, &[ANSWER, BEFORE[1]]).await;
    mira.picture("22-search-phone").await;
    mira.press(Key::Escape).await;
}

async fn copies_link(host: &Person) -> String {
    host.choose_for("link", BEFORE[2]).await;
    host.until(
        "it is copied",
        "document.querySelector('#toast').textContent.includes('链接')",
    )
    .await;
    host.click("#say").await;
    let keys = host.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys("v").key_up(Key::Control);
    keys.perform().await.unwrap();
    host.until(
        "the link",
        "document.getElementById('say').value.includes('/rooms/')",
    )
    .await;
    let link = host.draft().await;
    let keys = host.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys("a").key_up(Key::Control);
    keys.send_keys(Key::Delete).perform().await.unwrap();
    link
}

async fn follows(mira: &Person, link: &str) {
    let (_, path) = link.split_once("/rooms/").unwrap();
    mira.goto(&format!("/rooms/{path}")).await;
    mira.is_live().await;
    is_at(mira, BEFORE[2]).await;
    mira.picture("23-link").await;
}

async fn goes_to_a_day(host: &Person) {
    host.click("#room-menu-button").await;
    host.click("#room-date").await;
    host.until(
        "a day is asked for",
        "document.getElementById('date-day').value",
    )
    .await;
    let of_the_first = "const field = document.getElementById('date-day');
        const day = new Date(document.querySelector('#messages > .msg time').dateTime);
        field.value = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-');";
    host.browser.execute(of_the_first, vec![]).await.unwrap();
    let quiet = "!document.getElementById('toast').matches(':popover-open')";
    host.until("nothing lies over it", quiet).await;
    host.picture("24-day").await;
    host.click("#date-dialog .primary").await;
    is_at(host, BEFORE[0]).await;
}

async fn looks_the_keys_up(host: &Person) {
    host.press(Key::Escape).await;
    let focus = "document.getElementById('timeline').focus()";
    host.browser.execute(focus, vec![]).await.unwrap();
    host.press("?").await;
    host.reads("#keys h2", "快捷键").await;
    host.picture("25-keys").await;
    host.press(Key::Escape).await;
}

/// Nothing keeps a browser from installing it; without a line it is there as it was.
async fn is_installed(host: &Person, road: &mut Road, server: &Server, address: &str) {
    wears(host, "dark").await;
    host.resize(390, 844).await;
    is_looked_after(host).await;
    host.goto(address).await;
    host.is_live().await;
    host.post("到了给你们发消息。").await;
    hides(host, true).await;
    keeps(host, address, "到了给你们发消息。").await;
    keeps_what_nobody_wanted(host).await;
    road.cut().await;
    host.goto(address).await;
    host.is_cut_off().await;
    host.say("在隧道里，信号断了，茶还热着 🍵").await;
    host.until("it waits", "document.querySelector('#messages .clock')")
        .await;
    host.picture("26-offline").await;
    road.mend(server).await;
    host.until(
        "it is with the server",
        "!document.querySelector('#messages .clock')",
    )
    .await;
}
