//! What the command line does to rooms, beside a server that runs and without one.

use serde_json::{Value, json};

use crate::erasure::cells_with;
use crate::room_deletion::{MARK, is_emptied, loses};
use crate::search::says;
use crate::support::{Member, Server, on_postgres};

#[tokio::test]
async fn the_operator_deletes_rooms_beside_a_server_that_runs_and_without_one() {
    let mut server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    let bob = Member::new(&server, "Bob").await;
    let mut rooms = Vec::new();
    for name in ["Tea", "Coffee"] {
        let room = ada.makes("public", name).await;
        bob.clone().joins(room).await;
        let (mut ada_ws, _) = ada.hears(room).await;
        for number in 0..3 {
            says(&mut ada_ws, room, &format!("{MARK} {number}")).await;
        }
        rooms.push(room);
    }
    let direct = json!({"people": [bob.id.clone()]});
    let direct = ada.may("POST", "direct", &direct).await["room"]["id"].to_string();
    let delete = |server: &Server, id: &str, yes: bool| {
        let words = ["room", "delete", id, "--yes"];
        server.run(&words[..if yes { 4 } else { 3 }], "")
    };
    let tea = rooms[0].to_string();
    let (code, out, err) = delete(&server, &tea, false);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    for words in ["public room \"Tea\"", "(2)", "3 messages", "--yes"] {
        assert!(err.contains(words), "{words}: {err}");
    }
    assert_eq!(bob.clone().sees(rooms[0]).await["name"], "Tea");
    for (id, words) in [
        ("1", "the lobby"),
        (direct.as_str(), "a direct room"),
        ("77", "no room with the id 77"),
    ] {
        let (code, _, err) = delete(&server, id, true);
        assert!(code == Some(1) && err.contains(words), "{id}: {err}");
    }

    let (mut bob_ws, _) = bob.hears(rooms[0]).await;
    let (code, out, err) = delete(&server, &tea, true);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("\"Tea\"") && out.contains("the server that runs"),
        "{out}"
    );
    loses(&mut bob_ws, rooms[0]).await;
    assert_eq!(
        ada.call("GET", &format!("rooms/{tea}"), &Value::Null)
            .await
            .status,
        404
    );
    is_emptied(&server).await;
    let log = server.stop().log;
    let line = format!("room deleted room={tea} name=\"Tea\" by=\"operator\"");
    assert!(log.contains(&line), "{line} is not in {log}");

    let coffee = rooms[1].to_string();
    assert!(!cells_with(&server, &[MARK]).is_empty());
    let (code, out, err) = delete(&server, &coffee, true);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("\"Coffee\""), "{out}");
    // Whether somebody else has a PostgreSQL database is not known: the next server empties the room.
    if on_postgres() {
        server.launch();
        is_emptied(&server).await;
        server.stop();
    } else {
        assert!(!out.contains("server"), "{out}");
    }
    assert_eq!(server.number("SELECT count(*) FROM deleted_rooms"), 0);
    assert_eq!(cells_with(&server, &[MARK]), Vec::<String>::new());
    server.launch();
    let (_, welcome) = bob.follow(&server).hears(1).await;
    let left = welcome["rooms"].as_array().unwrap();
    assert_eq!(left.len(), 2, "the lobby, and the room of two: {welcome}");
}
