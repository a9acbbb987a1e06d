//! What was said, found again: in both languages, narrowed, page by page, whatever is typed.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{DEADLINE, Guest, Member, Server, Ws, within_time};

/// Text as a part of an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// One page of what is found.
pub async fn page(guest: &mut Guest, typed: &str, more: &str) -> Value {
    let path = format!("/api/v1/search?q={}{more}", encoded(typed));
    let answer = guest.get(&path).await;
    assert_eq!(answer.status, 200, "{typed}: {}", answer.text());
    answer.json()
}

/// The words of what is found.
pub async fn finds(guest: &mut Guest, typed: &str) -> Vec<String> {
    let page = page(guest, typed, "").await;
    assert_eq!(page["complete"], true);
    let hits = page["hits"].as_array().unwrap().iter();
    hits.map(|hit| hit["message"]["content"].as_str().unwrap().to_owned())
        .collect()
}

/// Says something in a room; gives the message's id.
pub async fn says(ws: &mut Ws, room: i64, content: &str) -> Value {
    ws.post_in(room, content).await["id"].clone()
}

#[tokio::test]
async fn a_hit_says_where_it_was_and_what_to_mark() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("public", "Hill walkers").await;
    let (mut ws, _) = ada.hears(room).await;
    let text = format!("🍵 {}\n的茶杯和<b>茶壶</b>", "很长".repeat(80));
    let id = says(&mut ws, room, &text).await;
    let found = page(&mut ada.guest, "茶", "").await;
    assert_eq!(
        (&found["next"], &found["complete"]),
        (&Value::Null, &json!(true))
    );
    let hit = &found["hits"][0];
    assert_eq!(hit["room"], json!({"id": room, "name": "Hill walkers"}));
    let (message, by) = (&hit["message"], &hit["message"]["by"]["name"]);
    assert_eq!(
        (&message["id"], &message["content"], by),
        (&id, &json!(text), &json!("Ada"))
    );
    let units: Vec<u16> = hit["text"].as_str().unwrap().encode_utf16().collect();
    assert_eq!(units.len(), 141);
    let marked: Vec<String> = hit["marks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| [0, 1].map(|end| usize::try_from(mark[end].as_u64().unwrap()).unwrap()))
        .map(|[from, to]| String::from_utf16(&units[from..to]).unwrap())
        .collect();
    assert_eq!(marked, ["茶", "茶"]);
    assert!(
        hit["text"]
            .as_str()
            .unwrap()
            .ends_with(" 的茶杯和<b>茶壶</b>")
    );
}

#[tokio::test]
async fn each_filter_narrows_and_all_of_them_together() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob Tea").await;
    let hill = ada.makes("public", "Hill walkers").await;
    bob.joins(hill).await;
    let direct = ada
        .may("POST", "direct", &json!({"people": [bob.id]}))
        .await;
    let direct = direct["room"]["id"].as_i64().unwrap();
    let (mut ada_ws, _) = ada.hears(hill).await;
    let (mut bob_ws, _) = bob.hears(hill).await;
    says(&mut ada_ws, hill, "tea by Ada on the hill").await;
    says(&mut bob_ws, hill, "tea by Bob, see https://example.org/tea").await;
    says(&mut bob_ws, 1, "tea by Bob in the lobby").await;
    says(&mut bob_ws, direct, "tea for two").await;
    let (mut visitor, _) = Guest::visiting(&server).await.feed().await;
    visitor.post("tea by nobody in particular").await;
    let of = |word: &str| format!("tea by {word}");
    let bobs = [
        of("Bob in the lobby"),
        of("Bob, see https://example.org/tea"),
    ];
    let two = "tea for two".to_owned();
    for (typed, found) in [
        ("tea from:ada", vec![of("Ada on the hill")]),
        ("来自：ＡＤＡ", vec![of("Ada on the hill")]),
        ("from:\"bob tea\" by", bobs.to_vec()),
        ("from:@bobtea in:hillwalkers", vec![bobs[1].clone()]),
        (
            "in:\"hill walkers\"",
            vec![bobs[1].clone(), of("Ada on the hill")],
        ),
        ("in:大堂 from:bobtea", vec![bobs[0].clone()]),
        ("in:lobby from:bobtea", vec![bobs[0].clone()]),
        (&format!("in:{hill} ada"), vec![of("Ada on the hill")]),
        ("in:bobtea", vec![two.clone()]),
        ("has:link", vec![bobs[1].clone()]),
        (
            "有:链接 tea after:2020-01-01 before:2100-01-01 in:#hillwalkers from:bobtea",
            vec![bobs[1].clone()],
        ),
        ("before:2020-01-01 tea", vec![]),
        ("after:2100-01-01", vec![]),
        (
            "before:2100",
            vec![
                of("nobody in particular"),
                two.clone(),
                bobs[0].clone(),
                bobs[1].clone(),
                of("Ada on the hill"),
            ],
        ),
        ("from:ada has:link", vec![]),
        ("from:ada from:bobtea by hill", vec![]),
    ] {
        assert_eq!(finds(&mut ada.guest, typed).await, found, "{typed}");
    }
    assert_eq!(finds(&mut bob.guest, "in:ada").await, [two]);
    let today = day_in(0);
    assert_eq!(
        finds(&mut ada.guest, &format!("tea after:{today} ada"))
            .await
            .len(),
        1
    );
    assert_eq!(
        finds(&mut ada.guest, &format!("tea before:{today} ada"))
            .await
            .len(),
        0
    );
    let far = format!("after:{today}");
    let east = page(&mut ada.guest, &far, "&zone=-840").await;
    let now_there = day_in(-14 * 60);
    assert_eq!(east["hits"] == json!([]), now_there != today);
}

