//! `[accounts] passwords = false`: nobody signs in by a password, and whoever the site knows comes in.

use serde_json::{Value, json};

use crate::site_sign_in::{BLOG, entered, server};
use crate::support::site::{SETTINGS, token_of};
use crate::support::{Guest, Member, Server, run_program};

#[tokio::test]
async fn no_call_takes_a_password_and_whoever_is_in_stays_in() {
    let mut server = server(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    server.crown("Ada");
    let link = format!("people/{}/password-link", bob.id);
    let made = ada.may("POST", &link, &Value::Null).await;
    let code = made["url"].as_str().unwrap().rsplit('#').next().unwrap();
    server.stop();
    server.set("accounts.passwords", "false");
    server.launch();
    let mut ada = ada.follow(&server);
    let off = (403, "passwords_off".to_owned());
    let me = ada.may("GET", "me", &Value::Null).await;
    assert_eq!(me["me"]["name"], "Ada");
    let phrase = "seven bowls 七碗茶";
    let change = json!({"password": phrase, "new_password": "quite another phrase"});
    assert_eq!(ada.may_not("PUT", "me/password", &change).await, off);
    assert_eq!(ada.may_not("POST", &link, &Value::Null).await, off);
    let mut guest = Guest::visiting(&server).await;
    let by_code = json!({"code": code, "new_password": "quite another phrase"});
    for (method, path, body) in [
        (
            "POST",
            "session",
            json!({"name": "Ada", "password": phrase}),
        ),
        ("POST", "password", json!({"code": code})),
        ("PUT", "password", by_code),
    ] {
        let refused = guest
            .change(method, &format!("/api/v1/{path}"), &body)
            .await;
        assert_eq!((refused.status, refused.error()), off, "{method} {path}");
    }
    let refused = guest.register("Cy", phrase).await;
    let closed = (refused.status, &*refused.error());
    assert_eq!(closed, (403, "registration_closed"));
    let (code, _, err) = server.run(&["user", "password-link", "Bob"], "");
    assert!(
        code == Some(1) && err.contains("passwords is false"),
        "{err}"
    );
    let (_, eve) = entered(&mut guest, &token_of("4711", "Eve"), &Value::Null).await;
    assert_eq!(eve["name"], "Eve");
    // Who is asked for a password elsewhere is asked for a sign-in a moment ago; hers is.
    let gone = json!({"password": "", "keep_files": false});
    ada.may("DELETE", "me", &gone).await;
}

#[tokio::test]
async fn no_page_asks_for_a_password() {
    let server = server(&[("accounts.passwords", "false")]);
    let mut guest = Guest::visiting(&server).await;
    let connect = format!("/embed/connect?host={BLOG}&challenge=x");
    for (path, field) in [("/", "sign-in-password"), (&*connect, "connect-password")] {
        let page = guest.get(path).await.text();
        let says = page.contains("You come in at the site that this chat is part of.");
        assert!(says && !page.contains(field), "{path}: {page}");
    }
    let page = guest.get("/").await.text();
    assert!(!page.contains("data-act=\"password\""));
    let with = Server::start(&SETTINGS);
    let page = Guest::visiting(&with).await.get("/").await.text();
    assert!(page.contains("sign-in-password") && page.contains("data-act=\"password\""));
}

#[test]
fn without_a_site_the_server_does_not_start() {
    let home = tempfile::tempdir().unwrap();
    let off = [("accounts.passwords", "false")];
    for command in [&["check-config"][..], &[]] {
        let (code, _, err) = run_program(home.path(), command, &off);
        assert_ne!(code, Some(0));
        assert!(err.contains("[accounts] passwords = false"), "{err}");
    }
}
