//! Videos: sent with a picture that the page draws of them, and played where they stand.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::company::member;
use super::file_words::sender;
use super::files::leaves_at;
use super::{Browsers, Person, site};
use crate::support::video::telling;
use crate::support::{Server, eventually};

/// A video of two seconds that the browser records of a canvas: orange on the left, blue on the right.
const RECORD: &str = "(async (type) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const context = canvas.getContext('2d');
    let turn = 0;
    const draw = () => {
        context.fillStyle = '#f80';
        context.fillRect(0, 0, 320, 360);
        context.fillStyle = '#04a';
        context.fillRect(320, 0, 320, 360);
        context.fillStyle = '#fff';
        context.fillRect(turn++ * 4 % 640, 340, 20, 20);
    };
    draw();
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: type });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const ended = new Promise((done) => { recorder.onstop = done; });
    recorder.start();
    const drawing = setInterval(draw, 40);
    await new Promise((done) => setTimeout(done, 2000));
    clearInterval(drawing);
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
})";

/// What the row shows of the video before anything of it is played.
const SHOWN: &str = "(async () => {
    const video = document.querySelector('#messages .msg:not(.waiting) video');
    const { width, height, bottom } = video.getBoundingClientRect();
    const below = document.querySelector('#messages .clip .file').getBoundingClientRect().top - bottom;
    const bitmap = await createImageBitmap(await (await fetch(video.poster)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    const at = (x) => [...context.getImageData(x, 50, 1, 1).data].slice(0, 3);
    return { box: [width, height, below], poster: [bitmap.width, bitmap.height], left: at(100), right: at(540), read: video.readyState, bar: video.controls };
})()";

/// The files of one's own that are in no message.
const LOOSE: &str = "(async () => (await (await fetch('/api/v1/uploads')).json()).uploads.map(({ file }) => file ?? {}))()";

async fn records(person: &Person, media_type: &str) -> Vec<u8> {
    let record = format!("{RECORD}({})", json!(media_type));
    STANDARD
        .decode(person.look::<String>(&record).await)
        .unwrap()
}

/// A video with what a phone writes into its movie.
fn with_places(mp4: &[u8], marker: &[u8]) -> Vec<u8> {
    let (mut at, more) = (0, telling(marker));
    loop {
        let [a, b, c, d, name @ ..] = mp4[at..].first_chunk::<8>().unwrap();
        let length = u32::from_be_bytes([*a, *b, *c, *d]);
        let end = at + length as usize;
        if name == b"moov" {
            let longer = length + u32::try_from(more.len()).unwrap();
            let head = &longer.to_be_bytes()[..];
            return [&mp4[..at], head, &mp4[at + 4..end], &more, &mp4[end..]].concat();
        }
        at = end;
    }
}

/// Chooses a file with the button.
async fn chooses(person: &Person, server: &Server, name: &str, bytes: &[u8]) {
    let path = server.home().join(name);
    std::fs::write(&path, bytes).unwrap();
    let input = person.find("#attach-input").await;
    input.send_keys(path.to_string_lossy()).await.unwrap();
    let chosen = format!(
        "document.querySelector('.file-tray .file-name')?.textContent === {}",
        json!(name)
    );
    person.until("it is in the tray", &chosen).await;
}

/// From now on no poster is drawn to its end before `window.draw()`, and what waits for one waits for as long.
async fn draws_later(person: &Person) {
    let later = "const { setTimeout: real } = window;
        window.setTimeout = (act, ms, ...more) => real(act, ms === 2000 ? 600_000 : ms, ...more);
        const { convertToBlob } = OffscreenCanvas.prototype;
        const told = new Promise((done) => { window.draw = done; });
        OffscreenCanvas.prototype.convertToBlob = async function (...how) {
            window.draws = true;
            await told;
            return convertToBlob.apply(this, how);
        };";
    person.browser.execute(later, vec![]).await.unwrap();
}

/// The server has all of the video, and has looked at it.
async fn video_is_whole(person: &Person) {
    eventually("the video is whole", async || {
        let loose: Vec<Value> = person.look(LOOSE).await;
        loose.iter().any(|file| file["kind"] == "video")
    })
    .await;
}

