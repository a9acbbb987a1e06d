//! The rows of messages are drawn twice: by the server for a page that comes, by the page's scripts for
//! what comes to it. `tests/page/fixtures/rows.json` is what is said; both make the same of it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::voice_player::{tone, uploads_voice};
use super::{Browsers, Person, site};
use crate::support::actions::{answer, pin, react};
use crate::support::{Guest, Member, Server, Ws, tool};

const PASSWORD: &str = "seven bowls 七碗茶";

/// What is said, by whom, and what becomes of it; people and messages by their place.
#[derive(Deserialize)]
struct Fixture {
    people: Vec<String>,
    deletes_account: usize,
    said: Vec<Said>,
    /// What must be among the rows, so that it is compared at all.
    has: Vec<String>,
}

#[derive(Deserialize)]
struct Said {
    by: usize,
    content: String,
    reply: Option<usize>,
    edit: Option<String>,
    #[serde(default)]
    recall: bool,
    #[serde(default)]
    pin: bool,
    #[serde(default)]
    react: Vec<React>,
    /// Names of its files.
    #[serde(default)]
    files: Vec<String>,
    /// The place of the file that is taken out.
    unfile: Option<usize>,
}

#[derive(Deserialize)]
struct React {
    by: usize,
    emoji: String,
}

/// Draws every message of the page by the scripts, from what the API says of it, and takes the server's
/// rows as the page does. Gives `[server, page]` of each as markup, without what only one of them needs.
const DRAW: &str = r#"
    const base = document.querySelector('script[type=module][src]').src.replace(/[^/]*$/, '');
    const load = (name) => import(`${base}${name}.js`);
    return (async () => {
        const { messageRow, noteRow, readRow } = await load('timeline/message-row');
        const { isMine } = await load('state/messages');
        const { me } = (await load('state/session')).session;
        const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
        const { extras } = JSON.parse(page.getElementById('boot').textContent);
        const { messages } = await (await fetch('/api/v1/rooms/1/messages')).json();
        const drawn = [...page.querySelectorAll('#messages > .msg, #messages > .note')].map((row) => document.importNode(row, true));
        for (const row of drawn) readRow(row, me, extras.find(({ id }) => id === Number(row.dataset.id)));
        const made = messages.map((message) => message.recalled ? noteRow(message, isMine(message, me)) : messageRow(message, me));
        const plain = (row) => {
            const copy = row.cloneNode(true);
            // A face or none is a matter of the row before; what was written and when are for scripts that read the row.
            copy.classList.remove('first');
            for (const name of ['at', 'source']) delete copy.dataset[name];
            // What moves in a box of its own is reached by the keyboard once it is seen to move.
            for (const box of copy.querySelectorAll('pre, table')) box.removeAttribute('tabindex');
            for (const part of [copy, ...copy.querySelectorAll('.head')]) {
                for (const node of [...part.childNodes]) if (node.nodeType === Node.TEXT_NODE && !node.data.trim()) node.remove();
            }
            return copy.outerHTML;
        };
        return [drawn.map(plain), made.map(plain), HAS.filter((css) => !drawn.some((row) => row.matches(css) || row.querySelector(css)))];
    })();
"#;

/// What is in a file of this name: a picture where it says so.
fn bytes(name: &str) -> Vec<u8> {
    if !name.ends_with(".png") {
        return name.repeat(100).into_bytes();
    }
    let mut png = Vec::new();
    let bowl = image::RgbImage::from_fn(900, 600, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let encoder = image::codecs::png::PngEncoder::new(&mut png);
    bowl.write_with_encoder(encoder).unwrap();
    png
}

async fn say(server: &Server, fixture: &Fixture) {
    let mut guests = Vec::new();
    for name in &fixture.people {
        let mut guest = Guest::visiting(server).await;
        guest.register(name, PASSWORD).await;
        guests.push(Member {
            guest,
            id: String::new(),
        });
    }
    server.crown(&fixture.people[0]);
    let mut people: Vec<Ws> = Vec::new();
    for member in &guests {
        people.push(member.guest.feed().await.0);
    }
    let mut ids: Vec<Value> = Vec::new();
    let mut sent: Vec<Vec<Value>> = Vec::new();
    for said in &fixture.said {
        let ws = &mut people[said.by];
        let mut files = Vec::new();
        for name in &said.files {
            let by = &mut guests[said.by];
            let id = if name.ends_with(".wav") {
                uploads_voice(by, &tone(83)).await
            } else {
                by.uploads(name, &bytes(name)).await
            };
            files.push(json!({"id": id}));
        }
        sent.push(files.clone());
        let told = match said.reply {
            Some(place) => answer(ws, &ids[place], &said.content).await,
            None if files.is_empty() => ws.post(&said.content).await,
            None => ws.sends_files(1, &said.content, &json!(files)).await,
        };
        ids.push(told["id"].clone());
    }
    for ((said, id), files) in fixture.said.iter().zip(&ids).zip(&sent) {
        if let Some(place) = said.unfile {
            let unfile = json!({"do": "unfile", "file": files[place]["id"]});
            people[said.by].change(id, &unfile).await;
        }
        if let Some(content) = &said.edit {
            let edit = json!({"do": "edit", "content": content});
            people[said.by].change(id, &edit).await;
        }
        if said.pin {
            pin(&mut people[0], id, true).await;
        }
        for put in &said.react {
            react(&mut people[put.by], id, &put.emoji, true).await;
        }
        if said.recall {
            people[said.by].change(id, &json!({"do": "recall"})).await;
        }
    }
    let body = json!({"password": PASSWORD});
    let gone = guests[fixture.deletes_account]
        .guest
        .change("DELETE", "/api/v1/me", &body)
        .await;
    assert_eq!(gone.status, 200);
}

async fn rows(person: &Person, has: &[String]) -> (Vec<String>, Vec<String>, Vec<String>) {
    let script = DRAW.replace("HAS", &json!(has).to_string());
    let told = person.browser.execute(script, vec![]).await.unwrap();
    told.convert().unwrap()
}

#[tokio::test]
async fn the_server_and_the_page_draw_the_same_row_of_every_message() {
    let server = Server::start(&[]);
    let fixture = include_str!("../page/fixtures/rows.json");
    let fixture: Fixture = serde_json::from_str(fixture).unwrap();
    say(&server, &fixture).await;
    let path = tool::hook(&server, "Alerts", 1);
    tool::says(&server, &path, "a message of a bot").await;
    let browsers = Browsers::start();
    for languages in ["en", "zh-CN,zh"] {
        let person = browsers.person(&site(&server), languages).await;
        person.open().await;
        person.post("of whoever looks").await;
        let (drawn, made, missing) = rows(&person, &fixture.has).await;
        assert!(missing.is_empty(), "no row has {missing:?}");
        assert!(drawn.len() > fixture.said.len());
        for (place, (server, page)) in drawn.iter().zip(&made).enumerate() {
            assert_eq!(server, page, "row {place} in {languages}");
        }
        assert_eq!(drawn.len(), made.len());
        person.leave().await;
    }
}
