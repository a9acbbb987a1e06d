//! The gallery of a room: its pictures and files by months, and the lightbox that goes through all of them.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::company::member;
use super::file_words::{png, sender};
use super::phone::{large_enough_for_a_finger, nothing_sticks_out};
use super::{Browsers, Person, site};
use crate::support::video::mp4;
use crate::support::{Member, Server, Ws};

/// What the tiles say, in their order.
const TILES: &str = "[...document.querySelectorAll('.gallery .tiles a')].map((link) => link.querySelector('img')?.alt ?? link.ariaLabel)";
/// What the lines say: name, size or length, who.
const LINES: &str = "[...document.querySelectorAll('.gallery .lines li')].map((line) => [line.querySelector('.file-name').textContent, line.querySelector('small').textContent, line.querySelector('.sender bdi').textContent])";

/// A picture that moves.
pub(super) fn gif(width: u32, height: u32) -> Vec<u8> {
    gif_of(2, width, height)
}

/// A picture of so many frames.
pub(super) fn gif_of(frames: usize, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new_with_speed(&mut bytes, 30);
    for shade in [40, 200].into_iter().cycle().take(frames) {
        let frame = image::RgbaImage::from_pixel(width, height, image::Rgba([shade, 120, 90, 255]));
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    bytes
}

/// Sends files of these names and bytes with one message; its id.
pub(super) async fn sends(
    lin: &mut Member,
    feed: &mut Ws,
    words: &str,
    files: &[(&str, Vec<u8>, Value)],
) -> Value {
    let mut all = Vec::new();
    for (name, bytes, about) in files {
        let mut file = about.clone();
        file["id"] = json!(lin.uploads(name, bytes).await);
        all.push(file);
    }
    feed.sends_files(1, words, &json!(all)).await["id"].clone()
}

/// Sends so many small pictures, ten with a message: their names are their numbers.
async fn sends_many(lin: &mut Member, feed: &mut Ws, count: usize) {
    let numbers: Vec<usize> = (1..=count).collect();
    for ten in numbers.chunks(10) {
        let name = |number: &usize| (format!("{number}"), png(40, 30, *number as u8), json!({}));
        let files: Vec<_> = ten.iter().map(name).collect();
        let files: Vec<_> = files
            .iter()
            .map(|(name, bytes, about)| (name.as_str(), bytes.clone(), about.clone()))
            .collect();
        sends(lin, feed, "", &files).await;
    }
}

/// Opens the gallery by the menu of the room.
pub async fn opens(person: &Person) {
    person.click("#room-menu-button").await;
    person.click("#room-files").await;
    let open = "document.querySelector('.gallery')?.open && document.querySelector('.gallery .panel').ariaBusy === 'false'";
    person.until("the gallery is open", open).await;
}

/// Waits until this is what the tiles, or the lines, say.
async fn shows(person: &Person, what: &str, expected: Value) {
    let seen = format!("JSON.stringify({what}) === {}", json!(expected.to_string()));
    person.until(&format!("{expected}"), &seen).await;
}

/// Waits until a picture is seen large.
async fn is_large(person: &Person, alt: &str, count: &str) {
    let seen = format!(
        "(() => {{
            const [box, image] = [document.querySelector('.lightbox'), document.querySelector('.lightbox img')];
            return box?.open && image.alt === {} && image.complete && image.naturalWidth > 0 && box.querySelector('.count').textContent === {};
        }})()",
        json!(alt),
        json!(count)
    );
    person.until(&format!("{alt}, {count}"), &seen).await;
}

async fn in_both_themes(person: &Person, name: &str) {
    for theme in ["dark", "light"] {
        let dress = format!("(document.documentElement.dataset.theme = '{theme}')");
        assert_eq!(person.look::<String>(&dress).await, theme);
        person.picture(&format!("{name}-{theme}")).await;
    }
}

/// The box of each tile, to the pixel, in the panel: the sheet itself may be on its way.
const PLACES: &str = "JSON.stringify([...document.querySelectorAll('.gallery .tiles .pic')].map((box) => { const { left, top, width, height } = box.getBoundingClientRect(); const panel = document.querySelector('.gallery .panel').getBoundingClientRect(); return [left - panel.left, top - panel.top, width, height].map(Math.round); }))";

