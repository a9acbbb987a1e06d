//! The pages of the documentation about embedding are followed to the letter.

use super::framed::{Sites, browsers};

const PAGES: [&str; 2] = [
    include_str!("../../docs/site/embed.md"),
    include_str!("../../docs/site/embed.zh-CN.md"),
];

/// What stands in the blocks of a kind, in order.
pub fn blocks(page: &str, kind: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut within: Option<(&str, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), within.as_mut()) {
            (Some(kind), None) => within = Some((kind, String::new())),
            (Some(_), Some(_)) => found.extend(within.take()),
            (None, Some((_, text))) => *text = format!("{text}{line}\n"),
            (None, None) => {}
        }
    }
    let of_kind = found.into_iter().filter(|(each, _)| *each == kind);
    of_kind.map(|(_, text)| text).collect()
}

#[test]
fn both_languages_have_the_same_snippets() {
    for kind in ["toml", "html", "js", ""] {
        let [english, chinese] = PAGES.map(|page| blocks(page, kind));
        assert_eq!(english, chinese, "{kind}");
    }
}

#[tokio::test]
async fn each_snippet_shows_the_room() {
    let sites = Sites::open().await;
    let config = blocks(PAGES[0], "toml").join("\n");
    let table: toml::Table = toml::from_str(&config).unwrap();
    assert_eq!(
        table["embed"]["hosts"][0].as_str(),
        Some("https://blog.example.org"),
        "what the tests' server is told of its own blog"
    );
    let snippets = blocks(PAGES[0], "html");
    let [bubble, inside, before, frozen] = &snippets[..] else {
        panic!("{snippets:?}");
    };
    let both = format!("{before}{bubble}");
    for (path, snippet) in [("/bubble", &both), ("/inside", inside), ("/frozen", frozen)] {
        sites.blog.page(path, &sites.page(snippet));
    }
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/bubble").await;
    ann.opens_panel().await;
    ann.post("from the bubble").await;
    ann.goes_out_of_frame().await;
    ann.visits("/inside").await;
    let room = ann.find("teahouse-room").await;
    room.scroll_into_view().await.unwrap();
    ann.goes_into_frame().await;
    ann.hears("from the bubble").await;
    ann.goes_out_of_frame().await;
    // Of bytes that the page has not vouched for the browser runs nothing.
    ann.visits("/frozen").await;
    ann.opens_panel().await;
    ann.hears("from the bubble").await;
    ann.goes().await;
}

#[test]
fn the_policy_of_the_documentation_is_the_one_that_is_tried() {
    for page in PAGES {
        let policy = blocks(page, "").join("");
        assert_eq!(
            policy.trim(),
            "script-src https://chat.example.org; frame-src https://chat.example.org"
        );
    }
}
