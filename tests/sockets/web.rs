//! The page and the HTTP API as a browser meets them. The headers and cookie flags that every
//! answer must have are checked by `support::http` on each answer of the whole suite.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::support::{Answer, Guest, Member, Server, arrive};

/// The JSON that the page's scripts begin with.
fn boot(page: &Answer) -> Value {
    let html = page.text();
    let (_, after) = html
        .split_once("<script type=\"application/json\" id=\"boot\">")
        .unwrap();
    serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn the_page_is_drawn_with_its_messages_and_nothing_in_them_is_markup() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "vue").await;
    ws.say("<script>alert('x')</script> https://example.org/?a=1&b=2 </script><!--")
        .await;
    ws.data(3).await;
    ws.say("gone again").await;
    let id = ws.data(3).await["id"].clone();
    ws.send(&json!({"type": kinds::RECALL, "data": id})).await;
    ws.data(4).await;
    let page = Guest::of(&server).get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let html = page.text();
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; <a href=\"https://example.org/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\""), "{html}");
    assert!(
        !html.contains("gone again") && html.contains("recalled a message"),
        "{html}"
    );
    // No inline script or style, which the policy would refuse: data, and modules by address.
    for script in html.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(
            tag.contains("src=\"/static/") || tag.contains("type=\"application/json\""),
            "{tag}"
        );
    }
    assert!(!html.contains(" style=") && !html.contains("<style") && !html.contains("javascript:"));
    let lower = html.to_ascii_lowercase();
    assert!(
        !["onclick=", "onload=", "onerror=", "onsubmit="]
            .iter()
            .any(|bad| lower.contains(bad))
    );
}

#[tokio::test]
async fn the_page_is_chinese_or_english_as_the_browser_or_the_reader_wishes() {
    let server = Server::start(&[]);
    for (accept, tag, room) in [
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh-CN", "大堂"),
        ("en-GB,en;q=0.9", "en", "Lobby"),
        ("de-DE", "en", "Lobby"),
        ("en;q=0.3,zh;q=0.8", "zh-CN", "大堂"),
    ] {
        let page = Guest::of(&server)
            .with("accept-language", accept)
            .get("/")
            .await;
        let html = page.text();
        assert!(html.contains(&format!("<html lang=\"{tag}\"")), "{accept}");
        assert!(
            html.contains(&format!("<h1 dir=\"auto\">{room}</h1>")),
            "{accept}"
        );
        assert_eq!(boot(&page)["room"]["name"], room);
    }
    let mut reader = Guest::visiting(&server).await;
    let answer = reader
        .change(
            "PUT",
            "/api/v1/preferences",
            &json!({"lang": "zh", "theme": "dark"}),
        )
        .await;
    let chosen = &answer.json()["preferences"];
    assert_eq!(
        (&chosen["lang"], &chosen["theme"]),
        (&json!("zh"), &json!("dark"))
    );
    let html = reader.visit().await.text();
    assert!(
        html.contains("<html lang=\"zh-CN\"") && html.contains("data-theme=\"dark\""),
        "kept for this reader"
    );
    let wrong = reader
        .change("PUT", "/api/v1/preferences", &json!({"lang": "tlh"}))
        .await;
    assert_eq!((wrong.status, wrong.error().as_str()), (400, "bad_data"));
}

#[tokio::test]
async fn the_page_knows_its_reader_and_resumes_from_where_it_was_drawn() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let (mut ws, welcome) = guest.feed().await;
    ws.post("drawn by the server").await;
    let page = guest.visit().await;
    let boot = boot(&page);
    assert_eq!(
        boot["me"]["id"], welcome["me"]["id"],
        "the page and its socket are one visitor"
    );
    assert_eq!(
        (&boot["room"]["head"], &boot["more"]),
        (&json!(1), &json!(false))
    );
    let position = json!({"1": {"epoch": boot["room"]["epoch"], "seq": boot["room"]["head"]}});
    let (mut back, _) = guest.resume(&position).await;
    assert_eq!(back.data(19).await["events"], json!([]));
}

