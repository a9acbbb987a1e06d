//! Company for whoever sits before a browser: somebody with an account and without a page, who
//! makes rooms, looks after them and talks in them.

use std::time::Instant;

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use tokio::time::sleep;
use uuid::Uuid;

use super::person::BLINK;
use super::{Browsers, PATIENCE, Person};
use crate::support::{Guest, Server, Ws};

pub const PASSWORD: &str = "七碗 chest of leaves";

/// Somebody with an account, who hears the lobby.
pub struct Companion {
    pub guest: Guest,
    feed: Ws,
}

impl Companion {
    pub async fn named(server: &Server, name: &str) -> Self {
        let mut guest = Guest::visiting(server).await;
        assert_eq!(guest.register(name, PASSWORD).await.status, 200);
        let (feed, _) = guest.feed().await;
        Self { guest, feed }
    }

    /// Asks the API for something that it grants.
    pub async fn asks(&mut self, method: &str, path: &str, body: Value) -> Value {
        let path = format!("/api/v1/{path}");
        let answer = self.guest.change(method, &path, &body).await;
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.json()
    }

    /// Makes a room and gives its id.
    pub async fn makes(&mut self, kind: &str, name: &str) -> i64 {
        let body = json!({"kind": kind, "name": name});
        let made = self.asks("POST", "rooms", body).await;
        made["room"]["id"].as_i64().unwrap()
    }

    /// Says something in a room, and waits until it is kept.
    pub async fn says(&mut self, room: i64, content: &str) {
        let nonce = Uuid::new_v4();
        let data = json!({"nonce": nonce, "room": room, "content": content});
        self.feed
            .send(&json!({"type": kinds::SEND, "data": data}))
            .await;
        self.feed.ack(nonce).await;
    }

    /// Puts an emoji on a message of a room.
    pub async fn reacts(&mut self, room: i64, id: i64, emoji: &str) {
        let nonce = Uuid::new_v4();
        let data = json!({"nonce": nonce, "room": room, "id": id, "do": "react", "emoji": emoji, "on": true});
        self.feed
            .send(&json!({"type": kinds::CHANGE, "data": data}))
            .await;
        self.feed.ack(nonce).await;
    }

    /// Waits until the server keeps which messages of a room are news to them.
    pub async fn is_told_of(&self, room: i64, level: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let (_, welcome) = self.guest.feed().await;
            let rooms = welcome["rooms"].as_array().unwrap();
            let room = rooms.iter().find(|each| each["id"] == room).unwrap();
            if room["notify"] == level {
                return;
            }
            assert!(Instant::now() < until, "never {level}: {room}");
            sleep(BLINK).await;
        }
    }

    /// Deletes the account.
    pub async fn vanishes(mut self) {
        self.asks("DELETE", "me", json!({"password": PASSWORD}))
            .await;
    }

    /// The public id of a member of one of their rooms.
    pub async fn id_of(&mut self, room: i64, name: &str) -> String {
        let path = format!("/api/v1/rooms/{room}/members");
        let listed = self.guest.get(&path).await.json();
        let members = listed["members"].as_array().unwrap();
        let member = members.iter().find(|member| member["name"] == name);
        member.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Makes somebody another in a room.
    pub async fn makes_of(&mut self, room: i64, name: &str, role: &str) {
        let id = self.id_of(room, name).await;
        let path = format!("rooms/{room}/members/{id}");
        self.asks("PUT", &path, json!({"role": role})).await;
    }
}

/// A person before a browser, signed in to an account of their own.
pub async fn member(browsers: &Browsers, server: &Server, site: &str, name: &str) -> Person {
    let mut guest = Guest::visiting(server).await;
    assert_eq!(guest.register(name, PASSWORD).await.status, 200);
    let person = browsers.person(site, "en").await;
    person.sign_in(name, PASSWORD).await;
    person
}

/// Another device of somebody with an account.
pub async fn other_device(server: &Server, name: &str) -> Guest {
    let mut guest = Guest::visiting(server).await;
    assert_eq!(guest.sign_in(name, PASSWORD).await.status, 200);
    guest
}

/// Signs in with the account of this name.
pub async fn signs_in(person: &Person, name: &str) {
    let fields = [("name", name), ("password", PASSWORD)];
    person.fill("#sign-in-dialog", &fields).await;
}
