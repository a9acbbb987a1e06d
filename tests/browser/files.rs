//! Files in messages: how they come in, and how they look to others.

use serde_json::json;
use thirtyfour::prelude::*;

use super::company::member;
use super::file_words::sender;
use super::gallery::{gif_of, sends};
use super::phone::nothing_sticks_out;
use super::voice_player::tone;
use super::{Browsers, Person, site};
use crate::support::Server;

/// What is in a text file of this name and size, which no two share.
fn bytes(name: &str, size: usize) -> Vec<u8> {
    let line = format!("{name} 茶\n");
    line.bytes().cycle().take(size).collect()
}

/// Chooses one file, of these bytes, with the button, whatever becomes of it.
pub async fn chooses(person: &Person, server: &Server, name: &str, bytes: impl AsRef<[u8]>) {
    let path = server.home().join(name);
    std::fs::write(&path, bytes).unwrap();
    let input = person.find("#attach-input").await;
    input.send_keys(path.to_string_lossy()).await.unwrap();
}

/// Chooses files with the button; each is made in the server's folder first.
pub async fn attaches(person: &Person, server: &Server, files: &[(&str, usize)]) {
    let before: usize = person.look(ROWS).await;
    let mut paths = Vec::new();
    for (name, size) in files {
        let path = server.home().join(name);
        std::fs::write(&path, bytes(name, *size)).unwrap();
        paths.push(path.to_string_lossy().into_owned());
    }
    let input = person.find("#attach-input").await;
    input.send_keys(paths.join("\n")).await.unwrap();
    let chosen = format!("{ROWS} === {}", before + files.len());
    person.until("they stand in the tray", &chosen).await;
}

pub const ROWS: &str = "document.querySelectorAll('.file-tray li').length";

/// Nothing of the tray is on its way any more.
pub async fn all_uploaded(person: &Person) {
    let there = format!("{ROWS} > 0 && !document.querySelector('.file-tray .ring:not([hidden])')");
    person.until("all is uploaded", &there).await;
}

/// Names of the files in the messages that the server has.
pub async fn shows(person: &Person, names: &[&str]) {
    let there = format!(
        "JSON.stringify([...document.querySelectorAll('#messages > .msg:not(.waiting, .failed) .file-name')].map((name) => name.textContent)) === {}",
        json!(json!(names).to_string())
    );
    person.until(&format!("{names:?} are there"), &there).await;
}

/// What is saved by a press on the file of this name.
pub async fn saves(person: &Person, name: &str, size: usize) {
    let ask = format!(
        "(async () => {{
            const line = [...document.querySelectorAll('a.file')].find((line) => line.querySelector('.file-name').textContent === {});
            const answer = await fetch(line.href);
            return [answer.status, answer.headers.get('content-disposition').split(';')[0], [...new Uint8Array(await answer.arrayBuffer())]];
        }})()",
        json!(name)
    );
    let (status, disposition, content): (u16, String, Vec<u8>) = person.look(&ask).await;
    assert_eq!((status, disposition.as_str()), (200, "attachment"));
    assert!(
        content == bytes(name, size),
        "{name}: {} bytes",
        content.len()
    );
}

/// How fast bytes leave the browser, in bytes a second; 0 for as fast as they can.
pub async fn leaves_at(person: &Person, speed: i64) {
    let upload = if speed == 0 { -1 } else { speed };
    let conditions = json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload});
    person.devtools("Network.enable", json!({})).await;
    person
        .devtools("Network.emulateNetworkConditions", conditions)
        .await;
}

/// A picture that the browser draws, as a `File` in scripts.
const PICTURE: &str = "const canvas = new OffscreenCanvas(640, 480);
    const context = canvas.getContext('2d');
    context.fillStyle = '#468';
    context.fillRect(0, 0, 640, 480);
    context.fillStyle = '#fc8';
    context.fillRect(160, 120, 320, 240);
    const picture = new File([await canvas.convertToBlob({ type: 'image/png' })], 'bowl.png', { type: 'image/png' });
    const data = new DataTransfer();
    data.items.add(picture);";

async fn pastes(person: &Person) {
    let paste = format!(
        "(async () => {{ {PICTURE} return !document.getElementById('say').dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }})); }})()"
    );
    assert!(person.look::<bool>(&paste).await);
}

async fn drops(person: &Person, server: &Server, name: &str) {
    let path = server.home().join(name);
    std::fs::write(&path, bytes(name, 2_000)).unwrap();
    for kind in ["dragEnter", "dragOver", "drop"] {
        let data = json!({"items": [], "files": [path], "dragOperationsMask": 1});
        let drag = json!({"type": kind, "x": 600, "y": 300, "data": data});
        person.devtools("Input.dispatchDragEvent", drag).await;
        let framed = "document.querySelector('main').matches('.drop-here')";
        if kind == "dragOver" {
            person.until("a frame says where", framed).await;
        }
    }
    let gone = "!document.querySelector('main').matches('.drop-here')";
    person.until("the frame is gone", gone).await;
}

