//! Whoever missed more than a page of a room begins where they left off, and what they have not seen stays
//! unread. Whoever was reading further up is back at that place.

use super::company::{Companion, member};
use super::permalink::{row, tell};
use super::rooms::waits;
use super::{Browsers, Person, Road, site};
use crate::support::{Guest, Server};

/// More than two pages.
const MISSED: usize = 120;

/// More events than the room keeps for a resume.
const MANY: usize = 310;

/// A message may move by this much, in px.
const STILL: f64 = 3.0;

/// Waits until the line of what is new stands in sight, right above this message.
pub async fn begins_at(person: &Person, text: &str) {
    let begins = format!(
        "(() => {{
            const box = document.getElementById('timeline').getBoundingClientRect();
            const line = document.querySelector('#messages > .fresh');
            const place = line?.getBoundingClientRect();
            return line && line.nextElementSibling === {}
                && line.checkVisibility({{visibilityProperty: true}})
                && place.top >= box.top && place.bottom <= box.bottom;
        }})()",
        row(text)
    );
    person
        .until(&format!("what is new begins at {text}"), &begins)
        .await;
}

#[tokio::test]
async fn who_missed_more_than_a_page_begins_where_they_left_off() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    lin.says(room, "tale 0").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.click("#browse-rooms").await;
    ann.click("#browse-list button").await;
    ann.is_in("Oolong").await;
    ann.hears("tale 0").await;
    ann.enter("Lobby").await;
    for number in 1..=MISSED {
        lin.says(room, &format!("tale {number}")).await;
    }
    waits(&ann, room, "99+").await;

    // The newest page comes at once, the one where they begin only when the test lets it go.
    let hold = "const real = window.fetch;
        const gate = new Promise((open) => { window.letGo = open; });
        window.fetch = async (...ask) => {
            if (String(ask[0]).includes('since=')) {
                window.held = true;
                await gate;
            }
            return real(...ask);
        };";
    ann.browser.execute(hold, vec![]).await.unwrap();
    ann.enter("Oolong").await;
    ann.until("the page is asked for", "window.held").await;
    lin.says(room, "and one more").await;
    ann.browser.execute("window.letGo()", vec![]).await.unwrap();
    begins_at(&ann, "tale 1").await;
    ann.hears("tale 0").await;
    ann.reads("#newer", "121 new messages").await;
    ann.picture("unread-far").await;
    // Nothing of it was read by that.
    ann.reload().await;
    begins_at(&ann, "tale 1").await;
    ann.reads("#newer", "121 new messages").await;
    assert!(!ann.texts().await.contains(&format!("tale {MISSED}")));
    lin.says(room, "and the last one").await;
    ann.reads("#newer", "122 new messages").await;

    // What has been left above is read, what is in sight is not yet.
    let down = format!(
        "{}.scrollIntoView();
        return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));",
        row("tale 30")
    );
    ann.browser.execute(down, vec![]).await.unwrap();
    ann.enter("Lobby").await;
    waits(&ann, room, "93").await;
    ann.enter("Oolong").await;
    begins_at(&ann, "tale 30").await;
    ann.reads("#newer", "93 new messages").await;

    ann.click("#newer").await;
    ann.hears("and the last one").await;
    ann.until("they are down", "document.getElementById('newer').hidden")
        .await;
    ann.enter("Lobby").await;
    waits(&ann, room, "").await;
    ann.leave().await;
}

#[tokio::test]
async fn who_was_away_for_long_while_they_read_further_up_is_still_there() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let (mut teller, _) = Guest::visiting(&server).await.feed().await;
    tell(&mut teller, MISSED).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    ann.hears("tale 120").await;
    let place = format!("{}.getBoundingClientRect().top", row("tale 90"));
    let up = format!("({}.scrollIntoView(), {place})", row("tale 90"));
    let before: f64 = ann.look(&up).await;
    road.cut().await;
    ann.is_cut_off().await;
    for number in 0..MANY {
        teller.post(&format!("more {number}")).await;
    }
    road.mend(&server).await;
    ann.is_live().await;
    let again = format!(
        "Math.abs({place} - {before}) <= {STILL} && {}.checkVisibility({{visibilityProperty: true}})",
        row("tale 90")
    );
    ann.until("tale 90 is where it was", &again).await;
    assert!(!ann.texts().await.contains(&"more 309".to_owned()));
    ann.click("#newer").await;
    ann.hears("more 309").await;
    ann.leave().await;
}
