//! What is completed while one writes: names after `@`, emoji after `:`.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::{Browsers, Person, site};
use crate::support::{Guest, Server};

/// Waits until these are offered, the first one pointed at.
async fn offers(person: &Person, names: &[&str]) {
    let wanted = json!(names);
    let seen = format!(
        "JSON.stringify([...document.querySelectorAll('#completion [role=option] .name')].map((name) => name.textContent)) === JSON.stringify({wanted})"
    );
    person.until(&format!("{wanted} are offered"), &seen).await;
    let known = "document.getElementById('say').getAttribute('aria-activedescendant') === document.querySelector('#completion [aria-selected=true]')?.id";
    assert!(person.look::<bool>(known).await, "a screen reader knows it");
}

async fn offers_nothing(person: &Person) {
    person
        .until(
            "nothing is offered",
            "document.getElementById('completion').hidden && !document.getElementById('say').hasAttribute('aria-activedescendant')",
        )
        .await;
}

/// Waits until something is offered, and none of it pointed at: nobody has named it.
async fn guesses(person: &Person) {
    person
        .until(
            "there are guesses",
            "document.querySelector('#completion [role=option]') && !document.querySelector('#completion [aria-selected=true]')
                && !document.getElementById('say').hasAttribute('aria-activedescendant')",
        )
        .await;
}

async fn clears(person: &Person) {
    person.click("#say").await;
    let hand = person.browser.action_chain().key_down(Key::Control);
    let hand = hand.send_keys("a").key_up(Key::Control);
    hand.send_keys(Key::Delete).perform().await.unwrap();
}

#[tokio::test]
async fn a_name_that_is_completed_calls_its_owner() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "林夏").await;
    let _linus = Companion::named(&server, "Linus Pauling").await;
    let ann = member(&browsers, &server, &site(&server), "Ann Lee").await;
    let grace = member(&browsers, &server, &site(&server), "Grace").await;
    lin.says(1, "有人吗").await;
    ann.hears("有人吗").await;

    // Who spoke last stands first, and only who is called so is there at all.
    ann.write("hi @").await;
    ann.until(
        "who spoke is first",
        "document.querySelector('#completion .name')?.textContent === '林夏'",
    )
    .await;
    ann.type_in("GR").await;
    offers(&ann, &["Grace"]).await;
    ann.press(Key::Enter).await;
    assert_eq!(ann.draft().await, "hi @Grace ");
    offers_nothing(&ann).await;
    ann.type_in("你好").await;
    ann.press(Key::Enter).await;
    grace.hears("hi @Grace 你好").await;
    grace
        .until(
            "the name is marked",
            "document.querySelector('#messages .msg.mentions-me .mention')?.textContent === '@Grace'",
        )
        .await;
    ann.until(
        "nobody else is",
        "document.querySelector('#messages .mention') && !document.querySelector('#messages .mentions-me')",
    )
    .await;

    // Who is not here is found by the server.
    let mut olga = Guest::visiting(&server).await;
    assert_eq!(
        olga.register("Olga", "七碗 chest of leaves").await.status,
        200
    );
    ann.write("@ol").await;
    offers(&ann, &["Olga"]).await;
    clears(&ann).await;

    // Wide letters, the middle of a name, a name with a blank; arrows and Tab.
    grace.write("＠ｌｉ").await;
    offers(&grace, &["Linus Pauling"]).await;
    clears(&grace).await;
    grace.write("@le").await;
    offers(&grace, &["Ann Lee"]).await;
    clears(&grace).await;
    grace.write("@ee").await;
    guesses(&grace).await;
    grace.press(Key::Tab).await;
    assert_eq!(grace.draft().await, "@Ann Lee ");
    clears(&grace).await;
    grace.write("@n").await;
    grace
        .until(
            "several",
            "document.querySelectorAll('#completion [role=option]').length === 2",
        )
        .await;
    let second: String = grace
        .look("document.querySelectorAll('#completion .name')[1].textContent")
        .await;
    guesses(&grace).await;
    grace.press(Key::Down).await;
    grace.press(Key::Down).await;
    grace.press(Key::Enter).await;
    assert_eq!(grace.draft().await, format!("@{second} "));

    // Escape keeps what was written, and the next Enter sends it; addresses and code call nobody.
    clears(&grace).await;
    grace.write("@an").await;
    offers(&grace, &["Ann Lee"]).await;
    grace.press(Key::Escape).await;
    offers_nothing(&grace).await;
    assert_eq!(grace.draft().await, "@an");
    for other in ["me@an", "`x @an", "```\n@an", "@ an", "@nobody at all"] {
        clears(&grace).await;
        grace.write(other).await;
        offers_nothing(&grace).await;
    }
    ann.leave().await;
    grace.leave().await;
}

