//! Files of a private room in the frame of another site: the key of its person is in their addresses.

use serde_json::json;

use super::file_words::png;
use super::framed::{Sites, browsers};
use crate::support::{Guest, Member};

#[tokio::test]
async fn a_picture_of_a_private_room_is_seen_in_the_frame_and_by_nobody_else() {
    let sites = Sites::open().await;
    let mut ada = Member::new(&sites.server, "Ada").await;
    let room = ada.makes("private", "Kitchen").await;
    let (mut ws, _) = ada.hears(room).await;
    let first = ada.uploads("first.png", &png(640, 480, 90)).await;
    ws.sends_files(room, "drawn by the house", &json!([{"id": first}]))
        .await;
    let script = format!(
        "<script src=\"https://chat.example.org/embed.js\" data-room=\"{room}\" defer></script>"
    );
    sites.blog.page("/kitchen", &sites.page(&script));
    let browsers = browsers();
    let ann = sites.reader(&browsers, "/kitchen").await;
    ann.expects("the server responded with a status of 404");
    ann.opens_panel().await;
    ann.signs_in_by_window("Ada", Member::PASSWORD).await;
    ann.hears("drawn by the house").await;
    let second = ada.uploads("second.png", &png(480, 640, 30)).await;
    ws.sends_files(room, "told by the socket", &json!([{"id": second}]))
        .await;
    ann.hears("told by the socket").await;
    for id in [&first, &second] {
        let seen = format!(
            "[...document.querySelectorAll('#messages .pic img')].some(({{ currentSrc, complete, naturalWidth }}) =>
                complete && naturalWidth > 0 && currentSrc.includes('/files/{id}/') && currentSrc.includes('key='))"
        );
        ann.until("the picture is seen", &seen).await;
    }
    ann.click("#messages .msg:last-child .pic > a").await;
    let large = format!(
        "(({{ complete, naturalWidth, currentSrc }}) => complete && naturalWidth > 0 && currentSrc.includes('/files/{second}/l'))(document.querySelector('.lightbox img'))"
    );
    ann.until(
        "it is seen large",
        &format!("document.querySelector('.lightbox')?.open && {large}"),
    )
    .await;
    ann.picture("embed-picture").await;
    let mut other = Guest::visiting(&sites.server).await;
    for rendition in ["s", "l", "raw"] {
        let got = other.get(&format!("/files/{second}/{rendition}")).await;
        assert_eq!(got.status, 404, "{rendition}");
    }
    ann.goes().await;
}
