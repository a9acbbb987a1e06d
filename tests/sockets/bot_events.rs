//! Hearing by calls: a program asks with its cursor, and the call waits until something has happened.

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::expiry::are_gone;
use crate::support::nats::Nats;
use crate::support::{Answer, CLOCK_SCRIPT, Guest, Member, Server, eventually, set_clock, within};

pub const EVENTS: &str = "/api/v1/bot/events";

/// A bot that hears by calls.
#[derive(Clone)]
pub struct Ear {
    pub guest: Guest,
    /// Its bot's public id.
    pub id: String,
    /// Where it is.
    pub after: String,
}

/// A key of a bot, which is made where it is not there.
fn key(server: &Server, bot: &str, more: &[&str]) -> String {
    let _there = server.run(&["bot", "add", bot], "");
    let arguments = [&["token", "add", bot, "--scopes", "read,write,rooms"], more].concat();
    let (code, out, err) = server.run(&arguments, "");
    assert_eq!(code, Some(0), "{err}");
    format!("Bearer {}", out.trim())
}

impl Ear {
    pub async fn new(server: &Server, bot: &str, more: &[&str]) -> Self {
        let mut guest = Guest::of(server).with("authorization", &key(server, bot, more));
        let me = guest.get("/api/v1/me").await.json();
        let mut ear = Self {
            guest,
            id: me["me"]["id"].as_str().unwrap().to_owned(),
            after: String::new(),
        };
        assert!(ear.hears("wait=25").await.is_empty());
        ear
    }

    pub fn follow(&self, server: &Server) -> Self {
        Self {
            guest: self.guest.clone().follow(server),
            ..self.clone()
        }
    }

    pub async fn asks(&mut self, query: &str) -> Answer {
        let after = &self.after;
        self.guest
            .get(&format!("{EVENTS}?after={after}&{query}"))
            .await
    }

    /// The events of one answer.
    pub async fn hears(&mut self, query: &str) -> Vec<Value> {
        let answer = self.asks(query).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        self.after = answer["next"].as_str().unwrap().to_owned();
        answer["events"].as_array().unwrap().clone()
    }

    /// The words of the messages among everything that is there.
    pub async fn hears_words(&mut self, query: &str) -> Vec<String> {
        let mut words = Vec::new();
        loop {
            let heard = self.hears(&format!("wait=0&{query}")).await;
            if heard.is_empty() {
                return words;
            }
            words.extend(heard.iter().filter_map(|event| {
                let message = &event["event"]["message"];
                Some(message["content"].as_str()?.to_owned())
            }));
        }
    }

    /// A call that waits, under way.
    pub fn waits(&self) -> JoinHandle<Answer> {
        let mut other = self.clone();
        tokio::spawn(async move { other.asks("wait=25").await })
    }

    async fn says(&mut self, content: &str) {
        let body = json!({"content": content}).to_string();
        let headers = [("content-type", "application/json")];
        let path = "/api/v1/rooms/1/messages";
        let said = self
            .guest
            .request("POST", path, &headers, body.as_bytes())
            .await;
        assert_eq!(said.status, 201, "{said:?}");
    }
}

pub async fn says(member: &mut Member, room: i64, content: &str) {
    let path = format!("rooms/{room}/messages");
    member
        .may("POST", &path, &json!({"content": content}))
        .await;
}

/// Waits until a call of this bot waits at the server.
pub async fn is_waiting(server: &Server, number: u64) {
    let waits = async || Guest::of(server).metric("teahouse_event_polls").await == number;
    eventually("a call waits", waits).await;
}

