//! A tour of the server on a lively evening: people from seven places talk in three languages, two of
//! them before browsers. With `TEAHOUSE_SCREENSHOTS=DIR` it leaves pictures of the page there.

use serde_json::json;
use teahouse::protocol::kinds;
use thirtyfour::prelude::*;

use super::strangers::{
    ADDRESS, BLANKLESS, CODE, FAMILY, GREETING, HALF, HEBREW, LONG, ROOM, TABLE, shown,
};
use super::{Browsers, Person, places, site};
use crate::support::{Guest, Server, Ws};

const PASSWORD: &str = "seven bowls 七碗茶";

/// Whoever talks: name, the address they come from, and the place that the database below knows.
const COMPANY: [(&str, &str, &str); 7] = [
    ("阿青", "60.176.0.9", "中国|0|浙江省|杭州市|电信"),
    ("Mira", "82.154.0.9", "葡萄牙|0|0|0|0"),
    ("林小满", "58.60.0.9", "中国|0|广东省|深圳市|电信"),
    ("老陈", "114.240.0.9", "中国|0|北京|北京市|联通"),
    ("Tomás", "190.210.0.9", "阿根廷|0|0|0|0"),
    (LONG, "94.64.0.9", "希腊|0|0|0|0"),
    (HEBREW, "79.176.0.9", "以色列|0|0|0|0"),
];
const QING: usize = 0;
const MIRA: usize = 1;
const MAN: usize = 2;
const CHEN: usize = 3;
const TOMAS: usize = 4;
const KONSTANTINA: usize = 5;
const SHLOMO: usize = 6;

/// What is taken back.
const SLIP: &str = "85 度？我一直用开水……当我没说";

/// What is said before the browsers come.
const TALK: [(usize, &str); 18] = [
    (CHEN, "今年的明前龙井到了，谁在？"),
    (MAN, "在在在，水已经烧上了 🍵"),
    (MIRA, "Good afternoon from Lisbon! What does 明前 mean?"),
    (
        QING,
        "“Before Qingming”: picked before the fifth of April. Small leaves, and a sweet cup.",
    ),
    (
        QING,
        "我们这儿说「明前茶，贵如金」，所以一次只舍得放一小撮。",
    ),
    (CHEN, "水别太烫，八十五度就好，滚水会把嫩芽烫熟。"),
    (MAN, SLIP),
    (TOMAS, "85 °C here too, but for mate. We would get along."),
    (MIRA, "My kettle knows one temperature. It is 100."),
    (
        QING,
        "这一篇讲得清楚：https://en.wikipedia.org/wiki/Dragonwell",
    ),
    (TOMAS, TABLE[0]),
    (SHLOMO, GREETING),
    (SHLOMO, ADDRESS[0]),
    (KONSTANTINA, CODE[0]),
    (CHEN, BLANKLESS),
    (
        MAN,
        "周末有人一起上山吗？\n上午：九溪走一走\n下午：龙井村喝茶，看他们炒青",
    ),
    (MAN, FAMILY),
    (KONSTANTINA, HALF),
];

/// What is said live: from a browser, over a socket, from a browser.
const MIRA_SAYS: &str = "I am on a train to Sintra, but save me a cup, please. 🌿";
const VISITOR_SAYS: &str = "路过，闻着香就进来了。";
const QING_SAYS: &str = "坐。小满倒茶，周末我也去 🙋";

/// Time between two of these messages, in ms: an unhurried afternoon.
const PAUSE: i64 = 48_000;

