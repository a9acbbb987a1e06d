//! A room's messages from any place in it, and one message, by those who may read the room.

use serde_json::{Value, json};

use crate::support::{Guest, Member, Server};

/// What a page has, and whether there is more on either side: `+3,4,5-` has more before it.
async fn page(guest: &mut Guest, room: i64, place: &str) -> String {
    let page = guest
        .get(&format!("/api/v1/rooms/{room}/messages?{place}"))
        .await;
    assert_eq!(page.status, 200, "{place}: {}", page.text());
    let page = page.json();
    let sign = |more: &Value| if more == true { "+" } else { "-" };
    let ids: Vec<String> = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["id"].to_string())
        .collect();
    format!(
        "{}{}{}",
        sign(&page["more"]),
        ids.join(","),
        sign(&page["newer"])
    )
}

#[tokio::test]
async fn a_room_is_read_from_its_ends_and_from_its_middle() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let other = ada.makes("public", "Elsewhere").await;
    let (mut ws, _) = ada.hears(1).await;
    let mut times = vec![0];
    // Ids 1 to 12; the third and the tenth are another room's, the sixth is withdrawn.
    for number in 1..=12 {
        let room = if [3, 10].contains(&number) { other } else { 1 };
        let ack = ws.post_in(room, &format!("number {number}")).await;
        assert_eq!(ack["id"], number);
        times.push(ack["at"].as_i64().unwrap());
        // Each in a millisecond of its own: `at` asks by time.
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
    }
    ws.change(&json!(6), &json!({"do": "recall"})).await;
    let guest = &mut ada.guest;
    let at = |number: usize| format!("limit=3&at={}", times[number]);
    for (place, found) in [
        ("limit=3".to_owned(), "+9,11,12-"),
        ("limit=3&before=9".into(), "+6,7,8+"),
        ("limit=3&before=2".into(), "-1+"),
        ("limit=3&before=1".into(), "-+"),
        ("limit=3&before=13".into(), "+9,11,12-"),
        ("limit=3&after=0".into(), "-1,2,4+"),
        ("limit=3&after=4".into(), "+5,6,7+"),
        ("limit=3&after=3".into(), "+4,5,6+"),
        ("limit=3&after=9".into(), "+11,12-"),
        ("limit=3&after=12".into(), "+-"),
        ("limit=3&around=6".into(), "+5,6,7+"),
        ("limit=4&around=6".into(), "+4,5,6,7+"),
        ("limit=1&around=6".into(), "+6+"),
        ("limit=3&around=1".into(), "-1,2,4+"),
        ("limit=3&around=12".into(), "+9,11,12-"),
        ("limit=50&around=5".into(), "-1,2,4,5,6,7,8,9,11,12-"),
        (at(1), "-1,2,4+"),
        (at(7), "+6,7,8+"),
        (at(10), "+9,11,12-"),
        (at(12), "+9,11,12-"),
        ("limit=3&at=0".into(), "-1,2,4+"),
        ("limit=3&since=0".into(), "-1,2,4+"),
        ("limit=3&since=4".into(), "+5,6,7+"),
        ("limit=3&since=99".into(), "+9,11,12-"),
        (format!("limit=3&since={}", i64::MIN), "-1,2,4+"),
        ("limit=3&at=9999999999999".into(), "+9,11,12-"),
        (format!("limit=3&at={}", i64::MIN), "-1,2,4+"),
        (format!("limit=3&after={}", i64::MAX), "+-"),
        (format!("limit=3&before={}", i64::MIN), "-+"),
    ] {
        assert_eq!(page(guest, 1, &place).await, found, "{place}");
    }
    let path = "/api/v1/rooms/1/messages?around=6&limit=1";
    let recalled = guest.get(path).await.json()["messages"][0].clone();
    assert_eq!(
        (&recalled["recalled"], &recalled["content"]),
        (&json!(true), &json!(""))
    );
}

#[tokio::test]
async fn a_message_is_read_by_its_room_and_id_and_no_other_way() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let private = ada.makes("private", "Surprise").await;
    let (mut ws, _) = ada.hears(private).await;
    let hidden = ws.post_in(private, "hidden").await["id"].clone();
    let open = ws.post_in(1, "open").await["id"].clone();
    let one = |room: i64, id: &Value| format!("rooms/{room}/messages/{id}");
    let read = ada.may("GET", &one(private, &hidden), &Value::Null).await;
    assert_eq!(
        (&read["message"]["id"], &read["message"]["content"]),
        (&hidden, &json!("hidden"))
    );
    let not_found = (404, "not_found".to_owned());
    for path in [
        one(1, &hidden),
        one(private, &open),
        one(1, &json!(99)),
        one(99, &open),
        one(1, &json!("x")),
        format!("rooms/1/messages?around={hidden}"),
        "rooms/1/messages?around=99".into(),
    ] {
        assert_eq!(
            ada.may_not("GET", &path, &Value::Null).await,
            not_found,
            "{path}"
        );
    }
    for path in [
        one(private, &hidden),
        format!("rooms/{private}/messages?around={hidden}"),
        format!("rooms/{private}/messages?at=0"),
        format!("rooms/{private}/messages?after=0"),
    ] {
        assert_eq!(
            bob.may_not("GET", &path, &Value::Null).await,
            not_found,
            "{path}"
        );
    }
    for path in [
        "rooms/1/messages?at=1&before=2",
        "rooms/1/messages?around=1&after=1",
        "rooms/1/messages?at=x",
    ] {
        assert_eq!(
            ada.may_not("GET", path, &Value::Null).await,
            (400, "bad_data".into()),
            "{path}"
        );
    }
    ws.change(&open, &json!({"do": "recall"})).await;
    let read = bob.may("GET", &one(1, &open), &Value::Null).await;
    assert_eq!(
        (&read["message"]["recalled"], &read["message"]["content"]),
        (&json!(true), &json!(""))
    );
}
