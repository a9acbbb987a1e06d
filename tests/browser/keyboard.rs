//! Everything can be reached and done without a mouse.

use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::Server;

/// More presses of Tab than the page has stops.
const STOPS: u32 = 40;

/// Presses Tab until the focus is on `css`.
async fn tab_to(person: &Person, css: &str) {
    for _ in 0..STOPS {
        if person
            .look::<bool>(&format!("document.activeElement.matches('{css}')"))
            .await
        {
            return;
        }
        person.press(Key::Tab).await;
    }
    panic!("Tab never reaches {css}");
}

#[tokio::test]
async fn tab_reaches_everything_and_escape_closes_what_is_open() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'say'")
            .await,
        "ready to write"
    );
    ann.post("by hand").await;

    tab_to(&ann, "#menu-button").await;
    ann.press(Key::Enter).await;
    assert!(
        ann.look::<bool>("document.getElementById('menu').matches(':popover-open')")
            .await
    );
    ann.press(Key::Escape).await;
    assert!(
        !ann.look::<bool>("document.getElementById('menu').matches(':popover-open')")
            .await
    );
    assert!(
        ann.look::<bool>("document.activeElement.id === 'menu-button'")
            .await,
        "back where he was"
    );

    ann.press(Key::Enter).await;
    tab_to(&ann, "#open-rename").await;
    ann.press(Key::Enter).await;
    assert!(
        ann.look::<bool>("document.getElementById('rename-dialog').open")
            .await
    );
    assert!(
        ann.look::<bool>("document.activeElement.id === 'rename-name'")
            .await
    );
    ann.press(Key::Escape).await;
    assert!(
        !ann.look::<bool>("document.getElementById('rename-dialog').open")
            .await
    );

    tab_to(&ann, ".skip").await;
    ann.press(Key::Enter).await;
    assert!(
        ann.look::<bool>("document.activeElement.id === 'say'")
            .await,
        "the skip link skips"
    );

    tab_to(&ann, ".edit").await;
    let seen = "getComputedStyle(document.querySelector('.tools')).opacity === '1'";
    ann.until("the buttons show", seen).await;
    let editing = "!document.getElementById('editing').hidden";
    for way_out in ["#say", "#editing .cancel"] {
        tab_to(&ann, ".edit").await;
        ann.press(Key::Enter).await;
        ann.until("she is editing", editing).await;
        tab_to(&ann, way_out).await;
        ann.press(Key::Escape).await;
        assert!(!ann.look::<bool>(editing).await, "{way_out}");
        assert!(
            ann.look::<bool>("document.activeElement.id === 'say'")
                .await
        );
    }

    tab_to(&ann, ".more").await;
    ann.until("the buttons show", seen).await;
    ann.press(Key::Enter).await;
    ann.press(Key::Escape).await;
    let back = "document.activeElement.matches('#messages .more')";
    ann.until("the focus is back where it was", back).await;
    ann.press(Key::Enter).await;
    ann.press(Key::Up).await;
    ann.press(Key::Enter).await;
    ann.reads("#messages > .note span", "You recalled a message")
        .await;
    ann.leave().await;
}

#[tokio::test]
async fn the_arrows_go_from_message_to_message() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    for words in ["the kettle is on", "who wants tea?"] {
        ann.post(words).await;
    }
    let here = async |words: &str| {
        let focused = ann.look::<String>("document.activeElement.matches('.msg') ? document.activeElement.querySelector('.body').textContent : ''");
        assert_eq!(focused.await, words);
    };
    tab_to(&ann, "#messages > .msg").await;
    here("the kettle is on").await;
    ann.press(Key::Up).await;
    here("the kettle is on").await;
    for _ in 0..2 {
        ann.press(Key::Down).await;
        here("who wants tea?").await;
    }
    ann.press(Key::Up).await;
    here("the kettle is on").await;
    ann.press("r").await;
    ann.until(
        "the answer is begun",
        "document.getElementById('replying').innerText.includes('the kettle is on')",
    )
    .await;
    ann.leave().await;
}