#[tokio::test]
async fn every_route_protects_its_answers_errors_too() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(10_000));
    let json = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/json"),
    ];
    for (method, path, body, status) in [
        ("GET", "/healthz", "", 200),
        ("GET", "/readyz", "", 200),
        ("GET", "/metrics", "", 200),
        ("GET", "/nowhere", "", 404),
        ("GET", "/static/x/nothing.js", "", 404),
        ("GET", "/avatar/x.svg", "", 404),
        ("GET", "/ws", "", 400),
        ("GET", "/api/v1/rooms/1/messages", "", 200),
        ("GET", "/api/v1/rooms/1/people", "", 200),
        ("GET", "/api/v1/rooms/2/people", "", 404),
        ("GET", "/api/v1/register", "", 405),
        ("POST", "/api/v1/register", "not json", 400),
        ("POST", "/api/v1/session", "{}", 400),
        ("PUT", "/api/v1/me/name", long.as_str(), 400),
        ("PUT", "/api/v1/me/name", r#"{"name":"Ada"}"#, 200),
        ("DELETE", "/api/v1/session", "", 200),
        ("BREW", "/", "", 405),
    ] {
        let answer = guest.request(method, path, &json, body.as_bytes()).await;
        let allowed = answer.status == status || (status == 405 && answer.status == 404);
        assert!(allowed, "{method} {path}: {answer:?}");
    }
}

#[tokio::test]
async fn over_tls_the_cookie_is_pinned_to_its_host() {
    let server = Server::start(&[("server.public_url", "https://chat.example.org")]);
    let guest = Guest::visiting(&server).await;
    let cookie = guest.cookie.as_ref().unwrap();
    assert!(cookie.starts_with("__Host-teahouse="), "{cookie}");
    let own = guest
        .open("/ws", &[("origin", "https://chat.example.org")])
        .await;
    assert!(own.is_ok());
    let host = format!("http://{}", server.addr());
    assert_eq!(
        guest
            .open("/ws", &[("origin", &host)])
            .await
            .unwrap_err()
            .status,
        403
    );
    let (mut ws, _) = guest.classic().await;
    ws.say("with a full address").await;
    let avatar = ws.data(3).await["avatar"].clone();
    assert!(
        avatar
            .as_str()
            .unwrap()
            .starts_with("https://chat.example.org/avatar/"),
        "{avatar}"
    );
}

#[tokio::test]
async fn over_tls_a_browser_is_told_to_stay_there() {
    let plain = Server::start(&[]);
    let secure = Server::start(&[("server.public_url", "https://chat.example.org")]);
    for (server, said) in [(&plain, None), (&secure, Some("max-age=31536000"))] {
        let mut guest = Guest::visiting(server).await;
        let page = guest.visit().await.text();
        let sheet = page.split('"').find(|part| part.starts_with("/static/"));
        for path in ["/", sheet.unwrap(), "/api/v1/me", "/nowhere", "/ws"] {
            let answer = guest.get(path).await;
            let told = answer.header("strict-transport-security");
            assert_eq!(told, said, "{path}");
        }
    }
}