#[tokio::test]
async fn it_hears_all_of_its_rooms_once_and_in_order_and_no_other() {
    let server = Server::start(&[("limits.messages_per_minute", "0")]);
    let mut ada = Member::new(&server, "Ada").await;
    let outside = ada.makes("public", "Outside").await;
    let mut ear = Ear::new(&server, "Ears", &[]).await;
    says(&mut ada, 1, "半个 \u{1F375} 茶").await;
    says(&mut ada, outside, "not for it").await;
    let inside = ada.makes("private", "Inside").await;
    says(&mut ada, inside, "before it came").await;
    let code = ada.invites(inside, &json!({})).await;
    let joined = ear
        .guest
        .request("POST", &format!("/api/v1/invitations/{code}"), &[], b"")
        .await;
    assert_eq!(joined.status, 200, "{joined:?}");
    for number in 1..=3 {
        says(&mut ada, inside, &format!("inside {number}")).await;
    }
    let direct = ada
        .may(
            "POST",
            &format!("people/{}/messages", ear.id),
            &json!({"content": "to you"}),
        )
        .await;
    let heard = ear.hears("wait=25").await;
    let words: Vec<_> = heard
        .iter()
        .filter(|event| event["type"] == "room.message")
        .map(|event| {
            let words = event["event"]["message"]["content"].as_str().unwrap();
            (event["room"]["id"].as_i64().unwrap(), words)
        })
        .collect();
    let to_you = direct["room"].as_i64().unwrap();
    for (room, expected) in [
        (1, &["半个 \u{1F375} 茶"][..]),
        (inside, &["inside 1", "inside 2", "inside 3"]),
        (to_you, &["to you"]),
        (outside, &[]),
    ] {
        let of_room: Vec<_> = words
            .iter()
            .filter(|(id, _)| *id == room)
            .map(|(_, words)| *words)
            .collect();
        assert_eq!(of_room, expected, "{heard:?}");
    }
    let event = heard
        .iter()
        .find(|event| event["room"]["id"] == inside)
        .unwrap();
    assert_eq!(
        (&event["room"]["name"], &event["room"]["kind"]),
        (&json!("Inside"), &json!("private"))
    );
    let ids: std::collections::HashSet<_> = heard
        .iter()
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), heard.len());
    assert!(ids.iter().all(|id| id.starts_with("evt_")), "{ids:?}");
    assert!(ear.hears("wait=0").await.is_empty());

    let removed = ada
        .may(
            "DELETE",
            &format!("rooms/{inside}/members/{}", ear.id),
            &Value::Null,
        )
        .await;
    says(&mut ada, inside, "without it").await;
    says(&mut ada, 1, "in the lobby").await;
    assert_eq!(ear.hears_words("").await, ["in the lobby"], "{removed}");
}

#[tokio::test]
async fn it_hears_neither_itself_nor_other_bots_unless_it_asks_for_them() {
    let server = Server::start(&[
        ("limits.messages_per_minute", "0"),
        ("bots.messages_per_minute", "0"),
    ]);
    let mut ear = Ear::new(&server, "Ears", &[]).await;
    let mut wants_all = Ear::new(&server, "Ears", &[]).await;
    let mut other = Ear::new(&server, "Other", &[]).await;
    for number in 0..150 {
        ear.says(&format!("mine {number}")).await;
    }
    other.says("from a bot").await;
    let mut ada = Member::new(&server, "Ada").await;
    says(&mut ada, 1, "from a person").await;
    // More of its own than one reading has: it reads on instead of waiting.
    let heard = ear.hears("wait=25&limit=100").await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["event"]["message"]["content"], "from a person");
    assert_eq!(
        wants_all.hears_words("bots=true").await,
        ["from a bot", "from a person"]
    );
}

#[tokio::test]
async fn a_call_waits_for_what_happens_and_a_second_one_takes_its_place() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut ear = Ear::new(&server, "Ears", &[]).await;
    let first = ear.waits();
    is_waiting(&server, 1).await;
    let mut second = ear.clone();
    let second = tokio::spawn(async move {
        let heard = second.hears("wait=25").await;
        (second, heard)
    });
    let taken = within("the first is told", first).await.unwrap();
    assert_eq!(
        (taken.status, taken.error()),
        (409, "polled_elsewhere".to_owned())
    );
    is_waiting(&server, 1).await;
    assert!(!second.is_finished());
    says(&mut ada, 1, "now").await;
    let (heard_it, heard) = within("the second hears", second).await.unwrap();
    ear = heard_it;
    assert_eq!(heard[0]["event"]["message"]["content"], "now");
    // Another key of the same bot is another program.
    let mut other = Ear::new(&server, "Ears", &[]).await;
    let (one, two) = (ear.waits(), other.waits());
    is_waiting(&server, 2).await;
    says(&mut ada, 1, "both").await;
    for waiting in [one, two] {
        let heard = within("both hear", waiting).await.unwrap().json();
        let last = heard["events"].as_array().unwrap().last().unwrap();
        assert_eq!(last["event"]["message"]["content"], "both");
    }
    ear.after.clear();
    other.after.clear();
    assert!(
        ear.hears("wait=25").await.is_empty(),
        "without a cursor it learns where it is"
    );
}

