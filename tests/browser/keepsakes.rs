//! What is written is worth keeping: Markdown and emoji, an answer, an edit, a recall, a pin, a search in
//! two languages, a link to a message, a day long ago, and the page on a device. It goes on where
//! `newcomer.rs` ends, and leaves the other pictures of docs/tour.md.

use serde_json::json;
use thirtyfour::prelude::Key;

use super::acts::{lists, puts};
use super::answers::has;
use super::newcomer::{a_day_later, arrives, registers, wears};
use super::news::hides;
use super::offline::{is_looked_after, keeps};
use super::permalink::is_at;
use super::{Browsers, Person, Road, emoji, search};
use crate::support::Server;

const ROOM: &str = "周末徒步";

/// What was said some days ago.
const BEFORE: [&str; 4] = [
    "上周的照片在这里：https://example.org/photos/jiuxi",
    "What a view! The tea farm was my favourite.",
    "下次走龙井村那条路吧，茶园更大。",
    "Deal. I will bring the small kettle.",
];

const PLAN: &str = "**周六** 九溪集合，路线：\n\n1. 九溪公交站 *08:00*\n2. 龙井村，喝茶\n3. 十里琅珰，看云\n\n> 下雨就改到周日。\n\n`27` 路车每十分钟一班";

const ANSWER: &str = "Eight is early, but for the tea I will be there.";

#[tokio::test]
async fn what_is_written_can_be_changed_answered_kept_and_found() {
    let mut server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let he = arrives(&browsers, &road, "zh-CN,zh", "light").await;
    he.choose("#open-register").await;
    registers(&he, "小禾").await;
    he.click("#create-room").await;
    he.fill("#create-dialog", &[("name", ROOM)]).await;
    he.is_in(ROOM).await;
    let address: String = he.look("location.pathname").await;
    let mira = arrives(&browsers, &road, "en", "dark").await;
    mira.choose("#open-register").await;
    registers(&mira, "Mira").await;
    mira.goto(&address).await;
    mira.is_live().await;
    mira.click("#closed button").await;
    mira.until("she is in", "!document.getElementById('say').disabled")
        .await;
    for (place, words) in BEFORE.iter().enumerate() {
        let (speaker, listener) = if place % 2 == 0 {
            (&he, &mira)
        } else {
            (&mira, &he)
        };
        speaker.post(words).await;
        listener.hears(words).await;
    }
    for person in [&he, &mira] {
        person.expects_cuts();
    }
    server.stop();
    for _day in 0..3 {
        a_day_later(&server);
    }
    server.launch();
    road.mend(&server).await;
    for person in [&he, &mira] {
        person.reload().await;
    }

    writes(&he).await;
    mira.until(
        "the plan",
        "document.querySelector('#messages .body ol') && document.querySelector('#messages .body blockquote')",
    )
    .await;
    answers(&mira, &he).await;
    changes(&he, &mira).await;
    keeps_at_hand(&he).await;
    finds(&he, &mira).await;
    let link = copies_link(&he).await;
    follows(&mira, &link).await;
    goes_to_a_day(&he).await;
    is_installed(&he, &mut road, &server, &address).await;
    for person in [he, mira] {
        person.leave().await;
    }
}

/// Markdown with a preview, and an emoji by its Chinese name.
async fn writes(he: &Person) {
    he.click("#preview-button").await;
    let typed = format!(
        "document.getElementById('say').focus(); document.execCommand('insertText', false, {})",
        json!(PLAN)
    );
    he.browser.execute(typed, vec![]).await.unwrap();
    he.until(
        "how it will look",
        "document.querySelector('#preview-body blockquote') && document.querySelector('#preview-body code')",
    )
    .await;
    he.picture("13-write").await;
    he.press(Key::Enter).await;
    he.until("it is said", "document.querySelector('#messages .body ol')")
        .await;
    he.click("#preview-button").await;
    emoji::opens(he).await;
    emoji::finds(he, "喝茶", "🍵").await;
    he.picture("14-emoji").await;
    he.press(Key::Enter).await;
    he.press(Key::Enter).await;
    he.hears("🍵").await;
}

/// A quote that leads to what it quotes, and a word in one emoji.
async fn answers(mira: &Person, he: &Person) {
    mira.hears("🍵").await;
    let plan: String = mira
        .look("document.querySelector('#messages .body:has(ol)').textContent")
        .await;
    mira.use_tool(".reply", &plan).await;
    mira.post(ANSWER).await;
    puts(mira, "🎉", "🍵").await;
    he.hears(ANSWER).await;
    has(he, "🍵", &[("🎉 1", false)]).await;
    he.until(
        "the quote",
        "document.querySelector('#messages .quote .words')?.textContent.includes('九溪')",
    )
    .await;
    mira.picture("15-answer").await;
}

