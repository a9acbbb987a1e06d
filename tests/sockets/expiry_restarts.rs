//! `[chat] keep_days` over restarts: what was counted and numbered before stays so, and a server that dies
//! while it deletes goes on afterwards.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::erasure::cells_with;
use crate::expiry::{are_gone, comes_back, contents, says, waiting};
use crate::room_deletion::{MARK, indexed};
use crate::support::{Member, Server, eventually, on_postgres};

/// Puts so many messages of long ago in front of what is said in a room.
fn long_ago(server: &Server, room: i64, messages: i64) {
    let nonce = match on_postgres() {
        true => "gen_random_uuid()",
        false => "'old ' || id",
    };
    server.runs(&[
        &format!(
            "UPDATE messages SET id = id + {messages}, seq = seq + {messages}, rev = rev + {messages} WHERE room_id = {room}"
        ),
        &format!(
            "UPDATE events SET seq = seq + {messages}, message_id = message_id + {messages} WHERE room_id = {room}"
        ),
        &format!(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {messages}) \
             INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at) \
             SELECT n, {room}, n, n, 3, 0, 'u1', 'Ada', '', '', '', '{MARK} ' || n, 1000 + n FROM n"
        ),
        &format!(
            "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, nonce, at) \
             SELECT room_id, seq, 1, id, 'u1', 'Ada', {nonce}, created_at FROM messages WHERE id <= {messages}"
        ),
        &format!(
            "INSERT INTO search (rowid, words) SELECT id, '{MARK}' FROM messages WHERE id <= {messages}"
        ),
        &format!(
            "UPDATE rooms SET head = head + {messages}, said = said + {messages} WHERE id = {room}"
        ),
    ]);
    server.counts_ids_anew();
}

/// Lets what was said up to a message have been said long ago, and starts the server with the setting.
async fn grows_old(server: &mut Server, last: &Value, messages: usize) {
    server.stop();
    server.runs(&[&format!(
        "UPDATE messages SET created_at = id WHERE id <= {last}"
    )]);
    server.set("chat.keep_days", "1");
    server.launch();
    are_gone(server, messages).await;
}

#[tokio::test]
async fn a_mark_from_before_the_beginning_counts_what_is_there() {
    let mut server = Server::start(&[]);
    let (ada, mut bob, room) = Member::two_in_a_room(&server, "Tea").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let mut said = Vec::new();
    for number in 0..9 {
        let ack = says(
            &mut ada_ws,
            room,
            &format!("cup {number}, @Bob"),
            &Value::Null,
        )
        .await;
        said.push(ack);
    }
    assert_eq!(waiting(&bob.sees(room).await), (9, 9));
    grows_old(&mut server, &said[2]["id"], 3).await;
    let mut bob = bob.follow(&server);
    assert_eq!(waiting(&bob.sees(room).await), (6, 6));
    // Nobody hears the room: the store counts from Bob's mark, which is nearer than the head.
    let (mut bob_ws, _) = bob.hears(1).await;
    let read = json!({"room": room, "seq": said[3]["seq"]});
    bob_ws
        .send(&json!({"type": kinds::READ, "data": read}))
        .await;
    assert_eq!(waiting(&bob_ws.data(25).await), (5, 5));
    // And so it does when it is to be unread again, wherever that was.
    let read = json!({"room": room, "seq": said[1]["seq"], "unread": true});
    bob_ws
        .send(&json!({"type": kinds::READ, "data": read}))
        .await;
    assert_eq!(waiting(&bob_ws.data(25).await), (6, 6));
    server.stop();
    server.launch();
    assert_eq!(waiting(&bob.follow(&server).sees(room).await), (6, 6));
}