#[tokio::test]
async fn files_go_with_the_words_and_are_saved_as_they_were() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let lin = member(&browsers, &server, &site(&server), "林夏").await;
    attaches(&ann, &server, &[("harvest.pdf", 700_000), ("茶.txt", 20)]).await;
    all_uploaded(&ann).await;
    ann.picture("files-tray").await;
    ann.write("read these").await;
    ann.press(Key::Enter).await;
    for person in [&ann, &lin] {
        person.hears("read these").await;
        shows(person, &["harvest.pdf", "茶.txt"]).await;
    }
    assert_eq!(ann.look::<usize>(ROWS).await, 0, "the tray is empty");
    saves(&lin, "harvest.pdf", 700_000).await;
    saves(&lin, "茶.txt", 20).await;

    // Without words, by the button alone.
    attaches(&ann, &server, &[("alone.zip", 3_000)]).await;
    ann.click("#send").await;
    shows(&lin, &["harvest.pdf", "茶.txt", "alone.zip"]).await;
    ann.reload().await;
    shows(&ann, &["harvest.pdf", "茶.txt", "alone.zip"]).await;
    saves(&ann, "alone.zip", 3_000).await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn what_is_pasted_or_dropped_is_sent_and_a_key_chooses_more() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    pastes(&ann).await;
    ann.until("it is in the tray", &format!("{ROWS} === 1"))
        .await;
    drops(&ann, &server, "dropped.txt").await;
    ann.until("both are", &format!("{ROWS} === 2")).await;
    all_uploaded(&ann).await;
    // The one that came last goes first, the other is described and hidden.
    ann.click(".file-tray li:last-child .more").await;
    ann.click(".file-tray li:last-child .moves button:first-child")
        .await;
    ann.until(
        "it is the first",
        "document.querySelector('.file-tray li:first-child .file-name').textContent === 'dropped.txt'",
    )
    .await;
    ann.click(".file-tray li:last-child .more").await;
    ann.write_into(".file-tray li:last-child input", "A bowl of tea")
        .await;
    ann.click(".file-tray li:last-child .toggle").await;
    ann.picture("files-described").await;
    ann.click("#send").await;
    ann.until(
        "the picture is hidden",
        "document.querySelector('#messages .msg:not(.waiting) .spoiler img[alt=\"A bowl of tea\"]')",
    )
    .await;
    shows(&ann, &["dropped.txt"]).await;
    ann.picture("files-hidden").await;
    ann.click("#messages .unspoil").await;
    ann.until(
        "it is seen",
        "!document.querySelector('#messages .spoiler') && document.activeElement.matches('.pic a')",
    )
    .await;
    ann.until(
        "in its shape",
        "(({ attributes: { width, height }, naturalWidth }) => width.value === '469' && height.value === '352' && naturalWidth > 0)(document.querySelector('#messages .pic img'))",
    )
    .await;
    ann.picture("files-seen").await;
    let asked = "document.getElementById('attach-input').click = () => { window.asked = true; }";
    ann.browser.execute(asked, vec![]).await.unwrap();
    ann.click("#say").await;
    let keys = ann.browser.action_chain().key_down(Key::Control);
    let keys = keys.send_keys("u").key_up(Key::Control);
    keys.perform().await.unwrap();
    ann.until("files are asked for", "window.asked").await;
    ann.leave().await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_before_anything_is_read() {
    let server = Server::start(&[
        ("uploads.file_bytes", "1 MiB"),
        ("uploads.files_per_message", "2"),
    ]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let dropped = |sizes: &str| {
        format!(
            "(() => {{
                const dataTransfer = new DataTransfer();
                {sizes}.forEach((size, place) => dataTransfer.items.add(new File([new Uint8Array(size)], `${{place}}.bin`)));
                document.getElementById('timeline').dispatchEvent(new DragEvent('drop', {{ dataTransfer, bubbles: true, cancelable: true }}));
                return true;
            }})()"
        )
    };
    assert!(ann.look::<bool>(&dropped("[2_000_000]")).await);
    ann.reads("#toast", "0.bin is larger than 1 MB.").await;
    assert!(ann.look::<bool>(&dropped("[0]")).await);
    ann.reads("#toast", "0.bin is empty.").await;
    assert!(ann.look::<bool>(&dropped("[1, 2, 3]")).await);
    ann.reads("#toast", "A message takes 2 files at most.")
        .await;
    assert_eq!(ann.look::<usize>(ROWS).await, 2, "the others are there");
    ann.click(".file-tray .remove").await;
    ann.click(".file-tray .remove").await;
    ann.until(
        "an empty tray is none, and there is nothing to send",
        "!document.querySelector('.file-tray').checkVisibility() && document.getElementById('send').disabled",
    )
    .await;
    let at = "document.activeElement.id";
    assert_eq!(ann.look::<String>(at).await, "say");

    // A visitor may talk here, and not send files.
    let bob = browsers.person(&site(&server), "en").await;
    assert!(
        !bob.look::<bool>("document.getElementById('attach').checkVisibility()")
            .await
    );
    assert!(bob.look::<bool>(&dropped("[5]")).await);
    bob.reads(
        "#toast",
        "Only words can be sent here, no pictures or files.",
    )
    .await;
    ann.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn a_recall_takes_the_files_away_for_everybody() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let lin = member(&browsers, &server, &site(&server), "林夏").await;
    attaches(&ann, &server, &[("secret.txt", 50)]).await;
    ann.write("not for long").await;
    ann.press(Key::Enter).await;
    shows(&lin, &["secret.txt"]).await;
    let address: String = lin.look("document.querySelector('a.file').href").await;
    // The browser is asked for what is gone, and complains.
    for person in [&ann, &lin] {
        person.expects("404");
    }
    ann.choose_for("recall", "not for long").await;
    for person in [&ann, &lin] {
        person
            .until(
                "a note is left",
                "document.querySelector('#messages > .note')",
            )
            .await;
        shows(person, &[]).await;
        let status = format!(
            "(await fetch({}, {{ cache: 'no-store' }})).status",
            json!(address)
        );
        let status: u16 = person.look(&format!("(async () => {status})()")).await;
        assert_eq!(status, 404);
    }
    ann.reload().await;
    shows(&ann, &[]).await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_name_of_300_characters_from_the_right_fits_on_a_phone() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.resize(390, 844).await;
    let name = format!("{}.docx", "تقرير الشاي ".repeat(25).trim_end());
    let drop = format!(
        "(() => {{
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File(['tea'.repeat(500)], {}));
            document.getElementById('timeline').dispatchEvent(new DragEvent('drop', {{ dataTransfer, bubbles: true, cancelable: true }}));
            return true;
        }})()",
        json!(name)
    );
    assert!(ann.look::<bool>(&drop).await);
    ann.until("it is in the tray", &format!("{ROWS} === 1"))
        .await;
    all_uploaded(&ann).await;
    nothing_sticks_out(&ann).await;
    ann.picture("files-phone-tray").await;
    ann.click("#send").await;
    let there = "document.querySelector('#messages .msg:not(.waiting) .file-name')?.textContent.endsWith('.docx')";
    ann.until("it is a message", there).await;
    nothing_sticks_out(&ann).await;
    ann.picture("files-phone-row").await;
    let low: Vec<String> = ann
        .look("[...document.querySelectorAll('#messages a.file, #attach')].filter((each) => each.getBoundingClientRect().height < 40).map((each) => each.outerHTML)")
        .await;
    assert!(low.is_empty(), "{low:?}");
    ann.leave().await;
}

