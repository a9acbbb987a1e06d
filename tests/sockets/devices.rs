//! Where an account is signed in: the list, and what ends there and what does not.

use serde_json::Value;

use crate::support::{Guest, Server, ends_at_once};

const PHRASE: &str = "a long pass phrase";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

async fn signed_in(server: &Server, agent: &str) -> Guest {
    let mut guest = Guest::of(server).with("user-agent", agent);
    guest.visit().await;
    let mut answer = guest.sign_in("Ada", PHRASE).await;
    if answer.status == 401 {
        answer = guest.register("Ada", PHRASE).await;
    }
    assert_eq!(answer.status, 200, "{answer:?}");
    guest
}

async fn devices(guest: &mut Guest) -> Vec<Value> {
    let answer = guest.get("/api/v1/me/devices").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["devices"].as_array().unwrap().clone()
}

fn names(devices: &[Value]) -> Vec<&str> {
    devices
        .iter()
        .map(|device| device["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn devices_are_listed_with_what_their_owner_knows_them_by() {
    let mut server = Server::start(&[]);
    let mut laptop = signed_in(&server, LINUX).await;
    let mut phone = signed_in(&server, IPHONE).await;
    signed_in(&server, "a rather unusual program").await;
    let listed = devices(&mut laptop).await;
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert_eq!(listed[0]["here"], true);
    assert_eq!(listed[0]["name"], "Chrome · Linux");
    assert_eq!(listed[0]["place"], "内网IP");
    let mut others = names(&listed[1..]);
    others.sort_unstable();
    assert_eq!(others, ["", "Safari · iPhone"]);
    for device in &listed {
        let (at, seen) = (device["at"].as_i64().unwrap(), device["seen"].as_i64());
        assert!(at > 1_700_000_000_000 && seen.unwrap() >= at, "{device}");
    }
    let text = serde_json::to_string(&listed).unwrap();
    let cookie = laptop.cookie.clone().unwrap();
    assert!(!text.contains("127.0.0.1") && !text.contains(&cookie));
    assert_eq!(devices(&mut phone).await[0]["name"], "Safari · iPhone");
    let mut visitor = Guest::visiting(&server).await;
    let answer = visitor.get("/api/v1/me/devices").await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (401, "account_needed")
    );
    server.stop();
    server.launch();
    assert_eq!(devices(&mut laptop.follow(&server)).await.len(), 3);
}

#[tokio::test]
async fn what_a_device_was_is_known_after_a_restart() {
    let mut server = Server::start(&[]);
    let mut laptop = signed_in(&server, LINUX).await;
    signed_in(&server, IPHONE).await;
    server.stop();
    server.launch();
    laptop = laptop.follow(&server);
    let listed = devices(&mut laptop).await;
    assert_eq!(names(&listed), ["Chrome · Linux", "Safari · iPhone"]);
    assert_eq!(listed[1]["place"], "内网IP");
}

#[tokio::test]
async fn signing_out_one_device_ends_it_and_no_other() {
    let server = Server::start(&[]);
    let mut laptop = signed_in(&server, LINUX).await;
    let phone = signed_in(&server, IPHONE).await;
    let (mut laptop_ws, _) = laptop.feed().await;
    let (mut other, _) = phone.feed().await;
    let id = devices(&mut laptop).await[1]["id"]
        .as_str()
        .unwrap()
        .to_owned();

    // The id is good for nothing: not as a cookie, and not for somebody else.
    let mut thief = Guest::of(&server);
    thief.cookie = Some(format!("teahouse={id}"));
    assert_eq!(thief.feed().await.1["me"]["kind"], "visitor");
    let mut grace = Guest::visiting(&server).await;
    assert_eq!(grace.register("Grace", PHRASE).await.status, 200);
    for (who, path) in [
        (&mut grace, format!("/api/v1/me/devices/{id}")),
        (&mut laptop, "/api/v1/me/devices/0123456789abcdef".into()),
    ] {
        let answer = who.change("DELETE", &path, &Value::Null).await;
        assert_eq!((answer.status, answer.error().as_str()), (404, "not_found"));
    }
    assert!(other.is_alive().await);

    let path = format!("/api/v1/me/devices/{id}");
    let answer = laptop.change("DELETE", &path, &Value::Null).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    ends_at_once(server.addr(), &mut other).await;
    assert!(laptop_ws.is_alive().await);
    assert_eq!(phone.feed().await.1["me"]["kind"], "visitor");
    assert_eq!(devices(&mut laptop).await.len(), 1);
}

#[tokio::test]
async fn signing_out_everywhere_else_leaves_this_one() {
    let server = Server::start(&[]);
    let mut laptop = signed_in(&server, LINUX).await;
    let (mut laptop_ws, _) = laptop.feed().await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(signed_in(&server, IPHONE).await.feed().await.0);
    }
    let answer = laptop
        .change("DELETE", "/api/v1/me/devices", &Value::Null)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for other in &mut others {
        ends_at_once(server.addr(), other).await;
    }
    laptop_ws.post("still here").await;
    assert_eq!(devices(&mut laptop).await.len(), 1);
}

#[tokio::test]
async fn an_account_is_signed_in_in_so_many_places_and_the_stalest_goes() {
    let server = Server::start(&[]);
    let mut first = signed_in(&server, LINUX).await;
    let (mut socket, _) = first.feed().await;
    server.runs(&[
        "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 49) \
         INSERT INTO sessions (key_hash, user_id, sid, state, created_at, expires_at) \
         SELECT 'x' || n, 1, 'x' || n, '{}', 9000000000000, 9000000000000 FROM n",
    ]);
    assert_eq!(devices(&mut first).await.len(), 50);
    let mut newest = signed_in(&server, IPHONE).await;
    ends_at_once(server.addr(), &mut socket).await;
    assert_eq!(devices(&mut newest).await.len(), 50);
}
