//! A message that has files and no words, where it is only spoken of: it is called what its first file is.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::news::{hides, is_shown, is_told};
use super::settings::{pick, settings};
use super::{Browsers, Person, Road, site};
use crate::support::actions::{answer, pin, react};
use crate::support::{Guest, Member, Server, Ws};

const PASSWORD: &str = "seven bowls 七碗茶";

/// A picture of this size in px, no two of them alike.
pub(super) fn png(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let mut png = Vec::new();
    let bowl = image::RgbImage::from_fn(width, height, |x, y| {
        let round = (x as f32 - width as f32 / 2.0).hypot(y as f32 - height as f32 / 2.0);
        if round < height as f32 / 3.0 {
            image::Rgb([230, 180, shade])
        } else {
            image::Rgb([shade, 90, (x * 255 / width) as u8])
        }
    });
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    bowl.write_with_encoder(encoder).unwrap();
    png
}

/// Somebody without a page who sends pictures to the lobby.
pub(super) async fn sender(server: &Server, name: &str) -> (Member, Ws) {
    let mut guest = Guest::visiting(server).await;
    assert_eq!(guest.register(name, PASSWORD).await.status, 200);
    let (feed, _) = guest.feed().await;
    let id = String::new();
    (Member { guest, id }, feed)
}

/// What the quote above the message with this text says.
async fn quotes(person: &Person, text: &str, words: &str) {
    let says = format!(
        "[...document.querySelectorAll('#messages > .msg')].find((row) => row.querySelector('.body').textContent === {})?.querySelector('.quote .words').textContent === {}",
        json!(text),
        json!(words)
    );
    person.until(&format!("{text} quotes {words}"), &says).await;
}

/// Presses a button of the first message with files.
async fn does_to_files(person: &Person, tool: &str) {
    let press = format!(
        "(document.querySelector('#messages > .msg:has(.files) .tools {tool}')?.click(), true)"
    );
    person
        .until("files", "document.querySelector('#messages .files')")
        .await;
    let row = person.find("#messages > .msg:has(.files)").await;
    let hover = person.browser.action_chain().move_to_element_center(&row);
    hover.perform().await.unwrap();
    person
        .until("tools", "document.querySelector('.msg .tools')")
        .await;
    assert!(person.look::<bool>(&press).await);
}

async fn clears(person: &Person) {
    assert!(
        person
            .look::<bool>("(document.getElementById('say').select(), true)")
            .await
    );
    person.press(Key::Backspace).await;
    assert_eq!(person.draft().await, "");
}

#[tokio::test]
async fn who_answers_a_picture_without_words_quotes_that_it_is_one() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &road.site(), "Ann").await;
    let (mut lin, _) = sender(&server, "Lin").await;
    server.crown("Lin");
    let (mut feed, _) = lin.guest.feed().await;
    let file = lin.uploads("bowl.png", &png(640, 480, 40)).await;
    let files = json!([{"id": file}]);
    let id = feed.sends_files(1, "", &files).await["id"].clone();
    answer(&mut feed, &id, "mine").await;
    quotes(&ann, "mine", "[picture]").await;
    react(&mut feed, &id, "🍵", true).await;
    ann.until(
        "so it is read aloud",
        "document.getElementById('reacted-spoken').textContent.includes('[picture]')",
    )
    .await;
    pin(&mut feed, &id, true).await;
    ann.until("a pin", "document.querySelector('.msg:has(.pic) .pinned')")
        .await;
    ann.click("#room-menu-button").await;
    ann.click("#room-pins").await;
    ann.until(
        "what is pinned is seen",
        "document.querySelector('#pins-list .pic img')?.naturalWidth > 0",
    )
    .await;
    ann.press(Key::Escape).await;

    ann.expects_cuts();
    road.cut().await;
    ann.is_cut_off().await;
    does_to_files(&ann, ".reply").await;
    ann.reads("#replying p :last-child", "[picture]").await;
    ann.write("from the tunnel").await;
    ann.press(Key::Enter).await;
    ann.until("it waits", "document.querySelector('#messages .waiting')")
        .await;
    quotes(&ann, "from the tunnel", "[picture]").await;
    road.mend(&server).await;
    ann.hears("from the tunnel").await;
    ann.reload().await;
    for text in ["mine", "from the tunnel"] {
        quotes(&ann, text, "[picture]").await;
    }
    let kim = browsers.person(&site(&server), "zh-CN").await;
    kim.is_live().await;
    quotes(&kim, "mine", "[图片]").await;
    ann.leave().await;
    kim.leave().await;
}

#[tokio::test]
async fn an_edit_may_leave_the_files_alone_and_quotes_follow() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let phone = super::company::other_device(&server, "Ann").await;
    let (mut feed, _) = phone.feed().await;
    let id = String::new();
    let mut phone = Member { guest: phone, id };
    let file = phone.uploads("harvest.txt", b"first flush").await;
    let files = json!([{"id": file}]);
    let id = feed.sends_files(1, "too many words", &files).await["id"].clone();
    answer(&mut feed, &id, "an answer").await;
    quotes(&ann, "an answer", "too many words").await;
    ann.use_tool(".edit", "too many words").await;
    assert_eq!(ann.draft().await, "too many words");
    clears(&ann).await;
    ann.press(Key::Enter).await;
    let bare = "document.querySelector('#messages > .msg:has(.files):not(.waiting) .edited') && document.querySelector('#messages > .msg:has(.files) .body').textContent === ''";
    ann.until("its words are gone", bare).await;
    quotes(&ann, "an answer", "[file]").await;
    ann.reload().await;
    ann.until("they stay gone", bare).await;
    quotes(&ann, "an answer", "[file]").await;

    // What has no files keeps a word.
    ann.use_tool(".edit", "an answer").await;
    clears(&ann).await;
    assert!(
        ann.look::<bool>("document.getElementById('send').disabled")
            .await
    );
    ann.press(Key::Enter).await;
    ann.press(Key::Escape).await;
    assert!(ann.texts().await.contains(&"an answer".to_owned()));
    ann.leave().await;
}

#[tokio::test]
async fn a_notification_says_what_a_file_without_words_is() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let mut lin = Companion::named(&server, "Lin").await;
    let room = lin.makes("public", "Oolong").await;
    ann.goto(&format!("/rooms/{room}")).await;
    ann.click("#closed button").await;
    ann.until("Ann is in", "!document.getElementById('say').disabled")
        .await;
    ann.goto("/").await;
    ann.is_live().await;
    is_told(&ann).await;
    settings(&ann, "news").await;
    pick(&ann, "notify", "all").await;
    ann.press(Key::Escape).await;
    hides(&ann, true).await;
    let (mut feed, _) = lin.guest.feed().await;
    let id = String::new();
    let mut lin = Member {
        guest: lin.guest,
        id,
    };
    let picture = lin.uploads("bowl.png", &png(300, 200, 90)).await;
    let text = lin.uploads("tea.txt", b"oolong").await;
    feed.sends_files(room, "", &json!([{"id": picture}])).await;
    is_shown(&ann, &["Lin · Oolong: [picture]"]).await;
    let files = json!([{"id": text}]);
    let id: Value = feed.sends_files(1, "read", &files).await["id"].clone();
    is_shown(&ann, &["Lin · Lobby: read", "Lin · Oolong: [picture]"]).await;
    feed.change(&id, &json!({"do": "edit", "content": ""}))
        .await;
    is_shown(&ann, &["Lin · Lobby: [file]", "Lin · Oolong: [picture]"]).await;
    ann.leave().await;
}
