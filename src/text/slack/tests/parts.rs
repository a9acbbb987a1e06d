//! Blocks, attachments, and everything in them that may be missing.

use serde_json::{Value, json};

use super::super::{Refusal, read};
use super::{attached, said};

fn blocks(blocks: &Value) -> String {
    said(&json!({ "blocks": blocks })).unwrap()
}

#[test]
fn text_beside_blocks_is_a_fallback_and_attachments_come_after_both() {
    let header = json!({ "type": "header", "text": { "type": "plain_text", "text": "Head" } });
    let posted = json!({ "text": "*a*", "blocks": [header], "attachments": [{ "text": "_b_" }] });
    assert_eq!(said(&posted).unwrap(), "**Head**\n\n*b*");
    let posted = json!({ "attachments": [{ "text": "_b_", "blocks": [header] }], "text": "*a*" });
    assert_eq!(said(&posted).unwrap(), "**a**\n\n*b*\n\n**Head**");
    // Blocks that say nothing leave the text.
    let posted = json!({ "text": "*a*", "blocks": [{ "type": "video" }, { "type": "divider" }] });
    assert_eq!(said(&posted).unwrap(), "**a**");
}

#[test]
fn each_block_has_its_form() {
    let mrkdwn = |text: &str| json!({ "type": "mrkdwn", "text": text });
    let section = json!({ "type": "section", "text": mrkdwn("*a* <https://e.org|b>") });
    let long = "a field that says more than forty characters";
    let button = |text: &str, url: &str| {
        let text = json!({ "type": "plain_text", "text": text });
        json!({ "type": "button", "text": text, "url": url })
    };
    let image = json!({ "type": "image", "image_url": "https://e.org/a.png", "alt_text": "a [b]" });
    for (block, expected) in [
        (
            json!({ "type": "header", "text": { "type": "plain_text", "text": "*a* &amp; b\nc" } }),
            "**\\*a\\* & b c**",
        ),
        (section.clone(), "**a** [b](https://e.org)"),
        (
            json!({ "type": "section", "text": { "type": "plain_text", "text": "*a*\n- b" } }),
            "\\*a\\*\n\\- b",
        ),
        (json!({ "type": "section", "text": "*a*" }), "**a**"),
        (
            json!({ "type": "section", "fields": [mrkdwn("*A*\nb"), mrkdwn("c"), mrkdwn("d")] }),
            "**A** b · c\nd",
        ),
        (
            json!({ "type": "section", "fields": [mrkdwn("*A*\nb\nc"), mrkdwn("d"), null, mrkdwn("e")] }),
            "**A**\nb\nc\nd · e",
        ),
        (
            json!({ "type": "section", "fields": [mrkdwn(long), mrkdwn("b"), mrkdwn("c")] }),
            &format!("{long}\nb · c"),
        ),
        (
            json!({ "type": "section", "text": mrkdwn("a"), "accessory": button("Go", "https://e.org") }),
            "a\n\n[Go](https://e.org)",
        ),
        (
            json!({ "type": "context", "elements": [image, mrkdwn("by *a*")] }),
            "[a \\[b\\]](https://e.org/a.png) by **a**",
        ),
        (image, "[a \\[b\\]](https://e.org/a.png)"),
        (
            json!({ "type": "image", "image_url": "https://e.org/a.png" }),
            "https://e.org/a.png",
        ),
        (
            json!({ "type": "image", "slack_file": { "url": "https://e.org/b.png" }, "title": { "text": "T" } }),
            "[T](https://e.org/b.png)",
        ),
        (
            json!({ "type": "image", "image_url": "broken", "alt_text": "a leaf" }),
            "a leaf",
        ),
        (
            json!({ "type": "actions", "elements": [button("A", "https://e.org"), { "type": "button", "text": { "text": "B" } }, button("C", "javascript:x"), button("D", "https://d.org"), { "type": "static_select" }] }),
            "[A](https://e.org) · [D](https://d.org)",
        ),
        (
            json!({ "type": "markdown", "text": "**a** *b* [c](https://e.org)" }),
            "**a** *b* [c](https://e.org)",
        ),
    ] {
        assert_eq!(blocks(&json!([block])), expected, "{block}");
    }
    let divider = json!({ "type": "divider" });
    let divided = blocks(&json!([divider, section, divider, section, divider]));
    assert_eq!(
        divided,
        "**a** [b](https://e.org)\n\n**a** [b](https://e.org)"
    );
}

