//! Invitations to the server: who may make them, who looks after them, and when they end.

use serde_json::{Value, json};

use crate::registration::{PHRASE, invites, owned, refused, registers};
use crate::support::{Guest, Member};

#[tokio::test]
async fn who_runs_the_server_invites_and_looks_after_all_invitations() {
    let (server, mut olga) = owned(&[]).await;
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    for (method, path) in [
        ("GET", "invitations"),
        ("POST", "invitations"),
        ("DELETE", "invitations/x"),
    ] {
        let answer = bob.may_not(method, path, &json!({})).await;
        assert_eq!(answer, (403, "house_only".to_owned()), "{method} {path}");
    }
    let mut visitor = Guest::visiting(&server).await;
    let answer = visitor
        .change("POST", "/api/v1/invitations", &json!({}))
        .await;
    assert_eq!(refused(&answer), (401, "account_needed".to_owned()));
    assert_eq!(server.run(&["user", "role", "Ada", "admin"], "").0, Some(0));
    let ada_code = invites(&mut ada, &json!({"uses": 2})).await;
    for terms in [
        json!({"uses": 0}),
        json!({"hours": -1}),
        json!({"uses": "many"}),
    ] {
        let answer = ada.may_not("POST", "invitations", &terms).await;
        assert_eq!(answer, (400, "bad_data".to_owned()), "{terms}");
    }
    let seen = olga.may("GET", "invitations", &Value::Null).await;
    assert_eq!(seen["invitations"][0]["by"]["name"], "Ada");
    assert_eq!(seen["invitations"][0]["left"], 2);
    // Whoever is in already uses none of it.
    let room = bob
        .may("POST", &format!("invitations/{ada_code}"), &Value::Null)
        .await;
    assert_eq!(room["room"]["id"], 1);
    olga.may("DELETE", &format!("invitations/{ada_code}"), &Value::Null)
        .await;
    let answer = registers(&server, "Late", Some(&ada_code)).await;
    assert_eq!(answer.status, 200, "this server is open");
}

#[tokio::test]
async fn members_invite_where_the_server_lets_them_and_see_their_own_only() {
    let settings = [
        ("accounts.registration", "invited"),
        ("accounts.inviters", "members"),
        ("accounts.open_invitations", "2"),
    ];
    let (server, mut olga) = owned(&settings).await;
    let olga_code = invites(&mut olga, &json!({})).await;
    let answer = registers(&server, "Bob", Some(&olga_code)).await;
    assert_eq!(answer.status, 200);
    let mut bob = Member::signed_in(&server, "Bob", PHRASE).await;
    let bob_code = invites(&mut bob, &json!({})).await;
    invites(&mut bob, &json!({})).await;
    let many = bob.may_not("POST", "invitations", &json!({})).await;
    assert_eq!(many, (403, "too_many_invitations".to_owned()));
    let listed = bob.may("GET", "invitations", &Value::Null).await;
    assert_eq!(listed["invitations"].as_array().unwrap().len(), 2);
    let not_theirs = bob
        .may_not("DELETE", &format!("invitations/{olga_code}"), &Value::Null)
        .await;
    assert_eq!(not_theirs, (404, "bad_invitation".to_owned()));
    bob.may("DELETE", &format!("invitations/{bob_code}"), &Value::Null)
        .await;
    let listed = olga.may("GET", "invitations", &Value::Null).await;
    assert_eq!(listed["invitations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_operator_invites_from_the_command_line() {
    let settings = [
        ("accounts.registration", "invited"),
        ("server.public_url", "http://chat.example.org"),
    ];
    let (server, _olga) = owned(&settings).await;
    let (code, out, err) = server.run(&["invite", "--uses", "1", "--hours", "24"], "");
    assert_eq!(code, Some(0), "{err}");
    let address = out.trim();
    let code = address
        .strip_prefix("http://chat.example.org/join/")
        .unwrap();
    assert_eq!(registers(&server, "Bob", Some(code)).await.status, 200);
    assert_eq!(registers(&server, "Cy", Some(code)).await.status, 404);
    let (code, _, err) = server.run(&["invite", "--uses", "0"], "");
    assert_eq!(code, Some(2), "{err}");
}

#[tokio::test]
async fn an_invitation_ends_when_whoever_made_it_may_make_none_any_more() {
    let (server, mut olga) = owned(&[("accounts.registration", "invited")]).await;
    let olga_code = invites(&mut olga, &json!({})).await;
    assert_eq!(
        registers(&server, "Ada", Some(&olga_code)).await.status,
        200
    );
    let mut ada = Member::signed_in(&server, "Ada", PHRASE).await;
    assert_eq!(server.run(&["user", "role", "Ada", "admin"], "").0, Some(0));
    let ada_code = invites(&mut ada, &json!({})).await;
    let path = format!("/api/v1/invitations/{ada_code}");
    let mut guest = Guest::visiting(&server).await;
    assert_eq!(guest.get(&path).await.status, 200);
    assert_eq!(
        server.run(&["user", "role", "Ada", "member"], "").0,
        Some(0)
    );
    let ended = (404, "bad_invitation".to_owned());
    assert_eq!(refused(&guest.get(&path).await), ended);
    assert_eq!(guest.get(&format!("/join/{ada_code}")).await.status, 404);
    let answer = registers(&server, "Bob", Some(&ada_code)).await;
    assert_eq!(refused(&answer), ended);
    let listed = olga.may("GET", "invitations", &Value::Null).await;
    let codes: Vec<&Value> = listed["invitations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert_eq!(codes, [&json!(olga_code)]);
    // The invitations that the role still allows are left, and the owner's is as good as before.
    let room = ada.makes("private", "Cellar").await;
    let inside = ada.invites(room, &json!({})).await;
    for code in [&inside, &olga_code] {
        let name = format!("By {code:.4}");
        assert_eq!(registers(&server, &name, Some(code)).await.status, 200);
    }
}
