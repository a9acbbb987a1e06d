//! Files and pictures: kept for ever under an address that changes with them, asked again by tag,
//! sent compressed, and nothing from outside of their directory.

use serde_json::json;

use crate::support::{Answer, Guest, Server};

/// The first address in the page that begins with `/static/` and ends with `end`.
fn asset(page: &Answer, end: &str) -> String {
    let html = page.text();
    let found = html
        .split('"')
        .find(|part| part.starts_with("/static/") && part.ends_with(end));
    found.unwrap().to_owned()
}

#[tokio::test]
async fn files_are_kept_for_ever_asked_again_by_tag_and_sent_compressed() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server);
    for (end, kind) in [
        (".css", "text/css; charset=utf-8"),
        ("/js/main.js", "text/javascript; charset=utf-8"),
        (".svg", "image/svg+xml"),
    ] {
        // Files that are edited while this runs have another address the next moment.
        let mut tries = 0;
        let (path, plain) = loop {
            let path = asset(&guest.get("/").await, end);
            let file = guest.get(&path).await;
            if file.header("cache-control") == Some("public, max-age=31536000, immutable") {
                break (path, file);
            }
            tries += 1;
            assert!(tries < 5, "{path} is not kept for ever: {:?}", file.headers);
        };
        assert_eq!(
            (plain.status, plain.header("content-type")),
            (200, Some(kind))
        );
        assert_eq!(plain.header("content-encoding"), None);
        let tag = plain.header("etag").unwrap().to_owned();
        let again = guest
            .request("GET", &path, &[("if-none-match", &tag)], b"")
            .await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), Some(tag.as_str()));
        let other = guest
            .request("GET", &path, &[("if-none-match", "\"other\"")], b"")
            .await;
        assert_eq!(other.status, 200);
        for coding in ["gzip", "br"] {
            let packed = guest
                .request("GET", &path, &[("accept-encoding", coding)], b"")
                .await;
            assert_eq!(packed.header("content-encoding"), Some(coding), "{path}");
            assert!(
                packed.header("vary").unwrap().contains("accept-encoding"),
                "{path}"
            );
            assert!(packed.body.len() < plain.body.len(), "{path}");
        }
        let file = path.splitn(4, '/').nth(3).unwrap();
        let old = guest.get(&format!("/static/0123456789ab/{file}")).await;
        assert_eq!(
            (old.status, old.header("cache-control")),
            (200, Some("no-cache")),
            "an old page's address"
        );
    }
    for outside in [
        "../Cargo.toml",
        "..%2fCargo.toml",
        "%2e%2e/Cargo.toml",
        "js/../../Cargo.toml",
        "/etc/hostname",
        "js",
        "",
    ] {
        let answer = guest.get(&format!("/static/0123456789ab/{outside}")).await;
        assert_eq!(answer.status, 404, "{outside}");
    }
}

#[tokio::test]
async fn emoji_are_one_file_that_is_kept_for_ever() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server);
    let page = guest.get("/").await.text();
    let path = page
        .split('"')
        .find(|part| part.starts_with("/emoji/"))
        .unwrap();
    let plain = guest.get(path).await;
    assert_eq!(
        (plain.status, plain.header("cache-control")),
        (200, Some("public, max-age=31536000, immutable"))
    );
    let groups = plain.json();
    let smile = json!([
        "😄",
        "grinning face with smiling eyes",
        "smile",
        "眯眼笑 开心 高兴"
    ]);
    assert_eq!(groups[0][2], smile);
    let wave = groups[1][0].as_array().unwrap();
    assert_eq!((&wave[0], &wave[4]), (&json!("👋"), &json!("👋🏻")));
    for coding in ["gzip", "br"] {
        let packed = guest
            .request("GET", path, &[("accept-encoding", coding)], b"")
            .await;
        assert_eq!(packed.header("content-encoding"), Some(coding));
        let kib = packed.body.len().div_ceil(1024);
        assert!(kib <= 42, "{coding}: {kib} KiB");
    }
    let old = guest.get("/emoji/0123456789ab.json").await;
    assert_eq!(
        (old.status, old.header("cache-control")),
        (200, Some("no-cache"))
    );
}

#[tokio::test]
async fn the_picture_of_a_person_is_the_same_for_ever_and_nobody_elses() {
    let server = Server::start(&[]);
    let (_ws, welcome) = Guest::visiting(&server).await.feed().await;
    let avatar = welcome["me"]["avatar"].as_str().unwrap();
    let mut guest = Guest::of(&server);
    let picture = guest.get(avatar).await;
    assert_eq!(
        (picture.status, picture.header("content-type")),
        (200, Some("image/svg+xml"))
    );
    assert!(
        picture
            .header("cache-control")
            .unwrap()
            .contains("immutable")
    );
    let svg = picture.text();
    assert!(svg.starts_with("<svg") && !svg.contains("script"), "{svg}");
    assert_eq!(guest.get(avatar).await.text(), svg);
    let other = format!("/avatar/{}.svg", "0123456789abcdef".repeat(2));
    assert_ne!(guest.get(&other).await.text(), svg);
    for bad in [
        "0",
        "xyz",
        "+123456789abcdef0123456789abcde",
        &"g".repeat(32),
        &"a".repeat(33),
    ] {
        assert_eq!(
            guest.get(&format!("/avatar/{bad}.svg")).await.status,
            404,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_head_is_answered_like_a_get_without_its_body() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server);
    let style = asset(&guest.get("/").await, ".css");
    let avatar = format!("/avatar/{}.svg", "0".repeat(32));
    for path in ["/", &style, &avatar, "/healthz", "/readyz"] {
        let head = guest.request("HEAD", path, &[], b"").await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        let get = guest.get(path).await;
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
    }
}
