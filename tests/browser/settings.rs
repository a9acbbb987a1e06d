//! The settings: what a person changes about themselves, by hand and by keyboard, and who notices.

use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::{Guest, Server};

const PASSWORD: &str = "七碗 chest of leaves";
const OTHER: &str = "八碗 chest of leaves";

/// Somebody with an account, before a browser.
pub(super) async fn member(
    browsers: &Browsers,
    server: &Server,
    languages: &str,
    name: &str,
) -> Person {
    let person = browsers.person(&site(server), languages).await;
    person.choose("#open-register").await;
    person
        .fill(
            "#register-dialog",
            &[("name", name), ("password", PASSWORD)],
        )
        .await;
    person.reads("#me-name", name).await;
    person.is_live().await;
    person
}

/// Opens the settings at one of their tabs.
pub(super) async fn settings(person: &Person, tab: &str) {
    person.choose("#open-settings").await;
    person.click(&format!("#tab-{tab}")).await;
}

/// Chooses one of several, by its label.
pub(super) async fn pick(person: &Person, name: &str, value: &str) {
    person
        .click(&format!(
            "#settings label:has([name={name}][value='{value}'])"
        ))
        .await;
}

async fn fills(person: &Person, css: &str, text: &str) {
    let field = person.find(css).await;
    field.clear().await.unwrap();
    field.click().await.unwrap();
    person.type_in(text).await;
}

#[tokio::test]
async fn a_new_name_and_colour_are_tried_saved_and_seen_in_every_window() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, "en", "Ann").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    let second = browsers.person(&site(&server), "en").await;
    second.sign_in("Ann", PASSWORD).await;
    ann.expects("the server responded with a status of 409");
    lin.choose("#open-register").await;
    lin.fill(
        "#register-dialog",
        &[("name", "林小满"), ("password", PASSWORD)],
    )
    .await;
    lin.reads("#me-name", "林小满").await;
    lin.is_live().await;

    ann.post("as I was").await;
    settings(&ann, "profile").await;
    fills(&ann, "#set-name", "林小满").await;
    ann.click("#set-profile .primary").await;
    ann.reads("#set-name-problem", "This name is taken.").await;
    fills(&ann, "#set-name", "Ann of the hills").await;
    pick(&ann, "hue", "270").await;
    ann.until(
        "a preview",
        "document.getElementById('set-face').src.endsWith('?h=270')",
    )
    .await;
    assert!(
        !ann.look::<bool>("document.getElementById('me-face').src.includes('h=')")
            .await,
        "nothing is saved yet"
    );
    ann.click("#set-profile .primary").await;
    ann.reads("#toast", "Saved.").await;
    ann.reads("#me-name", "Ann of the hills").await;
    second.reads("#me-name", "Ann of the hills").await;
    let dressed = "document.getElementById('me-face').src.endsWith('?h=270')";
    second
        .until("the colour in the other window", dressed)
        .await;
    let listed = "[...document.querySelectorAll('#people-list li')].some((row) =>
        row.querySelector('.name').textContent === 'Ann of the hills' && row.querySelector('.face').src.endsWith('?h=270'))";
    lin.until("others see it", listed).await;
    ann.press(Key::Escape).await;
    assert_eq!(ann.hears("as I was").await.name, "Ann");
    ann.reload().await;
    assert_eq!(ann.text("#me-name").await, "Ann of the hills");
    ann.leave().await;
    lin.leave().await;
    second.leave().await;
}

#[tokio::test]
async fn the_keyboard_goes_through_the_tabs_and_a_visitor_has_two() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.choose("#open-settings").await;
    ann.until("the settings", "document.getElementById('settings').open")
        .await;
    let forms = "document.querySelectorAll('form[role]').length";
    assert_eq!(ann.look::<u32>(forms).await, 0, "a form is a form");
    let tabs = "[...document.querySelectorAll('#settings [role=tab]')].filter((tab) => tab.checkVisibility()).map((tab) => tab.textContent)";
    assert_eq!(
        ann.look::<Vec<String>>(tabs).await,
        ["Look", "Notifications"]
    );
    let here =
        "[document.activeElement.id, document.querySelector('#settings .panel:not([hidden])').id]";
    let at = async |tab: &str, panel: &str| {
        assert_eq!(
            ann.look::<(String, String)>(here).await,
            (tab.into(), panel.into())
        );
    };
    at("tab-look", "set-look").await;
    ann.press(Key::Down).await;
    at("tab-news", "set-news").await;
    ann.press(Key::Down).await;
    at("tab-look", "set-look").await;
    ann.press(Key::End).await;
    at("tab-news", "set-news").await;
    ann.press(Key::Home).await;
    // Into the panel, and to another theme with an arrow.
    ann.press(Key::Tab).await;
    ann.press(Key::Tab).await;
    ann.press(Key::Right).await;
    ann.until(
        "the theme",
        "document.documentElement.dataset.theme === 'light'",
    )
    .await;
    ann.press(Key::Escape).await;
    assert!(
        !ann.look::<bool>("document.getElementById('settings').open")
            .await
    );
    assert_eq!(
        ann.look::<String>("document.activeElement.id").await,
        "menu-button",
        "the focus is back where it was"
    );
    ann.leave().await;
}

