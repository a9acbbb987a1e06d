//! The room in a page of another site for everybody: by the rules of accessibility, in the colours that the system chooses, without
//! motion, by keyboard alone.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::framed::{SHADOW, Sites, browsers};
use super::{Browsers, Person};

/// What is ours in a page of the site.
const BUBBLE: &str = "html > div";

/// Themes, and the widths of a laptop and of a phone.
const LOOKS: [(&str, u32); 3] = [("light", 1280), ("dark", 1280), ("light", 390)];

/// Opens the panel by its button.
async fn opens_by_key(person: &Person) {
    person.click("#field").await;
    person.press(Key::Tab).await;
    person.press(Key::Enter).await;
    person.goes_into_frame().await;
    person
        .until(
            "the box has the focus",
            "document.activeElement.id === 'say'",
        )
        .await;
}

/// What the browser says of the user's wishes, in the page and in its frames.
async fn wishes(person: &Person, name: &str, value: &str) {
    let features = json!({"features": [{"name": name, "value": value}]});
    person
        .devtools("Emulation.setEmulatedMedia", features)
        .await;
    let heard = format!("matchMedia('({name}: {value})').matches");
    person.until("the page hears of it", &heard).await;
}

/// Opens a page of the server's own site: the browser has frames of it in the same process, so that they hear of the same wishes.
async fn near(sites: &Sites, browsers: &Browsers) -> Person {
    let person = browsers.stranger(&sites.blog.near_origin(), "en").await;
    person.visits("/").await;
    person
}

#[tokio::test]
async fn bubble_panel_and_room_break_no_rule_of_accessibility() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    for (theme, width) in LOOKS {
        let at = |what: &str| format!("{what}, {theme}, {width} px");
        ann.resize(width, 844).await;
        ann.visits("/").await;
        let _nothing: Value = ann
            .look(&format!("void Teahouse.look({{ theme: '{theme}' }})"))
            .await;
        ann.breaks_no_rule(&at("the bubble"), &[BUBBLE]).await;
        ann.opens_panel().await;
        if theme == "light" && width == 1280 {
            ann.write("for *everybody*: https://example.org/ `tea`")
                .await;
            ann.press(Key::Enter).await;
            ann.hears("for everybody: https://example.org/ tea").await;
        }
        ann.until(
            "it is dressed",
            &format!("document.documentElement.dataset.theme === '{theme}'"),
        )
        .await;
        ann.breaks_no_rule(&at("the room"), &["html"]).await;
        ann.click("#menu-button").await;
        ann.breaks_no_rule(&at("the menu"), &["html"]).await;
        ann.press(Key::Escape).await;
        ann.goes_out_of_frame().await;
        ann.breaks_no_rule(&at("the panel"), &[BUBBLE]).await;
    }
    ann.goes().await;
}

#[tokio::test]
async fn a_room_inside_a_page_breaks_no_rule_of_accessibility() {
    let sites = Sites::open().await;
    let body = "<main><h1>Inside</h1>\
        <script src=\"https://chat.example.org/embed.js\" data-bubble=\"off\" defer></script>\
        <teahouse-room room=\"1\" accent=\"#f0c000\"></teahouse-room></main>";
    sites.blog.page("/inside", &sites.page(body));
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/inside").await;
    ann.goes_into_frame().await;
    ann.post("in the colour of the site").await;
    ann.breaks_no_rule("the room", &["html"]).await;
    ann.goes_out_of_frame().await;
    ann.breaks_no_rule("the element", &["teahouse-room"]).await;
    ann.goes().await;
}

