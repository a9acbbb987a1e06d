//! The fifteen faults that the known servers of this family have, one test each, in the order of
//! the list in `docs/protocol.md`. Each plays the scene in which those servers fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::support::{Guest, Raw, Server, arrive, cpu_ms, eventually, op};

/// Heartbeats quick enough to watch: a ping after 1 s of silence, and after 3 s of it a client
/// that never answers pings is given up.
const QUICK: [(&str, &str); 3] = [
    ("heartbeat.interval", "1s"),
    ("heartbeat.grace", "500ms"),
    ("heartbeat.timeout", "3s"),
];

/// How long somebody who is alive rests between two signs of life: much less than the silence that ends them.
const REST: Duration = Duration::from_millis(250);

/// How many are in the lobby, and on how many connections.
async fn people_and_connections(server: &Server) -> [u64; 2] {
    let path = "/api/v1/rooms/1/people";
    let presence = Guest::of(server).get(path).await.json();
    ["people", "connections"].map(|each| presence[each].as_u64().unwrap())
}

#[tokio::test]
async fn fault_1_two_tabs_with_one_address_and_browser_are_two_connections() {
    let server = Server::start(&[]);
    let (mut first, _) = arrive(&server, "one build").await;
    let (mut second, _) = arrive(&server, "one build").await;
    let (mut neighbour, _) = Guest::visiting(&server)
        .await
        .with("user-agent", "one build")
        .classic()
        .await;
    assert_eq!(
        neighbour.data(1).await,
        2,
        "two tabs are one visitor, their neighbour another"
    );
    neighbour.say("to both tabs").await;
    first.until_said("to both tabs").await;
    second.until_said("to both tabs").await;
    second.leave().await;
    neighbour.say("to the tab that is left").await;
    first.until_said("to the tab that is left").await;
    assert_eq!(people_and_connections(&server).await, [2, 2]);
}

#[tokio::test]
async fn fault_2_a_client_that_stops_reading_holds_nobody_up_and_is_put_out() {
    let server = Server::start(&[]);
    let (mut poster, _) = Guest::visiting(&server).await.feed().await;
    let (mut listener, _) = arrive(&server, "listener").await;
    let stopped = Guest::of(&server)
        .with("user-agent", "stopped")
        .raw("/ws")
        .await;
    listener
        .expect("three people", |frame| {
            *frame == json!({"type": kinds::ONLINE, "data": 3})
        })
        .await;
    let long = "茶".repeat(4_000);
    let post = async {
        // Together more than a client writer and the kernel hold for one reader, each time acked at once.
        for _ in 0..8 {
            let nonces: Vec<Uuid> = (0..20).map(|_| Uuid::new_v4()).collect();
            for nonce in &nonces {
                poster.submit(*nonce, &long).await;
            }
            for nonce in nonces {
                poster.ack(nonce).await;
            }
        }
    };
    let listen = listener.expect("they are out", |frame| {
        *frame == json!({"type": kinds::ONLINE, "data": 2})
    });
    tokio::join!(post, listen);
    poster.post("the room goes on").await;
    listener.until_said("the room goes on").await;
    drop(stopped);
}

#[tokio::test]
async fn fault_3_three_hundred_connects_and_drops_do_not_deafen_the_poster() {
    let server = Server::start(&[]);
    let (mut poster, _) = arrive(&server, "poster").await;
    let visitor = Guest::of(&server).with("user-agent", "comes and goes");
    let churn = async {
        for _ in 0..300 {
            drop(visitor.raw("/ws").await);
        }
    };
    let post = async {
        for number in 0..60 {
            let content = format!("number {number}");
            poster.say(&content).await;
            poster.until_said(&content).await;
        }
    };
    tokio::join!(churn, post);
    poster.say("after the storm").await;
    poster.until_said("after the storm").await;
    let alone = async || people_and_connections(&server).await == [1, 1];
    eventually("only the poster is left", alone).await;
}

#[tokio::test]
async fn fault_4_idle_connections_cost_no_processor_time() {
    let server = Server::start(&QUICK);
    let mut idle = Vec::new();
    for number in 0..20 {
        idle.push(arrive(&server, &format!("idle {number}")).await.0);
    }
    // The known fault costs as much as somebody gets who does nothing but spin in the same time.
    let over = Arc::new(AtomicBool::new(false));
    let spinner = std::thread::spawn({
        let over = Arc::clone(&over);
        move || {
            while !over.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            cpu_ms(&stat)
        }
    });
    let before = server.cpu_ms();
    // What they cost is measured over this time.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let used = server.cpu_ms() - before;
    over.store(true, Ordering::Relaxed);
    let spun = spinner.join().unwrap();
    assert!(
        used * 5 <= spun,
        "20 idle connections used {used} ms, all of it is {spun}"
    );
}

