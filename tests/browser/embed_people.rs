//! Who one is in the frame of another site: as that site says, by the window for signing in, and whatever others try to say.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::blog::Blog;
use super::company::member;
use super::framed::{SCRIPT, SHADOW, Sites, browsers};
use super::{PATIENCE, Person};
use crate::support::{Guest, Server};

const PASSWORD: &str = "七碗 chest of leaves";

/// A page whose site says who is there.
const KNOWING: &str = "<script src=\"https://chat.example.org/embed.js\" data-room=\"1\" data-identity=\"/who\" defer></script>";

/// Forged messages of each kind.
const FORGED: usize = 100;

/// Goes into the window that has just been opened; gives the one before.
async fn enters_window(person: &Person) -> WindowHandle {
    let here = person.browser.window().await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let all = person.browser.windows().await.unwrap();
        if let Some(other) = all.into_iter().find(|each| *each != here) {
            person.browser.switch_to_window(other).await.unwrap();
            return here;
        }
        assert!(Instant::now() < deadline, "no window opens");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

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
    ann.into_frame().await;
    ann.click("#menu-button").await;
    ann.click("#open-sign-in").await;
    let back = enters_window(&ann).await;
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
    // Signing out there is about the frame alone.
    ann.forgets().await;
    let _nothing: Value = ann.look("void Teahouse.signOut()").await;
    ann.is_told("identity").await;
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
    ann.write("half a secret").await;
    let session = "Object.entries(localStorage).find(([key]) => key.endsWith('.session'))[1]";
    let before: String = ann.look(session).await;
    ann.goes_out_of_frame().await;
    let first = ann.who().await;
    ann.forgets().await;
    let _nothing: Value = ann.look("void Teahouse.identify(null)").await;
    assert_ne!(ann.who().await, first);
    ann.goes_into_frame().await;
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
    ann.into_frame().await;
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
    ann.goes_out_of_frame().await;
    let told: Vec<(String, Value)> = ann.look("told").await;
    let told: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!told.contains(&"identity"), "{told:?}");
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert_eq!(ann.who().await, who);
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
    ann.into_frame().await;
    ann.until(
        "one can sign in",
        "[...document.querySelectorAll('#closed button, #shell-sign-in')].some((button) => button.checkVisibility() && button.textContent === 'Sign in')",
    )
    .await;
    ann.goes().await;
}