#[tokio::test]
async fn in_the_systems_own_colours_bubble_and_panel_have_an_edge_and_the_focus_is_seen() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = near(&sites, &browsers).await;
    wishes(&ann, "forced-colors", "active").await;
    ann.click("#field").await;
    ann.press(Key::Tab).await;
    let edge = |css: &str| {
        format!(
            "(() => {{
                const look = getComputedStyle({SHADOW}.querySelector('{css}'));
                return parseFloat(look.borderTopWidth) >= 2 && look.borderTopStyle === 'solid' && look.borderTopColor !== look.backgroundColor;
            }})()"
        )
    };
    assert!(ann.look::<bool>(&edge(".bubble")).await, "the bubble");
    let focus = format!(
        "(() => {{
            const look = getComputedStyle({SHADOW}.activeElement);
            return parseFloat(look.outlineWidth) >= 3 && look.outlineStyle === 'solid' && look.outlineColor !== getComputedStyle(document.body).backgroundColor;
        }})()"
    );
    assert!(ann.look::<bool>(&focus).await, "its focus");
    let drawn = format!(
        "(() => {{
            const [line, ground] = [getComputedStyle({SHADOW}.querySelector('svg')).stroke, getComputedStyle({SHADOW}.querySelector('.bubble')).backgroundColor];
            return line !== 'none' && line !== ground;
        }})()"
    );
    assert!(ann.look::<bool>(&drawn).await, "its sign");
    ann.presses(".bubble").await;
    assert!(ann.look::<bool>(&edge(".panel")).await, "the panel");
    ann.goes_into_frame().await;
    ann.until(
        "the frame, too",
        "matchMedia('(forced-colors: active)').matches",
    )
    .await;
    ann.picture("embed-forced-colours").await;
    ann.breaks_no_rule("the room", &["html"]).await;
    ann.goes().await;
}

#[tokio::test]
async fn for_whom_motion_is_reduced_nothing_moves() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = near(&sites, &browsers).await;
    let moves = format!(
        "({SHADOW}.querySelector('.panel').hidden = false, getComputedStyle({SHADOW}.querySelector('.panel')).animationName)"
    );
    wishes(&ann, "prefers-reduced-motion", "no-preference").await;
    assert_eq!(ann.look::<String>(&moves).await, "in");
    ann.visits("/").await;
    wishes(&ann, "prefers-reduced-motion", "reduce").await;
    assert_eq!(ann.look::<String>(&moves).await, "none");
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.until(
        "the frame, too",
        "matchMedia('(prefers-reduced-motion: reduce)').matches",
    )
    .await;
    // Every animation that begins is written down.
    let _nothing: Value = ann
        .look("void (window.moved = [], ['animationstart', 'transitionstart'].forEach((kind) => addEventListener(kind, ({ target, animationName, propertyName }) => moved.push(`${target.id || target.className} ${animationName ?? propertyName}`), true)))")
        .await;
    ann.click("#menu-button").await;
    ann.until(
        "the menu",
        "document.getElementById('menu').matches(':popover-open')",
    )
    .await;
    ann.press(Key::Escape).await;
    ann.post("still").await;
    assert_eq!(ann.look::<Vec<String>>("moved").await, Vec::<String>::new());
    ann.goes().await;
}

#[tokio::test]
async fn escape_closes_what_is_uppermost_first_and_the_panel_last() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    opens_by_key(&ann).await;
    ann.click("#menu-button").await;
    let menu = "document.getElementById('menu').matches(':popover-open')";
    ann.until("the menu", menu).await;
    ann.press(Key::Escape).await;
    ann.until("the menu is closed", &format!("!{menu}")).await;
    let open = format!("!{SHADOW}.querySelector('.panel').hidden");
    ann.goes_out_of_frame().await;
    assert!(ann.look::<bool>(&open).await, "the panel stays");
    ann.enters_frame().await;
    ann.press(Key::Escape).await;
    ann.goes_out_of_frame().await;
    ann.until("the panel is closed", &format!("!({open})"))
        .await;
    ann.goes().await;
}

#[tokio::test]
async fn on_a_phone_the_focus_stays_in_the_panel_until_it_is_closed() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/").await;
    ann.resize(390, 844).await;
    ann.visits("/").await;
    opens_by_key(&ann).await;
    ann.goes_out_of_frame().await;
    // From its first button on, once around: nothing of the page below is reached.
    let _nothing: Value = ann
        .look(&format!(
            "void {SHADOW}.querySelector('.panel header button').focus()"
        ))
        .await;
    let _nothing: Value = ann
        .look("void (window.reached = [], document.body.addEventListener('focusin', ({ target }) => reached.push(target.id)))")
        .await;
    for _ in 0..40 {
        ann.press(Key::Tab).await;
    }
    let reached: Vec<String> = ann.look("reached").await;
    assert_eq!(reached, Vec::<String>::new());
    ann.presses(".panel header button").await;
    let back = format!("{SHADOW}.activeElement?.className === 'bubble'");
    ann.until("the focus is back", &back).await;
    ann.goes().await;
}
