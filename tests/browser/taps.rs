//! A tap or a click hits what it aims at, however short it is and whatever was used before it.

use serde_json::json;

use super::answers::row;
use super::{Browsers, Person, site};
use crate::support::{Guest, Server};

/// Tall messages, so that one which lost its height would move all others.
const SAID: [&str; 4] = ["one", "two", "three", "four"];

fn tall(word: &str) -> String {
    let line = format!("{word} ").repeat(3);
    [line.trim_end(); 6].join("\n")
}

/// The middle of an element, in CSS px.
async fn middle(person: &Person, element: &str) -> (f64, f64) {
    let middle = format!(
        "(({{ left, right, top, bottom }}) => [(left + right) / 2, (top + bottom) / 2])({element}.getBoundingClientRect())"
    );
    person.look(&middle).await
}

/// A finger comes and goes at once.
async fn taps(person: &Person, element: &str) {
    person.until(element, element).await;
    let (x, y) = middle(person, element).await;
    for (kind, points) in [
        ("touchStart", json!([{"x": x, "y": y}])),
        ("touchEnd", json!([])),
    ] {
        let touch = json!({"type": kind, "touchPoints": points});
        person.devtools("Input.dispatchTouchEvent", touch).await;
    }
}

async fn talk(server: &Server, person: &Person) {
    let (mut bob, _) = Guest::visiting(server).await.feed().await;
    for word in SAID {
        bob.post(&tall(word)).await;
    }
    person.hears(&tall(SAID[3])).await;
}

#[tokio::test]
async fn a_tap_on_another_message_after_a_reaction_shows_its_buttons() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.resize(390, 844).await;
    talk(&server, &ann).await;
    for place in (1..SAID.len()).rev() {
        let [this, above] = [place, place - 1].map(|place| row(&tall(SAID[place])));
        if !ann
            .look::<bool>(&format!("{this}.matches('.tapped')"))
            .await
        {
            taps(&ann, &format!("{this}.querySelector('.body')")).await;
        }
        ann.until(
            "its buttons",
            &format!("{this}.matches('.tapped') && {this}.querySelector('.tools')"),
        )
        .await;
        taps(&ann, &format!("{this}.querySelector('.tools .react')")).await;
        ann.until(
            "emoji",
            "document.querySelector('#usual-emoji:popover-open')",
        )
        .await;
        taps(&ann, "document.querySelector('#usual-emoji button')").await;
        ann.until(
            "it is there",
            &format!("{this}.querySelector('.chip[data-emoji]')"),
        )
        .await;
        taps(&ann, &format!("{above}.querySelector('.body')")).await;
        ann.until(
            "the next one's buttons",
            &format!("{above}.matches('.tapped')"),
        )
        .await;
    }
    ann.leave().await;
}

#[tokio::test]
async fn a_message_keeps_its_height_when_the_focus_leaves_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    talk(&server, &ann).await;
    // Between a button that goes down and one that comes up there may be less than a picture.
    let heights = "[...document.querySelectorAll('#messages > .msg')].map((row) => {
        row.focus();
        const before = row.offsetHeight;
        row.blur();
        return [before, row.offsetHeight];
    })";
    let heights: Vec<[f64; 2]> = ann.look(heights).await;
    assert_eq!(heights.len(), SAID.len());
    for [before, after] in heights {
        assert_eq!(before, after);
    }
    ann.leave().await;
}
