//! Those who wrote what stands in the timeline: whom they call, and what can be done with them.

use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::room_role::{is_told, room_of_lin};
use super::{Browsers, Person, site};
use crate::support::Server;

/// The words of those messages that are marked as calling the reader, by eye and by ear.
async fn calls(person: &Person) -> Vec<String> {
    person
        .look(
            "[...document.querySelectorAll('#messages > .msg')]
                .filter((row) => getComputedStyle(row).boxShadow !== 'none'
                    && row.querySelector('.head').innerText.includes('mentions you'))
                .map((row) => row.querySelector('.body').textContent)",
        )
        .await
}

/// Whether the menu of this person is open.
fn menu_of(name: &str) -> String {
    format!(
        "(() => {{
            const menu = document.getElementById('person-menu');
            return menu.checkVisibility() && menu.querySelector('b').textContent === '{name}';
        }})()"
    )
}

#[tokio::test]
async fn a_message_that_calls_the_reader_stands_out() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, room, ann) = room_of_lin(&server, &browsers).await;
    let news = [
        "nobody in particular",
        "@Lin speaks to Lin",
        "@Ann, tea?",
        "@all: tea!",
    ];
    for words in news {
        lin.says(room, words).await;
    }
    ann.hears("@all: tea!").await;
    ann.post("@Ann is me").await;
    assert_eq!(calls(&ann).await, news[2..]);
    for theme in ["light", "dark"] {
        ann.choose(&format!("#theme-{theme}")).await;
        ann.press(Key::Escape).await;
        ann.picture(&format!("authors-calls-{theme}")).await;
    }
    ann.reload().await;
    assert_eq!(calls(&ann).await, news[2..], "drawn by the server, too");
    ann.leave().await;
}

#[tokio::test]
async fn names_and_faces_in_the_timeline_lead_to_their_people() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Companion::named(&server, "Lin").await;
    lin.says(1, "press my name").await;
    lin.says(1, "or my face").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.browser
        .execute("document.querySelector('.msg.first').focus()", vec![])
        .await
        .unwrap();
    assert_eq!(
        ann.look::<Vec<i32>>(
            "[...document.querySelectorAll('.msg .name')].map((name) => name.tabIndex)"
        )
        .await,
        [0, -1],
        "one stop for those that stand together"
    );
    for width in [1440, 390] {
        ann.resize(width, 844).await;
        let face = ann.find(".msg.first > .face").await;
        let hand = ann.browser.action_chain().move_to_element_center(&face);
        hand.click().perform().await.unwrap();
        ann.until("Lin's menu", &menu_of("Lin")).await;
        ann.picture(&format!("authors-menu-{width}")).await;
        ann.press(Key::Escape).await;
        ann.until("closed", &format!("!{}", menu_of("Lin"))).await;
    }
    let focus = "document.querySelector('.msg.first .name').focus()";
    ann.browser.execute(focus, vec![]).await.unwrap();
    ann.press(Key::Enter).await;
    ann.until("Lin's menu", &menu_of("Lin")).await;
    ann.press(Key::Escape).await;
    ann.until(
        "back at the name",
        "document.activeElement.matches('.msg.first .name')",
    )
    .await;
    ann.press(Key::Enter).await;
    ann.until("Lin's menu", &menu_of("Lin")).await;
    ann.press(Key::Enter).await;
    ann.is_in("Lin").await;
    ann.leave().await;
}

#[tokio::test]
async fn who_deletes_their_account_is_nobody_in_open_rooms_too() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, room, ann) = room_of_lin(&server, &browsers).await;
    lin.says(room, "remember me").await;
    assert_eq!(ann.hears("remember me").await.name, "Lin");
    lin.vanishes().await;
    is_told(&ann, "Deleted account left").await;
    let heard = ann.hears("remember me").await;
    assert_eq!(heard.name, "Deleted account");
    let inert = "document.querySelector('.msg .name').disabled
        && document.querySelector('.msg .face').src.endsWith('/avatar/nobody.svg')";
    assert!(ann.look::<bool>(inert).await, "there is nobody to ask");
    ann.leave().await;
}
