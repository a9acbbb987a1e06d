//! What an operator reads: a line for every mistake, with its place and what to do.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use super::{from_environment, load};
use crate::config::Config;

/// The problems of a file, with its name shortened to `f`.
pub(super) fn problems_of(text: &[u8]) -> Vec<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let problems = Config::load(Some(file.path()), &BTreeMap::new()).unwrap_err();
    let shown = problems
        .to_string()
        .replace(file.path().to_str().unwrap(), "f");
    shown.lines().map(str::to_owned).collect()
}

pub(super) fn problem_of(text: &str) -> String {
    let problems = problems_of(text.as_bytes());
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.concat()
}

#[test]
fn three_mistakes_are_all_shown_with_line_column_and_advice() {
    let text = "[server]\nbimd = \"127.0.0.1:1\"\n\n[chat]\nhistory = 5000\nguests = \"wirte\"\n";
    assert_eq!(
        problems_of(text.as_bytes()),
        [
            "f:2:1: [server] bimd is not a setting; did you mean \"bind\"?",
            "f:5:11: [chat] history must be a whole number from 0 to 1000, not 5000; for example: history = 50",
            "f:6:10: [chat] guests must be \"write\", \"read\" or \"off\", not \"wirte\"; for example: guests = \"write\"",
        ]
    );
}

#[test]
fn a_wrong_value_says_what_it_must_be_and_gives_an_example() {
    for (text, expected) in [
        (
            "[server]\nbind = \"localhost\"",
            "f:2:8: [server] bind must be an IP address with a port, such as \"0.0.0.0:8080\" or \"[::]:8080\", not \"localhost\"",
        ),
        (
            "[server]\nworkers = -1",
            "f:2:11: [server] workers must be a whole number from 0 to 1024, not -1; for example: workers = 0",
        ),
        (
            "[server]\nworkers = 1.5",
            "f:2:11: [server] workers must be a whole number from 0 to 1024, not 1.5; for example: workers = 0",
        ),
        (
            "[server]\npublic_url = \"https://x.org/chat\"",
            "f:2:14: [server] public_url must be a web address without a path, such as \"https://chat.example.org\", or \"\", not \"https://x.org/chat\"",
        ),
        (
            "[server]\npublic_url = \"x.org\"",
            "f:2:14: [server] public_url must be a web address without a path, such as \"https://chat.example.org\", or \"\", not \"x.org\"",
        ),
        (
            "[server]\ntrusted_proxies = \"10.0.0.0/8\"",
            "f:2:19: [server] trusted_proxies must be a list of addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"], not \"10.0.0.0/8\"",
        ),
        (
            "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"10.0.0.0/33\", 5]",
            "f:2:19: [server] trusted_proxies must be a list of addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"], not [\"10.0.0.0/33\", 5]",
        ),
        (
            "[server]\nallowed_origins = [\"*\"]",
            "f:2:19: [server] allowed_origins must be a list of sites as scheme://host[:port], such as [\"https://blog.example.org\"], not \"*\"",
        ),
        (
            "[server]\ndata = \"\"",
            "f:2:8: [server] data must be the path of a directory, not \"\"; for example: data = \"data\"",
        ),
        (
            "[chat]\nkeep_days = -1",
            "f:2:13: [chat] keep_days must be a whole number from 0 to 36500, not -1; for example: keep_days = 0",
        ),
        (
            "[uploads]\nfile_bytes = \"5 MB\"",
            "f:2:14: [uploads] file_bytes must be a size from 1 B to 100 GiB, not \"5 MB\"; for example: file_bytes = \"100 MiB\"",
        ),
        (
            "[uploads]\nspeed = 1000",
            "f:2:9: [uploads] speed must be 0 or a size from 1 MiB to 1000 TiB, not 1000; for example: speed = \"200 MiB\"",
        ),
        (
            "[uploads]\nrefuse = [\"exe\", \"a.b\"]",
            "f:2:10: [uploads] refuse must be a list of endings of file names, such as [\"exe\", \"apk\"], not \"a.b\"",
        ),
        (
            "[uploads]\nwho = \"all\"",
            "f:2:7: [uploads] who must be \"everybody\", \"members\", \"admins\" or \"nobody\", not \"all\"; for example: who = \"members\"",
        ),
        (
            "[storage]\nfailover = \"none\"",
            "f:2:12: [storage] failover must be \"lossy\" or \"lossless\", not \"none\"; for example: failover = \"lossy\"",
        ),
        (
            "[storage]\ndurability = \"none\"",
            "f:2:14: [storage] durability must be \"full\" or \"relaxed\", not \"none\"; for example: durability = \"full\"",
        ),
        (
            "[storage]\nurl = \"mysql://x\"",
            "f:2:7: [storage] url must be \"sqlite:PATH\" (such as \"sqlite:/var/lib/teahouse/room.db\"), \"postgres://USER@HOST/DATABASE\", \"memory:\", or \"\" for a file in the data directory, not \"mysql://x\"",
        ),
        (
            "[session]\nttl = \"0s\"",
            "f:2:7: [session] ttl must be a time from 1s to 400d, not \"0s\"; for example: ttl = \"30d\"",
        ),
        (
            "[session]\nttl = \"two weeks\"",
            "f:2:7: [session] ttl must be a time from 1s to 400d, not \"two weeks\"; for example: ttl = \"30d\"",
        ),
        (
            "[chat]\nrecall_window = -5",
            "f:2:17: [chat] recall_window must be \"always\" or a time from 0s to 365d, not -5; for example: recall_window = \"always\"",
        ),
        (
            "[chat]\nmax_message_chars = 0",
            "f:2:21: [chat] max_message_chars must be a whole number from 1 to 20000, not 0; for example: max_message_chars = 4000",
        ),
        (
            "[chat]\nshow_ip = \"no\"",
            "f:2:11: [chat] show_ip must be true or false, not \"no\"; for example: show_ip = false",
        ),
        (
            "[chat]\nname = 123",
            "f:2:8: [chat] name must be text in quotes, not 123",
        ),
        (
            "[chat]\nname = \"a\\nb\"",
            "f:2:8: [chat] name must be one line of plain text, not \"a\\nb\"",
        ),
        (
            "[heartbeat]\ninterval = \"2h\"",
            "f:2:12: [heartbeat] interval must be a time from 1s to 1h, not \"2h\"; for example: interval = \"25s\"",
        ),
        (
            "[limits]\nconnections = 9999999999",
            "f:2:15: [limits] connections must be a whole number from 0 to 1000000, not 9999999999; for example: connections = 18000",
        ),
        (
            "[geo]\ndatabase = \"places.csv\"",
            "f:2:12: [geo] database must be the path of an .xdb or .mmdb file, such as \"/var/lib/teahouse/ip2region.xdb\", or \"\" for none, not \"places.csv\"",
        ),
    ] {
        assert_eq!(problem_of(text), expected);
    }
}

