//! Uploads: what is announced, what arrives, and what becomes of it when the network breaks.

use serde_json::{Value, json};
use teahouse::store::files::usage;

use crate::support::upload::metadata;
use crate::support::{Guest, Member, Server};

/// Bytes that differ everywhere.
pub fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|place| (place * 31 % 251) as u8).collect()
}

pub async fn created(who: &mut Member, length: usize) -> String {
    let answer = who.guest.announce(length, &[("filename", "tea.bin")]).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

/// What all files take, by the database.
fn used(server: &Server) -> u64 {
    server.database(|db| usage::total(db).unwrap())
}

#[tokio::test]
async fn a_file_arrives_in_pieces_and_is_the_same() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let whole = bytes(300_000);
    let location = created(&mut ada, whole.len()).await;
    for (from, to) in [(0, 1), (1, 100_000), (100_000, 300_000)] {
        let head = ada.guest.asks_offset(&location).await;
        assert_eq!(head.status, 200);
        assert_eq!(head.header("upload-offset"), Some(&*from.to_string()));
        assert_eq!(head.header("upload-length"), Some("300000"));
        let sent = ada.guest.continues(&location, from, &whole[from..to]).await;
        assert_eq!(sent.status, 204, "{sent:?}");
        assert_eq!(sent.header("tus-resumable"), Some("1.0.0"));
        assert_eq!(sent.header("upload-offset"), Some(&*to.to_string()));
        assert!(sent.header("upload-expires").unwrap().ends_with(" GMT"));
    }
    let upload = ada.guest.awaits(&location).await;
    assert_eq!(upload["state"], "ready", "{upload}");
    assert_eq!(upload["file"]["name"], "tea.bin");
    assert_eq!(upload["file"]["size"], 300_000);
    let id = upload["id"].as_str().unwrap();
    let got = ada.guest.get(&format!("/files/{id}/raw")).await;
    assert_eq!(got.status, 200, "{got:?}");
    assert!(got.body == whole, "the same bytes");
    assert_eq!(got.header("content-type"), Some("application/octet-stream"));
    let disposition = got.header("content-disposition").unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"tea.bin\""),
        "{disposition}"
    );
    assert_eq!(used(&server), 300_000);
}

#[tokio::test]
async fn what_tus_clients_ask_for_is_answered_to_the_letter() {
    let server = Server::start(&[("uploads.file_bytes", "5000")]);
    let mut ada = Member::new(&server, "Ada").await;
    let spoken = ada
        .guest
        .request("OPTIONS", "/api/v1/uploads", &[], b"")
        .await;
    assert_eq!(spoken.status, 204);
    for (name, value) in [
        ("tus-version", "1.0.0"),
        (
            "tus-extension",
            "creation,creation-with-upload,expiration,termination",
        ),
        ("tus-max-size", "5000"),
    ] {
        assert_eq!(spoken.header(name), Some(value), "{name}");
    }
    // The first bytes may come with the announcement.
    let site = ("sec-fetch-site", "same-origin");
    let tus = ("tus-resumable", "1.0.0");
    let octets = ("content-type", "application/offset+octet-stream");
    let headers = [site, tus, octets, ("upload-length", "10")];
    let created = ada
        .guest
        .request("POST", "/api/v1/uploads", &headers, b"abcd")
        .await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("upload-offset"), Some("4"));
    assert!(created.header("upload-expires").unwrap().ends_with(" GMT"));
    let location = created.header("location").unwrap().to_owned();
    // No other version is spoken, and none is believed to be spoken.
    for headers in [&[site][..], &[site, ("tus-resumable", "0.2.2")]] {
        let answer = ada.guest.request("HEAD", &location, headers, b"").await;
        assert_eq!(
            (answer.status, answer.header("tus-resumable")),
            (412, Some("1.0.0"))
        );
    }
    // A wrong offset is told the right one.
    for offset in [0, 3, 5, 10] {
        let answer = ada.guest.continues(&location, offset, b"x").await;
        assert_eq!((answer.status, &*answer.error()), (409, "wrong_offset"));
        assert_eq!(answer.header("upload-offset"), Some("4"));
    }
    // More than was announced is not taken, and what fits is kept.
    let answer = ada.guest.continues(&location, 4, b"efghijKL").await;
    assert_eq!((answer.status, &*answer.error()), (413, "file_too_big"));
    assert_eq!(answer.header("upload-offset"), Some("10"));
    let upload = ada.guest.awaits(&location).await;
    let id = upload["id"].as_str().unwrap();
    assert_eq!(
        ada.guest.get(&format!("/files/{id}/raw")).await.body,
        b"abcdefghij"
    );
    // The end again is the end.
    let answer = ada.guest.continues(&location, 10, b"").await;
    assert_eq!(
        (answer.status, answer.header("upload-offset")),
        (204, Some("10"))
    );
    let gone = ada
        .guest
        .request("DELETE", &location, &[site, tus], b"")
        .await;
    assert_eq!(gone.status, 204);
    assert_eq!(ada.guest.asks_offset(&location).await.status, 404);
    assert_eq!(used(&server), 0);
}

