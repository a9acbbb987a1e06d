//! Speaking instead of writing: by a press and by keys, with a microphone that beeps.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::member;
use super::files::leaves_at;
use super::news::hides;
use super::offline::{is_looked_after, keeps_what_nobody_wanted};
use super::phone::{large_enough_for_a_finger, nothing_sticks_out};
use super::{Browsers, Person, Road, site};
use crate::support::Server;

/// A microphone that beeps once a second.
const BEEPS: &str = "--use-fake-device-for-media-stream";
/// Every page may use it.
const GRANTED: &str = "--use-fake-ui-for-media-stream";
pub const MICROPHONE: [&str; 2] = [BEEPS, GRANTED];

const VOICES: &str =
    "document.querySelectorAll('#messages > .msg:not(.waiting, .failed) .voice').length";

/// What the recorder shows.
pub async fn is_at(person: &Person, stage: &str) {
    let shown = format!(
        "document.querySelector('.recorder:not([hidden])')?.dataset.stage === {}",
        json!(stage)
    );
    person.until(&format!("it is {stage}"), &shown).await;
}

/// Nothing is recorded, and nobody listens.
pub async fn is_over(person: &Person) {
    let over = "document.querySelector('.recorder').hidden
        && document.getElementById('say').checkVisibility()
        && (window.tracks ?? []).every(({ readyState }) => readyState === 'ended')";
    person.until("the microphone is let go of", over).await;
}

/// Keeps what the page gets of the microphone in `window.tracks`.
pub async fn keeps_tracks(person: &Person) {
    let keep = "const { mediaDevices } = navigator;
        const get = mediaDevices.getUserMedia.bind(mediaDevices);
        window.tracks = [];
        mediaDevices.getUserMedia = async (wanted) => {
            const stream = await get(wanted);
            window.tracks.push(...stream.getTracks());
            return stream;
        };";
    person.browser.execute(keep, vec![]).await.unwrap();
}

/// So many seconds have been recorded.
pub async fn speaks(person: &Person, seconds: u32) {
    let said = format!(
        "document.querySelector('.recorder .clock-text').textContent.split(':')[1] >= {seconds}"
    );
    person.until("they have spoken", &said).await;
}

/// There are so many voices in the timeline that the server has.
pub async fn has_voices(person: &Person, number: usize) {
    person
        .until("the voice is there", &format!("{VOICES} === {number}"))
        .await;
}

/// What is said in a word at the foot of the page.
pub async fn is_told(person: &Person, words: &str) {
    person.reads("#toast", words).await;
}

