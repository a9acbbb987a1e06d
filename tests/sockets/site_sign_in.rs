//! People of a site come in by its tokens: in the frame, and what of them follows the site.

use futures_util::future::join_all;
use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::site::{SETTINGS, claims, token, token_of};
use crate::support::{Answer, Guest, Member, Server, Ws};

pub const BLOG: &str = "https://blog.example.org";
const WELCOME: u64 = kinds::WELCOME as u64;

/// A server that is part of a site, with these settings besides.
pub fn server(more: &[(&str, &str)]) -> Server {
    Server::start(&settings(more))
}

/// Its settings.
pub fn settings<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = SETTINGS.to_vec();
    all.push(("embed.hosts", BLOG));
    all.extend(more);
    all
}

/// What a frame in a page of the blog enters with, and what it is answered.
pub async fn enter(frame: &mut Guest, token: &Value, session: &Value) -> Answer {
    let entry = json!({"host": BLOG, "token": token, "session": session});
    frame.change("POST", "/api/v1/embed/session", &entry).await
}

/// Enters by a token; the token of the session, and who one is.
pub async fn entered(frame: &mut Guest, token: &str, session: &Value) -> (String, Value) {
    let answer = enter(frame, &token.into(), session).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut answer = answer.json();
    let session = answer["session"].as_str().unwrap().to_owned();
    (session, answer["me"].take())
}

/// What a call with a frame's session is answered.
pub async fn call(frame: &Guest, session: &str, path: &str) -> Answer {
    let mut frame = frame
        .clone()
        .with("authorization", &format!("Bearer {session}"));
    frame.get(path).await
}

/// The feed of a frame's session, and its welcome.
pub async fn feed(frame: &Guest, session: &str) -> (Ws, Value) {
    let protocols = format!("teahouse.1, teahouse.bearer.{session}");
    let headers = [("sec-websocket-protocol", &*protocols), ("origin", BLOG)];
    let mut ws = frame.open("/ws?feed", &headers).await.unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    let welcome = ws.data(WELCOME).await;
    (ws, welcome)
}

/// Claims with another value of one.
pub fn with(claims: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims.clone();
    claims[name] = value.into();
    claims
}

#[tokio::test]
async fn a_token_gives_the_frame_its_account() {
    let server = server(&[]);
    let mut frame = Guest::of(&server);
    let (session, me) = entered(&mut frame, &token_of("4711", "苏轼"), &Value::Null).await;
    assert_eq!((&me["name"], &me["kind"]), (&json!("苏轼"), &json!("user")));
    assert_eq!(frame.cookie, None, "no cookie in a frame");
    let (mut ws, welcome) = feed(&frame, &session).await;
    assert_eq!(welcome["me"]["id"], me["id"]);
    ws.post("from the site").await;
    let (again, same) = entered(
        &mut Guest::of(&server),
        &token_of("4711", "苏轼"),
        &Value::Null,
    )
    .await;
    assert_ne!(again, session, "another browser");
    assert_eq!(same["id"], me["id"]);
    let rows = server.texts("SELECT via || ' ' || host FROM sessions ORDER BY created_at");
    assert_eq!(rows, [format!("site {BLOG}"), format!("site {BLOG}")]);
    let signed_in = frame.metric("teahouse_sign_ins_total{via=\"site\"}").await;
    assert_eq!(signed_in, 2);
    // Nobody else has such a name, and a visitor cannot take it.
    let (_, other) = entered(&mut frame, &token_of("4712", "苏轼"), &Value::Null).await;
    assert_eq!(other["name"], "苏轼 2");
}

