//! What happens to rooms and to the people in them: for every kind of event a snapshot and the
//! events after it are the newer snapshot, heard live, from memory and from the store.

use serde_json::{Value, json};

use teahouse::model::event::EventContent;
use teahouse::protocol::kinds;

use crate::support::{Guest, Member, Server, View, Ws};

/// Kinds that are about messages have their table in `message_events`.
const OF_MESSAGES: [&str; 7] = ["message", "edit", "recall", "react", "pin", "unpin", "file"];

/// What is called, by whom, in a room of Ada's with Bob and Cy: 0 Ada, 1 Bob, 2 Cy, 3 Dan, who is
/// not in it.
type Call = (usize, &'static str, &'static str, Value);

/// Every kind with the calls that lead to it; `{n}` is person n.
fn table() -> Vec<(&'static str, Vec<Call>)> {
    let role = |role: &str| json!({ "role": role });
    let bob = "/members/{1}";
    vec![
        (
            "about",
            vec![(0, "PATCH", "", json!({"name": "Tea, at last", "slow": 5}))],
        ),
        ("about", vec![(0, "PATCH", "", json!({"archived": true}))]),
        ("join", vec![(3, "POST", "/join", json!({}))]),
        ("leave", vec![(1, "POST", "/leave", json!({}))]),
        ("remove", vec![(0, "DELETE", bob, Value::Null)]),
        ("ban", vec![(0, "PUT", bob, role("banned"))]),
        ("ban", vec![(0, "PUT", "/members/{3}", role("banned"))]),
        (
            "unban",
            vec![
                (0, "PUT", bob, role("banned")),
                (0, "DELETE", bob, Value::Null),
            ],
        ),
        ("mute", vec![(0, "PUT", bob, role("muted"))]),
        (
            "unmute",
            vec![
                (0, "PUT", bob, role("muted")),
                (0, "PUT", bob, role("member")),
            ],
        ),
        ("role", vec![(0, "PUT", bob, role("admin"))]),
        (
            "role",
            vec![
                (0, "PUT", bob, role("admin")),
                (1, "PUT", bob, role("member")),
            ],
        ),
        ("transfer", vec![(0, "PUT", bob, role("owner"))]),
    ]
}

/// A room as a client draws it: what is settled, and who is what.
async fn snapshot(reader: &mut Member, room: i64) -> View {
    let seen = reader.sees(room).await;
    let mut about = json!({});
    for field in [
        "name",
        "topic",
        "notice",
        "read_only",
        "mute_all",
        "slow",
        "archived",
    ] {
        about[field] = seen[field].clone();
    }
    let members = reader
        .may("GET", &format!("rooms/{room}/members"), &Value::Null)
        .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    View {
        epoch: text(&seen["epoch"]),
        seq: seen["head"].as_i64().unwrap(),
        about,
        members: members["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|member| {
                let known = (text(&member["name"]), text(&member["role"]));
                (text(&member["id"]), known)
            })
            .collect(),
        ..View::default()
    }
}

/// A socket that resumes `room` from where `view` is, past its welcome.
async fn resume(of: &Guest, room: i64, view: &View) -> Ws {
    let mut ws = of.open("/ws?feed", &[]).await.unwrap();
    let at = json!({room.to_string(): {"epoch": view.epoch, "seq": view.seq}});
    let hello = json!({"v": 1, "open": room, "resume": at});
    ws.send(&json!({"type": kinds::HELLO, "data": hello})).await;
    ws.data(11).await;
    ws
}

fn assert_same(view: &View, after: &View, what: &str) {
    assert_eq!(
        (&view.about, &view.members, view.seq),
        (&after.about, &after.members, after.seq),
        "{what}"
    );
}

#[tokio::test]
async fn a_snapshot_and_the_events_after_it_are_the_newer_snapshot_for_every_kind() {
    let table = table();
    for kind in EventContent::KINDS {
        let has_row = table.iter().any(|row| row.0 == kind) || OF_MESSAGES.contains(&kind);
        assert!(has_row, "no row for {kind}");
    }
    let mut server = Server::start(&[("rooms.owned", "100")]);
    let mut people = Vec::new();
    for name in ["Ada", "Bob", "Cy", "Dan"] {
        people.push(Member::new(&server, name).await);
    }
    for (number, (kind, calls)) in table.into_iter().enumerate() {
        let what = format!("{kind}, row {number}");
        let room = people[0].makes("public", &format!("Tea {number}")).await;
        for who in [1, 2] {
            people[who].joins(room).await;
        }
        let before = snapshot(&mut people[0], room).await;
        let mut live = resume(&people[0].guest, room, &before).await;
        for (who, method, path, body) in &calls {
            let mut path = format!("rooms/{room}{path}");
            for (place, person) in people.iter().enumerate() {
                path = path.replace(&format!("{{{place}}}"), &person.id);
            }
            people[*who].may(method, &path, body).await;
        }
        let after = snapshot(&mut people[0], room).await;
        assert!(after.seq > before.seq, "{what}");
        let mut heard = before.clone();
        let mut kinds = Vec::new();
        while heard.seq < after.seq {
            kinds.extend(heard.take(&live.frame().await));
        }
        assert!(
            kinds.iter().any(|event| event["kind"] == kind),
            "{what}: {kinds:?}"
        );
        assert_same(&heard, &after, &format!("{what}, heard live"));

        let mut resumed = before.clone();
        let mut ws = resume(&people[0].guest, room, &before).await;
        assert!(!resumed.catch_up(&mut ws).await.is_empty(), "all was there");
        assert_same(&resumed, &after, &format!("{what}, from memory"));

        server.stop();
        server.launch();
        for person in &mut people {
            person.guest = person.guest.clone().follow(&server);
        }
        let mut resumed = before.clone();
        let mut ws = resume(&people[0].guest, room, &before).await;
        assert!(!resumed.catch_up(&mut ws).await.is_empty(), "all was there");
        assert_same(&resumed, &after, &format!("{what}, from the store"));
        assert_same(&snapshot(&mut people[0], room).await, &after, &what);
    }
}