#[tokio::test]
async fn a_name_with_signs_is_completed_so_that_it_calls() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut called = Vec::new();
    for name in ["__init__", "*star*x", "a@b", "Anna_B"] {
        called.push(Companion::named(&server, name).await);
    }
    let ann = member(&browsers, &server, &site(&server), "Ann Lee").await;
    for (typed, name) in [
        ("@init", "__init__"),
        ("@star", "*star*x"),
        ("@a", "a@b"),
        ("@anna", "Anna_B"),
    ] {
        clears(&ann).await;
        ann.write(typed).await;
        let first = format!(
            "[...document.querySelectorAll('#completion .name')].findIndex((each) => each.textContent === {})",
            json!(name)
        );
        ann.until("it is offered", &format!("{first} >= 0")).await;
        for _ in 0..ann.look::<u32>(&first).await {
            ann.press(Key::Down).await;
        }
        ann.press(Key::Enter).await;
        ann.press(Key::Enter).await;
        let shown = json!(format!("@{name}"));
        ann.until(
            &format!("{name} is called"),
            &format!("[...document.querySelectorAll('.body .mention')].some((each) => each.textContent === {shown})"),
        )
        .await;
    }
    ann.leave().await;
}

#[tokio::test]
async fn everybody_is_offered_to_those_who_may_call_them() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.write("@a").await;
    offers_nothing(&ann).await;
    clears(&ann).await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    ann.write("@a").await;
    offers(&ann, &["all"]).await;
    ann.click("#completion [role=option]").await;
    assert_eq!(ann.draft().await, "@all ");
    ann.type_in("tea").await;
    ann.press(Key::Enter).await;
    let called = "document.querySelectorAll('#messages .mention[data-id=all]').length";
    ann.until("all are called", &format!("{called} === 1"))
        .await;
    ann.choose("#lang-zh").await;
    ann.until("the language", "document.documentElement.lang === 'zh-CN'")
        .await;
    ann.is_live().await;
    ann.write("@所有").await;
    offers(&ann, &["所有人"]).await;
    ann.press(Key::Tab).await;
    ann.type_in("喝茶").await;
    ann.press(Key::Enter).await;
    ann.until("all are called", &format!("{called} === 2"))
        .await;
    ann.leave().await;
}

