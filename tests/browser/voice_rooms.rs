//! What is being said belongs to its room, and to who may speak there.

use super::company::{Companion, member};
use super::voice::{MICROPHONE, has_voices, is_at, is_over, is_told, keeps_tracks, speaks};
use super::{Browsers, site};
use crate::support::Server;

#[tokio::test]
async fn what_was_said_waits_in_its_room() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    keeps_tracks(&ann).await;
    let mut host = Companion::named(&server, "Host").await;
    let tea = host.makes("public", "Tea").await;
    ann.goto(&format!("/rooms/{tea}")).await;
    ann.is_live().await;
    ann.click("#closed button").await;
    keeps_tracks(&ann).await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
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

#[tokio::test]
async fn whoever_is_muted_while_they_speak_loses_nothing_and_is_heard_no_longer() {
    let server = Server::start(&[]);
    let browsers = Browsers::with(&MICROPHONE);
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let mut host = Companion::named(&server, "Host").await;
    let tea = host.makes("public", "Tea").await;
    ann.goto(&format!("/rooms/{tea}")).await;
    ann.is_live().await;
    ann.click("#closed button").await;
    keeps_tracks(&ann).await;
    ann.click("#mic").await;
    is_at(&ann, "locked").await;
    speaks(&ann, 1).await;
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
