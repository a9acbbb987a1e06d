//! Rooms that somebody keeps above the others: on all of their devices at once, and for good.

use serde_json::{Value, json};

use crate::support::{Guest, Member, Server, Ws};

async fn marks(who: &mut Member, room: i64, on: bool) {
    let path = format!("rooms/{room}/favourite");
    let answer = who.may("PUT", &path, &json!({"on": on})).await;
    assert_eq!(answer, json!({}));
}

/// The next part of a room that its person has settled for themselves, whole.
async fn settled(ws: &mut Ws) -> Value {
    loop {
        let data = ws.data(33).await;
        let parts = data["rooms"].as_array().unwrap();
        if let Some(part) = parts
            .iter()
            .find(|part| !part["favourite"].is_null() && part["kind"].is_null())
        {
            return part.clone();
        }
    }
}

#[tokio::test]
async fn a_favourite_is_one_on_every_device_at_once_and_after_a_restart() {
    let mut server = Server::start(&[]);
    let (mut ada, mut bob, room) = Member::two_in_a_room(&server, "Kitchen").await;
    let direct = json!({"people": [bob.id]});
    let made = ada.may("POST", "direct", &direct).await;
    let direct = made["room"]["id"].as_i64().unwrap();
    assert_eq!(ada.sees(room).await["favourite"], false);

    let (mut here, _) = ada.hears(1).await;
    let (mut there, _) = ada.hears(room).await;
    let (mut bob_ws, _) = bob.hears(room).await;
    for (number, id) in [room, direct, 1].into_iter().enumerate() {
        marks(&mut ada, id, true).await;
        let told = json!({"id": id, "notify": null, "favourite": true});
        assert_eq!(settled(&mut here).await, told, "number {number}");
        assert_eq!(settled(&mut there).await, told, "number {number}");
        assert_eq!(ada.sees(id).await["favourite"], true);
    }
    marks(&mut ada, 1, false).await;
    assert_eq!(settled(&mut there).await["favourite"], false);

    // What one is told of a room goes the same way, and takes nothing away.
    let level = json!({"level": "none"});
    ada.may("PUT", &format!("rooms/{room}/notify"), &level)
        .await;
    let told = json!({"id": room, "notify": "none", "favourite": true});
    assert_eq!(settled(&mut there).await, told);

    // It is nobody else's business: the next thing that Bob hears of the room is about Bob.
    marks(&mut bob, room, true).await;
    let told = json!({"id": room, "notify": null, "favourite": true});
    assert_eq!(settled(&mut bob_ws).await, told);
    marks(&mut bob, room, false).await;

    server.stop();
    server.launch();
    ada.guest = ada.guest.clone().follow(&server);
    bob.guest = bob.guest.clone().follow(&server);
    for (who, expected) in [
        (&ada, [(room, true), (direct, true), (1, false)]),
        (&bob, [(room, false), (direct, false), (1, false)]),
    ] {
        let (_ws, welcome) = who.knocks(1).await;
        let rooms = welcome["rooms"].as_array().unwrap();
        for (id, favourite) in expected {
            let view = rooms.iter().find(|view| view["id"] == id).unwrap();
            assert_eq!(view["favourite"], favourite, "{view}");
        }
    }
}

#[tokio::test]
async fn the_lobby_can_be_a_favourite_before_and_after_a_restart() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    marks(&mut ada, 1, true).await;
    server.stop();
    server.launch();
    ada.guest = ada.guest.clone().follow(&server);
    assert_eq!(ada.sees(1).await["favourite"], true);
    marks(&mut ada, 1, false).await;
    assert_eq!(ada.sees(1).await["favourite"], false);
}

#[tokio::test]
async fn only_rooms_that_one_is_in_can_be_favourites_and_leaving_forgets_it() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let room = ada.makes("public", "Kitchen").await;
    let hidden = ada.makes("private", "Pantry").await;
    let on = json!({"on": true});
    let path = |room: i64| format!("rooms/{room}/favourite");
    let refused = bob.may_not("PUT", &path(room), &on).await;
    assert_eq!(refused, (403, "not_member".to_owned()));
    let refused = bob.may_not("PUT", &path(hidden), &on).await;
    assert_eq!(refused, (404, "not_found".to_owned()));
    let (status, _) = ada.may_not("PUT", &path(room), &json!({"on": 1})).await;
    assert_eq!(status, 400);

    bob.joins(room).await;
    marks(&mut bob, room, true).await;
    bob.may("POST", &format!("rooms/{room}/leave"), &Value::Null)
        .await;
    bob.joins(room).await;
    assert_eq!(bob.sees(room).await["favourite"], false);

    let mut visitor = Guest::visiting(&server).await;
    let answer = visitor
        .change("PUT", "/api/v1/rooms/1/favourite", &on)
        .await;
    assert_eq!(answer.json()["error"]["code"], "account_needed");
}