#[tokio::test]
async fn what_was_sent_to_a_room_is_in_its_gallery_and_goes_along_with_it() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.expects("404");
    let (mut lin, mut feed) = sender(&server, "لين حسن").await;
    let long = format!("{}.pdf", "茶馆年度报告 ".repeat(40));
    let first = sends(
        &mut lin,
        &mut feed,
        "",
        &[
            (
                "wide.png",
                png(900, 300, 30),
                json!({"alt": "A wide bowl وعاء"}),
            ),
            ("tall.png", png(300, 900, 90), json!({})),
            (
                "secret.png",
                png(300, 300, 150),
                json!({"alt": "a surprise", "spoiler": true}),
            ),
            ("fox.gif", gif(120, 90), json!({"alt": "A fox"})),
        ],
    )
    .await;
    let video = mp4(b"");
    let report = sends(
        &mut lin,
        &mut feed,
        "",
        &[
            (&long, b"pdf".to_vec(), json!({})),
            ("opening.mp4", video, json!({})),
            ("שלום עולם.txt", b"hello".to_vec(), json!({})),
        ],
    )
    .await;
    ann.until(
        "files",
        "document.querySelectorAll('#messages .files').length === 2",
    )
    .await;
    opens(&ann).await;
    let all = json!([
        "opening.mp4",
        "A fox",
        "Hidden picture",
        "tall.png",
        "A wide bowl وعاء"
    ]);
    shows(&ann, TILES, all.clone()).await;
    let before: String = ann.look(PLACES).await;
    let loaded = "[...document.querySelectorAll('.gallery .tiles img')].every((image) => image.complete && image.naturalWidth > 0) && !document.querySelector('.gallery canvas')";
    ann.until("the pictures have come", loaded).await;
    assert_eq!(
        ann.look::<String>(PLACES).await,
        before,
        "nothing has moved"
    );
    let month = "document.querySelector('.gallery h3').textContent === new Intl.DateTimeFormat('en', { year: 'numeric', month: 'long' }).format(new Date())";
    assert!(ann.look::<bool>(month).await);
    in_both_themes(&ann, "gallery").await;

    // By keys: from tab to tab, and from picture to picture.
    let at = |alt: &str| {
        format!(
            "document.activeElement.querySelector('img')?.alt === {}",
            json!(alt)
        )
    };
    ann.press(Key::Tab).await;
    ann.press(Key::Right).await;
    ann.until("the arrows lead on", &at("A fox")).await;
    ann.press(Key::Right).await;
    ann.press(Key::Right).await;
    ann.press(Key::Enter).await;
    is_large(&ann, "tall.png", "2 of 4").await;
    ann.press(Key::Left).await;
    is_large(&ann, "A wide bowl وعاء", "1 of 4").await;
    ann.press(Key::End).await;
    is_large(&ann, "A fox", "4 of 4").await;
    ann.press(Key::Escape).await;
    ann.until("back at the tile", &at("tall.png")).await;
    // What is hidden stays hidden until it is asked for.
    ann.press(Key::Left).await;
    ann.press(Key::Enter).await;
    ann.until("hidden", "document.querySelector('.lightbox').open && document.querySelector('.lightbox .show').checkVisibility()").await;
    ann.press(Key::Escape).await;

    // What comes meanwhile stands first, and what is taken back is gone.
    let late = sends(
        &mut lin,
        &mut feed,
        "",
        &[("late.png", png(200, 200, 220), json!({}))],
    )
    .await;
    let mut with_late = all.as_array().unwrap().clone();
    with_late.insert(0, json!("late.png"));
    shows(&ann, TILES, json!(with_late)).await;
    feed.change(&late, &json!({"do": "recall"})).await;
    shows(&ann, TILES, all).await;
    ann.until(
        "the dialog has the focus",
        "document.activeElement.closest('.gallery')",
    )
    .await;

    let tab = "(document.querySelector('.gallery [aria-selected=true]').focus(), true)";
    assert!(ann.look::<bool>(tab).await);
    ann.press(Key::Right).await;
    let cut: String = "茶馆年度报告 ".repeat(40).chars().take(116).collect();
    let lines = json!([
        ["שלום עולם.txt", "5 B", "لين حسن"],
        [format!("{}.pdf", cut.trim_end()), "3 B", "لين حسن"]
    ]);
    shows(&ann, LINES, lines).await;
    in_both_themes(&ann, "gallery-files").await;
    let within = "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('.gallery .panel'))";
    assert!(ann.look::<bool>(within).await, "a long name is cut");
    ann.press(Key::End).await;
    ann.reads(
        ".gallery .state",
        "Nobody has sent a voice message here yet.",
    )
    .await;
    ann.picture("gallery-empty").await;
    ann.press(Key::Home).await;
    ann.until("pictures again", &format!("{TILES}.length === 5"))
        .await;
    // A video leads to where it plays.
    ann.click(".gallery .tiles a[href^='/rooms/']").await;
    let reached = format!(
        "!document.querySelector('.gallery').open && document.querySelector('#messages > .msg[data-id=\"{report}\"].target')"
    );
    ann.until("its message stands out", &reached).await;
    // So does a picture that is seen large, out of the gallery.
    opens(&ann).await;
    ann.click(".gallery .tiles li:last-child a").await;
    is_large(&ann, "A wide bowl وعاء", "1 of 4").await;
    ann.click(".lightbox [aria-label='Go to the message']")
        .await;
    let reached = format!(
        "!document.querySelector('dialog[open]') && document.querySelector('#messages > .msg[data-id=\"{first}\"].target')"
    );
    ann.until("its message stands out", &reached).await;
    ann.leave().await;
}

