//! All files of a message are saved at once, by its menu.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::member;
use super::file_words::{png, sender};
use super::gallery::sends;
use super::{Browsers, site};
use crate::support::{Server, eventually};

#[tokio::test]
async fn all_files_of_a_message_are_saved_at_once() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let saved = server.home().join("saved");
    std::fs::create_dir(&saved).unwrap();
    let allowed = json!({"behavior": "allow", "downloadPath": saved});
    ann.devtools("Browser.setDownloadBehavior", allowed).await;
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    sends(
        &mut lin,
        &mut feed,
        "one",
        &[("alone.txt", b"x".to_vec(), json!({}))],
    )
    .await;
    sends(
        &mut lin,
        &mut feed,
        "three",
        &[
            ("茶.txt", b"oolong".to_vec(), json!({})),
            ("bowl.png", png(64, 48, 5), json!({})),
            ("b.pdf", b"pdf".to_vec(), json!({})),
        ],
    )
    .await;
    ann.hears("three").await;
    assert!(!ann.offers("one").await.contains(&"saveall".to_owned()));
    ann.press(Key::Escape).await;
    ann.choose_for("saveall", "three").await;
    let names = || {
        let entries = std::fs::read_dir(&saved).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    eventually("all are saved", async || {
        names().len() == 3 && names().iter().all(|name| !name.ends_with("crdownload"))
    })
    .await;
    assert_eq!(names(), ["b.pdf", "bowl.png", "茶.txt"]);
    assert_eq!(std::fs::read(saved.join("茶.txt")).unwrap(), b"oolong");
    ann.leave().await;
}
