//! Things that go wrong around the server: a store that cannot write, a process that stands still,
//! a clock that jumps. Who sent something is told, nobody hears what was not kept, and once the
//! trouble is over everything goes on as if it had not been.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{
    CLOCK_SCRIPT, Guest, Member, Server, View, Ws, eventually, set_clock, skipped_on_postgres,
};

/// In seconds.
const HOUR: i64 = 3_600;

/// Why some of this is SQLite's alone.
const ITS_DISK: &str = "the disk is the database's server's";

/// Sends `content` under `nonce` into a store that is in trouble.
pub async fn refused(ws: &mut Ws, nonce: Uuid, content: &str) -> Value {
    ws.submit(nonce, content).await;
    let error = ws
        .expect("the refusal", |frame| frame["type"] == kinds::ERROR)
        .await;
    assert_eq!(error["data"]["nonce"], nonce.to_string());
    assert_eq!(error["data"]["code"], "not_saved");
    assert!(error["data"]["retry_after"].as_u64().unwrap() > 0);
    error["data"].clone()
}

/// What was refused in `trouble` is kept once it is over, once, with no seq used up, and Bob, who
/// listens all the time, hears of it once.
async fn is_told_and_recovers(
    server: &Server,
    trouble: impl AsyncFnOnce(Guest),
    over: impl FnOnce(),
) {
    let (mut ada, _) = Guest::visiting(server).await.feed().await;
    let (mut bob, welcome) = Guest::visiting(server).await.feed().await;
    let mut view = View::empty(&welcome);
    let before = ada.post("before the trouble").await;
    trouble(Guest::visiting(server).await).await;
    let nonce = Uuid::new_v4();
    refused(&mut ada, nonce, "into the trouble").await;
    let other = Uuid::new_v4();
    refused(&mut ada, other, "never sent again").await;
    over();
    ada.submit(nonce, "into the trouble").await;
    let ack = ada.ack(nonce).await;
    ada.post("the end").await;
    for frame in bob.until_said("the end").await {
        view.take(&frame);
    }
    let told: Vec<&Value> = view
        .messages
        .values()
        .map(|said| &said["content"])
        .collect();
    assert_eq!(told, ["before the trouble", "into the trouble", "the end"]);
    let (one, two) = (before["seq"].as_i64(), ack["seq"].as_i64());
    assert_eq!(
        (one, two),
        (Some(1), Some(2)),
        "what failed has used no seq up"
    );
    let refusals = Guest::of(server).get("/metrics").await.text();
    assert!(
        refusals.contains("teahouse_refused_total{code=\"not_saved\"} 2"),
        "{refusals}"
    );
}

#[tokio::test]
async fn a_database_that_is_locked_for_ten_seconds_is_told_to_the_sender_and_to_nobody_else() {
    let server = Server::start(&[]);
    let held = std::cell::RefCell::new(None);
    is_told_and_recovers(
        &server,
        async |mut reader| {
            held.replace(Some(server.locks()));
            // The store's patience with other processes ends long before these ten seconds.
            tokio::time::sleep(Duration::from_secs(10)).await;
            let page = reader.get("/").await;
            assert!(page.status == 200 && page.text().contains("before the trouble"));
            let older = reader.get("/api/v1/rooms/1/messages").await.json();
            assert_eq!(older["messages"][0]["content"], "before the trouble");
            assert_eq!(reader.get("/readyz").await.status, 200, "reading goes on");
        },
        || drop(held.take()),
    )
    .await;
}

/// A server with a file system of its own, which ends with it, and the file that fills it.
fn on_a_small_disk() -> (Server, PathBuf) {
    let server = Server::start_by(
        "mkdir data && exec unshare --user --map-root-user --mount \
         sh -c 'mount -t tmpfs -o size=4m,mode=700 tmpfs data && exec \"$@\"' sh \"$@\"",
    );
    let data = Path::new("/proc")
        .join(server.pid().to_string())
        .join("root")
        .join(server.data().strip_prefix("/").unwrap());
    (server, data.join("filler"))
}

fn fill(filler: &Path) {
    let full = std::fs::write(filler, vec![0; 8 << 20]).unwrap_err();
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
}

#[tokio::test]
async fn a_full_disk_is_told_to_the_sender_and_to_nobody_else() {
    if skipped_on_postgres(ITS_DISK) {
        return;
    }
    let (server, filler) = on_a_small_disk();
    is_told_and_recovers(
        &server,
        async |_| fill(&filler),
        || std::fs::remove_file(&filler).unwrap(),
    )
    .await;
}

