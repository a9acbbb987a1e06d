//! Registration: who may make an account on a server that is open, for the invited, or closed.

use serde_json::{Value, json};

use crate::support::{Answer, Guest, Member, Server, run_program};

pub const PHRASE: &str = "a long pass phrase";

/// A server for the invited, with an owner in it.
pub async fn owned(settings: &[(&str, &str)]) -> (Server, Member) {
    let server = Server::start(settings);
    let (code, _, err) = server.run(
        &["user", "add", "Olga", "--role", "owner", "--password-stdin"],
        PHRASE,
    );
    assert_eq!(code, Some(0), "{err}");
    let olga = Member::signed_in(&server, "Olga", PHRASE).await;
    (server, olga)
}

pub async fn registers(server: &Server, name: &str, invitation: Option<&str>) -> Answer {
    let mut body = json!({"name": name, "password": PHRASE});
    if let Some(code) = invitation {
        body["invitation"] = code.into();
    }
    let mut guest = Guest::visiting(server).await;
    guest.change("POST", "/api/v1/register", &body).await
}

pub fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

/// Makes an invitation to the server; gives its code.
pub async fn invites(member: &mut Member, terms: &Value) -> String {
    let made = member.may("POST", "invitations", terms).await;
    made["invitation"]["code"].as_str().unwrap().to_owned()
}

async fn knows(server: &Server, name: &str) -> bool {
    Guest::visiting(server)
        .await
        .sign_in(name, PHRASE)
        .await
        .status
        == 200
}

#[tokio::test]
async fn registering_by_an_invitation_to_a_room_is_coming_into_it() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("private", "Cellar").await;
    let code = ada.invites(room, &json!({"uses": 1})).await;
    let answer = registers(&server, "שרה בת אברהם 🍵", Some(&code)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json();
    assert_eq!(
        (&told["room"]["id"], &told["room"]["role"]),
        (&json!(room), &json!("member"))
    );
    assert_eq!(told["me"]["kind"], "user");
    assert_eq!(ada.sees(room).await["members"], 2);
    // The link has ended meanwhile: an open server turns nobody away for that.
    for ended in [code.as_str(), "nonsense"] {
        let name = format!("After {ended:.5}");
        let late = registers(&server, &name, Some(ended)).await;
        assert_eq!((late.status, &late.json()["room"]), (200, &Value::Null));
    }
    assert_eq!(ada.sees(room).await["members"], 2);
}

#[tokio::test]
async fn a_server_for_the_invited_lets_in_who_has_an_invitation_and_nobody_else() {
    let (server, mut olga) = owned(&[("accounts.registration", "invited")]).await;
    let answer = registers(&server, "Eve", None).await;
    assert_eq!(refused(&answer), (403, "invitation_needed".to_owned()));
    let guessed = "A".repeat(22);
    let answer = registers(&server, "Eve", Some(&guessed)).await;
    assert_eq!(refused(&answer), (404, "bad_invitation".to_owned()));
    assert!(!knows(&server, "Eve").await);

    let once = invites(&mut olga, &json!({"uses": 1, "hours": 1})).await;
    let shown = Guest::of(&server)
        .get(&format!("/api/v1/invitations/{once}"))
        .await
        .json();
    assert_eq!(
        shown["invitation"],
        json!({"code": once, "room": null, "by": {"name": "Olga"}})
    );
    // What is refused for something else costs no use.
    let taken = registers(&server, "olga", Some(&once)).await;
    assert_eq!(refused(&taken), (409, "name_taken".to_owned()));
    let answer = registers(&server, "Bob", Some(&once)).await;
    assert_eq!(
        (answer.status, &answer.json()["room"]),
        (200, &Value::Null),
        "{answer:?}"
    );
    let spent = registers(&server, "Cy", Some(&once)).await;
    assert_eq!(refused(&spent), (404, "bad_invitation".to_owned()));

    // One to a room lets into the server and into the room, by one use.
    let room = olga.makes("private", "Cellar").await;
    let code = olga.invites(room, &json!({"uses": 1})).await;
    let answer = registers(&server, "Cy", Some(&code)).await;
    assert_eq!(
        (answer.status, &answer.json()["room"]["id"]),
        (200, &json!(room)),
        "{answer:?}"
    );
    let spent = registers(&server, "Dan", Some(&code)).await;
    assert_eq!(refused(&spent), (404, "bad_invitation".to_owned()));
    assert!(!knows(&server, "Dan").await);

    // One that has ended, or was taken back.
    let ended = invites(&mut olga, &json!({"hours": 1})).await;
    let ends = format!("UPDATE invitations SET expires_at = 5 WHERE code = '{ended}'");
    assert_eq!(server.runs(&[&ends]), 1);
    let revoked = invites(&mut olga, &json!({})).await;
    olga.may("DELETE", &format!("invitations/{revoked}"), &Value::Null)
        .await;
    for code in [ended, revoked] {
        let answer = registers(&server, "Dan", Some(&code)).await;
        assert_eq!(refused(&answer), (404, "bad_invitation".to_owned()));
    }
}