#[tokio::test]
async fn a_token_is_not_used_up_where_its_person_is_already() {
    let server = server(&[]);
    let mut frame = Guest::of(&server);
    let (session, _) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let next = token_of("4711", "Ada");
    for page in 0..3 {
        let (kept, _) = entered(&mut frame, &next, &json!(session)).await;
        assert_eq!(kept, session, "page {page}");
    }
    assert_eq!(server.number("SELECT count(*) FROM spent"), 1);
    let (elsewhere, _) = entered(&mut Guest::of(&server), &next, &Value::Null).await;
    assert_ne!(elsewhere, session);
    let used = enter(&mut Guest::of(&server), &json!(next), &Value::Null).await;
    assert_eq!((used.status, &*used.error()), (401, "token_used"));
    // Whoever is known already is looked at all the same.
    let bad = enter(&mut frame, &json!(format!("{next}x")), &json!(session)).await;
    assert_eq!((bad.status, &*bad.error()), (401, "bad_token"));
    assert_eq!(call(&frame, &session, "/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn another_person_has_another_session_and_the_first_one_has_none() {
    let server = server(&[]);
    let mut frame = Guest::of(&server);
    let (adas, _) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let (mut ws, _) = feed(&frame, &adas).await;
    // What fails ends nothing.
    let used = token_of("4712", "Bob");
    entered(&mut Guest::of(&server), &used, &Value::Null).await;
    let refused = enter(&mut frame, &json!(used), &json!(adas)).await;
    assert_eq!(refused.error(), "token_used");
    assert!(ws.is_alive().await);
    let (bobs, bob) = entered(&mut frame, &token_of("4712", "Bob"), &json!(adas)).await;
    assert_eq!(bob["name"], "Bob");
    assert_ne!(adas, bobs);
    assert_eq!(ws.closed().await, Some(4500));
    let old = call(&frame, &adas, "/api/v1/me").await;
    assert_eq!((old.status, &*old.error()), (401, "bad_token"));
    // Nobody is signed in at the site any more: a visitor, who is not Bob.
    let nobody = enter(&mut frame, &Value::Null, &json!(bobs)).await.json();
    assert_eq!(nobody["me"]["kind"], "visitor");
    assert_eq!(call(&frame, &bobs, "/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn of_fifty_at_a_time_with_one_token_one_gets_a_session() {
    let server = server(&[]);
    let token = json!(token_of("4711", "Ada"));
    let tries = (0..50).map(|_| async {
        let answer = enter(&mut Guest::of(&server), &token, &Value::Null).await;
        match answer.status {
            200 => Ok(()),
            _ => Err(answer.error()),
        }
    });
    let all = join_all(tries).await;
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1);
    let refused: Vec<_> = all.into_iter().filter_map(Result::err).collect();
    assert!(
        refused.iter().all(|code| code == "token_used"),
        "{refused:?}"
    );
    assert_eq!(server.number("SELECT count(*) FROM sessions"), 1);
}

/// §4.5, session fixation: a visitor's session that the site's page could have planted never becomes an account's.
#[tokio::test]
async fn attack_session_fixation_in_the_frame() {
    let server = server(&[]);
    let mut frame = Guest::of(&server);
    let planted = enter(&mut frame, &Value::Null, &Value::Null).await.json()["session"].clone();
    let (session, _) = entered(&mut frame, &token_of("4711", "Ada"), &planted).await;
    assert_ne!(json!(session), planted);
    let theirs = call(&frame, planted.as_str().unwrap(), "/api/v1/me").await;
    assert_eq!((theirs.status, &*theirs.error()), (401, "bad_token"));
    // As a visitor's session that the site has kept, an account's is not taken.
    let entry = json!({"host": BLOG, "token": null, "visitor": session});
    let visitor = frame.change("POST", "/api/v1/embed/session", &entry).await;
    assert_eq!(visitor.json()["me"]["kind"], "visitor");
}

/// §4.5, downgrade: with a site that says who comes nothing else counts.
#[tokio::test]
async fn attack_downgrade_in_the_frame() {
    let server = server(&[]);
    let mut ada = Guest::visiting(&server).await;
    ada.register("Ada", "a long pass phrase").await;
    // With her cookie, as on a page of the same site, and a token that is bad, and with none.
    for bad in [json!(""), json!("x"), json!("a.b.c"), json!("ths_x")] {
        let refused = enter(&mut ada, &bad, &Value::Null).await;
        assert_eq!((refused.status, &*refused.error()), (401, "bad_token"));
    }
    let nobody = enter(&mut ada, &Value::Null, &Value::Null).await.json();
    assert_eq!(nobody["me"]["kind"], "visitor");
    let eve = enter(&mut ada, &json!(token_of("4712", "Eve")), &Value::Null).await;
    assert_eq!(eve.json()["me"]["name"], "Eve");
}

#[tokio::test]
async fn names_and_roles_follow_the_site_where_somebody_is_already() {
    let server = server(&[("site.roles", "true")]);
    let mut frame = Guest::of(&server);
    let (session, _) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let (mut bob, _) = Guest::visiting(&server).await.feed().await;
    let (mut ws, welcome) = feed(&frame, &session).await;
    assert_eq!(welcome["me"]["role"], "member");
    let admin = with(&claims("4711", "Countess"), "role", "admin");
    let admin = token(&admin);
    let (kept, me) = entered(&mut frame, &admin, &json!(session)).await;
    assert_eq!(kept, session);
    assert_eq!(
        (&me["name"], &me["role"]),
        (&json!("Countess"), &json!("admin"))
    );
    ws.post("by another name").await;
    let heard = bob
        .expect("her message", |frame| frame["data"]["kind"] == "message")
        .await;
    assert_eq!(heard["data"]["message"]["by"]["name"], "Countess");
    let member = with(&claims("4711", "Countess"), "role", "member");
    entered(&mut frame, &token(&member), &json!(session)).await;
    // A token that has said its word says it no more.
    let (_, me) = entered(&mut frame, &admin, &json!(session)).await;
    assert_eq!(me["role"], "member");
}

#[tokio::test]
async fn a_role_of_the_site_reaches_sockets_that_are_open() {
    let server = server(&[("site.roles", "true")]);
    let mut frame = Guest::of(&server);
    let (session, me) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let mut bob = Member::new(&server, "Bob").await;
    let room = bob.makes("public", "Kitchen").await;
    let (mut bob_ws, _) = bob.hears(room).await;
    let said = bob_ws.post_in(room, "mine").await;
    let (mut ws, _) = feed(&frame, &session).await;
    let recall = json!({"room": room, "id": said["id"], "do": "recall"});
    let refused = ws.try_change(recall.clone()).await;
    assert_eq!(refused, "not_allowed", "{me}");
    let admin = token(&with(&claims("4711", "Ada"), "role", "admin"));
    entered(&mut Guest::of(&server), &admin, &Value::Null).await;
    let done = ws.try_change(recall).await;
    assert!(done["seq"].is_number(), "{done}");
}

#[tokio::test]
async fn the_site_lets_its_people_into_public_rooms() {
    let mut server = server(&[]);
    let mut bob = Member::new(&server, "Bob").await;
    let public = bob.makes("public", "Kitchen").await;
    let private = bob.makes("private", "Cellar").await;
    let rooms = with(
        &claims("4711", "Ada"),
        "rooms",
        json!([public, private, 77]),
    );
    let mut frame = Guest::of(&server);
    let (session, _) = entered(&mut frame, &token(&rooms), &Value::Null).await;
    let mine = call(&frame, &session, "/api/v1/rooms").await.json();
    let joined: Vec<_> = mine["rooms"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|room| !room["role"].is_null())
        .map(|room| room["id"].as_i64().unwrap())
        .collect();
    assert!(joined.contains(&public), "{mine}");
    assert!(!joined.contains(&private), "{mine}");
    let log = server.stop().log;
    assert_eq!(
        log.matches("room of the site not joined").count(),
        2,
        "{log}"
    );
}