#[tokio::test]
async fn a_program_that_has_gone_waits_no_more() {
    let server = Server::start(&[]);
    let ear = Ear::new(&server, "Ears", &[]).await;
    let waiting = ear.waits();
    is_waiting(&server, 1).await;
    waiting.abort();
    is_waiting(&server, 0).await;
}

#[tokio::test]
async fn nothing_is_missed_through_restarts_and_a_call_that_waits_ends_with_the_server() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let ear = Ear::new(&server, "Ears", &[]).await;
    says(&mut ada, 1, "one").await;
    server.kill();
    server.launch();
    let (mut ada, mut ear) = (ada.follow(&server), ear.follow(&server));
    says(&mut ada, 1, "two").await;
    assert_eq!(ear.hears_words("").await, ["one", "two"]);
    let waiting = ear.waits();
    is_waiting(&server, 1).await;
    server.stop();
    let answer = waiting.await.unwrap();
    assert_eq!((answer.status, &answer.json()["events"]), (200, &json!([])));
    server.launch();
    let (mut ada, mut ear) = (ada.follow(&server), ear.follow(&server));
    says(&mut ada, 1, "three").await;
    assert_eq!(ear.hears_words("").await, ["three"]);
}

#[tokio::test]
async fn a_busy_room_holds_up_no_other() {
    let server = Server::start(&[("limits.messages_per_minute", "0")]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut ear = Ear::new(&server, "Ears", &[]).await;
    for number in 0..5 {
        says(&mut ada, 1, &format!("busy {number}")).await;
    }
    let path = format!("people/{}/messages", ear.id);
    ada.may("POST", &path, &json!({"content": "help"})).await;
    let mut told = Vec::new();
    while !told.contains(&json!("help")) {
        let heard = ear.hears("wait=0&limit=2").await;
        assert!(!heard.is_empty() && heard.len() <= 2, "{heard:?}");
        told.extend(
            heard
                .iter()
                .map(|event| event["event"]["message"]["content"].clone()),
        );
        // It never comes to an end of the busy room.
        for _ in 0..2 {
            says(&mut ada, 1, "busy again").await;
        }
        assert!(told.len() < 12, "{told:?}");
    }
}

#[tokio::test]
async fn what_is_gone_is_told_as_a_gap() {
    let server = Server::start_strict_by(
        CLOCK_SCRIPT,
        &[("session.ttl", "400d"), ("chat.keep_days", "30")],
    );
    let mut ada = Member::new(&server, "Ada").await;
    let mut ear = Ear::new(&server, "Ears", &[]).await;
    let before = ear.after.clone();
    says(&mut ada, 1, "old").await;
    set_clock(&server, 40 * 86_400);
    are_gone(&server, 1).await;
    says(&mut ada, 1, "young").await;
    let heard = ear.hears("wait=0").await;
    let [gap, young] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    let seq = young["event"]["seq"].as_i64().unwrap();
    assert_eq!(gap["type"], "gap");
    assert_eq!(
        gap["event"],
        json!({"room": 1, "after": seq - 2, "to": seq - 1})
    );
    assert_eq!(young["event"]["message"]["content"], "young");

    // Another numbering, as after a backup was put back.
    let (place, _) = before.rsplit_once('.').unwrap();
    ear.after = format!("{place}.0123abcd");
    let heard = ear.hears("wait=0").await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["type"], "gap");
    assert_eq!(
        heard[0]["event"],
        json!({"room": 1, "after": null, "to": seq})
    );
    assert!(ear.hears("wait=0").await.is_empty());
}

#[tokio::test]
async fn what_is_said_at_another_node_wakes_a_call() {
    let nats = Nats::start();
    for bus in [Some(nats.url()), None] {
        let url = bus.unwrap_or_default();
        let settings: Vec<(&str, &str)> = match url.as_str() {
            "" => Vec::new(),
            url => vec![("cluster.nats", url)],
        };
        let nodes = Server::start_nodes(2, &settings);
        let mut ada = Member::new(&nodes[0], "Ada").await;
        let mut ear = Ear::new(&nodes[1], "Ears", &[]).await;
        let waiting = ear.waits();
        is_waiting(&nodes[1], 1).await;
        says(&mut ada, 1, "from afar").await;
        let heard = within("it hears", waiting).await.unwrap().json();
        assert_eq!(
            heard["events"][0]["event"]["message"]["content"],
            "from afar"
        );
        ear.after = heard["next"].as_str().unwrap().to_owned();
        // At another node it goes on where it was.
        let mut ear = ear.follow(&nodes[0]);
        assert!(ear.hears("wait=0").await.is_empty());
    }
}
