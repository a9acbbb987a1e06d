//! What is being said belongs to its room, and to who may speak there.

use super::company::{Companion, member};
use super::voice::{MICROPHONE, has_voices, is_at, is_over, is_told, keeps_tracks, speaks};
use super::{Browsers, Person, site};
use crate::support::Server;

/// Another's public room, which they enter; its host, who stays, and its id.
async fn enters_tea(person: &Person, server: &Server) -> (Companion, i64) {
    let mut host = Companion::named(server, "Host").await;
    let tea = host.makes("public", "Tea").await;
    person.goto(&format!("/rooms/{tea}")).await;
    person.is_live().await;
    person.click("#closed button").await;
    (host, tea)
}

/// The same, where they have begun to speak.
async fn speaks_in_tea(person: &Person, server: &Server) -> (Companion, i64) {
    let there = enters_tea(person, server).await;
    keeps_tracks(person).await;
    person.click("#mic").await;
    is_at(person, "locked").await;
    speaks(person, 1).await;
    there
}

#[tokio::test]
async fn what_was_said_waits_in_its_room() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let (_host, tea) = speaks_in_tea(&ann, &server).await;
    ann.click(".rail li[data-id='1'] a").await;
    is_over(&ann).await;
    ann.click("#mic").await;
    is_told(
        &ann,
        "What you recorded in Tea is not sent yet. Send it or discard it first.",
    )
    .await;
    ann.click(&format!(".rail li[data-id='{tea}'] a")).await;
    is_at(&ann, "ready").await;
    // A microphone that is taken away ends it, and what was said is kept.
    ann.click(".recorder .discard").await;
    is_over(&ann).await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
    let away =
        "const track = window.tracks.at(-1); track.stop(); track.dispatchEvent(new Event('ended'))";
    ann.browser.execute(away, vec![]).await.unwrap();
    is_at(&ann, "ready").await;
    ann.click(".recorder .send").await;
    has_voices(&ann, 1).await;
    ann.leave().await;
}

/// Counts in `window.asked` how often the page asks for the microphone.
const COUNTS: &str = "const { mediaDevices } = navigator;
    const get = mediaDevices.getUserMedia.bind(mediaDevices);
    window.asked = 0;
    mediaDevices.getUserMedia = (wanted) => {
        window.asked += 1;
        return get(wanted);
    };";

/// What the recorder needs, or the microphone, does not come before `window.come()`.
const WORDS_LATE: &str = "const { fetch: real } = window;
    const told = new Promise((done) => { window.come = done; });
    window.fetch = async (...what) => {
        if (String(what[0]).includes('/words/media.')) await told;
        return real(...what);
    };";
const MICROPHONE_LATE: &str = "const { mediaDevices } = navigator;
    const get = mediaDevices.getUserMedia.bind(mediaDevices);
    const told = new Promise((done) => { window.come = done; });
    mediaDevices.getUserMedia = async (wanted) => {
        await told;
        return get(wanted);
    };";

#[tokio::test]
async fn a_press_of_which_nothing_came_before_its_room_was_left_records_nowhere() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let (_host, tea) = enters_tea(&ann, &server).await;
    let to_lobby = async || {
        ann.click(".rail li[data-id='1'] a").await;
        ann.until("they are in the lobby", "location.pathname === '/'")
            .await;
    };
    for late in [COUNTS, WORDS_LATE] {
        ann.browser.execute(late, vec![]).await.unwrap();
    }
    ann.click("#mic").await;
    to_lobby().await;
    ann.browser.execute("come()", vec![]).await.unwrap();
    ann.until(
        "what records is there",
        "document.querySelector('.recorder')",
    )
    .await;
    assert_eq!(ann.look::<usize>("window.asked").await, 0);
    is_over(&ann).await;

    // Pressed once more there, with a microphone that has not been given yet.
    keeps_tracks(&ann).await;
    ann.browser.execute(MICROPHONE_LATE, vec![]).await.unwrap();
    ann.click(&format!(".rail li[data-id='{tea}'] a")).await;
    ann.until(
        "they are back",
        &format!("location.pathname === '/rooms/{tea}'"),
    )
    .await;
    ann.click("#mic").await;
    is_at(&ann, "asking").await;
    to_lobby().await;
    is_over(&ann).await;
    ann.browser.execute("come()", vec![]).await.unwrap();
    ann.until("it has been given", "window.tracks.length === 1")
        .await;
    is_over(&ann).await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
    ann.click(".recorder .send").await;
    has_voices(&ann, 1).await;
    is_over(&ann).await;
    ann.leave().await;
}

#[tokio::test]
async fn whoever_is_muted_while_they_speak_loses_nothing_and_is_heard_no_longer() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let (mut host, tea) = speaks_in_tea(&ann, &server).await;
    host.makes_of(tea, "Ann", "muted").await;
    ann.reads("#closed p", "You are muted: you can read along.")
        .await;
    let silent = "window.tracks.length === 1 && window.tracks[0].readyState === 'ended'";
    ann.until("nobody listens any more", silent).await;
    host.makes_of(tea, "Ann", "member").await;
    is_at(&ann, "ready").await;
    ann.click(".recorder .send").await;
    has_voices(&ann, 1).await;
    ann.leave().await;
}

#[tokio::test]
async fn an_edit_comes_first_and_what_was_said_waits() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.post("oolong").await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 2).await;
    // Whatever the recorder does in the end, it does not take the edit's place.
    let watch = "window.seen = []; new MutationObserver(() => {
            if (!document.getElementById('editing').hidden) window.seen.push(document.querySelector('.recorder').hidden);
        }).observe(document.querySelector('.recorder'), { attributes: true });";
    ann.browser.execute(watch, vec![]).await.unwrap();
    ann.use_tool(".edit", "oolong").await;
    let edits = "document.activeElement === document.getElementById('say') && !document.getElementById('editing').hidden";
    ann.until("one edits", edits).await;
    ann.type_in(" tea").await;
    ann.send().await;
    ann.hears("oolong tea").await;
    is_at(&ann, "ready").await;
    assert!(ann.look::<bool>("window.seen.every(Boolean)").await);
    ann.click(".recorder .send").await;
    has_voices(&ann, 1).await;
    ann.leave().await;
}
