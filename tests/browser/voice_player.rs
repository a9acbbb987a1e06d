//! Voices as they are heard: by hand and keys, one after the other, and when one is not there any more.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::file_words::sender;
use super::{Browsers, Person, site};
use crate::support::voice::wav;
use crate::support::{Member, Server, Ws};

/// Samples a second.
const RATE: u32 = 16_000;

/// A tone of so many seconds that grows louder.
pub fn tone(seconds: u32) -> Vec<u8> {
    let all = seconds * RATE;
    let sample = |place: u32| {
        let loud = f64::from(place) / f64::from(all) * 30_000.0;
        (((f64::from(place) / 9.0).sin() * loud) as i16).to_le_bytes()
    };
    let samples: Vec<u8> = (0..all).flat_map(sample).collect();
    wav(RATE, 1, 16, &samples)
}

/// Uploads what was said; gives its id when it can be sent.
pub async fn uploads_voice(person: &mut Member, bytes: &[u8]) -> String {
    let metadata = [("filename", "voice.wav"), ("as", "voice")];
    let created = person.guest.announce(bytes.len(), &metadata).await;
    let location = created.header("location").unwrap().to_owned();
    let sent = person.guest.continues(&location, 0, bytes).await;
    assert_eq!(sent.status, 204, "{sent:?}");
    let upload = person.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
    upload["id"].as_str().unwrap().to_owned()
}

/// Says something of so many seconds; gives the message's id.
async fn speaks(person: &mut Member, feed: &mut Ws, seconds: u32) -> Value {
    let id = uploads_voice(person, &tone(seconds)).await;
    feed.sends_files(1, "", &json!([{"id": id}])).await["id"].clone()
}

/// A part of the voice at this place.
fn part(place: usize, css: &str) -> String {
    format!("document.querySelectorAll('#messages .voice')[{place}].querySelector('{css}')")
}

async fn presses(person: &Person, place: usize, css: &str) {
    let nth = format!("{}?.checkVisibility()", part(place, css));
    person.until("the voice is there", &nth).await;
    let element = person
        .browser
        .execute(format!("return {}", part(place, css)), vec![])
        .await
        .unwrap()
        .element()
        .unwrap();
    element.click().await.unwrap();
}

async fn plays(person: &Person, place: usize, which: bool) {
    let playing = format!(
        "{}.matches('.playing') === {which}",
        part(place, ".hear").replace(".querySelector('.hear')", "")
    );
    person
        .until(&format!("voice {place} plays: {which}"), &playing)
        .await;
}

/// What a screen reader says of its slider.
async fn says(person: &Person, place: usize, words: &str) {
    let said = format!(
        "{}.ariaValueText === {}",
        part(place, ".wave"),
        json!(words)
    );
    person.until(words, &said).await;
}

#[tokio::test]
async fn a_voice_is_played_and_sought_by_keys() {
    let server = Server::start(&[]);
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    speaks(&mut lin, &mut feed, 12).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let dot = part(0, ".wave").replace(".wave", ".wave ~ .unheard");
    ann.until(
        "nobody has heard it",
        &format!("{dot}?.ariaLabel === 'Not heard yet'"),
    )
    .await;
    ann.picture("voice-row").await;
    // The first press brings what plays it.
    presses(&ann, 0, ".hear").await;
    plays(&ann, 0, true).await;
    ann.until("it is heard", &format!("!{dot}")).await;
    ann.until(
        "and one is told who speaks",
        "[...document.querySelectorAll('[role=status]')].some(({ textContent }) => textContent === 'Voice message from Lin')",
    )
    .await;
    presses(&ann, 0, ".hear").await;
    plays(&ann, 0, false).await;
    let focus = format!("{}.focus()", part(0, ".wave"));
    ann.browser.execute(focus, vec![]).await.unwrap();
    for (key, words) in [
        (Key::Home, "0:00 of 0:12"),
        (Key::Right, "0:05 of 0:12"),
        (Key::Up, "0:10 of 0:12"),
        (Key::Right, "0:12 of 0:12"),
        (Key::Left, "0:07 of 0:12"),
        (Key::End, "0:12 of 0:12"),
        (Key::Down, "0:07 of 0:12"),
    ] {
        ann.press(key).await;
        says(&ann, 0, words).await;
    }
    let (now, least, most): (String, String, String) = ann
        .look(&format!(
            "(({{ ariaValueNow, ariaValueMin, ariaValueMax }}) => [ariaValueNow, ariaValueMin, ariaValueMax])({})",
            part(0, ".wave")
        ))
        .await;
    assert_eq!((&*now, &*least, &*most), ("7", "0", "12"));
    ann.picture("voice-sought").await;
    // Who answers it sees how long it is.
    ann.press("r").await;
    ann.reads("#replying .words", "[voice message] 0:12").await;
    ann.click("#replying .cancel").await;
    // A hand puts it in the middle.
    presses(&ann, 0, ".wave").await;
    says(&ann, 0, "0:06 of 0:12").await;
    presses(&ann, 0, ".speed").await;
    assert_eq!(
        ann.look::<String>(&format!("{}.textContent", part(0, ".speed")))
            .await,
        "1.5×"
    );
    ann.reload().await;
    ann.until(
        "the speed is remembered, and that it was heard",
        &format!("{}?.textContent === '1.5×' && !{dot}", part(0, ".speed")),
    )
    .await;
    ann.leave().await;
}

