//! A demo as somebody finds it who has just signed in: pictures, a voice and a list, drawn and hummed by code. With
//! `TEAHOUSE_SCREENSHOTS=DIR` it leaves pictures of the page there, for docs/tour.md.

use std::collections::BTreeMap;

use serde_json::json;
use thirtyfour::prelude::*;

use super::gallery::opens;
use super::phone::nothing_sticks_out;
use super::{Browsers, Person, site};
use crate::support::demo::{PASSWORD, fill};
use crate::support::{Guest, Server};

/// The addresses of messages with files that this person can see, the newest of each kind; of pictures the one with
/// the most.
async fn addresses(server: &Server, name: &str) -> BTreeMap<String, String> {
    let mut guest = Guest::visiting(server).await;
    assert_eq!(guest.sign_in(name, PASSWORD).await.status, 200);
    let (_, welcome) = guest.feed().await;
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for room in welcome["rooms"].as_array().unwrap() {
        let path = format!("/api/v1/rooms/{}/messages", room["id"]);
        let page = guest.get(&path).await.json();
        for message in page["messages"].as_array().unwrap() {
            let Some(files) = message["files"].as_array() else {
                continue;
            };
            let kind = files[0]["kind"].as_str().unwrap().to_owned();
            let address = format!("/rooms/{}/{}", room["id"], message["id"]);
            let best = found.entry(kind).or_default();
            if files.len() >= best.0 {
                *best = (files.len(), address);
            }
        }
    }
    let addresses = found.into_iter();
    addresses
        .map(|(kind, (_, address))| (kind, address))
        .collect()
}

/// What is to be seen of each kind, in the row that the address leads to.
fn shows(kind: &str) -> &'static str {
    match kind {
        "picture" => {
            "[...row.querySelectorAll('.pic img')].every((image) => image.complete && image.naturalWidth > 0)"
        }
        "voice" => "row.querySelector('.voice .wave path')",
        _ => "row.querySelector('a.file').textContent.includes('.csv')",
    }
}

/// The message of an address is in sight, with what it has.
async fn sees(person: &Person, kind: &str, address: &str) {
    person.goto(address).await;
    person.is_live().await;
    let id = address.rsplit('/').next().unwrap();
    let seen = format!(
        "((row) => row && row.getBoundingClientRect().top < innerHeight && {})(document.querySelector('#messages > .msg[data-id=\"{id}\"]'))",
        shows(kind)
    );
    person.until(&format!("its {kind} is there"), &seen).await;
}

#[tokio::test]
async fn a_demo_shows_pictures_a_voice_and_a_list() {
    let mut server = Server::start(&[]);
    server.stop();
    let names = fill(&server, &[]);
    server.launch();
    let addresses = addresses(&server, &names[0]).await;
    let kinds: Vec<&str> = addresses.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["file", "picture", "voice"]);
    let browsers = Browsers::start();
    let person = browsers.person(&site(&server), "zh-CN,zh").await;
    person.resize(1440, 900).await;
    person.sign_in(&names[0], PASSWORD).await;
    person
        .devtools("Emulation.setScrollbarsHidden", json!({"hidden": true}))
        .await;
    let mut number = 31;
    for (theme, width, height, at) in [("light", 1440, 900, ""), ("dark", 390, 844, "-phone")] {
        person.resize(1440, 900).await;
        person.choose(&format!("#theme-{theme}")).await;
        person.press(Key::Escape).await;
        person.resize(width, height).await;
        for (kind, address) in &addresses {
            sees(&person, kind, address).await;
            nothing_sticks_out(&person).await;
            person.picture(&format!("{number}-{kind}{at}")).await;
            number += 1;
        }
    }
    sees(&person, "picture", &addresses["picture"]).await;
    let id = addresses["picture"].rsplit('/').next().unwrap();
    person
        .click(&format!(".msg[data-id=\"{id}\"] .pic a"))
        .await;
    let large = "document.querySelector('dialog.lightbox[open] img')?.naturalWidth > 400";
    person.until("it is large", large).await;
    person.picture("37-large").await;
    person.press(Key::Escape).await;
    person.resize(1440, 900).await;
    opens(&person).await;
    let drawn = "(() => {
        const all = [...document.querySelectorAll('.gallery .tiles img')];
        return all.length > 0 && all.every((image) => image.naturalWidth > 0);
    })()";
    person.until("the pictures of the room", drawn).await;
    person.picture("38-gallery").await;
    person.leave().await;
}
