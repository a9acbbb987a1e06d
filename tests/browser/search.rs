//! Search as people use it: words and filters, by hand and by keyboard, and from what was found to its
//! place.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use thirtyfour::prelude::*;

use super::file_words::{png, sender};
use super::permalink::{is_at, tell};
use super::{Browsers, Person, site};
use crate::support::{Guest, Member, Server, Ws};

/// What is shown of the hits: who, where, the piece, and the words marked in it.
const HITS: &str = "[...document.querySelectorAll('#search-list a')].map((hit) => [
    hit.querySelector('.name').textContent,
    hit.querySelector('.where').textContent,
    hit.querySelector('.piece').textContent,
    [...hit.querySelectorAll('mark')].map((mark) => mark.textContent).join('|'),
])";

/// Says something in a room.
async fn says(ws: &mut Ws, room: i64, content: &str) {
    let nonce = json!(uuid::Uuid::new_v4());
    let said = json!({"nonce": nonce, "room": room, "content": content});
    ws.send(&json!({"type": kinds::SEND, "data": said})).await;
    ws.until_said(content).await;
}

/// Opens the search with the slash.
pub(super) async fn looks(person: &Person) {
    person
        .browser
        .execute("document.activeElement.blur()", vec![])
        .await
        .unwrap();
    person.press("/").await;
    person
        .until(
            "the search is open",
            "document.activeElement.id === 'search-find'",
        )
        .await;
}

/// Waits until these pieces are shown, in this order.
pub(super) async fn finds(person: &Person, pieces: &[&str]) {
    let seen = format!(
        "document.getElementById('search-list').ariaBusy !== 'true'
            && JSON.stringify({HITS}.map(([, , piece]) => piece)) === JSON.stringify({})",
        json!(pieces)
    );
    person.until(&format!("{pieces:?} are found"), &seen).await;
}

/// Chooses in a field of the search.
pub(super) async fn chooses(person: &Person, field: &str, value: &str) {
    let choose = format!(
        "const field = document.getElementById('search-{field}');
         field.value = {};
         field.dispatchEvent(new Event('change', {{bubbles: true}}));",
        json!(value)
    );
    person.browser.execute(choose, vec![]).await.unwrap();
}

async fn counts(person: &Person, hits: usize) {
    let seen = format!("document.querySelectorAll('#search-list a').length === {hits}");
    person.until(&format!("{hits} hits"), &seen).await;
}