fn near(found: &Value, wanted: [i64; 3]) -> bool {
    let found: [i64; 3] = serde_json::from_value(found.clone()).unwrap();
    found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 40)
}

/// The video is there with its poster, and nothing of it has been read.
async fn shows_its_poster(person: &Person) {
    person
        .until(
            "the poster and its button",
            "document.querySelector('#messages .msg:not(.waiting) .clip video[poster] + .play')",
        )
        .await;
    let shown: Value = person.look(SHOWN).await;
    // As far from its name as without a button: nothing moves when that comes.
    assert_eq!(shown["box"], json!([480, 270, 4]), "{shown}");
    assert_eq!(shown["poster"], json!([640, 360]), "{shown}");
    assert!(near(&shown["left"], [255, 136, 0]), "{shown}");
    assert!(near(&shown["right"], [0, 68, 170]), "{shown}");
    assert_eq!((&shown["read"], &shown["bar"]), (&json!(0), &json!(false)));
}

#[tokio::test]
async fn a_video_shows_a_picture_of_itself_and_plays_where_it_stands() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let lin = member(&browsers, &server, &site(&server), "林夏").await;
    let recorded = records(&ann, "video/webm;codecs=vp8").await;
    chooses(&ann, &server, "steam.webm", &recorded).await;
    ann.until(
        "the tray shows it",
        "document.querySelector('.file-tray .thumb img')?.naturalWidth === 640",
    )
    .await;
    let arrived = async || {
        let loose: Vec<Value> = ann.look(LOOSE).await;
        loose
            .iter()
            .any(|file| file["kind"] == "video" && file["poster"] == true)
    };
    eventually("its poster is there", arrived).await;
    ann.picture("video-tray").await;
    ann.click("#send").await;
    for person in [&ann, &lin] {
        shows_its_poster(person).await;
        person.picture("video-poster").await;
    }
    assert!(
        ann.look::<Vec<Value>>(LOOSE).await.is_empty(),
        "nothing is left of the upload"
    );

    lin.click("#messages .clip .play").await;
    let video = "document.querySelector('#messages .clip video')";
    lin.until(
        "it plays",
        &format!(
            "{video}.currentTime > 0.3 && {video}.controls && {video} === document.activeElement"
        ),
    )
    .await;
    assert!(
        lin.look::<bool>("!document.querySelector('#messages .clip .play')")
            .await
    );
    let place = format!(
        "(() => {{ const {{ width, height }} = {video}.getBoundingClientRect(); return [width, height]; }})()"
    );
    assert_eq!(
        lin.look::<Value>(&place).await,
        json!([480, 270]),
        "nothing has moved"
    );
    lin.until("it has ended", &format!("{video}.ended")).await;
    let seek = format!(
        "new Promise((done) => {{ {video}.onseeked = () => done({video}.currentTime); {video}.currentTime = 0.5; }})"
    );
    let at: f64 = lin.look(&seek).await;
    assert!((0.4..0.6).contains(&at), "{at}");

    // As the server draws it, and in the gallery.
    lin.reload().await;
    shows_its_poster(&lin).await;
    lin.click("#room-menu-button").await;
    lin.click("#room-files").await;
    lin.until(
        "the gallery shows it",
        "(() => { const image = document.querySelector('.gallery .tiles .pic:has(.sort .i) img'); return image?.complete && image.naturalWidth === 640; })()",
    )
    .await;
    lin.picture("video-gallery").await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn a_video_that_is_sent_at_once_waits_for_its_poster() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let recorded = records(&ann, "video/webm;codecs=vp8").await;
    draws_later(&ann).await;
    chooses(&ann, &server, "steam.webm", &recorded).await;
    ann.click("#send").await;
    video_is_whole(&ann).await;
    ann.until("it is drawn", "window.draws").await;
    ann.browser.execute("draw()", vec![]).await.unwrap();
    shows_its_poster(&ann).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_reload_in_the_middle_of_an_upload_costs_no_poster() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.expects_cuts();
    let recorded = records(&ann, "video/webm;codecs=vp8").await;
    draws_later(&ann).await;
    leaves_at(&ann, 2_000).await;
    chooses(&ann, &server, "steam.webm", &recorded).await;
    ann.click("#send").await;
    ann.until(
        "it is on its way",
        "document.querySelector('#messages .waiting .ring')?.ariaValueNow > 1",
    )
    .await;
    ann.reload().await;
    leaves_at(&ann, 0).await;
    shows_its_poster(&ann).await;
    ann.leave().await;
}