#[tokio::test]
async fn a_lively_evening_looks_as_it_should() {
    let places = tempfile::NamedTempFile::with_suffix(".xdb").unwrap();
    std::fs::write(places.path(), places::database(&COMPANY)).unwrap();
    let mut server = Server::start(&[
        ("geo.database", places.path().to_str().unwrap()),
        ("server.trusted_proxies", "127.0.0.1"),
    ]);
    let mut company = Vec::new();
    for (name, address, _) in COMPANY {
        let mut guest = Guest::visiting(&server)
            .await
            .with("x-forwarded-for", address);
        assert_eq!(guest.register(name, PASSWORD).await.status, 200);
        company.push(guest);
    }
    talk(&company).await;
    let direct = rooms(&mut company).await;
    server.stop();
    spread(&server);
    server.launch();
    let mut others = Vec::new();
    for guest in &company[MAN..] {
        others.push(guest.clone().follow(&server).feed().await.0);
    }
    let psst = json!({"nonce": uuid::Uuid::new_v4(), "room": direct, "content": "psst"});
    others[KONSTANTINA - MAN]
        .send(&json!({"type": kinds::SEND, "data": psst}))
        .await;
    let mut visitor = Guest::visiting(&server)
        .await
        .with("x-forwarded-for", COMPANY[CHEN].1);
    let renamed = visitor
        .change("PUT", "/api/v1/me/name", &json!({"name": "听雨的碧螺春"}))
        .await;
    assert_eq!(renamed.status, 200);
    let mut visitor = visitor.feed().await.0;

    let browsers = Browsers::start();
    let qing = arrives(&browsers, &server, "zh-CN,zh", QING).await;
    let mira = arrives(&browsers, &server, "en", MIRA).await;
    mira.post(MIRA_SAYS).await;
    qing.hears(MIRA_SAYS).await;
    visitor.post(VISITOR_SAYS).await;
    qing.hears(VISITOR_SAYS).await;
    qing.post(QING_SAYS).await;

    for (person, note, day, places) in [
        (
            &qing,
            "林小满 撤回了一条消息",
            "今天",
            ["浙江", "葡萄牙", "广东", "北京", "北京"],
        ),
        (
            &mira,
            "林小满 recalled a message",
            "Today",
            ["Zhejiang", "Portugal", "Guangdong", "Beijing", "Beijing"],
        ),
    ] {
        person.hears(QING_SAYS).await;
        looks_right(person, note, day, places).await;
    }
    if std::env::var_os("TEAHOUSE_SCREENSHOTS").is_some() {
        pictures(&qing).await;
    }
    qing.leave().await;
    mira.leave().await;
}

/// A room with a long name, and a direct one from somebody with a long name: its id.
async fn rooms(company: &mut [Guest]) -> i64 {
    let room = json!({"kind": "public", "name": ROOM});
    let made = company[QING].change("POST", "/api/v1/rooms", &room).await;
    assert_eq!(made.status, 201, "{made:?}");
    let found = company[KONSTANTINA]
        .get("/api/v1/people?q=%E9%98%BF%E9%9D%92")
        .await;
    let people = json!({"people": [found.json()["people"][0]["id"]]});
    let made = company[KONSTANTINA].change("POST", "/api/v1/direct", &people);
    made.await.json()["room"]["id"].as_i64().unwrap()
}

/// Says it all, each in their turn, and takes back what was a slip.
async fn talk(company: &[Guest]) {
    let mut feeds: Vec<Ws> = Vec::new();
    for guest in company {
        feeds.push(guest.feed().await.0);
    }
    for (who, text) in TALK {
        let ack = feeds[who].post(text).await;
        if text == SLIP {
            let recall =
                json!({"nonce": uuid::Uuid::new_v4(), "room": 1, "do": "recall", "id": ack["id"]});
            feeds[who]
                .send(&json!({"type": kinds::CHANGE, "data": recall}))
                .await;
            feeds[who].data(13).await;
        }
    }
}

/// Moves what was said in an instant apart, so that times and groups are those of a real room.
fn spread(server: &Server) {
    let moved = server.runs(&[&format!(
        "UPDATE messages SET created_at = created_at - ((SELECT max(id) FROM messages) - id + 1) * {PAUSE}"
    )]);
    assert_eq!(moved, TALK.len());
}

/// One of the company, before a browser, signed in.
async fn arrives(browsers: &Browsers, server: &Server, languages: &str, who: usize) -> Person {
    let (name, address, _) = COMPANY[who];
    let person = browsers.person(&site(server), languages).await;
    person.devtools("Network.enable", json!({})).await;
    let headers = json!({"headers": {"x-forwarded-for": address}});
    person
        .devtools("Network.setExtraHTTPHeaders", headers)
        .await;
    person
        .devtools(
            "Emulation.setTimezoneOverride",
            json!({"timezoneId": evening()}),
        )
        .await;
    person.resize(1440, 900).await;
    person.sign_in(name, PASSWORD).await;
    person
}

