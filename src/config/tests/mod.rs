//! Defaults, file and environment. `mistakes`, `conflicts` and `environment` have the messages about what is wrong with them.

mod conflicts;
mod environment;
mod mistakes;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Config, DEFAULT_CONFIG, Durability, Failover, Guests, Period, Problems, fields};

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

fn load(text: &str, pairs: &[(&str, &str)]) -> Result<Config, Problems> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Config::load(Some(file.path()), &variables(pairs))
}

fn from_environment(name: &str, value: &str) -> Result<Config, String> {
    Config::load(None, &variables(&[(name, value)])).map_err(|problems| problems.to_string())
}

#[test]
fn the_shipped_file_says_exactly_the_defaults() {
    assert_eq!(load(DEFAULT_CONFIG, &[]).unwrap(), Config::default());
    assert_eq!(load("", &[]).unwrap(), Config::default());
    assert_eq!(
        Config::load(None, &BTreeMap::new()).unwrap(),
        Config::default()
    );
}

#[test]
fn the_shipped_file_has_every_setting_in_the_order_of_the_program() {
    let lines = DEFAULT_CONFIG
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let written: Vec<&str> = lines.filter_map(|line| line.split(" =").next()).collect();
    let mut expected = Vec::new();
    for (section, keys) in fields::catalog() {
        expected.push(format!("[{section}]"));
        expected.extend(keys.iter().map(|key| (*key).to_owned()));
    }
    assert_eq!(written, expected);
}

#[test]
fn every_setting_can_be_changed_in_the_file() {
    let config = load(
        r#"
        [server]
        bind = "[::]:80"
        workers = 3
        public_url = "https://Chat.Example.org:443/"
        trusted_proxies = ["127.0.0.1", "10.1.2.3/8", "fd00::/8"]
        allowed_origins = ["HTTPS://Blog.example.org"]
        data = "/var/lib/teahouse"
        [storage]
        url = "sqlite:/srv/room.db"
        durability = "relaxed"
        failover = "lossless"
        [session]
        ttl = 3600
        [chat]
        history = 0
        recall_window = "0s"
        max_message_chars = 20000
        guests = "off"
        show_ip = true
        name = "茶馆"
        notice = "Be kind."
        [heartbeat]
        interval = "1s"
        grace = "500ms"
        timeout = 2
        [limits]
        messages_per_minute = 0
        connections_per_address = 1
        connections = 2
        sign_ins_per_minute = 3
        [geo]
        database = "places.XDB"
        "#,
        &[],
    )
    .unwrap();
    let networks: Vec<String> = config
        .server
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(networks, ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]);
    assert_eq!(config.server.public_url, "https://chat.example.org");
    assert!(config.is_secure());
    assert_eq!(config.server.allowed_origins, ["https://blog.example.org"]);
    assert_eq!(config.database(), Some(PathBuf::from("/srv/room.db")));
    assert_eq!(config.storage.durability, Durability::Relaxed);
    assert_eq!(config.storage.failover, Failover::Lossless);
    assert_eq!(config.session.ttl.to_string(), "1h");
    assert_eq!(config.chat.guests, Guests::Off);
    assert!(config.chat.recall_window.is_zero());
    assert_eq!(config.heartbeat.grace, Period::from_millis(500));
    assert_eq!(config.geo.database, Path::new("places.XDB"));
    assert!(!Config::default().is_secure());
    assert_eq!(Config::default().geo.database, Path::new(""));
}

#[test]
fn authors_may_recall_at_any_time_unless_the_house_says_otherwise() {
    for (written, window) in [
        ("", Period::MAX),
        ("recall_window = \"always\"", Period::MAX),
        ("recall_window = \"2m\"", Period::from_secs(120)),
        ("recall_window = 90", Period::from_secs(90)),
        ("recall_window = 0", Period::from_secs(0)),
    ] {
        let config = load(&format!("[chat]\n{written}"), &[]).unwrap();
        assert_eq!(config.chat.recall_window, window, "{written}");
    }
    let config = from_environment("TEAHOUSE__CHAT__RECALL_WINDOW", "always").unwrap();
    assert_eq!(config.chat.recall_window, Period::MAX);
}

#[test]
fn the_database_is_in_the_data_directory_unless_told_otherwise() {
    let mut config = Config::default();
    config.server.data = PathBuf::from("/srv/tea");
    assert_eq!(
        config.database(),
        Some(PathBuf::from("/srv/tea/teahouse.db"))
    );
    config.storage.url = "memory:".to_owned();
    assert_eq!(config.database(), None);
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = load(
        "[chat]\nhistory = 5\nname = \"file\"",
        &[("TEAHOUSE__CHAT__HISTORY", "7")],
    )
    .unwrap();
    assert_eq!(config.chat.history, 7);
    assert_eq!(config.chat.name, "file");
}

#[test]
fn the_environment_needs_no_quotes_and_text_stays_text() {
    for value in ["123", "true", "1.5", "2024-01-01", "[a]", "0x10"] {
        let config = from_environment("TEAHOUSE__CHAT__NAME", value).unwrap();
        assert_eq!(config.chat.name, value);
    }
    let config = from_environment("TEAHOUSE__CHAT__NAME", "\"quoted\"").unwrap();
    assert_eq!(config.chat.name, "quoted");
    let config = from_environment("TEAHOUSE__SERVER__DATA", "7").unwrap();
    assert_eq!(config.server.data, PathBuf::from("7"));
    let config = from_environment("TEAHOUSE__SERVER__BIND", "0.0.0.0:99").unwrap();
    assert_eq!(config.server.bind.to_string(), "0.0.0.0:99");
    let config = from_environment("TEAHOUSE__SESSION__TTL", "12h").unwrap();
    assert_eq!(config.session.ttl.to_string(), "12h");
    let config = from_environment("TEAHOUSE__CHAT__SHOW_IP", "true").unwrap();
    assert!(config.chat.show_ip);
}

#[test]
fn lists_in_the_environment_are_toml_or_have_commas() {
    for value in [
        "10.0.0.0/8, 127.0.0.1",
        "[\"10.0.0.0/8\", \"127.0.0.1\"]",
        "10.0.0.0/8,127.0.0.1,",
    ] {
        let config = from_environment("TEAHOUSE__SERVER__TRUSTED_PROXIES", value).unwrap();
        assert_eq!(config.server.trusted_proxies.len(), 2, "{value}");
    }
    let config = from_environment("TEAHOUSE__SERVER__ALLOWED_ORIGINS", "http://a:1").unwrap();
    assert_eq!(config.server.allowed_origins, ["http://a:1"]);
    let config = from_environment("TEAHOUSE__SERVER__TRUSTED_PROXIES", "").unwrap();
    assert!(config.server.trusted_proxies.is_empty());
}