#[tokio::test]
async fn fault_5_who_is_given_up_is_told_so_and_any_frame_is_a_sign_of_life() {
    let server = Server::start(&QUICK);
    let began = Instant::now();
    let mut silent = Guest::of(&server)
        .with("user-agent", "silent")
        .raw("/ws")
        .await;
    let mut talker = Guest::of(&server)
        .with("user-agent", "talker")
        .raw("/ws")
        .await;
    let given_up = AtomicBool::new(false);
    let silence = async {
        assert_eq!(silent.close_code().await, Some(4002));
        let after = began.elapsed();
        silent.end().await;
        assert!(
            after >= Duration::from_millis(2_800),
            "too early: {after:?}"
        );
        given_up.store(true, Ordering::Relaxed);
    };
    let talk = async {
        // Messages only, neither type 6 nor pongs, twice the time in which silence ends the other.
        let mut number = 0;
        while !given_up.load(Ordering::Relaxed) || began.elapsed() < Duration::from_secs(6) {
            number += 1;
            talker
                .text(&format!(r#"{{"type":3,"data":"message {number}"}}"#))
                .await;
            talker.text_with(&format!("message {number}")).await;
            tokio::time::sleep(REST).await;
        }
    };
    tokio::join!(silence, talk);
}

#[tokio::test]
async fn fault_6_the_expiry_of_an_old_connection_leaves_the_new_one_alone() {
    let server = Server::start(&QUICK);
    let guest = Guest::of(&server).with("user-agent", "the same program");
    let mut old = guest.raw("/ws").await;
    let (mut new, _) = guest.classic().await;
    let expired = AtomicBool::new(false);
    let expiry = async {
        assert_eq!(old.close_code().await, Some(4002));
        old.end().await;
        expired.store(true, Ordering::Relaxed);
    };
    // Reading answers the pings of the server.
    let life = async {
        while !expired.load(Ordering::Relaxed) {
            assert!(new.is_alive().await);
            tokio::time::sleep(REST).await;
        }
    };
    tokio::join!(expiry, life);
    new.say("still here").await;
    new.until_said("still here").await;
}

#[tokio::test]
async fn fault_7_what_is_not_understood_closes_nothing() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "vue").await;
    for (frame, answer) in [
        (r#"{"type":"six"}"#, "unknown_type"),
        (r#"{"type":77}"#, "unknown_type"),
        ("not json", "bad_frame"),
        ("", "bad_frame"),
    ] {
        ws.send_text(frame).await;
        assert_eq!(ws.error().await, answer, "{frame:?}");
    }
    ws.send_text(r#"{"type":"6"}"#).await;
    assert_eq!(ws.data(6).await, "pong");
}

#[tokio::test]
async fn fault_8_a_recall_is_the_authors_is_told_to_all_and_touches_no_file() {
    let server = Server::start(&[]);
    let (mut ada, _) = arrive(&server, "ada").await;
    let (mut bob, _) = arrive(&server, "bob").await;
    ada.say("mine").await;
    let id = bob.until_said("mine").await.pop().unwrap()["data"]["id"].clone();
    bob.send(&json!({"type": kinds::RECALL, "data": {"id": id, "isVoice": true}}))
        .await;
    assert_eq!(bob.error().await, "not_yours");
    for path in ["../session.key", "/etc/hostname", "..%2fteahouse.db"] {
        bob.send(&json!({"type": kinds::RECALL, "data": {"id": path, "isVoice": true}}))
            .await;
        assert_eq!(bob.error().await, "bad_data");
    }
    assert!(server.data().join("session.key").exists());
    assert!(server.data().join("session.key").exists());
    ada.send(&json!({"type": kinds::RECALL, "data": {"id": id, "isVoice": true}}))
        .await;
    for ws in [&mut ada, &mut bob] {
        assert_eq!(ws.data(4).await["id"], id);
    }
}

#[tokio::test]
async fn fault_9_the_history_on_request_is_the_newest() {
    let server = Server::start(&[("chat.history", "2")]);
    let (mut ada, _) = arrive(&server, "ada").await;
    for content in ["oldest", "middle", "newest"] {
        ada.say(content).await;
    }
    ada.until_said("newest").await;
    ada.send(&json!({"type": kinds::HISTORY, "data": null}))
        .await;
    let history = ada.data(2).await;
    let records = history["chatRecordList"].as_array().unwrap();
    let said: Vec<&str> = records
        .iter()
        .map(|record| record["content"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["middle", "newest"]);
}

#[tokio::test]
async fn fault_10_each_departure_is_counted_once_however_it_happens() {
    let server = Server::start(&[]);
    let (mut watcher, _) = arrive(&server, "watcher").await;
    for round in 0..3 {
        let guest = |n: u32| Guest::of(&server).with("user-agent", &format!("{round}-{n}"));
        let (polite, _) = guest(1).classic().await;
        let rude = guest(2).raw("/ws").await;
        let mut broken = guest(3).raw("/ws").await;
        let all = json!({"type": kinds::ONLINE, "data": 4});
        watcher.expect("all four", |frame| *frame == all).await;
        polite.leave().await;
        drop(rude);
        broken.send(&[0xff; 32]).await;
        broken.end().await;
        drop(broken);
        let alone = json!({"type": kinds::ONLINE, "data": 1});
        watcher.expect("alone again", |frame| *frame == alone).await;
    }
    watcher.send(&json!({"type": kinds::ONLINE})).await;
    assert_eq!(watcher.data(1).await, 1);
}

#[tokio::test]
async fn fault_11_a_place_is_looked_up_here_and_nobody_is_asked_over_the_network() {
    let server = Server::start(&[("server.trusted_proxies", "127.0.0.1")]);
    let mut open = Vec::new();
    for number in 1..=20 {
        let guest = Guest::of(&server).with("x-forwarded-for", &format!("203.0.113.{number}"));
        let (ws, history) = guest.classic().await;
        assert_eq!(history["ipSource"], "", "no database, no place");
        open.push(ws);
    }
    // The third column is the far end of a socket, in hex.
    let peers: Vec<String> = server
        .sockets()
        .into_iter()
        .map(|row| row[2].clone())
        .collect();
    assert!(
        peers.len() >= 20,
        "the test sees the server's sockets: {peers:?}"
    );
    let foreign: Vec<&String> = peers
        .iter()
        .filter(|peer| !peer.starts_with("0100007F:") && !peer.starts_with("00000000:"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[tokio::test]
async fn fault_12_a_foreign_page_cannot_use_the_visitors_cookie() {
    let server = Server::start(&[]);
    let visitor = Guest::visiting(&server).await;
    for origin in ["https://evil.example", "null"] {
        let refusal = visitor
            .open("/ws", &[("origin", origin)])
            .await
            .unwrap_err();
        assert_eq!(
            (refusal.status, &refusal.body["error"]["code"]),
            (403, &json!("cross_site"))
        );
        let stranger = Guest::of(&server).open("/ws", &[("origin", origin)]).await;
        assert!(
            stranger.is_ok(),
            "without a cookie there is nothing to steal"
        );
    }
    let own = format!("http://{}", server.addr());
    assert!(visitor.open("/ws", &[("origin", &own)]).await.is_ok());
    let mut raw = visitor.raw("/ws").await;
    raw.send_or_be_cut(&crate::support::frame(
        op::TEXT,
        &vec![b' '; teahouse::protocol::MAX_FRAME + 1],
    ))
    .await;
    assert_eq!(raw.close_code().await, Some(1009), "frames have a limit");
}

#[tokio::test]
async fn fault_13_nobody_but_a_configured_proxy_says_where_somebody_comes_from() {
    let forged = [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
    ];
    for (trusted, seen) in [("", "127.0.0.1"), ("127.0.0.1/32", "203.0.113.9")] {
        let server = Server::start(&[
            ("chat.show_ip", "true"),
            ("server.trusted_proxies", trusted),
        ]);
        let mut ws = Guest::of(&server).open("/ws", &forged).await.unwrap();
        assert_eq!(ws.data(2).await["ipAddress"], seen, "trusted: {trusted:?}");
    }
}

#[tokio::test]
async fn fault_14_nobody_speaks_under_the_name_or_number_of_another() {
    let server = Server::start(&[]);
    let mut grace = Guest::visiting(&server).await;
    let me = grace.register("Grace", "a long pass phrase").await.json()["me"].take();
    let (mut grace_ws, grace_history) = grace.classic().await;
    let (mut mallory, _) = arrive(&server, "mallory").await;
    mallory
        .send(
            &json!({"type": kinds::TEXT, "data": {"content": "I am Grace", "nickname": "Grace",
            "userId": 1, "id": 1, "avatar": me["avatar"], "ipAddress": grace_history["ipAddress"]}}),
        )
        .await;
    let record = grace_ws.until_said("I am Grace").await.pop().unwrap()["data"].take();
    assert_ne!(record["nickname"], "Grace");
    assert_ne!(record["userId"], 1);
    assert_ne!(record["ipAddress"], grace_history["ipAddress"]);
}

#[tokio::test]
async fn fault_15_a_hidden_tab_that_is_heard_once_a_minute_stays() {
    let directory = tempfile::tempdir().unwrap();
    let (code, config, _) = crate::support::run_program(directory.path(), &["default-config"], &[]);
    assert_eq!(code, Some(0));
    assert!(config.contains("timeout = \"90s\""), "{config}");
    // The same in small: 90 s are 3 s, once a minute is every 2 s, of silence.
    let server = Server::start(&QUICK);
    let mut hidden: Raw = Guest::of(&server).raw("/ws").await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        hidden.text(r#"{"type":6,"data":"ping"}"#).await;
        hidden.text_with("pong").await;
    }
}
