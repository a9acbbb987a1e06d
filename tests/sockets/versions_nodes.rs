//! Nodes of two versions serve side by side, as while one after the other is upgraded: a page comes from one, and asks
//! another one for its files.

use std::fs;
use std::path::Path;
use std::process::Command;

use futures_util::StreamExt;

use crate::support::nats::Nats;
use crate::support::{Answer, Guest, Server, eventually, postgres};

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A debug build reads the page's files from here.
const STATIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static");

/// The newer version: other scripts and styles, and a file that the older one has not.
fn newer(home: &Path) -> String {
    let files = home.join("static").display().to_string();
    let copied = Command::new("cp").args(["-r", STATIC, &files]).status();
    assert!(copied.unwrap().success());
    for (file, more) in [
        ("js/net/api.js", "\nexport const newer = 1;\n"),
        ("css/base.css", "\n.newer { color: red }\n"),
        ("js/settings/settings.js", "\nexport const newest = 2;\n"),
    ] {
        let path = home.join("static").join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text + more).unwrap();
    }
    fs::copy(
        home.join("static/icons/app-192.png"),
        home.join("static/icons/newer.png"),
    )
    .unwrap();
    format!(
        "exec unshare --user --map-root-user --mount sh -c 'mount --bind {files} {STATIC} && exec \"$@\"' sh \"$@\""
    )
}

/// An older node and a newer one of the same server.
fn two_versions(nats: &Nats, home: &Path) -> (Server, Server) {
    let postgres = postgres::server();
    // Who comes from another namespace has no way to the socket.
    let url = postgres.url_at(postgres.addr().port(), &postgres.create("template0"));
    let settings = [("cluster.nats", &*nats.url())];
    let old = Server::start_nodes_on(&url, 1, &settings).remove(0);
    let mut new = old.beside_by(&newer(home));
    new.launch();
    (old, new)
}

/// Where the files of a node's page are: `/static/<hash>`.
async fn prefix(node: &Server) -> String {
    let page = Guest::of(node).get("/").await.text();
    let found = page.split('"').find(|part| part.starts_with("/static/"));
    found
        .unwrap()
        .split('/')
        .take(3)
        .collect::<Vec<_>>()
        .join("/")
}

async fn get(node: &Server, path: &str) -> Answer {
    Guest::of(node).get(path).await
}

fn kept(answer: &Answer) -> bool {
    answer.header("cache-control") == Some(FOR_EVER)
}

#[tokio::test]
async fn files_of_another_version_are_those_of_the_nodes_that_have_it() {
    if !cfg!(debug_assertions) {
        return eprintln!(
            "a release build has its files inside: there is no other version of it here"
        );
    }
    let nats = Nats::start();
    let home = tempfile::tempdir().unwrap();
    let (mut old, new) = two_versions(&nats, home.path());
    let (older, newer) = (prefix(&old).await, prefix(&new).await);
    assert_ne!(older, newer);
    // Somebody who reaches NATS answers what nodes ask, with what they have made up, and what was said before.
    let stranger = async_nats::connect(nats.url()).await.unwrap();
    let mut asked = stranger.subscribe("th.*.asset").await.unwrap();
    stranger.flush().await.unwrap();
    let mocker = stranger.clone();
    tokio::spawn(async move {
        while let Some(question) = asked.next().await {
            let (place, headers) = (question.reply.unwrap(), question.headers.unwrap());
            let nonsense = mocker.publish_with_headers(place, headers, "nonsense".into());
            nonsense.await.unwrap();
        }
    });
    // Each node learns of the other by its next sweep.
    let path = format!("{older}/js/main.js");
    let knows = async || kept(&get(&new, &path).await);
    eventually("the newer node has the older one's script", knows).await;
    let path = format!("{newer}/js/main.js");
    let knows = async || kept(&get(&old, &path).await);
    eventually("the older node has the newer one's script", knows).await;

    let files = [
        "js/main.js",
        "js/net/api.js",
        "js/settings/settings.js",
        "css/page.css",
        "css/media.css",
        "words/media.en.json",
        "icons/favicon.svg",
        "icons/app-192.png",
    ];
    for (prefix, from, at) in [(&older, &old, &new), (&newer, &new, &old)] {
        for file in files {
            let path = format!("{prefix}/{file}");
            let (right, told) = (get(from, &path).await, get(at, &path).await);
            assert_eq!((right.status, told.status), (200, 200), "{path}");
            assert!(right.body == told.body && kept(&told), "{path}: {told:?}");
            for header in ["content-type", "etag", "content-security-policy"] {
                assert_eq!(right.header(header), told.header(header), "{path}");
            }
            let tag = told.header("etag").unwrap();
            let known = [("if-none-match", tag)];
            let again = Guest::of(at).request("GET", &path, &known, b"").await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        }
        let coding = [("accept-encoding", "br")];
        let path = format!("{prefix}/js/main.js");
        let small = Guest::of(at).request("GET", &path, &coding, b"").await;
        assert_eq!(small.header("content-encoding"), Some("br"));
        assert!(small.body.len() < get(from, &path).await.body.len() / 2);
        for nothing in ["js/nothing.js", "../Cargo.toml", "..%2fCargo.toml", ""] {
            let path = format!("{prefix}/{nothing}");
            assert_eq!(get(at, &path).await.status, 404, "{path}");
        }
    }
    let only_there = get(&old, &format!("{newer}/icons/newer.png")).await;
    assert!(only_there.status == 200 && kept(&only_there));
    assert_eq!(
        get(&old, &format!("{older}/icons/newer.png")).await.status,
        404
    );
    // Of a version that nobody has a node gives what it has itself, not for long.
    let nobodys = get(&new, "/static/0123456789ab/js/main.js").await;
    let own = get(&new, &format!("{newer}/js/main.js")).await;
    assert!(nobodys.body == own.body && !kept(&nobodys));

    // What was asked once is known when nobody has it any more.
    old.kill();
    let told = get(&new, &format!("{older}/js/main.js")).await;
    assert!(told.body != own.body && kept(&told));
    let late = get(&new, &format!("{older}/js/search/search.js")).await;
    assert!(late.status == 200 && !kept(&late));
}
