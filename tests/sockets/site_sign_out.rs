//! Signing somebody out everywhere, and two nodes of one server.

use serde_json::{Value, json};

use crate::site_sign_in::{call, enter, entered, feed, settings, with};
use crate::site_socket::{classic, refused};
use crate::support::site::{claims, token, token_of};
use crate::support::{Guest, Server, eventually};

fn signs_out(server: &Server, name: &str) {
    let (code, out, err) = server.run(&["user", "sign-out", name], "");
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.starts_with(&format!("{name} is signed out everywhere")),
        "{out}"
    );
}

/// A token that was made before now.
fn earlier() -> String {
    let claims = claims("4711", "Ada");
    let iat = claims["iat"].as_i64().unwrap();
    token(&with(&claims, "iat", iat - 1))
}

#[tokio::test]
async fn whoever_is_signed_out_is_out_everywhere_and_older_tokens_are_worthless() {
    let mut server = crate::site_sign_in::server(&[]);
    let mut frame = Guest::of(&server);
    let (session, _) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let (mut ws, _) = feed(&frame, &session).await;
    let mut socket = classic(&frame, &token_of("4711", "Ada")).await;
    let (bobs, _) = entered(
        &mut Guest::of(&server),
        &token_of("4712", "Bob"),
        &Value::Null,
    )
    .await;
    let unused = earlier();
    signs_out(&server, "Ada");
    let old = call(&frame, &session, "/api/v1/me").await;
    assert_eq!((old.status, &*old.error()), (401, "bad_token"));
    assert_eq!(ws.closed().await, Some(4500));
    assert_eq!(socket.closed().await, Some(4500));
    let again = enter(&mut frame, &json!(unused), &json!(session)).await;
    assert_eq!((again.status, &*again.error()), (401, "bad_token"));
    assert_eq!(refused(&frame, &unused).await, (401, "bad_token".into()));
    assert_eq!(call(&frame, &bobs, "/api/v1/me").await.status, 200);
    // A token of a later second is another sign-in.
    let claims = claims("4711", "Ada");
    let later = claims["iat"].as_i64().unwrap() + 1;
    let (_, me) = entered(
        &mut frame,
        &token(&with(&claims, "iat", later)),
        &json!(session),
    )
    .await;
    assert_eq!(me["name"], "Ada");
    let (code, _, err) = server.run(&["user", "sign-out", "Nobody"], "");
    assert_eq!(code, Some(1));
    assert!(err.contains("no account named Nobody"), "{err}");
    let log = server.stop().log;
    assert!(
        log.contains("check=\"iat before the last sign-out\""),
        "{log}"
    );
}

#[tokio::test]
async fn a_session_that_is_kept_ends_for_a_token_of_before() {
    let server = crate::site_sign_in::server(&[]);
    let mut frame = Guest::of(&server);
    let (session, _) = entered(&mut frame, &token_of("4711", "Ada"), &Value::Null).await;
    let before = earlier();
    server.runs(&["UPDATE identities SET not_before = 9000000000000"]);
    let refused = enter(&mut frame, &json!(before), &json!(session)).await;
    assert_eq!((refused.status, &*refused.error()), (401, "bad_token"));
}

#[tokio::test]
async fn what_is_done_on_one_node_is_so_on_the_other() {
    let all = settings(&[("site.roles", "true")]);
    let nodes = Server::start_nodes(2, &all);
    let (mut here, mut there) = (Guest::of(&nodes[0]), Guest::of(&nodes[1]));
    let once = token_of("4711", "Ada");
    let (session, me) = entered(&mut here, &once, &Value::Null).await;
    let used = enter(&mut there, &json!(once), &Value::Null).await;
    assert_eq!((used.status, &*used.error()), (401, "token_used"));
    assert_eq!(refused(&there, &once).await, (401, "token_used".into()));
    // Another name and another role, where her sockets are.
    let (mut ws, _) = feed(&there, &session).await;
    let mut socket = classic(&there, &token_of("4711", "Ada")).await;
    let admin = with(
        &with(&claims("4711", "Countess"), "role", "admin"),
        "rooms",
        json!([1]),
    );
    entered(&mut here, &token(&admin), &json!(session)).await;
    eventually("the other node knows her name", async || {
        let people = Guest::of(&nodes[1])
            .get("/api/v1/rooms/1/people")
            .await
            .text();
        people.contains("Countess")
    })
    .await;
    assert_eq!(
        call(&there, &session, "/api/v1/me").await.json()["me"]["role"],
        "admin"
    );
    assert_eq!(me["role"], "member");
    signs_out(&nodes[0], "Countess");
    assert_eq!(ws.closed().await, Some(4500));
    assert_eq!(socket.closed().await, Some(4500));
    assert_eq!(call(&there, &session, "/api/v1/me").await.status, 401);
    assert_eq!(refused(&there, &earlier()).await, (401, "bad_token".into()));
}