#[tokio::test]
async fn no_is_said_before_the_first_byte() {
    let server = Server::start(&[
        ("uploads.file_bytes", "1 MiB"),
        ("uploads.quota", "1500 KiB"),
        ("uploads.refuse", "[\"exe\"]"),
    ]);
    let mut ada = Member::new(&server, "Ada").await;
    let refused = async |who: &mut Member, length: usize, name: &str| {
        let answer = who.guest.announce(length, &[("filename", name)]).await;
        (answer.status, answer.error())
    };
    let large = (1 << 20) + 1;
    for (length, name, status, code) in [
        (large, "a", 413, "file_too_big"),
        (0, "a", 400, "file_empty"),
        (1, "a.EXE", 415, "file_refused"),
    ] {
        assert_eq!(
            refused(&mut ada, length, name).await,
            (status, code.to_owned())
        );
    }
    let first = created(&mut ada, 1 << 20).await;
    let full = (403, "quota_full".to_owned());
    assert_eq!(
        refused(&mut ada, 1 << 20, "b").await,
        full,
        "it is promised"
    );
    assert_eq!(used(&server), 1 << 20);
    let site = ("sec-fetch-site", "same-origin");
    ada.guest.request("DELETE", &first, &[site], b"").await;
    let mut first = Vec::new();
    for _ in 0..20 {
        first.push(created(&mut ada, 10).await);
    }
    let too_many = (429, "too_many_uploads".to_owned());
    assert_eq!(refused(&mut ada, 10, "b").await, too_many);

    let mut guest = Guest::visiting(&server).await;
    let answer = guest.announce(10, &[]).await;
    assert_eq!((answer.status, &*answer.error()), (401, "account_needed"));
    // A page of another site, and a program with the cookie and no word of where it is.
    for headers in [
        &[("origin", "https://elsewhere.example")][..],
        &[("sec-fetch-site", "cross-site")],
        &[],
    ] {
        let mut all = vec![("tus-resumable", "1.0.0"), ("upload-length", "5")];
        all.extend_from_slice(headers);
        let answer = ada
            .guest
            .request("POST", "/api/v1/uploads", &all, b"")
            .await;
        assert_eq!((answer.status, &*answer.error()), (403, "cross_site"));
    }
}

#[tokio::test]
async fn the_room_that_it_is_for_decides_too() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let mut eve = Member::new(&server, "Eve").await;
    let secret = ada.makes("private", "Cellar").await;
    ada.gives_role(room, &bob, "muted").await;
    for (who, room, code) in [(&mut bob, room, "muted"), (&mut eve, secret, "not_found")] {
        let pairs = [("room", &*room.to_string())];
        let answer = who.guest.announce(5, &pairs).await;
        assert_eq!(answer.error(), code);
    }
    let pairs = [("room", &*secret.to_string())];
    assert_eq!(ada.guest.announce(5, &pairs).await.status, 201);
}

#[tokio::test]
async fn a_full_disk_takes_no_files_and_all_messages() {
    let server = Server::start(&[("uploads.spare", "1000 TiB")]);
    let mut ada = Member::new(&server, "Ada").await;
    let answer = ada.guest.announce(1, &[]).await;
    assert_eq!((answer.status, &*answer.error()), (507, "disk_full"));
    assert_eq!(answer.header("retry-after"), Some("60"));
    let (mut ws, _) = ada.hears(1).await;
    ws.post("still here").await;
}