#[tokio::test]
async fn a_day_begins_where_the_reader_lives_as_it_did_in_its_season() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    // Just before, just after midnight on July the second in New York, where summer time is.
    for (text, at) in [
        ("tea, at 23:59", 1_782_964_740_000_i64),
        ("tea, at 00:01", 1_782_964_860_000),
        ("tea, at 00:59", 1_782_968_340_000),
    ] {
        let id = ws.post(text).await["id"].as_i64().unwrap();
        let moved = format!("UPDATE messages SET created_at = {at} WHERE id = {id}");
        assert_eq!(server.runs(&[&moved]), 1);
    }
    for (typed, zone, wanted) in [
        (
            "tea before:2026-07-02",
            "America/New_York",
            &["tea, at 23:59"][..],
        ),
        (
            "tea after:2026-07-02",
            "America/New_York",
            &["tea, at 00:59", "tea, at 00:01"],
        ),
        (
            "tea after:2026-07-02",
            "-240",
            &["tea, at 00:59", "tea, at 00:01"],
        ),
        ("tea before:2026-07-02", "", &[]),
    ] {
        let found = page(&mut guest, typed, &format!("&zone={zone}")).await;
        let texts = found["hits"].as_array().unwrap().iter();
        let texts: Vec<_> = texts.map(|hit| hit["text"].as_str().unwrap()).collect();
        assert_eq!(texts, wanted, "{typed} {zone}");
    }
}

/// Today, so many minutes east of UTC.
fn day_in(zone: i64) -> String {
    let now = teahouse::text::clock::now_ms() + zone * 60_000;
    let written = teahouse::text::clock::rfc3339(now);
    written.split('T').next().unwrap().to_owned()
}

