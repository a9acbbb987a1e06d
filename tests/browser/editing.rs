//! Changing what one said: in the composer, with the draft kept, and seen by everybody.

use serde_json::json;
use thirtyfour::prelude::*;

use super::recall::recall_is_over;
use super::{Browsers, Person, Road, site};
use crate::support::{Guest, Server, Ws};

/// Whether the composer holds a message that is being changed.
const EDITING: &str = "!document.getElementById('editing').hidden";

async fn writes_anew(person: &Person, text: &str) {
    person.find("#say").await.clear().await.unwrap();
    person.write(text).await;
}

/// The same person at another device: a connection with the browser's own cookie.
async fn elsewhere(person: &Person, server: &Server) -> Ws {
    let cookies = person.browser.get_all_cookies().await.unwrap();
    let mut guest = Guest::visiting(server).await;
    guest.cookie = Some(format!("{}={}", cookies[0].name, cookies[0].value));
    guest.feed().await.0
}

async fn id_of(person: &Person, text: &str) -> u64 {
    let row = format!(
        "Number([...document.querySelectorAll('#messages > .msg')]
            .find((row) => row.querySelector('.body').textContent === {}).dataset.id)",
        json!(text)
    );
    person.look(&row).await
}

#[tokio::test]
async fn a_message_is_changed_for_everybody_and_says_so() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    lin.post("几点喝茶？").await;
    ann.hears("几点喝茶？").await;
    ann.post("Tea at fvie").await;
    ann.post("bring a cup").await;
    ann.write("a draft").await;

    ann.use_tool(".edit", "Tea at fvie").await;
    ann.until("Ann is editing", EDITING).await;
    assert_eq!(ann.text("#editing-title").await, "Editing…");
    assert_eq!(ann.draft().await, "Tea at fvie");
    let named: String = ann
        .look("document.getElementById('say').ariaLabel + ', ' + document.getElementById('send').ariaLabel")
        .await;
    assert_eq!(named, "Editing…, Save the change");
    ann.picture("editing").await;
    writes_anew(&ann, "Tea at five, https://example.org/").await;
    ann.press(Key::Enter).await;
    assert_eq!(
        ann.draft().await,
        "a draft",
        "what was being written is back"
    );
    assert!(!ann.look::<bool>(EDITING).await);

    let whole = [
        "几点喝茶？",
        "Tea at five, https://example.org/",
        "bring a cup",
    ];
    for (person, sign) in [(&ann, "edited"), (&lin, "已编辑")] {
        let row = person.hears(whole[1]).await;
        assert!(row.edited && !row.waiting, "{row:?}");
        person.reads("#messages .edited", sign).await;
        let said: bool = person
            .look("document.querySelector('.edited').title.length > 10 && document.querySelector('.edited').checkVisibility()")
            .await;
        assert!(said, "it says when");
        person
            .until(
                "the new link",
                "document.querySelector('#messages .body a')",
            )
            .await;
        assert_eq!(person.texts().await, whole);
        let signs: u32 = person
            .look("document.querySelectorAll('#messages .edited').length")
            .await;
        assert_eq!(signs, 1);
    }
    ann.picture("edited").await;
    for person in [&ann, &lin] {
        person.reload().await;
        assert!(
            person.hears(whole[1]).await.edited,
            "the server says the same"
        );
        assert_eq!(person.texts().await, whole);
    }
    assert_eq!(ann.draft().await, "a draft");
    assert!(
        !lin.look::<bool>("document.querySelector('.msg:not(.mine) .edit') !== null")
            .await
    );
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn the_arrow_edits_the_last_message_and_escape_leaves_it_as_it_was() {
    let server = Server::start(&[("chat.recall_window", "1s")]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.post("the first").await;
    ann.post("the last").await;
    ann.click("#say").await;
    ann.press(Key::Up).await;
    ann.until("Ann is editing", EDITING).await;
    assert_eq!(ann.draft().await, "the last");
    ann.type_in(" but one").await;
    ann.press(Key::Escape).await;
    assert!(!ann.look::<bool>(EDITING).await);
    assert_eq!(ann.draft().await, "");
    assert_eq!(ann.texts().await, ["the first", "the last"]);

    // In a draft the arrow moves, and a save without a change changes nothing.
    ann.type_in("x").await;
    ann.press(Key::Up).await;
    assert!(!ann.look::<bool>(EDITING).await);
    ann.press(Key::Delete).await;
    ann.press(Key::Up).await;
    ann.press(Key::Enter).await;
    recall_is_over(&ann).await;
    let row = ann.hears("the last").await;
    assert!(!row.edited, "{row:?}");
    ann.use_tool(".edit", "the first").await;
    ann.click("#editing .cancel").await;
    assert!(!ann.look::<bool>(EDITING).await);
    ann.use_tool(".edit", "the first").await;
    writes_anew(&ann, "the very first").await;
    ann.click("#send").await;
    assert!(ann.hears("the very first").await.edited);
    assert_eq!(ann.texts().await, ["the very first", "the last"]);
    ann.leave().await;
}

#[tokio::test]
async fn a_change_made_offline_waits_visibly_and_outlives_the_page() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    let lin = browsers.person(&site(&server), "en").await;
    ann.expects_cuts();
    ann.post("rough words").await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.click("#say").await;
    ann.press(Key::Up).await;
    writes_anew(&ann, "smooth words").await;
    ann.press(Key::Enter).await;
    ann.press(Key::Up).await;
    assert_eq!(ann.draft().await, "smooth words", "of the words that wait");
    writes_anew(&ann, "smoother words").await;
    ann.press(Key::Enter).await;
    ann.say("and a new one").await;
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    ann.until(
        "both wait",
        "document.querySelectorAll('#messages .clock').length === 2",
    )
    .await;
    ann.until(
        "the page counts them",
        "document.getElementById('state').innerText.includes('2 unsent')",
    )
    .await;
    assert_eq!(ann.texts().await, ["smoother words", "and a new one"]);
    ann.picture("editing-waits").await;
    assert_eq!(lin.texts().await, ["rough words"]);

    road.mend(&server).await;
    for person in [&ann, &lin] {
        person.hears("and a new one").await;
        let row = person.hears("smoother words").await;
        assert!(row.edited, "{row:?}");
        assert_eq!(person.texts().await, ["smoother words", "and a new one"]);
    }
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_change_that_comes_too_late_says_so_and_gives_the_words_back() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    ann.post("taken back elsewhere").await;
    let id = id_of(&ann, "taken back elsewhere").await;
    let mut phone = elsewhere(&ann, &server).await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.use_tool(".edit", "taken back elsewhere").await;
    writes_anew(&ann, "better words").await;
    ann.press(Key::Enter).await;
    ann.until("it waits", "document.querySelector('#messages .waiting')")
        .await;
    phone.change(&json!(id), &json!({"do": "recall"})).await;
    road.mend(&server).await;
    ann.until(
        "it is said",
        "document.getElementById('toast').textContent.startsWith('Not changed. ')",
    )
    .await;
    ann.picture("editing-refused").await;
    ann.until(
        "the words are back",
        "document.getElementById('say').value === 'better words'",
    )
    .await;
    assert!(
        !ann.look::<bool>(EDITING).await,
        "there is nothing to change"
    );
    assert!(ann.texts().await.is_empty());
    ann.click("#send").await;
    ann.hears("better words").await;
    assert_eq!(ann.texts().await, ["better words"]);
    ann.leave().await;
}