#[tokio::test]
async fn who_needs_a_session_on_a_full_disk_is_told_in_words_or_shown_the_room() {
    if skipped_on_postgres(ITS_DISK) {
        return;
    }
    let (server, filler) = on_a_small_disk();
    Member::new(&server, "Ada").await;
    let mut visitor = Guest::visiting(&server).await;
    visitor.feed().await.0.post("before the trouble").await;
    fill(&filler);
    let refused = visitor.sign_in("Ada", "seven bowls 七碗茶").await;
    assert_eq!(
        (refused.status, refused.error().as_str()),
        (503, "not_saved")
    );
    assert!(
        !refused.json()["error"]["message"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    assert!(refused.header("content-security-policy").is_some());
    eventually("newcomers see the room", async || {
        let page = Guest::of(&server).get("/").await;
        assert!(
            page.status == 200 || page.error() == "not_saved",
            "{page:?}"
        );
        page.status == 200 && page.text().contains("before the trouble")
    })
    .await;
    // Whoever watches over the server asks whether the writer is there, which writes nothing.
    for _ in 0..3 {
        assert_eq!(visitor.get("/readyz").await.status, 200);
        let page = Guest::of(&server).get("/").await;
        assert_eq!(page.status, 200, "{page:?}");
    }
    std::fs::remove_file(&filler).unwrap();
    let answer = visitor.sign_in("Ada", "seven bowls 七碗茶").await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_disk_that_fails_to_write_is_told_to_the_sender_and_to_nobody_else() {
    if skipped_on_postgres(ITS_DISK) {
        return;
    }
    let server = Server::start_by("trap '' XFSZ; exec \"$@\"");
    let limit = |bytes: &str| {
        let pid = server.pid().to_string();
        let done = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={bytes}:")])
            .status();
        assert!(done.unwrap().success());
    };
    // No file may grow: each write of the log fails with EFBIG, which SQLite takes for a fault.
    is_told_and_recovers(&server, async |_| limit("4096"), || limit("unlimited")).await;
}

#[tokio::test]
async fn a_server_that_stood_still_for_thirty_seconds_goes_on_where_it_was() {
    let server = Server::start(&[]);
    let ann = Guest::visiting(&server).await;
    let (mut ada, _) = ann.feed().await;
    let (mut bob, welcome) = Guest::visiting(&server).await.feed().await;
    let (mut classic, _) = Guest::of(&server).classic().await;
    ada.post("before").await;
    server.signal("STOP");
    let nonce = Uuid::new_v4();
    ada.submit(nonce, "into the silence").await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    server.signal("CONT");
    let ack = ada.ack(nonce).await;
    ada.submit(nonce, "into the silence").await;
    assert_eq!(ada.ack(nonce).await, ack);
    ada.post("after").await;
    let mut view = View::empty(&welcome);
    for frame in bob.until_said("after").await {
        view.take(&frame);
    }
    assert_eq!(view.seq, 3, "nobody was put out, nothing is missing");
    classic.until_said("after").await;
    eventually("newcomers are let in", async || {
        let answer = Guest::of(&server).get("/api/v1/connect/check").await;
        answer.status == 200
    })
    .await;
    let (mut back, _) = ann.resume(&view.resume()).await;
    assert_eq!(back.data(19).await["events"], json!([]));
}

#[tokio::test]
async fn a_clock_that_jumps_an_hour_either_way_changes_no_order_and_ends_nothing() {
    let server = Server::start_by(CLOCK_SCRIPT);
    let mut ann = Guest::visiting(&server).await;
    let (mut ada, welcome) = ann.feed().await;
    let me = welcome["me"]["id"].clone();
    let mut times = Vec::new();
    for (offset, words) in [(0, "one"), (HOUR, "two"), (-HOUR, "three"), (0, "four")] {
        set_clock(&server, offset);
        times.push(ada.post(words).await["at"].as_i64().unwrap());
    }
    // On PostgreSQL it is on its way back to the database's already.
    assert!(
        times[1] - times[0] > 3_000_000,
        "the clock did jump: {times:?}"
    );
    assert!(
        times[2] - times[1] < -6_000_000,
        "the clock did jump: {times:?}"
    );
    for offset in [HOUR, -HOUR] {
        set_clock(&server, offset);
        let page = ann.get("/api/v1/rooms/1/messages").await.json();
        let said: Vec<&Value> = page["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| &message["content"])
            .collect();
        assert_eq!(said, ["one", "two", "three", "four"]);
        let (mut back, again) = ann.resume(&View::empty(&welcome).resume()).await;
        assert_eq!(again["me"]["id"], me, "still the same person");
        assert_eq!(back.data(19).await["events"].as_array().unwrap().len(), 4);
        assert!(
            ada.is_alive().await,
            "a connection does not age by the wall clock"
        );
    }
    // What was said in the future may be taken back as long as it is not old.
    set_clock(&server, -HOUR);
    ada.change(&json!(4), &json!({"do": "recall"})).await;
}

#[tokio::test]
async fn one_change_that_cannot_be_written_takes_no_other_with_it() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let id = ada.post("words on a damaged page").await["id"].clone();
    // The place in which the words before the edit would be kept is taken.
    server.runs(&[
        "INSERT INTO versions (message_id, rev, at, format, content) SELECT id, rev, 0, 0, '' FROM messages",
    ]);
    for round in 0..10 {
        // Everything at once in one group.
        let held = server.locks();
        let mut nonces = Vec::new();
        for number in 0..5 {
            let nonce = Uuid::new_v4();
            bob.submit(nonce, &format!("{round}.{number}")).await;
            nonces.push(nonce);
            let edit = json!({"do": "edit", "content": "never"});
            ada.submit_change(Uuid::new_v4(), &id, &edit).await;
        }
        assert!(ada.is_alive().await && bob.is_alive().await);
        drop(held);
        for nonce in nonces {
            bob.ack(nonce).await;
        }
        for _ in 0..5 {
            assert_eq!(ada.error().await, "not_saved");
        }
    }
    let (_, history) = Guest::of(&server).classic().await;
    assert_eq!(history["chatRecordList"].as_array().unwrap().len(), 50);
}
