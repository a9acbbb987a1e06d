//! The quick way to a room or a person, by keyboard alone.

use thirtyfour::prelude::*;

use super::company::{Companion, member};
use super::{Browsers, Person, site};
use crate::support::Server;

/// The name of the option that Enter would take.
const CHOSEN: &str =
    "document.querySelector('#switcher-list [aria-selected=true] .name')?.textContent";

async fn chosen(person: &Person, name: &str) {
    person
        .until(
            &format!("{name} is chosen"),
            &format!("{CHOSEN} === '{name}'"),
        )
        .await;
    let id = "document.getElementById('switcher-find').getAttribute('aria-activedescendant')";
    let same = format!(
        "document.getElementById({id}) === document.querySelector('#switcher-list [aria-selected=true]')"
    );
    assert!(person.look::<bool>(&same).await, "a screen reader knows it");
}

/// Ctrl and K together, wherever the focus is.
async fn opens(person: &Person) {
    let keys = person.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys("k").key_up(Key::Control);
    keys.perform().await.unwrap();
    person
        .until(
            "the switcher",
            "document.getElementById('switcher').open && document.activeElement.id === 'switcher-find'",
        )
        .await;
}

#[tokio::test]
async fn some_letters_and_enter_lead_anywhere() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let _lin = Companion::named(&server, "Linus").await;
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    for name in ["Oolong", "White peony"] {
        ann.click("#create-room").await;
        ann.fill("#create-dialog", &[("name", name)]).await;
        ann.is_in(name).await;
    }
    opens(&ann).await;
    ann.type_in("olg").await;
    chosen(&ann, "Oolong").await;
    ann.press(Key::Enter).await;
    ann.is_in("Oolong").await;

    opens(&ann).await;
    chosen(&ann, "Lobby").await;
    ann.press(Key::Down).await;
    ann.press(Key::Up).await;
    chosen(&ann, "Lobby").await;
    ann.type_in("zzz").await;
    ann.reads("#switcher-state", "Nothing found.").await;
    ann.press(Key::Escape).await;
    assert!(
        !ann.look::<bool>("document.getElementById('switcher').open")
            .await
    );
    assert_eq!(ann.text("h1").await, "Oolong", "Escape goes nowhere");

    opens(&ann).await;
    ann.type_in("linu").await;
    chosen(&ann, "Linus").await;
    ann.picture("switcher").await;
    ann.press(Key::Enter).await;
    ann.is_in("Linus").await;
    ann.leave().await;
}
