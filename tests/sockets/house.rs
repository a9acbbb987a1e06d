//! What the site's own server does by its token: who is online, and messages.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::{Answer, Guest, Member, Server};

/// The site's program.
#[derive(Debug, Clone)]
pub struct Program {
    guest: Guest,
    /// Its account's public id.
    pub id: String,
}

impl Program {
    /// A program of the bot "Robot", which is made.
    pub async fn new(server: &Server) -> Self {
        robot(server);
        let mut ears = Guest::of(server).with("authorization", &key(server, &["--scopes", "read"]));
        let me = ears.get("/api/v1/me").await.json();
        Self {
            guest: Guest::of(server).with("authorization", &key(server, &["--scopes", "house"])),
            id: me["me"]["id"].as_str().unwrap().to_owned(),
        }
    }

    /// The same program by another token, which is made with these arguments.
    pub fn with(&self, server: &Server, arguments: &[&str]) -> Self {
        Self {
            guest: Guest::of(server).with("authorization", &key(server, arguments)),
            id: self.id.clone(),
        }
    }

    /// The same program before another node.
    pub fn follow(&self, server: &Server) -> Self {
        Self {
            guest: self.guest.clone().follow(server),
            id: self.id.clone(),
        }
    }

    /// A call with these headers besides; one that is none of `house` begins with a slash.
    pub async fn call_with(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        more: &[(&str, &str)],
    ) -> Answer {
        let path = match path.strip_prefix('/') {
            Some(path) => format!("/api/v1/{path}"),
            None => format!("/api/v1/house/{path}"),
        };
        let headers = [&[("content-type", "application/json")], more].concat();
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let mut guest = self.guest.clone();
        guest
            .request(method, &path, &headers, body.as_bytes())
            .await
    }

    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.call_with(method, path, body, &[]).await
    }

    /// The same, which must be granted; gives its JSON.
    pub async fn may(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert!(answer.status < 300, "{method} {path}: {answer:?}");
        answer.json()
    }

    /// The same, which must be refused; gives status and code.
    pub async fn may_not(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let answer = self.call(method, path, body).await;
        assert!(answer.status >= 400, "{method} {path}: {answer:?}");
        (answer.status, answer.error())
    }

    /// Has the site's people have an account here; gives its id.
    pub async fn knows(&self, subject: &str, name: &str) -> String {
        let made = self.may("PUT", "people", &person(subject, name)).await;
        made["person"]["id"].as_str().unwrap().to_owned()
    }
}

/// Makes the bot "Robot".
pub fn robot(server: &Server) {
    let (code, _, err) = server.run(&["bot", "add", "Robot"], "");
    assert_eq!(code, Some(0), "{err}");
}

/// A new key of "Robot" as a header has it.
fn key(server: &Server, arguments: &[&str]) -> String {
    let all = [&["token", "add", "Robot"], arguments].concat();
    let (code, key, err) = server.run(&all, "");
    assert_eq!(code, Some(0), "{err}");
    format!("Bearer {}", key.trim())
}

/// Somebody as the site knows them.
pub fn person(subject: &str, name: &str) -> Value {
    json!({"issuer": "site", "subject": subject, "name": name})
}

pub fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn who_is_online_is_counted_asked_after_and_listed() {
    let server = Server::start(&[]);
    let program = Program::new(&server).await;
    let ada = Member::new(&server, "Ada").await;
    let nobody = json!({"people": 0, "connections": 0, "stale": false});
    assert_eq!(program.may("GET", "online", &Value::Null).await, nobody);
    let (_one, _) = ada.hears(1).await;
    let (_two, _) = ada.hears(1).await;
    let (_visitor, welcome) = Guest::visiting(&server).await.feed().await;
    let visitor = welcome["me"]["id"].as_str().unwrap();
    let eve = program.knows("4711", "Eve").await;
    let ids = format!("{},site:4711,{visitor},site:nobody,{eve}", ada.id);
    let told = program
        .may("GET", &format!("online?ids={ids}"), &Value::Null)
        .await;
    let asked =
        |id: &str, person: Value, here: &str| json!({"id": id, "person": person, "here": here});
    let wanted = json!({"people": 2, "connections": 3, "stale": false, "asked": [
        asked(&ada.id, json!(ada.id), "on"),
        asked("site:4711", json!(eve), "off"),
        asked(visitor, json!(visitor), "on"),
        asked("site:nobody", Value::Null, "off"),
        asked(&eve, json!(eve), "off"),
    ]});
    assert_eq!(told, wanted);
    let listed = program.may("GET", "online/people", &Value::Null).await;
    assert_eq!(
        (&listed["next"], &listed["stale"]),
        (&Value::Null, &json!(false))
    );
    let people = listed["people"].as_array().unwrap();
    let ids: Vec<_> = people.iter().map(|one| one["id"].as_str()).collect();
    assert_eq!(ids, [Some(&*ada.id), Some(visitor)]);
    assert_eq!(
        (&people[0]["name"], &people[0]["here"]),
        (&json!("Ada"), &json!("on"))
    );
    assert_eq!(people[0]["nodes"][0]["connections"], 2);
    let hundred = vec!["u1"; 100].join(",");
    program
        .may("GET", &format!("online?ids={hundred}"), &Value::Null)
        .await;
    for bad in [
        format!("{hundred},u1"),
        "ada".into(),
        "u1,".into(),
        String::new(),
    ] {
        let answer = program
            .may_not("GET", &format!("online?ids={bad}"), &Value::Null)
            .await;
        assert_eq!(answer, refused(400, "bad_data"), "{bad}");
    }
    let answer = program
        .may_not("GET", "online/people?after=x", &Value::Null)
        .await;
    assert_eq!(answer, refused(400, "bad_data"));
}