#[tokio::test]
async fn what_is_too_much_to_move_says_so_and_goes_as_a_file_on_request() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    chooses(&ann, &server, "steam.gif", gif_of(601, 16, 16)).await;
    let words = "It is too much to move here: others will see its first frame. Send as a file";
    ann.reads(".file-tray .problem", words).await;
    ann.picture("files-still").await;
    ann.click(".file-tray .problem button").await;
    ann.reads(".file-tray .problem", "").await;
    ann.click("#send").await;
    shows(&ann, &["steam.gif"]).await;
    ann.leave().await;
}

#[tokio::test]
async fn what_is_too_large_for_a_picture_goes_as_a_file_on_request() {
    let server = Server::start(&[("uploads.picture_bytes", "4 KiB")]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.expects("413");
    let noise = gif_of(200, 64, 64);
    assert!(noise.len() > 4_096);
    chooses(&ann, &server, "steam.gif", noise).await;
    let says =
        "document.querySelector('.file-tray .problem')?.textContent.endsWith('Send as a file')";
    ann.until("it says what can be done", says).await;
    ann.click(".file-tray .problem button").await;
    ann.reads(".file-tray .problem", "").await;
    ann.click("#send").await;
    shows(&ann, &["steam.gif"]).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_sound_has_a_player_as_wide_as_its_row_has_room_for() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let (mut lin, mut feed) = sender(&server, "Lin").await;
    sends(
        &mut lin,
        &mut feed,
        "listen",
        &[("a.wav", tone(2), json!({}))],
    )
    .await;
    let ann = browsers.person(&site(&server), "en").await;
    ann.is_live().await;
    let size = "(() => {
        const { width, height } = document.querySelector('#messages audio').getBoundingClientRect();
        return [Math.round(width), Math.round(height)];
    })()";
    assert_eq!(ann.look::<(u32, u32)>(size).await, (480, 44));
    ann.picture("sound").await;
    ann.resize(390, 844).await;
    nothing_sticks_out(&ann).await;
    ann.leave().await;
}
