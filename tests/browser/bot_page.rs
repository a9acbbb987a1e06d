//! Bots in the settings: made, given keys, which are shown once, and ended; and keys that are left after signing out elsewhere.

use serde_json::{Value, json};

use super::company::Companion;
use super::doors::has_focus;
use super::fits::fits;
use super::keys::{copied, opens};
use super::offices::agrees;
use super::phone::large_enough_for_a_finger;
use super::settings::settings;
use super::{Browsers, Person};
use crate::support::{Answer, Guest, Server};

async fn has(person: &Person, list: &str, rows: usize) {
    let all = format!("document.querySelectorAll('#{list} li').length === {rows}");
    person.until("the list", &all).await;
}

async fn me(server: &Server, key: &str) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str())];
    Guest::of(server)
        .request("GET", "/api/v1/me", &headers, b"")
        .await
}

#[tokio::test]
async fn a_bot_is_made_given_a_key_and_ended() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    drop(Companion::named(&server, "Ann").await);
    server.crown("Ann");
    let ann = opens(&browsers, &server, "en", "Ann").await;
    settings(&ann, "bots").await;
    ann.reads("#bots-none", "There are no bots that you look after.")
        .await;
    ann.click("#bot-form .primary").await;
    ann.reads("#bot-name-problem", "Please enter the name of a bot.")
        .await;
    ann.write_into("#bot-name", "Kettle").await;
    ann.click("#bot-form .primary").await;
    // Its keys are shown: it has none yet.
    ann.reads("#keys-none", "This bot has no keys.").await;
    let whose = "document.getElementById('key-whose').selectedOptions[0].textContent";
    assert_eq!(ann.look::<String>(whose).await, "Kettle");
    ann.write_into("#key-name", "weather").await;
    ann.click("#key-form .switch:has([name=house])").await;
    ann.click("#key-form .primary").await;
    ann.reads("#key-shown h3", "The new key").await;
    ann.picture("bots-key").await;
    let key = copied(&ann, "#key-copy", "Key copied.").await;
    assert!(key.starts_with("thb_"), "{key}");
    has(&ann, "key-list", 1).await;
    let row = ann.text("#key-list li p").await;
    for words in [
        "weather",
        "reads, looks after the server",
        "Good until it is ended",
    ] {
        assert!(row.contains(words), "{words}: {row}");
    }
    assert_eq!(me(&server, &key).await.json()["me"]["name"], "Kettle");
    // One's own keys are others.
    let own = "const whose = document.getElementById('key-whose'); whose.value = ''; whose.dispatchEvent(new Event('change'))";
    let _nothing: Value = ann.look(&format!("void (() => {{ {own} }})()")).await;
    ann.reads("#keys-none", "You have no keys.").await;
    assert!(
        !ann.look::<bool>("document.getElementById('key-house').checkVisibility()")
            .await
    );
    assert_eq!(
        ann.look::<String>("document.getElementById('key-days').value")
            .await,
        "90"
    );

    ann.click("#tab-bots").await;
    has(&ann, "bot-list", 1).await;
    let row = ann.text("#bot-list li p").await;
    assert!(row.contains("Kettle") && row.contains("Keys: 1"), "{row}");
    ann.click("#bot-list .end").await;
    agrees(&ann, "End the bot \u{2068}Kettle\u{2069}?").await;
    has(&ann, "bot-list", 0).await;
    has_focus(&ann, "#tab-bots").await;
    assert_eq!(me(&server, &key).await.error(), "bad_token");
    ann.leave().await;
}

#[tokio::test]
async fn bots_are_for_those_who_may_make_them_and_fit_a_phone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    drop(Companion::named(&server, "Bob").await);
    let bob = opens(&browsers, &server, "en", "Bob").await;
    bob.choose("#open-settings").await;
    bob.until("the settings", "document.getElementById('settings').open")
        .await;
    assert!(
        bob.look::<bool>("!document.getElementById('tab-bots')")
            .await
    );
    bob.leave().await;
    let mut ann = Companion::named(&server, "Ann").await;
    server.crown("Ann");
    for name in ["Wolfeschlegelsteinhausen", "عبدالرحمن الفيصل"] {
        ann.asks("POST", "bots", json!({"name": name})).await;
    }
    for (lang, languages) in [("en", "en"), ("zh", "zh-CN,zh")] {
        let person = opens(&browsers, &server, languages, "Ann").await;
        settings(&person, "bots").await;
        has(&person, "bot-list", 2).await;
        for (width, height) in [(1440, 900), (390, 844)] {
            person.resize(width, height).await;
            for theme in ["light", "dark"] {
                let features =
                    json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
                person
                    .devtools("Emulation.setEmulatedMedia", features)
                    .await;
                fits(&person, "#settings").await;
                person
                    .picture(&format!("bots-{lang}-{width}-{theme}"))
                    .await;
            }
        }
        for css in ["#bot-list .keys-of", "#bot-list .end", "#bot-form .primary"] {
            large_enough_for_a_finger(&person, css).await;
        }
        person.click("#bot-list .keys-of").await;
        person
            .until("its keys", "!document.getElementById('key-owners').hidden")
            .await;
        fits(&person, "#settings").await;
        person.picture(&format!("bots-keys-{lang}")).await;
        person.leave().await;
    }
}

#[tokio::test]
async fn whoever_signs_out_elsewhere_is_shown_their_keys() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    drop(Companion::named(&server, "Ann").await);
    let ann = opens(&browsers, &server, "en", "Ann").await;
    settings(&ann, "keys").await;
    ann.write_into("#key-name", "weather").await;
    ann.click("#key-form .primary").await;
    ann.reads("#key-shown h3", "The new key").await;
    let key = copied(&ann, "#key-copy", "Key copied.").await;
    ann.click("#tab-devices").await;
    ann.until(
        "the devices",
        "document.getElementById('sign-out-others').checkVisibility()",
    )
    .await;
    ann.click("#sign-out-others").await;
    ann.reads("#keys-left h3", "These keys are still good")
        .await;
    ann.picture("keys-left").await;
    has(&ann, "key-list", 1).await;
    assert_eq!(me(&server, &key).await.status, 200);
    ann.click("#keys-end").await;
    has(&ann, "key-list", 0).await;
    assert_eq!(me(&server, &key).await.error(), "bad_token");
    assert!(
        !ann.look::<bool>("document.getElementById('keys-left').checkVisibility()")
            .await
    );
    ann.leave().await;
}
