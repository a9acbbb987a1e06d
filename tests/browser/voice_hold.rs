//! Speaking while something holds the microphone's button.

use serde_json::json;

use super::voice::{MICROPHONE, has_voices, is_at, is_over, keeps_tracks, speaks};
use super::{Browsers, Person, site};
use crate::support::Server;

/// What holds the microphone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Mouse,
    Finger,
}

/// Moves it so far from the middle of the microphone's button: to press, to slide, or to let go.
async fn hand(person: &Person, by: By, what: &str, (right, down): (f64, f64)) {
    let (x, y): (f64, f64) = person.look("window.middle").await;
    let (x, y) = (x + right, y + down);
    if by == By::Mouse {
        let kind = format!("mouse{what}");
        let held = i32::from(what != "Released");
        let event = json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": held, "clickCount": 1});
        return person.devtools("Input.dispatchMouseEvent", event).await;
    }
    let (kind, points) = match what {
        "Pressed" => ("touchStart", json!([{"x": x, "y": y}])),
        "Moved" => ("touchMove", json!([{"x": x, "y": y}])),
        _ => ("touchEnd", json!([])),
    };
    let event = json!({"type": kind, "touchPoints": points});
    person.devtools("Input.dispatchTouchEvent", event).await;
}

const THERE: (f64, f64) = (0.0, 0.0);

async fn holds(person: &Person, by: By) {
    let middle = "(({ x, y, width, height }) => (window.middle = [x + width / 2, y + height / 2]))(document.getElementById('mic').getBoundingClientRect())";
    let _middle: (f64, f64) = person.look(middle).await;
    hand(person, by, "Pressed", THERE).await;
    is_at(person, "held").await;
}

#[tokio::test]
async fn what_is_held_goes_when_it_is_let_go_and_not_when_it_slides_away() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = browsers.person(&site(&server), "en").await;
    for (by, sent) in [(By::Mouse, 0), (By::Finger, 2)] {
        if by == By::Finger {
            ann.resize(390, 844).await;
            ann.reload().await;
        }
        keeps_tracks(&ann).await;
        holds(&ann, by).await;
        speaks(&ann, 1).await;
        ann.picture(&format!("voice-held-{by:?}")).await;
        hand(&ann, by, "Released", THERE).await;
        has_voices(&ann, sent + 1).await;
        is_over(&ann).await;

        holds(&ann, by).await;
        hand(&ann, by, "Moved", (-60.0, 5.0)).await;
        hand(&ann, by, "Moved", (-120.0, 10.0)).await;
        is_over(&ann).await;
        hand(&ann, by, "Released", (-120.0, 10.0)).await;

        // Up it goes on by itself, and is thrown away by hand.
        holds(&ann, by).await;
        hand(&ann, by, "Moved", (5.0, -60.0)).await;
        hand(&ann, by, "Moved", (10.0, -120.0)).await;
        is_at(&ann, "locked").await;
        hand(&ann, by, "Released", (10.0, -120.0)).await;
        speaks(&ann, 1).await;
        ann.click(".recorder .discard").await;
        is_over(&ann).await;
        // What comes after all of this is the second.
        ann.click("#mic").await;
        is_at(&ann, "locked").await;
        speaks(&ann, 1).await;
        ann.click(".recorder .send").await;
        has_voices(&ann, sent + 2).await;
    }
    ann.leave().await;
}
