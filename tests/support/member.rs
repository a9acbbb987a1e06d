//! Somebody with an account: their browser, and what they do in rooms.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use super::{Answer, Guest, Server, Ws};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Member {
    pub guest: Guest,
    /// Their public id.
    pub id: String,
}

impl Member {
    /// The password of all of them.
    pub const PASSWORD: &str = "seven bowls 七碗茶";

    /// A new account.
    pub async fn new(server: &Server, name: &str) -> Self {
        let mut guest = Guest::visiting(server).await;
        let answer = guest.register(name, Self::PASSWORD).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = answer.json()["me"]["id"].as_str().unwrap().to_owned();
        Self { guest, id }
    }

    /// Somebody who has an account already, before a new browser.
    pub async fn signed_in(server: &Server, name: &str, password: &str) -> Self {
        let mut guest = Guest::visiting(server).await;
        let answer = guest.sign_in(name, password).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = answer.json()["me"]["id"].as_str().unwrap().to_owned();
        Self { guest, id }
    }

    /// Ada with a public room of this name, Bob who has joined it, and its id.
    pub async fn two_in_a_room(server: &Server, name: &str) -> (Self, Self, i64) {
        let mut ada = Self::new(server, "Ada").await;
        let mut bob = Self::new(server, "Bob").await;
        let room = ada.makes("public", name).await;
        bob.joins(room).await;
        (ada, bob, room)
    }

    /// The same person at a server that has another port after a restart.
    pub fn follow(&self, server: &Server) -> Self {
        Self {
            guest: self.guest.clone().follow(server),
            id: self.id.clone(),
        }
    }

    /// A call of the API.
    pub async fn call(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let path = format!("/api/v1/{path}");
        match method {
            "GET" => self.guest.get(&path).await,
            _ => self.guest.change(method, &path, body).await,
        }
    }

    /// The same, which must be granted; gives its JSON.
    pub async fn may(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.json()
    }

    /// The same, which must be refused; gives status and code.
    pub async fn may_not(&mut self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let answer = self.call(method, path, body).await;
        assert!(answer.status >= 400, "{method} {path}: {answer:?}");
        (answer.status, answer.error())
    }

    /// Makes a room; gives its id.
    pub async fn makes(&mut self, kind: &str, name: &str) -> i64 {
        let body = json!({"kind": kind, "name": name});
        let made = self.may("POST", "rooms", &body).await;
        made["room"]["id"].as_i64().unwrap()
    }

    /// Joins a public room.
    pub async fn joins(&mut self, room: i64) {
        self.may("POST", &format!("rooms/{room}/join"), &Value::Null)
            .await;
    }

    /// Gives somebody another role.
    pub async fn gives_role(&mut self, room: i64, whom: &Member, role: &str) -> Value {
        let path = format!("rooms/{room}/members/{}", whom.id);
        self.may("PUT", &path, &json!({"role": role})).await
    }

    /// Makes an invitation; gives its code.
    pub async fn invites(&mut self, room: i64, terms: &Value) -> String {
        let path = format!("rooms/{room}/invitations");
        let made = self.may("POST", &path, terms).await;
        made["invitation"]["code"].as_str().unwrap().to_owned()
    }

    /// Comes in by an invitation.
    pub async fn accepts(&mut self, code: &str) {
        self.may("POST", &format!("invitations/{code}"), &Value::Null)
            .await;
    }

    /// Their socket with `room` open, past the welcome, whose data comes with it.
    pub async fn hears(&self, room: i64) -> (Ws, Value) {
        let (mut ws, welcome) = self.knocks(room).await;
        ws.data(27).await;
        (ws, welcome)
    }

    /// The same, whether they are let in or not.
    pub async fn knocks(&self, room: i64) -> (Ws, Value) {
        let mut ws = self.guest.open("/ws?feed", &[]).await.unwrap();
        let hello = json!({"v": 1, "open": room, "resume": {}});
        ws.send(&json!({"type": kinds::HELLO, "data": hello})).await;
        let welcome = ws.data(11).await;
        (ws, welcome)
    }

    /// A room as they see it.
    pub async fn sees(&mut self, room: i64) -> Value {
        let mut seen = self
            .may("GET", &format!("rooms/{room}"), &Value::Null)
            .await;
        seen["room"].take()
    }
}
