//! Who one is in the frame of another site: as that site says, by the window for signing in, and whatever others try to say.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::Person;
use super::blog::Blog;
use super::company::member;
use super::framed::{SCRIPT, SHADOW, Sites, browsers};
use crate::support::{Guest, Server};

const PASSWORD: &str = "七碗 chest of leaves";

/// A page whose site says who is there.
const KNOWING: &str = "<script src=\"https://chat.example.org/embed.js\" data-room=\"1\" data-identity=\"/who\" defer></script>";

/// How many messages the frame keeps to be sent.
const UNSENT: &str = "() => new Promise((done) => {
    const opening = indexedDB.open('teahouse');
    opening.onsuccess = () => {
        const count = opening.result.transaction('unsent').objectStore('unsent').count();
        count.onsuccess = () => {
            opening.result.close();
            done(count.result);
        };
    };
})";

/// Forged messages of each kind.
const FORGED: usize = 100;

#[tokio::test]
async fn one_signs_in_in_a_window_of_the_house_and_is_asked() {
    let sites = Sites::open().await;
    let mut guest = Guest::visiting(&sites.server).await;
    assert_eq!(guest.register("Ada", PASSWORD).await.status, 200);
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.expects("the server responded with a status of 401");
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert!(ann.who().await.starts_with('v'));
    ann.forgets().await;
    ann.enters_frame().await;
    ann.click("#menu-button").await;
    ann.click("#open-sign-in").await;
    let back = ann.enters_window().await;
    ann.write_into("#connect-name", "Ada").await;
    ann.write_into("#connect-password", "not this one").await;
    ann.press(Key::Enter).await;
    ann.until(
        "it is refused",
        "document.getElementById('connect-problem').textContent !== ''",
    )
    .await;
    ann.find("#connect-password").await.clear().await.unwrap();
    ann.write_into("#connect-password", PASSWORD).await;
    ann.press(Key::Enter).await;
    let asked = format!(
        "document.getElementById('connect-question').checkVisibility() && document.getElementById('connect-question').textContent.includes('Ada') && document.getElementById('connect-question').textContent.includes({})",
        json!(sites.blog.origin().replace("http://", ""))
    );
    ann.until("they are asked", &asked).await;
    ann.picture("embed-connect").await;
    ann.click("#connect-yes").await;
    ann.browser.switch_to_window(back).await.unwrap();
    ann.goes_out_of_frame().await;
    let told = ann.is_told("identity").await;
    assert_eq!(told["name"], "Ada");
    ann.goes_into_frame().await;
    ann.post("as myself").await;
    assert_eq!(ann.hears("as myself").await.name, "Ada");
    let address: String = ann.look("location.hash").await;
    assert_eq!(address, "", "no code stays in the address");
    // They are the same at the next page, and somebody else once they have signed out.
    ann.goes_out_of_frame().await;
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert_eq!(ann.is_told("identity").await["name"], "Ada");
    ann.forgets().await;
    let _nothing: Value = ann.look("void Teahouse.signOut()").await;
    assert!(ann.who().await.starts_with('v'));
    let kept: bool = ann
        .look("Object.values(localStorage).some((value) => value.includes('ths_'))")
        .await;
    assert!(!kept, "an account's token is never given to the site");
    ann.goes().await;
}

#[tokio::test]
async fn on_pages_of_the_houses_own_site_one_is_who_one_is_at_the_house() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let mut ann = member(&browsers, &sites.server, &sites.house(), "Ada").await;
    ann.write("half a sentence").await;
    ann.site = sites.blog.near_origin();
    ann.visits("/").await;
    ann.opens_panel().await;
    // They are the same, and so is what they have begun.
    assert_eq!(ann.text("#me-name").await, "Ada");
    assert_eq!(ann.draft().await, "half a sentence");
    ann.goes_out_of_frame().await;
    assert_eq!(ann.is_told("identity").await["name"], "Ada");
    // Signing out there is about the frame alone, where they are a visitor from then on, at the next page, too.
    ann.forgets().await;
    ann.enters_frame().await;
    ann.click("#menu-button").await;
    ann.click("#sign-out").await;
    ann.goes_out_of_frame().await;
    let visitor = ann.who().await;
    assert!(visitor.starts_with('v'), "{visitor}");
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert_eq!(ann.who().await, visitor);
    // Until they sign in: then they are who they are at the house again, at the next page, too.
    ann.enters_frame().await;
    ann.signs_in_by_window("Ada", PASSWORD).await;
    ann.goes_out_of_frame().await;
    ann.visits("/").await;
    ann.opens_panel().await;
    assert_eq!(ann.text("#me-name").await, "Ada");
    ann.goes_out_of_frame().await;
    ann.site = sites.house();
    ann.open().await;
    assert_eq!(ann.text("#me-name").await, "Ada");
    assert_eq!(ann.draft().await, "half a sentence");
    ann.leave().await;
}

