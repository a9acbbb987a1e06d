//! The limits an operator sets, and what somebody who meets one is told: never silence, never
//! more than the number, never at the cost of others.

use std::time::Instant;

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{Guest, Server, Ws, arrive, frame, op};

/// Sends `count` messages at once and gives the answers: acks and errors.
async fn burst(ws: &mut Ws, count: usize) -> Vec<Value> {
    let nonces: Vec<Uuid> = (0..count).map(|_| Uuid::new_v4()).collect();
    for nonce in &nonces {
        ws.submit(*nonce, "as fast as possible").await;
    }
    let mut answers = Vec::new();
    while answers.len() < count {
        let is_answer =
            |frame: &Value| frame["type"] == kinds::ACK || frame["type"] == kinds::ERROR;
        answers.push(ws.expect("an answer to each", is_answer).await);
    }
    answers
}

fn acks(answers: &[Value]) -> usize {
    answers
        .iter()
        .filter(|answer| answer["type"] == kinds::ACK)
        .count()
}

#[tokio::test]
async fn a_person_says_so_many_messages_a_minute_over_all_of_their_connections() {
    let server = Server::start_strict(&[("limits.messages_per_minute", "6")]);
    let guest = Guest::visiting(&server).await;
    let began = Instant::now();
    let (mut one, _) = guest.feed().await;
    let (mut two, _) = guest.feed().await;
    let (mut three, _) = guest.feed().await;
    let (a, b, c) = tokio::join!(
        burst(&mut one, 10),
        burst(&mut two, 10),
        burst(&mut three, 10)
    );
    let answers = [a, b, c].concat();
    // One more for every ten seconds that it took.
    let admitted = acks(&answers);
    let most = 6 + usize::try_from(began.elapsed().as_secs() / 10).unwrap();
    assert!((6..=most).contains(&admitted), "{admitted} of {most}");
    for refusal in answers
        .iter()
        .filter(|answer| answer["type"] == kinds::ERROR)
    {
        let data = &refusal["data"];
        assert_eq!(data["code"], "too_fast");
        assert!(data["nonce"].is_string(), "the sender knows which one");
        let wait = data["retry_after"].as_u64().unwrap();
        assert!((1..=10).contains(&wait), "{data}");
        assert_eq!(
            data["message"],
            format!("That was too fast. Try again in {wait} s.")
        );
    }
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    let next = admitted + 1;
    assert_eq!(other.post("others are not held up").await["seq"], next);
}

#[tokio::test]
async fn rooms_that_are_asked_for_too_fast_are_named_in_the_refusal() {
    let server = Server::start(&[]);
    let (mut ws, _) = Guest::visiting(&server).await.feed().await;
    let mut refused = 0;
    for _ in 0..25 {
        ws.send(&json!({"type": kinds::OPEN, "data": {"room": 1}}))
            .await;
        let frame = ws
            .expect("an answer", |frame| {
                frame["type"] == kinds::PRESENCE || frame["type"] == kinds::ERROR
            })
            .await;
        if frame["type"] == kinds::ERROR {
            let data = &frame["data"];
            assert_eq!(
                (&data["code"], &data["room"]),
                (&json!("too_fast"), &json!(1))
            );
            assert!(
                (1..=5).contains(&data["retry_after"].as_u64().unwrap()),
                "{data}"
            );
            refused += 1;
        }
    }
    assert!(refused <= 5, "{refused} of 25: twenty may come at once");
}

#[tokio::test]
async fn what_is_sent_again_because_its_ack_was_lost_counts_once() {
    let server = Server::start_strict(&[("limits.messages_per_minute", "2")]);
    let guest = Guest::visiting(&server).await;
    let nonce = Uuid::new_v4();
    let mut acks = Vec::new();
    for _ in 0..5 {
        let (mut ws, _) = guest.feed().await;
        ws.submit(nonce, "once").await;
        acks.push(ws.ack(nonce).await);
    }
    assert!(acks.iter().all(|ack| *ack == acks[0]), "{acks:?}");
    let (mut ws, _) = guest.feed().await;
    assert_eq!(ws.post("twice").await["seq"], 2);
    ws.submit(Uuid::new_v4(), "thrice").await;
    assert_eq!(ws.error().await, "too_fast");
}

#[tokio::test]
async fn new_cookies_do_not_make_an_address_faster_for_ever() {
    let server = Server::start_strict(&[("limits.messages_per_minute", "6")]);
    let mut admitted = 0;
    let began = Instant::now();
    for _ in 0..15 {
        let (mut ws, _) = Guest::visiting(&server).await.feed().await;
        admitted += acks(&burst(&mut ws, 6).await);
    }
    // Ten times a person's, and one more for each second that it took.
    let most = 61 + usize::try_from(began.elapsed().as_secs()).unwrap();
    assert!((60..=most).contains(&admitted), "{admitted} of {most}");
    let (mut elsewhere, _) = Guest::visiting(&server).await.at("127.0.0.2").feed().await;
    elsewhere.post("from another address").await;
}

