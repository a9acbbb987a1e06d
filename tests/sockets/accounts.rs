//! Accounts and sessions: who may be whom, for how long, and what is left of a session that has
//! ended.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Answer, Guest, Server};

const PHRASE: &str = "a long pass phrase";

fn me(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["me"].clone()
}

#[tokio::test]
async fn a_visitor_registers_signs_out_and_signs_in_again_elsewhere() {
    let server = Server::start(&[]);
    let mut browser = Guest::visiting(&server).await;
    let visitor = browser.feed().await.1["me"].clone();
    let member = me(&browser.register(" Ada\u{200b}  Lovelace ", PHRASE).await);
    assert_eq!(
        (&member["id"], &member["kind"]),
        (&json!("u1"), &json!("user"))
    );
    assert_eq!(
        (&member["name"], &member["role"]),
        (&json!("Ada Lovelace"), &json!("member"))
    );
    assert_eq!(member["may_write"], true);
    assert_eq!(browser.feed().await.1["me"], member, "the socket knows it");
    let stranger = me(&browser.sign_out().await);
    assert_eq!(stranger["kind"], "visitor");
    assert_ne!(stranger["id"], visitor["id"], "a fresh visitor");
    let mut other = Guest::visiting(&server).await;
    assert_eq!(me(&other.sign_in("ada lovelace", PHRASE).await), member);
}

#[tokio::test]
async fn names_that_cannot_be_or_are_taken_are_refused() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    me(&guest.register("Grace", PHRASE).await);
    for (name, status, code) in [
        ("", 400, "bad_name"),
        ("!!!", 400, "bad_name"),
        ("\u{202e}\u{200b}", 400, "bad_name"),
        (
            "长长长长长长长长长长长长长长长长长长长长长长长长长",
            400,
            "bad_name",
        ),
        ("Grace", 409, "name_taken"),
        ("ＧＲＡＣＥ", 409, "name_taken"),
        ("g r\u{200d}ace", 409, "name_taken"),
    ] {
        let mut other = Guest::visiting(&server).await;
        let answer = other.register(name, PHRASE).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (status, code),
            "{name:?}"
        );
        let answer = other
            .change("PUT", "/api/v1/me/name", &json!({"name": name}))
            .await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (status, code),
            "{name:?}"
        );
    }
}

#[tokio::test]
async fn nobody_gets_a_name_that_looks_like_another_or_speaks_for_the_server() {
    let server = Server::start(&[]);
    for (name, others) in [
        ("小Ada", &["小Аda"][..]),
        ("阿Q", &["阿Ԛ"]),
        ("王一", &["王ー", "王—", "王－"]),
        ("Bill", &["BiII"]),
        ("Ada", &["Ada.", "Ada!", "Ada,"]),
        ("C++", &["C++."]),
        ("", &["系統", "管理員", "茶館", "全體", "全體成員", "аdmin"]),
    ] {
        let mut guest = Guest::visiting(&server).await;
        if !name.is_empty() {
            me(&guest.register(name, PHRASE).await);
        }
        for other in others {
            let mut other_guest = Guest::visiting(&server).await;
            let answer = other_guest.register(other, PHRASE).await;
            let refused = (answer.status, answer.error());
            assert_eq!(refused, (409, "name_taken".to_owned()), "{other:?}");
            let named = json!({"name": other});
            let answer = other_guest.change("PUT", "/api/v1/me/name", &named).await;
            assert_eq!(answer.status, 409, "a visitor as {other:?}");
        }
    }
    for own in ["C#", "F#", "C", "Adam", "王二"] {
        let mut guest = Guest::visiting(&server).await;
        me(&guest.register(own, PHRASE).await);
    }
}

#[tokio::test]
async fn passwords_are_long_enough_not_the_first_guess_and_count_to_the_last_character() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    for (password, code) in [
        ("short77", "password_short"),
        ("短短短短短短短", "password_short"),
        ("password", "password_common"),
        ("12345678", "password_common"),
        ("iloveyou", "password_common"),
        ("qwertyuiop", "password_common"),
        ("1qaz2wsx", "password_common"),
        ("qq123456789", "password_common"),
        ("Ada12345", "password_common"),
        (&"x1".repeat(129), "password_long"),
    ] {
        let answer = guest.register("Ada", password).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, code),
            "{password}"
        );
    }
    let long: String = "茶馆里的一句长长的话🍵".chars().cycle().take(256).collect();
    me(&guest.register("Ada", &long).await);
    let cut: String = long.chars().take(255).collect();
    let mut other = Guest::visiting(&server).await;
    assert_eq!(other.sign_in("Ada", &cut).await.status, 401);
    me(&other.sign_in("Ada", &long).await);
}

