//! Pictures large, over the room: by keys, under fingers, and when one is taken back meanwhile.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::company::member;
use super::file_words::{png, sender};
use super::phone::large_enough_for_a_finger;
use super::{Browsers, Person, site};
use crate::support::{Member, Server, Ws};

const OPEN: &str = "document.querySelector('.lightbox')?.open";
const SHUT: &str = "!document.querySelector('.lightbox').open";

/// Says something, and sends a picture of each of these sizes, the last one hidden; ids of the messages.
async fn sends(lin: &mut Member, feed: &mut Ws, sizes: &[(u32, u32)]) -> Vec<Value> {
    let mut ids = Vec::new();
    for (place, (width, height)) in sizes.iter().enumerate() {
        let bytes = png(*width, *height, 30 + 60 * place as u8);
        let file = lin.uploads(&format!("{place}.png"), &bytes).await;
        let hidden = place + 1 == sizes.len();
        let alt = format!("Bowl {place} وعاء");
        let files = json!([{"id": file, "alt": alt, "spoiler": hidden}]);
        ids.push(feed.sends_files(1, "", &files).await["id"].clone());
    }
    ids
}

/// Which picture is seen large.
async fn sees(person: &Person, alt: &str, count: &str) {
    let seen = format!(
        "(() => {{
            const [box, image] = [document.querySelector('.lightbox'), document.querySelector('.lightbox img')];
            return box.open && image.checkVisibility() && image.alt === {} && image.complete && image.naturalWidth > 0 && /\\/l$/.test(image.src)
                && box.querySelector('.count').textContent === {} && box.querySelector('[role=status]').textContent.includes(image.alt);
        }})()",
        json!(alt),
        json!(count)
    );
    person.until(&format!("{alt}, {count}"), &seen).await;
}

/// How many times its size the picture has.
async fn near(person: &Person) -> f64 {
    person
        .look(
            "new DOMMatrix(getComputedStyle(document.querySelector('.lightbox img')).transform).a",
        )
        .await
}

fn link(alt: &str) -> String {
    format!(
        "[...document.querySelectorAll('#messages .pic a')].find((link) => link.querySelector('img').alt === {})",
        json!(alt)
    )
}

async fn presses(person: &Person, alt: &str) {
    let there = format!("{}?.querySelector('img').naturalWidth > 0", link(alt));
    person.until("the picture is in its row", &there).await;
    let seen = format!(
        "(({{ top, bottom }}) => top >= 0 && bottom <= innerHeight)(({0}.scrollIntoView({{ block: 'center', behavior: 'instant' }}), {0}).getBoundingClientRect())",
        link(alt)
    );
    person.until("in sight", &seen).await;
    let found = person
        .browser
        .execute(format!("return {}", link(alt)), vec![])
        .await;
    found.unwrap().element().unwrap().click().await.unwrap();
    person.until("it opens", OPEN).await;
}

/// Fingers go from one place to another, in CSS px.
async fn wipes(person: &Person, from: &[(f64, f64)], to: &[(f64, f64)]) {
    let points = |at: f64| -> Value {
        let each = from.iter().zip(to).enumerate();
        each.map(|(id, (from, to))| {
            json!({"id": id, "x": from.0 + (to.0 - from.0) * at, "y": from.1 + (to.1 - from.1) * at})
        })
        .collect()
    };
    for (kind, points) in [
        ("touchStart", points(0.0)),
        ("touchMove", points(0.5)),
        ("touchMove", points(1.0)),
        ("touchEnd", json!([])),
    ] {
        let touch = json!({"type": kind, "touchPoints": points});
        person.devtools("Input.dispatchTouchEvent", touch).await;
    }
}