#[tokio::test]
async fn a_video_that_tells_no_place_any_more_plays_as_before() {
    const MARKER: &[u8] = b"+35.6586+139.7454/";
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let recorded = records(&ann, "video/mp4;codecs=vp9").await;
    let sent = with_places(&recorded, MARKER);
    let (mut lin, mut feed) = sender(&server, "林夏").await;
    let id = lin.uploads("trip.mp4", &sent).await;
    feed.sends_files(1, "", &json!([{"id": id}])).await;
    let got = lin.guest.get(&format!("/files/{id}/raw")).await;
    assert_eq!(got.body.len(), sent.len());
    assert!(!got.body.windows(MARKER.len()).any(|each| each == MARKER));
    let video = "document.querySelector('#messages .clip video')";
    ann.until("it is there", video).await;
    // By its boxes, since nobody has claimed anything.
    let shape = format!("[{video}.width, {video}.height]");
    assert_eq!(ann.look::<Value>(&shape).await, json!([480, 270]));
    let plays = format!("{video}.play().then(() => true)");
    assert!(ann.look::<bool>(&plays).await);
    ann.until("it plays to its end", &format!("{video}.ended"))
        .await;
    assert_eq!(ann.look::<u64>(&format!("{video}.videoWidth")).await, 640);
    ann.leave().await;
}

#[tokio::test]
async fn a_video_that_the_browser_cannot_draw_goes_without_a_picture() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    let head = b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm";
    chooses(
        &ann,
        &server,
        "broken.webm",
        &[&head[..], &[0x55; 3_000]].concat(),
    )
    .await;
    ann.click("#send").await;
    ann.until(
        "it is there",
        "document.querySelector('#messages .msg:not(.waiting) .clip video:not([poster])')?.controls",
    )
    .await;
    assert!(
        ann.look::<bool>("!document.querySelector('#messages .play, .file-tray li')")
            .await
    );
    // Nor does it wait for one that comes to no end.
    let recorded = records(&ann, "video/webm;codecs=vp8").await;
    let stuck = "Boolean(OffscreenCanvas.prototype.convertToBlob = () => new Promise(() => {}))";
    assert!(ann.look::<bool>(stuck).await);
    chooses(&ann, &server, "steam.webm", &recorded).await;
    ann.click("#send").await;
    ann.until(
        "both are there",
        "document.querySelectorAll('#messages .msg:not(.waiting) .clip video:not([poster])').length === 2",
    )
    .await;
    ann.leave().await;
}

#[tokio::test]
async fn a_video_whose_poster_is_refused_goes_all_the_same() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    ann.expects("413");
    let recorded = records(&ann, "video/webm;codecs=vp8").await;
    // What is no picture, and what is larger than a poster may be.
    for (sent, bytes) in [(1, 300), (2, 3 << 20)] {
        let drawn = format!(
            "Boolean(OffscreenCanvas.prototype.convertToBlob = async () => new Blob([new Uint8Array({bytes})], {{ type: 'image/jpeg' }}))"
        );
        assert!(ann.look::<bool>(&drawn).await);
        chooses(&ann, &server, "steam.webm", &recorded).await;
        ann.click("#send").await;
        let there = format!(
            "document.querySelectorAll('#messages .msg:not(.waiting, .failed) .clip video:not([poster])').length === {sent}"
        );
        ann.until("it is there", &there).await;
    }
    let problems = "document.querySelectorAll('#messages .failed, .file-tray li').length";
    assert_eq!(ann.look::<usize>(problems).await, 0);
    let plays = "document.querySelector('#messages .clip video').play().then(() => true)";
    assert!(ann.look::<bool>(plays).await);
    assert!(ann.look::<Vec<Value>>(LOOSE).await.is_empty());
    ann.leave().await;
}