#[tokio::test]
async fn another_person_sees_and_sends_nothing_of_the_one_before() {
    let sites = Sites::open().await;
    sites.blog.page("/known", &sites.page(KNOWING));
    sites.blog.json("/who", "{\"token\": null}");
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/known").await;
    ann.opens_panel().await;
    ann.post("mine").await;
    // What cannot go out waits, and is kept for when it can.
    let _nothing: Value = ann.look("void (WebSocket.prototype.send = () => {})").await;
    ann.say("a secret").await;
    ann.look::<bool>(&format!(
        "(async () => {{ while ((await ({UNSENT})()) !== 1) await new Promise((done) => setTimeout(done, 20)); return true; }})()"
    ))
    .await;
    ann.write("half a secret").await;
    let session = "Object.entries(localStorage).find(([key]) => key.endsWith('.session'))[1]";
    let before: String = ann.look(session).await;
    ann.goes_out_of_frame().await;
    let first = ann.who().await;
    ann.forgets().await;
    let _nothing: Value = ann.look("void Teahouse.identify(null)").await;
    assert_ne!(ann.who().await, first);
    ann.goes_into_frame().await;
    assert_eq!(ann.look::<usize>(&format!("({UNSENT})()")).await, 0);
    assert_eq!(ann.draft().await, "");
    ann.hears("mine").await;
    assert_eq!(
        ann.look::<usize>("document.querySelectorAll('#messages > .msg.mine').length")
            .await,
        0
    );
    let left: bool = ann
        .look("Object.values(localStorage).some((value) => value.includes('secret'))")
        .await;
    assert!(!left, "a draft was left");
    let mut guest = Guest::of(&sites.server).with("authorization", &format!("Bearer {before}"));
    let answer = guest.get("/api/v1/me").await;
    assert_eq!((answer.status, answer.error().as_str()), (401, "bad_token"));
    ann.goes().await;
}

#[tokio::test]
async fn the_frame_hears_one_greeting_of_the_window_above_and_nobody_else() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    let who = ann.who().await;
    ann.forgets().await;
    // From the page itself, from a frame beside it, and from within the frame's own window.
    let forge = format!(
        "const forge = (target) => {{
            for (let i = 0; i < {FORGED}; i += 1) {{
                const {{ port1, port2 }} = new MessageChannel();
                target.postMessage({{ teahouse: 1, type: 'hello', look: {{ accent: 'red' }}, shown: true, identity: true }}, '*', [port2]);
                target.postMessage({{ teahouse: 1, type: 'identify', token: 'a.b.c' }}, '*');
                target.postMessage({{ type: 'sign-out' }}, '*');
            }}
        }};"
    );
    let from_page =
        format!("(() => {{ {forge} forge({SHADOW}.querySelector('iframe').contentWindow); }})()");
    let _nothing: Value = ann.look(&format!("void {from_page}")).await;
    let beside = sites.page(&format!(
        "<script>{forge} forge(parent.frames[0]); forge(parent.document.querySelector('html > div').shadowRoot.querySelector('iframe').contentWindow); parent.forged = true;</script>"
    ));
    sites.blog.page("/beside", &beside);
    let _nothing: Value = ann
        .look("void document.body.append(Object.assign(document.createElement('iframe'), { src: '/beside' }))")
        .await;
    ann.until("the frame beside has tried", "window.forged")
        .await;
    ann.enters_frame().await;
    let _nothing: Value = ann
        .look(&format!("void (() => {{ {forge} forge(window); }})()"))
        .await;
    // What was posted before is heard before.
    ann.until(
        "the last one is heard",
        "(window.heard ??= (addEventListener('message', ({ data }) => { if (data === 'last') window.last = true; }), postMessage('last', '*'), true)) && window.last",
    )
    .await;
    assert!(
        ann.look::<bool>("document.querySelector('#state[data-state=live]') !== null && document.documentElement.style.length === 0")
            .await,
        "it looks as it did"
    );
    ann.post("still me").await;
    ann.press(Key::Escape).await;
    ann.goes_out_of_frame().await;
    ann.until(
        "the page still hears the frame",
        &format!("{SHADOW}.querySelector('.panel').hidden"),
    )
    .await;
    let told: Vec<(String, Value)> = ann.look("told").await;
    let told: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!told.contains(&"identity"), "{told:?}");
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert_eq!(ann.who().await, who);
    ann.goes().await;
}

/// Greets a frame as its host would, again and again, and then says that this was all.
const GREET: &str = "const greet = (target) => {
        window.heard = [];
        for (let i = 0; i < 100; i += 1) {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data }) => heard.push(data);
            target.postMessage({ teahouse: 1, type: 'hello', look: {}, shown: true, identity: false }, '*', [port2]);
        }
        target.postMessage('last', '*');
    };";

