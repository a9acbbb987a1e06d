//! What a screen reader reads out by itself: news once, in sentences, and nothing that is only seen.

use super::company::{Companion, member};
use super::{Browsers, Person, Road, site};
use crate::support::Server;

/// Notes what a screen reader would say: what comes into a live region, unless what it comes into, or
/// itself, is out of it. What was taken in is not said.
async fn listens(person: &Person) {
    let listen = "(() => {
        window.said = [];
        const live = (node) => {
            const region = node.closest?.('[aria-live], [role=status], [role=alert], [role=log]');
            return region && region.ariaLive !== 'off' && !region.closest('[aria-busy=true]') ? region : undefined;
        };
        new MutationObserver((changes) => {
            for (const { type, target, addedNodes } of changes) {
                const nodes = type === 'characterData' ? [target] : [...addedNodes];
                for (const node of nodes) {
                    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
                    if (!element?.isConnected || !live(element)) continue;
                    const words = node.textContent.replace(/\\s+/g, ' ').trim();
                    if (words) said.push(words);
                }
            }
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
        return true;
    })()";
    assert!(person.look::<bool>(listen).await);
}

/// What was said since it was asked last.
async fn said(person: &Person) -> Vec<String> {
    person.look("said.splice(0)").await
}

#[tokio::test]
async fn news_is_read_out_once_and_faces_and_counts_are_not() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#browse-rooms").await;
    ann.click("#browse-list button").await;
    ann.is_in("Oolong").await;
    ann.post("mine").await;
    listens(&ann).await;

    ann.post("tea, said once").await;
    let once = said(&ann).await;
    let count = once
        .iter()
        .filter(|words| words.contains("said once"))
        .count();
    assert_eq!(count, 1, "{once:?}");

    lin.says(room, "green or black?").await;
    ann.hears("green or black?").await;
    let news = said(&ann).await;
    assert!(
        news.iter().any(|words| words.contains("green or black?")),
        "{news:?}"
    );
    let seen = "document.querySelector('#messages .seen')";
    // Lin's own mark.
    ann.until("who has seen it", seen).await;
    said(&ann).await;
    let mine = "Number(document.querySelector('#messages > .msg').dataset.id)";
    lin.reacts(room, ann.look(mine).await, "👍").await;
    ann.until("an emoji", "document.querySelector('.chip[data-emoji]')")
        .await;
    let news = said(&ann).await;
    assert_eq!(news, ["Lin put 👍 on “mine”"]);
    ann.leave().await;
}

#[tokio::test]
async fn a_line_that_is_lost_is_said_once_however_often_it_is_tried_again() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    let count = "(() => {
        window.tries = 0;
        const line = document.getElementById('state');
        new MutationObserver(() => { if (line.dataset.state === 'connecting') tries += 1; }).observe(line, { attributes: true });
        return true;
    })()";
    assert!(ann.look::<bool>(count).await);
    listens(&ann).await;
    road.cut().await;
    ann.until("three tries", "window.tries >= 3").await;
    let told = said(&ann).await;
    let lost: Vec<_> = told.iter().filter(|words| !words.is_empty()).collect();
    assert!(lost.len() <= 2, "{lost:?}");
    let mut once = lost.clone();
    once.dedup();
    assert_eq!(once.len(), lost.len(), "each once: {lost:?}");
    road.mend(&server).await;
    ann.is_live().await;
}
