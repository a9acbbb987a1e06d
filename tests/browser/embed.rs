//! The room in a page of another site, as its readers have it: with the browser's cookies as they are, with those of other sites
//! blocked, and where the browser keeps nothing at all.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::Person;
use super::blog::Blog;
use super::framed::{SCRIPT, SHADOW, Sites, browsers};
use crate::support::{Guest, Server, eventually};

/// The most bytes of the script that pages of other sites load, packed.
const SCRIPT_BYTES: usize = 5_120;

/// A reader opens the panel, says something, and is the same one at the next page; gives who they are.
async fn talks_and_stays(reader: &Person, words: &str) -> String {
    reader.opens_panel().await;
    reader.post(words).await;
    reader.goes_out_of_frame().await;
    let first = reader.who().await;
    reader.visits("/").await;
    reader.opens_panel().await;
    reader.hears(words).await;
    let mine = format!(
        "[...document.querySelectorAll('#messages > .msg.mine')].some((row) => row.textContent.includes({}))",
        json!(words)
    );
    reader.until("what they said is theirs", &mine).await;
    reader.goes_out_of_frame().await;
    assert_eq!(reader.who().await, first, "another visitor at each page");
    first
}

#[tokio::test]
async fn one_line_puts_a_bubble_into_a_page_and_asks_for_nothing_more_before_it_is_pressed() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.until("the page is loaded", "document.readyState === 'complete'")
        .await;
    let asked: Vec<String> = ann.abroad().await;
    assert_eq!(asked, [format!("{}/embed.js", sites.house())]);
    assert!(
        ann.look::<bool>(&format!("{SHADOW}.querySelector('iframe') === null"))
            .await
    );
    talks_and_stays(&ann, "what a pot").await;
    ann.picture("embed-bubble").await;
    ann.goes().await;
}

#[tokio::test]
async fn the_script_is_small_and_good_for_every_page() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    // A debug build packs worse than this.
    let packed = format!(
        "(async () => {{
            const script = await (await fetch('{}/embed.js')).blob();
            const packed = script.stream().pipeThrough(new CompressionStream('gzip'));
            return (await new Response(packed).arrayBuffer()).byteLength;
        }})()",
        sites.house()
    );
    let bytes: usize = ann.look(&packed).await;
    assert!(bytes <= SCRIPT_BYTES, "{bytes} bytes");
    let answer = Guest::of(&sites.server).get("/embed.js").await;
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    ann.goes().await;
}

#[tokio::test]
async fn it_works_where_cookies_of_other_sites_are_blocked() {
    let sites = Sites::open().await;
    let preferences =
        json!({"profile.block_third_party_cookies": true, "profile.cookie_controls_mode": 1});
    let browsers = browsers().preferring(preferences);
    let ann = sites.reader(&browsers, "/").await;
    talks_and_stays(&ann, "no cookies in here").await;
    ann.goes().await;
}

#[tokio::test]
async fn where_the_frame_may_keep_nothing_the_site_keeps_its_visitor() {
    let sites = Sites::open().await;
    let exceptions = json!({format!("{},*", sites.house()): {"setting": 2}});
    let preferences = json!({"profile.content_settings.exceptions.cookies": exceptions});
    let browsers = browsers().preferring(preferences);
    let ann = sites.reader(&browsers, "/").await;
    talks_and_stays(&ann, "nothing is kept in here").await;
    assert!(
        ann.look::<bool>("localStorage['teahouse.visitor'].startsWith('ths_')")
            .await
    );
    ann.goes().await;
}

#[tokio::test]
async fn where_the_browser_keeps_nothing_for_anybody_one_can_still_talk() {
    let sites = Sites::open().await;
    let browsers =
        browsers().preferring(json!({"profile.default_content_setting_values.cookies": 2}));
    let ann = sites.reader(&browsers, "/").await;
    ann.opens_panel().await;
    ann.post("gone with the page").await;
    ann.goes().await;
}

