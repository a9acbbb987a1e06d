//! A first evening, in every make of browser, at a desk and on a phone: an account, a room, guests, what
//! strangers write, and a server that is killed. After each step the page must be [sound](super::sound).

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::files::sees_files;
use super::sound::{begins_at_the_right, can_press, is_sound};
use super::{Firefox, WebKit};
use crate::acts::lists;
use crate::answers::{has, row};
use crate::company::Companion;
use crate::support::Server;
use crate::{Browsers, Person, Road, emoji, search};

const PASSWORD: &str = "七碗 chest of leaves";

/// Whoever is before the browser.
const NAME: &str = "Zoë 小禾";
const ROOM: &str = "周末徒步 · Rauschenbergwanderungsverein";

/// Guests with names from right to left, and as long as names may be.
const GUESTS: [&str; 2] = ["שלמה בן דוד", "Konstantina Papadopoulou"];

/// What guests write.
const CODE: &str = "fn main() { let line = \"a line of code that is far longer than any phone is wide, and most windows as well, with no end in sight\"; }\n";
const ADDRESS: &str = "https://shop.example/items/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef?ref=0123456789abcdef0123456789abcdef0123456789abcdef#top";
const WORDS: [&str; 6] = [
    "👨‍👩‍👧‍👦 und 🏳️‍🌈, 👍🏽 zwei",
    "שלום עולם, אני שותה תה ירוק עם חברים (chai) בבית התה",
    "今天天气真好我们去山上喝茶吧今天天气真好我们去山上喝茶吧今天天气真好我们去山上喝茶吧今天天气真好我们去山上喝茶吧今天天气真好我们去山上喝茶吧",
    "DonaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftDonaudampfschifffahrtsgesellschaftskapitän",
    "מה שלומך",
    "ok",
];

/// The window, and what points.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Desk,
    Phone,
}

/// The server and the way to it.
struct Tour {
    server: Server,
    road: Road,
    at: At,
}

impl Tour {
    async fn open(at: At) -> Self {
        let server = Server::start(&[]);
        let road = Road::to(&server).await;
        Self { server, road, at }
    }

    async fn shows_all(mut self, person: Person) {
        match self.at {
            At::Desk => person.resize(1440, 900).await,
            At::Phone => person.resize(390, 844).await,
        }
        is_sound(&person, "the lobby").await;
        sees_files(&person, &self.server).await;
        registers(&person).await;
        let room = makes_a_room(&person).await;
        let mut guests = Vec::new();
        for name in GUESTS {
            guests.push(Companion::named(&self.server, name).await);
        }
        invites(&person, &mut guests).await;
        self.talk(&person, room, &mut guests).await;
        self.changes(&person, room, &mut guests[0]).await;
        chooses_emoji(&person).await;
        finds(&person).await;
        self.keeps_at_hand(&person, room, &mut guests[1]).await;
        self.is_killed(&person).await;
        leaves(person).await;
    }

    /// What others write, and whoever is before the browser.
    async fn talk(&self, person: &Person, room: i64, guests: &mut [Companion]) {
        for (turn, words) in WORDS.iter().enumerate() {
            guests[turn % 2].says(room, words).await;
            person.hears(words).await;
            is_sound(person, words).await;
        }
        for words in [WORDS[1], WORDS[4]] {
            begins_at_the_right(person, words).await;
        }
        guests[0].says(room, &format!("@{NAME} 你几点到？")).await;
        let called = "document.querySelector('#messages .mention')?.checkVisibility()";
        person.until("the name that was called", called).await;
        person.post("八点 :)").await;
        person.write("x \u{1F468}\u{200D}\u{1F469}").await;
        person.send().await;
        person.hears("x \u{1F468}\u{200D}\u{1F469}").await;
        let table = "| 城市 | Tea | כמה |\n| --- | --- | ---: |\n| 杭州 | Dragonwell, before Qingming | 1 |\n| Lisboa | Gorreana, from the Azores | 2000 |";
        person.write(table).await;
        can_press(person, &["#send"]).await;
        person.click("#send").await;
        person
            .until("the table", "document.querySelector('#messages table')")
            .await;
        is_sound(person, "the talk").await;
    }

    /// Brings the buttons of a message into sight, as a mouse or a finger would, and presses one.
    async fn uses(&self, person: &Person, tool: &str, text: &str) {
        let here = row(text);
        if self.at == At::Phone {
            person.tap_at(text).await;
        } else {
            person.point_at(text).await;
        }
        let mark = format!("{here}.setAttribute('data-chosen', '')");
        let _nothing: Value = person.look(&format!("void {mark}")).await;
        let css = format!("[data-chosen] .tools > {tool}");
        can_press(person, &[&css]).await;
        person.click(&css).await;
        let unmark = "document.querySelector('[data-chosen]')?.removeAttribute('data-chosen')";
        let _nothing: Value = person.look(&format!("void {unmark}")).await;
    }