#[tokio::test]
async fn the_last_use_makes_one_account_even_when_two_come_at_once() {
    let (server, mut olga) = owned(&[("accounts.registration", "invited")]).await;
    let code = invites(&mut olga, &json!({"uses": 1})).await;
    let (one, other) = tokio::join!(
        registers(&server, "Bob", Some(&code)),
        registers(&server, "Cy", Some(&code))
    );
    let mut both = [one.status, other.status];
    both.sort_unstable();
    assert_eq!(both, [200, 404], "{one:?} {other:?}");
    let in_it = (knows(&server, "Bob").await, knows(&server, "Cy").await);
    assert!(in_it.0 != in_it.1, "{in_it:?}");
}

#[tokio::test]
async fn a_closed_server_makes_accounts_by_the_command_line_alone() {
    let (server, mut olga) = owned(&[("accounts.registration", "closed")]).await;
    let room = olga.makes("private", "Cellar").await;
    let code = olga.invites(room, &json!({})).await;
    for invitation in [None, Some(code.as_str())] {
        let answer = registers(&server, "Eve", invitation).await;
        assert_eq!(refused(&answer), (403, "registration_closed".to_owned()));
    }
    let answer = olga.may_not("POST", "invitations", &json!({})).await;
    assert_eq!(answer, (403, "registration_closed".to_owned()));
    let (code, _, err) = server.run(&["invite"], "");
    assert!(
        code == Some(1) && err.contains("registration is \"closed\""),
        "{err}"
    );
    let (code, _, _) = server.run(&["user", "add", "Bob", "--password-stdin"], PHRASE);
    assert_eq!(code, Some(0));
    assert!(knows(&server, "Bob").await);
}

#[test]
fn a_door_that_is_shut_to_guests_and_open_to_newcomers_is_doubted() {
    let home = tempfile::tempdir().unwrap();
    let off = ("chat.guests", "off");
    let check = |settings: &[(&str, &str)]| {
        let (code, out, err) = run_program(home.path(), &["check-config"], settings);
        assert_eq!(code, Some(0), "{err}");
        out
    };
    let out = check(&[off]);
    assert!(
        out.starts_with("the configuration is good\n")
            && out.contains("[accounts] registration = \"invited\""),
        "{out}"
    );
    for registration in ["invited", "closed"] {
        let out = check(&[off, ("accounts.registration", registration)]);
        assert_eq!(out, "the configuration is good\n");
    }
    let settings = [("accounts.registration", "opne")];
    let (code, _, err) = run_program(home.path(), &["check-config"], &settings);
    assert!(
        code == Some(1) && err.contains("\"open\", \"invited\" or \"closed\""),
        "{err}"
    );
}
