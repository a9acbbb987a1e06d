//! `teahouse bench`: it measures a server of its own or another, and fails when that loses, doubles
//! or refuses what was said.

use serde_json::Value;

use crate::support::{Guest, Server, run_program};

fn bench(arguments: &[&str]) -> (Option<i32>, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let all: Vec<&str> = ["bench"].iter().chain(arguments).copied().collect();
    run_program(directory.path(), &all, &[])
}

#[tokio::test]
async fn it_measures_a_server_that_it_starts_against_the_floor() {
    for protocol in ["classic", "feed"] {
        let few = [
            "fanout", "-c", "30", "-m", "20", "--rounds", "2", "--window", "4",
        ];
        let more = ["--protocol", protocol, "--json"];
        let (code, out, log) = bench(&[&few[..], &more].concat());
        assert_eq!(code, Some(0), "{log}");
        let found: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(found["protocol"], protocol);
        assert_eq!(found["rounds"].as_array().unwrap().len(), 2);
        for figure in [
            "cpu_us",
            "per_second",
            "p50_ms",
            "p99_ms",
            "floor_us",
            "ratio",
            "p50_ratio",
            "p99_ratio",
        ] {
            let value = found["medians"][figure].as_f64().unwrap();
            assert!(value > 0.0, "{figure}: {out}");
        }
        assert!(found["medians"]["tool_limited"].is_boolean(), "{out}");
    }
}

