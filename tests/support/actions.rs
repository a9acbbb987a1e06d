//! What people do with messages of the lobby over a socket: the ack's data, or the refusal's code.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Ws;
use teahouse::protocol::kinds;

/// Says something in answer to message `id` of the lobby: the ack's data, or the refusal's code.
pub async fn answer(ws: &mut Ws, id: &Value, content: &str) -> Value {
    let nonce = json!(Uuid::new_v4());
    let send = json!({"nonce": nonce, "room": 1, "content": content, "reply": id});
    ws.send(&json!({"type": kinds::SEND, "data": send})).await;
    let mine = |frame: &Value| frame["data"]["nonce"] == nonce;
    let told = ws.expect("an answer", mine).await["data"].clone();
    told.get("code").unwrap_or(&told).clone()
}

/// Puts an emoji on a message of the lobby, or takes it away.
pub async fn react(ws: &mut Ws, id: &Value, emoji: &str, on: bool) -> Value {
    let what = json!({"room": 1, "id": id, "do": "react", "emoji": emoji, "on": on});
    ws.try_change(what).await
}

/// Pins a message of the lobby, or unpins it.
pub async fn pin(ws: &mut Ws, id: &Value, on: bool) -> Value {
    ws.try_change(json!({"room": 1, "id": id, "do": "pin", "on": on}))
        .await
}
