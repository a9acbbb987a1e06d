//! Whatever a finger presses is large enough for it, in every view and dialog of a phone.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, signs_in};
use super::{Browsers, Person, site};
use crate::support::Server;

/// What can be pressed and is smaller, as it is hit: each is brought into sight, and hit to all
/// sides of a point in it. A
/// label is hit for its switch or choice; a name of a message for the face, which does the same. A link within words is as
/// high as these (WCAG 2.2, 2.5.8). Three buttons in the box, where one writes, and ten groups of emoji side by side have 40 px.
const SMALL: &str = r#"(() => {
    const FINGER = 44, CLOSE = 39;
    const CAN = 'button, a[href], input:not([type=hidden]), select, textarea, summary, [role=option], [role=tab], [role=switch]';
    const wrong = [], open = [...document.querySelectorAll('dialog[open], [popover]:not(#toast):popover-open')];
    for (const element of document.querySelectorAll(CAN)) {
        const choice = /radio|checkbox/.test(element.type);
        const target = choice ? element.closest('label') ?? element
            : element.matches('.msg.first .head .name') ? element.closest('.msg').querySelector('.face') : element;
        if (!target.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.disabled) continue;
        if (open.length && !open.some((each) => each.contains(element))) continue;
        if (element.matches('a') && getComputedStyle(element).display === 'inline') continue;
        target.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
        const { left, right, top, bottom, width, height } = target.getBoundingClientRect();
        const [x, y] = [left + Math.min(width, FINGER) / 2, top + Math.min(height, FINGER) / 2];
        const hits = (x, y) => {
            const hit = document.elementFromPoint(x, y);
            return hit !== null && (target.contains(hit) || element.contains(hit) || choice && hit.closest('label')?.control === element);
        };
        // Out of sight, or under what is open.
        if (!hits(x, y)) continue;
        const reach = (dx, dy) => {
            let far = 0;
            while (far < FINGER && hits(x + dx * (far + .5), y + dy * (far + .5))) far += .5;
            return far;
        };
        const wide = Math.max(width, reach(-1, 0) + reach(1, 0));
        const high = Math.max(height, reach(0, -1) + reach(0, 1));
        const least = element.matches('.box > *, .groups > *') ? CLOSE : FINGER;
        const name = element.id ? `#${element.id}` : `${element.tagName}.${element.className} ${element.name ?? ''} ${element.textContent.trim().slice(0, 20)}`;
        if (wide < least - .5 || high < least - .5) wrong.push(`${name}: ${Math.round(wide)} × ${Math.round(high)}`);
    }
    return [...new Set(wrong)];
})()"#;

/// What was found too small, by view.
struct Fingers<'a> {
    person: &'a Person,
    small: Vec<String>,
}

impl<'a> Fingers<'a> {
    fn of(person: &'a Person) -> Self {
        let small = Vec::new();
        Self { person, small }
    }

    /// Looks at what is open, once `shown` is.
    async fn look(&mut self, shown: &str) {
        let there = format!(
            "document.querySelector({})?.checkVisibility() && document.getAnimations().every((each) => each.playState !== 'running')",
            json!(shown)
        );
        self.person
            .until(&format!("{shown} is there"), &there)
            .await;
        let small: Vec<String> = self.person.look(SMALL).await;
        self.person
            .picture(&format!(
                "finger-{}",
                shown.replace(['#', '.', ' ', '>', '[', ']'], "")
            ))
            .await;
        self.small
            .extend(small.into_iter().map(|each| format!("{shown}: {each}")));
    }

    /// Presses `button` in the open room and looks at what comes.
    async fn opens(&mut self, button: &str, shown: &str) {
        self.person.click(button).await;
        self.look(shown).await;
    }

    /// Closes what lies over the rest; a field that is searched in is emptied first.
    async fn back(&self) {
        let open =
            "document.querySelectorAll('dialog[open], [popover]:not(#toast):popover-open').length";
        let before: u32 = self.person.look(open).await;
        for _ in 0..2 {
            if self.person.look::<u32>(open).await == before {
                self.person.press(Key::Escape).await;
            }
        }
        let fewer = format!("{open} < Math.max(1, {before})");
        self.person.until("it is closed", &fewer).await;
    }