#[tokio::test]
async fn by_keys_one_goes_through_all_pictures_and_back_to_the_row() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let (mut lin, mut feed) = sender(&server, "لين حسن").await;
    sends(&mut lin, &mut feed, &[(900, 600), (200, 900), (640, 480)]).await;
    let [first, second, third] = [0, 1, 2].map(|place| format!("Bowl {place} وعاء"));
    let there = format!("{}?.querySelector('img').naturalWidth > 0", link(&second));
    ann.until("pictures", &there).await;
    let before: String = ann.look("location.href").await;
    let focus = format!("({}.focus(), true)", link(&second));
    assert!(ann.look::<bool>(&focus).await);
    ann.press(Key::Enter).await;
    sees(&ann, &second, "2 of 3").await;
    ann.reads(".lightbox .who", "لين حسن").await;
    ann.reads(".lightbox .alt", &second).await;
    for theme in ["light", "dark"] {
        let dress = format!("(document.documentElement.dataset.theme = '{theme}')");
        assert_eq!(ann.look::<String>(&dress).await, theme);
        ann.picture(&format!("lightbox-{theme}")).await;
    }
    ann.press(Key::Left).await;
    sees(&ann, &first, "1 of 3").await;
    let end = "document.querySelector('.lightbox [aria-label=\"Earlier picture\"]').ariaDisabled";
    assert_eq!(ann.look::<String>(end).await, "true");
    ann.press(Key::Left).await;
    sees(&ann, &first, "1 of 3").await;

    // What is hidden stays so until it is asked for.
    ann.press(Key::End).await;
    ann.until(
        "it is hidden",
        "document.querySelector('.lightbox .show').checkVisibility() && !document.querySelector('.lightbox img').checkVisibility() && !document.querySelector('.lightbox img').src",
    )
    .await;
    assert_eq!(ann.text(".lightbox .alt").await, "");
    ann.picture("lightbox-hidden").await;
    ann.click(".lightbox .show").await;
    sees(&ann, &third, "3 of 3").await;
    ann.press(Key::Home).await;
    sees(&ann, &first, "1 of 3").await;

    // After a press beside it the keys are still its own.
    ann.click(".lightbox .stage").await;
    ann.press(Key::Right).await;
    sees(&ann, &second, "2 of 3").await;
    ann.press(Key::Left).await;
    sees(&ann, &first, "1 of 3").await;

    ann.press("+").await;
    ann.press("+").await;
    assert!((near(&ann).await - 2.25).abs() < 0.01);
    ann.press("-").await;
    ann.press("-").await;
    assert_eq!(near(&ann).await, 1.0);
    let fits = "(({ left, right, top, bottom }, box) => left >= box.left && right <= box.right && top >= box.top && bottom <= box.bottom)(document.querySelector('.lightbox img').getBoundingClientRect(), document.querySelector('.lightbox .stage').getBoundingClientRect())";
    assert!(ann.look::<bool>(fits).await, "all of it is seen");

    ann.press(Key::Escape).await;
    ann.until("it is shut", SHUT).await;
    let back = format!("document.activeElement === {}", link(&second));
    ann.until("the focus is in the row", &back).await;
    assert_eq!(ann.look::<String>("location.href").await, before);
    presses(&ann, &first).await;
    sees(&ann, &first, "1 of 3").await;
    ann.browser.back().await.unwrap();
    ann.until("Back shuts it", SHUT).await;
    assert_eq!(ann.look::<String>("location.href").await, before);
    presses(&ann, &first).await;
    ann.click(".lightbox [aria-label=Close]").await;
    ann.until("so does the button", SHUT).await;
    let same = "history.state?.large === undefined";
    ann.until("its place in the history is left", same).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_picture_large_leads_to_its_message_its_link_and_its_bytes() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let ids = sends(&mut lin, &mut feed, &[(900, 600), (640, 480)]).await;
    for number in 0..30 {
        feed.post(&format!("words {number}")).await;
    }
    ann.hears("words 29").await;
    let alt = "Bowl 0 وعاء";
    let bring = format!("({}.scrollIntoView(), true)", link(alt));
    assert!(ann.look::<bool>(&bring).await);
    presses(&ann, alt).await;
    sees(&ann, alt, "1 of 2").await;
    // Back leads to where one was, not to the newest.
    ann.browser.back().await.unwrap();
    ann.until("it is shut", SHUT).await;
    // What would lead elsewhere has been drawn by then.
    let rest = "new Promise((done) => setTimeout(() => requestAnimationFrame(() => done(true))))";
    assert!(ann.look::<bool>(rest).await);
    let seen = format!(
        "(({{ top, bottom }}) => bottom > 0 && top < innerHeight)({}.getBoundingClientRect())",
        link(alt)
    );
    assert!(ann.look::<bool>(&seen).await, "the row is still in sight");
    presses(&ann, alt).await;
    sees(&ann, alt, "1 of 2").await;
    let saved = "(async () => {
        const answer = await fetch(document.querySelector('.lightbox a[download]').href);
        return [answer.headers.get('content-disposition').split(';')[0], (await answer.blob()).type];
    })()";
    let saved: (String, String) = ann.look(saved).await;
    assert_eq!(saved.0, "attachment");
    assert!(saved.1.starts_with("image/"), "{saved:?}");
    let heard = "(navigator.clipboard.writeText = async (text) => { window.copied = text; }, true)";
    assert!(ann.look::<bool>(heard).await);
    ann.click(".lightbox [aria-label='Copy link']").await;
    let copied = format!("window.copied?.endsWith('/rooms/1/{}')", ids[0]);
    ann.until("the link is copied", &copied).await;
    ann.reads("#toast:popover-open", "Link copied.").await;
    ann.reads(".lightbox [role=status]", "Link copied.").await;
    ann.picture("lightbox-copied").await;
    ann.click(".lightbox [aria-label='Go to the message']")
        .await;
    let reached = format!(
        "{SHUT} && document.querySelector('#messages > .msg[data-id=\"{}\"].target')",
        ids[0]
    );
    ann.until("its message stands out", &reached).await;
    ann.leave().await;
}

