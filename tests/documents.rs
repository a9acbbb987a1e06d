//! The documents against the code: every code that a client can meet is in `docs/protocol.md`,
//! and every setting and counter that an operator can meet is in theirs.

use teahouse::config::DEFAULT_CONFIG;
use teahouse::error::Error;
use teahouse::protocol::close::Close;

use crate::support::{Guest, Server};

const PROTOCOL: &str = include_str!("../docs/protocol.md");
const OPERATIONS: &str = include_str!("../docs/operations.md");

#[test]
fn every_close_code_is_in_the_protocol_with_its_reason() {
    for close in Close::ALL {
        let row = format!("| {} | `{}` |", close.code(), close.reason());
        assert!(PROTOCOL.contains(&row), "{row}");
    }
}

#[test]
fn every_error_is_in_the_protocol_with_its_status() {
    for error in Error::examples() {
        let row = format!("| `{}` | {} |", error.code(), error.status().as_u16());
        assert!(PROTOCOL.contains(&row), "{row}");
    }
}

#[tokio::test]
async fn every_counter_is_explained_to_operators() {
    let server = Server::start(&[]);
    let metrics = Guest::of(&server).get("/metrics").await.text();
    let names: Vec<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    assert!(names.contains(&"teahouse_connections"), "{metrics}");
    for name in names {
        assert!(OPERATIONS.contains(name), "{name}");
    }
}

#[tokio::test]
async fn every_job_is_counted_from_the_start_and_explained_to_operators() {
    let server = Server::start(&[]);
    let metrics = Guest::of(&server).get("/metrics").await.text();
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/app/jobs")).unwrap();
    let mut jobs = 0;
    for file in files.map(|file| file.unwrap().path()) {
        if file.ends_with("mod.rs") {
            continue;
        }
        let source = std::fs::read_to_string(&file).unwrap();
        let name = source
            .split_once("const NAME: &'static str = \"")
            .unwrap()
            .1;
        let name = name.split('"').next().unwrap();
        for counter in ["runs", "failures"] {
            let line = format!("\nteahouse_job_{counter}_total{{job=\"{name}\"}} ");
            assert!(metrics.contains(&line), "{line}{metrics}");
        }
        assert!(OPERATIONS.contains(&format!("\n| `{name}` | ")), "{name}");
        jobs += 1;
    }
    assert!(jobs >= 7, "{jobs} files");
}

#[test]
fn every_section_of_the_configuration_is_explained_in_it() {
    for section in [
        "server",
        "storage",
        "session",
        "chat",
        "rooms",
        "heartbeat",
        "limits",
        "geo",
    ] {
        assert!(
            DEFAULT_CONFIG.contains(&format!("\n[{section}]\n# ")),
            "{section}"
        );
    }
}
