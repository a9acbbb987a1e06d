//! The log: it holds nobody up and kills nothing, whatever becomes of it; strangers neither fill it
//! nor write in it.

use serde_json::json;
use uuid::Uuid;

use crate::support::{Guest, Member, Server, on_postgres};
use crate::trouble::refused;

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
        let held = server.locks();
        let nonce = Uuid::new_v4();
        refused(&mut ada, nonce, "while it is locked").await;
        drop(held);
        ada.submit(nonce, "while it is locked").await;
        assert_eq!(ada.ack(nonce).await["seq"], 1, "{script}");
        let (_other, again) = Guest::visiting(&server).await.feed().await;
        assert_eq!(again["rooms"][0]["epoch"], welcome["rooms"][0]["epoch"]);
        let mut guest = Guest::of(&server);
        assert_eq!(guest.get("/readyz").await.status, 200, "{script}");
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
        assert_eq!(stranger.get("/manifest.webmanifest").await.status, 200);
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
fn the_start_says_which_server_it_is() {
    let durability = if on_postgres() { "full" } else { "relaxed" };
    let mut server = Server::start(&[
        ("server.public_url", "https://chat.example.org"),
        ("storage.durability", durability),
    ]);
    let log = server.stop().log;
    let line = log.lines().find(|line| line.contains("teahouse starts"));
    let line = line.unwrap_or_else(|| panic!("no such line: {log}"));
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    for part in [
        version.as_str(),
        "data=\"data\"",
        match on_postgres() {
            true => "database=\"postgres://teahouse@",
            false => "database=\"data/teahouse.db\"",
        },
        &format!("durability=\"{durability}\""),
        "public_url=\"https://chat.example.org\"",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

/// The lines of a log that hold `words`, without their times.
fn lines<'a>(log: &'a str, words: &str) -> Vec<&'a str> {
    log.lines()
        .filter_map(|line| line.split_once("Z ").map(|(_, rest)| rest.trim_start()))
        .filter(|line| line.contains(words))
        .collect()
}

#[tokio::test]
async fn who_is_refused_at_the_door_is_a_line_for_fail2ban_without_what_they_typed() {
    let mut server = Server::start(&[
        ("server.trusted_proxies", "127.0.0.1"),
        ("limits.sign_ins_per_minute", "4"),
    ]);
    let ada = Member::new(&server, "Ada").await;
    let mut stranger = Guest::of(&server).with("x-forwarded-for", "203.0.113.9");
    for (name, password) in [
        ("Ada", "hunter2 hunter2"),
        (
            "my pass phrase\nWARN sign-in refused address=1.2.3.4",
            "oops oops oops",
        ),
        ("Ada", "hunter3 hunter3"),
        ("Ada", "hunter4 hunter4"),
        ("Ada", "hunter5 hunter5"),
    ] {
        let answer = stranger.sign_in(name, password).await;
        assert!([401, 429].contains(&answer.status), "{answer:?}");
    }
    let log = server.stop().log;
    let known = format!(
        "WARN sign-in refused address=203.0.113.9 reason=\"wrong_credentials\" account=\"{}\"",
        ada.id
    );
    let unknown = "WARN sign-in refused address=203.0.113.9 reason=\"wrong_credentials\"";
    let throttled = "WARN sign-in refused address=203.0.113.9 reason=\"sign_in_throttled\"";
    assert_eq!(
        lines(&log, "sign-in"),
        [&known, unknown, &known, &known, throttled],
        "{log}"
    );
    for secret in ["hunter", "oops", "my pass"] {
        assert!(!log.contains(secret), "{log}");
    }
    let made = format!("INFO account made account=\"{}\" name=\"Ada\"", ada.id);
    assert_eq!(lines(&log, "account made"), [made], "{log}");
}

#[tokio::test]
async fn who_did_what_to_whom_is_a_line_and_codes_are_not() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    server.crown("Ada");
    let room = ada.makes("public", "Tea").await;
    bob.clone().joins(room).await;
    let bobs = format!("rooms/{room}/members/{}", bob.id);
    for role in ["muted", "member", "admin", "banned"] {
        ada.may("PUT", &bobs, &json!({ "role": role })).await;
    }
    ada.may("DELETE", &bobs, &json!(null)).await;
    let path = format!("rooms/{room}/invitations");
    let made = ada.may("POST", &path, &json!({"uses": 3})).await;
    let code = made["invitation"]["code"].as_str().unwrap().to_owned();
    let path = format!("{path}/{code}");
    ada.may("DELETE", &path, &json!(null)).await;
    let log = server.stop().log;
    let by = format!("by=\"{}\" by_name=\"Ada\"", ada.id);
    let done = |change: &str, role: &str| {
        let whom = format!("whom=\"{}\" whom_name=\"Bob\"", bob.id);
        format!("INFO moderation deed=\"{change}\" room={room} {by} {whom}{role}")
    };
    assert_eq!(
        lines(&log, "moderation"),
        [
            done("mute", " role=\"muted\""),
            done("unmute", " role=\"member\""),
            done("role", " role=\"admin\""),
            done("ban", " role=\"banned\""),
            done("unban", ""),
        ],
        "{log}"
    );
    assert_eq!(
        lines(&log, "invitation"),
        [
            format!("INFO invitation made room={room} {by} uses=3"),
            format!("INFO invitation taken back room={room} by=\"{}\"", ada.id),
        ],
        "{log}"
    );
    assert!(!log.contains(&code), "{log}");
}
