//! What known tools post, with values of our own, and the message that comes of it.

use super::super::read;

macro_rules! tools {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_bytes!(concat!("../fixtures/", $name, ".json")).as_slice(),
            include_str!(concat!("../fixtures/", $name, ".md")),
        )),*]
    };
}

#[test]
fn what_a_tool_posts_is_read_to_the_letter() {
    for (name, body, expected) in tools![
        "alertmanager",
        "alertmanager-resolved",
        "gitea-issue",
        "gitea-push",
        "gitlab",
        "grafana",
        "n8n-blocks",
        "n8n-text",
        "slack",
        "uptime-kuma",
        "uptime-kuma-test",
    ] {
        let words = read(body, 4_000, false).unwrap();
        assert_eq!(words, expected.trim_end(), "{name}");
        let json = String::from_utf8(body.to_vec()).unwrap();
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &json)
            .finish();
        assert_eq!(
            read(form.as_bytes(), 4_000, false).unwrap(),
            words,
            "{name} as a form"
        );
    }
}
