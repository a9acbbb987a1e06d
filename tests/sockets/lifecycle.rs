//! The life of the server: what it writes and what not, how it goes down, and what probes read.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{DEADLINE, Guest, Server, eventually, frame, op};

#[tokio::test]
async fn a_server_in_memory_writes_nothing_and_forgets() {
    let mut server = Server::start(&[("storage.url", "memory:")]);
    let mut guest = Guest::visiting(&server).await;
    assert_eq!(
        guest.register("Ada", "a long pass phrase").await.status,
        200
    );
    let (mut ws, _) = guest.feed().await;
    ws.post("soon forgotten").await;
    assert_eq!(
        Guest::of(&server)
            .get("/api/v1/rooms/1/messages")
            .await
            .json()["messages"][0]["content"],
        "soon forgotten"
    );
    let (code, _, err) = server.run(&["user", "role", "Ada", "owner"], "");
    assert!(code == Some(1) && err.contains("memory:"), "{err}");
    assert_eq!(server.stop().code, Some(0));
    assert!(!server.data().exists(), "nothing was written");
    server.launch();
    let page = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    assert_eq!(page["messages"], json!([]));
    assert_eq!(
        guest.follow(&server).feed().await.1["me"]["kind"],
        "visitor"
    );
}

#[test]
fn what_the_server_writes_is_for_its_owner_only() {
    let server = Server::start(&[]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data = server.data();
    assert_eq!(mode(&data.join("session.key")), 0o600);
    // Everything else in it is protected by the directory.
    assert_eq!(mode(&data) & 0o077, 0, "{:o}", mode(&data));
    let mut here: Vec<_> = std::fs::read_dir(data.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    here.sort();
    assert_eq!(here, ["data"], "and nothing is written beside it");
}

/// What `/readyz` says, without what it says of a node among others.
fn of_every_server(mut told: Value) -> Value {
    let object = told.as_object_mut().unwrap();
    object.retain(|name, _| !["node", "nats", "sweep_ms"].contains(&name.as_str()));
    told
}

#[tokio::test]
async fn sigterm_tells_everybody_when_to_come_back_and_ends_whoever_does_not_go() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&[]);
        let (mut page, _) = Guest::visiting(&server).await.feed().await;
        let (mut classic, _) = Guest::of(&server).classic().await;
        // Somebody who neither reads nor closes does not hold it up for long.
        let mut stuck = Guest::of(&server)
            .with("user-agent", "stuck")
            .raw("/ws")
            .await;
        stuck.text_with("chatRecordList").await;
        page.post("before").await;
        let mut guest = Guest::of(&server);
        assert_eq!(guest.get("/readyz").await.status, 200);
        server.signal(signal);
        let bye = page.data(29).await;
        assert_eq!(bye["reason"], "restart");
        let wait = bye["retry_after"].as_f64().unwrap();
        assert!((0.3..=0.5).contains(&wait), "few come back at once: {bye}");
        assert_eq!(page.closed().await, Some(4000));
        assert_eq!(classic.closed().await, Some(4000));
        let unready = guest.get("/readyz").await;
        assert_eq!(unready.status, 503);
        assert_eq!(
            of_every_server(unready.json()),
            json!({"ready": false, "open": false, "store": true, "chat": true})
        );
        assert_eq!(guest.get("/healthz").await.status, 200);
        let refusal = guest.open("/ws", &[]).await.unwrap_err();
        assert_eq!(
            (refusal.status, &refusal.body["error"]["code"]),
            (503, &json!("restarting"))
        );
        assert!(refusal.retry_after.is_some());
        let stopped = server.wait(DEADLINE);
        assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    }
}

#[test]
fn a_signal_right_after_the_line_that_says_where_it_listens_is_heard_also_as_the_first_process() {
    for _ in 0..10 {
        let mut server = Server::start_by("exec unshare --user -rpf --kill-child \"$@\"");
        let parent = server.pid();
        let children = format!("/proc/{parent}/task/{parent}/children");
        let child = std::fs::read_to_string(children).unwrap();
        let told = std::process::Command::new("kill")
            .args(["-s", "TERM", child.trim()])
            .status();
        assert!(told.unwrap().success());
        let stopped = server.wait(Duration::from_secs(8));
        assert_eq!(stopped.code, Some(0), "{}", stopped.log);
    }
}

#[tokio::test]
async fn a_second_signal_does_not_wait_for_anybody() {
    let mut server = Server::start(&[]);
    let mut stuck = Guest::of(&server).raw("/ws").await;
    stuck.text_with("chatRecordList").await;
    server.signal("TERM");
    assert_eq!(stuck.close_code().await, Some(4000));
    server.signal("TERM");
    let stopped = server.wait(DEADLINE);
    assert_eq!(stopped.code, Some(1), "it did not wait for its end");
}

#[tokio::test]
async fn probes_and_numbers_say_what_is_so() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server);
    assert_eq!(guest.get("/healthz").await.text(), "ok\n");
    let ready = json!({"ready": true, "open": true, "store": true, "chat": true});
    let told = guest.get("/readyz").await.json();
    assert_eq!(of_every_server(told), ready);
    let (mut page, _) = Guest::visiting(&server).await.feed().await;
    page.post("counted").await;
    page.submit(uuid::Uuid::new_v4(), "").await;
    page.error().await;
    let mut violator = guest.raw("/ws").await;
    violator.send(&frame(op::TEXT, b"\xff")).await;
    violator.end().await;
    drop(violator);
    drop(guest.raw("/ws").await);
    eventually("one connection is left", || async {
        Guest::of(&server)
            .get("/metrics")
            .await
            .text()
            .contains("teahouse_connections 1\n")
    })
    .await;
    let numbers = guest.get("/metrics").await;
    assert!(
        numbers
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    let text = numbers.text();
    for line in [
        "teahouse_events_total 1\n",
        "teahouse_refused_total{code=\"empty\"} 1\n",
        "teahouse_closed_total{reason=\"not UTF-8\"} 1\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        let answer = guest
            .request("GET", "/metrics", &[(header, "1.1 x")], b"")
            .await;
        assert_eq!(
            answer.status, 404,
            "what comes through a proxy sees no numbers"
        );
    }
}

#[tokio::test]
async fn numbers_are_for_this_machine_and_for_those_that_are_named() {
    let server = Server::start(&[
        ("server.trusted_proxies", "127.0.0.1"),
        ("server.metrics", "203.0.113.7,10.0.0.0/8"),
    ]);
    let mut guest = Guest::of(&server);
    for (from, status) in [
        ("203.0.113.7", 200),
        ("10.9.8.7", 200),
        ("203.0.113.8", 404),
        ("203.0.113.7, 203.0.113.8", 404),
        ("nonsense", 404),
    ] {
        let headers = [("x-forwarded-for", from)];
        let answer = guest.request("GET", "/metrics", &headers, b"").await;
        assert_eq!(answer.status, status, "{from}");
    }
    let server = Server::start(&[("server.metrics", "203.0.113.7")]);
    let headers = [("x-forwarded-for", "203.0.113.7")];
    let mut guest = Guest::of(&server);
    let answer = guest.request("GET", "/metrics", &headers, b"").await;
    assert_eq!(
        answer.status, 404,
        "a proxy that nobody trusts names nobody"
    );
}
