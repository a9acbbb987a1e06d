//! Invitations: whom they let in, how often, and what they tell those whom they do not.

use serde_json::{Value, json};

use crate::support::{Guest, Member, Server};

#[tokio::test]
async fn invitations_let_in_as_many_as_they_say_and_tell_nobody_why_not() {
    let server = Server::start(&[("rooms.members", "4"), ("rooms.invitations", "3")]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("private", "Cellar").await;
    let once = ada.invites(room, &json!({"uses": 1, "hours": 1})).await;
    let revoked = ada.invites(room, &json!({})).await;
    let open = ada.invites(room, &json!({"hours": 24})).await;
    let invitations = format!("rooms/{room}/invitations");
    let many = ada.may_not("POST", &invitations, &json!({})).await;
    assert_eq!(many, (403, "too_many_invitations".to_owned()));
    ada.may("DELETE", &format!("{invitations}/{revoked}"), &Value::Null)
        .await;
    for terms in [
        json!({"uses": 0}),
        json!({"hours": -1}),
        json!({"uses": "many"}),
        json!({"hours": 1e9}),
    ] {
        let refused = ada.may_not("POST", &invitations, &terms).await;
        assert_eq!(refused, (400, "bad_data".to_owned()), "{terms}");
    }
    let mut bob = Member::new(&server, "Bob").await;
    let shown = bob
        .may("GET", &format!("invitations/{once}"), &Value::Null)
        .await;
    assert_eq!(
        (
            &shown["invitation"]["room"]["name"],
            &shown["invitation"]["by"]["name"]
        ),
        (&json!("Cellar"), &json!("Ada"))
    );
    bob.accepts(&once).await;
    bob.accepts(&open).await;
    let left = ada.may("GET", &invitations, &Value::Null).await;
    assert_eq!(
        left["invitations"].as_array().unwrap().len(),
        1,
        "who is in uses none: {left}"
    );
    let mut cy = Member::new(&server, "Cy").await;
    let guessed = "A".repeat(22);
    let mut answers = Vec::new();
    for code in [&once, &revoked, &guessed, &"x".to_owned()] {
        for method in ["GET", "POST"] {
            let answer = cy
                .call(method, &format!("invitations/{code}"), &Value::Null)
                .await;
            answers.push((answer.status, answer.text()));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, 404);
    let banned = format!("rooms/{room}/members/{}", cy.id);
    ada.may("PUT", &banned, &json!({"role": "banned"})).await;
    let refused = cy
        .may_not("POST", &format!("invitations/{open}"), &Value::Null)
        .await;
    assert_eq!(refused, (404, "bad_invitation".to_owned()), "banned");
    for name in ["Dan", "Eve"] {
        Member::new(&server, name).await.accepts(&open).await;
    }
    let mut late = Member::new(&server, "Fay").await;
    let full = late
        .may_not("POST", &format!("invitations/{open}"), &Value::Null)
        .await;
    assert_eq!(full, (403, "room_full".to_owned()));
    let mut visitor = Guest::visiting(&server).await;
    let path = format!("/api/v1/invitations/{open}");
    let answer = visitor.change("POST", &path, &Value::Null).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (401, "account_needed")
    );
}

#[tokio::test]
async fn one_use_is_one_even_when_two_come_at_once() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("private", "Narrow").await;
    let code = ada.invites(room, &json!({"uses": 1})).await;
    let path = format!("invitations/{code}");
    let mut bob = Member::new(&server, "Bob").await;
    let mut cy = Member::new(&server, "Cy").await;
    let (one, other) = tokio::join!(
        bob.call("POST", &path, &Value::Null),
        cy.call("POST", &path, &Value::Null)
    );
    let mut both = [one.status, other.status];
    both.sort_unstable();
    assert_eq!(both, [200, 404]);
    assert_eq!(ada.sees(room).await["members"], 2);
}