    async fn chooses(&self, person: &Person, act: &str, text: &str) {
        self.uses(person, ".more", text).await;
        let css = format!("#message-menu [data-act={act}]");
        can_press(person, &[&css]).await;
        person.click(&css).await;
    }

    /// A reaction, an edit, something that is taken back.
    async fn changes(&self, person: &Person, room: i64, guest: &mut Companion) {
        guest.says(room, "tea?").await;
        person.hears("tea?").await;
        self.uses(person, ".react", "tea?").await;
        can_press(person, &["#usual-emoji button", "#usual-emoji .more"]).await;
        person.click("#usual-emoji button").await;
        has(person, "tea?", &[("👍 1", true)]).await;
        is_sound(person, "a reaction").await;

        self.uses(person, ".edit", "八点 :)").await;
        can_press(person, &["#editing .cancel", "#send"]).await;
        person.type_in(" 🫖").await;
        person.send().await;
        person.hears("八点 :) 🫖").await;
        is_sound(person, "an edit").await;

        person.post("slip").await;
        self.chooses(person, "recall", "slip").await;
        let gone = "document.querySelector('#messages .note .again')";
        person.until("it is taken back", gone).await;
        is_sound(person, "what was taken back").await;
    }

    /// A block of code and a long address, pinned, and one of them unpinned.
    async fn keeps_at_hand(&self, person: &Person, room: i64, guest: &mut Companion) {
        guest.says(room, &format!("```rust\n{CODE}```")).await;
        guest.says(room, ADDRESS).await;
        let (code, address) = (CODE.to_owned(), short(ADDRESS));
        for text in [&code, &address] {
            person.hears(text).await;
            self.chooses(person, "pin", text).await;
            let pinned = format!("{}?.querySelector('.pinned')", row(text));
            person.until("the pin", &pinned).await;
        }
        person.click("#room-menu-button").await;
        can_press(person, &["#room-pins"]).await;
        person.click("#room-pins").await;
        lists(person, "#pins-list", &[&address, &code]).await;
        for number in 1..=2 {
            let row = format!("#pins-list > :nth-child({number})");
            can_press(
                person,
                &[&format!("{row} .there"), &format!("{row} .unpin")],
            )
            .await;
        }
        is_sound(person, "the pins").await;
        person.click("#pins-list > :first-child .unpin").await;
        lists(person, "#pins-list", &[&code]).await;
        person.click("#pins-dialog .cancel").await;
    }

    /// The server is killed while somebody writes, and comes back.
    async fn is_killed(&mut self, person: &Person) {
        person.expects_cuts();
        let killed = self.server.kill();
        assert!(killed.code.is_none(), "{killed:?}");
        person.is_cut_off().await;
        for words in ["in the dark 1", "in the dark 2 👨‍👩‍👧"] {
            person.say(words).await;
        }
        is_sound(person, "no line").await;
        self.server.launch();
        self.road.mend(&self.server).await;
        person.is_live().await;
        for words in ["in the dark 1", "in the dark 2 👨‍👩‍👧"] {
            person.hears(words).await;
        }
        person.reload().await;
        let texts = person.texts().await;
        let [.., first, second] = &texts[..] else {
            panic!("{texts:?}")
        };
        assert_eq!([first, second], ["in the dark 1", "in the dark 2 👨‍👩‍👧"]);
        is_sound(person, "the server is back").await;
    }
}

async fn registers(person: &Person) {
    person.open_menu().await;
    can_press(person, &["#open-register", "#open-sign-in", "#theme-dark"]).await;
    is_sound(person, "the menu").await;
    person.click("#open-register").await;
    let fields = [
        "#register-name",
        "#register-password",
        "#register-dialog .primary",
    ];
    can_press(person, &fields).await;
    is_sound(person, "the sheet for registering").await;
    let values = [("name", NAME), ("password", PASSWORD)];
    person.fill("#register-dialog", &values).await;
    person.reads("#me-name", NAME).await;
    person.is_live().await;
}

async fn makes_a_room(person: &Person) -> i64 {
    person.show_rooms().await;
    can_press(person, &["#create-room"]).await;
    person.click("#create-room").await;
    person
        .click("#create-dialog label:has([value=private])")
        .await;
    can_press(person, &["#create-name", "#create-dialog .primary"]).await;
    is_sound(person, "the sheet for a room").await;
    person.fill("#create-dialog", &[("name", ROOM)]).await;
    person.is_in(ROOM).await;
    is_sound(person, "the room").await;
    let address: String = person.look("location.pathname").await;
    address.strip_prefix("/rooms/").unwrap().parse().unwrap()
}