#[test]
fn rich_text_says_what_its_tree_says() {
    let rich = |elements: Value| blocks(&json!([{ "type": "rich_text", "elements": elements }]));
    let section = |pieces: Value| json!({ "type": "rich_text_section", "elements": pieces });
    let text = |text: &str, style: Value| json!({ "type": "text", "text": text, "style": style });
    for (pieces, expected) in [
        (
            json!([
                text("a ", json!({})),
                text(" b ", json!({ "bold": true })),
                text("c", json!(null))
            ]),
            "a  **b** c",
        ),
        (json!([text("*a* _b_", json!({}))]), "\\*a\\* \\_b\\_"),
        (
            json!([text("a", json!({ "italic": true, "strike": true }))]),
            "~~*a*~~",
        ),
        (json!([text("a`b", json!({ "code": true }))]), "``a`b``"),
        (
            json!([
                text(" ", json!({ "bold": true })),
                text("a\n\nb", json!({ "bold": true }))
            ]),
            " **a**\n\n**b**",
        ),
        (
            json!([{ "type": "link", "url": "https://e.org/a", "style": { "bold": true } }]),
            "**https://e.org/a**",
        ),
        (
            json!([{ "type": "link", "url": "https://e.org/a", "text": "b" }]),
            "[b](https://e.org/a)",
        ),
        (
            json!([{ "type": "user", "user_id": "U1" }, { "type": "usergroup", "usergroup_id": "S1" }]),
            "@U1@S1",
        ),
        (
            json!([{ "type": "channel", "channel_id": "C1" }, { "type": "broadcast", "range": "here" }]),
            "#C1here",
        ),
        (
            json!([{ "type": "date", "timestamp": 1795390577, "format": "{date}", "fallback": "then" }]),
            "then",
        ),
        (
            json!([{ "type": "date", "timestamp": 1795390577 }]),
            "2026-11-22 23:36 UTC",
        ),
        (
            json!([{ "type": "emoji", "name": "x", "unicode": "1f468-200d-1f469" }, { "type": "emoji", "name": "tea" }, { "type": "emoji", "name": "our_own" }]),
            "👨\u{200d}👩🍵:our_own:",
        ),
        (
            json!([{ "type": "color", "value": "#ff0000" }]),
            "`#ff0000`",
        ),
    ] {
        assert_eq!(
            rich(json!([section(pieces.clone())])),
            expected.trim_end(),
            "{pieces}"
        );
    }
    let item = |words: &str| section(json!([text(words, json!({}))]));
    let list = |style: &str, indent: u64, items: Value| json!({ "type": "rich_text_list", "style": style, "indent": indent, "elements": items });
    let lists = rich(json!([
        list("bullet", 0, json!([item("a"), item("b")])),
        list("ordered", 1, json!([item("c"), item("d")])),
        list("bullet", 0, json!([item("e")])),
        { "type": "rich_text_quote", "elements": [text("f\ng", json!({}))] },
        { "type": "rich_text_preformatted", "elements": [text("h ```\n*i*", json!({}))] },
    ]));
    assert_eq!(
        lists,
        "- a\n- b\n   1. c\n   2. d\n- e\n\n> f\n> g\n\n````\nh ```\n*i*\n````"
    );
}

#[test]
fn an_attachment_is_told_in_the_order_in_which_slack_shows_it() {
    let whole = json!({
        "blocks": [{ "type": "section", "text": "ten" }],
        "ts": 1_795_390_577,
        "footer": "eight",
        "image_url": "https://e.org/seven.png",
        "fields": [{ "title": "five", "value": "_5_", "short": true }, { "title": "six:", "value": "6", "short": true }],
        "text": "*four*",
        "title": "three [x]",
        "title_link": "https://e.org/3",
        "author_name": "two",
        "author_link": "https://e.org/2",
        "pretext": "one <!channel>",
        "color": "warning",
        "fallback": "unseen",
        "mrkdwn_in": ["text"],
    });
    assert_eq!(
        attached(&whole).unwrap(),
        "one channel\n\n🟡 [two](https://e.org/2)\n\n**[three \\[x\\]](https://e.org/3)**\n\n**four**\n\n\
         **five:** *5* · **six:** 6\n\nhttps://e.org/seven.png\n\neight · 2026-11-22 23:36 UTC\n\nten"
    );
}

#[test]
fn a_colour_with_a_meaning_is_a_sign() {
    for (color, expected) in [
        ("good", "🟢 a"),
        ("warning", "🟡 a"),
        ("danger", "🔴 a"),
        ("#ff0000", "a"),
        ("", "a"),
        ("Good!", "a"),
    ] {
        assert_eq!(
            attached(&json!({ "color": color, "text": "a" })).unwrap(),
            expected
        );
    }
    for (text, expected) in [
        ("• a\n• b", "🟢\n\n- a\n- b"),
        ("```a```", "🟢\n\n```\na\n```"),
        ("&gt; a", "🟢\n\n> a"),
        ("*a*", "🟢 **a**"),
    ] {
        assert_eq!(
            attached(&json!({ "color": "good", "text": text })).unwrap(),
            expected
        );
    }
    let nothing = attached(&json!({ "color": "good", "text": "" }));
    assert_eq!(nothing, Err(Refusal::NoText), "a colour alone says nothing");
}

