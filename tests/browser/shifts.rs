//! What stands in the timeline stays where it is when pictures come.

use serde_json::{Value, json};

use super::file_words::{png, sender};
use super::gallery::{gif, sends};
use super::{Browsers, site};
use crate::support::Server;

/// What has moved by itself in the timeline since the page came.
const SHIFTS: &str = "new Promise((done) => {
    const all = [];
    new PerformanceObserver((list) => all.push(...list.getEntries())).observe({ type: 'layout-shift', buffered: true });
    // Entries come with the next frame but one.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(all.flatMap(({ value, sources }) => {
        const moved = sources.map(({ node }) => node?.nodeType === 1 ? node : node?.parentElement).filter((node) => node?.closest('#messages'));
        return moved.length ? [`${value}: ${moved.map((node) => node.outerHTML.slice(0, 120)).join(' | ')}`] : [];
    })))));
})";

/// Notes from the beginning of a page each box of files that becomes larger or smaller after it has been drawn. All rows are drawn:
/// far ones otherwise have a height that is guessed.
const WATCH_BOXES: &str = "
    const drawn = new CSSStyleSheet();
    drawn.replaceSync('.msg { content-visibility: visible !important }');
    document.adoptedStyleSheets.push(drawn);
    const heights = new WeakMap();
    window.resized = [];
    window.boxes = 0;
    const watch = new ResizeObserver((all) => {
        for (const { target, contentRect: { height } } of all) {
            const before = heights.get(target);
            // What is taken out of the page has none.
            if (before && height && Math.abs(height - before) > 0.5) window.resized.push(`${target.querySelectorAll('.pic').length} in ${target.closest('.msg').dataset.id}: ${before} to ${height}`);
            if (before === undefined) window.boxes += 1;
            heights.set(target, height);
        }
    });
    new MutationObserver(() => document.querySelectorAll('#messages .files').forEach((box) => watch.observe(box))).observe(document, { childList: true, subtree: true });
";

#[tokio::test]
async fn nothing_in_the_timeline_moves_when_pictures_come() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let grid = |n: u32| -> Vec<(String, Vec<u8>, Value)> {
        (0..n)
            .map(|place| {
                (
                    format!("{place}.png"),
                    png(200 + 150 * place, 300, 40),
                    json!({}),
                )
            })
            .collect()
    };
    for round in 0..3 {
        for number in 0..12 {
            feed.post(&format!("words {round} {number}")).await;
        }
        for file in [
            png(1200, 300, 20),
            png(300, 1200, 60),
            png(60, 40, 100),
            gif(320, 240),
        ] {
            sends(&mut lin, &mut feed, "", &[("one", file, json!({}))]).await;
        }
        let hidden = json!({"spoiler": true});
        sends(
            &mut lin,
            &mut feed,
            "hidden",
            &[("secret.png", png(640, 480, 9), hidden)],
        )
        .await;
        for count in 2..=5 {
            let files = grid(count);
            let files: Vec<_> = files
                .iter()
                .map(|(name, bytes, about)| (name.as_str(), bytes.clone(), about.clone()))
                .collect();
            sends(&mut lin, &mut feed, "", &files).await;
        }
    }
    let ann = browsers.person(&site(&server), "en").await;
    // Pictures come long after their rows.
    let slow = json!({"offline": false, "latency": 150, "downloadThroughput": 400_000, "uploadThroughput": -1});
    ann.devtools("Network.enable", json!({})).await;
    ann.devtools("Network.emulateNetworkConditions", slow).await;
    let watch = json!({"source": WATCH_BOXES});
    ann.devtools("Page.addScriptToEvaluateOnNewDocument", watch)
        .await;
    ann.open().await;
    let come = "[...document.querySelectorAll('#messages .pic img')].every((image) => {
        const { top, bottom } = image.getBoundingClientRect();
        return image.complete && image.naturalWidth > 0 || bottom < 0 || top > innerHeight;
    })";
    ann.until("what is in sight has come", come).await;
    assert_eq!(ann.look::<Vec<String>>("window.resized").await, [""; 0]);
    assert_eq!(ann.look::<Vec<String>>(SHIFTS).await, [""; 0]);
    let rows = "document.querySelectorAll('#messages > .msg').length";
    let before: usize = ann.look(rows).await;
    // As a wheel does it, up to the beginning.
    let up = format!(
        "(document.getElementById('timeline').scrollBy(0, -500), {rows} > {before} && {come})"
    );
    ann.until("older ones have come", &up).await;
    let top = format!(
        "(document.getElementById('timeline').scrollBy(0, -500), (({{ scrollTop, clientHeight, scrollHeight }}) => clientHeight - scrollTop >= scrollHeight - 1)(document.getElementById('timeline')) && {come})"
    );
    ann.until("the beginning", &top).await;
    ann.until("all were watched", "window.boxes >= 27").await;
    assert_eq!(ann.look::<Vec<String>>("window.resized").await, [""; 0]);
    ann.leave().await;
}
