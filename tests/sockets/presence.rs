//! Who is here: told to everybody when it changes, in few frames however many come and go.

use std::time::{Duration, Instant};

use serde_json::json;
use teahouse::protocol::kinds;

use crate::support::{Guest, Server, arrive};

#[tokio::test]
async fn the_people_here_are_told_when_somebody_comes_goes_or_changes_their_name() {
    let server = Server::start(&[]);
    let (mut ada, _) = Guest::visiting(&server).await.feed().await;
    let mut bob = Guest::visiting(&server).await;
    let (first_tab, welcome) = bob.feed().await;
    let (second_tab, _) = bob.feed().await;
    let both = ada
        .expect("three connections", |frame| {
            frame["data"]["connections"] == 3
        })
        .await;
    assert_eq!(
        (&both["type"], &both["data"]["people"]),
        (&json!(27), &json!(2))
    );
    let renamed = bob
        .change("PUT", "/api/v1/me/name", &json!({"name": "Bob"}))
        .await
        .json();
    assert_eq!(
        (&renamed["me"]["name"], &renamed["me"]["id"]),
        (&json!("Bob"), &welcome["me"]["id"])
    );
    ada.expect("the new name", |frame| {
        frame["type"] == kinds::PRESENCE
            && frame["data"]["who"]
                .as_array()
                .unwrap()
                .iter()
                .any(|person| person["name"] == "Bob")
    })
    .await;
    first_tab.leave().await;
    ada.expect("one tab less", |frame| {
        frame["data"]["connections"] == 2 && frame["data"]["people"] == 2
    })
    .await;
    second_tab.leave().await;
    ada.expect("nobody else", |frame| frame["data"]["people"] == 1)
        .await;
}

#[tokio::test]
async fn a_storm_of_joins_and_departures_is_told_in_few_counts() {
    let server = Server::start(&[]);
    let (mut watcher, _) = arrive(&server, "watcher").await;
    let began = Instant::now();
    let mut inside = Vec::new();
    for number in 0..200 {
        let guest = Guest::of(&server).with("user-agent", &format!("guest {number}"));
        inside.push(guest.raw("/ws").await);
    }
    let all = json!({"type": kinds::ONLINE, "data": 201});
    let mut frames = watcher
        .until("everybody is in", |frame| *frame == all)
        .await;
    drop(inside);
    let alone = json!({"type": kinds::ONLINE, "data": 1});
    frames.extend(
        watcher
            .until("everybody is out", |frame| *frame == alone)
            .await,
    );
    let periods = began.elapsed().as_millis() / Duration::from_millis(250).as_millis();
    let most = usize::try_from(periods).unwrap() + 2;
    assert!(
        frames.len() <= most,
        "{} frames in {periods} periods",
        frames.len()
    );
    assert!(frames.iter().all(|frame| frame["type"] == kinds::ONLINE));
}

#[tokio::test]
async fn a_crowd_is_counted_and_only_a_small_company_named() {
    let server = Server::start(&[]);
    let (mut page, _) = Guest::visiting(&server).await.feed().await;
    let mut inside = Vec::new();
    for number in 0..50 {
        let guest = Guest::of(&server).with("user-agent", &format!("guest {number}"));
        inside.push(guest.raw("/ws").await);
    }
    let crowd = page
        .expect("51 people", |frame| frame["data"]["people"] == 51)
        .await;
    assert_eq!(crowd["data"].get("who"), None, "{crowd}");
    let asked = Guest::of(&server)
        .get("/api/v1/rooms/1/people")
        .await
        .json();
    assert_eq!(
        asked["who"].as_array().unwrap().len(),
        51,
        "the list is asked for"
    );
    inside.pop();
    let fewer = page
        .expect("50 people", |frame| frame["data"]["people"] == 50)
        .await;
    assert_eq!(fewer["data"]["who"].as_array().unwrap().len(), 50);
}
