//! The site's part of the settings: the snippet works where it is put, the preview shows it before, and a token is tried.

use serde_json::{Value, json};

use super::company::Companion;
use super::fits::fits;
use super::framed::{Sites, browsers};
use super::keys::{copied, opens};
use super::settings::{pick, settings};
use super::{Browsers, Person, site};
use crate::support::site::{SECRET, SETTINGS, claims, signed, token};
use crate::support::{Guest, Server};

/// The owner of a server, before a browser at the site's settings.
async fn owner(browsers: &Browsers, server: &Server, languages: &str) -> Person {
    drop(Companion::named(server, "Olga").await);
    server.crown("Olga");
    let olga = opens(browsers, server, languages, "Olga").await;
    settings(&olga, "site").await;
    olga.find("#snippet-room option").await;
    olga
}

async fn shows(person: &Person, css: &str, value: &str) {
    let field = json!(value);
    let set = format!(
        "(() => {{ const field = document.querySelector('{css}'); field.value = {field}; field.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); }})()"
    );
    let _nothing: Value = person.look(&set).await;
}

#[tokio::test]
async fn the_snippet_that_is_shown_works_in_a_page_of_the_site() {
    let sites = Sites::open().await;
    let browsers = browsers();
    let mut company = Companion::named(&sites.server, "Ann").await;
    let tea = company.makes("public", "Tea & <cake>").await;
    company.says(tea, "the kettle is on").await;
    let olga = owner(&browsers, &sites.server, "en").await;
    let mut joined = Guest::visiting(&sites.server).await;
    assert_eq!(
        joined
            .sign_in("Olga", super::company::PASSWORD)
            .await
            .status,
        200
    );
    let path = format!("/api/v1/rooms/{tea}/join");
    assert_eq!(joined.change("POST", &path, &Value::Null).await.status, 200);
    olga.until(
        "the room is known",
        "[...document.querySelectorAll('.rail .name')].some(({ textContent }) => textContent === 'Tea & <cake>')",
    )
    .await;
    olga.click("#tab-look").await;
    olga.click("#tab-site").await;
    shows(&olga, "#snippet-room", &tea.to_string()).await;
    pick(&olga, "frame-theme", "dark").await;
    pick(&olga, "frame-lang", "zh").await;
    pick(&olga, "position", "left").await;
    olga.click("#snippet-form .switch:has([name=coloured])")
        .await;
    shows(&olga, "#snippet-accent", "#7a3c9a").await;
    let bubble = copied(&olga, "#snippet-copy", "Snippet copied.").await;
    let house = sites.house();
    assert_eq!(
        bubble,
        format!(
            "<script src=\"{house}/embed.js\" data-room=\"{tea}\" data-lang=\"zh\" data-theme=\"dark\" data-accent=\"#7a3c9a\" data-position=\"left\" defer></script>"
        )
    );
    assert_eq!(olga.text("#snippet").await, bubble);
    pick(&olga, "way", "inside").await;
    let inside = copied(&olga, "#snippet-copy", "Snippet copied.").await;
    olga.leave().await;

    sites.blog.page("/bubble", &sites.page(&bubble));
    sites.blog.page("/inside", &sites.page(&inside));
    let reader = sites.reader(&browsers, "/bubble").await;
    let side = "document.querySelector('html > div').dataset.position";
    assert_eq!(reader.look::<String>(side).await, "left");
    reader.opens_panel().await;
    reader.hears("the kettle is on").await;
    let looks = "[document.documentElement.lang, document.documentElement.dataset.theme]";
    assert_eq!(
        reader.look::<(String, String)>(looks).await,
        ("zh-CN".to_owned(), "dark".to_owned())
    );
    reader.goes_out_of_frame().await;
    reader.visits("/inside").await;
    let room = reader.find("teahouse-room").await;
    room.scroll_into_view().await.unwrap();
    reader.goes_into_frame().await;
    reader.hears("the kettle is on").await;
    reader.goes().await;
}