#[tokio::test]
async fn under_fingers_the_gallery_is_the_whole_screen_in_either_language() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "zh").await;
    ann.open().await;
    ann.resize(390, 844).await;
    let touch = json!({"enabled": true, "maxTouchPoints": 2});
    ann.devtools("Emulation.setTouchEmulationEnabled", touch)
        .await;
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let files: Vec<(String, Vec<u8>)> = (0..8)
        .map(|n| (format!("图 {n}.png"), png(200 + 60 * n, 300, 30 * n as u8)))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.clone(), json!({})))
        .collect();
    sends(&mut lin, &mut feed, "", &files).await;
    sends(
        &mut lin,
        &mut feed,
        "",
        &[("报告_2026.final.pdf", b"pdf".to_vec(), json!({}))],
    )
    .await;
    opens(&ann).await;
    ann.until("pictures", &format!("{TILES}.length === 8"))
        .await;
    ann.picture("gallery-phone").await;
    nothing_sticks_out(&ann).await;
    // Arrows lead to the line below, too.
    let links = "[...document.querySelectorAll('.gallery .tiles a')]";
    assert!(
        ann.look::<bool>(&format!("({links}[1].focus(), true)"))
            .await
    );
    for (key, place) in [(Key::Down, 4), (Key::Down, 7), (Key::Left, 6), (Key::Up, 3)] {
        ann.press(key).await;
        let there = format!("document.activeElement === {links}[{place}]");
        ann.until(&format!("the focus is at {place}"), &there).await;
    }
    for css in [
        ".gallery [role=tab]",
        ".gallery header button",
        ".gallery .tiles a",
    ] {
        large_enough_for_a_finger(&ann, css).await;
    }
    ann.click("#gallery-files").await;
    shows(&ann, LINES, json!([["报告_2026.final.pdf", "3 B", "Lin"]])).await;
    for css in [".gallery .lines .file", ".gallery .there"] {
        large_enough_for_a_finger(&ann, css).await;
    }
    ann.picture("gallery-phone-files").await;
    ann.click("#gallery-voices").await;
    ann.reads(".gallery .state", "还没有人在这里发过语音。")
        .await;
    ann.leave().await;
}

#[tokio::test]
async fn the_gallery_and_the_lightbox_go_on_beyond_what_the_timeline_has() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    sends_many(&mut lin, &mut feed, 50).await;
    for number in 0..60 {
        feed.post(&format!("words {number}")).await;
    }
    sends(
        &mut lin,
        &mut feed,
        "",
        &[("newest", png(300, 200, 9), json!({}))],
    )
    .await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let alone = "document.querySelectorAll('#messages .pic img').length === 1 && document.querySelector('#messages .pic img').naturalWidth > 0";
    ann.until("the timeline has one of them", alone).await;
    ann.click("#messages .pic a").await;
    is_large(&ann, "newest", "").await;
    ann.press(Key::Left).await;
    is_large(&ann, "50", "").await;
    ann.press(Key::Left).await;
    is_large(&ann, "49", "").await;
    ann.press(Key::Home).await;
    is_large(&ann, "1", "").await;
    let end = "document.querySelector('.lightbox [aria-label=\"Earlier picture\"]').ariaDisabled === 'true'";
    ann.until("that is the oldest", end).await;
    for number in 2..=38 {
        ann.press(Key::Right).await;
        let shown = format!("document.querySelector('.lightbox img').alt === '{number}'");
        ann.until(&format!("{number}"), &shown).await;
    }
    // By now all are known.
    is_large(&ann, "38", "38 of 51").await;
    ann.press(Key::End).await;
    is_large(&ann, "newest", "51 of 51").await;
    ann.press(Key::Escape).await;

    opens(&ann).await;
    let some: usize = ann.look(&format!("{TILES}.length")).await;
    assert!(some >= 40, "{some}");
    let down = format!(
        "(document.querySelector('.gallery .panel').scrollTo(0, 1e6), {TILES}.length === 51)"
    );
    ann.until("more come as one scrolls", &down).await;
    assert_eq!(ann.look::<String>(&format!("{TILES}.at(-1)")).await, "1");
    assert!(
        ann.look::<bool>("document.querySelector('.gallery .next').hidden")
            .await
    );
    ann.leave().await;
}
