//! Who is banned is out, on every connection and in every dialect, and others do not learn of it.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::room_abuse::says;
use crate::support::{Guest, Member, Server};

#[tokio::test]
async fn a_banned_persons_second_tab_is_out_too() {
    let server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Garden").await;
    let (mut first, _) = bob.hears(room).await;
    let (mut second, _) = bob.hears(room).await;
    let (mut elsewhere, _) = bob.hears(1).await;
    ada.gives_role(room, &bob, "banned").await;
    for ws in [&mut first, &mut second, &mut elsewhere] {
        assert_eq!(ws.data(35).await, json!({"room": room, "why": "banned"}));
        assert_eq!(
            says(ws, room, "still here").await,
            Err("not_found".to_owned())
        );
        ws.send(&json!({"type": kinds::OPEN, "data": {"room": room}}))
            .await;
        assert_eq!(ws.data(35).await["why"], "not_found");
        let read = json!({"room": room, "seq": 0, "unread": true});
        ws.send(&json!({"type": kinds::READ, "data": read})).await;
        assert!(ws.is_alive().await);
        assert!(
            !ws.heard.contains("\"type\":25"),
            "nor how much there is: {}",
            ws.heard
        );
    }
    let (mut ada_ws, _) = ada.hears(room).await;
    says(&mut ada_ws, room, "quiet at last").await.unwrap();
    first.post("in the lobby they may talk").await;
    assert!(!first.heard.contains("quiet at last"));
    let join = format!("rooms/{room}/join");
    assert_eq!(
        bob.may_not("POST", &join, &Value::Null).await,
        (404, "not_found".into())
    );
    let found = bob.may("GET", "rooms", &Value::Null).await;
    assert_eq!(found["rooms"], json!([]), "nor do they see it among others");
}

#[tokio::test]
async fn who_is_banned_from_the_lobby_hears_nothing_of_it_in_any_dialect() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let troll = Guest::of(&server).with("user-agent", "troll");
    let (mut before, _) = troll.classic().await;
    let here = ada.may("GET", "rooms/1/people", &Value::Null).await;
    let id = here["who"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("rooms/1/members/{id}");
    ada.may("PUT", &path, &json!({"role": "banned"})).await;
    let (mut ada_ws, _) = ada.hears(1).await;
    says(&mut ada_ws, 1, "quiet at last").await.unwrap();
    let mut after = troll.open("/ws", &[]).await.unwrap();
    for ws in [&mut before, &mut after] {
        ws.send(&json!({"type": kinds::HISTORY, "data": null}))
            .await;
        ws.send(&json!({"type": kinds::TEXT, "data": "let me in"}))
            .await;
        assert_eq!(ws.data(15).await["code"], "banned");
        assert!(ws.is_alive().await);
        assert!(!ws.heard.contains("quiet at last"), "{}", ws.heard);
    }
}

#[tokio::test]
async fn who_does_not_see_who_is_banned_is_not_told_by_refusals_either() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let eve = Member::new(&server, "Eve").await;
    let stranger = Member::new(&server, "Stranger").await;
    let room = ada.makes("public", "Tea time").await;
    bob.joins(room).await;
    ada.gives_role(room, &eve, "banned").await;
    let everybody = json!({"role": "member"});
    for role in ["owner", "admin", "member", "muted", "banned", "nothing"] {
        let mut told = Vec::new();
        for whom in [&eve, &stranger] {
            let path = format!("rooms/{room}/members/{}", whom.id);
            let answer = match role {
                "nothing" => bob.call("DELETE", &path, &Value::Null).await,
                role => bob.call("PUT", &path, &json!({"role": role})).await,
            };
            told.push((answer.status, answer.text()));
        }
        assert_eq!(told[0], told[1], "{role}");
    }
    // Who moderates sees it, and may undo it.
    let path = format!("rooms/{room}/members/{}", eve.id);
    let refused = ada.may_not("PUT", &path, &everybody).await;
    assert_eq!(refused, (403, "not_allowed".to_owned()));
    ada.may("DELETE", &path, &Value::Null).await;
}

#[tokio::test]
async fn who_is_muted_or_banned_as_a_visitor_stays_so_with_an_account() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let mut made = Vec::new();
    for role in ["muted", "banned", "member"] {
        let mut visitor = Guest::visiting(&server).await;
        let (_ws, welcome) = visitor.feed().await;
        let was = welcome["me"]["id"].as_str().unwrap().to_owned();
        let path = format!("rooms/1/members/{was}");
        ada.may("PUT", &path, &json!({"role": "muted"})).await;
        ada.may("PUT", &path, &json!({"role": role})).await;
        let answer = visitor
            .register(&format!("Once {role}"), "seven bowls of tea")
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = answer.json()["me"]["id"].as_str().unwrap().to_owned();
        made.push((role, Member { guest: visitor, id }));
    }
    for restarted in [false, true] {
        if restarted {
            server.stop();
            server.launch();
        }
        for (role, member) in &made {
            let guest = member.guest.clone().follow(&server);
            let (mut ws, _) = guest.feed().await;
            let said = says(&mut ws, 1, "and now?").await;
            let right = if *role == "member" {
                Ok(())
            } else {
                Err((*role).to_owned())
            };
            assert_eq!(said, right, "restarted: {restarted}");
        }
    }
    // Those who moderate see the account, and let it talk again.
    let mut ada = Member {
        guest: ada.guest.follow(&server),
        id: ada.id,
    };
    for (role, member) in &made[..2] {
        let found = ada.may("GET", "rooms/1/members", &Value::Null).await;
        let found = found["members"].as_array().unwrap().clone();
        let named = found.iter().find(|one| one["id"] == json!(member.id));
        assert_eq!(named.unwrap()["role"], *role, "{found:?}");
        ada.gives_role(1, member, "member").await;
        let (mut ws, _) = member.guest.clone().follow(&server).feed().await;
        says(&mut ws, 1, "thank you").await.unwrap();
    }
}
