//! The documents against the code: every code that a client can meet is in `docs/protocol.md`,
//! every setting and counter that an operator can meet is in theirs, and every file and heading that
//! they name is there.

use std::path::{Path, PathBuf};

use teahouse::config::DEFAULT_CONFIG;
use teahouse::error::Error;
use teahouse::protocol::close::Close;

use crate::support::{Guest, Server};

const PROTOCOL: &str = include_str!("../../docs/protocol.md");
const OPERATIONS: &str = include_str!("../../docs/operations.md");

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
        "cluster",
        "session",
        "chat",
        "rooms",
        "uploads",
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

/// Every page of the documentation, from the root of the repository.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["", "docs", "docs/adr", "docs/site"].map(|folder| root.join(folder));
    let entries = folders.iter().flat_map(|folder| folder.read_dir().unwrap());
    let pages: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "md"))
        .collect();
    assert!(pages.len() > 15, "{pages:?}");
    pages
}

/// The anchor of a heading, as the sites that show Markdown make it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    let text: String = heading.trim().to_lowercase().chars().filter(kept).collect();
    text.replace(' ', "-")
}

#[test]
fn every_link_of_the_documents_leads_to_a_file_and_a_heading() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            if link.contains("://") || !link.contains(['.', '#', '/']) {
                continue;
            }
            let target = match path {
                "" => page.clone(),
                _ => page.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|line| anchor(line.trim_start_matches('#')) == heading),
                    "{}: {link}",
                    page.display()
                );
            }
        }
    }
}

#[test]
fn every_file_that_the_documents_name_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in pages() {
        if page.ends_with("CHANGELOG.md") {
            continue;
        }
        let text = std::fs::read_to_string(&page).unwrap();
        for name in text.split('`').skip(1).step_by(2) {
            let is_file = [".rs", ".js"].iter().any(|end| name.ends_with(end));
            if !is_file
                || !name.contains('/')
                || name.contains([' ', '*', '<'])
                || name.starts_with('/')
            {
                continue;
            }
            let mut folders = ["", "src", "static/js"].iter();
            assert!(
                folders.any(|folder| root.join(folder).join(name).exists()),
                "{}: {name}",
                page.display()
            );
        }
    }
}
