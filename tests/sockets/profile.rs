//! How somebody looks and what they like: name, colour, preferences, here and on another device.

use serde_json::{Value, json};

use crate::support::{Answer, Guest, Server};

const PHRASE: &str = "a long pass phrase";

async fn member(server: &Server, name: &str) -> Guest {
    let mut guest = Guest::visiting(server).await;
    let answer = guest.register(name, PHRASE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    guest
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

async fn prefer(guest: &mut Guest, preferences: &Value) -> Value {
    let answer = guest
        .change("PUT", "/api/v1/preferences", preferences)
        .await;
    assert_eq!(answer.status, 200, "{preferences}: {answer:?}");
    answer.json()["preferences"].clone()
}

async fn said(server: &Server) -> Value {
    Guest::of(server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json()["messages"]
        .clone()
}

#[tokio::test]
async fn an_account_changes_its_name_and_what_was_said_keeps_the_old_one() {
    let server = Server::start(&[]);
    let mut ada = member(&server, "Ada").await;
    member(&server, "Grace").await;
    let (mut ada_ws, _) = ada.feed().await;
    let (mut other, _) = Guest::visiting(&server).await.feed().await;
    ada_ws.post("as Ada").await;
    for (name, status, code) in [("grace", 409, "name_taken"), ("！！", 400, "bad_name")] {
        let answer = ada
            .change("PUT", "/api/v1/me/name", &json!({"name": name}))
            .await;
        assert_eq!(refused(&answer), (status, code.to_owned()));
    }
    // Another spelling of one's own name is not taken.
    for name in ["ADA", "Ada\u{200b} Lovelace"] {
        let answer = ada
            .change("PUT", "/api/v1/me/name", &json!({"name": name}))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    other
        .expect("others see it at once", |frame| {
            frame["data"]["who"]
                .as_array()
                .is_some_and(|who| who.iter().any(|one| one["name"] == "Ada Lovelace"))
        })
        .await;
    ada_ws.post("as Ada Lovelace").await;
    let said = said(&server).await;
    assert_eq!(said[0]["by"]["name"], "Ada");
    assert_eq!(said[1]["by"]["name"], "Ada Lovelace");
    assert_eq!(ada.feed().await.1["me"]["name"], "Ada Lovelace");
    let mut elsewhere = Guest::visiting(&server).await;
    assert_eq!(elsewhere.sign_in("ada lovelace", PHRASE).await.status, 200);
    // The old name is free.
    member(&server, "Ada").await;
}

#[tokio::test]
async fn two_who_want_one_name_at_once_do_not_both_get_it() {
    let server = Server::start(&[]);
    let mut guests = Vec::new();
    for name in ["a1", "a2", "a3", "a4"] {
        guests.push(member(&server, name).await);
    }
    let wanted = json!({"name": "Tea"});
    let [a, b, c, d] = &mut guests[..] else {
        unreachable!()
    };
    let path = "/api/v1/me/name";
    let (a, b, c, d) = tokio::join!(
        a.change("PUT", path, &wanted),
        b.change("PUT", path, &wanted),
        c.change("PUT", path, &wanted),
        d.change("PUT", path, &wanted)
    );
    let mut answers = [a, b, c, d].map(|answer| answer.status);
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409]);
}

#[tokio::test]
async fn names_and_looks_are_changed_no_faster_than_people_sign_in() {
    let server = Server::start(&[("limits.sign_ins_per_minute", "3")]);
    let mut ada = member(&server, "Ada").await;
    let mut answers = Vec::new();
    for number in 0..2 {
        let name = json!({"name": format!("Ada {number}")});
        answers.push(ada.change("PUT", "/api/v1/me/name", &name).await.status);
        let look = json!({"hue": number});
        answers.push(ada.change("PUT", "/api/v1/me/profile", &look).await.status);
    }
    assert_eq!(answers, [200, 200, 429, 429]);
}

#[tokio::test]
async fn a_chosen_colour_is_seen_at_once_and_stays() {
    let server = Server::start(&[]);
    let mut ada = member(&server, "Ada").await;
    let (mut ada_ws, welcome) = ada.feed().await;
    let plain = welcome["me"]["avatar"].as_str().unwrap().to_owned();
    let (mut classic, _) = Guest::of(&server).classic().await;
    ada_ws.post("before").await;
    let dressed = ada
        .change("PUT", "/api/v1/me/profile", &json!({"hue": 200}))
        .await;
    let avatar = format!("{plain}?h=200");
    assert_eq!(dressed.json()["me"]["avatar"], avatar);
    ada_ws
        .expect("it is told", |frame| {
            frame["data"]["who"]
                .as_array()
                .is_some_and(|who| who.iter().any(|one| one["avatar"] == avatar))
        })
        .await;
    ada_ws.post("after").await;
    let said = said(&server).await;
    assert_eq!(said[0]["by"]["avatar"], plain);
    assert_eq!(said[1]["by"]["avatar"], avatar);
    assert_eq!(classic.data(3).await["avatar"], plain);
    assert_eq!(classic.data(3).await["avatar"], avatar);
    assert_eq!(ada.feed().await.1["me"]["avatar"], avatar, "and kept");
    let own = ada
        .change("PUT", "/api/v1/me/profile", &json!({"hue": null}))
        .await;
    assert_eq!(own.json()["me"]["avatar"], plain);

    for bad in [
        json!({"hue": 360}),
        json!({"hue": -1}),
        json!({"hue": "red"}),
        json!({}),
    ] {
        let answer = ada.change("PUT", "/api/v1/me/profile", &bad).await;
        assert_eq!(refused(&answer), (400, "bad_data".to_owned()), "{bad}");
    }
    let mut visitor = Guest::visiting(&server).await;
    let answer = visitor
        .change("PUT", "/api/v1/me/profile", &json!({"hue": 1}))
        .await;
    assert_eq!(refused(&answer), (401, "account_needed".to_owned()));
}

#[tokio::test]
async fn an_avatar_has_as_many_addresses_as_colours() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server);
    let path = "/avatar/e4774cdda0793f86414e8b9140bb6db4.svg";
    let plain = guest.get(path).await;
    assert_eq!(plain.status, 200);
    let blue = guest.get(&format!("{path}?h=240")).await;
    assert_eq!(blue.status, 200);
    assert_ne!(plain.body, blue.body);
    let kept = blue.header("cache-control").unwrap();
    assert!(kept.contains("immutable"), "{kept}");
    let stranger = guest.get(&format!("{path}?size=40")).await;
    assert_eq!(stranger.body, plain.body, "what is not ours is ignored");
    for bad in ["360", "007", "-1", "", "1.5", "+5", "99999999999"] {
        let answer = guest.get(&format!("{path}?h={bad}")).await;
        assert_eq!(answer.status, 404, "{bad:?}");
    }
    assert_eq!(guest.get("/avatar/nobody.svg").await.status, 200);
}

