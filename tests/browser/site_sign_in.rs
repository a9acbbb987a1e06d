//! A site's users in the browser: in the frame of its pages, as the documentation has it, and on the whole page by its button.

use serde_json::{Value, json};

use super::blog::Blog;
use super::settings::settings;
use super::{Browsers, Person};
use crate::support::Server;
use crate::support::site::{HOUSE, SETTINGS, claims, token, token_of};

const PAGES: [&str; 2] = [
    include_str!("../../docs/site/sign-in.md"),
    include_str!("../../docs/site/sign-in.zh-CN.md"),
];

/// A server by the name that stands in tokens, the site whose users come in, and browsers that find both.
struct Both {
    server: Server,
    blog: Blog,
    browsers: Browsers,
}

/// Browsers that find this server by the name that stands in tokens.
pub fn find_house(server: &Server) -> Browsers {
    let rules = format!(
        "--host-resolver-rules=MAP chat.example.org {} , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1, EXCLUDE localhost",
        server.addr()
    );
    let rules: &'static str = rules.leak();
    // As if it were https: the browser would say that it is not.
    let trusted = "--unsafely-treat-insecure-origin-as-secure=http://chat.example.org";
    Browsers::with(vec![rules, trusted].leak())
}

impl Both {
    async fn open() -> Self {
        let blog = Blog::open().await;
        let (hosts, sign_in) = (
            format!("[\"{}\"]", blog.origin()),
            format!("{}/in", blog.origin()),
        );
        let mut all = SETTINGS.to_vec();
        all.extend([
            ("embed.hosts", &*hosts),
            ("site.sign_in", &*sign_in),
            ("site.name", "Example"),
        ]);
        let server = Server::start(&all);
        let browsers = find_house(&server);
        Self {
            server,
            blog,
            browsers,
        }
    }

    /// Presses the button, and comes to the site; the address to come back to, and the nonce.
    async fn goes_to_the_site(&self, person: &Person) -> (String, String) {
        // They leave the house while its icons may still be on their way.
        person.expects("Error while trying to use the following icon from the Manifest");
        person.click("#sign-in-button").await;
        person.reads("#site-sign-in", "Sign in with Example").await;
        person.picture("site-sign-in").await;
        person.click("#site-sign-in").await;
        // A page that goes on before it has been loaded leaves nothing in the history (HTML §7.4.2.2).
        let there = format!(
            "location.origin === {} && performance.getEntriesByType('navigation')[0].loadEventEnd > 0",
            json!(self.blog.origin())
        );
        person.until("they are at the site", &there).await;
        let asked = "Object.fromEntries(new URLSearchParams(location.search))";
        let asked: Value = person.look(asked).await;
        let text = |name: &str| asked[name].as_str().unwrap().to_owned();
        (text("back"), text("nonce"))
    }
}

#[tokio::test]
async fn the_button_leads_to_the_site_and_back_as_its_user() {
    let both = Both::open().await;
    both.blog.page("/in", "<h1>The site</h1>");
    let ann = both.browsers.person(HOUSE, "en").await;
    ann.goto("/rooms/1").await;
    ann.is_live().await;
    ann.write("half a thought").await;
    let (back, nonce) = both.goes_to_the_site(&ann).await;
    assert_eq!(back, format!("{HOUSE}/auth/back"));
    let mut asked = claims("4711", "苏轼");
    asked["nonce"] = json!(nonce);
    let address = json!(format!("{back}#token={}", token(&asked)));
    let _nothing: Value = ann.look(&format!("void location.assign({address})")).await;
    ann.reads("#me-name", "苏轼").await;
    ann.until(
        "they are where they were",
        "location.pathname === '/rooms/1' && location.hash === ''",
    )
    .await;
    ann.until(
        "and go on with what they had begun",
        "document.getElementById('say').value === 'half a thought'",
    )
    .await;
    ann.is_live().await;
    // The entry of the history that had the token has none.
    let _nothing: Value = ann.look("void history.back()").await;
    let away = format!("location.origin === {}", json!(both.blog.origin()));
    ann.until("the page before is the site's", &away).await;
    ann.goto("/").await;
    ann.is_live().await;
    // There is no password to change, and the name is the site's.
    settings(&ann, "profile").await;
    let fixed: bool = ann
        .look("document.getElementById('set-name').readOnly")
        .await;
    assert!(fixed);
    ann.click("#tab-account").await;
    let fields: u32 = ann
        .look("document.querySelectorAll('#settings input[type=password]').length")
        .await;
    assert_eq!(fields, 0);
    ann.picture("site-account").await;
    ann.click("#delete-form .danger").await;
    ann.until(
        "they are a visitor",
        "document.getElementById('me-name').textContent !== '苏轼' && document.querySelector('#state[data-state=live]')",
    )
    .await;
    assert_eq!(both.server.number("SELECT count(*) FROM identities"), 0);
    ann.leave().await;
}

#[tokio::test]
async fn a_link_with_a_token_signs_nobody_in() {
    let both = Both::open().await;
    let ann = both.browsers.person(HOUSE, "en").await;
    ann.expects("the server responded with a status of 401");
    let name = ann.text("#me-name").await;
    let link = format!("/auth/back#token={}", token_of("666", "Mallory"));
    ann.goto(&link).await;
    ann.reads(
        "#back-problem",
        "This key is not valid, or no longer. Sign in again.",
    )
    .await;
    let hash: String = ann.look("location.hash").await;
    assert_eq!(hash, "", "the token does not stay in the address");
    ann.picture("site-back-failed").await;
    ann.click("#back-home").await;
    ann.is_live().await;
    assert_eq!(ann.text("#me-name").await, name);
    ann.leave().await;
}

#[tokio::test]
async fn the_frame_is_its_users_by_the_line_of_the_documentation() {
    let both = Both::open().await;
    let line = super::embed_docs::blocks(PAGES[0], "html").remove(0);
    let line = line.replace("https://chat.example.org", HOUSE);
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><title>A site</title><script src=\"/told.js\"></script></head><body>{line}</body></html>"
    );
    both.blog.page("/", &page);
    let answer = |token: String| json!({"token": token}).to_string();
    both.blog
        .json("/chat/token", &answer(token_of("4711", "苏轼")));
    let ann = both.browsers.stranger(&both.blog.origin(), "en").await;
    ann.until("the script is there", "window.Teahouse?.open")
        .await;
    ann.opens_panel().await;
    ann.post("as a user of the site").await;
    assert_eq!(ann.hears("as a user of the site").await.name, "苏轼");
    ann.goes_out_of_frame().await;
    let me = ann.who().await;
    // At the next page the same answer will do, which is not used up.
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert_eq!(ann.who().await, me);
    assert_eq!(
        both.server
            .number("SELECT count(*) FROM sessions WHERE user_id IS NOT NULL"),
        1
    );
    // Another user of the site is somebody else.
    both.blog
        .json("/chat/token", &answer(token_of("4712", "Bob")));
    ann.visits("/").await;
    ann.opens_panel().await;
    ann.goes_out_of_frame().await;
    assert_eq!(ann.is_told("identity").await["name"], "Bob");
    assert_eq!(
        both.server
            .number("SELECT count(*) FROM sessions WHERE user_id IS NOT NULL"),
        1
    );
    ann.goes().await;
}

#[test]
fn both_languages_have_the_same_snippets() {
    for kind in ["toml", "html", "js", "php", "text"] {
        let [english, chinese] = PAGES.map(|page| super::embed_docs::blocks(page, kind));
        assert!(!english.is_empty(), "{kind}");
        assert_eq!(english, chinese, "{kind}");
    }
}