#[tokio::test]
async fn a_strict_policy_needs_two_words() {
    let sites = Sites::open().await;
    let house = sites.house();
    let policy = format!("default-src 'none'; script-src 'self' {house}; frame-src {house}");
    let page = sites.page(&format!("<h1>Strict</h1>{SCRIPT}"));
    sites.blog.strict_page("/strict", &page, &policy);
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/strict").await;
    ann.opens_panel().await;
    ann.post("within the policy").await;
    ann.goes_out_of_frame().await;
    let dressed = format!(
        "getComputedStyle({SHADOW}.querySelector('.bubble')).position === 'fixed' && {SHADOW}.querySelector('.panel').offsetWidth > 300"
    );
    assert!(ann.look::<bool>(&dressed).await, "it has its looks");
    ann.goes().await;
}

#[tokio::test]
async fn it_stays_when_a_site_swaps_its_body_and_may_stand_in_the_head() {
    let sites = Sites::open().await;
    let script = SCRIPT.replace(" defer", "");
    let page = sites.named(&format!(
        "<!doctype html><html lang=\"en\"><head><title>Swapped</title><script src=\"/told.js\"></script><script>(window.Teahouse ??= []).push((t) => {{ window.early = typeof t.open; }});</script>{script}</head><body><h1>One</h1></body></html>"
    ));
    sites.blog.page("/swapped", &page);
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/swapped").await;
    assert_eq!(ann.look::<String>("early").await, "function");
    ann.opens_panel().await;
    ann.write("half a sentence").await;
    ann.goes_out_of_frame().await;
    let swap = format!(
        "void (() => {{
            const body = document.createElement('body');
            const again = document.createElement('script');
            again.src = '{}/embed.js';
            again.onload = () => {{ window.loaded = true; }};
            body.append(Object.assign(document.createElement('h1'), {{ textContent: 'Two' }}), again);
            document.body.replaceWith(body);
        }})()",
        sites.house()
    );
    let _nothing: Value = ann.look(&swap).await;
    ann.until("the script has run again", "window.loaded").await;
    assert_eq!(
        ann.look::<usize>("document.querySelectorAll('html > div').length")
            .await,
        1
    );
    ann.goes_into_frame().await;
    assert_eq!(ann.draft().await, "half a sentence");
    ann.goes().await;
}

