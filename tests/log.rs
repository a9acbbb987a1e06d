//! The log: it holds nobody up and kills nothing, whatever becomes of it; strangers neither fill it
//! nor write in it.

use uuid::Uuid;

use crate::support::{Guest, Server};
use crate::trouble::{lock, refused};

/// Places that take no line, as `sh` makes them: a full disk, a pipe that nobody has the other end
/// of, and one that is full and never read.
const BROKEN: [&str; 3] = [
    "exec \"$@\" 2>/dev/full",
    "mkfifo log; exec 3<>log; exec 4>log; exec 3>&-; exec \"$@\" 2>&4",
    "mkfifo log; exec 3<>log; head -c 65536 /dev/zero >&3; exec \"$@\" 2>&3",
];

#[tokio::test]
async fn a_log_that_cannot_be_written_kills_nothing_and_holds_nobody_up() {
    for script in BROKEN {
        let mut server = Server::start_by(script);
        let (mut ada, welcome) = Guest::visiting(&server).await.feed().await;
        for _ in 0..30 {
            let mut stranger = Guest::of(&server).with("cookie", "teahouse=stale");
            assert_eq!(stranger.get("/").await.status, 200, "{script}");
        }
        // The writer has something to complain about, and goes on when the cause is over.
        let held = lock(&server.data().join("teahouse.db"));
        let nonce = Uuid::new_v4();
        refused(&mut ada, nonce, "while it is locked").await;
        held.execute_batch("ROLLBACK").unwrap();
        ada.submit(nonce, "while it is locked").await;
        assert_eq!(ada.ack(nonce).await["seq"], 1, "{script}");
        let (_other, again) = Guest::visiting(&server).await.feed().await;
        assert_eq!(again["rooms"][0]["epoch"], welcome["rooms"][0]["epoch"]);
        let mut guest = Guest::of(&server);
        assert_eq!(guest.get("/readyz").await.text(), "ready\n", "{script}");
        let stopped = server.stop();
        assert_eq!(stopped.code, Some(0), "{script}");
    }
}

#[tokio::test]
async fn lines_that_nobody_takes_are_counted() {
    let server = Server::start_by(BROKEN[0]);
    let mut guest = Guest::of(&server).with("cookie", "teahouse=stale");
    guest.get("/").await;
    crate::support::eventually("a lost line is counted", async || {
        let numbers = Guest::of(&server).get("/metrics").await.text();
        let lost = numbers
            .lines()
            .find_map(|line| line.strip_prefix("teahouse_log_lines_lost_total "));
        lost.unwrap().parse::<u64>().unwrap() > 0
    })
    .await;
}

#[tokio::test]
async fn what_strangers_can_repeat_is_told_with_its_number_and_not_each_time() {
    let mut server = Server::start(&[]);
    let mut stranger = Guest::of(&server).with("cookie", "teahouse=stale");
    for _ in 0..200 {
        assert_eq!(stranger.get("/healthz").await.status, 200);
    }
    let log = server.stop().log;
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("session cookie"))
        .collect();
    let more: usize = lines
        .iter()
        .filter_map(|line| line.split_once(" (and ")?.1.strip_suffix(" more of these)"))
        .map(|number| number.parse::<usize>().unwrap())
        .sum();
    assert_eq!(lines.len() + more, 200, "none is forgotten: {log}");
    assert!(more > 0, "{log}");
}

#[test]
fn the_start_says_what_a_house_it_is() {
    let mut server = Server::start(&[
        ("server.public_url", "https://chat.example.org"),
        ("storage.durability", "relaxed"),
    ]);
    let log = server.stop().log;
    let line = log.lines().find(|line| line.contains("teahouse starts"));
    let line = line.unwrap_or_else(|| panic!("no such line: {log}"));
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    for part in [
        version.as_str(),
        "data=\"data\"",
        "database=\"data/teahouse.db\"",
        "durability=\"relaxed\"",
        "public_url=\"https://chat.example.org\"",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}