#[tokio::test]
async fn the_first_guesses_in_china_are_refused_too() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    for password in [
        "woaini1314",
        "woaini520",
        "a123456789",
        "5201314520",
        "wang123456",
    ] {
        let answer = guest.register("Ada", password).await;
        assert_eq!(answer.status, 400, "{password}");
    }
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_cannot_be_told_apart() {
    let server = Server::start(&[]);
    me(&Guest::visiting(&server).await.register("Ada", PHRASE).await);
    let mut work = [0, 0];
    let mut answers = HashSet::new();
    for round in 0..7 {
        for (which, name) in ["Ada", "Nobody"].iter().enumerate() {
            // Each try from another address, so that none is held up.
            let address = format!("127.0.{}.{}", which + 1, round + 1);
            let mut guest = Guest::of(&server).at(&address);
            let before = server.cpu_ms();
            let answer = guest.sign_in(name, "a wrong pass phrase").await;
            work[which] += server.cpu_ms() - before;
            assert_eq!(
                (answer.status, answer.error().as_str()),
                (401, "wrong_credentials")
            );
            answers.insert(answer.text());
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    // The time that it takes is the work that it makes, and what else the machine has to do.
    let [known, unknown] = work;
    assert!(
        known > 0 && known < 2 * unknown && unknown < 2 * known,
        "known {known} ms, unknown {unknown} ms"
    );
}

#[tokio::test]
async fn guessing_is_slowed_down_where_it_happens_and_nowhere_else() {
    let server = Server::start(&[]);
    me(&Guest::visiting(&server)
        .await
        .at("127.0.0.9")
        .register("Ada", PHRASE)
        .await);
    let mut guesser = Guest::visiting(&server).await.at("127.0.0.5");
    for number in 0..5 {
        let answer = guesser
            .sign_in("Ada", &format!("a guess, number {number}"))
            .await;
        assert_eq!(answer.status, 401);
    }
    for name in ["Ada", "ADA", "Ａ d a"] {
        let held = guesser.sign_in(name, PHRASE).await;
        assert_eq!(
            (held.status, held.error().as_str()),
            (429, "sign_in_throttled")
        );
        let wait: u64 = held.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=2).contains(&wait), "{wait}");
        assert_eq!(held.json()["error"]["retry_after"], wait);
    }
    let mut owner = Guest::visiting(&server).await.at("127.0.0.6");
    me(&owner.sign_in("Ada", PHRASE).await);
    // Going through names from one address ends too.
    let mut sprayer = Guest::visiting(&server).await.at("127.0.0.7");
    let mut looked_at = 0;
    while sprayer
        .sign_in(&format!("name {looked_at}"), "a common guess")
        .await
        .status
        == 401
    {
        looked_at += 1;
    }
    assert_eq!(looked_at, 20);
}

#[tokio::test]
async fn one_address_has_so_many_sign_ins_and_registrations_a_minute() {
    let server = Server::start(&[("limits.sign_ins_per_minute", "3")]);
    let mut guest = Guest::visiting(&server).await;
    let mut answers = Vec::new();
    for number in 0..6 {
        let answer = guest.register(&format!("name {number}"), "password").await;
        answers.push((answer.status, answer.error()));
    }
    let admitted = answers.iter().filter(|(status, _)| *status == 400).count();
    assert_eq!(admitted, 3, "{answers:?}");
    assert!(
        answers[3..].iter().all(|(status, _)| *status == 429),
        "{answers:?}"
    );
    let elsewhere = Guest::visiting(&server)
        .await
        .at("127.0.0.8")
        .register("Ada", "password")
        .await;
    assert_eq!(elsewhere.status, 400, "others are not held up");
}

#[tokio::test]
async fn a_visitor_is_called_what_they_wish_until_the_name_gets_an_owner() {
    let server = Server::start(&[]);
    let mut visitor = Guest::visiting(&server).await;
    let (mut ws, _) = visitor.feed().await;
    let renamed = me(&visitor
        .change("PUT", "/api/v1/me/name", &json!({"name": "  Ada\u{202e} "}))
        .await);
    assert_eq!(renamed["name"], "Ada");
    ws.post("first").await;
    let said = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    assert_eq!(said["messages"][0]["by"]["name"], "Ada");
    assert_eq!(visitor.feed().await.1["me"]["name"], "Ada", "and keeps it");
    me(&Guest::visiting(&server).await.register("Ada", PHRASE).await);
    ws.post("second").await;
    let said = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    assert_ne!(
        said["messages"][1]["by"]["name"], "Ada",
        "now it is somebody's"
    );
}
