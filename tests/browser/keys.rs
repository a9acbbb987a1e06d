//! Keys in the settings: made, shown once, used by a program, and ended.

use serde_json::Value;

use super::company::{Companion, signs_in};
use super::doors::has_focus;
use super::fits::fits;
use super::offices::agrees;
use super::phone::large_enough_for_a_finger;
use super::settings::{pick, settings};
use super::{Browsers, Person, site};
use crate::support::{Answer, Guest, Server};

/// Names: a family, from right to left, and without a blank.
const NAMES: [&str; 3] = [
    "茶 👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦",
    "عبدالرحمن الفيصل التميمي",
    "Wolfeschlegelsteinhausen",
];

/// The longest name of a room.
const LONGEST: &str = "Donaudampfschifffahrtsgesellschaftskapit";

/// What is copied is kept here: a browser that is driven has no clipboard of its own.
pub const CLIPBOARD: &str = "void Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text } } })";

/// Somebody with an account, before a browser at these settings.
pub async fn opens(browsers: &Browsers, server: &Server, languages: &str, name: &str) -> Person {
    let person = browsers.person(&site(server), languages).await;
    person.choose("#open-sign-in").await;
    signs_in(&person, name).await;
    person.reads("#me-name", name).await;
    person.is_live().await;
    let _nothing: Value = person.look(CLIPBOARD).await;
    person
}

async fn asks(server: &Server, key: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    Guest::of(server).request("GET", path, &headers, b"").await
}

/// What was copied last.
pub async fn copied(person: &Person, css: &str, said: &str) -> String {
    person.click(css).await;
    person.reads("#toast", said).await;
    person.look("window.copied").await
}

async fn has(person: &Person, keys: usize) {
    let all = format!("document.querySelectorAll('#key-list li').length === {keys}");
    person.until("the list", &all).await;
}

#[tokio::test]
async fn a_key_is_made_shown_once_used_and_ended() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut company = Companion::named(&server, "Ann").await;
    let tea = company.makes("public", "Tea").await;
    let ann = opens(&browsers, &server, "en", "Ann").await;
    settings(&ann, "keys").await;
    ann.reads("#keys-none", "You have no keys.").await;
    ann.write_into("#key-name", "weather").await;
    ann.click("#key-form .switch:has([name=write])").await;
    pick(&ann, "where", "some").await;
    ann.click("#key-form .primary").await;
    ann.reads(
        "#key-form [data-about=where]",
        "Choose a room, or all of them.",
    )
    .await;
    ann.click(&format!("#key-rooms label:has([value='{tea}'])"))
        .await;
    ann.click("#key-form .primary").await;
    has_focus(&ann, "#key-shown").await;
    ann.reads("#key-shown h3", "The new key").await;
    ann.picture("keys-made").await;
    let key = copied(&ann, "#key-copy", "Key copied.").await;
    has(&ann, 1).await;
    let row = ann.text("#key-list li p").await;
    for words in ["weather", "reads, writes", "Tea", "Never used"] {
        assert!(row.contains(words), "{words}: {row}");
    }

    let there = format!("/api/v1/rooms/{tea}/messages");
    assert_eq!(asks(&server, &key, &there).await.status, 200);
    let elsewhere = asks(&server, &key, "/api/v1/rooms/1/messages").await;
    assert_eq!(elsewhere.status, 404, "{elsewhere:?}");
    // It is not shown again, and nowhere on the page.
    ann.click("#key-done").await;
    has_focus(&ann, "#tab-keys").await;
    ann.click("#tab-look").await;
    ann.click("#tab-keys").await;
    ann.until(
        "it says when it was used",
        "document.querySelector('#key-list .used')?.textContent.startsWith('Last used')",
    )
    .await;
    let kept = format!(
        "document.documentElement.outerHTML.includes('{key}') || [...document.querySelectorAll('input')].some(({{ value }}) => value === '{key}')"
    );
    assert!(!ann.look::<bool>(&kept).await);

    ann.click("#key-list button").await;
    agrees(&ann, "End the key \u{2068}weather\u{2069}?").await;
    has(&ann, 0).await;
    has_focus(&ann, "#tab-keys").await;
    assert_eq!(asks(&server, &key, &there).await.error(), "bad_token");
    ann.leave().await;
}

#[tokio::test]
async fn whoever_signed_in_long_ago_says_the_password_and_goes_on() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    drop(Companion::named(&server, "Ann").await);
    let ann = opens(&browsers, &server, "en", "Ann").await;
    ann.expects("401");
    server.runs(&["UPDATE sessions SET state = replace(state, '\"since\":\"1', '\"since\":\"')"]);
    settings(&ann, "keys").await;
    ann.write_into("#key-name", "weather").await;
    ann.click("#key-form .primary").await;
    ann.reads("#again-form h3", "Is it you?").await;
    ann.picture("keys-again").await;
    ann.type_in("not my pass phrase").await;
    ann.click("#again-form .primary").await;
    ann.reads(
        "#again-password-problem",
        "The name or the password is wrong.",
    )
    .await;
    let _nothing: Value = ann
        .look("void (document.getElementById('again-password').value = '')")
        .await;
    ann.write_into("#again-password", super::company::PASSWORD)
        .await;
    ann.click("#again-form .primary").await;
    ann.reads("#key-shown h3", "The new key").await;
    has(&ann, 1).await;
    let closed = "!document.getElementById('key-form').hidden && document.getElementById('again-form').hidden";
    assert!(ann.look::<bool>(closed).await);
    // The page is connected as before: nobody was signed out by it.
    ann.press(thirtyfour::Key::Escape).await;
    ann.post("and on it goes").await;
    ann.leave().await;
}

#[tokio::test]
async fn strange_names_and_long_keys_stay_within_a_phone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut company = Companion::named(&server, "Ann").await;
    for name in [NAMES[0], NAMES[1], LONGEST] {
        company.makes("public", name).await;
    }
    for (lang, languages) in [("en", "en"), ("zh", "zh-CN,zh")] {
        let ann = opens(&browsers, &server, languages, "Ann").await;
        settings(&ann, "keys").await;
        for name in NAMES {
            ann.write_into("#key-name", name).await;
            pick(&ann, "where", "some").await;
            for number in 2..=4 {
                ann.click(&format!("#key-rooms label:nth-of-type({number})"))
                    .await;
            }
            ann.click("#key-form .primary").await;
            ann.until(
                "the key",
                "!document.getElementById('key-shown').hidden && document.getElementById('key-name').value === ''",
            )
            .await;
        }
        for (width, height) in [(1440, 900), (390, 844)] {
            ann.resize(width, height).await;
            for theme in ["light", "dark"] {
                ann.devtools(
                    "Emulation.setEmulatedMedia",
                    serde_json::json!({"features": [{"name": "prefers-color-scheme", "value": theme}]}),
                )
                .await;
                fits(&ann, "#settings").await;
                let top = "void document.querySelector('#settings .panels').scrollTo(0, 0)";
                let _nothing: Value = ann.look(top).await;
                ann.picture(&format!("keys-{lang}-{width}-{theme}")).await;
                let end = "void document.getElementById('key-form').scrollIntoView()";
                let _nothing: Value = ann.look(end).await;
                ann.picture(&format!("keys-form-{lang}-{width}-{theme}"))
                    .await;
            }
        }
        for css in ["#key-list button", "#key-copy", "#key-form .primary"] {
            large_enough_for_a_finger(&ann, css).await;
        }
        ann.leave().await;
    }
}
