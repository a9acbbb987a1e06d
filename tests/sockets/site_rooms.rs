//! The rooms that a token of the site names: public ones, and private ones that are open to the people of the site.

use serde_json::{Value, json};

use crate::site_sign_in::{call, entered, server, with};
use crate::support::site::{claims, token};
use crate::support::{Guest, Member, Server};

/// Somebody of the site comes in by a token that names `room`; whether they are in it then.
async fn gets_in(server: &Server, subject: &str, room: i64) -> bool {
    let named = with(&claims(subject, subject), "rooms", json!([room]));
    let mut frame = Guest::of(server);
    let (session, _) = entered(&mut frame, &token(&named), &Value::Null).await;
    let seen = call(&frame, &session, &format!("/api/v1/rooms/{room}")).await;
    match seen.status {
        200 => seen.json()["room"]["role"] == "member",
        404 => false,
        other => panic!("{other}"),
    }
}

async fn settles(member: &mut Member, room: i64, settings: Value) {
    let path = format!("rooms/{room}");
    member.may("PATCH", &path, &settings).await;
}

#[tokio::test]
async fn a_private_room_is_open_to_the_people_of_the_site_while_its_owner_says_so() {
    let server = server(&[]);
    let (mut lin, room) = owner_of_a_cellar(&server).await;
    assert!(!gets_in(&server, "1", room).await, "closed");
    let (mut feed, _) = lin.hears(room).await;
    settles(&mut lin, room, json!({"open_to_site": true})).await;
    let told = feed
        .expect("the change", |frame| frame["data"]["kind"] == "about")
        .await;
    assert_eq!(told["data"]["about"]["open_to_site"], true);
    assert_eq!(lin.sees(room).await["open_to_site"], true);
    assert!(gets_in(&server, "2", room).await, "open");
    let came = feed
        .expect("them", |frame| frame["data"]["kind"] == "join")
        .await;
    assert_eq!(came["data"]["who"]["name"], "2");
    // By the site's word alone: nobody finds it, and nobody joins it by themselves.
    let mut stranger = Member::new(&server, "Stranger").await;
    let join = format!("rooms/{room}/join");
    let refused = stranger.may_not("POST", &join, &json!({})).await;
    assert_eq!(refused, (404, "not_found".to_owned()));
    settles(&mut lin, room, json!({"archived": true})).await;
    assert!(!gets_in(&server, "3", room).await, "archived");
    settles(&mut lin, room, json!({"archived": false})).await;
    settles(&mut lin, room, json!({"open_to_site": false})).await;
    assert_eq!(lin.sees(room).await.get("open_to_site"), None);
    assert!(!gets_in(&server, "4", room).await, "closed again");
}

async fn owner_of_a_cellar(server: &Server) -> (Member, i64) {
    let mut lin = Member::new(server, "Lin").await;
    let room = lin.makes("private", "Cellar").await;
    (lin, room)
}

#[tokio::test]
async fn the_owner_of_a_private_room_opens_it_and_nobody_else() {
    let server = server(&[]);
    let (mut lin, room) = owner_of_a_cellar(&server).await;
    let mut ann = Member::new(&server, "Ann").await;
    let mut stranger = Member::new(&server, "Stranger").await;
    server.crown("Stranger");
    let code = lin.invites(room, &json!({})).await;
    ann.accepts(&code).await;
    lin.gives_role(room, &ann, "admin").await;
    let public = lin.makes("public", "Kitchen").await;
    let open = json!({"open_to_site": true});
    let not_allowed = (403, "not_allowed".to_owned());
    let of = |room: i64| format!("rooms/{room}");
    let by_admin = ann.may_not("PATCH", &of(room), &open).await;
    assert_eq!(by_admin, not_allowed);
    // The owner of the server sees no private room of others.
    let unseen = stranger.may_not("PATCH", &of(room), &open).await;
    assert_eq!(unseen, (404, "not_found".to_owned()));
    assert_eq!(lin.may_not("PATCH", &of(public), &open).await, not_allowed);
    assert_eq!(stranger.may_not("PATCH", &of(1), &open).await, not_allowed);
    // With other settings, nothing of it is done.
    let both = json!({"topic": "mine", "open_to_site": true});
    assert_eq!(ann.may_not("PATCH", &of(room), &both).await, not_allowed);
    assert_eq!(lin.sees(room).await["topic"], "");
    settles(
        &mut ann,
        room,
        json!({"topic": "ours", "open_to_site": false}),
    )
    .await;
    assert_eq!(lin.sees(room).await["topic"], "ours");
    let may = |seen: &Value| {
        let may = seen["may"].as_array().unwrap();
        may.contains(&json!("open_to_site"))
    };
    assert!(may(&lin.sees(room).await) && !may(&ann.sees(room).await));
    assert!(!may(&lin.sees(public).await));
}

