//! Whoever has lost their password: a link from those who run the server, good once.

use serde_json::{Value, json};

use crate::support::{Answer, Guest, Member, Server, eventually};

const OLD: &str = "seven bowls 七碗茶";
const NEW: &str = "quite another phrase";

/// A server with an owner, two admins and two members.
async fn with_everybody() -> (Server, [Member; 5]) {
    let server = Server::start(&[]);
    let names = ["Olga", "Ada", "Abe", "Bob", "Cy"];
    let mut people = Vec::new();
    for name in names {
        people.push(Member::new(&server, name).await);
    }
    for (name, role) in [("Olga", "owner"), ("Ada", "admin"), ("Abe", "admin")] {
        assert_eq!(server.run(&["user", "role", name, role], "").0, Some(0));
    }
    (server, people.try_into().unwrap())
}

/// The code of a link that `by` makes for `whom`.
async fn link(by: &mut Member, whom: &Member) -> String {
    let path = format!("people/{}/password-link", whom.id);
    let made = by.may("POST", &path, &Value::Null).await;
    let url = made["url"].as_str().unwrap();
    url.strip_prefix("/password#").unwrap().to_owned()
}

async fn sets(guest: &mut Guest, code: &str, password: &str) -> Answer {
    let body = json!({"code": code, "new_password": password});
    guest.change("PUT", "/api/v1/password", &body).await
}

async fn asks(guest: &mut Guest, code: &str) -> Answer {
    let body = json!({"code": code});
    guest.change("POST", "/api/v1/password", &body).await
}

async fn knows(server: &Server, name: &str, password: &str) -> bool {
    let mut guest = Guest::visiting(server).await;
    guest.sign_in(name, password).await.status == 200
}

#[tokio::test]
async fn a_link_sets_a_new_password_once_and_ends_every_session() {
    let (server, [mut olga, _, _, bob, _]) = with_everybody().await;
    let (mut bob_ws, _) = bob.guest.feed().await;
    let replaced = link(&mut olga, &bob).await;
    let code = link(&mut olga, &bob).await;
    let mut browser = Guest::visiting(&server).await;
    assert_eq!(
        asks(&mut browser, &replaced).await.error(),
        "bad_password_link"
    );
    assert_eq!(
        asks(&mut browser, &code).await.json(),
        json!({"name": "Bob"})
    );
    for (password, error) in [
        ("short77", "password_short"),
        ("Bob12345", "password_common"),
    ] {
        assert_eq!(sets(&mut browser, &code, password).await.error(), error);
    }
    let answer = sets(&mut browser, &code, NEW).await;
    assert_eq!(answer.json()["me"]["name"], "Bob", "{answer:?}");
    assert_eq!(bob_ws.closed().await, Some(4500));
    assert_eq!(bob.guest.feed().await.1["me"]["kind"], "visitor");
    assert_eq!(browser.feed().await.1["me"]["id"], bob.id);
    assert!(!knows(&server, "Bob", OLD).await && knows(&server, "Bob", NEW).await);
    let again = sets(&mut browser, &code, OLD).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (404, "bad_password_link")
    );
}

#[tokio::test]
async fn nobody_is_helped_by_whom_they_stand_above() {
    let (_server, [mut olga, mut ada, abe, mut bob, cy]) = with_everybody().await;
    let refused = (403, "house_only".to_owned());
    let path = |whom: &Member| format!("people/{}/password-link", whom.id);
    for whom in [&olga, &abe] {
        assert_eq!(
            ada.may_not("POST", &path(whom), &Value::Null).await,
            refused
        );
    }
    assert_eq!(bob.may_not("POST", &path(&cy), &Value::Null).await, refused);
    // An open page is no proof of the password that it would replace.
    for own_account in [&mut ada, &mut olga] {
        let own = path(own_account);
        assert_eq!(
            own_account.may_not("POST", &own, &Value::Null).await,
            refused
        );
    }
    link(&mut ada, &cy).await;
    link(&mut olga, &ada).await;
    for nobody in ["u99", "v0011223344556677", "x"] {
        let path = format!("people/{nobody}/password-link");
        let answer = olga.may_not("POST", &path, &Value::Null).await;
        assert_eq!(answer, (404, "not_found".to_owned()));
    }
}

#[tokio::test]
async fn a_link_ends_with_time_with_another_password_and_with_the_account() {
    let (server, [mut olga, _, _, mut bob, cy]) = with_everybody().await;
    let mut browser = Guest::visiting(&server).await;
    let late = link(&mut olga, &cy).await;
    let ends = server.number("SELECT expires_at - created_at FROM password_links");
    assert_eq!(ends, 24 * 60 * 60 * 1_000);
    server.runs(&["UPDATE password_links SET expires_at = 5"]);
    assert_eq!(
        sets(&mut browser, &late, NEW).await.error(),
        "bad_password_link"
    );

    let code = link(&mut olga, &bob).await;
    let body = json!({"password": OLD, "new_password": NEW});
    bob.may("PUT", "me/password", &body).await;
    assert_eq!(asks(&mut browser, &code).await.error(), "bad_password_link");

    let code = link(&mut olga, &bob).await;
    bob.may("DELETE", "me", &json!({"password": NEW})).await;
    assert_eq!(asks(&mut browser, &code).await.error(), "bad_password_link");
}

#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let server = Server::start(&[]);
    let mut guesser = Guest::visiting(&server).await.at("127.0.0.5");
    for number in 0..5 {
        let answer = asks(&mut guesser, &format!("guess {number}")).await;
        assert_eq!(answer.status, 404);
    }
    let held = sets(&mut guesser, "guess", NEW).await;
    assert_eq!(
        (held.status, held.error().as_str()),
        (429, "sign_in_throttled")
    );
}

#[tokio::test]
async fn the_code_is_in_no_log_and_in_no_row() {
    let (mut server, [mut olga, _, _, bob, _]) = with_everybody().await;
    let code = link(&mut olga, &bob).await;
    let mut browser = Guest::visiting(&server).await;
    assert_eq!(asks(&mut browser, &code).await.status, 200);
    let kept = server
        .texts("SELECT code_hash FROM password_links")
        .remove(0);
    assert!(kept.len() == 64 && !kept.contains(&code), "{kept}");
    assert_eq!(sets(&mut browser, &code, NEW).await.status, 200);
    let log = server.stop().log;
    assert!(!log.contains(&code), "{log}");
    assert!(log.contains("password link made"), "{log}");
}

#[tokio::test]
async fn the_operator_makes_links_for_everybody() {
    let (server, [_, _, _, bob, _]) = with_everybody().await;
    let (mut bob_ws, _) = bob.guest.feed().await;
    let (code, out, err) = server.run(&["user", "password-link", "bob"], "");
    assert_eq!(code, Some(0), "{err}");
    let (address, words) = out.split_once('\n').unwrap();
    assert!(words.contains("Bob") && words.contains("24 hours"), "{out}");
    let (site, code) = address.split_once("/password#").unwrap();
    assert!(site.starts_with("http://"), "{address}");
    let mut browser = Guest::visiting(&server).await;
    assert_eq!(sets(&mut browser, code, NEW).await.status, 200);
    eventually("the old session is out", || {
        let guest = bob.guest.clone();
        async move { guest.feed().await.1["me"]["kind"] == "visitor" }
    })
    .await;
    assert_eq!(bob_ws.closed().await, Some(4500));
    let (code, _, err) = server.run(&["user", "password-link", "Nobody"], "");
    assert!(
        code == Some(1) && err.contains("no account named Nobody"),
        "{err}"
    );
}
