//! Rooms that are deleted: nobody hears or finds anything of them any more, and nothing of them is
//! left, whatever happens meanwhile.

use serde_json::{Value, json};
use teahouse::protocol::kinds;
use uuid::Uuid;

use crate::erasure::cells_with;
use crate::search::{finds, says};
use crate::support::{Guest, Member, Server, Ws, eventually, on_postgres};

/// A word like no other of the server.
pub const MARK: &str = "zyxwvut";

/// The words of the index that begin so: its own file has them without what they share.
pub fn indexed(server: &Server, beginning: &str) -> Vec<String> {
    if on_postgres() {
        return server.texts(&format!(
            "SELECT DISTINCT word FROM search, unnest(string_to_array(words, ' ')) word WHERE word LIKE '{beginning}%'"
        ));
    }
    let db = rusqlite::Connection::open(server.data().join("teahouse.db")).unwrap();
    db.execute_batch("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'search', 'row')")
        .unwrap();
    let mut words = db.prepare("SELECT term FROM temp.words").unwrap();
    let words = words.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let words = words.map(Result::unwrap);
    words.filter(|word| word.starts_with(beginning)).collect()
}

async fn deletes(member: &mut Member, room: i64) {
    let done = member
        .may("DELETE", &format!("rooms/{room}"), &Value::Null)
        .await;
    assert_eq!(done, json!({}));
}

/// Waits until it is said that the room has been deleted.
pub async fn loses(ws: &mut Ws, room: i64) {
    assert_eq!(ws.data(35).await, json!({"room": room, "why": "deleted"}));
}

/// Waits until the last of what deleted rooms had is gone from the store.
pub async fn is_emptied(server: &Server) {
    let emptied = async || server.number("SELECT count(*) FROM deleted_rooms") == 0;
    eventually("it is emptied", emptied).await;
}

#[tokio::test]
async fn everybody_loses_a_deleted_room_at_once_wherever_they_are() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let mut cy = Member::new(&server, "Cy").await;
    let room = ada.makes("public", "Tea").await;
    bob.joins(room).await;
    cy.joins(room).await;
    let code = ada.invites(room, &json!({})).await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let id = says(&mut ada_ws, room, "the kettle sings").await;
    let seen = cy.sees(room).await;
    let place = json!({"epoch": seen["epoch"], "seq": seen["head"]});
    let (mut inside, _) = bob.hears(room).await;
    let (mut elsewhere, _) = bob.hears(1).await;
    let mut dee = Guest::visiting(&server).await;
    let (mut outside, _) = dee.feed().await;
    outside
        .send(&json!({"type": kinds::OPEN, "data": {"room": room}}))
        .await;
    outside.data(21).await;

    deletes(&mut ada, room).await;
    for ws in [&mut ada_ws, &mut inside, &mut elsewhere, &mut outside] {
        loses(ws, room).await;
    }

    // It is like one that never was, for everybody and by every way.
    let path = format!("rooms/{room}");
    let not_there = (404, "not_found".to_owned());
    for call in [
        path.clone(),
        format!("{path}/messages"),
        format!("{path}/messages/{id}"),
        format!("{path}/members"),
    ] {
        assert_eq!(bob.may_not("GET", &call, &Value::Null).await, not_there);
    }
    for (method, call, body) in [
        ("DELETE", path.clone(), Value::Null),
        ("PATCH", path.clone(), json!({"topic": "x"})),
        ("POST", format!("{path}/join"), Value::Null),
        ("POST", format!("{path}/invitations"), json!({})),
    ] {
        let refused = ada.may_not(method, &call, &body).await;
        assert_eq!(refused, not_there, "{method} {call}");
    }
    let invitation = format!("invitations/{code}");
    assert_eq!(
        dee.get(&format!("/api/v1/{invitation}")).await.error(),
        "bad_invitation"
    );
    for page in [
        format!("/rooms/{room}"),
        format!("/rooms/{room}/{id}"),
        format!("/m/{id}"),
        format!("/join/{code}"),
    ] {
        let answer = bob.guest.get(&page).await;
        assert_eq!(answer.status, 404, "{page}");
        assert!(!answer.text().contains("kettle"), "{page}");
    }
    assert!(finds(&mut bob.guest, "kettle").await.is_empty());
    let listed = bob.may("GET", "rooms", &Value::Null).await;
    assert_eq!(listed["rooms"], json!([]));

    // What still comes for it is refused by its nonce, and the socket goes on elsewhere.
    let nonce = json!(Uuid::new_v4());
    let send = json!({"nonce": nonce, "room": room, "content": "too late"});
    inside
        .send(&json!({"type": kinds::SEND, "data": send}))
        .await;
    let refused = inside.data(15).await;
    assert_eq!(
        (&refused["nonce"], &refused["code"]),
        (&nonce, &json!("not_found"))
    );
    assert_eq!(refused.get("retry_after"), None);
    let like = json!({"room": room, "id": id, "do": "react", "emoji": "🍵", "on": true});
    assert_eq!(inside.try_change(like).await, "not_found");
    inside
        .send(&json!({"type": kinds::OPEN, "data": {"room": room}}))
        .await;
    let answer = inside.data(35).await;
    assert_eq!(answer["why"], "not_found");
    inside
        .send(&json!({"type": kinds::OPEN, "data": {"room": 1}}))
        .await;
    inside.data(21).await;
    inside.post("here is everybody").await;
    elsewhere.until_said("here is everybody").await;

    // Who was away meanwhile comes back to all that is left.
    let mut back = cy.guest.open("/ws?feed", &[]).await.unwrap();
    let hello = json!({"v": 1, "open": room, "resume": {room.to_string(): place}});
    back.send(&json!({"type": kinds::HELLO, "data": hello}))
        .await;
    let welcome = back.data(11).await;
    let rooms = welcome["rooms"].as_array().unwrap();
    assert_eq!(rooms.len(), 1, "{welcome}");
    assert_eq!(
        back.data(35).await,
        json!({"room": room, "why": "not_found"})
    );
    assert_eq!(back.post("I was in a tunnel").await["room"], 1);

    // Its name is free for another one, in which nothing is known of it.
    let again = bob.makes("public", "Tea").await;
    let (_, welcome) = bob.hears(again).await;
    assert_eq!(welcome["rooms"][1]["unread"], 0);

    let numbers = Guest::of(&server).get("/metrics").await.text();
    assert!(
        numbers.contains("\nteahouse_rooms_deleted_total 1\n"),
        "{numbers}"
    );
    let log = server.stop().log;
    let line = format!("room deleted room={room} name=\"Tea\" by=\"{}\"", ada.id);
    assert!(log.contains(&line), "{line} is not in {log}");
}