#[tokio::test]
async fn whoever_is_online_is_on_one_page() {
    let server = Server::start(&[]);
    let program = Program::new(&server).await;
    let mut sockets = Vec::new();
    for _ in 0..101 {
        sockets.push(Guest::visiting(&server).await.feed().await);
    }
    let mut all: Vec<String> = sockets
        .iter()
        .map(|(_, welcome)| welcome["me"]["id"].as_str().unwrap().to_owned())
        .collect();
    all.sort_unstable();
    let (mut seen, mut sizes, mut path) = (Vec::new(), Vec::new(), "online/people".to_owned());
    loop {
        let page = program.may("GET", &path, &Value::Null).await;
        let people = page["people"].as_array().unwrap();
        sizes.push(people.len());
        seen.extend(
            people
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("online/people?after={next}"),
            None => break,
        }
    }
    assert_eq!((seen, sizes), (all, vec![50, 50, 1]));
}

#[tokio::test]
async fn a_person_and_everybody_are_told_something_once() {
    let server = Server::start(&[]);
    let program = Program::new(&server).await;
    let ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let hello = json!({"content": "**Closing** at ten"});
    let once = [("idempotency-key", "closing-1")];
    let said = program.call_with("POST", "messages", &hello, &once).await;
    assert_eq!(said.status, 201, "{said:?}");
    let heard = ws.data(u64::from(kinds::EVENT)).await;
    assert_eq!(heard["message"]["content"], "**Closing** at ten");
    assert_eq!(heard["message"]["by"]["id"], json!(program.id));
    let again = program.call_with("POST", "messages", &hello, &once).await;
    assert_eq!((again.status, again.json()), (200, said.json()));
    // To one person, in the one room of the two.
    let path = format!("people/{}/messages", ada.id);
    let parcel = json!({"content": "Your tea has been sent"});
    let once = [("idempotency-key", "parcel-1")];
    let first = program.call_with("POST", &path, &parcel, &once).await;
    assert_eq!(first.status, 201, "{first:?}");
    let room = first.json()["room"].as_i64().unwrap();
    let again = program.call_with("POST", &path, &parcel, &once).await;
    assert_eq!((again.status, again.json()), (200, first.json()));
    let second = program
        .may("POST", &path, &json!({"content": "And more"}))
        .await;
    assert_eq!(second["room"], room);
    let mut ada = ada;
    let seen = ada
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    let words: Vec<_> = seen["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["content"])
        .collect();
    assert_eq!(words, ["Your tea has been sent", "And more"]);
    // By who somebody is at the site, whose name is a URL.
    let issuer = "https://id.example.org:8443/realms/tea";
    let bob = json!({"issuer": issuer, "subject": "4711", "name": "Bob"});
    let bob = program.may("PUT", "people", &bob).await;
    let named = "people/https%3A%2F%2Fid.example.org%3A8443%2Frealms%2Ftea%3A4711/messages";
    let said = program.may("POST", named, &parcel).await;
    let by_id = format!("people/{}/messages", bob["person"]["id"].as_str().unwrap());
    assert_eq!(
        program.may("POST", &by_id, &parcel).await["room"],
        said["room"]
    );
    for (path, body, wanted) in [
        (&*path, json!({"content": " "}), refused(400, "empty")),
        (&*path, json!({"text": "x"}), refused(400, "bad_data")),
        (
            "people/site:nobody/messages",
            parcel.clone(),
            refused(404, "not_found"),
        ),
        (
            "people/u4711/messages",
            parcel.clone(),
            refused(404, "not_found"),
        ),
        (
            "people/v0000000000000001/messages",
            parcel.clone(),
            refused(404, "not_found"),
        ),
        (
            &*format!("people/{}/messages", program.id),
            parcel.clone(),
            refused(400, "bad_data"),
        ),
        ("messages", json!({"content": ""}), refused(400, "empty")),
    ] {
        assert_eq!(program.may_not("POST", path, &body).await, wanted, "{path}");
    }
}
