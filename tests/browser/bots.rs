//! Bots in the page: wherever their name stands, a word says what they are.

use serde_json::json;

use super::company::{Companion, PASSWORD};
use super::{Browsers, site};
use crate::support::{Guest, Server, tool};

#[tokio::test]
async fn a_word_beside_its_name_says_that_somebody_is_a_bot() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "林夏").await;
    let room = lin.makes("public", "Kettles").await;
    let path = tool::hook(&server, "Alerts", room);
    for (languages, name, word, menu) in [
        ("en", "Ann", "bot", "Member · bot"),
        ("zh-CN,zh", "Bo", "机器人", "茶友 · 机器人"),
    ] {
        let mut guest = Guest::visiting(&server).await;
        assert_eq!(guest.register(name, PASSWORD).await.status, 200);
        let join = format!("/api/v1/rooms/{room}/join");
        assert_eq!(guest.change("POST", &join, &json!({})).await.status, 200);
        let ann = browsers.person(&site(&server), languages).await;
        ann.sign_in(name, PASSWORD).await;
        for when in ["before", "after"] {
            lin.says(room, &format!("{when} it, to {name}")).await;
            let words = format!("The water boils {when} the page of {name}");
            tool::says(&server, &path, &words).await;
            if when == "before" {
                ann.goto(&format!("/rooms/{room}")).await;
                ann.is_live().await;
            }
            ann.hears(&words).await;
            let badge = format!(
                "[...document.querySelectorAll('.msg.first')].at(-1).querySelector('.name + .place.bot')?.textContent === '{word}'"
            );
            ann.until(&format!("the row {when} the page"), &badge).await;
            let width = "[...document.querySelectorAll('.msg.first .place.bot')].at(-1).getBoundingClientRect().width > 12";
            assert!(ann.look::<bool>(width).await, "it is seen");
        }
        let listed = format!(
            "[...document.querySelectorAll('#member-groups li')].some((row) => row.querySelector('.name').textContent === 'Alerts'
                && row.querySelector('small').textContent === '{word}' && row.querySelector('.dot.off'))"
        );
        ann.until(
            "the list of members says so, and that it is not here",
            &listed,
        )
        .await;
        ann.picture(&format!("bot-{name}")).await;
        ann.click(".msg.first:has(.place.bot) .name").await;
        ann.reads("#person-menu small", menu).await;
        ann.picture(&format!("bot-menu-{name}")).await;
        ann.press(thirtyfour::Key::Escape).await;
        ann.write("@Aler").await;
        ann.reads("#completion [role=option] .name", "Alerts").await;
        ann.reads("#completion [role=option] small", word).await;
        ann.leave().await;
    }
}

#[tokio::test]
async fn a_bot_is_not_among_those_who_have_read() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "林夏").await;
    let room = lin.makes("public", "Kettles").await;
    let path = tool::hook(&server, "Alerts", room);
    let mut guest = Guest::visiting(&server).await;
    assert_eq!(guest.register("Ann", PASSWORD).await.status, 200);
    let join = format!("/api/v1/rooms/{room}/join");
    assert_eq!(guest.change("POST", &join, &json!({})).await.status, 200);
    let ann = browsers.person(&site(&server), "en").await;
    ann.sign_in("Ann", PASSWORD).await;
    ann.goto(&format!("/rooms/{room}")).await;
    ann.is_live().await;
    tool::says(&server, &path, "The water boils").await;
    ann.hears("The water boils").await;
    // With her mark all others come.
    lin.says(room, "Tea?").await;
    let marks = "[...document.querySelectorAll('.seen')].map(({ title }) => title).join()";
    ann.until("who has read", &format!("{marks} === 'Seen by 林夏'"))
        .await;
    ann.leave().await;
}
