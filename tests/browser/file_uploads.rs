//! Files that are on their way: what a reload, a dead line and a server that forgets do to them.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::{Companion, PASSWORD, member};
use super::files::{ROWS, all_uploaded, attaches, chooses, leaves_at, saves, shows};
use super::{Browsers, Person, Road, site};
use crate::support::{Server, eventually};

#[tokio::test]
async fn a_reload_in_the_middle_loses_nothing() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let lin = member(&browsers, &server, &site(&server), "林夏").await;
    ann.expects_cuts();
    leaves_at(&ann, 200_000).await;
    attaches(
        &ann,
        &server,
        &[("large.bin", 3_000_000), ("unsent.bin", 900_000)],
    )
    .await;
    ann.click(".file-tray li:last-child .remove").await;
    ann.write("with a large one").await;
    ann.press(Key::Enter).await;
    ann.until(
        "it is on its way",
        "document.querySelector('#messages .waiting .ring')?.ariaValueNow > 5",
    )
    .await;
    ann.write("words overtake it").await;
    ann.press(Key::Enter).await;
    ann.hears("words overtake it").await;
    attaches(&ann, &server, &[("chosen.txt", 500)]).await;
    ann.picture("files-waiting").await;
    ann.reload().await;
    let on = "document.querySelector('#messages .waiting .file')";
    ann.until("it waits", on).await;
    ann.until("so does what was only chosen", &format!("{ROWS} === 1"))
        .await;
    leaves_at(&ann, 0).await;
    for person in [&ann, &lin] {
        person.hears("with a large one").await;
        shows(person, &["large.bin"]).await;
        assert_eq!(
            person.texts().await,
            ["words overtake it", "with a large one"]
        );
    }
    saves(&lin, "large.bin", 3_000_000).await;
    ann.click("#send").await;
    shows(&lin, &["large.bin", "chosen.txt"]).await;
    // Of what is sent nothing is kept.
    let kept = "new Promise((done) => {
        const request = indexedDB.open('teahouse');
        request.onsuccess = () => {
            const all = request.result.transaction('parts').objectStore('parts').count();
            all.onsuccess = () => { request.result.close(); done(all.result); };
        };
    })";
    eventually("its bytes are gone from here", async || {
        ann.look::<u64>(kept).await == 0
    })
    .await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn what_is_chosen_without_a_line_goes_out_when_it_is_back() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &road.site(), "Ann").await;
    ann.expects_cuts();
    // Its parts come with the first file.
    attaches(&ann, &server, &[("first.txt", 10)]).await;
    ann.click("#send").await;
    shows(&ann, &["first.txt"]).await;
    road.cut().await;
    ann.is_cut_off().await;
    attaches(&ann, &server, &[("offline.txt", 100_000)]).await;
    ann.write("from the tunnel").await;
    ann.press(Key::Enter).await;
    ann.until(
        "it waits",
        "document.querySelector('#messages .waiting .ring')",
    )
    .await;
    road.mend(&server).await;
    ann.hears("from the tunnel").await;
    shows(&ann, &["first.txt", "offline.txt"]).await;
    saves(&ann, "offline.txt", 100_000).await;
    ann.leave().await;
}

#[tokio::test]
async fn what_the_server_has_forgotten_is_uploaded_again() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    attaches(&ann, &server, &[("forgotten.txt", 5_000)]).await;
    all_uploaded(&ann).await;
    let forget = "(async () => {
        const { uploads } = await (await fetch('/api/v1/uploads')).json();
        for (const { id } of uploads) await fetch(`/api/v1/uploads/${id}`, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } });
        return uploads.length;
    })()";
    assert_eq!(ann.look::<usize>(forget).await, 1);
    ann.write("late").await;
    ann.press(Key::Enter).await;
    ann.hears("late").await;
    shows(&ann, &["forgotten.txt"]).await;
    saves(&ann, "forgotten.txt", 5_000).await;
    ann.leave().await;
}