#[tokio::test]
async fn a_server_that_dies_amid_goes_on_and_gives_no_number_twice() {
    let mut server = Server::start(&[]);
    let ada = Member::new(&server, "Ada").await;
    server.stop();
    let many = 6_000;
    long_ago(&server, 1, many);
    // Without the setting nothing goes, however often it is started.
    server.launch();
    let (mut ada_ws, _) = ada.follow(&server).hears(1).await;
    let kept = ada_ws.post("said today").await;
    let mut newest = kept["id"].as_i64().unwrap();
    assert!(newest > many);
    server.stop();
    assert_eq!(server.number("SELECT count(*) FROM messages"), many + 1);
    server.runs(&["UPDATE messages SET created_at = 7 WHERE id > 6000"]);

    server.set("chat.keep_days", "30");
    let left = "SELECT count(*) FROM messages WHERE room_id > 0";
    let mut last = server.number(left);
    for _kill in 0..2 {
        server.launch();
        let fewer = async || server.number(left) < last;
        eventually("some are gone", fewer).await;
        server.kill();
        last = server.number(left);
        assert!(last > 0, "there is still much to do");
        let begins = "SELECT begins_seq = (SELECT min(seq) - 1 FROM messages WHERE room_id = 1) \
             AND begins_seq = begins_said FROM rooms WHERE id = 1";
        assert_eq!(server.number(begins), 1, "each step is whole");
    }
    server.launch();
    // People come, talk and read while it goes on.
    let mut here = ada.follow(&server);
    let (mut ada_ws, _) = here.hears(1).await;
    let mut before = json!(many);
    for turn in 0..20 {
        let ack = ada_ws.post(&format!("meanwhile {turn}")).await;
        assert_eq!(ack["seq"], many + 2 + turn);
        let id = ack["id"].as_i64().unwrap();
        assert!(id > newest, "{id} after {newest}");
        newest = id;
        let path = format!("rooms/1/messages?before={before}");
        let page = here.may("GET", &path, &Value::Null).await;
        if let Some(first) = page["messages"][0]["id"].as_i64() {
            before = first.into();
        }
    }
    are_gone(&server, usize::try_from(last).unwrap()).await;
    let page = here.may("GET", "rooms/1/messages", &Value::Null).await;
    assert_eq!((contents(&page).len(), &page["more"]), (20, &json!(false)));
    server.stop();
    assert_eq!(cells_with(&server, &[MARK]), Vec::<String>::new());
    assert_eq!(indexed(&server, MARK), Vec::<String>::new());
    assert_eq!(server.number("SELECT count(*) FROM messages"), 20);
    assert_eq!(
        server.number("SELECT head FROM rooms WHERE id = 1"),
        many + 21
    );
    assert_eq!(
        server.number("SELECT begins_said FROM rooms WHERE id = 1"),
        many + 1
    );
}

#[tokio::test]
async fn nothing_is_left_and_still_no_number_is_given_twice() {
    let mut server = Server::start(&[("chat.keep_days", "1")]);
    let mut ada = Member::new(&server, "Ada").await;
    let room = ada.makes("public", "Tea").await;
    let (mut ada_ws, _) = ada.hears(room).await;
    let last = says(&mut ada_ws, room, "the last word", &Value::Null).await;
    server.stop();
    server.runs(&[
        "UPDATE messages SET created_at = 5",
        "UPDATE events SET at = 5",
    ]);
    server.launch();
    are_gone(&server, 1).await;
    let nothing = async || server.number("SELECT count(*) FROM events") == 0;
    eventually("no event is left", nothing).await;
    let mut ada = ada.follow(&server);
    let seen = ada.sees(room).await;
    assert_eq!(
        (&seen["head"], &seen["unread"], &seen["role"]),
        (&last["seq"], &json!(0), &json!("owner"))
    );
    let told = comes_back(&ada, room, &seen["epoch"], 0).await;
    assert_eq!(
        (&told["type"], contents(&told["data"]).len()),
        (&json!(21), 0)
    );
    server.stop();
    server.launch();
    let mut ada = ada.follow(&server);
    let told = comes_back(&ada, room, &seen["epoch"], last["seq"].as_i64().unwrap()).await;
    assert_eq!(
        (&told["type"], &told["data"]["events"]),
        (&json!(19), &json!([]))
    );
    let told = comes_back(&ada, room, &seen["epoch"], 0).await;
    assert_eq!(
        (&told["type"], contents(&told["data"]).len()),
        (&json!(21), 0)
    );
    let (mut ada_ws, _) = ada.hears(room).await;
    let next = says(&mut ada_ws, room, "the first word", &Value::Null).await;
    for field in ["id", "seq"] {
        assert!(
            next[field].as_i64() > last[field].as_i64(),
            "{field}: {next} after {last}"
        );
    }
    let page = ada
        .may("GET", &format!("rooms/{room}/messages"), &Value::Null)
        .await;
    assert_eq!(contents(&page), ["the first word"]);
}