#[test]
fn numbers_beyond_every_range_and_long_values_are_survived() {
    let shown = problem_of("[limits]\nconnections = 99999999999999999999999999");
    assert!(
        shown.starts_with("f:2:15: [limits] connections "),
        "{shown}"
    );
    let shown = problem_of(&format!("[chat]\nname = \"{}\"", "茶".repeat(41)));
    assert_eq!(
        shown,
        "f:2:8: [chat] name must have at most 40 characters, not 41"
    );
    let shown = problem_of(&format!("[chat]\nguests = \"{}\"", "x".repeat(10_000)));
    assert!(shown.len() < 200, "{shown}");
    let list = format!("[server]\ntrusted_proxies = [{}]", "\"::1\",".repeat(257));
    assert!(problem_of(&list).contains("must have at most 256 entries, not 257"));
}

#[test]
fn sqlite_addresses_that_other_programs_read_differently_are_refused() {
    for url in [
        "sqlite:",
        "sqlite://room.db",
        "sqlite::memory:",
        "memory",
        "mysql:x",
        "room.db",
        "sqlite:postgres://tea@db1/tea",
    ] {
        let shown = problem_of(&format!("[storage]\nurl = \"{url}\""));
        assert!(shown.contains("\"memory:\""), "{shown}");
    }
}

