//! Uploads over bad lines to a server that is killed again and again: an offset that was answered is kept, and
//! every file is one file with the bytes that were sent.
//!
//! The suite runs a short one. A long one, as `docs/reliability.md` reports it:
//! `TORTURE_FILES=1000 TORTURE_KILLS=100 cargo test --profile bench --test sockets torture::uploads -- --nocapture`

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::random_range;
use teahouse::model::person_id::PersonId;
use teahouse::store::files::{uploads, usage};
use uuid::Uuid;

use super::{STUCK, asked, weather::Weather};
use crate::support::upload::metadata;
use crate::support::{Answer, Guest, Member, Server};

const SENDERS: usize = 4;

/// The largest file, in bytes: several chunks, and some pieces of each.
const LARGEST: usize = 600_000;

/// How long a sender waits for an answer before it tries another connection.
const PATIENCE: Duration = Duration::from_secs(4);

/// A file that somebody sends, whatever happens.
struct Sent {
    nonce: Uuid,
    bytes: Vec<u8>,
    id: String,
}

impl Sent {
    fn new(number: usize) -> Self {
        let length = random_range(1..LARGEST);
        let bytes = (0..length).map(|place| (place * (number + 3) % 251) as u8);
        Self {
            nonce: Uuid::now_v7(),
            bytes: bytes.collect(),
            id: String::new(),
        }
    }

    async fn arrive(&mut self, guest: &Guest) {
        let mut told = 0;
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < STUCK * 3, "a file never arrived");
            let Some((location, offset)) = self.announce(guest).await else {
                rest().await;
                continue;
            };
            assert!(
                offset >= told,
                "{told} was answered, and now it is {offset}"
            );
            if self.id.is_empty() {
                location
                    .rsplit('/')
                    .next()
                    .unwrap()
                    .clone_into(&mut self.id);
            }
            assert!(location.ends_with(&self.id), "the same nonce, another file");
            told = self.send_pieces(guest, &location, offset).await;
            if told == self.bytes.len() && self.is_ready(guest, &location).await {
                return;
            }
            rest().await;
        }
    }

    async fn announce(&self, guest: &Guest) -> Option<(String, usize)> {
        let (length, metadata) = (
            self.bytes.len().to_string(),
            metadata(&[("filename", "a.bin"), ("nonce", &self.nonce.to_string())]),
        );
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("tus-resumable", "1.0.0"),
            ("upload-length", &*length),
            ("upload-metadata", &*metadata),
        ];
        let answer = guest
            .try_request("POST", "/api/v1/uploads", &headers, b"", PATIENCE)
            .await?;
        if answer.status != 201 {
            assert!(answer.status >= 429, "{answer:?}");
            return None;
        }
        Some((answer.header("location")?.to_owned(), offset(&answer)?))
    }

    /// Sends pieces until something breaks; returns the last offset that was answered.
    async fn send_pieces(&self, guest: &Guest, location: &str, mut at: usize) -> usize {
        while at < self.bytes.len() {
            let piece = random_range(1..=self.bytes.len() - at);
            let (from, to) = (at.to_string(), at + piece);
            let headers = [
                ("sec-fetch-site", "same-origin"),
                ("tus-resumable", "1.0.0"),
                ("content-type", "application/offset+octet-stream"),
                ("upload-offset", &*from),
            ];
            let answer = guest
                .try_request("PATCH", location, &headers, &self.bytes[at..to], PATIENCE)
                .await;
            match answer {
                Some(answer) if answer.status == 204 => {
                    at = offset(&answer).unwrap();
                    assert_eq!(at, to);
                }
                Some(answer) => {
                    assert!(answer.status == 409 || answer.status >= 429, "{answer:?}");
                    return at;
                }
                None => return at,
            }
        }
        at
    }

    async fn is_ready(&self, guest: &Guest, location: &str) -> bool {
        let path = format!("{location}?wait=3");
        let answer = guest.try_request("GET", &path, &[], b"", PATIENCE).await;
        answer.is_some_and(|answer| answer.status == 200 && answer.json()["state"] == "ready")
    }
}

fn offset(answer: &Answer) -> Option<usize> {
    answer.header("upload-offset")?.parse().ok()
}

/// So that a server which is starting is not asked without a pause.
async fn rest() {
    tokio::time::sleep(Duration::from_millis(random_range(10..100))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offset_that_was_answered_is_kept_and_every_file_is_what_was_sent() {
    let files = asked("TORTURE_FILES", 40);
    let kills = asked("TORTURE_KILLS", 8);
    let mut server = Server::start(&[("uploads.quota", "0")]);
    let weather = Weather::over(vec![server.addr()]).await;
    let done = Arc::new(AtomicUsize::new(0));
    let mut senders = Vec::new();
    for number in 0..SENDERS {
        let name = format!("Sender {number}");
        let member = Member::new(&server, &name).await;
        let guest = member.guest.by_way_of(weather.addr);
        let done = Arc::clone(&done);
        senders.push(tokio::spawn(async move {
            let mut all = Vec::new();
            for file in 0..files / SENDERS {
                let mut sent = Sent::new(number * files + file);
                sent.arrive(&guest).await;
                done.fetch_add(1, Ordering::AcqRel);
                all.push(sent);
                // What is not sent in a message counts against the twenty that one may have.
                if all.len() % 10 == 0 {
                    check_and_forget(&guest, &mut all).await;
                }
            }
            (guest, all)
        }));
    }
    let mut killed = 0;
    while done.load(Ordering::Acquire) < files / SENDERS * SENDERS {
        tokio::time::sleep(Duration::from_millis(random_range(50..400))).await;
        assert!(!senders.iter().all(tokio::task::JoinHandle::is_finished));
        let due = done.load(Ordering::Acquire) * (kills + 1) / files;
        if killed <= due && killed < kills {
            killed += 1;
            server.kill();
            server.launch();
            weather.lead_to(0, server.addr());
        }
    }
    weather.calm();
    for sender in senders {
        let (guest, mut all) = sender.await.unwrap();
        check_and_forget(&guest, &mut all).await;
    }
    eprintln!(
        "{files} files, {killed} kills; connections: {}",
        weather.report()
    );
    server.stop();
    server.database(|db| {
        assert_eq!(usage::total(db).unwrap(), 0, "all were thrown away");
        for user in 1..=SENDERS as i64 {
            let left = uploads::loose_of(db, PersonId::User(user)).unwrap();
            assert_eq!(left, [], "one nonce, one file");
        }
    });
}

/// Compares what is stored with what was sent, and throws it away.
async fn check_and_forget(guest: &Guest, all: &mut Vec<Sent>) {
    for sent in all.drain(..) {
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < STUCK, "a file cannot be read");
            let path = format!("/files/{}/raw", sent.id);
            let got = guest.try_request("GET", &path, &[], b"", STUCK / 4).await;
            if let Some(got) = got.filter(|got| got.status < 429) {
                assert_eq!(got.status, 200, "{got:?}");
                assert!(got.body == sent.bytes, "wrong bytes");
                break;
            }
            rest().await;
        }
        loop {
            assert!(began.elapsed() < STUCK, "a file cannot be thrown away");
            let path = format!("/api/v1/uploads/{}", sent.id);
            let site = [("sec-fetch-site", "same-origin")];
            let gone = guest
                .try_request("DELETE", &path, &site, b"", PATIENCE)
                .await;
            // An answer that was lost was given all the same.
            if gone.is_some_and(|gone| gone.status == 204 || gone.status == 404) {
                break;
            }
            rest().await;
        }
    }
}