#[tokio::test]
async fn the_line_that_is_missing_is_shown_and_the_preview_is_for_admins() {
    let server = Server::start(&[("embed.hosts", "[\"https://*.example.org\"]")]);
    let browsers = Browsers::start();
    let olga = owner(&browsers, &server, "en").await;
    for (address, said) in [
        ("https://blog.example.org/2026/tea", "may show rooms"),
        ("https://example.org", "does not know https://example.org"),
        ("http://blog.example.net", "https://blog.example.org"),
        ("blog", "An address such as"),
    ] {
        shows(&olga, "#snippet-host", address).await;
        let state = olga.text("#snippet-host-state").await;
        assert!(state.contains(said), "{address}: {state}");
    }
    shows(&olga, "#snippet-host", "https://Tea.example.net/").await;
    let lines = copied(&olga, "#snippet-config button", "Lines copied.").await;
    assert_eq!(
        lines,
        "[embed]\nhosts = [\"https://*.example.org\", \"https://tea.example.net\"]"
    );
    let table: toml::Table = toml::from_str(&lines).unwrap();
    assert!(table["embed"]["hosts"].is_array());

    // The server's own address is on no list; in the preview the room is there, as who looks at it.
    let preview: String = olga
        .look("document.getElementById('snippet-preview').getAttribute('href')")
        .await;
    for (path, inside) in [
        (preview.clone(), false),
        (preview.replace("inside=false", "inside=true"), true),
    ] {
        olga.goto(&path).await;
        olga.until("the script is there", "window.Teahouse?.open")
            .await;
        if inside {
            olga.goes_into_frame().await;
        } else {
            olga.opens_panel().await;
        }
        olga.reads("#me-name", "Olga").await;
        olga.post(&format!("tried, inside: {inside}")).await;
        olga.goes_out_of_frame().await;
        olga.picture(&format!("preview-{inside}")).await;
    }
    // It is one of the places where she is signed in.
    let house = site(&server);
    olga.open().await;
    settings(&olga, "devices").await;
    let named = format!(
        "[...document.querySelectorAll('#devices b')].some(({{ textContent }}) => textContent === 'On {}')",
        server.addr()
    );
    olga.until("the place is named", &named).await;
    olga.leave().await;

    let mut others = [
        Guest::visiting(&server).await,
        Guest::visiting(&server).await,
    ];
    assert_eq!(
        others[1].register("Bob", "a long pass phrase").await.status,
        200
    );
    for other in &mut others {
        assert!(
            [401, 403].contains(&other.get(&preview).await.status),
            "the preview"
        );
        assert!(
            [401, 403].contains(&other.get("/settings/site").await.status),
            "the hosts"
        );
        let frame = other
            .get(&format!("/embed/rooms/1?host={house}&lang=en"))
            .await;
        assert_eq!(frame.status, 403);
        let entry = json!({"host": house});
        let entered = other.change("POST", "/api/v1/embed/session", &entry).await;
        assert_eq!(entered.error(), "host_not_allowed");
    }
}

#[tokio::test]
async fn a_token_is_tried_without_being_used_or_written_down() {
    let mut server = Server::start(&SETTINGS);
    let rules = format!(
        "--host-resolver-rules=MAP chat.example.org {} , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1, EXCLUDE localhost",
        server.addr()
    );
    let rules: &'static str = rules.leak();
    // As if it were https: the browser would say that it is not.
    let trusted = "--unsafely-treat-insecure-origin-as-secure=http://chat.example.org";
    let browsers = Browsers::with(vec![rules, trusted].leak());
    drop(Companion::named(&server, "Olga").await);
    server.crown("Olga");
    let olga = browsers.person(crate::support::site::HOUSE, "en").await;
    olga.choose("#open-sign-in").await;
    super::company::signs_in(&olga, "Olga").await;
    olga.reads("#me-name", "Olga").await;
    olga.is_live().await;
    settings(&olga, "site").await;
    olga.find("#check-token").await;
    let good = token(&claims("4711", "苏轼"));
    let mut late = claims("4711", "苏轼");
    late["iat"] = json!(1_000);
    late["exp"] = json!(1_060);
    let other = signed(
        &json!({"alg": "HS256", "kid": "2026a"}),
        &claims("4711", "苏轼"),
        &SECRET[1..],
    );
    for (tried, said) in [
        (
            good.clone(),
            "苏轼\u{2069} (\u{2068}4711\u{2069}), who has not been here yet.",
        ),
        // Once more: it was not used up.
        (good.clone(), "who has not been here yet."),
        (token(&late), "Not good: exp passed."),
        (other, "Not good: signature."),
        ("tea".to_owned(), "Not good: parts."),
    ] {
        shows(&olga, "#check-token", &tried).await;
        olga.click("#check-form .primary").await;
        let says = format!(
            "document.getElementById('check-result').textContent.includes({})",
            json!(said)
        );
        olga.until(said, &says).await;
        olga.picture("site-token").await;
    }
    let all = [
        "SELECT count(*) FROM spent",
        "SELECT count(*) FROM identities",
    ];
    for count in all {
        assert_eq!(server.number(count), 0, "{count}");
    }
    olga.leave().await;
    let mut bob = Guest::visiting(&server).await;
    let body = json!({"token": good});
    let check = "/api/v1/site/check";
    assert_eq!(
        bob.change("POST", check, &body).await.error(),
        "account_needed"
    );
    assert_eq!(bob.register("Bob", "a long pass phrase").await.status, 200);
    assert_eq!(bob.change("POST", check, &body).await.error(), "house_only");
    let log = server.stop().log;
    assert!(!log.contains(&good) && !log.contains("4711"), "{log}");
}

#[tokio::test]
async fn the_site_fits_a_phone_and_a_desk() {
    let browsers = Browsers::start();
    for (lang, languages) in [("en", "en"), ("zh", "zh-CN,zh")] {
        let server = Server::start(&[]);
        let olga = owner(&browsers, &server, languages).await;
        shows(
            &olga,
            "#snippet-host",
            &format!("https://{}.example.net", "a".repeat(60)),
        )
        .await;
        for (width, height) in [(1440, 900), (390, 844)] {
            olga.resize(width, height).await;
            for theme in ["light", "dark"] {
                olga.devtools(
                    "Emulation.setEmulatedMedia",
                    json!({"features": [{"name": "prefers-color-scheme", "value": theme}]}),
                )
                .await;
                fits(&olga, "#settings").await;
                for part in ["snippet-form", "snippet-host", "check-form"] {
                    let there = format!("void document.getElementById('{part}').scrollIntoView()");
                    let _nothing: Value = olga.look(&there).await;
                    olga.picture(&format!("{part}-{lang}-{width}-{theme}"))
                        .await;
                }
            }
        }
        olga.leave().await;
    }
}