#[tokio::test]
async fn under_fingers_pictures_are_wiped_pinched_and_pressed_twice() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.resize(390, 844).await;
    let touch = json!({"enabled": true, "maxTouchPoints": 2});
    ann.devtools("Emulation.setTouchEmulationEnabled", touch)
        .await;
    let (mut lin, mut feed) = sender(&server, "عبد الرحمن بن خلدون").await;
    sends(&mut lin, &mut feed, &[(900, 600), (640, 480), (300, 300)]).await;
    let [first, second] = [0, 1].map(|place| format!("Bowl {place} وعاء"));
    presses(&ann, &second).await;
    sees(&ann, &second, "2 of 3").await;
    ann.picture("lightbox-phone").await;
    let wide = "document.querySelector('.lightbox').scrollWidth <= 390";
    assert!(ann.look::<bool>(wide).await);
    for name in [
        "Close",
        "Earlier picture",
        "Farther",
        "Closer",
        "Save",
        "Copy link",
        "Go to the message",
        "Later picture",
    ] {
        large_enough_for_a_finger(&ann, &format!(".lightbox [aria-label=\"{name}\"]")).await;
    }
    wipes(&ann, &[(100.0, 400.0)], &[(300.0, 410.0)]).await;
    sees(&ann, &first, "1 of 3").await;
    wipes(&ann, &[(300.0, 400.0)], &[(100.0, 410.0)]).await;
    sees(&ann, &second, "2 of 3").await;
    wipes(&ann, &[(200.0, 300.0)], &[(210.0, 500.0)]).await;
    sees(&ann, &second, "2 of 3").await;

    // Two fingers part: what is under them comes nearer.
    wipes(
        &ann,
        &[(175.0, 400.0), (215.0, 400.0)],
        &[(135.0, 400.0), (255.0, 400.0)],
    )
    .await;
    assert!((near(&ann).await - 3.0).abs() < 0.1, "{}", near(&ann).await);
    // A near one is moved, not left.
    wipes(&ann, &[(100.0, 400.0)], &[(300.0, 410.0)]).await;
    sees(&ann, &second, "2 of 3").await;
    for near_after in [1.0, 2.5] {
        wipes(&ann, &[(200.0, 400.0)], &[(200.0, 400.0)]).await;
        wipes(&ann, &[(200.0, 400.0)], &[(200.0, 400.0)]).await;
        assert!((near(&ann).await - near_after).abs() < 0.01);
    }
    ann.click(".lightbox [aria-label=Close]").await;
    ann.until("it is shut", SHUT).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_picture_that_is_taken_back_goes_from_before_ones_eyes() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.expects("404");
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let ids = sends(
        &mut lin,
        &mut feed,
        &[(900, 600), (640, 480), (500, 500), (9, 9)],
    )
    .await;
    let [first, second, third] = [0, 1, 2].map(|place| format!("Bowl {place} وعاء"));
    presses(&ann, &second).await;
    sees(&ann, &second, "2 of 4").await;
    feed.change(&ids[0], &json!({"do": "recall"})).await;
    sees(&ann, &second, "1 of 3").await;
    let last =
        "(document.querySelector('.lightbox [aria-label=\"Go to the message\"]').focus(), true)";
    assert!(ann.look::<bool>(last).await);
    feed.change(&ids[1], &json!({"do": "recall"})).await;
    ann.reads(".lightbox .words", "This picture was taken back.")
        .await;
    ann.reads(".lightbox [role=status]", "This picture was taken back.")
        .await;
    let nothing = "(({ src, style, alt }) => !src && !style.backgroundImage && !alt)(document.querySelector('.lightbox img')) && !document.querySelector('.lightbox a[download]').checkVisibility()";
    assert!(ann.look::<bool>(nothing).await, "nothing is left of it");
    ann.picture("lightbox-recalled").await;
    ann.press(Key::Right).await;
    sees(&ann, &third, "1 of 2").await;
    ann.press(Key::Left).await;
    sees(&ann, &third, "1 of 2").await;
    ann.press(Key::Escape).await;
    ann.until("it is shut", SHUT).await;
    ann.until(
        "the focus is in the timeline",
        "document.activeElement.closest('#messages > .msg')",
    )
    .await;
    assert!(ann.look::<bool>(&format!("!{}", link(&first))).await);
    ann.leave().await;
}