#[tokio::test]
async fn refusals_of_the_api_have_a_stable_code_and_the_readers_words() {
    let server = Server::start(&[]);
    for (language, words) in [("zh", "没有找到。"), ("en", "Not found.")] {
        let mut guest = Guest::visiting(&server)
            .await
            .with("accept-language", language);
        let missing = guest.get("/api/v1/rooms/7/messages").await;
        assert_eq!(missing.status, 404);
        assert_eq!(
            missing.json(),
            json!({"error": {"code": "not_found", "message": words}})
        );
    }
    let mut guest = Guest::visiting(&server).await;
    for path in [
        "/api/v1/rooms/1/messages?before=x",
        "/api/v1/rooms/1/messages?limit=-1",
        "/api/v1/rooms/1/messages?before=99999999999999999999",
    ] {
        let wrong = guest.get(path).await;
        assert_eq!(
            (wrong.status, wrong.error().as_str()),
            (400, "bad_data"),
            "{path}"
        );
    }
    for path in ["/api/v1/rooms/lobby/messages", "/api/v1/nothing"] {
        let wrong = guest.get(path).await;
        assert_eq!(
            (wrong.status, wrong.error().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn older_messages_come_page_by_page_each_exactly_once() {
    let server = Server::start(&[]);
    let (mut ws, _) = arrive(&server, "vue").await;
    for number in 1..=120 {
        ws.say(&format!("number {number}")).await;
    }
    ws.until_said("number 120").await;
    let mut guest = Guest::of(&server);
    let mut all: Vec<Value> = Vec::new();
    let mut sizes = Vec::new();
    let mut path = "/api/v1/rooms/1/messages".to_owned();
    loop {
        let page = guest.get(&path).await.json();
        let mut messages = page["messages"].as_array().unwrap().clone();
        sizes.push(messages.len());
        path = format!(
            "/api/v1/rooms/1/messages?before={}&limit=50",
            messages[0]["id"]
        );
        messages.append(&mut all);
        all = messages;
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(sizes, [50, 50, 20]);
    let said: Vec<&str> = all
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    let expected: Vec<String> = (1..=120).map(|number| format!("number {number}")).collect();
    assert_eq!(said, expected);
    let few = guest.get("/api/v1/rooms/1/messages?limit=3").await.json();
    assert_eq!(
        (few["messages"].as_array().unwrap().len(), &few["more"]),
        (3, &json!(true))
    );
    let many = guest
        .get("/api/v1/rooms/1/messages?limit=100000")
        .await
        .json();
    assert_eq!(
        many["messages"].as_array().unwrap().len(),
        50,
        "never more than a page"
    );
    let none = guest.get("/api/v1/rooms/1/messages?before=1").await.json();
    assert_eq!(none, json!({"messages": [], "more": false, "newer": true}));
}

#[tokio::test]
async fn who_is_kept_out_of_the_lobby_gets_a_page_that_says_so_and_has_their_other_rooms() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    server.crown("Ada");
    let (mut ws, _) = ada.hears(1).await;
    ws.post("not for Bob").await;
    let oolong = bob.makes("public", "Oolong").await;
    ada.gives_role(1, &bob, "banned").await;
    for (path, words) in [
        ("/".to_owned(), "You can no longer enter Lobby"),
        ("/rooms/1".to_owned(), "You can no longer enter Lobby"),
        ("/join/nonsense".to_owned(), "You can no longer enter Lobby"),
        ("/rooms/4398046511104".to_owned(), "There is no such room"),
    ] {
        let page = bob.guest.get(&path).await;
        let (html, boot) = (page.text(), boot(&page));
        assert_eq!(page.status, 404, "{path}");
        assert!(html.contains(&format!("<h2>{words}</h2>")), "{path}");
        assert!(!html.contains("not for Bob") && !html.contains("Ada"));
        assert_eq!(boot["found"], false);
        let presence = json!({"room": 1, "people": 0, "connections": 0, "who": []});
        assert_eq!(boot["presence"], presence);
        let rooms = boot["rooms"].as_array().unwrap();
        assert_eq!(rooms.len(), 1, "{rooms:?}");
        assert_eq!(rooms[0]["id"], oolong);
        let lobby = &boot["room"];
        assert_eq!(
            (&lobby["role"], &lobby["head"]),
            (&json!("banned"), &json!(0))
        );
    }
    let page = bob.guest.get(&format!("/rooms/{oolong}")).await;
    assert_eq!((page.status, &boot(&page)["found"]), (200, &json!(true)));
    let (mut ws, _) = bob.knocks(1).await;
    assert_eq!(ws.data(35).await, json!({"room": 1, "why": "banned"}));
    let kept = ada.may("GET", "rooms/1/members", &Value::Null).await;
    assert_eq!(kept["members"].as_array().unwrap().len(), 1, "{kept}");
    assert_eq!(kept["members"][0]["role"], "banned");
    let lifted = format!("rooms/1/members/{}", bob.id);
    ada.may("DELETE", &lifted, &Value::Null).await;
    let kept = ada.may("GET", "rooms/1/members", &Value::Null).await;
    assert_eq!(kept["members"], json!([]), "everybody is a member");
    assert_eq!(ws.data(33).await["rooms"][0]["id"], 1, "they may come back");
    let page = bob.guest.get("/").await;
    assert!(page.status == 200 && page.text().contains("not for Bob"));
}