#[test]
fn unknown_sections_and_misplaced_settings_are_explained() {
    for (text, expected) in [
        (
            "[sever]\nbind = \"x\"",
            "f:1:2: [sever] is not a section; did you mean [server]?",
        ),
        (
            "[colours]",
            "f:1:2: [colours] is not a section; there are [server], [storage], [cluster], [session], [accounts], [site], [chat], [rooms], [uploads], [heartbeat], [limits], [embed], [bots], [hooks], [geo]",
        ),
        (
            "bind = \"127.0.0.1:1\"",
            "f:1:1: bind stands outside of its section; put it under [server]",
        ),
        (
            "chat = 5",
            "f:1:1: chat is a section: write [chat] on a line of its own and its settings below it",
        ),
        (
            "[[chat]]\nhistory = 1",
            "f:1:3: chat is a section: write [chat] on a line of its own and its settings below it",
        ),
        (
            "[chat]\nconnections = 5",
            "f:2:1: [chat] connections is not a setting of this section; it belongs to [limits]",
        ),
        (
            "[session]\ncolour = 5",
            "f:2:1: [session] colour is not a setting; [session] has ttl, key_file",
        ),
        (
            "[chat.extra]\nx = 1",
            "f:1:7: [chat] extra is not a setting; [chat] has history, recall_window, max_message_chars, keep_days, guests, show_ip, name, notice",
        ),
    ] {
        assert_eq!(problem_of(text), expected);
    }
}

#[test]
fn a_syntax_error_shows_its_line_and_other_mistakes_are_still_found() {
    assert_eq!(
        problems_of(b"[server]\nbind = 127.0.0.1:8080 # here\n[chat]\nhistori = 5\n"),
        [
            "f:2:13: not TOML: text needs quotes: bind = \"127.0.0.1:8080\"; the line reads: bind = 127.0.0.1:8080 # here",
            "f:4:1: [chat] histori is not a setting; did you mean \"history\"?",
        ]
    );
    for (text, expected) in [
        (
            "[chat]\nrecall_window = 2m",
            "f:2:17: not TOML: text needs quotes: recall_window = \"2m\"; the line reads: recall_window = 2m",
        ),
        (
            "[chat]\nhistory=\n",
            "f:2:9: not TOML: history has no value; the line reads: history=",
        ),
        (
            "[chat]\nhistory 5",
            "f:2:9: not TOML: a setting is written name = value; the line reads: history 5",
        ),
        (
            "[chat]\nname = \"tea",
            "f:2:12: not TOML: invalid basic string; the line reads: name = \"tea",
        ),
        (
            "[chat]\nhistory = 1\nhistory = 2",
            "f:3:1: not TOML: this name is there twice; remove one of them; the line reads: history = 2",
        ),
        (
            "[chat\nhistory = 5",
            "f:1:6: not TOML: unclosed table; the line reads: [chat",
        ),
    ] {
        assert_eq!(problem_of(text), expected);
    }
}

#[test]
fn an_open_list_or_section_is_said_once_and_hides_no_other_section() {
    let list = "[server]\ntrusted_proxies = [\n\"::1\",\n[chat]\nhistory = 5\nname = \"x\"\n";
    assert_eq!(
        problem_of(list),
        "f:4:2: not TOML: a list above this line lacks its closing ]; the line reads: [chat]"
    );
    assert_eq!(
        problems_of(b"[chat\nhistory = 5\nguests = \"x\"\n[session]\nttl = 0\n"),
        [
            "f:1:6: not TOML: unclosed table; the line reads: [chat",
            "f:5:7: [session] ttl must be a time from 1s to 400d, not 0; for example: ttl = \"30d\"",
        ]
    );
}

#[test]
fn columns_count_characters_and_windows_files_are_fine() {
    let shown = problem_of("[chat]\r\nname = \"茶\"\r\nnotice = \"ok\"\r\nhistory = true\r\n");
    assert!(shown.starts_with("f:4:11: "), "{shown}");
    let shown = problem_of("chat = { name = \"茶馆茶馆\", guests = 1 }");
    assert!(shown.starts_with("f:1:34: "), "{shown}");
    assert!(load("\u{feff}[chat]\nhistory = 1\n", &[]).is_ok());
}