#[tokio::test]
async fn the_clock_is_counted_as_the_reader_likes_here_and_on_their_other_device() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, "en", "Ann").await;
    ann.post("what time is it?").await;
    settings(&ann, "look").await;
    pick(&ann, "clock", "24").await;
    let halves = |yes: bool| {
        format!("{yes} === /[AP]M/.test(document.querySelector('#messages time').textContent)")
    };
    ann.until("hours to 24", &halves(false)).await;
    pick(&ann, "clock", "12").await;
    ann.until("hours to 12", &halves(true)).await;
    pick(&ann, "theme", "dark").await;
    let kept = "performance.getEntriesByType('resource')
        .filter((entry) => entry.name.endsWith('/preferences') && entry.responseStatus === 200).length === 3";
    ann.until("all three are kept", kept).await;
    let phone = browsers.person(&site(&server), "zh-CN,zh").await;
    phone.sign_in("Ann", PASSWORD).await;
    phone.until("the phone's times", "/上午|下午|凌晨|中午|晚上|清晨/.test(document.querySelector('#messages time').textContent) || /[AP]M/.test(document.querySelector('#messages time').textContent)").await;
    assert_eq!(
        phone
            .look::<String>("document.documentElement.dataset.theme")
            .await,
        "dark"
    );
    settings(&phone, "look").await;
    assert!(
        phone
            .look::<bool>("document.querySelector('[name=clock][value=\"12\"]').checked")
            .await
    );
    ann.leave().await;
    phone.leave().await;
}

#[tokio::test]
async fn another_device_is_seen_and_signed_out() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, "en", "Ann").await;
    let phone = browsers.person(&site(&server), "zh-CN,zh").await;
    phone.sign_in("Ann", PASSWORD).await;
    settings(&ann, "devices").await;
    ann.until(
        "two devices",
        "document.querySelectorAll('#devices li').length === 2",
    )
    .await;
    ann.reads("#devices li:first-child b", "Chrome · Linux")
        .await;
    ann.reads("#devices li:first-child small", "This device · local")
        .await;
    ann.reads("#devices li:last-child small", "In use now · local")
        .await;
    ann.click("#devices li:last-child button").await;
    ann.until(
        "one device",
        "document.querySelectorAll('#devices li').length === 1",
    )
    .await;
    phone
        .until(
            "it is out",
            "document.querySelector('#state[data-state=stopped]')",
        )
        .await;
    assert!(
        !ann.look::<bool>("document.getElementById('sign-out-others').checkVisibility()")
            .await
    );
    ann.press(Key::Escape).await;
    ann.post("still here").await;
    ann.leave().await;
    phone.leave().await;
}

#[tokio::test]
async fn the_password_is_changed_the_data_taken_and_the_account_deleted() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, "en", "Ann").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.expects("the server responded with a status of 400");
    ann.expects("the server responded with a status of 403");
    ann.post("remember me").await;

    settings(&ann, "account").await;
    fills(&ann, "#old-password", "a guess").await;
    fills(&ann, "#new-password", OTHER).await;
    ann.click("#password-form .primary").await;
    ann.reads("#old-password-problem", "The password is wrong.")
        .await;
    fills(&ann, "#old-password", PASSWORD).await;
    fills(&ann, "#new-password", "12345678").await;
    ann.click("#password-form .primary").await;
    ann.until("the reason", "document.getElementById('new-password-problem').innerText.startsWith('This password is too easy')")
        .await;
    fills(&ann, "#new-password", OTHER).await;
    ann.click("#password-form .primary").await;
    ann.reads(
        "#toast",
        "Password changed. All other devices are signed out.",
    )
    .await;
    ann.is_live().await;
    assert_eq!(ann.text("#me-name").await, "Ann");
    let mut elsewhere = Guest::visiting(&server).await;
    assert_eq!(elsewhere.sign_in("Ann", PASSWORD).await.status, 401);

    let data: String = ann
        .look(
            "await fetch(document.getElementById('download').href).then((answer) => answer.text())",
        )
        .await;
    assert!(data.contains("remember me"), "{data}");

    settings(&ann, "account").await;
    fills(&ann, "#delete-password", OTHER).await;
    ann.click("#delete-form .danger").await;
    ann.reads("#toast", "Your account is deleted.").await;
    ann.is_live().await;
    assert!(ann.text("#me-about").await.starts_with("Visitor"));
    assert_eq!(ann.hears("remember me").await.name, "Deleted account");
    lin.reload().await;
    assert_eq!(lin.hears("remember me").await.name, "已注销");
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn the_settings_look_as_they_should() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let lin = member(&browsers, &server, "zh-CN,zh", "林小满").await;
    let mut phone = Guest::of(&server).with("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1");
    phone.visit().await;
    assert_eq!(phone.sign_in("林小满", PASSWORD).await.status, 200);
    // Each language is another than the one before, so that it tells the new page from the old.
    for (lang, theme) in [
        ("en", "dark"),
        ("zh", "light"),
        ("en", "light"),
        ("zh", "dark"),
    ] {
        lin.resize(1280, 800).await;
        lin.choose(&format!("#lang-{lang}")).await;
        let begins = format!("document.documentElement.lang.startsWith('{lang}')");
        lin.until("the language", &begins).await;
        lin.is_live().await;
        lin.choose(&format!("#theme-{theme}")).await;
        lin.press(Key::Escape).await;
        for (width, height) in [(1280, 800), (390, 844)] {
            lin.resize(width, height).await;
            lin.choose("#open-settings").await;
            for tab in ["profile", "look", "news", "devices", "account"] {
                lin.click(&format!("#tab-{tab}")).await;
                if tab == "devices" {
                    lin.until(
                        "the list",
                        "document.querySelectorAll('#devices li').length === 2",
                    )
                    .await;
                }
                let inside: bool = lin
                    .look("(() => { const panel = document.querySelector('#settings .panels'); return panel.scrollWidth <= panel.clientWidth && document.getElementById('settings').getBoundingClientRect().right <= innerWidth })()")
                    .await;
                assert!(inside, "{tab} sticks out at {width} px in {lang}");
                lin.picture(&format!("settings-{lang}-{theme}-{width}-{tab}"))
                    .await;
            }
            lin.press(Key::Escape).await;
        }
    }
    lin.leave().await;
}
