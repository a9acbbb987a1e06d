//! The site's program brings people into rooms and takes them out again.

use serde_json::{Value, json};
use teahouse::protocol::kinds;

use crate::house::{Program, refused};
use crate::support::{Member, Server};

struct Scene {
    server: Server,
    owner: Member,
    program: Program,
    /// Somebody of the site's.
    ada: String,
}

async fn scene() -> Scene {
    let server = Server::start(&[]);
    let owner = Member::new(&server, "Olga").await;
    let program = Program::new(&server).await;
    let ada = program.knows("4711", "Ada").await;
    Scene {
        server,
        owner,
        program,
        ada,
    }
}

fn path(room: i64) -> String {
    format!("rooms/{room}/members/site:4711")
}

/// Names and roles in a room, as its owner sees them.
async fn members(owner: &mut Member, room: i64) -> Vec<(String, String)> {
    let seen = owner
        .may("GET", &format!("rooms/{room}/members"), &Value::Null)
        .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let members = seen["members"].as_array().unwrap().iter();
    let mut members: Vec<_> = members
        .map(|one| (text(&one["name"]), text(&one["role"])))
        .collect();
    members.sort_unstable();
    members
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, role)| ((*name).to_owned(), (*role).to_owned()))
        .collect()
}

#[tokio::test]
async fn into_a_public_room_and_out_of_it_they_go_by_themselves() {
    let mut scene = scene().await;
    let room = scene.owner.makes("public", "Kitchen").await;
    let (mut ws, _) = scene.owner.hears(room).await;
    for (method, kind) in [("PUT", "join"), ("DELETE", "leave")] {
        assert_eq!(
            scene.program.may(method, &path(room), &Value::Null).await,
            json!({})
        );
        let event = ws.data(u64::from(kinds::EVENT)).await;
        assert_eq!(
            (&event["kind"], &event["who"]["id"]),
            (&json!(kind), &json!(scene.ada))
        );
        assert_eq!(event["by"]["id"], json!(scene.ada));
        // Once more changes nothing.
        assert_eq!(
            scene.program.may(method, &path(room), &Value::Null).await,
            json!({})
        );
        let there = members(&mut scene.owner, room).await;
        assert_eq!(there.len(), if kind == "join" { 2 } else { 1 });
    }
    // Whoever is banned stays so.
    scene.program.may("PUT", &path(room), &Value::Null).await;
    let of_ada = format!("rooms/{room}/members/{}", scene.ada);
    scene
        .owner
        .may("PUT", &of_ada, &json!({"role": "banned"}))
        .await;
    let answer = scene
        .program
        .may_not("PUT", &path(room), &Value::Null)
        .await;
    assert_eq!(answer, refused(404, "not_found"));
    scene.program.may("DELETE", &path(room), &Value::Null).await;
    let there = members(&mut scene.owner, room).await;
    assert_eq!(there, of(&[("Ada", "banned"), ("Olga", "owner")]));
    // Who owns a room stays in it.
    let of_owner = format!("rooms/{room}/members/{}", scene.owner.id);
    let answer = scene
        .program
        .may_not("DELETE", &of_owner, &Value::Null)
        .await;
    assert_eq!(answer.1, "owner_stays");
}

#[tokio::test]
async fn into_a_private_room_they_are_brought_by_whoever_may_invite() {
    let mut scene = scene().await;
    let room = scene.owner.makes("private", "Cellar").await;
    for method in ["PUT", "DELETE"] {
        let unseen = scene
            .program
            .may_not(method, &path(room), &Value::Null)
            .await;
        let missing = scene.program.may_not(method, &path(99), &Value::Null).await;
        assert_eq!((&unseen, &unseen), (&missing, &refused(404, "not_found")));
    }
    let hook = json!({"room": room, "bot": "Robot"});
    scene.owner.may("POST", "hooks", &hook).await;
    let answer = scene
        .program
        .may_not("PUT", &path(room), &Value::Null)
        .await;
    assert_eq!(
        answer,
        refused(403, "not_allowed"),
        "a member invites nobody"
    );
    let of_robot = format!("rooms/{room}/members/{}", scene.program.id);
    let admin = json!({"role": "admin"});
    scene.owner.may("PUT", &of_robot, &admin).await;
    let (mut ws, _) = scene.owner.hears(room).await;
    for (method, kind) in [("PUT", "join"), ("DELETE", "remove"), ("PUT", "join")] {
        scene.program.may(method, &path(room), &Value::Null).await;
        let event = ws.data(u64::from(kinds::EVENT)).await;
        assert_eq!(
            (&event["kind"], &event["who"]["id"]),
            (&json!(kind), &json!(scene.ada))
        );
        assert_eq!(
            event["by"]["id"],
            json!(scene.program.id),
            "by whom is seen by all"
        );
        scene.program.may(method, &path(room), &Value::Null).await;
    }
    let there = members(&mut scene.owner, room).await;
    assert_eq!(
        there,
        of(&[("Ada", "member"), ("Olga", "owner"), ("Robot", "admin")])
    );
    // A ban is lifted by people.
    let of_ada = format!("rooms/{room}/members/{}", scene.ada);
    scene
        .owner
        .may("PUT", &of_ada, &json!({"role": "banned"}))
        .await;
    let answer = scene
        .program
        .may_not("PUT", &path(room), &Value::Null)
        .await;
    assert_eq!(answer, refused(403, "not_allowed"));
    scene.program.may("DELETE", &path(room), &Value::Null).await;
    let there = members(&mut scene.owner, room).await;
    assert!(
        there.contains(&("Ada".to_owned(), "banned".to_owned())),
        "{there:?}"
    );
    // An admin does not remove the owner.
    let of_owner = format!("rooms/{room}/members/{}", scene.owner.id);
    let answer = scene
        .program
        .may_not("DELETE", &of_owner, &Value::Null)
        .await;
    assert_eq!(answer, refused(403, "not_allowed"));
    let member = json!({"role": "member"});
    scene.owner.may("PUT", &of_robot, &member).await;
    let bob = scene
        .program
        .may_not("DELETE", &of_owner, &Value::Null)
        .await;
    assert_eq!(bob, refused(403, "not_allowed"));
}

#[tokio::test]
async fn nobody_is_put_into_a_lobby_or_a_conversation() {
    let mut scene = scene().await;
    let direct = json!({"people": [scene.program.id]});
    let direct = scene.owner.may("POST", "direct", &direct).await["room"]["id"]
        .as_i64()
        .unwrap();
    for room in [1, direct] {
        for method in ["PUT", "DELETE"] {
            let answer = scene
                .program
                .may_not(method, &path(room), &Value::Null)
                .await;
            assert_eq!(answer, refused(403, "not_allowed"), "{method} {room}");
        }
    }
    let room = scene.owner.makes("public", "Kitchen").await;
    for who in ["v0000000000000001", "u4711", "site:1"] {
        let path = format!("rooms/{room}/members/{who}");
        let answer = scene.program.may_not("PUT", &path, &Value::Null).await;
        assert_eq!(answer, refused(404, "not_found"), "{who}");
    }
    drop(scene.server);
}