#[tokio::test]
async fn a_classic_client_that_talks_too_fast_is_told_and_stays() {
    let server = Server::start_strict(&[("limits.messages_per_minute", "3")]);
    let (mut ws, _) = arrive(&server, "vue").await;
    for _ in 0..5 {
        ws.say("again").await;
    }
    let error = ws.data(15).await;
    assert_eq!(error["code"], "too_fast");
    assert!(ws.is_alive().await);
}

#[tokio::test]
async fn the_history_is_told_once_a_second_and_not_by_the_dozen() {
    let server = Server::start(&[]);
    let (mut ada, _) = arrive(&server, "asks and asks").await;
    for _ in 0..20 {
        ada.send(&json!({"type": kinds::HISTORY})).await;
    }
    ada.send(&json!({"type": kinds::PING, "data": "ping"}))
        .await;
    let heard = ada
        .until("the pong", |frame| frame["type"] == kinds::PING)
        .await;
    let refused = heard
        .iter()
        .filter(|frame| frame["data"]["code"] == "too_fast")
        .count();
    assert_eq!(refused, 15);
    let mut told = heard
        .iter()
        .filter(|frame| frame["type"] == kinds::HISTORY)
        .count();
    while told < 5 {
        ada.data(2).await;
        told += 1;
    }
    ada.say("and then one talks on").await;
    ada.until_said("and then one talks on").await;
}

#[tokio::test]
async fn frames_without_end_are_a_flood_on_any_limit() {
    let server = Server::start_strict(&[]);
    let mut raw = Guest::of(&server).raw("/ws").await;
    raw.send_or_be_cut(&frame(op::TEXT, b"{}").repeat(2_000))
        .await;
    assert_eq!(raw.close_code().await, Some(1008));
}

#[tokio::test]
async fn an_address_makes_so_many_new_visitors_a_minute_and_the_rest_still_see_the_room() {
    let server = Server::start_strict(&[]);
    let began = Instant::now();
    let mut visits = JoinSet::new();
    for _ in 0..200 {
        let mut guest = Guest::of(&server);
        visits.spawn(async move {
            guest.visit().await;
            guest.cookie.is_some()
        });
    }
    let visits = visits.join_all().await;
    let with_cookie = visits.iter().filter(|has| **has).count();
    // 120, and two more for each second that it took.
    let most = 121 + 2 * usize::try_from(began.elapsed().as_secs() + 1).unwrap();
    assert!(
        (120..=most).contains(&with_cookie),
        "{with_cookie} of {most}"
    );
    let mut elsewhere = Guest::of(&server).at("127.0.0.2");
    elsewhere.visit().await;
    assert!(elsewhere.cookie.is_some(), "others are not held up");
}

#[tokio::test]
async fn guests_may_be_allowed_to_read_only() {
    let server = Server::start(&[("chat.guests", "read")]);
    let mut member = Guest::visiting(&server).await;
    assert_eq!(
        member.register("Ada", "a long pass phrase").await.status,
        200
    );
    let (mut member_ws, welcome) = member.feed().await;
    assert_eq!(welcome["me"]["may_write"], true);
    let guest = Guest::visiting(&server).await;
    let (mut page, welcome) = guest.feed().await;
    assert_eq!(welcome["me"]["may_write"], false);
    page.submit(Uuid::new_v4(), "may I").await;
    assert_eq!(page.error().await, "guests_read");
    let (mut classic, _) = arrive(&server, "vue").await;
    classic.say("may I").await;
    assert_eq!(classic.error().await, "guests_read");
    member_ws.post("members may").await;
    page.until_said("members may").await;
    assert_eq!(classic.until_said("members may").await.len(), 1);
    let html = guest.clone().visit().await.text();
    assert!(
        html.contains("members may") && html.contains("Sign in to talk"),
        "{html}"
    );
}

#[tokio::test]
async fn guests_may_be_kept_out() {
    let server = Server::start(&[("chat.guests", "off")]);
    let mut member = Guest::visiting(&server).await;
    assert_eq!(
        member.register("Ada", "a long pass phrase").await.status,
        200
    );
    let (mut member_ws, _) = member.feed().await;
    member_ws.post("between ourselves").await;
    let mut guest = Guest::visiting(&server).await;
    for path in ["/ws", "/ws?feed"] {
        let refusal = guest.open(path, &[]).await.unwrap_err();
        assert_eq!(
            (refusal.status, &refusal.body["error"]["code"]),
            (401, &json!("guests_off"))
        );
    }
    for path in ["/api/v1/rooms/1/messages", "/api/v1/rooms/1/people"] {
        let answer = guest.get(path).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (401, "guests_off")
        );
    }
    let html = guest.visit().await.text();
    assert!(
        !html.contains("between ourselves") && !html.contains("Ada"),
        "{html}"
    );
    let out = member.sign_out().await;
    assert_eq!((out.status, out.json()), (200, json!({"me": null})));
    assert_eq!(member_ws.closed().await, Some(4500));
    assert_eq!(member.open("/ws?feed", &[]).await.unwrap_err().status, 401);
}
