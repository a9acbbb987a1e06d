//! A public tus client, as it is published, uploads to this server: `tools/tus`.
//!
//! It is installed by `scripts/test`, or `npm --prefix tools/tus ci`; where it is not, these tests say so.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Member, Server};

/// Bytes of the file: several pieces, and a part of one.
const LENGTH: usize = 5_000_000;

/// The client's script, where the client is installed.
fn script() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/tus");
    let installed = tools.join("node_modules/tus-js-client").exists();
    installed.then(|| tools.join("upload.js"))
}

/// Uploads by the client in one of its ways; the same bytes come back. Gives the offset at which it went on.
async fn arrives(way: &str) -> Value {
    let Some(script) = script() else {
        eprintln!("skipped: tus-js-client is not installed");
        return Value::Null;
    };
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let whole: Vec<u8> = (0..LENGTH).map(|place| (place * 31 % 251) as u8).collect();
    let file = server.home().join("tea.bin");
    std::fs::write(&file, &whole).unwrap();
    let wish = json!({
        "endpoint": format!("http://{}/api/v1/uploads", server.addr()),
        "cookie": ada.guest.cookie,
        "file": file,
        "as": way,
    });
    let client = tokio::process::Command::new("node")
        .arg(script)
        .arg(wish.to_string())
        .output();
    let client = client.await.unwrap();
    let complaint = String::from_utf8_lossy(&client.stderr);
    assert!(client.status.success(), "{complaint}");
    let said: Value = serde_json::from_slice(&client.stdout).unwrap();
    let id = said["url"].as_str().unwrap().rsplit('/').next().unwrap();
    let upload = ada.guest.awaits(&format!("/api/v1/uploads/{id}")).await;
    assert_eq!(upload["file"]["name"], "tea.bin", "{upload}");
    let got = ada.guest.get(&format!("/files/{id}/raw")).await;
    assert!(got.body == whole, "the same bytes");
    said["resumed"].clone()
}

#[tokio::test]
async fn a_public_client_goes_on_with_pieces_that_it_left() {
    let resumed = arrives("pieces").await;
    if let Some(offset) = resumed.as_u64() {
        assert_eq!(offset, 2 << 20, "two pieces were answered");
    }
}

#[tokio::test]
async fn a_public_client_goes_on_by_itself_when_its_connection_is_lost() {
    let resumed = arrives("cut").await;
    if let Some(offset) = resumed.as_u64() {
        assert!(offset < LENGTH as u64, "{offset}");
    }
}

#[tokio::test]
async fn a_public_client_sends_all_with_the_announcement() {
    assert_eq!(arrives("at once").await, Value::Null);
}
