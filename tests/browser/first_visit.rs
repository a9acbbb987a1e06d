//! What a first visit costs: a lobby with thirty faces comes in few requests and few bytes.

use super::{Browsers, site};
use crate::support::{Guest, Server};

const FACES: usize = 30;
/// Messages that a page begins with.
const PAGE: usize = 50;
/// Over HTTP/1.1 a browser asks for six at a time, and each turn waits for the last one.
const REQUESTS: usize = 45;
/// Three seconds of a slow line. What a debug build sends is packed worse than a release's.
const BYTES: u64 = 150_000;

#[tokio::test]
async fn a_first_visit_to_a_lobby_of_thirty_faces_is_light() {
    let server = Server::start(&[]);
    let mut people = Vec::new();
    for _ in 0..FACES {
        people.push(Guest::visiting(&server).await.feed().await.0);
    }
    for number in 0..PAGE {
        let words = format!(
            "{number}: who wants *{}* cups of oolong, 茶泡好了？",
            number * 7_919
        );
        people[number % FACES].post(&words).await;
    }
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.is_live().await;
    let faces = "new Set([...document.querySelectorAll('#messages > .msg > .face')].map(({ src }) => src)).size";
    assert_eq!(ann.look::<usize>(faces).await, FACES);
    assert_eq!(ann.messages().await.len(), PAGE);
    let here = "[...document.querySelectorAll('#people-list .face')].every((image) => image.complete && image.naturalWidth > 0)";
    ann.until("the faces are there", here).await;
    let cost = "(() => {
        const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        const cost = {}, known = new Set();
        for (const { name, transferSize } of all) {
            // The same face again is not asked for again.
            if (known.has(name)) continue;
            known.add(name);
            const kind = name.includes('/avatar/') ? 'faces' : new URL(name).pathname.split('/').at(-1);
            const [n, bytes] = cost[kind] ?? [0, 0];
            cost[kind] = [n + 1, bytes + transferSize];
        }
        return cost;
    })()";
    let cost: std::collections::BTreeMap<String, (usize, u64)> = ann.look(cost).await;
    let requests: usize = cost.values().map(|(number, _)| number).sum();
    let bytes: u64 = cost.values().map(|(_, bytes)| bytes).sum();
    assert!(
        cost["faces"].0 >= FACES && cost["main.js"].0 == 1,
        "{cost:?}"
    );
    assert!(requests <= REQUESTS, "{requests} requests: {cost:?}");
    assert!(bytes <= BYTES, "{bytes} bytes: {cost:?}");
    ann.leave().await;
}

/// What a page begins with, in the form that a release sends where the browser takes Brotli: its document, its scripts and its sheet. Whoever
/// adds to it takes something else away, or raises this with a reason: docs/performance.md.
const BEGINNING: usize = 80_159;

#[tokio::test]
async fn what_a_page_begins_with_does_not_grow() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server).with("accept-language", "en");
    let page = guest.get("/").await.text();
    let (_, rest) = page.split_once("\"/static/").unwrap();
    let (tree, _) = rest.split_once('/').unwrap();
    let mut cost = vec![("the document", packed(page.as_bytes()))];
    for path in ["js/start.js", "js/main.js", "css/page.css"] {
        let file = guest.get(&format!("/static/{tree}/{path}")).await;
        assert_eq!(file.status, 200, "{path}");
        cost.push((path, packed(&file.body)));
    }
    let all: usize = cost.iter().map(|(_, bytes)| bytes).sum();
    assert!(all <= BEGINNING, "{all} bytes: {cost:?}");
}

/// The size in Brotli at its best.
fn packed(plain: &[u8]) -> usize {
    let parameters = brotli::enc::BrotliEncoderParams {
        size_hint: plain.len(),
        ..brotli::enc::BrotliEncoderParams::default()
    };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut small, &parameters).unwrap();
    small.len()
}