#[tokio::test]
async fn a_ban_stays_a_ban_and_who_was_muted_stays_muted() {
    let server = server(&[]);
    let (mut lin, room) = owner_of_a_cellar(&server).await;
    settles(&mut lin, room, json!({"open_to_site": true})).await;
    for (subject, role) in [("1", "banned"), ("2", "muted")] {
        assert!(gets_in(&server, subject, room).await);
        let members = format!("rooms/{room}/members");
        let seen = lin.may("GET", &members, &Value::Null).await;
        let members = seen["members"].as_array().unwrap();
        let who = members.iter().find(|one| one["name"] == subject).unwrap();
        let who = format!("rooms/{room}/members/{}", who["id"].as_str().unwrap());
        lin.may("PUT", &who, &json!({"role": role})).await;
        if role == "muted" {
            lin.may("DELETE", &who, &Value::Null).await;
        }
        // In a browser that knows nothing of them, by a new token.
        assert!(!gets_in(&server, subject, room).await, "{role}");
    }
    let seen = lin
        .may("GET", &format!("rooms/{room}/members"), &Value::Null)
        .await;
    let roles: Vec<_> = ["1", "2"]
        .iter()
        .map(|name| {
            let members = seen["members"].as_array().unwrap();
            let one = members.iter().find(|one| one["name"] == *name);
            one.map(|one| one["role"].as_str().unwrap())
        })
        .collect();
    assert_eq!(roles, [Some("banned"), Some("muted")]);
}

/// A program of the bot Robot with these scopes, and a private room that it has made.
async fn room_of_a_bot(server: &Server, scopes: &str) -> (Guest, i64) {
    let (code, key, err) = server.run(&["token", "add", "Robot", "--scopes", scopes], "");
    assert_eq!(code, Some(0), "{err}");
    let mut program = Guest::of(server).with("authorization", &format!("Bearer {}", key.trim()));
    let wanted = json!({"kind": "private", "name": format!("For {scopes}")});
    let made = program.change("POST", "/api/v1/rooms", &wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    let room = made.json()["room"]["id"].as_i64().unwrap();
    (program, room)
}

#[tokio::test]
async fn private_rooms_of_the_sites_own_bot_are_open_to_its_people() {
    let server = server(&[]);
    assert_eq!(server.run(&["bot", "add", "Robot"], "").0, Some(0));
    let (_program, early) = room_of_a_bot(&server, "read,rooms").await;
    assert!(!gets_in(&server, "1", early).await, "a bot as any");
    let (mut program, room) = room_of_a_bot(&server, "read,rooms,house").await;
    assert!(gets_in(&server, "2", room).await);
    assert!(gets_in(&server, "3", early).await, "the same bot");
    // Handed over, it is a person's.
    let mut ann = Member::new(&server, "Ann").await;
    let path = format!("/api/v1/rooms/{room}");
    let invitation = program
        .change("POST", &format!("{path}/invitations"), &json!({}))
        .await;
    let code = invitation.json()["invitation"]["code"]
        .as_str()
        .unwrap()
        .to_owned();
    ann.accepts(&code).await;
    let hers = format!("{path}/members/{}", ann.id);
    let owner = json!({"role": "owner"});
    assert_eq!(program.change("PUT", &hers, &owner).await.status, 200);
    assert!(!gets_in(&server, "4", room).await, "handed over");
    // A token that has ended is no word of the site's.
    let listed = server.run(&["token", "list", "Robot"], "").1;
    let house = listed.lines().find(|line| line.contains("house")).unwrap();
    let id = house.split(' ').next().unwrap();
    assert_eq!(server.run(&["token", "revoke", id], "").0, Some(0));
    assert!(!gets_in(&server, "5", early).await, "its token has ended");
}
