//! What others send beside words: pictures, a sound, a voice, a file, large and in the gallery.

use serde_json::json;
use thirtyfour::prelude::*;

use super::sound::is_sound;
use crate::Person;
use crate::file_words::{png, sender};
use crate::gallery::{opens, sends};
use crate::support::Server;
use crate::voice_player::{tone, uploads_voice};

/// A name as long as names may be, from right to left.
const NAME: &str = "قائمة الشاي الأخضر من الجبال البعيدة وأوراقه التي تجف في الظل طوال الصيف.pdf";

/// Somebody sends them to the lobby, where this person is.
pub(super) async fn sees_files(person: &Person, server: &Server) {
    let (mut lin, mut feed) = sender(server, "Lin").await;
    let about = |alt: &str| json!({ "alt": alt });
    let files = [
        ("bowl.png", png(1_200, 300, 90), about("a bowl, 很宽的碗")),
        ("tall.png", png(90, 900, 10), about("")),
        (NAME, b"%PDF-1.7".to_vec(), json!({})),
        ("a.wav", tone(1), json!({})),
    ];
    sends(&mut lin, &mut feed, "look at these", &files).await;
    let voice = uploads_voice(&mut lin, &tone(2)).await;
    feed.sends_files(1, "", &json!([{"id": voice}])).await;
    person.hears("look at these").await;
    // On a phone the first is out of sight, and not fetched before it is in it.
    let pictures = "((all) => (all.find(({ naturalWidth }) => !naturalWidth)?.scrollIntoView({ block: 'center' }), all.length === 2 && all.every(({ naturalWidth }) => naturalWidth)))([...document.querySelectorAll('#messages .pic img')])";
    person.until("both pictures", pictures).await;
    let player = "(({ width, height }) => width > 230 && height === 44)(document.querySelector('#messages audio').getBoundingClientRect())";
    person.until("a player with its bar", player).await;
    person
        .until(
            "the voice",
            "document.querySelector('#messages .voice .wave svg')?.checkVisibility()",
        )
        .await;
    is_sound(person, "files").await;
    person.click("#messages .pic a").await;
    let large = "document.querySelector('.lightbox')?.open && document.querySelector('.lightbox img')?.naturalWidth === 1200";
    person.until("it is large", large).await;
    is_sound(person, "a picture, large").await;
    person.press(Key::Escape).await;
    person
        .until(
            "the room again",
            "!document.querySelector('.lightbox')?.open",
        )
        .await;
    opens(person).await;
    is_sound(person, "the gallery").await;
    person.press(Key::Escape).await;
    person
        .until(
            "the room again",
            "!document.querySelector('.gallery')?.open",
        )
        .await;
    let beside = [
        ("bowl.png", png(640, 480, 40), json!({})),
        ("b.wav", tone(1), json!({})),
    ];
    sends(&mut lin, &mut feed, "one and a sound", &beside).await;
    person.hears("one and a sound").await;
    let fits = "((image) => image?.naturalWidth && image.closest('.pic').offsetWidth - image.offsetWidth < 2)(document.querySelector('#messages .pic:only-child img'))";
    person.until("a frame as wide as its picture", fits).await;
}
