//! Whatever somebody writes is text for everybody else, and the page stays as its server made it.

use super::{Browsers, site};
use crate::support::{Guest, Server, arrive};

const ATTACK: &str = "<img src=x onerror=\"window.owned=1\"><script>window.owned=1</script>\
     <b>bold</b> &lt;i&gt; </li></ol><svg onload=window.owned=1> javascript:window.owned=1";

#[tokio::test]
async fn what_a_person_writes_is_shown_as_text() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.post(ATTACK).await;
    lin.hears(ATTACK).await;
    let made = "document.querySelectorAll('#messages .body *').length";
    for person in [&ann, &lin] {
        assert_eq!(person.look::<u32>(made).await, 0, "no element is made");
        person.reload().await;
        person.hears(ATTACK).await;
        assert_eq!(person.look::<u32>(made).await, 0, "nor by the server");
        assert!(person.look::<bool>("window.owned === undefined").await);
    }

    ann.post("see https://example.org/tea?a=1&b=\"2\" or write to host@example.org")
        .await;
    let links: Vec<(String, String, String)> = lin
        .look("[...document.querySelectorAll('#messages .body a')].map((a) => [a.getAttribute('href'), a.target, a.rel])")
        .await;
    assert_eq!(links.len(), 2, "{links:?}");
    assert_eq!(links[0].0, "https://example.org/tea?a=1&b=");
    assert_eq!(links[1].0, "mailto:host@example.org");
    for (_, target, rel) in &links {
        assert_eq!(target, "_blank");
        assert!(
            rel.contains("noopener") && rel.contains("nofollow"),
            "{rel}"
        );
    }
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_classic_clients_emoji_reach_the_page_as_their_names() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let (mut old, _) = arrive(&server, "old client").await;
    old.say("茶好 <img src=\"https://cdn.example.org/emoji/tea.png\" alt=\"[茶]\" width=\"24px\" height=\"24px\"> <i>!</i>")
        .await;
    ann.hears("茶好 [茶] <i>!</i>").await;
    assert_eq!(
        ann.look::<u32>("document.querySelectorAll('#messages .body *').length")
            .await,
        0
    );

    old.say("<img src=x alt=1 onerror='window.owned=1'><script>window.owned=1</script>")
        .await;
    ann.hears("<img src=x alt=1 onerror='window.owned=1'><script>window.owned=1</script>")
        .await;
    assert!(ann.look::<bool>("window.owned === undefined").await);

    // And the other way: the page's words are safe as innerHTML in a classic client.
    ann.post("<b>茶</b>").await;
    let frames = old
        .until("the record", |frame| {
            frame["data"]["content"] == "&lt;b&gt;茶&lt;/b&gt;"
        })
        .await;
    assert!(!frames.is_empty());
    ann.reload().await;
    ann.hears("茶好 [茶] <i>!</i>").await;
    ann.leave().await;
}

#[tokio::test]
async fn a_name_with_markup_is_a_name() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let mut bob = Guest::visiting(&server).await;
    let renamed = bob
        .change(
            "PUT",
            "/api/v1/me/name",
            &serde_json::json!({"name": "<b>Bob</b>"}),
        )
        .await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    let (mut feed, _) = bob.feed().await;
    feed.post("hello").await;
    assert_eq!(ann.hears("hello").await.name, "<b>Bob</b>");
    assert_eq!(
        ann.look::<u32>(
            "document.querySelectorAll('#messages .name *, #people-list .name *').length"
        )
        .await,
        0
    );
    ann.leave().await;
}