#[tokio::test]
async fn an_emoji_is_completed_in_both_languages_and_spelt_out() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.write(":t").await;
    offers_nothing(&ann).await;
    ann.type_in("ada").await;
    offers(&ann, &["party popper"]).await;
    ann.press(Key::Enter).await;
    assert_eq!(ann.draft().await, "🎉");
    ann.type_in(" :rocket:").await;
    ann.until(
        "the whole name",
        "document.getElementById('say').value === '🎉 🚀'",
    )
    .await;
    offers_nothing(&ann).await;
    for other in ["at 12:30:45:", "`:rocket:", ":no_such_emoji:", "http://x"] {
        clears(&ann).await;
        ann.write(other).await;
        assert_eq!(ann.draft().await, other);
        offers_nothing(&ann).await;
    }

    lin.write(":撒花").await;
    offers(&lin, &["庆祝"]).await;
    lin.press(Key::Enter).await;
    assert_eq!(lin.draft().await, "🎉");
    lin.type_in("他说：干杯").await;
    offers_nothing(&lin).await;
    clears(&lin).await;
    lin.write("：干杯").await;
    offers(&lin, &["干杯"]).await;
    lin.press(Key::Enter).await;
    lin.press(Key::Enter).await;
    ann.hears("🍻").await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn enter_sends_what_was_not_meant_as_an_emoji() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    // Its names are there from here on.
    ann.write(":tada").await;
    offers(&ann, &["party popper"]).await;
    clears(&ann).await;
    for face in [
        ":-D", ":-P", ":-p", ":-O", ":-o", ":-S", ":-d", ":_D", ":+D", ":DD", ":PP", ":33", ":xD",
    ] {
        ann.write(face).await;
        offers_nothing(&ann).await;
        ann.press(Key::Enter).await;
        ann.hears(face).await;
        assert_eq!(ann.draft().await, "");
    }
    // What only has the letters in it is a guess: it is there for the arrows, and Enter goes past it.
    for word in [":no", ":adge"] {
        ann.write(word).await;
        guesses(&ann).await;
        ann.press(Key::Enter).await;
        ann.hears(word).await;
        assert_eq!(ann.draft().await, "");
        ann.write(word).await;
        guesses(&ann).await;
        ann.press(Key::Down).await;
        ann.press(Key::Enter).await;
        let taken = ann.draft().await;
        assert!(!taken.is_empty() && !taken.contains(word), "{taken}");
        clears(&ann).await;
    }
    for (word, emoji) in [(":+1", "👍"), (":ok", "🆗"), (":rocke", "🚀")] {
        ann.write(word).await;
        ann.until(
            "it is offered",
            "document.querySelector('#completion [aria-selected=true]')",
        )
        .await;
        ann.press(Key::Enter).await;
        assert_eq!(ann.draft().await, emoji);
        clears(&ann).await;
    }
    ann.leave().await;
}

#[tokio::test]
async fn an_input_method_is_left_alone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let _lin = Companion::named(&server, "林夏").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let compose = |text: &str| {
        let end = text.chars().count();
        json!({"text": text, "selectionStart": end, "selectionEnd": end})
    };
    ann.write("@").await;
    ann.until("names", "!document.getElementById('completion').hidden")
        .await;
    for letters in ["l", "li", "lin"] {
        ann.devtools("Input.imeSetComposition", compose(letters))
            .await;
    }
    assert_eq!(ann.draft().await, "@lin", "it goes on composing");
    // Its own keys are its own, whatever is offered.
    let key = "(() => {
        const text = document.getElementById('say');
        return ['Enter', 'ArrowDown', 'Escape', 'Tab'].every((key) => {
            const down = new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true });
            return text.dispatchEvent(down);
        });
    })()";
    assert!(ann.look::<bool>(key).await);
    ann.type_in("林").await;
    offers(&ann, &["林夏"]).await;
    ann.press(Key::Enter).await;
    assert_eq!(ann.draft().await, "@林夏 ");
    ann.leave().await;
}

#[tokio::test]
async fn what_is_written_while_completion_is_on_its_way_is_answered() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let slow =
        json!({"offline": false, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1});
    for (method, parameters) in [
        ("Network.enable", json!({})),
        ("Network.setBypassServiceWorker", json!({"bypass": true})),
        ("Network.setCacheDisabled", json!({"cacheDisabled": true})),
        ("Network.emulateNetworkConditions", slow),
    ] {
        ann.devtools(method, parameters).await;
    }
    ann.click("#say").await;
    ann.press(":teapot: is good").await;
    let named = "document.getElementById('say').value === '🫖 is good'";
    ann.until("the name is an emoji", named).await;
    ann.send().await;
    ann.hears("🫖 is good").await;
    ann.leave().await;
}