#[tokio::test]
async fn owners_delete_their_rooms_and_the_servers_admins_public_ones() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let mut bob = Member::new(&server, "Bob").await;
    let mut eve = Member::new(&server, "Eve").await;
    let public = ada.makes("public", "Tea").await;
    let private = ada.makes("private", "Cellar").await;
    let code = ada.invites(private, &json!({})).await;
    bob.joins(public).await;
    bob.accepts(&code).await;
    let direct = json!({"people": [bob.id.clone()]});
    let direct = ada.may("POST", "direct", &direct).await["room"]["id"].clone();
    let not_allowed = (403, "not_allowed".to_owned());
    for room in [public, private] {
        let path = format!("rooms/{room}");
        for role in ["member", "admin"] {
            ada.gives_role(room, &bob, role).await;
            assert_eq!(
                bob.may_not("DELETE", &path, &Value::Null).await,
                not_allowed,
                "{role}"
            );
        }
        for (who, granted) in [(&mut ada, true), (&mut bob, false)] {
            let seen = who.sees(room).await;
            let may = seen["may"].as_array().unwrap();
            assert_eq!(may.contains(&json!("delete")), granted, "{seen}");
        }
    }
    let mut guest = Guest::visiting(&server).await;
    let answer = guest
        .change("DELETE", &format!("/api/v1/rooms/{public}"), &Value::Null)
        .await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (401, "account_needed")
    );
    server.crown("Eve");
    let hidden = (404, "not_found".to_owned());
    for (who, room, refused) in [
        (&mut eve, json!(private), &hidden),
        (&mut ada, direct.clone(), &not_allowed),
        (&mut bob, direct, &not_allowed),
    ] {
        let path = format!("rooms/{room}");
        assert_eq!(who.may_not("DELETE", &path, &Value::Null).await, *refused);
    }
    assert_eq!(
        eve.may_not("DELETE", "rooms/1", &Value::Null).await,
        not_allowed,
        "there is always a lobby"
    );
    deletes(&mut eve, public).await;
    ada.may(
        "PATCH",
        &format!("rooms/{private}"),
        &json!({"archived": true}),
    )
    .await;
    deletes(&mut ada, private).await;
    assert_eq!(server.number("SELECT count(*) FROM rooms"), 2);
}

