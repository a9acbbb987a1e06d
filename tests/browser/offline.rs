//! The page on a device: installed, and there without a line, as it was when it was last seen.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::company::member;
use super::file_words::{png, sender};
use super::gallery::sends;
use super::news::hides;
use super::{Browsers, Person, Road, site};
use crate::support::{Guest, Server, eventually};

/// Waits until the page of this path is kept with this text in it.
pub(super) async fn keeps(person: &Person, path: &str, text: &str) {
    let kept = format!(
        "(caches.match({}).then(async (page) => {{ globalThis.keptPage = await page?.text() ?? ''; }}), globalThis.keptPage?.includes({}))",
        json!(path),
        json!(text)
    );
    person
        .until(&format!("{path} is kept with {text}"), &kept)
        .await;
}

/// Waits until the parts that have not been wanted yet are kept too.
pub(super) async fn keeps_what_nobody_wanted(person: &Person) {
    let parts = "(caches.open('parts').then((cache) => cache.keys()).then((all) => {
        const kept = new Set(all.map(({ url }) => url));
        const base = document.querySelector('script[type=module]').src;
        const { later } = JSON.parse(document.getElementById('boot').textContent);
        globalThis.allKept = later.length > 20 && later.every((path) => kept.has(new URL(`../${path}`, base).href));
    }), globalThis.allKept)";
    person.until("the other parts are kept", parts).await;
}

/// Waits until the worker looks after the page.
pub(super) async fn is_looked_after(person: &Person) {
    person
        .until("the worker is there", "navigator.serviceWorker.controller")
        .await;
}

#[tokio::test]
async fn without_a_line_the_page_is_there_with_its_last_messages_and_sends_later() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    other.post("from before").await;
    ann.open().await;
    is_looked_after(&ann).await;
    ann.reload().await;
    other.post("while they were there").await;
    ann.hears("while they were there").await;
    hides(&ann, true).await;
    keeps(&ann, "/", "while they were there").await;
    keeps_what_nobody_wanted(&ann).await;
    road.cut().await;
    ann.arrive().await;
    ann.is_cut_off().await;
    assert_eq!(ann.texts().await, ["from before", "while they were there"]);
    ann.choose("#open-settings").await;
    ann.until("the settings", "document.querySelector('#settings[open]')")
        .await;
    ann.press(Key::Escape).await;
    let faces = "[...document.querySelectorAll('#messages .first .face')].every((face) => face.complete && face.naturalWidth > 0)";
    ann.until("the faces are there", faces).await;
    ann.say("written on the train").await;
    other.post("meanwhile").await;
    road.mend(&server).await;
    ann.is_live().await;
    ann.until(
        "it is with the server",
        "!document.querySelector('#messages .clock') && document.querySelectorAll('#messages > .msg').length === 4",
    )
    .await;
    assert_eq!(
        ann.texts().await,
        [
            "from before",
            "while they were there",
            "meanwhile",
            "written on the train"
        ]
    );
}

#[tokio::test]
async fn nothing_of_what_was_kept_is_left_to_another_reader() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    Guest::visiting(&server)
        .await
        .register("Ann", "seven bowls 七碗茶")
        .await;
    ann.open().await;
    is_looked_after(&ann).await;
    ann.reload().await;
    let visitor: String = ann.text("#me-name").await;
    keeps(&ann, "/", &visitor).await;
    ann.sign_in("Ann", "seven bowls 七碗茶").await;
    ann.until(
        "the visitor's page is gone",
        &format!(
            "(caches.match('/').then(async (page) => {{ globalThis.left = await page?.text() ?? ''; }}), globalThis.left !== undefined && !globalThis.left.includes({}))",
            json!(visitor)
        ),
    )
    .await;
}

#[tokio::test]
async fn a_browser_finds_nothing_that_keeps_it_from_installing_the_page() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    for (lang, name) in [("en", "Teahouse"), ("zh", "茶馆")] {
        let ann = browsers.person(&site(&server), lang).await;
        ann.open().await;
        is_looked_after(&ann).await;
        let manifest = ann.asks_browser("Page.getAppManifest", json!({})).await;
        assert_eq!(manifest["errors"], json!([]));
        let read: Value = serde_json::from_str(manifest["data"].as_str().unwrap()).unwrap();
        assert_eq!(read["name"], name);
        let errors = ann
            .asks_browser("Page.getInstallabilityErrors", json!({}))
            .await;
        let errors = errors["installabilityErrors"].as_array().unwrap().clone();
        // What a profile without a trace is told, whatever the page.
        let of_page: Vec<_> = errors
            .iter()
            .filter(|error| error["errorId"] != "in-incognito")
            .collect();
        assert!(of_page.is_empty(), "{of_page:?}");
    }
}

#[tokio::test]
async fn where_the_browser_would_install_the_page_the_menu_offers_it_once() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    // The browser may make an offer of its own, whose dialog no test could answer. On a window the
    // first listener is asked first.
    let hold = "addEventListener('beforeinstallprompt', (real) => real.isTrusted && real.stopImmediatePropagation())";
    let before = json!({"source": hold});
    ann.devtools("Page.addScriptToEvaluateOnNewDocument", before)
        .await;
    ann.reload().await;
    let offer = "(() => {
        const offer = new Event('beforeinstallprompt', { cancelable: true });
        offer.prompt = () => { globalThis.asked = (globalThis.asked ?? 0) + 1; };
        return !dispatchEvent(offer);
    })()";
    assert!(ann.look::<bool>(offer).await, "the browser's own is held");
    ann.choose("#install").await;
    ann.until("the browser is asked", "globalThis.asked === 1")
        .await;
    assert!(
        ann.look::<bool>("document.getElementById('install').hidden")
            .await
    );
    ann.leave().await;
}

