//! What a message said before it was edited: who may see it, and when it is gone.

use serde_json::{Value, json};

use crate::support::{Guest, Member, Server, Ws, eventually};

async fn says(ws: &mut Ws, room: i64, content: &str) -> Value {
    ws.post_in(room, content).await["id"].clone()
}

async fn changes(ws: &mut Ws, room: i64, id: &Value, what: &Value) -> Value {
    let mut data = what.clone();
    data["room"] = room.into();
    data["id"] = id.clone();
    ws.try_change(data).await
}

fn path(room: i64, id: &Value) -> String {
    format!("rooms/{room}/messages/{id}/versions")
}

/// How many earlier words are in the file.
fn kept(server: &Server) -> i64 {
    server.number("SELECT count(*) FROM versions")
}

#[tokio::test]
async fn every_edit_keeps_the_words_before_it_with_their_time() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let id = says(&mut ws, 1, "**one**").await;
    let second = changes(&mut ws, 1, &id, &json!({"do": "edit", "content": "two"})).await;
    let third = changes(
        &mut ws,
        1,
        &id,
        &json!({"do": "edit", "content": "*three*"}),
    )
    .await;
    let told = ada.may("GET", &path(1, &id), &Value::Null).await;
    let versions = told["versions"].as_array().unwrap();
    let said: Vec<&Value> = versions.iter().map(|version| &version["content"]).collect();
    assert_eq!(said, ["**one**", "two", "*three*"]);
    assert_eq!(versions[0]["html"], "<strong>one</strong>");
    assert_eq!(versions[1].get("html"), None);
    let times: Vec<_> = versions[1..]
        .iter()
        .map(|version| (&version["rev"], &version["at"]))
        .collect();
    assert_eq!(
        times,
        [
            (&second["seq"], &second["at"]),
            (&third["seq"], &third["at"])
        ]
    );
}

#[tokio::test]
async fn its_author_and_those_who_look_after_the_room_see_them_and_nobody_else() {
    let server = Server::start(&[]);
    let mut owner = Member::new(&server, "Owner").await;
    let room = owner.makes("public", "Tea").await;
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    ada.joins(room).await;
    bob.joins(room).await;
    let (mut ws, _) = ada.hears(room).await;
    let id = says(&mut ws, room, "the first words").await;
    changes(
        &mut ws,
        room,
        &id,
        &json!({"do": "edit", "content": "the second"}),
    )
    .await;
    for member in [&mut ada, &mut owner] {
        let told = member.may("GET", &path(room, &id), &Value::Null).await;
        assert_eq!(told["versions"][0]["content"], "the first words");
    }
    let no = (403, "not_allowed".to_owned());
    assert_eq!(bob.may_not("GET", &path(room, &id), &Value::Null).await, no);
    let visitor = Guest::visiting(&server)
        .await
        .get(&format!("/api/v1/{}", path(room, &id)))
        .await;
    assert_eq!(visitor.error(), "not_allowed");
    let gone = (404, "not_found".to_owned());
    assert_eq!(
        owner.may_not("GET", &path(1, &id), &Value::Null).await,
        gone,
        "another room"
    );
    assert_eq!(
        owner
            .may_not("GET", &path(room, &json!(99)), &Value::Null)
            .await,
        gone
    );

    // In a room that they may not see there is nothing, whoever asks.
    let cellar = owner.makes("private", "Cellar").await;
    let (mut ws, _) = owner.hears(cellar).await;
    let id = says(&mut ws, cellar, "between us").await;
    assert_eq!(
        bob.may_not("GET", &path(cellar, &id), &Value::Null).await,
        gone
    );

    // Between two people, each has their own.
    let body = json!({"people": [bob.id]});
    let direct = ada.may("POST", "direct", &body).await["room"]["id"]
        .as_i64()
        .unwrap();
    let (mut ws, _) = ada.hears(direct).await;
    let id = says(&mut ws, direct, "before").await;
    changes(
        &mut ws,
        direct,
        &id,
        &json!({"do": "edit", "content": "after"}),
    )
    .await;
    assert_eq!(
        bob.may_not("GET", &path(direct, &id), &Value::Null).await,
        no
    );
    assert_eq!(
        ada.may("GET", &path(direct, &id), &Value::Null).await["versions"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_recall_takes_every_version_away() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let id = says(&mut ws, 1, "**regretted**").await;
    changes(
        &mut ws,
        1,
        &id,
        &json!({"do": "edit", "content": "*also regretted*"}),
    )
    .await;
    assert_eq!(kept(&server), 1);
    changes(&mut ws, 1, &id, &json!({"do": "recall"})).await;
    assert_eq!(kept(&server), 0);
    let told = ada.may("GET", &path(1, &id), &Value::Null).await;
    assert_eq!(told["versions"], json!([]));
    let words = server.texts("SELECT content || coalesce(html, '') FROM messages");
    assert_eq!(words, [""]);
    let late = changes(&mut ws, 1, &id, &json!({"do": "edit", "content": "again"})).await;
    assert_eq!(late, "too_late");
    assert_eq!(kept(&server), 0);
}

#[tokio::test]
async fn whoever_deletes_their_account_takes_their_earlier_words_with_them() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    for member in [&ada, &bob] {
        let (mut ws, _) = member.hears(1).await;
        let id = says(&mut ws, 1, "before").await;
        changes(&mut ws, 1, &id, &json!({"do": "edit", "content": "after"})).await;
    }
    assert_eq!(kept(&server), 2);
    let data = ada.may("GET", "me/export", &Value::Null).await;
    let own = &data["messages"][0];
    assert_eq!(
        (&own["content"], &own["earlier"][0]["content"]),
        (&json!("after"), &json!("before"))
    );
    ada.may("DELETE", "me", &json!({"password": "seven bowls 七碗茶"}))
        .await;
    eventually("their own are left", || async { kept(&server) == 1 }).await;
}

#[tokio::test]
async fn no_more_are_kept_than_fifty() {
    let server = Server::start(&[("limits.messages_per_minute", "0")]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.hears(1).await;
    let id = says(&mut ws, 1, "0").await;
    for number in 1..=60 {
        let what = json!({"do": "edit", "content": number.to_string()});
        changes(&mut ws, 1, &id, &what).await;
    }
    assert_eq!(kept(&server), 50);
    let told = ada.may("GET", &path(1, &id), &Value::Null).await;
    let versions = told["versions"].as_array().unwrap();
    assert_eq!(
        (&versions[0]["content"], &versions[50]["content"]),
        (&json!("10"), &json!("60"))
    );
}