async fn looks_right(person: &Person, note: &str, day: &str, places: [&str; 5]) {
    let mut said: Vec<&str> = TALK
        .iter()
        .map(|(_, text)| shown(text))
        .filter(|text| *text != SLIP)
        .collect();
    said.extend([MIRA_SAYS, VISITOR_SAYS, QING_SAYS]);
    assert_eq!(person.texts().await, said);
    let rows = person.messages().await;
    let faces: Vec<&str> = rows
        .iter()
        .filter(|row| row.first)
        .map(|row| row.name.as_str())
        .collect();
    let company = "老陈 林小满 Mira 阿青 老陈 Tomás Mira 阿青 Tomás \
        שלמה בן דוד Konstantina Papadopoulou 老陈 林小满 Konstantina Papadopoulou Mira 听雨的碧螺春 阿青";
    assert_eq!(faces.join(" "), company, "who speaks twice has one face");
    let place = |name: &str| {
        rows.iter()
            .rfind(|row| row.name == name)
            .unwrap()
            .place
            .clone()
    };
    assert_eq!(
        ["阿青", "Mira", "林小满", "老陈", "听雨的碧螺春"].map(place),
        places,
        "in the reader's language"
    );
    person.reads("#messages > .note span", note).await;
    person.reads("#messages > .day", day).await;
    person
        .reads(
            "#messages a[href='https://en.wikipedia.org/wiki/Dragonwell']",
            "https://en.wikipedia.org/wiki/Dragonwell",
        )
        .await;
    person.reads("#online-people", "8").await;
    let faces = "[...document.querySelectorAll('#people-list .face')].every((face) => face.naturalWidth > 0)";
    person.until("every face in the list", faces).await;
}

/// The page in both languages, both themes, on a desk and in a hand, and what opens over it.
async fn pictures(person: &Person) {
    person
        .devtools("Emulation.setScrollbarsHidden", json!({"hidden": true}))
        .await;
    for (_, text) in [TALK[4], (QING, QING_SAYS)] {
        person.use_tool(".edit", text).await;
        person.type_in("（改过）").await;
        person.press(Key::Enter).await;
        person.hears(&format!("{text}（改过）")).await;
    }
    for (lang, theme) in [
        ("en", "dark"),
        ("en", "light"),
        ("zh", "dark"),
        ("zh", "light"),
    ] {
        person.resize(1440, 900).await;
        if theme == "dark" {
            person.choose(&format!("#lang-{lang}")).await;
            let begins = format!("document.documentElement.lang.startsWith('{lang}')");
            person.until("the language", &begins).await;
            person.is_live().await;
        }
        person.choose(&format!("#theme-{theme}")).await;
        person.press(Key::Escape).await;
        // With a mouse on a desk.
        person.reload().await;
        for (width, height) in [(1440, 900), (390, 844)] {
            if width < 700 {
                person.resize(width, height).await;
            }
            let name = format!("{lang}-{theme}-{width}");
            // Nothing has the focus, and no ring around it.
            person.click("h1").await;
            person.picture(&name).await;
            person.open_menu().await;
            person.picture(&format!("{name}-menu")).await;
            person.press(Key::Escape).await;
            if width < 700 {
                person.picture(&format!("{name}-rooms")).await;
                person.click(".rail [aria-current]").await;
                person.click("#online").await;
                person.picture(&format!("{name}-people")).await;
                person.press(Key::Escape).await;
            }
            person.click("#say").await;
            person.press(Key::Up).await;
            person.picture(&format!("{name}-editing")).await;
            person.press(Key::Escape).await;
        }
    }
}

/// A time zone in which it is about eight in the evening: the pictures are of an evening at every
/// hour of the day, and no midnight comes between the messages.
fn evening() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let hour = i64::try_from(now.as_secs() / 3_600 % 24).unwrap();
    // Zones go from UTC-11 to UTC+12; POSIX counts them the other way round.
    let ahead = (20 - hour + 11).rem_euclid(24) - 11;
    format!("Etc/GMT{:+}", -ahead)
}
