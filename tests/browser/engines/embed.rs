//! The room in a page of another site, in the other makes of browser.

use thirtyfour::prelude::*;

use super::{Firefox, WebKit};
use crate::Person;
use crate::framed::Sites;

/// Somebody reads the blog, talks there, closes the panel, and is the same one at its next page.
async fn talks(mut reader: Person, sites: &Sites) {
    reader.site = sites.blog.origin();
    reader.visits("/").await;
    reader.opens_panel().await;
    reader.post("from another make").await;
    reader.goes_out_of_frame().await;
    let who = reader.who().await;
    reader.enters_frame().await;
    reader.click("#say").await;
    reader.press(Key::Escape).await;
    reader.goes_out_of_frame().await;
    reader
        .until(
            "the panel is closed",
            "document.querySelector('html > div').shadowRoot.querySelector('.panel').hidden",
        )
        .await;
    reader.visits("/").await;
    reader.opens_panel().await;
    let heard = reader.hears("from another make").await;
    assert!(heard.mine, "{heard:?}");
    reader.goes_out_of_frame().await;
    assert_eq!(reader.who().await, who);
    reader.goes().await;
}

#[tokio::test]
async fn firefox_shows_a_room_in_a_page_of_another_site() {
    let sites = Sites::open().await;
    let reader = Firefox::person(&sites.house(), "en").await;
    talks(reader, &sites).await;
}

#[tokio::test]
async fn webkit_shows_a_room_in_a_page_of_another_site() {
    let sites = Sites::open().await;
    let reader = WebKit::person(&sites.house(), "en_US").await;
    talks(reader, &sites).await;
}
