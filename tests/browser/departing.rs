//! Whoever goes leaves nothing to the next one at the browser: not on the page, not in what the browser
//! keeps, whether the server answers or not. Who comes back has what they had begun.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::company::{Companion, member, signs_in};
use super::offline::{is_looked_after, keeps};
use super::{Browsers, Person, site};
use crate::support::Server;

/// What the browser keeps where scripts can read it.
async fn storage(person: &Person) -> String {
    person
        .look("JSON.stringify([localStorage, sessionStorage])")
        .await
}

async fn somebody_is_here(person: &Person, name: &str) {
    let here = format!(
        "document.getElementById('me-name')?.innerText === {}",
        json!(name)
    );
    person.until(&format!("{name} is here"), &here).await;
    person.is_live().await;
}

/// Signs out, and waits until a visitor is here.
async fn signs_out(person: &Person) {
    person.choose("#sign-out").await;
    let visitor = "document.getElementById('me-name') && JSON.parse(document.getElementById('boot').textContent).me.kind === 'visitor'";
    person.until("a visitor is here", visitor).await;
    person.is_live().await;
}

#[tokio::test]
async fn what_was_begun_is_for_its_author_alone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let _eve = Companion::named(&server, "Eve").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    lin.says(1, "an answer, please").await;
    ann.hears("an answer, please").await;
    ann.use_tool(".reply", "an answer, please").await;
    ann.write("between us").await;
    assert!(storage(&ann).await.contains("between us"));
    ann.reload().await;
    assert_eq!(ann.draft().await, "between us");

    signs_out(&ann).await;
    assert_eq!(ann.draft().await, "");
    let kept = storage(&ann).await;
    assert!(
        !kept.contains("between us") && !kept.contains("answer."),
        "{kept}"
    );
    ann.choose("#open-sign-in").await;
    signs_in(&ann, "Eve").await;
    somebody_is_here(&ann, "Eve").await;
    assert_eq!(ann.draft().await, "");
    assert!(
        ann.look::<bool>("document.getElementById('replying').hidden")
            .await
    );
    ann.write("Eve's own").await;
    signs_out(&ann).await;

    // What a visitor has begun is for whoever they become, after what was there.
    ann.write("as a visitor").await;
    ann.choose("#open-sign-in").await;
    signs_in(&ann, "Ann").await;
    somebody_is_here(&ann, "Ann").await;
    ann.until(
        "it is there again",
        "document.getElementById('say').value.includes('between us')",
    )
    .await;
    assert_eq!(ann.draft().await, "between us\nas a visitor");
    ann.reads("#replying b", "Replying to Lin").await;
    assert!(!storage(&ann).await.contains("Eve's own"));
    ann.leave().await;
}

#[tokio::test]
async fn nothing_of_who_has_gone_is_shown_or_kept_until_the_server_answers() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#create-room").await;
    ann.click("#create-dialog label:has([value=private])").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    ann.post("for us alone").await;
    is_looked_after(&ann).await;
    ann.reload().await;
    let path: String = ann.look("location.pathname").await;
    keeps(&ann, &path, "for us alone").await;
    let first = ann.browser.window().await.unwrap();
    let second = ann.browser.new_tab().await.unwrap();
    ann.browser.switch_to_window(second).await.unwrap();
    ann.goto(&path).await;
    ann.hears("for us alone").await;
    ann.browser.switch_to_window(first).await.unwrap();

    // The answer is held on its way, and with it whatever follows.
    let held = "const real = window.fetch;
        window.fetch = async (...request) => {
            const answer = await real(...request);
            if (request[1]?.method !== 'DELETE') return answer;
            window.held = true;
            await new Promise((go) => { window.release = go });
            addEventListener('pagehide', () => { sessionStorage.left = document.documentElement.innerText + document.title; });
            return answer;
        }";
    ann.browser.execute(held, vec![]).await.unwrap();
    ann.write("not said yet").await;
    ann.choose("#sign-out").await;
    ann.until("the answer is on its way", "window.held").await;
    let pages = "(caches.keys().then((all) => { globalThis.stores = all; }), globalThis.stores)";
    ann.until("the browser tells its stores", pages).await;
    let stores: Vec<String> = ann.look("globalThis.stores").await;
    assert!(!stores.contains(&"pages".to_owned()), "{stores:?}");
    assert!(!storage(&ann).await.contains("not said yet"));
    let _nothing: Value = ann.look("void window.release()").await;
    ann.until(
        "the next page is there",
        "sessionStorage.left && document.querySelector('#me-name')",
    )
    .await;
    let left: String = ann.look("sessionStorage.left").await;
    assert!(
        !left.contains("for us") && !left.contains("Ann") && !left.contains("Oolong"),
        "{left}"
    );

    // Their other tabs go with it.
    let tabs = ann.browser.windows().await.unwrap();
    ann.browser.switch_to_window(tabs[1].clone()).await.unwrap();
    ann.until(
        "the other tab shows nothing of it",
        "document.querySelector('#me-name') && !document.body.innerText.includes('for us alone')",
    )
    .await;
}

#[tokio::test]
async fn who_stays_because_signing_out_failed_has_everything() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.expects("ERR_FAILED");
    ann.expects("ERR_BLOCKED");
    ann.write("not said yet").await;
    let block = json!({"urls": ["*/api/v1/session"]});
    ann.devtools("Network.enable", json!({})).await;
    ann.devtools("Network.setBlockedURLs", block).await;
    ann.choose("#sign-out").await;
    ann.reads(
        "#toast",
        "The server cannot be reached. Please try again later.",
    )
    .await;
    ann.press(Key::Escape).await;
    assert_eq!(ann.draft().await, "not said yet");
    ann.reload().await;
    assert_eq!(ann.draft().await, "not said yet");
    ann.leave().await;
}