#[tokio::test]
async fn words_and_filters_find_what_was_said_and_enter_leads_to_its_place() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let mut lin = Member::new(&server, "Lin").await;
    let oolong = lin.makes("public", "Oolong").await;
    let (mut inside, _) = lin.hears(oolong).await;
    says(&mut inside, oolong, "the kettle is **on**, 水开了").await;
    says(&mut inside, oolong, "https://example.org/kettle to read").await;
    let (mut bob, welcome) = Guest::visiting(&server).await.feed().await;
    let bob_is = welcome["me"]["name"].as_str().unwrap().to_owned();
    bob.post("who moved the Kettle?").await;
    tell(&mut bob, 130).await;

    let ann = browsers.person(&site(&server), "en").await;
    looks(&ann).await;
    ann.until(
        "what can be typed",
        "document.getElementById('search-state').textContent.includes('from:name')",
    )
    .await;
    ann.type_in("kettle").await;
    let pieces = [
        "who moved the Kettle?",
        "https://example.org/kettle to read",
        "the kettle is on, 水开了",
    ];
    finds(&ann, &pieces).await;
    ann.picture("search").await;
    let hits: Vec<[String; 4]> = ann.look(HITS).await;
    assert_eq!(hits[0], [&bob_is, "Lobby", pieces[0], "Kettle"]);
    assert_eq!(hits[2], ["Lin", "Oolong", pieces[2], "kettle"]);

    // Chosen beside it, and typed.
    ann.click("#search-link").await;
    finds(&ann, &pieces[1..2]).await;
    ann.click("#search-link").await;
    finds(&ann, &pieces).await;
    let begins: String = bob_is.chars().take(3).collect();
    ann.write_into("#search-from", &begins).await;
    let offered = format!(
        "[...document.querySelectorAll('#search-people option')].some(({{value}}) => value === {})",
        json!(bob_is)
    );
    ann.until("the name is offered", &offered).await;
    chooses(&ann, "from", "").await;
    ann.write_into("#search-from", "lin").await;
    ann.press(Key::Enter).await;
    finds(&ann, &pieces[1..]).await;
    chooses(&ann, "from", "").await;
    chooses(&ann, "before", "2020-01-01").await;
    ann.reads(
        "#search-state",
        "Nothing found. Fewer words, or fewer filters, may help.",
    )
    .await;
    chooses(&ann, "before", "").await;
    ann.browser
        .execute(
            "const field = document.getElementById('search-in');
             field.selectedIndex = 1;
             field.dispatchEvent(new Event('change'));",
            vec![],
        )
        .await
        .unwrap();
    finds(&ann, &pieces[..1]).await;
    ann.write_into("#search-find", " in:Oolong from:lin").await;
    chooses(&ann, "in", "").await;
    finds(&ann, &pieces[1..]).await;

    chooses(&ann, "order", "best").await;
    let best: Vec<[String; 4]> = {
        ann.until(
            "an answer",
            "document.getElementById('search-list').ariaBusy !== 'true'",
        )
        .await;
        ann.look(HITS).await
    };
    assert!(
        best.len() == 2 && best.iter().all(|hit| hit[0] == "Lin"),
        "{best:?}"
    );
    chooses(&ann, "order", "new").await;
    finds(&ann, &pieces[1..]).await;

    // By keyboard to the second, and to its place in another room.
    ann.click("#search-find").await;
    ann.press(Key::Down).await;
    ann.press(Key::Down).await;
    ann.press(Key::Up).await;
    ann.press(Key::Down).await;
    ann.press(Key::Enter).await;
    is_at(&ann, "the kettle is on, 水开了").await;
    assert_eq!(ann.text("h1").await, "Oolong");
    assert!(
        !ann.look::<bool>("document.getElementById('search').open")
            .await
    );

    // What was looked for stands there still; far back in the other room it leads, too.
    looks(&ann).await;
    finds(&ann, &pieces[1..]).await;
    ann.browser
        .execute("document.getElementById('search-find').select()", vec![])
        .await
        .unwrap();
    ann.type_in("moved").await;
    finds(&ann, &pieces[..1]).await;
    ann.click("#search-list a").await;
    is_at(&ann, "who moved the Kettle?").await;
    assert_eq!(ann.text("h1").await, "Lobby");
    assert!(!ann.texts().await.contains(&"tale 130".to_owned()));

    // Back leads to the hits, and whoever closes them has done with them.
    ann.browser.back().await.unwrap();
    finds(&ann, &pieces[..1]).await;
    ann.until(
        "the hit that was followed",
        "document.getElementById('search').open && document.activeElement.matches('#search-list a')",
    )
    .await;
    ann.press(Key::Enter).await;
    is_at(&ann, "who moved the Kettle?").await;
    ann.browser.back().await.unwrap();
    ann.until("the hits again", "document.getElementById('search').open")
        .await;
    ann.press(Key::Escape).await;
    ann.until(
        "no search",
        "!document.getElementById('search').open && !history.state?.hits",
    )
    .await;

    // While one types there is something to find, or more to type.
    looks(&ann).await;
    ann.browser
        .execute("document.getElementById('search-find').select()", vec![])
        .await
        .unwrap();
    for (letter, begins) in [("m", "m"), ("o", "mo"), ("v", "mov"), ("e", "move")] {
        ann.type_in(letter).await;
        let answered = format!(
            "performance.getEntriesByType('resource').some(({{name}}) => new URL(name).searchParams.get('q') === '{begins}')
                && document.getElementById('search-list').ariaBusy !== 'true'"
        );
        ann.until("an answer to these letters", &answered).await;
        let nothing: bool = ann
            .look("document.getElementById('search-state').textContent.includes('Nothing found')")
            .await;
        assert!(!nothing, "{begins}");
    }
    finds(&ann, &pieces[..1]).await;
    ann.click("#search-list a").await;
    is_at(&ann, "who moved the Kettle?").await;

    // Where one writes a slash is a slash.
    ann.write("1/2").await;
    ann.press("/").await;
    assert_eq!(ann.draft().await, "1/2/");
    let keys = ann.browser.action_chain().key_down(Key::Control);
    let keys = keys.key_down(Key::Shift).send_keys("F");
    let keys = keys.key_up(Key::Shift).key_up(Key::Control);
    keys.perform().await.unwrap();
    ann.until("the search", "document.getElementById('search').open")
        .await;
    ann.press(Key::Escape).await;
    ann.until("no search", "!document.getElementById('search').open")
        .await;
    let back: String = ann.look("document.activeElement.id").await;
    assert_eq!(back, "say", "the focus is where it was");
    ann.leave().await;
}