#[tokio::test]
async fn a_room_inside_a_page_comes_when_it_is_near_and_takes_no_focus() {
    let sites = Sites::open().await;
    let body = "<h1>Far down</h1><input id=\"field\"><div style=\"height: 3000px\"></div>\
        <script src=\"https://chat.example.org/embed.js\" data-bubble=\"off\" defer></script>\
        <teahouse-room room=\"1\" height=\"32rem\" lang=\"zh\" accent=\"#f0c000\"></teahouse-room>";
    sites.blog.page("/inside", &sites.page(body));
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/inside").await;
    ann.click("#field").await;
    let frames =
        "document.querySelector('teahouse-room').shadowRoot.querySelectorAll('iframe').length";
    ann.until("the page is drawn", "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        .await;
    assert_eq!(ann.look::<usize>(frames).await, 0, "it is far away");
    let _nothing: Value = ann
        .look("void document.querySelector('teahouse-room').scrollIntoView()")
        .await;
    ann.goes_into_frame().await;
    let accent: String = ann
        .look("document.documentElement.style.getPropertyValue('--jade')")
        .await;
    assert!(accent.starts_with("light-dark(rgb("), "{accent}");
    ann.goes_out_of_frame().await;
    let focus: String = ann.look("document.activeElement.id").await;
    assert_eq!(focus, "field", "the room takes nobody's focus");
    assert!(
        ann.look::<bool>("document.querySelector('html > div') === null")
            .await,
        "no bubble"
    );
    ann.picture("embed-inside").await;
    // In the site's language, until somebody chooses another.
    ann.goes_into_frame().await;
    ann.reads("#sign-in-button", "登录 / 注册").await;
    // The socket says so too, whatever the browser prefers.
    ann.reads("main h1", "大堂").await;
    ann.click("#menu-button").await;
    ann.click("#lang-en").await;
    ann.reads("#sign-in-button", "Sign in / Register").await;
    ann.goes().await;
}

#[tokio::test]
async fn a_site_that_is_not_listed_is_told_the_missing_line() {
    let sites = Sites::open().await;
    let other = Blog::open().await;
    other.page("/", &sites.page(SCRIPT));
    let browsers = browsers();
    let ann = browsers.stranger(&other.origin(), "en").await;
    ann.visits("/").await;
    ann.expects("the server responded with a status of 403");
    ann.presses(".bubble").await;
    ann.enters_frame().await;
    let line = json!(format!("hosts = [\"{}\"]", other.origin()));
    ann.until(
        "the line is named",
        &format!("document.body.innerText.includes({line})"),
    )
    .await;
    ann.goes().await;
}

#[tokio::test]
async fn on_a_second_site_one_is_another_visitor() {
    let first = Blog::open().await;
    let second = Blog::open().await;
    let hosts = format!("[\"{}\", \"{}\"]", first.origin(), second.origin());
    let server = Server::start(&[("embed.hosts", &hosts)]);
    let script = SCRIPT.replace("https://chat.example.org", &super::site(&server));
    for blog in [&first, &second] {
        blog.page(
            "/",
            &format!("<!doctype html><script src=\"/told.js\"></script><body>{script}</body>"),
        );
    }
    let browsers = browsers();
    let ann = browsers.stranger(&first.origin(), "en").await;
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    let here = ann.who().await;
    ann.browser.goto(second.origin()).await.unwrap();
    ann.until("the script is there", "window.Teahouse?.open")
        .await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert_ne!(ann.who().await, here);
    ann.goes().await;
}

#[tokio::test]
async fn by_keyboard_it_opens_writes_closes_and_the_focus_comes_back() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.click("#field").await;
    ann.press(Key::Tab).await;
    ann.until(
        "the bubble has the focus",
        &format!("{SHADOW}.activeElement?.className === 'bubble'"),
    )
    .await;
    ann.press(Key::Enter).await;
    ann.goes_into_frame().await;
    ann.until(
        "the box has the focus",
        "document.activeElement.id === 'say'",
    )
    .await;
    ann.type_in("by hand").await;
    ann.press(Key::Enter).await;
    ann.hears("by hand").await;
    ann.press(Key::Escape).await;
    ann.goes_out_of_frame().await;
    let closed = format!(
        "{SHADOW}.querySelector('.panel').hidden && {SHADOW}.activeElement?.className === 'bubble' && {SHADOW}.activeElement.ariaExpanded === 'false'"
    );
    ann.until("it is closed, and the focus is back", &closed)
        .await;
    ann.goes().await;
}

#[tokio::test]
async fn on_a_phone_it_takes_the_screen_and_what_is_below_stays_where_it_is() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.resize(390, 844).await;
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.picture("embed-phone").await;
    ann.goes_out_of_frame().await;
    let whole = format!(
        "(() => {{ const {{ left, top, width, height }} = {SHADOW}.querySelector('.panel').getBoundingClientRect(); return [left, top, width, height]; }})()"
    );
    assert_eq!(ann.look::<[f64; 4]>(&whole).await, [0.0, 0.0, 390.0, 844.0]);
    let still =
        "getComputedStyle(document.documentElement).overflow === 'hidden' && document.body.inert";
    assert!(ann.look::<bool>(still).await);
    ann.presses(".panel header button").await;
    ann.until("the page is free again", &format!("!({still})"))
        .await;
    ann.goes().await;
}

#[tokio::test]
async fn whoever_comes_back_sees_what_waits_before_they_open_it_and_is_not_there_yet() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.opens_panel().await;
    ann.post("back in a minute").await;
    ann.browser.goto("about:blank").await.unwrap();
    let lin = Guest::visiting(&sites.server).await;
    let mut feed = lin.feed().await.0;
    for words in ["who was that?", "we shall see"] {
        feed.post(words).await;
    }
    let people = async || {
        let mut guest = Guest::of(&sites.server);
        let presence = guest.get("/api/v1/rooms/1/people").await.json();
        presence["people"].as_i64()
    };
    eventually("she has gone", async || people().await == Some(1)).await;
    ann.visits("/").await;
    let badge = format!("{SHADOW}.querySelector('.bubble b').textContent === '2'");
    ann.until("two wait", &badge).await;
    assert_eq!(people().await, Some(1), "only whoever asked");
    ann.opens_panel().await;
    ann.hears("we shall see").await;
    assert_eq!(people().await, Some(2));
    ann.goes().await;
}