/// An invitation, and those who follow it.
async fn invites(person: &Person, guests: &mut [Companion]) {
    person.click("#room-menu-button").await;
    can_press(person, &["#room-invite", "#notify-none"]).await;
    is_sound(person, "the menu of the room").await;
    person.click("#room-invite").await;
    person.click("#invite-dialog .primary").await;
    can_press(person, &["#invite-list .copy", "#invite-list .revoke"]).await;
    is_sound(person, "the invitation").await;
    let link: String = person
        .look("document.querySelector('#invite-list input').value")
        .await;
    let (_, code) = link.rsplit_once('/').unwrap();
    for guest in guests {
        let path = format!("invitations/{code}");
        guest.asks("POST", &path, Value::Null).await;
    }
    person.click("#invite-dialog .cancel").await;
    person.click("#online").await;
    person
        .until(
            "all are in the list",
            "document.querySelectorAll('#member-groups li').length === 3",
        )
        .await;
    is_sound(person, "the list of people").await;
    person.press(Key::Escape).await;
}

async fn chooses_emoji(person: &Person) {
    emoji::opens(person).await;
    person.click("#emoji-smileys").await;
    let all = [
        "#emoji-find",
        "#emoji-recent",
        "#emoji-flags",
        "#emoji-tone",
        "#emoji-grid button",
        "#emoji-grid button:nth-child(8)",
    ];
    can_press(person, &all).await;
    is_sound(person, "the emoji").await;
    emoji::finds(person, "teapot", "🫖").await;
    person.click("#emoji-grid button").await;
    person.send().await;
    person.hears("🫖").await;
    is_sound(person, "an emoji").await;
}

async fn finds(person: &Person) {
    search::looks(person).await;
    person.type_in("山上喝茶").await;
    let one = "document.querySelectorAll('#search-list a').length === 1";
    person.until("one hit", one).await;
    can_press(person, &["#search .cancel", "#search-list a"]).await;
    is_sound(person, "the search").await;
    person.press(Key::Escape).await;
}

/// Signs out; to a visitor the private room is not there, and nothing of it stays.
async fn leaves(person: Person) {
    person.open_menu().await;
    can_press(&person, &["#sign-out"]).await;
    person.expects("404");
    person.click("#sign-out").await;
    // On a phone the menu is beside the list of rooms, which stays open.
    let gone = format!(
        "(document.getElementById('gone').checkVisibility() || document.documentElement.dataset.view === 'rooms')
            && !document.documentElement.outerHTML.includes({})",
        json!(ROOM)
    );
    person.until("nothing of the room stays", &gone).await;
    is_sound(&person, "signed out").await;
    person.leave().await;
}

/// A long address as the page shows it.
fn short(address: &str) -> String {
    let begin: String = address.chars().take(59).collect();
    format!("{begin}…")
}

#[tokio::test]
async fn chromium_shows_all_at_a_desk() {
    let tour = Tour::open(At::Desk).await;
    let browsers = Browsers::start();
    let person = browsers.person(&tour.road.site(), "en").await;
    tour.shows_all(person).await;
}

#[tokio::test]
async fn chromium_shows_all_on_a_phone() {
    let tour = Tour::open(At::Phone).await;
    let browsers = Browsers::start();
    let person = browsers.person(&tour.road.site(), "zh-CN,zh").await;
    tour.shows_all(person).await;
}

#[tokio::test]
async fn firefox_shows_all_at_a_desk() {
    let tour = Tour::open(At::Desk).await;
    let person = Firefox::person(&tour.road.site(), "zh-CN,zh").await;
    tour.shows_all(person).await;
}

#[tokio::test]
async fn firefox_shows_all_on_a_phone() {
    let tour = Tour::open(At::Phone).await;
    let person = Firefox::person(&tour.road.site(), "en").await;
    tour.shows_all(person).await;
}

#[tokio::test]
async fn webkit_shows_all_at_a_desk() {
    let tour = Tour::open(At::Desk).await;
    let person = WebKit::person(&tour.road.site(), "en_US").await;
    tour.shows_all(person).await;
}

#[tokio::test]
async fn webkit_shows_all_in_a_narrow_window() {
    let tour = Tour::open(At::Phone).await;
    let person = WebKit::person(&tour.road.site(), "zh_CN").await;
    tour.shows_all(person).await;
}
