//! Uploads that are broken off: by the network, by another connection, by the end of the server.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{DEADLINE, Member, Server, eventually, within};
use crate::uploads::{bytes, created};

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
