//! What is left of a deleted account: nothing that has its name.

use serde_json::{Value, json};

use crate::support::{Guest, Member, Server, eventually};

/// A name like no other word of the server, and what every spelling of it has.
const NAME: &str = "Zyxwvut שלום";
const MARKS: [&str; 2] = ["zyxwvut", "שלום"];

const PASSWORD: &str = "seven bowls 七碗茶";

fn named(server: &Server) -> Vec<String> {
    cells_with(server, &MARKS)
}

/// Every cell of the database that has one of these in it, as table.column: what stands there.
pub fn cells_with(server: &Server, marks: &[&str]) -> Vec<String> {
    let cells = server.cells();
    assert!(cells.len() > 8, "{cells:?}");
    let cells = cells
        .into_iter()
        .map(|(column, text)| (column, text.to_lowercase()));
    let found = cells.filter(|(_, text)| marks.iter().any(|mark| text.contains(mark)));
    found
        .map(|(column, text)| format!("{column}: {text}"))
        .collect()
}

#[tokio::test]
async fn nobody_comes_in_by_the_invitation_of_a_deleted_account() {
    let mut server = Server::start(&[]);
    let mut olga = Member::new(&server, "Olga").await;
    let mut ada = Member::new(&server, NAME).await;
    let mut bob = Member::new(&server, "Bob").await;
    let room = olga.makes("private", "Attic").await;
    let to_ada = olga.invites(room, &json!({})).await;
    ada.accepts(&to_ada).await;
    olga.gives_role(room, &ada, "admin").await;
    let to_bob = ada.invites(room, &json!({})).await;
    let path = format!("invitations/{to_bob}");
    let shown = bob.may("GET", &path, &Value::Null).await;
    assert_eq!(shown["invitation"]["by"]["name"], NAME);
    ada.may("DELETE", "me", &json!({"password": PASSWORD}))
        .await;
    let refused = (404, "bad_invitation".to_owned());
    for method in ["GET", "POST"] {
        assert_eq!(bob.may_not(method, &path, &Value::Null).await, refused);
    }
    server.stop();
    server.launch();
    let page = Guest::of(&server).get(&format!("/join/{to_bob}")).await;
    assert!(page.status == 404 && !page.text().contains(MARKS[1]));
    let page = Guest::of(&server).get(&format!("/join/{to_ada}")).await;
    assert_eq!(page.status, 200, "others' are good as before");
}

#[tokio::test]
async fn a_deleted_account_leaves_its_name_nowhere() {
    let mut server = Server::start(&[]);
    let mut olga = Member::new(&server, "Olga").await;
    server.crown("Olga");

    // As a visitor of this name, then as an account.
    let mut guest = Guest::visiting(&server).await;
    let renamed = guest
        .change("PUT", "/api/v1/me/name", &json!({"name": NAME}))
        .await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    let (mut before, _) = guest.feed().await;
    let early = before.post("said as a visitor").await["id"].clone();
    before
        .change(&early, &json!({"do": "react", "emoji": "👍", "on": true}))
        .await;
    let answer = guest.register(NAME, PASSWORD).await;
    let id = answer.json()["me"]["id"].as_str().unwrap().to_owned();
    let mut ada = Member { guest, id };
    assert_eq!(server.run(&["user", "role", NAME, "admin"], "").0, Some(0));

    // Says and does everything.
    let (mut ada_ws, _) = ada.guest.feed().await;
    let said = ada_ws.post("one").await["id"].clone();
    ada_ws
        .change(&said, &json!({"do": "edit", "content": "two"}))
        .await;
    for does in [
        json!({"do": "react", "emoji": "🍵", "on": true}),
        json!({"do": "pin", "on": true}),
    ] {
        ada_ws.change(&said, &does).await;
    }
    let gone = ada_ws.post("three").await["id"].clone();
    ada_ws.change(&gone, &json!({"do": "recall"})).await;
    let own = ada.makes("private", "Cellar").await;
    let public = ada.makes("public", "Oolong").await;
    ada.may(
        "PATCH",
        &format!("rooms/{own}"),
        &json!({"notice": "n", "topic": "t"}),
    )
    .await;
    let to_own = ada.invites(own, &json!({})).await;
    olga.accepts(&to_own).await;
    ada.gives_role(own, &olga, "admin").await;
    let direct = json!({"people": [olga.id.clone()]});
    ada.may("POST", "direct", &direct).await;
    let to_server = ada.may("POST", "invitations", &json!({})).await;
    let to_server = to_server["invitation"]["code"].as_str().unwrap().to_owned();
    ada.may("PUT", "me/profile", &json!({"hue": 15})).await;
    ada.may("PUT", "preferences", &json!({"clock": "12"})).await;
    // Has things done to them, in a room of another's where they are an admin.
    let other = olga.makes("private", "Attic").await;
    let code = olga.invites(other, &json!({})).await;
    ada.accepts(&code).await;
    olga.gives_role(other, &ada, "muted").await;
    olga.gives_role(other, &ada, "member").await;
    olga.gives_role(other, &ada, "admin").await;
    let to_other = ada.invites(other, &json!({})).await;
    // Goes and comes, is called otherwise, sits elsewhere too.
    olga.joins(public).await;
    ada.may("PUT", "me/name", &json!({"name": format!("{NAME} 2")}))
        .await;
    let (mut renamed, _) = ada.guest.feed().await;
    renamed.post("under another name").await;
    Guest::visiting(&server)
        .await
        .sign_in(&format!("{NAME} 2"), PASSWORD)
        .await;
    let path = format!("people/{}/password-link", ada.id);
    olga.may("POST", &path, &Value::Null).await;
    assert!(!named(&server).is_empty());

    ada.may("DELETE", "me", &json!({"password": PASSWORD}))
        .await;
    let check = async |server: &Server| {
        for code in [&to_own, &to_other, &to_server] {
            let shown = Guest::of(server)
                .get(&format!("/api/v1/invitations/{code}"))
                .await;
            assert_eq!(
                (shown.status, shown.error().as_str()),
                (404, "bad_invitation")
            );
            let page = Guest::of(server).get(&format!("/join/{code}")).await;
            assert_eq!(page.status, 404);
            assert!(!page.text().contains("Zyxwvut"));
        }
    };
    check(&server).await;
    let waiting = "SELECT count(*) FROM users WHERE deleted_at IS NOT NULL AND erased_at IS NULL";
    let erased = async || server.number(waiting) == 0;
    eventually("it is erased", erased).await;
    server.stop();
    assert_eq!(named(&server), Vec::<String>::new());
    server.launch();
    check(&server).await;
    // Others' invitations are good as before.
    let shown = Guest::of(&server)
        .get(&format!("/api/v1/invitations/{code}"))
        .await;
    assert_eq!(shown.status, 200);
}
