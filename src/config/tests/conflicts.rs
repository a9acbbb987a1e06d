//! Settings that do not go together.

use super::mistakes::{problem_of, problems_of};
use super::*;
use crate::config::{Registration, SiteKey};

#[test]
fn impossible_combinations_point_at_the_line_that_makes_them() {
    let rest = "[heartbeat] timeout (90s) must be longer than interval (2m); for example: timeout = \"6m\"";
    assert_eq!(
        problem_of("[heartbeat]\ninterval = \"2m\""),
        format!("f:2:1: {rest}")
    );
    assert_eq!(
        from_environment("TEAHOUSE__HEARTBEAT__INTERVAL", "120").unwrap_err(),
        format!("environment TEAHOUSE__HEARTBEAT__INTERVAL: {rest}")
    );
    let shown = problem_of("[heartbeat]\ngrace = \"8s\"\ntimeout = 25\ninterval = 25");
    assert!(
        shown.starts_with("f:3:1: [heartbeat] timeout (25s) "),
        "{shown}"
    );
    // A wrong value in the section is said alone.
    assert_eq!(
        problems_of(b"[heartbeat]\ninterval = \"2m\"\ntimeout = \"x\"").len(),
        1
    );
}

#[test]
fn nats_without_a_database_that_nodes_can_share_points_at_its_line() {
    let rest = "[cluster] nats is for several nodes that share a PostgreSQL database: set [storage] url to \
                \"postgres://USER@HOST/DATABASE\", or remove this";
    assert_eq!(
        problem_of("[cluster]\nnode = \"a\"\nnats = [\"nats://127.0.0.1:4222\"]"),
        format!("f:3:1: {rest}")
    );
    assert_eq!(
        from_environment("TEAHOUSE__CLUSTER__NATS", "nats://a,tls://b").unwrap_err(),
        format!("environment TEAHOUSE__CLUSTER__NATS: {rest}")
    );
    let shared = "[storage]\nurl = \"postgres://teahouse@127.0.0.1/teahouse\"\n[cluster]\nnats = [\"nats://a\"]";
    assert!(load(shared, &[]).is_ok());
}

#[test]
fn secrets_that_are_given_twice_or_to_nobody_point_at_their_lines() {
    let postgres = "[storage]\nurl = \"postgres://tea@db1/tea\"\n";
    for (text, place, words) in [
        ("durability = \"relaxed\"", 3, "with PostgreSQL leave it at"),
        ("password = \"a\"\npassword_file = \"b\"", 3, "are both set"),
        (
            "[cluster]\nnats = [\"nats://a\"]\nnats_password = \"x\"",
            5,
            "whom no address names",
        ),
        (
            "[cluster]\nnats = [\"nats://a@a\"]\nnats_password = \"x\"\ncredentials = \"y\"",
            5,
            "nats_password and credentials are both set",
        ),
        (
            "[cluster]\nnats = [\"nats://a@a\", \"nats://b@b\"]",
            4,
            "several users",
        ),
        (
            "[uploads]\ns3_secret = \"x\"\ns3_secret_file = \"y\"",
            4,
            "are both set",
        ),
    ] {
        let shown = problem_of(&format!("{postgres}{text}"));
        assert!(
            shown.starts_with(&format!("f:{place}:")) && shown.contains(words),
            "{shown}"
        );
    }
    let silent = "[cluster]\nnats_password = \"x\"";
    assert!(load(silent, &[]).is_ok(), "NATS may be off for a while");
}

#[test]
fn without_passwords_somebody_else_says_who_people_are() {
    let off = "[accounts]\npasswords = false\n";
    assert_eq!(
        problem_of(off),
        "f:2:1: [accounts] passwords = false lets nobody sign in but by a site: set [site] keys too (`teahouse site-key` makes \
         one), or remove this"
    );
    let key = SiteKey::line("2026a", &[7; 32]);
    let site = format!(
        "{off}[server]\npublic_url = \"https://chat.example.org\"\n[site]\nkeys = [\"{key}\"]\n"
    );
    let config = load(&site, &[]).unwrap();
    assert_eq!(config.accounts.registration(), Registration::Closed);
    assert_eq!(config.accounts.registration, Registration::Open);
}
