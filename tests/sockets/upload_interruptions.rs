//! Uploads that are broken off: by the network, by another connection, by the end of the server.

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread;
use std::time::Instant;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::video::{boxed, mp4};
use crate::support::{DEADLINE, Member, Server, eventually, within};
use crate::uploads::{bytes, created};
use crate::videos::{MARKER, brings, has_marker, id_of};

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill_and_the_rest_can_follow() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let whole = bytes(200_000);
    let location = created(&mut ada, whole.len()).await;
    ada.guest.continues(&location, 0, &whole[..120_000]).await;
    server.kill();
    server.launch();
    let mut ada = ada.follow(&server);
    let head = ada.guest.asks_offset(&location).await;
    assert_eq!(head.header("upload-offset"), Some("120000"));
    let sent = ada
        .guest
        .continues(&location, 120_000, &whole[120_000..])
        .await;
    assert_eq!(sent.status, 204);
    let upload = ada.guest.awaits(&location).await;
    let id = upload["id"].as_str().unwrap();
    assert!(ada.guest.get(&format!("/files/{id}/raw")).await.body == whole);
}

/// A piece of which only the beginning has been sent: its connection stays open.
async fn half_sent(who: &Member, location: &str, whole: usize, part: &[u8]) -> TcpStream {
    let mut stream = who.guest.begins_piece(location, 0, whole).await;
    stream.write_all(part).await.unwrap();
    stream
}

/// Waits until so many bytes have reached the server.
async fn have_come(who: &Member, bytes: u64) {
    let name = "teahouse_upload_bytes_total";
    let come = async || who.guest.clone().metric(name).await >= bytes;
    eventually("the bytes have come", come).await;
}

/// The head of an answer on a connection that is still sending.
async fn answered(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 4_096];
    let read = within("an answer", stream.read(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer[..read]).to_lowercase()
}

fn offset_of(answer: &str) -> usize {
    let (_, rest) = answer.split_once("upload-offset: ").unwrap();
    rest.split("\r\n").next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_new_connection_takes_over_from_one_that_is_dead() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let whole = bytes(300_000);
    let location = created(&mut ada, whole.len()).await;
    let mut ghost = half_sent(&ada, &location, whole.len(), &whole[..100_000]).await;
    // What has arrived is kept, though nobody has said that the piece is over.
    have_come(&ada, 100_000).await;
    let head = ada.guest.asks_offset(&location).await;
    assert_eq!(
        (head.status, head.header("upload-offset")),
        (200, Some("100000"))
    );
    let offset = 100_000;
    let answer = answered(&mut ghost).await;
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    let sent = ada
        .guest
        .continues(&location, offset, &whole[offset..])
        .await;
    assert_eq!(sent.status, 204, "{sent:?}");
    let upload = ada.guest.awaits(&location).await;
    let id = upload["id"].as_str().unwrap();
    assert!(ada.guest.get(&format!("/files/{id}/raw")).await.body == whole);
}

#[tokio::test]
async fn a_server_that_goes_down_says_how_far_it_came() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let whole = bytes(300_000);
    let location = created(&mut ada, whole.len()).await;
    let mut stream = half_sent(&ada, &location, whole.len(), &whole[..100_000]).await;
    have_come(&ada, 100_000).await;
    server.signal("TERM");
    let answer = answered(&mut stream).await;
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    assert_eq!(offset_of(&answer), 100_000);
    drop(stream);
    server.wait(DEADLINE);
    server.launch();
    let mut ada = ada.follow(&server);
    let head = ada.guest.asks_offset(&location).await;
    assert_eq!(head.header("upload-offset"), Some("100000"));
}

/// Bytes of a box that tells places: long enough to be overwritten for a while.
const LONG: usize = 8 << 20;

/// How often the server is killed in time, or too early or too late, until the test gives up.
const TRIES: usize = 20;

/// Waits until the box at `at` of a file that comes in has become free space. `false` when it was gone before that was seen.
fn becomes_free(path: &Path, at: usize) -> bool {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return false,
        Err(error) => panic!("{error}"),
    };
    let deadline = Instant::now() + DEADLINE;
    let mut name = [0; 4];
    while &name != b"free" {
        assert!(Instant::now() < deadline, "it is never overwritten");
        file.read_exact_at(&mut name, at as u64 + 4).unwrap();
        thread::yield_now();
    }
    true
}

#[tokio::test]
async fn a_kill_while_places_are_overwritten_leaves_none_of_them() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let told = boxed(b"udta", &MARKER.repeat(LONG / MARKER.len()));
    let sent = mp4(&told);
    let last = sent.len() - told.len();
    let mut broken_off = None;
    for _ in 0..TRIES {
        let location = brings(&mut ada, &[("filename", "trip.mp4")], &sent).await;
        let path = server.data().join("files/incoming").join(id_of(&location));
        let begun = becomes_free(&path, last);
        server.kill();
        let is_midway = begun && std::fs::read(&path).is_ok_and(|left| has_marker(&left));
        server.launch();
        ada = ada.follow(&server);
        if is_midway {
            broken_off = Some(location);
            break;
        }
    }
    let location = broken_off.expect("it was never caught midway");
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["file"]["kind"], "video", "{upload}");
    let (mut ws, _) = ada.hears(1).await;
    let id = id_of(&location);
    ws.sends_files(1, "", &json!([{"id": id}])).await;
    let mut bob = Member::new(&server, "Bob").await;
    let got = bob.guest.get(&format!("/files/{id}/raw")).await;
    assert_eq!((got.status, got.body.len()), (200, sent.len()));
    assert!(!has_marker(&got.body));
    let (code, out, err) = server.run(&["files", "check", "--hash"], "");
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
}
