//! Files that cannot be read any more, or never could.

use serde_json::json;

use super::company::member;
use super::files::{attaches, leaves_at, saves, shows};
use super::{Browsers, site};
use crate::support::Server;

#[tokio::test]
async fn what_vanishes_while_it_is_sent_arrives_and_a_folder_is_none() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = member(&browsers, &server, &site(&server), "Ann").await;
    leaves_at(&ann, 300_000).await;
    attaches(&ann, &server, &[("vanishing.bin", 2_000_000)]).await;
    ann.until(
        "it is on its way",
        "document.querySelector('.file-tray .ring')?.ariaValueNow > 5",
    )
    .await;
    std::fs::remove_file(server.home().join("vanishing.bin")).unwrap();
    ann.click("#send").await;
    leaves_at(&ann, 0).await;
    shows(&ann, &["vanishing.bin"]).await;
    saves(&ann, "vanishing.bin", 2_000_000).await;

    let folder = server.home().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let beside = server.home().join("beside.bin");
    std::fs::write(&beside, "beside").unwrap();
    for dropped in [vec![&folder], vec![&folder, &beside]] {
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({"items": [], "files": dropped, "dragOperationsMask": 1});
            let drag = json!({"type": kind, "x": 600, "y": 300, "data": data});
            ann.devtools("Input.dispatchDragEvent", drag).await;
        }
        ann.reads(
            "#toast",
            "Folders cannot be sent. Choose the files in them.",
        )
        .await;
    }
    ann.until(
        "the file is there, and no folder",
        "[...document.querySelectorAll('.file-tray .name')].map((name) => name.textContent).join() === 'beside.bin'",
    )
    .await;
    ann.leave().await;
}
