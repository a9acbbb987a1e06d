//! Hooks in the settings: made by who looks after a room, shown once, spoken by, and ended.

use serde_json::{Value, json};

use super::company::Companion;
use super::doors::has_focus;
use super::fits::fits;
use super::keys::{copied, opens};
use super::offices::agrees;
use super::phone::large_enough_for_a_finger;
use super::settings::settings;
use super::{Browsers, Person};
use crate::support::{Guest, Server};

async fn has(person: &Person, hooks: usize) {
    let all = format!("document.querySelectorAll('#hook-list li').length === {hooks}");
    person.until("the list", &all).await;
}

/// What a tool is answered that speaks at an address.
async fn posts(server: &Server, address: &str, words: &str) -> (u16, String) {
    let path = address.split_once("/hooks/").unwrap().1;
    let body = json!({"text": words}).to_string();
    let json = [("content-type", "application/json")];
    let mut tool = Guest::of(server);
    let path = format!("/hooks/{path}");
    let answer = tool.request("POST", &path, &json, body.as_bytes()).await;
    (answer.status, answer.text())
}

#[tokio::test]
async fn who_looks_after_a_room_makes_a_hook_there_from_its_sheet_and_ends_it() {
    let server = Server::start(&[("bots.makers", "members")]);
    let browsers = Browsers::start();
    let mut company = Companion::named(&server, "Ann").await;
    let tea = company.makes("public", "Tea").await;
    let ann = opens(&browsers, &server, "en", "Ann").await;
    ann.goto(&format!("/rooms/{tea}")).await;
    ann.is_in("Tea").await;
    let _nothing: Value = ann.look(super::keys::CLIPBOARD).await;
    ann.click("#room-menu-button").await;
    ann.click("#room-configure").await;
    ann.click("#room-hooks").await;
    ann.reads("#hooks-none", "This room has no hooks.").await;
    let room = "document.getElementById('hook-room').selectedOptions[0].textContent";
    assert_eq!(ann.look::<String>(room).await, "Tea");
    ann.click("#hook-form .primary").await;
    ann.reads("#hook-bot-problem", "Please enter the name of a bot.")
        .await;
    ann.write_into("#hook-bot", "Kettle").await;
    ann.write_into("#hook-name", "Grafana").await;
    ann.click("#hook-form .primary").await;
    ann.reads("#hook-shown h3", "The new address").await;
    ann.picture("hooks-made").await;
    let address = copied(&ann, "#hook-copy", "Address copied.").await;
    assert!(address.starts_with(&super::site(&server)), "{address}");
    let github = ann.text("#hook-github").await;
    assert_eq!(github, format!("{address}/github"));
    let alertmanager = ann.text("#hook-alertmanager").await;
    assert!(
        alertmanager.contains(&format!("api_url: {address}\n")),
        "{alertmanager}"
    );
    has(&ann, 1).await;
    let row = ann.text("#hook-list li p").await;
    assert!(row.contains("Grafana") && row.contains("Kettle"), "{row}");

    let said = posts(&server, &address, "the water boils").await;
    assert_eq!(said, (200, "ok".to_owned()));
    ann.click("#hook-done").await;
    has_focus(&ann, "#tab-hooks").await;
    let secret = address.rsplit('/').next().unwrap();
    let kept = format!(
        "document.documentElement.outerHTML.includes('{secret}') || [...document.querySelectorAll('input')].some(({{ value }}) => value.includes('{secret}'))"
    );
    assert!(!ann.look::<bool>(&kept).await);
    ann.click("#hook-list button").await;
    agrees(&ann, "End the hook \u{2068}Grafana\u{2069}?").await;
    has(&ann, 0).await;
    let refused = posts(&server, &address, "still here?").await;
    assert_eq!(refused, (404, "no_service".to_owned()));
    ann.press(thirtyfour::Key::Escape).await;
    ann.hears("the water boils").await;
    ann.leave().await;
}

#[tokio::test]
async fn hooks_are_for_those_who_look_after_a_room_and_fit_a_phone() {
    let server = Server::start(&[("bots.makers", "members")]);
    let browsers = Browsers::start();
    let mut company = Companion::named(&server, "Ann").await;
    drop(Companion::named(&server, "Bob").await);
    let bob = opens(&browsers, &server, "en", "Bob").await;
    bob.choose("#open-settings").await;
    bob.until("the settings", "document.getElementById('settings').open")
        .await;
    let offered = "document.getElementById('tab-hooks').checkVisibility()";
    assert!(!bob.look::<bool>(offered).await);
    bob.leave().await;
    company.makes("public", "عبدالرحمن الفيصل التميمي").await;
    for (lang, languages) in [("en", "en"), ("zh", "zh-CN,zh")] {
        let ann = opens(&browsers, &server, languages, "Ann").await;
        settings(&ann, "hooks").await;
        ann.write_into("#hook-bot", "Wolfeschlegelsteinhausen")
            .await;
        ann.write_into("#hook-name", "عبدالرحمن الفيصل التميمي")
            .await;
        ann.click("#hook-form .primary").await;
        ann.until(
            "the address",
            "!document.getElementById('hook-shown').hidden",
        )
        .await;
        for (width, height) in [(1440, 900), (390, 844)] {
            ann.resize(width, height).await;
            for theme in ["light", "dark"] {
                let features =
                    json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
                ann.devtools("Emulation.setEmulatedMedia", features).await;
                fits(&ann, "#settings").await;
                ann.picture(&format!("hooks-{lang}-{width}-{theme}")).await;
            }
        }
        for css in ["#hook-list button", "#hook-copy", "#hook-form .primary"] {
            large_enough_for_a_finger(&ann, css).await;
        }
        ann.leave().await;
    }
}

#[tokio::test]
async fn a_signed_hook_shows_its_secret_beside_its_address_once() {
    let server = Server::start(&[("bots.makers", "members")]);
    let browsers = Browsers::start();
    let mut company = Companion::named(&server, "Ann").await;
    company.makes("public", "Tea").await;
    let ann = opens(&browsers, &server, "en", "Ann").await;
    settings(&ann, "hooks").await;
    ann.write_into("#hook-bot", "Octocat").await;
    ann.click("#hook-form .switch").await;
    ann.click("#hook-form .primary").await;
    ann.reads("#hook-secret-title", "The secret").await;
    let other_tools = "document.getElementById('hook-alertmanager').checkVisibility()";
    assert!(!ann.look::<bool>(other_tools).await, "it cannot sign");
    ann.picture("hooks-signed").await;
    let secret = copied(&ann, "#hook-secret-copy", "Secret copied.").await;
    assert!(
        secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{secret}"
    );
    let address = copied(&ann, "#hook-copy", "Address copied.").await;
    let refused = posts(&server, &address, "not signed").await;
    assert_eq!(refused, (403, "invalid_token".to_owned()));
    has(&ann, 1).await;
    let row = ann.text("#hook-list li p").await;
    assert!(row.contains("· signed"), "{row}");
    ann.click("#hook-done").await;
    let kept = format!(
        "[...document.querySelectorAll('input')].some(({{ value }}) => value === '{secret}')"
    );
    assert!(!ann.look::<bool>(&kept).await);
    // The next one is not signed, and has none.
    ann.write_into("#hook-bot", "Octocat").await;
    ann.click("#hook-form .primary").await;
    has(&ann, 2).await;
    let shown = "document.getElementById('hook-secret-title').checkVisibility()";
    assert!(!ann.look::<bool>(shown).await);
    assert!(ann.look::<bool>(other_tools).await);
    ann.leave().await;
}