    fn none(mut self) {
        self.small.sort();
        self.small.dedup();
        assert!(self.small.is_empty(), "{:#?}", self.small);
    }
}

#[tokio::test]
async fn a_visitor_finds_nothing_too_small_for_a_finger() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let guest = browsers.person(&site(&server), "en").await;
    guest.resize(390, 844).await;
    guest.reload().await;
    guest.is_live().await;
    let mut fingers = Fingers::of(&guest);
    fingers.look("#say").await;
    guest.post("tea?").await;
    fingers.opens("#messages .body", ".tapped .tools").await;
    guest.show_rooms().await;
    fingers.look(".rail").await;
    for (button, shown) in [
        ("#browse-rooms", "#browse-dialog[open]"),
        ("#create-room", "#sign-in-dialog[open]"),
        ("#open-switcher", "#switcher[open]"),
        ("#open-search", "#search[open]"),
    ] {
        fingers.opens(button, shown).await;
        fingers.back().await;
    }
    for (button, shown) in [
        ("#open-rename", "#rename-dialog[open]"),
        ("#open-register", "#register-dialog[open]"),
        ("#open-settings", "#settings[open]"),
    ] {
        fingers.opens("#menu-button", "#menu:popover-open").await;
        fingers.opens(button, shown).await;
        fingers.back().await;
    }
    fingers.none();
    guest.leave().await;
}

#[tokio::test]
async fn what_one_says_and_does_with_messages_is_large_enough_for_a_finger() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let mut owner = Companion::named(&server, "Ann").await;
    owner
        .asks("POST", &format!("rooms/{room}/join"), json!({}))
        .await;
    for cup in 1..=3 {
        lin.says(room, &format!("cup {cup}\n").repeat(30)).await;
    }
    let words = "see `this` and <https://example.org/tea>\n```\nlet tea = 1;\n```";
    lin.says(room, words).await;
    lin.reacts(room, 4, "🍵").await;
    let ann = browsers.person(&site(&server), "en").await;
    ann.choose("#open-sign-in").await;
    signs_in(&ann, "Ann").await;
    ann.is_live().await;
    ann.resize(390, 844).await;
    ann.enter("Oolong").await;
    let mut fingers = Fingers::of(&ann);
    // Long ones are folded; above them there is a way down.
    fingers.look("#messages .unfold").await;
    let up = "document.querySelector('#messages .msg').scrollIntoView({ block: 'start', behavior: 'instant' })";
    ann.browser.execute(up, vec![]).await.unwrap();
    ann.click("#messages .unfold").await;
    ann.browser.execute(up, vec![]).await.unwrap();
    fingers.opens("#newer", "#messages .another").await;
    fingers
        .opens("#messages > .msg:last-child .body", ".tapped .tools")
        .await;
    fingers
        .opens(".tapped .tools .react", "#usual-emoji:popover-open")
        .await;
    fingers
        .opens(
            "#usual-emoji .more",
            "#emoji:popover-open #emoji-grid button",
        )
        .await;
    fingers.back().await;
    ann.until("closed", "!document.querySelector('#emoji:popover-open')")
        .await;
    ann.click("#messages > .msg:last-child .body").await;
    if !ann
        .look::<bool>("document.querySelector('.tapped') !== null")
        .await
    {
        ann.click("#messages > .msg:last-child .body").await;
    }
    fingers.opens(".tapped .tools .reply", "#replying").await;
    ann.post("yes").await;
    fingers.look("#messages .quote").await;
    fingers
        .opens("#messages .mine .body", ".mine.tapped .tools")
        .await;
    fingers
        .opens(".mine.tapped .tools .more", "#message-menu:popover-open")
        .await;
    ann.click("#message-menu [data-act=edit]").await;
    fingers.look("#editing").await;
    ann.type_in(", please").await;
    ann.click("#send").await;
    fingers.look("#messages .edited").await;
    fingers
        .opens("#messages .edited", "#versions-dialog[open]")
        .await;
    fingers.back().await;
    ann.write("**how** it looks").await;
    fingers
        .opens("#preview-button", "#preview-body strong")
        .await;
    fingers.opens("#open-formatting", "#formatting[open]").await;
    fingers.back().await;
    ann.click("#preview-button").await;
    ann.find("#say").await.clear().await.unwrap();
    ann.write("@L").await;
    fingers.look("#completion [role=option]").await;
    fingers.back().await;
    ann.find("#say").await.clear().await.unwrap();
    let day = "document.querySelector('#messages .day button').click()";
    ann.browser.execute(day, vec![]).await.unwrap();
    fingers.look("#date-dialog[open]").await;
    fingers.back().await;
    let name = "document.querySelector('#messages > .first:not(.mine) .name').click()";
    ann.browser.execute(name, vec![]).await.unwrap();
    fingers.look("#person-menu:popover-open").await;
    fingers.back().await;
    fingers.none();
    ann.leave().await;
}

