//! A tool that speaks at a hook.

use serde_json::json;

use super::{Guest, Server};

/// Makes a hook by the command line, and its bot where there is none of this name; gives the hook's path.
pub fn hook(server: &Server, bot: &str, room: i64) -> String {
    let _may_be_there = server.run(&["bot", "add", bot], "");
    let room = room.to_string();
    let add = [
        "hook", "add", "--bot", bot, "--room", &room, "--name", "Kettles",
    ];
    let (code, out, err) = server.run(&add, "");
    assert_eq!(code, Some(0), "{err}");
    out.trim_end().to_owned()
}

/// Says something at a hook.
pub async fn says(server: &Server, path: &str, words: &str) {
    let (body, kind) = (json!({"text": words}).to_string(), "application/json");
    let headers = [("content-type", kind)];
    let answer = Guest::of(server)
        .request("POST", path, &headers, body.as_bytes())
        .await;
    assert_eq!((answer.status, &*answer.text()), (200, "ok"));
}
