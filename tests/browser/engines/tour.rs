//! The tour.

use super::{Firefox, WebKit};
use crate::browser::{Browsers, Person, site};
use crate::support::{Guest, Server};

async fn tour(person: Person, server: &Server) {
    person.resize(390, 844).await;
    person.resize(1440, 900).await;
    person.post("茶 hello").await;
    let (mut bob, _) = Guest::visiting(server).await.feed().await;
    bob.post("there you are").await;
    person.hears("there you are").await;
    person.leave().await;
}

#[tokio::test]
async fn chromium_takes_the_tour() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    tour(browsers.person(&site(&server), "en").await, &server).await;
}

#[tokio::test]
async fn firefox_takes_the_tour() {
    let server = Server::start(&[]);
    tour(Firefox::person(&site(&server), "en").await, &server).await;
}

#[tokio::test]
async fn webkit_takes_the_tour() {
    let server = Server::start(&[]);
    tour(WebKit::person(&site(&server), "en_US").await, &server).await;
}
