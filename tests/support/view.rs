//! What a client knows of a room: a snapshot and the events after it, applied as
//! `docs/protocol.md` says. It is strict where a real client is patient: a hole, a double or
//! an unknown kind fails the test.

use std::collections::BTreeMap;
use teahouse::protocol::kinds;

use serde_json::{Value, json};

use super::Ws;

/// A client's state of room 1.
#[derive(Debug, Clone, Default)]
pub struct View {
    pub epoch: String,
    /// The last event applied.
    pub seq: i64,
    /// By id.
    pub messages: BTreeMap<i64, Value>,
    /// What is settled about the room, as far as it has been told.
    pub about: Value,
    /// Who is what in the room, by public id: name and role.
    pub members: BTreeMap<String, (String, String)>,
    /// How often it was told to begin anew.
    pub resets: usize,
    /// Whether another batch is on its way.
    pub behind: bool,
}

impl View {
    /// A client that has drawn nothing and begins at the start of the room.
    pub fn empty(welcome: &Value) -> Self {
        Self {
            epoch: welcome["rooms"][0]["epoch"].as_str().unwrap().to_owned(),
            ..Self::default()
        }
    }

    /// What `hello` says of it.
    pub fn resume(&self) -> Value {
        json!({"1": {"epoch": self.epoch, "seq": self.seq}})
    }

    /// Takes in all that a resume brings, and returns its events.
    pub async fn catch_up(&mut self, ws: &mut Ws) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let frame = ws.frame().await;
            events.extend(self.take(&frame));
            if frame["type"] == kinds::RESET || (frame["type"] == kinds::BATCH && !self.behind) {
                return events;
            }
        }
    }

    /// Takes a frame in; those that do not change the room are passed over. Returns the events
    /// that it brought.
    pub fn take(&mut self, frame: &Value) -> Vec<Value> {
        let data = &frame["data"];
        match frame["type"].as_u64().unwrap() {
            17 => {
                self.apply(data);
                vec![data.clone()]
            }
            19 => {
                assert_eq!(data["epoch"], self.epoch);
                let events = data["events"].as_array().unwrap();
                events.iter().for_each(|event| self.apply(event));
                self.behind = data["more"].as_bool().unwrap();
                events.clone()
            }
            21 => {
                self.resets += 1;
                self.epoch = data["epoch"].as_str().unwrap().to_owned();
                self.seq = data["head"].as_i64().unwrap();
                self.messages.clear();
                self.show(&data["page"]);
                self.behind = false;
                Vec::new()
            }
            31 => {
                let head = (
                    data["epoch"].as_str().unwrap(),
                    data["seq"].as_i64().unwrap(),
                );
                assert_eq!(
                    head,
                    (self.epoch.as_str(), self.seq),
                    "lost without a trace"
                );
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Adds a page of messages; of two views of one message the newer is true.
    pub fn show(&mut self, page: &Value) {
        for message in page.as_array().unwrap() {
            let known = self.messages.entry(message["id"].as_i64().unwrap());
            let known = known.or_insert_with(|| message.clone());
            if message["rev"].as_i64() > known["rev"].as_i64() {
                known.clone_from(message);
            }
        }
    }

    fn apply(&mut self, event: &Value) {
        let seq = event["seq"].as_i64().unwrap();
        assert_eq!(seq, self.seq + 1, "a hole or a double: {event}");
        self.seq = seq;
        let kind = event["kind"].as_str().unwrap();
        match kind {
            "message" => return self.show(&json!([event["message"]])),
            "about" => {
                self.about = event["about"].clone();
                return;
            }
            "join" | "leave" | "remove" | "ban" | "unban" | "mute" | "unmute" | "role"
            | "transfer" => return self.stand(event),
            "edit" | "recall" | "file" => self.quote(event),
            _ => {}
        }
        let Some(message) = self.messages.get_mut(&event["id"].as_i64().unwrap()) else {
            return;
        };
        if message["rev"].as_i64().unwrap() >= seq {
            return;
        }
        message["rev"] = seq.into();
        match kind {
            "edit" => {
                message["content"] = event["content"].clone();
                message["edited"] = event["at"].clone();
                set(message, "html", event.get("html"));
                set(message, "mentions", event.get("mentions"));
            }
            "recall" => {
                message["content"] = "".into();
                message["recalled"] = true.into();
                set(message, "html", None);
                for field in [
                    "edited",
                    "mentions",
                    "reply",
                    "files",
                    "reactions",
                    "pinned",
                ] {
                    set(message, field, None);
                }
            }
            "file" => {
                let files = message["files"].as_array_mut();
                for file in files.into_iter().flatten() {
                    if file["id"] == event["file"] {
                        *file = json!({"id": file["id"], "kind": file["kind"], "gone": true});
                    }
                }
            }
            "react" => react(message, event),
            "pin" => set(message, "pinned", Some(&true.into())),
            "unpin" => set(message, "pinned", None),
            other => panic!("a new kind of event needs a line here: {other}"),
        }
    }
}

impl View {
    /// What is edited or withdrawn is so in the messages that answer it too.
    fn quote(&mut self, event: &Value) {
        for message in self.messages.values_mut() {
            if message["reply"]["id"] != event["id"] {
                continue;
            }
            let quote = &mut message["reply"];
            if event["kind"] == "recall" {
                quote["text"] = "".into();
                quote["by"]["name"] = "".into();
                set(quote, "file", None);
                quote["gone"] = true.into();
            } else if event["kind"] == "file" {
                set(quote, "file", event.get("first"));
            } else {
                quote["text"] = event["content"].clone();
            }
        }
    }

    fn stand(&mut self, event: &Value) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let id = text(&event["who"]["id"]);
        if event["role"].is_null() {
            self.members.remove(&id);
        } else {
            let member = (text(&event["who"]["name"]), text(&event["role"]));
            self.members.insert(id, member);
        }
        if event["kind"] == "transfer"
            && let Some((_, role)) = self.members.get_mut(event["by"]["id"].as_str().unwrap())
        {
            "admin".clone_into(role);
        }
    }
}

/// The emoji of an event as it stands now takes the place of what it was.
fn react(message: &mut Value, event: &Value) {
    let mut now = json!({});
    for field in ["emoji", "n", "who", "place"] {
        now[field] = event[field].clone();
    }
    let mut all = message["reactions"].as_array().cloned().unwrap_or_default();
    all.retain(|one| one["emoji"] != now["emoji"]);
    if now["n"] != 0 {
        all.push(now);
        all.sort_by_key(|one| one["place"].as_i64());
    }
    let all = (!all.is_empty()).then(|| Value::Array(all));
    set(message, "reactions", all.as_ref());
}

fn set(message: &mut Value, field: &str, value: Option<&Value>) {
    let message = message.as_object_mut().unwrap();
    match value {
        Some(value) => message.insert(field.to_owned(), value.clone()),
        None => message.remove(field),
    };
}