/// An edit and its versions, a recall and what is left of it.
async fn changes(he: &Person, mira: &Person) {
    he.post("车票我来买，一共三张。").await;
    he.use_tool(".edit", "车票我来买，一共三张。").await;
    he.find("#say").await.clear().await.unwrap();
    he.write("车票我来买，一共**四**张。").await;
    he.press(Key::Enter).await;
    he.hears("车票我来买，一共四张。").await;
    he.choose_for("versions", "车票我来买，一共四张。").await;
    lists(
        he,
        "#versions-list",
        &["车票我来买，一共四张。", "车票我来买，一共三张。"],
    )
    .await;
    he.picture("16-versions").await;
    he.press(Key::Escape).await;
    mira.post("See you on Sunday!").await;
    mira.choose_for("recall", "See you on Sunday!").await;
    mira.until(
        "it is gone",
        "document.querySelector('#messages .note .again')",
    )
    .await;
    mira.picture("17-recalled").await;
    mira.click("#messages .note .again").await;
    mira.until(
        "the words are back",
        "document.getElementById('say').value === 'See you on Sunday!'",
    )
    .await;
    mira.find("#say").await.clear().await.unwrap();
    mira.post("See you on Saturday!").await;
    he.hears("See you on Saturday!").await;
}

async fn keeps_at_hand(he: &Person) {
    he.choose_for("pin", "车票我来买，一共四张。").await;
    he.click("#room-menu-button").await;
    he.click("#room-pins").await;
    lists(he, "#pins-list", &["车票我来买，一共四张。"]).await;
    he.picture("18-pins").await;
    he.press(Key::Escape).await;
}

/// Chinese words on a desk, English ones on a phone.
async fn finds(he: &Person, mira: &Person) {
    search::looks(he).await;
    he.type_in("茶园").await;
    search::finds(he, &[BEFORE[2]]).await;
    he.picture("19-search").await;
    he.press(Key::Escape).await;
    mira.resize(390, 844).await;
    search::looks(mira).await;
    mira.type_in("tea from:Mira").await;
    search::finds(mira, &[ANSWER, BEFORE[1]]).await;
    mira.picture("20-search-phone").await;
    mira.press(Key::Escape).await;
}

async fn copies_link(he: &Person) -> String {
    he.choose_for("link", BEFORE[2]).await;
    he.until(
        "it is copied",
        "document.querySelector('#toast').textContent",
    )
    .await;
    he.click("#say").await;
    let keys = he.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys("v").key_up(Key::Control);
    keys.perform().await.unwrap();
    he.until(
        "the link",
        "document.getElementById('say').value.includes('/rooms/')",
    )
    .await;
    let link = he.draft().await;
    let keys = he.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys("a").key_up(Key::Control);
    keys.send_keys(Key::Delete).perform().await.unwrap();
    link
}

async fn follows(mira: &Person, link: &str) {
    let (_, path) = link.split_once("/rooms/").unwrap();
    mira.goto(&format!("/rooms/{path}")).await;
    mira.is_live().await;
    is_at(mira, BEFORE[2]).await;
    mira.picture("21-link").await;
}

async fn goes_to_a_day(he: &Person) {
    he.click("#room-menu-button").await;
    he.click("#room-date").await;
    he.until(
        "a day is asked for",
        "document.getElementById('date-day').value",
    )
    .await;
    let three_days_ago = "const field = document.getElementById('date-day');
        const day = new Date(Date.now() - 3 * 24 * 60 * 60 * 1000);
        field.value = [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-');";
    he.browser.execute(three_days_ago, vec![]).await.unwrap();
    he.picture("22-day").await;
    he.click("#date-dialog .primary").await;
    is_at(he, BEFORE[0]).await;
}

/// Nothing keeps a browser from installing it; without a line it is there as it was.
async fn is_installed(he: &Person, road: &mut Road, server: &Server, address: &str) {
    wears(he, "dark").await;
    he.resize(390, 844).await;
    is_looked_after(he).await;
    he.goto(address).await;
    he.is_live().await;
    he.post("到了给你们发消息。").await;
    hides(he, true).await;
    keeps(he, address, "到了给你们发消息。").await;
    road.cut().await;
    he.goto(address).await;
    he.is_cut_off().await;
    he.say("在隧道里，信号断了，茶还热着 🍵").await;
    he.until("it waits", "document.querySelector('#messages .clock')")
        .await;
    he.picture("23-offline").await;
    road.mend(server).await;
    he.until(
        "it is with the server",
        "!document.querySelector('#messages .clock')",
    )
    .await;
}