#[test]
fn fields_may_be_without_a_title_or_a_value() {
    let fields = json!([
        { "title": "By", "value": "Ada", "short": true },
        { "title": "Took", "value": "00:02:03", "short": true },
        { "title": "Kettle", "value": "copper", "short": false },
        { "title": "no value", "value": null, "short": true },
        { "title": "none either", "short": true },
        { "title": null, "value": "no title", "short": true },
        { "value": 7 },
        { "title": null, "value": null, "short": true },
        null,
        { "title": "Log", "value": "a\nb", "short": true },
    ]);
    assert_eq!(
        attached(&json!({ "pretext": "Done", "fields": fields })).unwrap(),
        "Done\n\n**By:** Ada · **Took:** 00:02:03\n**Kettle:** copper\n**no value** · **none either**\n\
         no title\n7\n**Log:**\na\nb"
    );
}

/// Each part of an attachment, and what it says alone.
fn pieces() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("pretext", json!("Before."), "Before."),
        ("title", json!("Title."), "**Title.**"),
        ("text", json!("Text."), "Text."),
        (
            "image_url",
            json!("https://e.org/a.png"),
            "https://e.org/a.png",
        ),
        ("footer", json!("After."), "After."),
        ("ts", json!(1_795_390_577), "2026-11-22 23:36 UTC"),
    ]
}

#[test]
fn every_part_of_an_attachment_may_be_null() {
    for missing in pieces().iter().map(|(name, _, _)| *name) {
        for null in [json!(null), json!(""), json!({}), json!([])] {
            let mut attachment = serde_json::Map::new();
            let mut expected = String::new();
            for (name, value, words) in pieces() {
                let value = if name == missing { null.clone() } else { value };
                attachment.insert(name.to_owned(), value);
                if name != missing {
                    let beside = name == "ts" && missing != "footer";
                    expected.push_str(if expected.is_empty() {
                        ""
                    } else if beside {
                        " · "
                    } else {
                        "\n\n"
                    });
                    expected.push_str(words);
                }
            }
            let words = attached(&Value::Object(attachment)).unwrap();
            assert_eq!(words, expected, "{missing} is {null}");
        }
    }
    let all = pieces()
        .into_iter()
        .map(|(name, _, _)| (name.to_owned(), Value::Null));
    assert_eq!(
        attached(&Value::Object(all.collect())),
        Err(Refusal::NoText)
    );
    let titled = json!({ "title": "Title.", "title_link": null, "text": null });
    assert_eq!(attached(&titled).unwrap(), "**Title.**");
    let relative = json!({ "title": "Title.", "title_link": "/a", "text": "Text." });
    assert_eq!(attached(&relative).unwrap(), "**Title.**\n\nText.");
    let fallback = json!({ "fallback": "only *this*", "text": null });
    assert_eq!(attached(&fallback).unwrap(), "only **this**");
}

#[test]
fn what_is_null_unknown_or_of_another_type_is_passed_over() {
    let posted = json!({
        "text": "tea", "blocks": null, "attachments": null, "username": "x", "icon_emoji": ":x:", "icon_url": 7,
        "channel": null, "thread_ts": "1.2", "link_names": 1, "unfurl_links": false, "mrkdwn": true, "more": {},
    });
    assert_eq!(said(&posted).unwrap(), "tea");
    for nothing in [
        json!(null),
        json!(7),
        json!("x"),
        json!({ "type": 7 }),
        json!([null, 7, "x", [], {}]),
    ] {
        let posted = json!({ "text": "tea", "blocks": nothing, "attachments": nothing });
        assert_eq!(said(&posted).unwrap(), "tea", "{nothing}");
        let list = json!({ "type": "rich_text_list", "elements": nothing });
        let block = json!({ "type": "rich_text", "elements": [list] });
        let posted = json!({ "text": "tea", "blocks": [block] });
        assert_eq!(said(&posted).unwrap(), "tea", "{nothing}");
    }
    assert_eq!(said(&json!({ "text": 4711 })).unwrap(), "4711");
}

#[test]
fn nothing_to_say_is_said_in_slacks_words() {
    for posted in [
        json!({}),
        json!({ "text": null }),
        json!({ "text": "" }),
        json!({ "text": " \n\t " }),
        json!({ "text": "\u{200b}\u{202e}" }),
        json!({ "text": "", "attachments": [], "blocks": [] }),
        json!({ "attachments": [{}, null] }),
    ] {
        assert_eq!(
            said(&posted).map_err(Refusal::code),
            Err("no_text"),
            "{posted}"
        );
    }
    for body in [
        "",
        "tea",
        "[]",
        "null",
        "{",
        "payload=",
        "text=tea",
        "{\"text\":\"a\"} b",
    ] {
        let refused = read(body.as_bytes(), 100, false);
        assert_eq!(
            refused.map_err(Refusal::code),
            Err("invalid_payload"),
            "{body}"
        );
    }
}