#[tokio::test]
async fn the_same_nonce_is_the_same_upload() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let nonce = uuid::Uuid::new_v4().to_string();
    let pairs = [("nonce", &*nonce)];
    let first = ada.guest.announce(10, &pairs).await;
    let location = first.header("location").unwrap().to_owned();
    ada.guest.continues(&location, 0, b"abc").await;
    let again = ada.guest.announce(10, &pairs).await;
    assert_eq!(again.header("location"), Some(&*location));
    assert_eq!(again.header("upload-offset"), Some("3"));
    let others = bob.guest.announce(10, &pairs).await;
    assert_ne!(others.header("location"), Some(&*location));
    assert_eq!(used(&server), 20);
}

#[tokio::test]
async fn an_upload_is_its_senders_alone() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let id = ada.uploads("a.txt", b"secret").await;
    let location = format!("/api/v1/uploads/{id}");
    assert_eq!(bob.guest.asks_offset(&location).await.status, 404);
    let site = ("sec-fetch-site", "same-origin");
    for (method, path) in [
        ("GET", location.clone()),
        ("DELETE", location.clone()),
        ("GET", format!("/files/{id}/raw")),
        ("HEAD", format!("/files/{id}/raw")),
    ] {
        let answer = bob.guest.request(method, &path, &[site], b"").await;
        assert_eq!(answer.status, 404, "{method} {path}");
    }
    let answer = bob.guest.continues(&location, 6, b"").await;
    assert_eq!(answer.status, 404);
    let (mut ws, _) = bob.hears(1).await;
    let sent = ws
        .sends_files(1, "mine", &serde_json::json!([{"id": id}]))
        .await;
    assert_eq!(sent, "file_gone");
    let mine = ada.may("GET", "uploads", &Value::Null).await;
    assert_eq!(mine["uploads"].as_array().unwrap().len(), 1);
    let theirs = bob.may("GET", "uploads", &Value::Null).await;
    assert_eq!(theirs["uploads"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_proxy_that_lets_through_little_is_named_in_the_log() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let location = created(&mut ada, 10).await;
    let headers = [
        ("sec-fetch-site", "same-origin"),
        ("tus-resumable", "1.0.0"),
        ("content-type", "application/offset+octet-stream"),
        ("upload-offset", "0"),
        ("upload-ceiling", "524288"),
    ];
    let sent = ada
        .guest
        .request("PATCH", &location, &headers, b"abc")
        .await;
    assert_eq!(sent.status, 204);
    assert_eq!(ada.guest.metric("teahouse_upload_ceilings_total").await, 1);
    let log = server.stop().log;
    assert!(log.contains("bytes=524288"), "{log}");
    assert!(log.contains("client_max_body_size"), "{log}");
}

#[tokio::test]
async fn metadata_that_is_not_understood_is_refused() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let site = ("sec-fetch-site", "same-origin");
    let tus = ("tus-resumable", "1.0.0");
    let long = metadata(&[("filename", &"x".repeat(4_000))]);
    for headers in [
        &[site, tus][..],
        &[site, tus, ("upload-length", "-1")],
        &[site, tus, ("upload-length", "1e3")],
        &[site, tus, ("upload-defer-length", "1")],
        &[
            site,
            tus,
            ("upload-length", "1"),
            ("upload-metadata", "filename ?"),
        ],
        &[
            site,
            tus,
            ("upload-length", "1"),
            ("upload-metadata", &long),
        ],
    ] {
        let answer = ada
            .guest
            .request("POST", "/api/v1/uploads", headers, b"")
            .await;
        assert_eq!(
            (answer.status, &*answer.error()),
            (400, "bad_upload"),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn who_keeps_no_cookie_is_shown_nobodys_uploads() {
    let server = Server::start(&[("uploads.who", "\"everybody\"")]);
    let mut lin = Guest::of(&server);
    let announced = lin.announce(10, &[("filename", "secret.txt")]).await;
    assert_eq!(announced.status, 201, "{announced:?}");
    // Another person behind the same address, with the same program.
    let list = Guest::of(&server).get("/api/v1/uploads").await.json();
    assert_eq!(list, json!({"uploads": []}));
    let mut bob = Guest::visiting(&server).await;
    bob.announce(10, &[("filename", "mine.txt")]).await;
    let list = bob.get("/api/v1/uploads").await.json();
    assert_eq!(list["uploads"][0]["name"], "mine.txt");
}
