//! Sockets that a token of the site opens, for pages without our page, our cookie and our frame: `/ws?token=…`.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::site_sign_in::{BLOG, enter, server, with};
use crate::support::site::{claims, token, token_of};
use crate::support::{Guest, Server, Ws, eventually};

/// The code with which a socket is refused, before it is one.
pub async fn refused(guest: &Guest, token: &str) -> (u16, String) {
    let path = format!("/ws?token={token}");
    let refusal = guest.open(&path, &[]).await.unwrap_err();
    let code = refusal.body["error"]["code"].as_str().unwrap();
    (refusal.status, code.to_owned())
}

/// A classic socket by a token, past its history.
pub async fn classic(guest: &Guest, token: &str) -> Ws {
    let path = format!("/ws?token={token}");
    let mut ws = guest.open(&path, &[("origin", BLOG)]).await.unwrap();
    assert_eq!(ws.frame().await["type"], kinds::HISTORY);
    ws
}

fn made(at: i64) -> String {
    let claims = claims("4711", "Ada");
    let now = claims["iat"].as_i64().unwrap();
    let claims = with(&claims, "iat", now - at);
    token(&with(&claims, "exp", now - at + 300))
}

#[tokio::test]
async fn a_classic_socket_is_the_persons_and_needs_no_cookie() {
    let server = server(&[]);
    let guest = Guest::of(&server);
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    let mut ws = classic(&guest, &token_of("4711", "苏轼")).await;
    ws.say("from the blog").await;
    let heard = other
        .expect("it", |frame| frame["data"]["kind"] == "message")
        .await;
    let by = &heard["data"]["message"]["by"];
    assert_eq!((&by["name"], &by["kind"]), (&json!("苏轼"), &json!("user")));
    let rows = server.texts("SELECT via || ' ' || host FROM sessions WHERE user_id = 1");
    assert_eq!(rows, [format!("site_socket {BLOG}")]);
    // The feed, and a program that names no page.
    let path = format!("/ws?feed&token={}", token_of("4711", "苏轼"));
    let mut feed = guest.open(&path, &[]).await.unwrap();
    feed.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    let welcome = feed.data(u64::from(kinds::WELCOME)).await;
    assert_eq!(welcome["me"]["name"], "苏轼");
    let by_socket = Guest::of(&server)
        .metric("teahouse_sign_ins_total{via=\"site_socket\"}")
        .await;
    assert_eq!(by_socket, 2);
}

#[tokio::test]
async fn it_opens_one_socket_within_a_minute() {
    let server = server(&[]);
    let guest = Guest::of(&server);
    let once = token_of("4711", "Ada");
    let _ws = classic(&guest, &once).await;
    assert_eq!(refused(&guest, &once).await, (401, "token_used".into()));
    // In a frame as little as at a socket.
    let again = enter(&mut guest.clone(), &json!(once), &Value::Null).await;
    assert_eq!(again.error(), "token_used");
    let _ws = classic(&guest, &made(50)).await;
    assert_eq!(
        refused(&guest, &made(62)).await,
        (401, "token_expired".into())
    );
    let many = (0..20).map(|_| {
        let guest = guest.clone();
        async move { guest.open(&format!("/ws?token={}", "x"), &[]).await.is_ok() }
    });
    let opened = futures_util::future::join_all(many).await;
    assert!(opened.iter().all(|is_open| !is_open));
}

/// §4.5, downgrade: what fails is refused before the 101, and nobody is a visitor instead, or who their cookie says.
#[tokio::test]
async fn attack_downgrade_at_the_socket() {
    let server = server(&[]);
    let mut bob = Guest::visiting(&server).await;
    bob.register("Bob", "a long pass phrase").await;
    for guest in [Guest::of(&server), bob.clone()] {
        for bad in ["", "x", "a.b.c", &format!("{}x", token_of("4711", "Ada"))] {
            assert_eq!(refused(&guest, bad).await, (401, "bad_token".into()));
        }
        let twice = format!(
            "{}&token={}",
            token_of("4711", "Ada"),
            token_of("4711", "Ada")
        );
        assert_eq!(refused(&guest, &twice).await, (401, "bad_token".into()));
        let bare = guest.open("/ws?token", &[]).await.unwrap_err();
        assert_eq!(bare.status, 401);
    }
    // The token alone counts, whatever cookie comes with it, and from wherever.
    let path = format!("/ws?feed&token={}", token_of("4711", "Ada"));
    let headers = [("origin", "https://elsewhere.example")];
    let mut ws = bob.open(&path, &headers).await.unwrap();
    ws.send(&json!({"type": kinds::HELLO, "data": {"v": 1}}))
        .await;
    assert_eq!(
        ws.data(u64::from(kinds::WELCOME)).await["me"]["name"],
        "Ada"
    );
    // A bearer token beside it: who could say which is meant?
    let frame = enter(&mut Guest::of(&server), &Value::Null, &Value::Null).await;
    let frame = frame.json()["session"].as_str().unwrap().to_owned();
    let both = Guest::of(&server).with("authorization", &format!("Bearer {frame}"));
    assert_eq!(
        refused(&both, &token_of("4711", "Ada")).await,
        (401, "bad_token".into())
    );
}

#[tokio::test]
async fn without_keys_a_token_is_refused_and_nobody_is_a_visitor() {
    let mut server = Server::start(&[("embed.hosts", BLOG)]);
    let guest = Guest::of(&server);
    let token = token_of("4711", "Ada");
    assert_eq!(refused(&guest, &token).await, (401, "bad_token".into()));
    let frame = enter(&mut guest.clone(), &json!(token), &Value::Null).await;
    assert_eq!((frame.status, &*frame.error()), (401, "bad_token"));
    let log = server.stop().log;
    let check = "check=\"[site] keys is empty\"";
    assert_eq!(log.matches(check).count(), 2, "{log}");
}

#[tokio::test]
async fn nothing_is_left_of_it_when_it_is_closed() {
    let server = server(&[]);
    let mut ws = classic(&Guest::of(&server), &token_of("4711", "Ada")).await;
    assert!(ws.is_alive().await);
    let rows = || server.number("SELECT count(*) FROM sessions WHERE via = 'site_socket'");
    assert_eq!(rows(), 1);
    ws.leave().await;
    eventually("its session goes", async || rows() == 0).await;
}

#[tokio::test]
async fn it_lives_as_long_as_it_is_open_and_its_owner_can_end_it() {
    let server = server(&[]);
    let mut ws = classic(&Guest::of(&server), &token_of("4711", "Ada")).await;
    let mut frame = Guest::of(&server);
    let (session, _) =
        crate::site_sign_in::entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    assert!(ws.is_alive().await);
    assert_eq!(
        crate::site_sign_in::call(&frame, &session, "/api/v1/me/devices")
            .await
            .error(),
        "not_for_tokens"
    );
    // It ends by itself where nothing has prolonged it.
    server.runs(&["UPDATE sessions SET expires_at = 1 WHERE via = 'site_socket'"]);
    assert_eq!(ws.closed().await, Some(4500));
    eventually("its session goes", async || {
        server.number("SELECT count(*) FROM sessions WHERE via = 'site_socket' AND expires_at > 1")
            == 0
    })
    .await;
}