#[tokio::test]
async fn without_a_line_pictures_are_there_but_not_those_that_were_recalled() {
    const THERE: &str = "[...document.querySelectorAll('#messages .pic img')].filter((image) => image.complete && image.naturalWidth > 0).length";
    const KEPT: &str = "(caches.open('pictures').then((cache) => cache.keys()).then((all) => { globalThis.kept = all.length; }), globalThis.kept ?? -1)";
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let picture = |shade| [("bowl.png", png(300, 200, shade), json!({}))];
    sends(&mut lin, &mut feed, "stays", &picture(10)).await;
    let goes = sends(&mut lin, &mut feed, "goes", &picture(90)).await;
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    ann.expects("404");
    ann.open().await;
    is_looked_after(&ann).await;
    ann.reload().await;
    ann.until("both are there", &format!("{THERE} === 2")).await;
    ann.until("both are kept", &format!("{KEPT} === 2")).await;
    feed.change(&goes, &json!({"do": "recall"})).await;
    ann.until("one is kept", &format!("{KEPT} === 1")).await;
    hides(&ann, true).await;
    keeps(&ann, "/", "stays").await;
    keeps_what_nobody_wanted(&ann).await;
    road.cut().await;
    ann.devtools("Network.clearBrowserCache", json!({})).await;
    ann.arrive().await;
    ann.is_cut_off().await;
    ann.until("it is there", &format!("{THERE} === 1")).await;
    road.mend(&server).await;
    ann.is_live().await;
    assert_eq!(
        lin.guest.register("Bo", "seven bowls 七碗茶").await.status,
        200
    );
    ann.sign_in("Bo", "seven bowls 七碗茶").await;
    let mine = format!("({KEPT}) <= 1 && {THERE} === 1");
    ann.until("the next one has their own", &mine).await;
}

#[tokio::test]
async fn what_was_recalled_while_nobody_looked_stays_in_no_store_of_a_browser() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let picture = [("bowl.png", png(300, 200, 90), json!({}))];
    let goes = sends(&mut lin, &mut feed, "goes", &picture).await;
    sends(&mut lin, &mut feed, "stays", &picture).await;
    let ann = browsers.person(&site(&server), "en").await;
    ann.expects("404");
    ann.expects("ERR_FAILED");
    ann.expects("ERR_CACHE_MISS");
    ann.open().await;
    is_looked_after(&ann).await;
    ann.reload().await;
    let ids = "[...document.querySelectorAll('#messages [data-file]')].map(({ dataset }) => dataset.file)";
    let ids: Vec<String> = ann.look(ids).await;
    assert_eq!(ids.len(), 2);
    for id in &ids {
        let seen = format!(
            "fetch('/files/{id}/l').then((answer) => answer.blob()).then(({{ size }}) => size > 0)"
        );
        assert!(ann.look::<bool>(&seen).await);
    }
    let known = "JSON.parse(localStorage.getItem('teahouse.copies') ?? '[]').length === 2";
    ann.until("it knows what it has", known).await;
    ann.browser.goto("about:blank").await.unwrap();
    feed.change(&goes, &json!({"do": "recall"})).await;
    ann.browser.goto(&site(&server)).await.unwrap();
    ann.is_live().await;
    let has = |number: usize, form| {
        format!(
            "fetch('/files/{}/{form}', {{ cache: 'only-if-cached', mode: 'same-origin' }}).then(({{ ok }}) => ok, () => false)",
            ids[number]
        )
    };
    for form in ["s", "l"] {
        eventually("it is in no store", async || {
            !ann.look::<bool>(&has(0, form)).await
        })
        .await;
    }
    assert!(ann.look::<bool>(&has(1, "s")).await, "the other one stays");
    let left = "JSON.parse(localStorage.getItem('teahouse.copies'))";
    eventually("the other is remembered alone", async || {
        ann.look::<Vec<String>>(left).await == ids[1..]
    })
    .await;
    // What was asked for to let go of it is not remembered again.
    let again = format!(
        "fetch('/files/{}/m', {{ cache: 'reload' }}).then((answer) => answer.blob()).then(({{ size }}) => size > 0)",
        ids[1]
    );
    ann.look::<bool>("localStorage.removeItem('teahouse.copies'), true")
        .await;
    assert!(ann.look::<bool>(&again).await);
    ann.until(
        "another one is remembered",
        &format!("({left})?.length > 0"),
    )
    .await;
    assert_eq!(ann.look::<Vec<String>>(left).await, ids[1..]);
    ann.leave().await;
}

#[tokio::test]
async fn the_members_of_a_room_come_when_the_line_is_back() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &road.site(), "Ann").await;
    ann.expects_cuts();
    let make = "fetch('/api/v1/rooms', {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ kind: 'public', name: 'Leaves' }),
    }).then((answer) => answer.json()).then(({ room }) => room.id)";
    let path = format!("/rooms/{}", ann.look::<i64>(make).await);
    ann.goto(&path).await;
    is_looked_after(&ann).await;
    ann.reload().await;
    let listed = "[...document.querySelectorAll('#people .owner .name')].some((name) => name.textContent === 'Ann')";
    ann.until("she is listed", listed).await;
    ann.post("first leaves").await;
    hides(&ann, true).await;
    keeps(&ann, &path, "first leaves").await;
    keeps_what_nobody_wanted(&ann).await;
    road.cut().await;
    ann.goto(&path).await;
    ann.is_cut_off().await;
    let says = "!document.getElementById('members-state').hidden && document.getElementById('members-state').textContent";
    ann.until("it says why nobody is listed", says).await;
    hides(&ann, false).await;
    road.mend(&server).await;
    ann.is_live().await;
    ann.until("she is listed again", listed).await;
    ann.leave().await;
}