#[tokio::test]
async fn the_same_file_twice_is_two_files() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let lin = member(&browsers, &server, &site(&server), "林夏").await;
    leaves_at(&ann, 200_000).await;
    let path = server.home().join("twice.bin");
    std::fs::write(&path, vec![7; 400_000]).unwrap();
    let chooses = async |rows: usize| {
        let input = ann.find("#attach-input").await;
        input.send_keys(path.to_string_lossy()).await.unwrap();
        ann.until("it is chosen", &format!("{ROWS} === {rows}"))
            .await;
    };
    for rows in 1..=3 {
        chooses(rows).await;
    }
    // One of them is not wanted, which is nothing to the others.
    ann.click(".file-tray li:last-child .remove").await;
    ann.click("#send").await;
    chooses(1).await;
    ann.click("#send").await;
    leaves_at(&ann, 0).await;
    shows(&lin, &["twice.bin"; 3]).await;
    let of_messages = "[...document.querySelectorAll('#messages > .msg')].map((row) => row.querySelectorAll('.file').length).sort()";
    // Whichever was whole first.
    assert_eq!(lin.look::<Vec<usize>>(of_messages).await, [1, 2]);
    let addresses =
        "new Set([...document.querySelectorAll('#messages a.file')].map((line) => line.href)).size";
    assert_eq!(lin.look::<usize>(addresses).await, 3);
    let sizes: Vec<usize> = lin
        .look("Promise.all([...document.querySelectorAll('#messages a.file')].map(async (line) => (await (await fetch(line.href)).arrayBuffer()).byteLength))")
        .await;
    assert_eq!(sizes, [400_000; 3]);
    ann.leave().await;
    lin.leave().await;
}

/// From now on all of the page is fetched anew.
async fn keeps_no_part(person: &Person) {
    for (method, parameters) in [
        ("Network.enable", json!({})),
        ("Network.setBypassServiceWorker", json!({"bypass": true})),
        ("Network.setCacheDisabled", json!({"cacheDisabled": true})),
    ] {
        person.devtools(method, parameters).await;
    }
}

/// From now on a part of the page does not come.
async fn does_not_get(person: &Person, part: &str) {
    person.expects("ERR_BLOCKED");
    keeps_no_part(person).await;
    person
        .devtools("Network.setBlockedURLs", json!({"urls": [part]}))
        .await;
}

async fn is_told_that_it_did_not_come(person: &Person) {
    let told = "document.querySelector('#toast').textContent";
    person.until("it says why", told).await;
}

/// All parts come again.
async fn gets_all(person: &Person) {
    person
        .devtools("Network.setBlockedURLs", json!({"urls": []}))
        .await;
}

#[tokio::test]
async fn a_tray_that_does_not_come_at_first_has_what_was_chosen_before() {
    let server = Server::start(&[]);
    let mut road = Road::to(&server).await;
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &road.site(), "Ann").await;
    ann.expects_cuts();
    // It comes with the next file, and without one with the next line.
    for rows in [2, 1] {
        attaches(&ann, &server, &[("chosen.txt", 500)]).await;
        all_uploaded(&ann).await;
        does_not_get(&ann, "*/files/tray.js*").await;
        ann.reload().await;
        is_told_that_it_did_not_come(&ann).await;
        gets_all(&ann).await;
        if rows == 2 {
            chooses(&ann, &server, "more.txt", "more.txt").await;
        } else {
            road.cut().await;
            ann.is_cut_off().await;
            road.mend(&server).await;
        }
        ann.until("it is there", &format!("{ROWS} === {rows}"))
            .await;
        ann.click("#send").await;
        ann.until("the tray is empty", &format!("{ROWS} === 0"))
            .await;
    }
    shows(&ann, &["chosen.txt", "more.txt", "chosen.txt"]).await;
    ann.leave().await;
}