/// A room with everything that one can have, and so many more messages that it takes a while to
/// empty it.
async fn full_room(server: &mut Server, owner: &mut Member) -> i64 {
    let mut bob = Member::new(server, "Bob").await;
    let mut cy = Member::new(server, "Cy").await;
    let room = owner.makes("public", &format!("{MARK} 1")).await;
    let words = json!({"topic": format!("{MARK} 2"), "notice": format!("{MARK} 3")});
    owner.may("PATCH", &format!("rooms/{room}"), &words).await;
    bob.joins(room).await;
    cy.joins(room).await;
    owner.gives_role(room, &cy, "muted").await;
    cy.may("POST", &format!("rooms/{room}/leave"), &Value::Null)
        .await;
    owner.invites(room, &json!({})).await;
    let (mut owner_ws, _) = owner.hears(room).await;
    let id = says(&mut owner_ws, room, &format!("{MARK} 4, @Bob")).await;
    for what in [
        json!({"do": "edit", "content": format!("{MARK} 5, **@Bob**")}),
        json!({"do": "react", "emoji": "🍵", "on": true}),
        json!({"do": "react", "emoji": "🍵", "on": true}),
        json!({"do": "pin", "on": true}),
    ] {
        let mut change = what;
        change["room"] = room.into();
        change["id"] = id.clone();
        owner_ws.try_change(change).await;
    }
    let nonce = Uuid::new_v4();
    let send =
        json!({"nonce": nonce, "room": room, "content": format!("{MARK} 6"), "reply": id.clone()});
    owner_ws
        .send(&json!({"type": kinds::SEND, "data": send}))
        .await;
    owner_ws.ack(nonce).await;
    server.stop();
    server.runs(&[
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 6000) \
         INSERT INTO messages (room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
         SELECT m.room_id, 0, 0, m.kind, m.format, m.author, m.name, m.avatar, m.place, m.address, m.content || n, m.created_at \
         FROM n, messages m WHERE m.id = (SELECT max(id) FROM messages)",
    ]);
    server.launch();
    room
}

#[tokio::test]
async fn nothing_is_left_of_a_room_even_if_the_server_dies_while_it_is_emptied() {
    let mut server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    let mut other = Member::new(&server, "Other").await;
    let kept = other.makes("private", "Kept").await;
    let (mut ws, _) = other.hears(kept).await;
    says(&mut ws, kept, "the kettle sings").await;
    let room = full_room(&mut server, &mut ada.clone()).await;
    let of_room = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table} WHERE room_id = {room}");
        move |server: &Server| server.number(&sql)
    };
    let tables = [
        "messages",
        "events",
        "members",
        "muted",
        "invitations",
        "reactions",
        "emoji",
        "nonces",
    ];
    for table in tables {
        assert!(of_room(table)(&server) > 0, "{table}");
    }
    assert!(server.number("SELECT count(*) FROM versions") > 0);
    assert!(!indexed(&server, MARK).is_empty());

    deletes(&mut ada.follow(&server), room).await;
    server.kill();
    assert_eq!(
        server.number(&format!("SELECT count(*) FROM rooms WHERE id = {room}")),
        0
    );
    assert!(
        of_room("messages")(&server) > 0,
        "there is still much to do"
    );
    server.launch();
    let mut ada = ada.follow(&server);
    let path = format!("rooms/{room}");
    assert_eq!(ada.may_not("GET", &path, &Value::Null).await.0, 404);
    assert!(finds(&mut ada.guest, MARK).await.is_empty());
    // People go on while it is emptied, and it may be interrupted again.
    let (mut ada_ws, _) = ada.hears(1).await;
    ada_ws.post("meanwhile").await;
    server.kill();
    server.launch();
    is_emptied(&server).await;
    server.stop();
    for table in tables {
        assert_eq!(of_room(table)(&server), 0, "{table}");
    }
    assert_eq!(cells_with(&server, &[MARK]), Vec::<String>::new());
    for beginning in [MARK.to_owned(), format!(":{room}")] {
        assert_eq!(indexed(&server, &beginning), Vec::<String>::new());
    }
    assert_eq!(server.number("SELECT count(*) FROM versions"), 0);
    server.launch();
    let mut other = other.follow(&server);
    assert_eq!(
        finds(&mut other.guest, "kettle").await,
        ["the kettle sings"]
    );
    let (mut ada_ws, _) = ada.follow(&server).hears(1).await;
    ada_ws.post("and goes on").await;
}