#[tokio::test]
async fn a_press_records_and_what_was_said_is_listened_to_and_sent() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    keeps_tracks(&ann).await;
    ann.picture("voice-button").await;
    ann.write("for later").await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 2).await;
    ann.picture("voice-recording").await;
    ann.click(".recorder .listen").await;
    is_at(&ann, "ready").await;
    ann.until("it plays", "document.querySelector('.recorder .playing')")
        .await;
    ann.until(
        "to its end",
        "!document.querySelector('.recorder .playing')",
    )
    .await;
    ann.picture("voice-ready").await;
    assert!(
        ann.look::<bool>("tracks.length === 1 && tracks[0].readyState === 'ended'")
            .await
    );
    ann.click(".recorder .send").await;
    is_over(&ann).await;
    for person in [&ann, &lin] {
        has_voices(person, 1).await;
    }
    assert_eq!(ann.draft().await, "for later");
    let (length, ears, bars): (u32, String, usize) = lin
        .look(
            "(() => {
                const slider = document.querySelector('#messages .voice [role=slider]');
                return [Number(slider.ariaValueMax), slider.ariaValueText, slider.querySelector('path').getAttribute('d').split('M').length - 1];
            })()",
        )
        .await;
    assert!((2..60).contains(&length), "{length} s");
    assert_eq!(ears, format!("0:00，共 0:{length:02}"));
    assert_eq!(bars, 32);
    let bytes: (String, String, usize) = lin
        .look(
            "(async () => {
                const answer = await fetch(`/files/${document.querySelector('#messages .voice').dataset.file}/raw`);
                const bytes = new Uint8Array(await answer.arrayBuffer());
                return [answer.headers.get('content-type'), String.fromCharCode(...bytes.slice(0, 4)), bytes.length];
            })()",
        )
        .await;
    assert_eq!((bytes.0.as_str(), bytes.1.as_str()), ("audio/wav", "RIFF"));
    assert!(bytes.2 > 44 + 2 * 32_000, "{} bytes", bytes.2);
    // There is no way to change it.
    let tools = "[...document.querySelectorAll('#messages .msg .tools button')].map((button) => button.className)";
    ann.browser
        .execute("document.querySelector('#messages .msg').focus()", vec![])
        .await
        .unwrap();
    ann.until("it has its buttons", &format!("{tools}.length > 0"))
        .await;
    assert_eq!(
        ann.look::<Vec<String>>(tools).await,
        ["react", "reply", "more"]
    );
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn keys_do_the_same() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = browsers.person(&site(&server), "en").await;
    keeps_tracks(&ann).await;
    for key in [Key::Enter, Key::Space] {
        ann.browser
            .execute("document.getElementById('mic').focus()", vec![])
            .await
            .unwrap();
        ann.press(key).await;
        is_at(&ann, "locked").await;
        ann.until(
            "the focus is where it is sent",
            "document.activeElement.matches('.recorder .send')",
        )
        .await;
        ann.press(Key::Escape).await;
        is_over(&ann).await;
        assert_eq!(ann.look::<String>("document.activeElement.id").await, "mic");
    }
    ann.press(Key::Enter).await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
    ann.press(Key::Enter).await;
    has_voices(&ann, 1).await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_too_short_is_thrown_away_and_what_is_too_long_ends() {
    let server = Server::start(&[("uploads.voice_length", "2s")]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = browsers.person(&site(&server), "en").await;
    keeps_tracks(&ann).await;
    // However slow the machine is.
    let stands = "window.realNow = performance.now; performance.now = () => 0";
    ann.browser.execute(stands, vec![]).await.unwrap();
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    ann.click(".recorder .send").await;
    is_told(
        &ann,
        "Too short. Hold the button while you speak, or press it once and send when you are done.",
    )
    .await;
    is_over(&ann).await;
    ann.browser
        .execute("performance.now = realNow", vec![])
        .await
        .unwrap();
    ann.click("#mic").await;
    is_at(&ann, "ready").await;
    is_told(
        &ann,
        "That is as long as a voice message can be. Listen to it, or send it.",
    )
    .await;
    ann.click(".recorder .send").await;
    has_voices(&ann, 1).await;
    assert_eq!(ann.text("#messages .voice small").await, "0:02");
    ann.leave().await;
}

#[tokio::test]
async fn where_there_is_no_microphone_the_button_says_why() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&[BEEPS]);
    let ann = browsers.person(&site(&server), "en").await;
    let denied = json!({"permission": {"name": "microphone"}, "setting": "denied"});
    ann.devtools("Browser.setPermission", denied).await;
    ann.click("#mic").await;
    is_told(
        &ann,
        "The browser does not let this page hear you. Allow the microphone beside the address.",
    )
    .await;
    is_over(&ann).await;
    ann.picture("voice-denied").await;
    for (how, words) in [
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))",
            "No microphone was found.",
        ),
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'))",
            "The microphone cannot be used: another program may have it.",
        ),
        (
            "Object.defineProperty(window, 'isSecureContext', { value: false })",
            "This browser can record only on a page that came by https.",
        ),
    ] {
        ann.browser.execute(how, vec![]).await.unwrap();
        ann.click("#mic").await;
        is_told(&ann, words).await;
    }
    is_over(&ann).await;
    ann.post("in words, then").await;
    ann.leave().await;
    // Where nobody may there is no button.
    let server = Server::start(&[("uploads.voice", "nobody")]);
    let ann = browsers.person(&site(&server), "en").await;
    assert!(
        !ann.look::<bool>("document.getElementById('mic').checkVisibility()")
            .await
    );
    ann.leave().await;
}

