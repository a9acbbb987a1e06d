//! Registration: who may make an account, by whose invitation, and who may invite.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{Answer, Guest, Member, Server, run_program};

const PHRASE: &str = "a long pass phrase";

/// A server for the invited, with an owner in it.
async fn owned(settings: &[(&str, &str)]) -> (Server, Member) {
    let server = Server::start(settings);
    let (code, _, err) = server.run(
        &["user", "add", "Olga", "--role", "owner", "--password-stdin"],
        PHRASE,
    );
    assert_eq!(code, Some(0), "{err}");
    let olga = Member::signed_in(&server, "Olga", PHRASE).await;
    (server, olga)
}

async fn registers(server: &Server, name: &str, invitation: Option<&str>) -> Answer {
    let mut body = json!({"name": name, "password": PHRASE});
    if let Some(code) = invitation {
        body["invitation"] = code.into();
    }
    let mut guest = Guest::visiting(server).await;
    guest.change("POST", "/api/v1/register", &body).await
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error())
}

/// Makes an invitation to the server; gives its code.
async fn invites(member: &mut Member, terms: &Value) -> String {
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
    let db = Connection::open(server.data().join("teahouse.db")).unwrap();
    let changed = db.execute(
        "UPDATE invitations SET expires_at = 5 WHERE code = ?1",
        [&ended],
    );
    assert_eq!(changed, Ok(1));
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

#[tokio::test]
async fn who_runs_the_server_invites_and_looks_after_all_invitations() {
    let (server, mut olga) = owned(&[]).await;
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    for (method, path) in [
        ("GET", "invitations"),
        ("POST", "invitations"),
        ("DELETE", "invitations/x"),
    ] {
        let answer = bob.may_not(method, path, &json!({})).await;
        assert_eq!(answer, (403, "house_only".to_owned()), "{method} {path}");
    }
    let mut visitor = Guest::visiting(&server).await;
    let answer = visitor
        .change("POST", "/api/v1/invitations", &json!({}))
        .await;
    assert_eq!(refused(&answer), (401, "account_needed".to_owned()));
    assert_eq!(server.run(&["user", "role", "Ada", "admin"], "").0, Some(0));
    let ada_code = invites(&mut ada, &json!({"uses": 2})).await;
    for terms in [
        json!({"uses": 0}),
        json!({"hours": -1}),
        json!({"uses": "many"}),
    ] {
        let answer = ada.may_not("POST", "invitations", &terms).await;
        assert_eq!(answer, (400, "bad_data".to_owned()), "{terms}");
    }
    let seen = olga.may("GET", "invitations", &Value::Null).await;
    assert_eq!(seen["invitations"][0]["by"]["name"], "Ada");
    assert_eq!(seen["invitations"][0]["left"], 2);
    // Whoever is in already uses none of it.
    let room = bob
        .may("POST", &format!("invitations/{ada_code}"), &Value::Null)
        .await;
    assert_eq!(room["room"]["id"], 1);
    olga.may("DELETE", &format!("invitations/{ada_code}"), &Value::Null)
        .await;
    let answer = registers(&server, "Late", Some(&ada_code)).await;
    assert_eq!(answer.status, 200, "this server is open");
}

#[tokio::test]
async fn members_invite_where_the_server_lets_them_and_see_their_own_only() {
    let settings = [
        ("accounts.registration", "invited"),
        ("accounts.inviters", "members"),
        ("accounts.open_invitations", "2"),
    ];
    let (server, mut olga) = owned(&settings).await;
    let door = invites(&mut olga, &json!({})).await;
    let answer = registers(&server, "Bob", Some(&door)).await;
    assert_eq!(answer.status, 200);
    let mut bob = Member::signed_in(&server, "Bob", PHRASE).await;
    let bob_code = invites(&mut bob, &json!({})).await;
    invites(&mut bob, &json!({})).await;
    let many = bob.may_not("POST", "invitations", &json!({})).await;
    assert_eq!(many, (403, "too_many_invitations".to_owned()));
    let listed = bob.may("GET", "invitations", &Value::Null).await;
    assert_eq!(listed["invitations"].as_array().unwrap().len(), 2);
    let not_theirs = bob
        .may_not("DELETE", &format!("invitations/{door}"), &Value::Null)
        .await;
    assert_eq!(not_theirs, (404, "bad_invitation".to_owned()));
    bob.may("DELETE", &format!("invitations/{bob_code}"), &Value::Null)
        .await;
    let listed = olga.may("GET", "invitations", &Value::Null).await;
    assert_eq!(listed["invitations"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_operator_invites_from_the_command_line() {
    let settings = [
        ("accounts.registration", "invited"),
        ("server.public_url", "http://chat.example.org"),
    ];
    let (server, _olga) = owned(&settings).await;
    let (code, out, err) = server.run(&["invite", "--uses", "1", "--hours", "24"], "");
    assert_eq!(code, Some(0), "{err}");
    let address = out.trim();
    let code = address
        .strip_prefix("http://chat.example.org/join/")
        .unwrap();
    assert_eq!(registers(&server, "Bob", Some(code)).await.status, 200);
    assert_eq!(registers(&server, "Cy", Some(code)).await.status, 404);
    let (code, _, err) = server.run(&["invite", "--uses", "0"], "");
    assert_eq!(code, Some(2), "{err}");
}

#[tokio::test]
async fn what_an_account_was_before_is_not_what_others_are_told() {
    let server = Server::start(&[]);
    let mut guest = Guest::visiting(&server).await;
    let visitor = guest.feed().await.1["me"]["id"].clone();
    let mut me = guest.register("Ada", PHRASE).await.json()["me"].clone();
    assert_eq!(me["was"], visitor);
    assert_eq!(guest.feed().await.1["me"], me, "the socket says the same");
    let (mut ws, _) = guest.feed().await;
    ws.post("hello").await;
    let said = Guest::of(&server)
        .get("/api/v1/rooms/1/messages")
        .await
        .json();
    me.as_object_mut()
        .unwrap()
        .retain(|key, _| ["id", "kind", "name", "avatar", "place"].contains(&key.as_str()));
    assert_eq!(said["messages"][0]["by"], me);
}

#[tokio::test]
async fn what_was_said_before_registering_is_the_accounts_to_change() {
    let mut server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    let (mut before, _) = ada.feed().await;
    let first = before.post("frist").await["id"].clone();
    let second = before.post("second").await["id"].clone();
    let mut eve = Guest::visiting(&server).await;
    assert_eq!(eve.register("Eve", PHRASE).await.status, 200);
    let (mut eve_ws, _) = eve.feed().await;
    let edit = json!({"do": "edit", "content": "first"});
    let of_theirs = |what: &Value| {
        let mut data = what.clone();
        data["room"] = 1.into();
        data["id"] = first.clone();
        data
    };
    assert_eq!(ada.register("Ada", PHRASE).await.status, 200);
    let (mut after, _) = ada.feed().await;
    let recall = json!({"do": "recall"});
    for what in [&edit, &recall] {
        assert_eq!(eve_ws.try_change(of_theirs(what)).await, "not_yours");
    }
    after.change(&first, &edit).await;
    after.change(&second, &recall).await;
    let path = format!("/api/v1/rooms/1/messages/{first}/versions");
    let versions = ada.get(&path).await;
    assert_eq!(
        versions.json()["versions"][0]["content"],
        "frist",
        "{versions:?}"
    );
    assert_eq!(eve.get(&path).await.status, 403);
    let data = ada.get("/api/v1/me/export").await.json();
    assert_eq!(data["messages"][0]["content"], "first");
    assert_eq!(data["messages"][1]["recalled"], true);
    // What others see is one thing, live, drawn anew and after a restart.
    let read = async |server: &Server| {
        let page = Guest::of(server).get("/api/v1/rooms/1/messages").await;
        page.json()["messages"].clone()
    };
    let live = read(&server).await;
    assert_eq!(live[0]["by"]["kind"], "visitor");
    server.stop();
    server.launch();
    assert_eq!(read(&server).await, live);
    let (mut again, _) = ada.follow(&server).feed().await;
    again
        .change(&first, &json!({"do": "edit", "content": "once more"}))
        .await;
}

#[tokio::test]
async fn whoever_has_no_cookie_of_their_own_brings_nothing_along() {
    let server = Server::start(&[]);
    let mut program = Guest::of(&server).with("user-agent", "shared");
    let (mut ws, _) = program.feed().await;
    let said = ws.post("by address and program").await["id"].clone();
    let answer = program.register("Ada", PHRASE).await;
    assert_eq!(answer.json()["me"].get("was"), None);
    let (mut program_ws, _) = program.feed().await;
    let recall = json!({"do": "recall", "room": 1, "id": said});
    assert_eq!(program_ws.try_change(recall).await, "not_yours");
    // Whoever is signed in and makes another account takes nothing of the first one.
    let mut guest = Guest::visiting(&server).await;
    assert_eq!(guest.register("Bob", PHRASE).await.status, 200);
    let other = guest.register("Bobby", PHRASE).await;
    assert_eq!(other.json()["me"].get("was"), None, "{other:?}");
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

#[tokio::test]
async fn an_invitation_ends_when_whoever_made_it_may_make_none_any_more() {
    let (server, mut olga) = owned(&[("accounts.registration", "invited")]).await;
    let door = invites(&mut olga, &json!({})).await;
    assert_eq!(registers(&server, "Ada", Some(&door)).await.status, 200);
    let mut ada = Member::signed_in(&server, "Ada", PHRASE).await;
    assert_eq!(server.run(&["user", "role", "Ada", "admin"], "").0, Some(0));
    let ada_code = invites(&mut ada, &json!({})).await;
    let path = format!("/api/v1/invitations/{ada_code}");
    let mut guest = Guest::visiting(&server).await;
    assert_eq!(guest.get(&path).await.status, 200);
    assert_eq!(
        server.run(&["user", "role", "Ada", "member"], "").0,
        Some(0)
    );
    let ended = (404, "bad_invitation".to_owned());
    assert_eq!(refused(&guest.get(&path).await), ended);
    assert_eq!(guest.get(&format!("/join/{ada_code}")).await.status, 404);
    let answer = registers(&server, "Bob", Some(&ada_code)).await;
    assert_eq!(refused(&answer), ended);
    let listed = olga.may("GET", "invitations", &Value::Null).await;
    let codes: Vec<&Value> = listed["invitations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert_eq!(codes, [&json!(door)]);
    // The invitations that the role still allows are left, and the owner's is as good as before.
    let room = ada.makes("private", "Cellar").await;
    let inside = ada.invites(room, &json!({})).await;
    for code in [&inside, &door] {
        let name = format!("By {code:.4}");
        assert_eq!(registers(&server, &name, Some(code)).await.status, 200);
    }
}