#[tokio::test]
async fn whatever_is_typed_is_words_or_a_refusal_that_says_why() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    ws.post("tea AND cake").await;
    for (typed, found) in [
        ("tea AND cake", 1),
        ("tea OR nothing", 0),
        ("NOT tea", 0),
        ("te*", 1),
        ("^tea", 1),
        ("words:tea", 0),
        ("\"tea", 1),
        ("tea\"", 1),
        ("NEAR(tea cake)", 0),
        ("{tea} (cake)", 1),
        ("tea'; DROP TABLE search; --", 0),
        ("' OR 1=1 --", 0),
        ("rowid:1", 0),
        ("search MATCH 'tea'", 0),
        ("%", 0),
        ("\0", 0),
        (":1", 0),
        ("", 0),
        ("!?", 0),
        ("from:", 0),
        ("from:' tea", 0),
        ("in:\"", 0),
    ] {
        assert_eq!(finds(&mut guest, typed).await.len(), found, "{typed:?}");
    }
    assert_eq!(finds(&mut guest, &"茶".repeat(200)).await.len(), 0);
    let long = encoded(&"a".repeat(10_000));
    let answer = guest.get(&format!("/api/v1/search?q={long}")).await;
    assert_eq!((answer.status, answer.error()), (413, "too_long".into()));
    assert_eq!(
        answer.json()["error"]["message"],
        "Too long: at most 200 characters."
    );
    for bad in [
        "&after=1",
        "&after=new.x",
        "&after=best.1.2.3",
        "&after=best.1.2.3.4",
        "&order=odd",
        "&zone=x",
        "&order=best&after=new.1",
    ] {
        let answer = guest.get(&format!("/api/v1/search?q=tea{bad}")).await;
        assert_eq!(
            (answer.status, answer.error()),
            (400, "bad_data".into()),
            "{bad}"
        );
    }
    let edges = i64::MAX;
    for fine in [
        format!("&after=new.{edges}"),
        format!("&after=new.-{edges}"),
        format!("&order=best&after=best.{edges}.{edges}.{edges}.{edges}"),
        format!("&order=best&after=best.-{edges}.-{edges}.0.0&zone=100000000"),
    ] {
        page(&mut guest, "tea", &fine).await;
    }
}

#[tokio::test]
async fn pages_follow_one_another_in_both_orders_while_people_talk() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, _) = guest.feed().await;
    for number in 1..=45 {
        let tea = if number % 2 == 0 {
            "tea tea tea"
        } else {
            "tea"
        };
        ws.post(&format!("{tea} {number}")).await;
    }
    for order in ["new", "best"] {
        let (mut seen, mut sizes, mut after) = (Vec::new(), Vec::new(), String::new());
        loop {
            let found = page(&mut guest, "tea", &format!("&order={order}{after}")).await;
            let hits = found["hits"].as_array().unwrap();
            sizes.push(hits.len());
            seen.extend(
                hits.iter()
                    .map(|hit| hit["message"]["id"].as_i64().unwrap()),
            );
            ws.post("more tea tea tea tea").await;
            match found["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let mut once = seen.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "{order}: none twice");
        assert!(
            (1..=45).all(|id| once.contains(&id)),
            "{order}: none left out"
        );
        assert!(
            sizes.iter().rev().skip(1).all(|size| *size == 20),
            "{sizes:?}"
        );
        if order == "new" {
            assert!(seen.is_sorted_by(|one, other| one > other));
        } else {
            let much = seen
                .iter()
                .rposition(|id| *id <= 45 && id % 2 == 0)
                .unwrap();
            let little = seen.iter().position(|id| *id <= 45 && id % 2 == 1).unwrap();
            assert!(much < little, "the best first");
        }
    }
}

#[tokio::test]
async fn who_searches_without_end_is_told_to_wait_and_others_are_not() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let refused = async {
        loop {
            let answer = guest.get("/api/v1/search?q=tea").await;
            if answer.status != 200 {
                return answer;
            }
        }
    };
    let refused = within_time("they are told to wait", 4 * DEADLINE, refused).await;
    assert_eq!((refused.status, refused.error()), (429, "too_fast".into()));
    assert!(refused.header("retry-after").is_some());
    let mut other = Guest::visiting(&server).await;
    finds(&mut other, "tea").await;
}

#[tokio::test]
async fn strangers_who_search_without_end_do_not_take_the_members_turn() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let (mut ws, _) = ada.guest.feed().await;
    for number in 0..300 {
        ws.submit(
            Uuid::new_v4(),
            &format!("tea {} {number}", "cup ".repeat(300)),
        )
        .await;
    }
    ws.post("the last of them").await;
    let path = "/api/v1/search?q=tea%20cup&order=best";
    let mut strangers = tokio::task::JoinSet::new();
    for number in 0..32 {
        let guest = Guest::of(&server);
        strangers.spawn(async move {
            for round in 0..1_000 {
                // Without a cookie, another browser is another person.
                let agent = format!("browser {number} {round}");
                guest.clone().with("user-agent", &agent).get(path).await;
            }
        });
    }
    for round in 0..8 {
        let answer = ada.guest.get(path).await;
        // A machine that is busy may find it too slow, but it has been looked for.
        let looked = answer.status == 200 || answer.error() == "too_slow";
        assert!(looked, "{round}: {}", answer.text());
    }
    strangers.shutdown().await;
}