#[test]
fn a_node_has_a_name_that_every_list_can_show() {
    for name in ["\u{202e}", "a b", "茶"] {
        let shown = problem_of(&format!("[cluster]\nnode = \"{name}\""));
        assert!(shown.contains("[cluster] node must be"), "{shown}");
    }
    assert!(load("[cluster]\nnode = \"tea-1.example_org\"", &[]).is_ok());
}

#[test]
fn an_address_of_nats_with_a_password_is_refused_and_not_shown() {
    for url in ["nats://teahouse:shibboleth@a", "http://shibboleth@a"] {
        let shown = problem_of(&format!("[cluster]\nnats = [\"nats://b\", \"{url}\"]"));
        assert!(
            shown.contains("[cluster] nats must be a list of addresses") && !shown.contains("shib"),
            "{shown}"
        );
    }
}

#[test]
fn a_key_of_the_site_is_in_no_message_about_it() {
    let key = "2026a:c2hpYmJvbGV0aC1zaGliYm9sZXRoLXNoaWJib2xldGg";
    for (written, words) in [
        (format!("keys = [\"{key}=x\"]"), "key 1 is not in base64url"),
        (format!("keys = \"{key}\""), "must be a list of keys"),
        (
            format!("keys = [\"{key}\", \"{key}\"]"),
            "key 2 has the name of another",
        ),
        (format!("keys = [\"{key}\", 4711]"), "key 2 is no text"),
        (
            format!("keys = [\"2026b:{}\"]", "c2hp"),
            "key 1 has fewer than 32 bytes",
        ),
        (format!("keys = [{{a = \"{key}\"}}]"), "key 1 is no text"),
        (format!("keys = [\"{key}]"), "not TOML"),
        (format!("keys = {key}"), "not TOML"),
        (format!("keys = [\n\"{key}\n]"), "not TOML"),
        (format!("keys = [\n{key}\n]"), "not TOML"),
        (format!("keys = [\"{key}\"]"), "set [server] public_url"),
        (format!("key = [\"{key}\"]"), "did you mean \"keys\""),
        (
            "sign_in = \"https://www.example.org/in\"".to_owned(),
            "set [site] keys too",
        ),
        (
            "sign_in = \"https://u:p@www.example.org/in\"".to_owned(),
            "the address of a page",
        ),
        ("issuer = \"\"".to_owned(), "must not be empty"),
        ("names = \"theirs\"".to_owned(), "\"site\" or \"own\""),
    ] {
        let shown = problems_of(format!("[site]\n{written}").as_bytes()).join("\n");
        assert!(shown.contains(words), "{written}: {shown}");
        assert!(!shown.contains("c2hp"), "{shown}");
    }
    for text in [key, "2026a:c2hp", &format!("[\"{key}x\"")] {
        let shown = from_environment("TEAHOUSE__SITE__KEYS", text).unwrap_err();
        assert!(!shown.contains("c2hp"), "{shown}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_with_advice() {
    let empty = BTreeMap::new();
    let shown = Config::load(Some(Path::new("/nowhere/shop.toml")), &empty)
        .unwrap_err()
        .to_string();
    assert_eq!(
        shown,
        "/nowhere/shop.toml: there is no such file; `teahouse default-config` prints one to start from"
    );
    let directory = tempfile::tempdir().unwrap();
    let shown = Config::load(Some(directory.path()), &empty)
        .unwrap_err()
        .to_string();
    assert!(shown.contains("cannot be read: "), "{shown}");
    let shown = Config::load(Some(Path::new("/dev/zero")), &empty)
        .unwrap_err()
        .to_string();
    assert_eq!(
        shown,
        "/dev/zero: is larger than 131072 bytes: not a configuration"
    );
    assert_eq!(
        problems_of(b"[chat]\nname = \"\xff\""),
        ["f: line 2 is not UTF-8 text; save the file as UTF-8"]
    );
}

#[test]
fn a_file_of_nonsense_does_not_fill_the_terminal() {
    let problems = problems_of("x y z\n".repeat(1_000).as_bytes());
    assert_eq!(problems.len(), 41);
    assert_eq!(problems.last().unwrap(), "… and 960 more");
}