#[tokio::test]
async fn a_reload_in_the_middle_of_its_upload_loses_nothing() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = browsers.person(&site(&server), "en").await;
    ann.expects_cuts();
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 2).await;
    leaves_at(&ann, 8_000).await;
    ann.click(".recorder .send").await;
    ann.until(
        "it is on its way",
        "document.querySelector('#messages .waiting .voice .ring')?.ariaValueNow > 1",
    )
    .await;
    ann.picture("voice-waiting").await;
    ann.reload().await;
    ann.until(
        "it waits",
        "document.querySelector('#messages .waiting .voice')",
    )
    .await;
    leaves_at(&ann, 0).await;
    has_voices(&ann, 1).await;
    ann.leave().await;
}

#[tokio::test]
async fn the_first_voice_of_a_page_without_a_line_is_sent_once_when_it_is_back() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::with(&MICROPHONE);
    let ann = member(&browsers, &server, &road.site(), "Ann").await;
    let lin = member(&browsers, &server, &site(&server), "林夏").await;
    ann.expects_cuts();
    is_looked_after(&ann).await;
    ann.reload().await;
    lin.post("are you there?").await;
    ann.hears("are you there?").await;
    hides(&ann, true).await;
    keeps_what_nobody_wanted(&ann).await;
    hides(&ann, false).await;
    road.cut().await;
    ann.is_cut_off().await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
    ann.click(".recorder .send").await;
    ann.until(
        "it waits",
        "document.querySelector('#messages .waiting .voice')",
    )
    .await;
    is_over(&ann).await;
    road.mend(&server).await;
    for person in [&ann, &lin] {
        has_voices(person, 1).await;
    }
    // What is said later comes after all that was to come.
    ann.post("heard me?").await;
    lin.hears("heard me?").await;
    for person in [&ann, &lin] {
        has_voices(person, 1).await;
        let rows = "document.querySelectorAll('#messages > .msg').length";
        assert_eq!(person.look::<usize>(rows).await, 3);
    }
    let loose = "(async () => (await (await fetch('/api/v1/uploads')).json()).uploads.length)()";
    assert_eq!(ann.look::<usize>(loose).await, 0);
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn the_recorder_fits_a_phone() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let member = member(&browsers, &server, &site(&server), "Ann").await;
    member.resize(390, 844).await;
    member.reload().await;
    large_enough_for_a_finger(&member, "#mic").await;
    let seen = "['attach', 'mic', 'preview-button', 'send'].filter((id) => document.getElementById(id).checkVisibility())";
    assert_eq!(
        member.look::<Vec<String>>(seen).await,
        ["attach", "mic", "send"]
    );
    member.picture("voice-phone-member").await;
    member.write("in words").await;
    assert_eq!(
        member.look::<Vec<String>>(seen).await,
        ["attach", "preview-button", "send"]
    );
    member.leave().await;
    let ann = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.resize(390, 844).await;
    ann.reload().await;
    large_enough_for_a_finger(&ann, "#mic").await;
    ann.picture("voice-phone").await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
    for part in ["discard", "listen", "send"] {
        large_enough_for_a_finger(&ann, &format!(".recorder .{part}")).await;
    }
    nothing_sticks_out(&ann).await;
    ann.picture("voice-phone-recording").await;
    ann.click(".recorder .listen").await;
    is_at(&ann, "ready").await;
    nothing_sticks_out(&ann).await;
    ann.until("it rests", "!document.querySelector('.playing')")
        .await;
    ann.picture("voice-phone-ready").await;
    ann.click(".recorder .send").await;
    has_voices(&ann, 1).await;
    nothing_sticks_out(&ann).await;
    for part in [".hear", ".wave", ".speed"] {
        large_enough_for_a_finger(&ann, &format!("#messages .voice {part}")).await;
    }
    ann.picture("voice-phone-sent").await;
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    ann.devtools("Emulation.setEmulatedMedia", dark).await;
    ann.picture("voice-phone-dark").await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
    ann.picture("voice-phone-dark-recording").await;
    ann.press(Key::Escape).await;
    is_over(&ann).await;
    ann.leave().await;
}