#[tokio::test]
async fn more_comes_on_scrolling_and_what_comes_late_or_not_at_all_is_told() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    tell(&mut bob, 45).await;
    bob.post("a story").await;
    let ann = browsers.person(&site(&server), "en").await;
    ann.expects("429");
    looks(&ann).await;
    ann.type_in("tale").await;
    counts(&ann, 20).await;
    for hits in [40, 45] {
        ann.look::<Value>("document.querySelector('#search .hits').scrollTop = 1e6")
            .await;
        counts(&ann, hits).await;
    }
    assert!(
        ann.look::<bool>("document.getElementById('search-more').hidden")
            .await
    );

    // An answer to words that are not there any more.
    let hold = "const real = window.fetch;
        window.held = 0;
        const gate = new Promise((open) => { window.letGo = open; });
        window.fetch = async (...ask) => {
            const answer = await real(...ask);
            if (!String(ask[0]).includes('q=tale+4&')) return answer;
            window.held += 1;
            await gate;
            window.held += 1;
            return answer;
        };";
    ann.browser.execute(hold, vec![]).await.unwrap();
    ann.type_in(" 4").await;
    ann.until("the answer is late", "window.held === 1").await;
    ann.browser
        .execute("document.getElementById('search-find').select()", vec![])
        .await
        .unwrap();
    ann.type_in("story").await;
    finds(&ann, &["a story"]).await;
    ann.browser.execute("window.letGo()", vec![]).await.unwrap();
    ann.until("it has come", "window.held === 2").await;
    finds(&ann, &["a story"]).await;

    // An index that is still being made.
    let young = "const told = window.fetch;
        window.fetch = async (...ask) => {
            const answer = await told(...ask);
            return answer.ok && String(ask[0]).includes('q=young') ? Response.json({...await answer.json(), complete: false}) : answer;
        };";
    ann.browser.execute(young, vec![]).await.unwrap();
    let partial = "document.getElementById('search-partial').checkVisibility()";
    assert!(!ann.look::<bool>(partial).await);
    ann.browser
        .execute("document.getElementById('search-find').select()", vec![])
        .await
        .unwrap();
    ann.type_in("young").await;
    ann.until("there may be more", partial).await;

    // Too much of it.
    let many = "for (let asked = 0; asked < 125; asked += 1) fetch('/api/v1/search?q=tea');";
    ann.browser.execute(many, vec![]).await.unwrap();
    let too_fast = "document.getElementById('search-state').textContent.startsWith('That was too fast.')
        || (document.getElementById('search-list').ariaBusy !== 'true'
            && document.getElementById('search-find').dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))
            && false)";
    ann.until("it says that this was too fast", too_fast).await;
    counts(&ann, 0).await;
    ann.leave().await;
}

#[tokio::test]
async fn on_a_phone_a_hit_closes_the_search_and_the_rooms_and_stands_in_sight() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    tell(&mut bob, 120).await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    lin.resize(390, 844).await;
    lin.show_rooms().await;
    lin.click("#open-search").await;
    lin.until(
        "the search is open",
        "document.activeElement.id === 'search-find'",
    )
    .await;
    lin.type_in("\"tale 7\"").await;
    finds(&lin, &["tale 7"]).await;
    lin.picture("search-phone").await;
    lin.click("#search-list a").await;
    is_at(&lin, "tale 7").await;
    lin.leave().await;
}

#[tokio::test]
async fn files_are_found_by_their_names_and_say_what_they_are() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    let bowls = lin.uploads("碗_2026.final.png", &png(60, 40, 9)).await;
    let files = json!([{"id": bowls, "alt": "Two bowls"}]);
    let id = feed.sends_files(1, "", &files).await["id"].clone();
    let list = lin.uploads("名单.txt", b"x").await;
    feed.sends_files(1, "who comes", &json!([{"id": list}]))
        .await;
    let ann = browsers.person(&site(&server), "en").await;
    looks(&ann).await;
    ann.type_in("2026 bowls").await;
    finds(&ann, &["[picture] 碗_2026.final.png · Two bowls"]).await;
    ann.picture("search-files").await;
    let anew = "(document.getElementById('search-find').select(), true)";
    assert!(ann.look::<bool>(anew).await);
    ann.type_in("has:file").await;
    let both = [
        "[file] who comes · 名单.txt",
        "[picture] 碗_2026.final.png · Two bowls",
    ];
    finds(&ann, &both).await;
    assert!(ann.look::<bool>(anew).await);
    ann.type_in("有：图片").await;
    finds(&ann, &both[1..]).await;
    ann.click("#search-list a").await;
    let reached = format!("document.querySelector('#messages > .msg[data-id=\"{id}\"].target')");
    ann.until("its message stands out", &reached).await;
    ann.leave().await;
}
