//! Attacks, accidents, and texts as long as a body may be.

use serde_json::json;
use unicode_segmentation::UnicodeSegmentation;

use super::super::{Refusal, read};
use super::{attached, said, said_by};
use crate::text::markdown::preview;
use crate::text::markdown::tests::list::text_of;

/// The longest body that is read.
const BODY: usize = 128 * 1024;

#[test]
fn what_is_too_long_is_cut_between_characters() {
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    for (text, limit, expected) in [
        ("one two three".to_owned(), 8, "one two…".to_owned()),
        (family.repeat(3), 20, format!("{}…", family.repeat(2))),
        (
            "e\u{301}".repeat(4),
            6,
            format!("{}…", "e\u{301}".repeat(2)),
        ),
        (
            "see <https://e.org/abcdef|the tea>".to_owned(),
            20,
            "see…".to_owned(),
        ),
    ] {
        let body = json!({ "text": text }).to_string();
        assert_eq!(
            read(body.as_bytes(), limit, false).unwrap(),
            expected,
            "{text}"
        );
    }
    let body = json!({ "text": "茶".repeat(40_000) }).to_string();
    let words = read(body.as_bytes(), 4_000, false).unwrap();
    assert_eq!(
        (words.graphemes(true).count(), words.ends_with("茶…")),
        (4_000, true)
    );
    assert_eq!(read(body.as_bytes(), 0, false), Err(Refusal::NoText));
}

#[test]
fn half_an_emoji_does_not_lose_the_alert() {
    let body = br#"{"text":"down \ud83d","attachments":[{"title":"\udd34 a","color":"danger"}]}"#;
    let words = read(body, 100, false).unwrap();
    assert_eq!(words, "down \u{fffd}\n\n🔴 **\u{fffd} a**");
}

#[test]
fn directions_are_taken_out() {
    let words = said_by("a\u{202e}txt.exe\u{2066} <https://e.org|\u{202e}b> مرحبا");
    assert_eq!(words, "atxt.exe [b](https://e.org) مرحبا");
}

#[test]
fn nothing_gets_out_of_its_place() {
    for (posted, expected) in [
        (
            json!({ "text": "```a\n```b\n```c```" }),
            "<pre><code>a\n</code></pre><p>b</p><pre><code>c\n</code></pre>",
        ),
        (
            json!({ "attachments": [{ "title": "a](https://evil.example) [b", "title_link": "https://e.org" }] }),
            "",
        ),
        (
            json!({ "attachments": [{ "title": "**a** `b", "text": "c` d" }] }),
            "",
        ),
        (
            json!({ "attachments": [{ "title": "a", "title_link": "https://e.org/) [x](https://evil.example" }] }),
            "",
        ),
        (json!({ "text": "<https://e.org/`|a> `b`" }), ""),
    ] {
        let html = preview(&said(&posted).unwrap());
        assert!(expected.is_empty() || html == expected, "{html}");
        assert!(
            !html.contains("href=\"https://evil"),
            "{posted} became {html}"
        );
        text_of(&html, &html);
    }
    let html = preview(&attached(&json!({ "title": "**a** `b", "text": "c` d" })).unwrap());
    assert_eq!(html, "<p><strong>**a** `b</strong></p><p>c` d</p>");
}

#[test]
fn levels_and_numbers_beyond_measure_are_refused_or_passed_over() {
    for open in ["[", "{\"elements\":[", "{\"a\":"] {
        let body = format!("{{\"text\":\"a\",\"blocks\":{}", open.repeat(100_000));
        assert_eq!(
            read(body.as_bytes(), 100, false),
            Err(Refusal::InvalidPayload)
        );
    }
    let mut deep =
        json!({ "type": "rich_text_section", "elements": [{ "type": "text", "text": "deep" }] });
    for _ in 0..40 {
        deep = json!({ "type": "rich_text_list", "elements": [deep] });
    }
    let posted = json!({ "text": "a", "blocks": [{ "type": "rich_text", "elements": [deep] }] });
    assert!(said(&posted).is_ok());
    let number = u64::MAX;
    let list = json!({
        "type": "rich_text_list", "style": "ordered", "indent": number, "offset": number,
        "elements": [{ "elements": [{ "type": "text", "text": "b" }] }],
    });
    let posted = json!({ "blocks": [{ "type": "rich_text", "elements": [list] }], "attachments": [{ "ts": number, "text": "c" }, { "ts": -7, "text": "d" }] });
    assert_eq!(
        said(&posted).unwrap(),
        format!("{}1000001. b\n\nc\n\nd", " ".repeat(24))
    );
}

#[test]
fn a_body_full_of_one_thing_is_read_like_any_other() {
    for piece in [
        "*",
        "_a_ ",
        "~",
        "`",
        "`` ` ",
        "``` ",
        "````",
        "<",
        "<https://",
        "<@U1|",
        "<@U1|a>",
        "&",
        "&amp;",
        "&lt;",
        "http://",
        "https://e.org/",
        "http:// ",
        "[",
        "](",
        "• ",
        "•\n",
        "\n",
        "> ",
        "- ",
        "a|",
        "\\",
        "\u{301}",
        "👨\u{200d}",
        "@",
        "@a ",
        "<!date^1^x|",
        "*a",
        " *",
        "``\n",
        "1. ",
    ] {
        let count = BODY / json!(piece).to_string().len();
        let text = piece.repeat(count);
        let title = json!({ "title": text, "title_link": "https://e.org", "text": "b" });
        for posted in [json!({ "text": text }), json!({ "attachments": [title] })] {
            let Ok(words) = said(&posted) else { continue };
            assert!(words.chars().count() <= 4_000, "{piece}");
            text_of(&preview(&words), piece);
        }
    }
    let attachments = vec![json!({ "text": "a", "color": "good" }); 3_000];
    assert!(
        said(&json!({ "attachments": attachments }))
            .unwrap()
            .starts_with("🟢 a\n\n🟢 a")
    );
}
