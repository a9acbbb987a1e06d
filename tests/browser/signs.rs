//! What people do besides talking shows to the others: they type, they read, they leave their page
//! alone and come back to it.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::member;
use super::offices::does;
use super::room_role::joins;
use super::{Browsers, Person, site};
use crate::support::Server;

/// Minutes pass in the blink of an eye on the pages that this browser opens from now on.
const HASTE: &str = "
    const wait = window.setTimeout;
    window.setTimeout = (act, ms, ...rest) => wait(act, ms >= 60_000 ? 300 : ms, ...rest);";

/// Waits until this person's dot in the list says what they do.
async fn is(person: &Person, name: &str, here: &str) {
    let seen = format!(
        "[...document.querySelectorAll('.people .persons li')].some((row) => row.checkVisibility()
            && row.querySelector('.name').textContent === '{name}'
            && row.querySelector('.dot').matches('.{here}'))"
    );
    person.until(&format!("{name} is {here}"), &seen).await;
}

#[tokio::test]
async fn somebody_who_leaves_their_page_alone_is_away_until_they_touch_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let site = site(&server);
    let ann = member(&browsers, &server, &site, "Ann").await;
    let lin = member(&browsers, &server, &site, "Lin").await;
    ann.resize(1440, 900).await;
    is(&ann, "Lin", "on").await;
    // A direct room says it in the rail, too.
    does(&ann, "Lin", "write").await;
    ann.is_in("Lin").await;
    let beside = |here: &str| format!("document.querySelector('#rail-direct .face-dot.{here}')");
    lin.devtools(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({"source": HASTE}),
    )
    .await;
    lin.reload().await;
    is(&ann, "Lin", "idle").await;
    ann.until("away in the rail", &beside("idle")).await;
    ann.enter("Lobby").await;
    is(&ann, "Lin", "idle").await;
    ann.picture("signs-idle").await;
    let away: String = ann
        .look("document.querySelector('#rail-direct .face-dot').textContent")
        .await;
    assert_eq!(away, "away", "for who does not see the dot");
    lin.browser
        .execute("window.setTimeout = () => 0", vec![])
        .await
        .unwrap();
    lin.press(Key::Shift).await;
    is(&ann, "Lin", "on").await;
    ann.until("here in the rail", &beside("on")).await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn in_a_small_room_one_sees_who_types_and_who_has_read() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let site = site(&server);
    let ann = member(&browsers, &server, &site, "Ann").await;
    let lin = member(&browsers, &server, &site, "Lin").await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    let address: String = ann.look("location.pathname").await;
    joins(&lin, address.rsplit('/').next().unwrap().parse().unwrap()).await;

    lin.write("a long story").await;
    ann.reads("#typing", "Lin is typing…").await;
    ann.picture("signs-typing").await;
    assert_eq!(
        lin.text("#typing").await,
        "",
        "nobody is told that they type themselves"
    );
    lin.press(Key::Enter).await;
    ann.hears("a long story").await;
    ann.reads("#typing", "").await;
    lin.write("never mind").await;
    ann.reads("#typing", "Lin is typing…").await;
    ann.reads("#typing", "").await;

    let seen = "[...document.querySelectorAll('.msg')].some((row) =>
        row.querySelector('.body').textContent === 'a long story'
        && row.querySelector('.seen')?.checkVisibility()
        && row.querySelector('.seen').title === 'Seen by Ann'
        && row.querySelector('.seen .face').naturalWidth > 0)";
    lin.until("Ann has read it", seen).await;
    lin.picture("signs-seen").await;
    let own = "document.querySelector('.seen')?.title === 'Seen by Lin'";
    ann.until("Lin has read it", own).await;
    ann.enter("Lobby").await;
    lin.click("#say").await;
    lin.press(Key::Enter).await;
    lin.hears("never mind").await;
    let still = "document.querySelectorAll('.seen').length === 1";
    lin.until("the face stays where it was", &format!("{still} && {seen}"))
        .await;
    // In a hand, where room is scarce.
    lin.resize(390, 844).await;
    let moved: Vec<String> = lin
        .look(
            "(() => {
                const row = document.querySelector('.seen').closest('.msg');
                const body = row.querySelector('.body'), width = () => body.getBoundingClientRect().width;
                const seen = row.querySelector('.seen'), face = seen.querySelector('.face'), wrong = [];
                const place = (what) => {
                    const { left, right } = seen.getBoundingClientRect(), end = body.getBoundingClientRect().right;
                    if (left < end || right > innerWidth) wrong.push(`${what} at ${left} to ${right}, beside ${end} of ${innerWidth}`);
                };
                place('one face');
                for (const many of [2, 3]) {
                    seen.querySelector('.face').before(face.cloneNode());
                    place(`${many} faces`);
                }
                const read = width();
                seen.hidden = true;
                if (width() !== read) wrong.push(`words ${width()} px wide before they were read, ${read} px after`);
                seen.hidden = false;
                for (const more of seen.querySelectorAll('.face + .face')) more.remove();
                return wrong;
            })()",
        )
        .await;
    assert!(moved.is_empty(), "{moved:#?}");
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_list_of_members_that_comes_late_knows_who_has_come_meanwhile() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let site = site(&server);
    let ann = member(&browsers, &server, &site, "Ann").await;
    let lin = member(&browsers, &server, &site, "Lin").await;
    ann.resize(1440, 900).await;
    ann.click("#create-room").await;
    ann.fill("#create-dialog", &[("name", "Oolong")]).await;
    ann.is_in("Oolong").await;
    let address: String = ann.look("location.pathname").await;
    joins(&lin, address.rsplit('/').next().unwrap().parse().unwrap()).await;
    lin.browser.goto("about:blank").await.unwrap();
    ann.reads("#online-people", "1").await;
    ann.enter("Lobby").await;
    let hold = "
        const ask = window.fetch;
        window.fetch = async (...what) => {
            const answer = await ask(...what);
            if (String(what[0]).includes('/members')) await new Promise((go) => { window.comes = go; });
            return answer;
        };";
    ann.browser.execute(hold, vec![]).await.unwrap();
    ann.enter("Oolong").await;
    ann.until("the list is on its way", "window.comes").await;
    lin.arrive().await;
    ann.reads("#online-people", "2").await;
    ann.browser.execute("comes()", vec![]).await.unwrap();
    let row = "[...document.querySelectorAll('#members .persons li')]
        .find((row) => row.querySelector('.name').textContent === 'Lin')";
    let known = "document.querySelectorAll('#members .persons li').length === 2
        && document.querySelector('#members .owner:not([hidden]) .name')?.textContent === 'Ann'";
    ann.until("the list", known).await;
    let here: bool = ann
        .look(&format!("{row}.querySelector('.dot').matches('.on')"))
        .await;
    assert!(here, "Lin is here");
    let told: String = ann
        .look(&format!("{row}.querySelector('small').textContent"))
        .await;
    assert_eq!(told, "local", "where they are, as in the lobby");
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn who_has_read_is_told_to_nobody_where_the_operator_says_so() {
    let server = Server::start(&[("rooms.seen_by", "false")]);
    let browsers = Browsers::start();
    let site = site(&server);
    let ann = member(&browsers, &server, &site, "Ann").await;
    let lin = member(&browsers, &server, &site, "Lin").await;
    does(&ann, "Lin", "write").await;
    ann.is_in("Lin").await;
    ann.post("did you read this?").await;
    lin.enter("Ann").await;
    // Their read marker is with the server when nothing waits for them after a new start.
    lin.post("yes").await;
    ann.hears("yes").await;
    lin.enter("Lobby").await;
    lin.reload().await;
    lin.until(
        "nothing waits",
        "document.querySelector('#rail-direct em').hidden",
    )
    .await;
    ann.post("good").await;
    assert!(ann.look::<bool>("!document.querySelector('.seen')").await);
    ann.leave().await;
    lin.leave().await;
}
