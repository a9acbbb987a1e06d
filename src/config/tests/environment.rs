//! What an operator reads of variables: which one, and what to do.

use super::{from_environment, load};
use crate::config::{Names, SiteKey};

#[test]
fn problems_of_the_environment_name_the_variable() {
    for (name, value, expected) in [
        (
            "TEAHOUSE__CHAT__GUESTS",
            "all",
            "environment TEAHOUSE__CHAT__GUESTS: must be \"write\", \"read\" or \"off\", not \"all\"; for example: TEAHOUSE__CHAT__GUESTS=write",
        ),
        (
            "TEAHOUSE__CHAT__HISTORY",
            "",
            "environment TEAHOUSE__CHAT__HISTORY: must be a whole number from 0 to 1000, not \"\"; for example: TEAHOUSE__CHAT__HISTORY=50",
        ),
        (
            "TEAHOUSE__SERVER__TRUSTED_PROXIES",
            "10.0.0.0/8,proxy",
            "environment TEAHOUSE__SERVER__TRUSTED_PROXIES: must be a list of addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"], not \"proxy\"",
        ),
        (
            "TEAHOUSE__CHAT__NAM",
            "x",
            "environment TEAHOUSE__CHAT__NAM: is not a setting; did you mean TEAHOUSE__CHAT__NAME?",
        ),
        (
            "TEAHOUSE__chat__name",
            "x",
            "environment TEAHOUSE__chat__name: is not a setting; did you mean TEAHOUSE__CHAT__NAME?",
        ),
        (
            "TEAHOUSE__COLOUR",
            "x",
            "environment TEAHOUSE__COLOUR: is not a setting; the name of one is TEAHOUSE__SECTION__KEY, and `teahouse default-config` shows them all",
        ),
        (
            "TEAHOUSE__CHAT__NAME",
            "\u{fffd}",
            "environment TEAHOUSE__CHAT__NAME: must be UTF-8 text",
        ),
    ] {
        assert_eq!(from_environment(name, value).unwrap_err(), expected);
    }
    assert!(from_environment("TEAHOUSE_DEBUG", "x").is_ok());
    assert!(from_environment("PATH", "/bin").is_ok());
}

#[test]
fn problems_come_in_the_order_of_the_file_then_of_the_variables() {
    let text = "[limits]\nconnections = -1\n[chat]\nhistory = -1\n[colours]\n";
    let pairs = [
        ("TEAHOUSE__GEO__DATABASE", "x"),
        ("TEAHOUSE__CHAT__GUESTS", "x"),
    ];
    let shown = load(text, &pairs).unwrap_err().to_string();
    let found: Vec<usize> = [
        "] connections",
        "] history",
        "[colours]",
        "CHAT__GUESTS: ",
        "GEO__DATABASE: ",
    ]
    .iter()
    .map(|part| shown.find(part).unwrap())
    .collect();
    assert!(found.is_sorted(), "{shown}");
    assert_eq!(load(text, &pairs).unwrap_err().count(), 5);
}

#[test]
fn keys_of_the_site_come_from_a_variable_too() {
    let keys = ["2026a", "2026b"].map(|id| SiteKey::line(id, id.repeat(7).as_bytes()));
    let variables = [
        ("TEAHOUSE__SERVER__PUBLIC_URL", "https://chat.example.org"),
        ("TEAHOUSE__SITE__KEYS", &*keys.join(",")),
        ("TEAHOUSE__SITE__NAMES", "own"),
        ("TEAHOUSE__SITE__ROLES", "true"),
    ];
    let site = load("", &variables).unwrap().site;
    let taken: Vec<_> = site.keys.iter().map(SiteKey::id).collect();
    assert_eq!(taken, ["2026a", "2026b"]);
    assert_eq!(
        (site.names, site.roles, &*site.issuer),
        (Names::Own, true, "site")
    );
}