#[tokio::test]
async fn it_sees_those_who_never_read_cut_while_the_others_hear_everything() {
    let few = ["slow", "-c", "20", "-m", "60", "--rounds", "1", "--json"];
    let (code, out, log) = bench(&few);
    assert_eq!(code, Some(0), "{log}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let medians = &found["medians"];
    assert_eq!(
        (&medians["stalled"], &medians["cut"]),
        (&2.0.into(), &2.0.into())
    );
    assert!(medians["beside_p99_ms"].as_f64().unwrap() > 0.0, "{out}");
}

#[tokio::test]
async fn it_measures_a_server_that_is_there_and_leaves_it_alone() {
    let server = Server::start(&[]);
    let url = format!("http://{}", server.addr());
    let pid = server.pid().to_string();
    let few = [
        "fanout", "-c", "20", "-m", "10", "--rounds", "1", "--rate", "100",
    ];
    let there = ["--url", &url, "--pid", &pid];
    let (code, out, log) = bench(&[&few[..], &there].concat());
    assert_eq!(code, Some(0), "{log}");
    assert!(
        out.contains("nothing lost, doubled or out of order"),
        "{out}"
    );
    assert!(out.contains("CPU of the server a delivery"), "{out}");
    let (mut ws, welcome) = Guest::visiting(&server).await.feed().await;
    assert_eq!(welcome["rooms"][0]["head"], 30, "10 and 20 to warm up");
    ws.post("the server goes on").await;
}

#[tokio::test]
async fn it_says_how_much_later_another_node_hears() {
    let nodes = Server::start_nodes(2, &[]);
    let urls = nodes.iter().map(|node| format!("http://{}", node.addr()));
    let urls: Vec<_> = urls.collect();
    let few = ["nodes", "-c", "5", "-m", "10", "--rounds", "1", "--json"];
    let (code, out, log) = bench(&[&few[..], &["--url", &urls[0], "--other", &urls[1]]].concat());
    assert_eq!(code, Some(0), "{log}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let figure = |name: &str| found["medians"][name].as_f64().unwrap();
    // Without NATS it is a matter of tenths of a second.
    assert!(figure("here_p50_ms") > 0.0, "{out}");
    assert!(figure("there_p50_ms") > figure("here_p50_ms"), "{out}");
    let (code, _, log) = bench(&["nodes", "--rounds", "1"]);
    assert_eq!(code, Some(1));
    assert!(log.contains("--other"), "{log}");
}

#[tokio::test]
async fn it_fails_when_the_server_refuses_what_is_said() {
    let server = Server::start(&[("limits.messages_per_minute", "25")]);
    let url = format!("http://{}", server.addr());
    let rounds = ["--rounds", "1", "--url", &url, "--rate", "1000"];
    let (code, out, log) = bench(&[&["fanout", "-c", "5", "-m", "30"][..], &rounds].concat());
    assert_eq!((code, out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains("messages refused"), "{log}");
}

#[tokio::test]
async fn everybody_posts_and_each_nonce_is_acked_once_after_its_event() {
    let few = ["post", "-m", "200", "--rounds", "1", "--json"];
    for more in [
        &["--rate", "500"][..],
        &["--disk", "-c", "4", "--window", "3"],
    ] {
        let (code, out, log) = bench(&[&few[..], more].concat());
        assert_eq!(code, Some(0), "{log}");
        let found: Value = serde_json::from_str(&out).unwrap();
        let medians = &found["medians"];
        for figure in [
            "acks_per_second",
            "per_second",
            "p50_ms",
            "p99_ms",
            "p999_ms",
        ] {
            assert!(medians[figure].as_f64().unwrap() > 0.0, "{figure}: {out}");
        }
        assert!(medians["tool_limited"].is_boolean(), "{out}");
    }
}

#[tokio::test]
async fn a_post_that_is_refused_fails_the_run() {
    let server = Server::start(&[("limits.messages_per_minute", "25")]);
    let url = format!("http://{}", server.addr());
    let (code, out, log) = bench(&["post", "-c", "2", "-m", "100", "--url", &url]);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains("messages refused"), "{log}");
    assert!(!log.contains(" 0 messages refused"), "{log}");
}

#[tokio::test]
async fn a_storm_comes_and_goes_while_the_residents_talk() {
    for protocol in ["classic", "feed"] {
        let few = [
            "storm", "-c", "60", "-m", "5", "--rate", "100", "--rounds", "1",
        ];
        let (code, out, log) = bench(&[&few[..], &["--protocol", protocol, "--json"]].concat());
        assert_eq!(code, Some(0), "{log}");
        let found: Value = serde_json::from_str(&out).unwrap();
        let medians = &found["medians"];
        for figure in ["joins_per_second", "frames_per_second", "growth", "gone_s"] {
            assert!(medians[figure].as_f64().unwrap() > 0.0, "{figure}: {out}");
        }
        assert!(medians["frames_per_join"].as_f64().unwrap() >= 1.0, "{out}");
        assert!(medians["tool_limited"].is_boolean(), "{out}");
    }
}

#[tokio::test]
async fn a_storm_whose_residents_are_refused_fails_the_run() {
    let server = Server::start(&[("limits.messages_per_minute", "25")]);
    let url = format!("http://{}", server.addr());
    let few = ["storm", "-c", "8", "--rate", "1000", "--rounds", "1"];
    let (code, out, log) = bench(&[&few[..], &["--url", &url]].concat());
    assert_eq!((code, out.as_str()), (Some(1), ""), "{log}");
    assert!(log.contains("messages refused"), "{log}");
}

#[tokio::test]
async fn everybody_comes_back_after_a_restart_and_has_every_message_once() {
    for signal in ["term", "kill"] {
        let few = [
            "restart", "-c", "12", "-m", "40", "--rate", "60", "--rounds", "1", "--json",
        ];
        let (code, out, log) = bench(&[&few[..], &["--signal", signal]].concat());
        assert_eq!(code, Some(0), "{log}");
        let found: Value = serde_json::from_str(&out).unwrap();
        let medians = &found["medians"];
        assert_eq!(medians["signal"], signal);
        for figure in ["away_s", "p50_s", "p99_s", "max_s", "last_s"] {
            assert!(medians[figure].as_f64().unwrap() > 0.0, "{figure}: {out}");
        }
        let resumed = medians["resumed"].as_f64().unwrap();
        assert!(resumed >= 1.0, "the others missed something: {out}");
    }
}

#[tokio::test]
async fn a_room_grows_until_it_ends_and_what_ended_it_is_said() {
    let few = ["capacity", "-c", "3", "-m", "8", "--rounds", "1"];
    let (code, out, log) = bench(&[&few[..], &["--json"]].concat());
    assert_eq!(code, Some(0), "{log}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let medians = &found["medians"];
    // On a machine that is busy with other things three can be too many.
    let people = medians["people"].as_f64().unwrap();
    match medians["ended_by"].as_str().unwrap() {
        "connections" => assert_eq!(people, 3.0, "{out}"),
        other => assert!(other == "latency" && people < 3.0, "{out}"),
    }
    let p95 = medians["p95_ms"].as_f64();
    assert_eq!(p95.is_some(), people > 0.0, "{out}");
    let (code, out, log) = bench(&few);
    assert_eq!(code, Some(0), "{log}");
    let ends = [
        "it ended with the 3 connections",
        "people were too many: p95",
    ];
    assert!(ends.iter().any(|end| out.contains(end)), "{out}");
}

#[tokio::test]
async fn a_device_that_is_signed_out_elsewhere_is_seen_to_go() {
    let few = ["sign-out", "-c", "10", "--json"];
    let (code, out, log) = bench(&few);
    assert_eq!(code, Some(0), "{log}");
    let found: Value = serde_json::from_str(&out).unwrap();
    let medians = &found["medians"];
    let (half, longest) = (&medians["p50_ms"], &medians["max_ms"]);
    assert!(half.as_f64().unwrap() > 0.0, "{out}");
    assert!(longest.as_f64().unwrap() >= half.as_f64().unwrap(), "{out}");
}

#[tokio::test]
async fn it_says_what_it_cannot_measure() {
    for (arguments, words) in [
        (
            &["fanout", "--url", "https://example.org"][..],
            "plain http://",
        ),
        (
            &["fanout", "--url", "http://127.0.0.1:1", "--rounds", "1"],
            "Connection refused",
        ),
        (
            &["restart", "--url", "http://127.0.0.1:1"],
            "only one of the tool's own, without --url",
        ),
        (&["restart", "--protocol", "classic"], "do not resume"),
        (&["restart", "--rate", "1000"], "300 events at most"),
        (&["post", "--protocol", "classic"], "get no acks"),
        (&["ephemeral", "--url", "http://127.0.0.1:1"], "accounts"),
        (&["nonsense"], "invalid value"),
    ] {
        let (code, _, log) = bench(arguments);
        assert!(
            code != Some(0) && log.contains(words),
            "{arguments:?}: {log}"
        );
    }
}
