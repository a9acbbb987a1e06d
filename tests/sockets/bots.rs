//! Bots: accounts that the operator makes for programs, which nobody signs in to.

use serde_json::{Value, json};

use crate::support::{Guest, Member, Server};

/// Runs `teahouse bot …`; gives what it says, or why it does not.
fn bot(server: &Server, arguments: &[&str]) -> Result<String, String> {
    let all: Vec<&str> = ["bot"].iter().chain(arguments).copied().collect();
    let (code, out, err) = server.run(&all, "");
    if code == Some(0) { Ok(out) } else { Err(err) }
}

#[tokio::test]
async fn a_bot_is_made_listed_and_removed_and_nobody_signs_in_as_one() {
    let server = Server::start(&[]);
    let mut ada = Member::new(&server, "Ada").await;
    server.crown("Ada");
    let made = bot(&server, &["add", "Deploys"]);
    assert_eq!(made.unwrap(), "the bot Deploys is made\n");
    for (name, why) in [
        ("deploys", "there is an account named deploys already"),
        ("ADA", "there is an account named ADA already"),
        ("!!!", "cannot be a name"),
    ] {
        let refused = bot(&server, &["add", name]).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
    let listed = bot(&server, &["list"]).unwrap();
    let (head, row) = listed.trim_end().split_once('\n').unwrap();
    assert_eq!(head, "id\tkeys\thooks\tmade\tby\tname");
    assert!(
        row.starts_with("u2\t0\t0\t") && row.ends_with("\t-\tDeploys"),
        "{row}"
    );
    let people = server.run(&["user", "list"], "").1;
    assert!(
        people.contains("Ada") && !people.contains("Deploys"),
        "{people}"
    );

    let mut thief = Guest::visiting(&server).await;
    for password in ["", " ", "a long pass phrase"] {
        let answer = thief.sign_in("Deploys", password).await;
        assert!(
            [400, 401].contains(&answer.status),
            "{password:?}: {answer:?}"
        );
    }
    let taken = thief.register("Deploys", "a long pass phrase").await;
    assert_eq!(
        (taken.status, taken.error()),
        (409, "name_taken".to_owned())
    );
    for arguments in [
        &["user", "passwd", "Deploys", "--password-stdin"][..],
        &["user", "password-link", "Deploys"],
        &["user", "role", "Deploys", "admin"],
        &["user", "delete", "Deploys", "--yes"],
    ] {
        let (code, _, err) = server.run(arguments, "a long pass phrase\n");
        assert!(code == Some(1) && err.contains("Deploys is a bot"), "{err}");
    }
    let refused = ada
        .may_not("POST", "people/u2/password-link", &json!({}))
        .await;
    assert_eq!(refused, (403, "house_only".to_owned()));
    let found = ada.may("GET", "people?q=depl", &Value::Null).await;
    let found = &found["people"][0];
    assert_eq!(
        (&found["bot"], &found["kind"]),
        (&json!(true), &json!("user"))
    );
    assert_eq!(found["here"], "off");
    let found = ada.may("GET", "people?q=ada", &Value::Null).await;
    assert!(found["people"][0].get("bot").is_none(), "{found}");

    assert!(
        bot(&server, &["remove", "Ada"])
            .unwrap_err()
            .contains("no bot named Ada")
    );
    bot(&server, &["remove", "deploys"]).unwrap();
    assert_eq!(bot(&server, &["list"]).unwrap().trim_end(), head);
    let found = ada.may("GET", "people?q=depl", &Value::Null).await;
    assert_eq!(found["people"], json!([]));
    bot(&server, &["add", "Deploys"]).unwrap();
}