#[tokio::test]
async fn what_a_visitor_had_chosen_is_theirs_when_they_sign_in() {
    let server = Server::start(&[("uploads.who", "\"everybody\"")]);
    let browsers = Browsers::start();
    let lin = member(&browsers, &server, &site(&server), "Lin").await;
    let _ann = Companion::named(&server, "Ann").await;
    let ann = browsers.person(&site(&server), "en").await;
    attaches(&ann, &server, &[("visitor.txt", 500)]).await;
    all_uploaded(&ann).await;
    does_not_get(&ann, "*/files/tray.js*").await;
    ann.reload().await;
    is_told_that_it_did_not_come(&ann).await;
    ann.sign_in("Ann", PASSWORD).await;
    gets_all(&ann).await;
    chooses(&ann, &server, "account.txt", "account.txt").await;
    ann.until("both are there", &format!("{ROWS} === 2")).await;
    ann.click("#send").await;
    shows(&lin, &["visitor.txt", "account.txt"]).await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_part_of_the_page_that_does_not_come_at_first_hides_no_file() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    does_not_get(&ann, "*/files/transfers*").await;
    ann.reload().await;
    chooses(&ann, &server, "first.txt", "first.txt").await;
    is_told_that_it_did_not_come(&ann).await;
    gets_all(&ann).await;
    chooses(&ann, &server, "second.txt", "second.txt").await;
    ann.until("it is chosen", &format!("{ROWS} === 1")).await;
    ann.press(Key::Enter).await;
    shows(&ann, &["second.txt"]).await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_pasted_and_sent_at_once_goes_with_its_words_on_a_slow_line() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    keeps_no_part(&ann).await;
    ann.reload().await;
    let slow = json!({"offline": false, "latency": 400, "downloadThroughput": 200_000, "uploadThroughput": 200_000});
    ann.devtools("Network.emulateNetworkConditions", slow).await;
    let paste = "(() => {
        const field = document.getElementById('say');
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File(['oolong'.repeat(100)], 'leaves.txt'));
        field.value = 'look at these';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
        return field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    })()";
    assert!(!ann.look::<bool>(paste).await);
    ann.hears("look at these").await;
    shows(&ann, &["leaves.txt"]).await;
    assert_eq!(ann.texts().await, ["look at these"]);
    assert_eq!(
        ann.look::<String>("document.getElementById('say').value")
            .await,
        ""
    );
    ann.leave().await;
}

#[tokio::test]
async fn a_message_whose_files_are_on_their_way_is_cancelled_and_its_words_come_back() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let lin = member(&browsers, &server, &site(&server), "林夏").await;
    leaves_at(&ann, 100_000).await;
    attaches(&ann, &server, &[("large.bin", 3_000_000)]).await;
    ann.write("too much").await;
    ann.press(Key::Enter).await;
    ann.until(
        "it is on its way",
        "document.querySelector('#messages .waiting .ring')",
    )
    .await;
    ann.picture("files-cancel").await;
    ann.click("#messages .waiting .cancel-files").await;
    let gone = "!document.querySelector('#messages .msg') && document.getElementById('say').value === 'too much'";
    ann.until("the words are back", gone).await;
    leaves_at(&ann, 0).await;
    let left = "fetch('/api/v1/uploads').then((answer) => answer.json()).then(({ uploads }) => uploads.length)";
    eventually("nothing is left on the server", async || {
        ann.look::<usize>(left).await == 0
    })
    .await;
    ann.press(Key::Enter).await;
    lin.hears("too much").await;
    shows(&lin, &[]).await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn files_that_are_copied_with_their_names_are_files_and_pictures_of_words_are_words() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let pasted = |words: &str| {
        format!(
            "(() => {{
                const clipboardData = new DataTransfer();
                clipboardData.items.add(new File(['tea'], 'caf\u{e9}.png', {{ type: 'image/png' }}));
                clipboardData.setData('text/plain', {});
                return document.getElementById('say').dispatchEvent(new ClipboardEvent('paste', {{ clipboardData, bubbles: true, cancelable: true }}));
            }})()",
            json!(words)
        )
    };
    assert!(ann.look::<bool>(&pasted("a table of teas")).await);
    // A Mac takes letters and their accents apart.
    assert!(!ann.look::<bool>(&pasted("cafe\u{301}.png")).await);
    ann.until("the file is there", &format!("{ROWS} === 1"))
        .await;
    ann.leave().await;
}