#[tokio::test]
async fn a_hand_draws_the_place_along_the_waveform() {
    let server = Server::start(&[]);
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    speaks(&mut lin, &mut feed, 100).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    // The first press brings what plays it.
    presses(&ann, 0, ".hear").await;
    plays(&ann, 0, true).await;
    presses(&ann, 0, ".hear").await;
    plays(&ann, 0, false).await;
    let wave = format!("{}.getBoundingClientRect()", part(0, ".wave"));
    let place = format!(
        "(({{ left, top, width, height }}) => [left, top + height / 2, width].map(Math.round))({wave})"
    );
    let (left, middle, width): (i64, i64, i64) = ann.look(&place).await;
    let at = |share: i64| left + width * share / 100;
    let between = |from: u32, to: u32| {
        let now = format!("{}.ariaValueNow", part(0, ".wave"));
        format!("{now} >= {from} && {now} <= {to}")
    };
    let hand = ann.browser.action_chain();
    let hand = hand.move_to(at(20), middle).click_and_hold();
    let hand = hand.move_to(at(40), middle).move_to(at(50), middle);
    hand.release().perform().await.unwrap();
    ann.until("it follows the hand", &between(48, 52)).await;
    let hand = ann.browser.action_chain();
    let hand = hand.move_to(at(50), middle).click_and_hold();
    let hand = hand.move_to(at(100) + 30, middle - 60);
    hand.release().perform().await.unwrap();
    ann.until("to the end, beyond it and above it", &between(100, 100))
        .await;
    let hand = ann.browser.action_chain();
    let hand = hand.move_to(at(90), middle).click_and_hold();
    let hand = hand.move_to(at(30), middle);
    hand.release().perform().await.unwrap();
    ann.until("and back", &between(28, 32)).await;
    let hand = ann.browser.action_chain().move_to(at(70), middle);
    hand.perform().await.unwrap();
    ann.until("a hand that only passes moves nothing", &between(28, 32))
        .await;
    plays(&ann, 0, false).await;
    ann.leave().await;
}

#[tokio::test]
async fn when_one_ends_the_next_that_was_not_heard_follows() {
    let server = Server::start(&[]);
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    for seconds in [1, 1, 1] {
        speaks(&mut lin, &mut feed, seconds).await;
    }
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let dots = "document.querySelectorAll('#messages .unheard').length";
    ann.until("none has been heard", &format!("{dots} === 3"))
        .await;
    presses(&ann, 1, ".hear").await;
    ann.until("the last one follows", &format!("{dots} === 1"))
        .await;
    let rests = "!document.querySelector('.playing')";
    ann.until("then there is silence", rests).await;
    presses(&ann, 0, ".hear").await;
    ann.until("all have been heard", &format!("{dots} === 0"))
        .await;
    ann.until("none is played again", rests).await;
    says(&ann, 0, "0:00 of 0:01").await;
    assert!(
        ann.look::<bool>(&format!(
            "!{}.matches('.playing')",
            part(1, ".wave").replace(".querySelector('.wave')", "")
        ))
        .await
    );
    ann.leave().await;
}

#[tokio::test]
async fn what_is_withdrawn_is_heard_no_longer_and_what_is_gone_says_so() {
    let server = Server::start(&[]);
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let first = speaks(&mut lin, &mut feed, 30).await;
    speaks(&mut lin, &mut feed, 5).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.expects("404");
    let keep = "const { play } = HTMLMediaElement.prototype;
        HTMLMediaElement.prototype.play = function () { window.audio = this; return play.call(this); };";
    ann.browser.execute(keep, vec![]).await.unwrap();
    presses(&ann, 0, ".hear").await;
    plays(&ann, 0, true).await;
    feed.change(&first, &json!({"do": "recall"})).await;
    ann.until(
        "it stops and disappears",
        "document.querySelectorAll('#messages .voice').length === 1 && window.audio.paused",
    )
    .await;
    assert!(
        ann.look::<bool>("window.audio.paused && !window.audio.getAttribute('src')")
            .await
    );
    // One that the server does not know any more.
    let other = "document.querySelector('#messages .voice').dataset.file = 'a'.repeat(26)";
    ann.browser.execute(other, vec![]).await.unwrap();
    presses(&ann, 0, ".hear").await;
    ann.reads("#messages .absent", "No longer there.").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_forgotten_while_it_sounds_begins_no_other() {
    let server = Server::start(&[]);
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let first = speaks(&mut lin, &mut feed, 30).await;
    speaks(&mut lin, &mut feed, 5).await;
    speaks(&mut lin, &mut feed, 5).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    // What is gone is asked for once more, so that no copy stays.
    ann.expects("404");
    presses(&ann, 0, ".hear").await;
    plays(&ann, 0, true).await;
    feed.change(&first, &json!({"do": "recall"})).await;
    let left = "document.querySelectorAll('#messages .voice').length === 2";
    ann.until("it is recalled", left).await;
    let focus = format!("{}.focus()", part(0, ".wave"));
    ann.browser.execute(focus, vec![]).await.unwrap();
    // Twice: a browser says that a voice has ended when it is led to the end where it is.
    for _ in 0..2 {
        ann.press(Key::End).await;
        says(&ann, 0, "0:05 of 0:05").await;
    }
    ann.press(Key::Left).await;
    says(&ann, 0, "0:00 of 0:05").await;
    plays(&ann, 1, false).await;
    ann.leave().await;
}
