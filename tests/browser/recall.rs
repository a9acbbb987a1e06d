//! Taking back what one said.

use super::newcomer::a_day_later;
use super::{Browsers, Person, Road, site};
use crate::support::{Guest, Server};

const SLIP: &str = "我的密码是七碗茶";

/// All that the page keeps in IndexedDB, as JSON in `window.kept`.
const KEPT: &str = "
    window.kept ??= '', indexedDB.databases().then(async (all) => {
        const whole = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) });
        const stores = await Promise.all(all.map(async ({ name }) => {
            const db = await whole(indexedDB.open(name));
            const names = [...db.objectStoreNames];
            const rows = await Promise.all(names.map((each) => whole(db.transaction(each).objectStore(each).getAll())));
            db.close();
            return rows;
        }));
        window.kept = JSON.stringify(stores);
    }), window.kept";

/// Opens the menu of the first message and closes it again, until taking it back is not in it.
pub async fn recall_is_over(person: &Person) {
    let first = person.texts().await[0].clone();
    person.point_at(&first).await;
    let over = "
        (document.querySelector('#messages .more').click(),
        document.querySelector('#message-menu [data-act=recall]').hidden
            & (document.getElementById('message-menu').hidePopover(), true))";
    person.until("the time to recall is over", over).await;
}

/// Neither in the page nor in what it keeps.
async fn is_nowhere(person: &Person, text: &str) {
    person
        .until("what is kept has been read", &format!("({KEPT}) !== ''"))
        .await;
    let everything: String = person
        .look(
            "document.documentElement.outerHTML + window.kept
                + JSON.stringify({ ...localStorage, ...sessionStorage })",
        )
        .await;
    assert!(!everything.contains(text), "the text is still somewhere");
}

#[tokio::test]
async fn a_recalled_message_becomes_a_grey_line_and_its_text_is_nowhere() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    let ann_is = ann.text("#me-name").await;
    lin.post("谁有好茶？").await;
    ann.hears("谁有好茶？").await;
    ann.post(SLIP).await;
    lin.hears(SLIP).await;

    assert!(!ann.may_change("谁有好茶？").await);
    assert!(ann.may_change(SLIP).await);
    ann.until(
        "the button shows",
        "getComputedStyle(document.querySelector('.mine .tools')).opacity === '1'",
    )
    .await;
    assert!(!lin.offers(SLIP).await.contains(&"recall".to_owned()));
    ann.choose_for("recall", SLIP).await;

    ann.reads("#messages > .note span", "You recalled a message")
        .await;
    lin.reads(
        "#messages > .note span",
        &format!("{ann_is} 撤回了一条消息"),
    )
    .await;
    for person in [&ann, &lin] {
        is_nowhere(person, SLIP).await;
        assert_eq!(person.texts().await, ["谁有好茶？"]);
        person.reload().await;
        assert_eq!(person.texts().await, ["谁有好茶？"]);
        is_nowhere(person, SLIP).await;
    }
    ann.reads("#messages > .note span", "You recalled a message")
        .await;
    lin.reads(
        "#messages > .note span",
        &format!("{ann_is} 撤回了一条消息"),
    )
    .await;

    let page = Guest::visiting(&server).await.visit().await.text();
    assert!(
        page.contains("recalled a message") && !page.contains(SLIP),
        "{page}"
    );
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_recalled_message_can_be_edited_and_said_again() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.post("Tea at fvie").await;
    ann.choose_for("recall", "Tea at fvie").await;
    ann.click("#messages > .note .again").await;
    assert_eq!(
        ann.look::<String>("document.getElementById('say').value")
            .await,
        "Tea at fvie"
    );
    ann.leave().await;
}

#[tokio::test]
async fn what_was_said_long_ago_can_be_taken_back_too() {
    let mut server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    let lin = browsers.person(&road.site(), "zh-CN,zh").await;
    ann.post(SLIP).await;
    lin.hears(SLIP).await;
    for person in [&ann, &lin] {
        person.expects_cuts();
    }
    server.stop();
    a_day_later(&server);
    server.launch();
    road.mend(&server).await;
    for person in [&ann, &lin] {
        person.is_live().await;
        person.reload().await;
        person.hears(SLIP).await;
    }
    assert!(!lin.offers(SLIP).await.contains(&"recall".to_owned()));
    assert!(ann.offers(SLIP).await.contains(&"recall".to_owned()));
    ann.choose_for("recall", SLIP).await;
    ann.reads("#messages > .note span", "You recalled a message")
        .await;
    let gone = "document.querySelector('#messages > .note') && !document.querySelector('#messages > .msg')";
    lin.until("it is gone there too", gone).await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn it_is_not_offered_when_the_time_to_recall_is_over() {
    let server = Server::start(&[("chat.recall_window", "2s")]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.post("too late for this one").await;
    recall_is_over(&ann).await;
    assert_eq!(ann.texts().await, ["too late for this one"]);
    ann.leave().await;
}

#[tokio::test]
async fn a_recall_made_offline_waits_visibly_and_outlives_the_page() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    ann.post("stays, see https://example.org/").await;
    ann.post(SLIP).await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.choose_for("recall", SLIP).await;
    let waits = "document.querySelectorAll('#messages > .mine.waiting .clock').length === 1";
    ann.until("it waits", waits).await;
    road.mend_for_pages(&server).await;
    ann.arrive().await;
    ann.until("it still waits", waits).await;
    ann.is_cut_off().await;
    ann.until(
        "it is counted",
        "document.getElementById('state').innerText.includes('1 unsent')",
    )
    .await;
    road.mend(&server).await;
    ann.is_live().await;
    ann.reads("#messages > .note span", "You recalled a message")
        .await;
    assert_eq!(ann.texts().await, ["stays, see https://example.org/"]);
    is_nowhere(&ann, SLIP).await;
    ann.leave().await;
}
