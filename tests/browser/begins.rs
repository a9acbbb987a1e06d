//! A page that begins: whatever the browser is set to, with a word where it cannot, and kept for times
//! without a line from the first visit on. Days begin too, while it stands there.

use serde_json::{Value, json};

use super::offline::{is_looked_after, keeps};
use super::{Browsers, Road, site};
use crate::support::{Guest, Server};

#[tokio::test]
async fn a_browser_that_names_no_language_is_no_reason_to_stand_still() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let odd = "Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C' })";
    let before = json!({"source": odd});
    ann.devtools("Page.addScriptToEvaluateOnNewDocument", before)
        .await;
    ann.reload().await;
    ann.post("all the same").await;
    ann.leave().await;
}

#[tokio::test]
async fn a_page_that_cannot_begin_says_so() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let told = "document.getElementById('state')?.innerText === 'The page could not start. Reload'";
    // A part that does not come, and one that fails.
    let ann = browsers.person(&site(&server), "en").await;
    ann.expects("ERR_BLOCKED");
    ann.expects("broken on purpose");
    let block = json!({"urls": ["*/js/main.js"]});
    ann.devtools("Network.enable", json!({})).await;
    ann.devtools("Network.setBlockedURLs", block).await;
    ann.devtools("Network.setCacheDisabled", json!({"cacheDisabled": true}))
        .await;
    ann.devtools("Network.setBypassServiceWorker", json!({"bypass": true}))
        .await;
    ann.arrive().await;
    ann.until("it says so", told).await;
    assert_eq!(ann.text("#state-spoken").await, "The page could not start.");
    ann.devtools("Network.setBlockedURLs", json!({"urls": []}))
        .await;
    let broken = "window.ResizeObserver = class { constructor() { if (!sessionStorage.mended) throw new Error('broken on purpose'); } observe() {} unobserve() {} disconnect() {} }";
    let before = json!({"source": broken});
    ann.devtools("Page.addScriptToEvaluateOnNewDocument", before)
        .await;
    ann.arrive().await;
    ann.until("it says so again", told).await;
    let _nothing: Value = ann.look("void (sessionStorage.mended = 1)").await;
    ann.click("#state button").await;
    ann.is_live().await;
    ann.post("here I am").await;
    ann.leave().await;
}

#[tokio::test]
async fn a_page_is_there_without_a_line_after_its_first_visit() {
    let server = Server::start(&[]);
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    other.post("from before").await;
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = browsers.person(&road.site(), "en").await;
    ann.expects_cuts();
    is_looked_after(&ann).await;
    keeps(&ann, "/", "from before").await;
    ann.until(
        "with the parts that it has",
        "(caches.open('parts').then((cache) => cache.keys()).then((all) => {
            const kept = new Set(all.map(({ url }) => url));
            globalThis.allKept = [...document.querySelectorAll('script[src]')].every(({ src }) => kept.has(src));
        }), globalThis.allKept)",
    )
    .await;
    road.cut().await;
    ann.arrive().await;
    ann.is_cut_off().await;
    assert_eq!(ann.texts().await, ["from before"]);
    ann.say("written on the train").await;
    road.mend(&server).await;
    ann.hears("written on the train").await;
}

#[tokio::test]
async fn yesterday_is_called_so_after_a_sleep() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.post("good night").await;
    ann.reads("#messages .day", "Today").await;
    for (what, sign) in [
        (
            "looked at again",
            "document.dispatchEvent(new Event('visibilitychange'))",
        ),
        ("taken up again", "dispatchEvent(new Event('pageshow'))"),
    ] {
        let sleep = format!(
            "(() => {{
                const real = Date;
                window.awake = () => {{ window.Date = real; {sign}; }};
                window.Date = class extends real {{
                    constructor(...all) {{ if (all.length) super(...all); else super(real.now() + 86_400_000); }}
                    static now() {{ return real.now() + 86_400_000; }}
                }};
                {sign};
                return true;
            }})()"
        );
        assert!(ann.look::<bool>(&sleep).await);
        assert_eq!(ann.text("#messages .day").await, "Yesterday", "{what}");
        let _nothing: Value = ann.look("void awake()").await;
        assert_eq!(ann.text("#messages .day").await, "Today", "{what}");
    }
    ann.leave().await;
}
