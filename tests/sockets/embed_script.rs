//! The script that sites put into their pages: the newest, and the copy that never changes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha384};

use crate::support::{Answer, Guest, Server};

/// What pages hold the copy to (W3C Subresource Integrity). It stands in their HTML: the copy is never changed, and there is a 1.1 beside it
/// where a change is wanted.
const HASH_OF_1_0: &str = "sha384-SYjNJCdi51NxtD16NiDY88lrvFCpXaQ4ZUp52XIwPzV7gjkc1edWJEZLpWev0XQ8";

/// Any page may load it, and read what its errors are.
fn is_for_every_site(answer: &Answer) {
    for (name, value) in [
        ("access-control-allow-origin", Some("*")),
        ("cross-origin-resource-policy", Some("cross-origin")),
        ("content-type", Some("text/javascript; charset=utf-8")),
        ("set-cookie", None),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn the_newest_is_asked_for_again_each_hour() {
    let server = Server::start(&[]);
    let mut browser = Guest::of(&server);
    let script = browser.get("/embed.js").await;
    is_for_every_site(&script);
    assert_eq!(
        script.header("cache-control"),
        Some("public, max-age=3600, stale-while-revalidate=86400")
    );
    let tag = script.header("etag").unwrap().to_owned();
    let again = browser
        .request("GET", "/embed.js", &[("if-none-match", &tag)], b"")
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn the_frozen_copy_has_the_hash_that_pages_hold_it_to_and_is_kept_for_ever() {
    let server = Server::start(&[]);
    let frozen = Guest::of(&server).get("/embed/1.0.js").await;
    is_for_every_site(&frozen);
    assert_eq!(
        frozen.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    let hash = BASE64_STANDARD.encode(Sha384::digest(&frozen.body));
    assert_eq!(format!("sha384-{hash}"), HASH_OF_1_0);
    for page in [
        include_str!("../../docs/site/embed.md"),
        include_str!("../../docs/site/embed.zh-CN.md"),
    ] {
        assert!(
            page.contains(&format!("integrity=\"{HASH_OF_1_0}\"")),
            "the documentation says so"
        );
    }
}