/// In a frame: hears that this was all.
const LISTEN: &str =
    "void addEventListener('message', ({ data }) => { window.last ||= data === 'last'; })";

/// Nobody has been taken for the host of the frame that they look into.
async fn is_not_greeted(ann: &Person) {
    ann.until("everything is heard", "window.last").await;
    // Whoever had been taken for it would have been answered before the house has answered this.
    let asked = "fetch('/healthz').then(() => fetch('/healthz')).then(() => true)";
    assert!(ann.look::<bool>(asked).await);
    assert_eq!(ann.text("#shell-text").await, "One moment…");
    let nobody = "!Object.keys(localStorage).some((key) => key.endsWith('.session'))";
    assert!(ann.look::<bool>(nobody).await);
}

#[tokio::test]
async fn who_opens_the_frame_in_a_window_is_not_its_host() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    let address = format!(
        "{}/embed/rooms/1?host={}&lang=en",
        sites.house(),
        sites.blog.origin()
    );
    let open = format!("void (window.opened = open({}))", json!(address));
    let _nothing: Value = ann.look(&open).await;
    let back = ann.enters_window().await;
    ann.until("it is loaded", "document.readyState === 'complete'")
        .await;
    let frame = ann.browser.window().await.unwrap();
    let _nothing: Value = ann.look(LISTEN).await;
    ann.browser.switch_to_window(back).await.unwrap();
    let greet = format!("void (() => {{ {GREET} greet(opened); }})()");
    let _nothing: Value = ann.look(&greet).await;
    ann.browser.switch_to_window(frame).await.unwrap();
    // In a window of its own the browser asks for an icon.
    ann.expects("favicon.ico");
    is_not_greeted(&ann).await;
    ann.browser.close_window().await.unwrap();
    ann.browser
        .switch_to_window(ann.browser.windows().await.unwrap().remove(0))
        .await
        .unwrap();
    let heard: Vec<Value> = ann.look("heard").await;
    assert!(heard.is_empty(), "{heard:?}");
    ann.goes().await;
}

#[tokio::test]
async fn one_listed_site_cannot_speak_for_another() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let mut ann = sites.reader(&browsers, "/").await;
    // The frame is told that it belongs to the one, and stands in a page of the other.
    ann.site = sites.blog.near_origin();
    let address = format!(
        "{}/embed/rooms/1?host={}&lang=en",
        sites.house(),
        sites.blog.origin()
    );
    let page = format!("<!doctype html><iframe src=\"{address}\"></iframe>");
    sites.blog.page("/other", &page);
    ann.goto("/other").await;
    ann.until("it is loaded", "document.readyState === 'complete'")
        .await;
    ann.find("iframe").await.enter_frame().await.unwrap();
    let _nothing: Value = ann.look(LISTEN).await;
    ann.goes_out_of_frame().await;
    let greet = format!("void (() => {{ {GREET} greet(frames[0]); }})()");
    let _nothing: Value = ann.look(&greet).await;
    ann.find("iframe").await.enter_frame().await.unwrap();
    is_not_greeted(&ann).await;
    ann.goes_out_of_frame().await;
    let heard: Vec<Value> = ann.look("heard").await;
    assert!(heard.is_empty(), "{heard:?}");
    ann.goes().await;
}

#[tokio::test]
async fn a_closed_panel_counts_what_comes_and_the_site_is_told() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    ann.presses(".bubble").await;
    let mut lin = Guest::visiting(&sites.server).await.feed().await.0;
    lin.post("is anybody there?").await;
    let told = ann.is_told("message").await;
    assert_eq!(told["text"], "is anybody there?");
    let badge = format!(
        "{SHADOW}.querySelector('.bubble b').textContent === '1' && {SHADOW}.querySelector('.bubble').ariaLabel.includes('1 unread')"
    );
    ann.until("the bubble says that one waits", &badge).await;
    ann.opens_panel().await;
    ann.hears("is anybody there?").await;
    ann.goes_out_of_frame().await;
    ann.until(
        "nothing waits any more",
        &format!("{SHADOW}.querySelector('.bubble b').hidden"),
    )
    .await;
    ann.goes().await;
}

#[tokio::test]
async fn without_guests_a_frame_offers_to_sign_in() {
    let blog = Blog::open().await;
    let hosts = format!("[\"{}\"]", blog.origin());
    let server = Server::start(&[("embed.hosts", &hosts), ("chat.guests", "off")]);
    let sites = Sites { server, blog };
    sites.blog.page("/", &sites.page(SCRIPT));
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.presses(".bubble").await;
    ann.enters_frame().await;
    ann.until(
        "one can sign in",
        "[...document.querySelectorAll('#closed button, #shell-sign-in')].some((button) => button.checkVisibility() && button.textContent === 'Sign in')",
    )
    .await;
    ann.goes().await;
}