#[tokio::test]
async fn preferences_take_any_part_and_refuse_what_is_none() {
    let server = Server::start(&[]);
    let night = json!({"from": "22:30", "to": "07:00"});
    for mut guest in [member(&server, "Ada").await, Guest::visiting(&server).await] {
        let first = guest.get("/api/v1/me").await.json();
        assert!(first["me"]["id"].is_string(), "{first}");
        let untouched = json!({"lang": "en", "theme": "auto", "clock": "auto", "sound": true, "notify": "mentions", "quiet": null});
        assert_eq!(first["preferences"], untouched);
        prefer(&mut guest, &json!({"clock": "12"})).await;
        prefer(&mut guest, &json!({"quiet": night, "notify": "all"})).await;
        let after = prefer(&mut guest, &json!({"theme": "dark", "sound": false})).await;
        let all = json!({"lang": "en", "theme": "dark", "clock": "12", "sound": false, "notify": "all", "quiet": night});
        assert_eq!(after, all);
        for bad in [
            json!({"lang": "tlh"}),
            json!({"theme": "pink"}),
            json!({"clock": 12}),
            json!({"sound": "yes"}),
            json!({"notify": "some"}),
            json!({"quiet": "22:00"}),
            json!({"quiet": {"from": "22:00"}}),
            json!({"quiet": {"from": "24:00", "to": "08:00"}}),
            json!({"quiet": {"from": "22:00", "to": "8:00"}, "sound": true}),
            json!([]),
        ] {
            let answer = guest.change("PUT", "/api/v1/preferences", &bad).await;
            assert_eq!(refused(&answer), (400, "bad_data".to_owned()), "{bad}");
        }
        let kept = guest.get("/api/v1/me").await.json()["preferences"].clone();
        assert_eq!(kept, all, "what was refused has changed nothing");
        let open = prefer(&mut guest, &json!({"quiet": null})).await;
        assert_eq!(open["quiet"], Value::Null);
    }
}

#[tokio::test]
async fn what_a_person_likes_follows_them_and_what_a_visitor_liked_comes_with_them() {
    let mut server = Server::start(&[]);
    let mut laptop = Guest::visiting(&server).await;
    let likes = json!({"lang": "zh", "theme": "dark", "clock": "24"});
    prefer(&mut laptop, &likes).await;
    assert_eq!(laptop.register("Ada", PHRASE).await.status, 200);
    let mut phone = Guest::visiting(&server).await;
    assert!(phone.get("/").await.text().contains("<html lang=\"en\""));
    assert_eq!(phone.sign_in("Ada", PHRASE).await.status, 200);
    let mut page = phone.get("/").await.text();
    assert!(page.contains("<html lang=\"zh-CN\" data-theme=\"dark\">"));
    assert!(page.contains("\"clock\":\"24\""), "{page}");
    let refusal = phone
        .change("PUT", "/api/v1/me/name", &json!({"name": ""}))
        .await;
    assert!(refusal.text().contains("这个名字"), "{}", refusal.text());
    // A change on one device is there when the other's page is drawn.
    prefer(&mut laptop, &json!({"lang": "en", "theme": "light"})).await;
    page = phone.get("/").await.text();
    assert!(page.contains("<html lang=\"en\" data-theme=\"light\">"));
    server.stop();
    server.launch();
    page = laptop.follow(&server).get("/").await.text();
    assert!(page.contains("<html lang=\"en\" data-theme=\"light\">"));
}