#[tokio::test]
async fn the_views_around_a_room_are_large_enough_for_a_finger() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut owner = Companion::named(&server, "Ann").await;
    let room = owner.makes("private", "Oolong").await;
    let mut lin = Companion::named(&server, "Lin").await;
    let notice = json!({"notice": "Shoes off, please."});
    owner.asks("PATCH", &format!("rooms/{room}"), notice).await;
    owner.says(room, "kettle").await;
    let person = lin.asks("GET", "people?q=Ann", json!(null)).await["people"][0]["id"].clone();
    let made = owner
        .asks("POST", &format!("rooms/{room}/invitations"), json!({}))
        .await;
    let code = made["invitation"]["code"].as_str().unwrap();
    lin.asks("POST", &format!("invitations/{code}"), json!(null))
        .await;
    let direct = lin
        .asks("POST", "direct", json!({"people": [person]}))
        .await;
    lin.says(direct["room"]["id"].as_i64().unwrap(), "psst")
        .await;
    lin.makes("public", "Puer").await;
    let ann = browsers.person(&site(&server), "en").await;
    ann.choose("#open-sign-in").await;
    signs_in(&ann, "Ann").await;
    ann.is_live().await;
    ann.resize(390, 844).await;
    ann.enter("Oolong").await;
    let mut fingers = Fingers::of(&ann);
    fingers.look("#notice").await;
    fingers.opens("#online", "#people:popover-open").await;
    fingers
        .opens("#people li .about", "#person-menu:popover-open")
        .await;
    fingers.back().await;
    fingers.back().await;
    ann.until("closed", "!document.querySelector('#people:popover-open')")
        .await;
    for (button, shown) in [
        ("#room-date", "#date-dialog[open]"),
        ("#room-invite", "#invite-list > li"),
        ("#room-configure", "#configure-dialog[open]"),
        ("#room-leave", "#confirm-dialog[open]"),
    ] {
        fingers
            .opens("#room-menu-button", "#room-menu:popover-open")
            .await;
        if !ann
            .look::<bool>(&format!(
                "document.querySelector('{button}').checkVisibility()"
            ))
            .await
        {
            fingers.back().await;
            continue;
        }
        fingers.opens(button, shown).await;
        fingers.back().await;
    }
    ann.show_rooms().await;
    fingers.look("#rail-direct a em").await;
    fingers.opens("#open-direct", "#direct-dialog[open]").await;
    ann.write_into("#direct-find", "Lin").await;
    fingers.look("#direct-list button").await;
    fingers.back().await;
    fingers.opens("#browse-rooms", "#browse-list button").await;
    fingers.back().await;
    fingers.opens("#create-room", "#create-dialog[open]").await;
    fingers.back().await;
    fingers
        .opens("#open-switcher", "#switcher-list [role=option]")
        .await;
    fingers.back().await;
    ann.click("#open-search").await;
    ann.write_into("#search-find", "kettle").await;
    fingers.look("#search-list a").await;
    fingers.back().await;
    ann.click("#menu-button").await;
    ann.click("#open-settings").await;
    for tab in ["profile", "look", "news", "devices", "account"] {
        fingers
            .opens(&format!("#tab-{tab}"), &format!("#set-{tab}"))
            .await;
        if tab == "news" {
            ann.click("[name=quiet]").await;
            fingers.look("#quiet-from").await;
        }
    }
    fingers.none();
    ann.leave().await;
}
