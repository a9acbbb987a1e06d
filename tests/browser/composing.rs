//! Keys of an input method are its own, in every box: Safari says so by the code 229 alone, after the
//! words have come.

use thirtyfour::prelude::*;

use super::search::looks;
use super::{Browsers, Person, site};
use crate::support::Server;

/// A key of an input method that has just ended; whether the page left it alone.
async fn composes(person: &Person, css: &str, key: &str) -> bool {
    let press = format!(
        "(() => {{
            const field = document.querySelector('{css}');
            field.dispatchEvent(new CompositionEvent('compositionend', {{ data: '', bubbles: true }}));
            return field.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', keyCode: 229, isComposing: false, bubbles: true, cancelable: true }}));
        }})()"
    );
    person.look(&press).await
}

#[tokio::test]
async fn what_ends_a_composition_does_nothing_else() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = super::company::member(&browsers, &server, &site(&server), "Ann").await;
    for name in ["Oolong", "White peony"] {
        ann.click("#create-room").await;
        ann.fill("#create-dialog", &[("name", name)]).await;
        ann.is_in(name).await;
    }
    ann.post("kettle").await;

    ann.click("#open-switcher").await;
    let chosen = "document.querySelector('#switcher-list [aria-selected=true] .name')?.textContent";
    ann.until("Lobby is chosen", &format!("{chosen} === 'Lobby'"))
        .await;
    for key in ["ArrowDown", "ArrowUp", "Enter"] {
        assert!(composes(&ann, "#switcher-find", key).await, "{key}");
        assert_eq!(ann.look::<String>(chosen).await, "Lobby", "{key}");
    }
    assert!(
        ann.look::<bool>("document.getElementById('switcher').open")
            .await
    );
    ann.press(Key::Escape).await;
    assert_eq!(ann.text("h1").await, "White peony");

    looks(&ann).await;
    ann.type_in("kettle").await;
    ann.until(
        "a hit",
        "document.querySelectorAll('#search-list a').length === 1",
    )
    .await;
    let asked = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/search?')).length";
    let before: u32 = ann.look(asked).await;
    for key in ["Enter", "ArrowDown"] {
        assert!(composes(&ann, "#search-find", key).await, "{key}");
    }
    assert!(
        ann.look::<bool>("document.activeElement.id === 'search-find'")
            .await
    );
    // The next one that is meant is the next one that is asked.
    ann.press(Key::Enter).await;
    let next =
        format!("{asked} > {before} && document.getElementById('search-list').ariaBusy !== 'true'");
    ann.until("one more is asked", &next).await;
    assert_eq!(ann.look::<u32>(asked).await, before + 1);
    ann.press(Key::Escape).await;

    ann.use_tool(".reply", "kettle").await;
    let answers = "!document.getElementById('replying').hidden";
    ann.until("Ann answers", answers).await;
    assert!(composes(&ann, "#say", "Escape").await);
    assert!(ann.look::<bool>(answers).await, "Ann still does");
    ann.press(Key::Escape).await;
    ann.until("no longer", &format!("!({answers})")).await;
    ann.use_tool(".edit", "kettle").await;
    let edits = "!document.getElementById('editing').hidden";
    ann.until("Ann edits", edits).await;
    assert!(composes(&ann, "#say", "Escape").await);
    assert!(ann.look::<bool>(edits).await, "Ann still does");
    ann.leave().await;
}
