//! Slack's way to write, row by row.

use serde_json::json;

use super::super::read;
use super::said_by;
use crate::text::markdown::{plain, preview};

#[test]
fn entities_are_characters_and_nothing_else_is_an_entity() {
    for (text, expected) in [
        ("a &amp; b &lt;i&gt;", "a & b <i>"),
        ("&amp;lt; &amp;amp;", "&lt; &amp;"),
        (
            "&nbsp; &#39; &quot; & &amp &",
            "&nbsp; &#39; &quot; & &amp &",
        ),
        ("`a &amp;&amp; b`", "`a && b`"),
        ("```a &lt; b```", "```\na < b\n```"),
    ] {
        assert_eq!(said_by(text), expected, "{text}");
    }
    let html = preview(&said_by("&lt;script&gt;"));
    assert_eq!(html, "<p>&lt;script&gt;</p>");
}

#[test]
fn links_are_links() {
    for (text, expected) in [
        ("<https://e.org/a|words>", "[words](https://e.org/a)"),
        ("see <https://e.org/a>", "see https://e.org/a"),
        ("<https://e.org/a>.", "https://e.org/a."),
        ("<https://e.org/a>b", "<https://e.org/a>b"),
        ("<https://e.org/a>好", "<https://e.org/a>好"),
        (
            "<https://e.org/?a=1&amp;b=2|a &amp; b>",
            "[a & b](https://e.org/?a=1&b=2)",
        ),
        ("<https://e.org|https://e.org>", "https://e.org"),
        (
            "<https://e.org/(a)|[a] *b* `c`>",
            "[\\[a\\] \\*b\\* \\`c\\`](https://e.org/%28a%29)",
        ),
        ("<https://e.org|>", "https://e.org"),
        ("<mailto:a@e.org|a@e.org>", "a@e.org"),
        ("<mailto:a@e.org>", "a@e.org"),
        (
            "<mailto:a@e.org|write to us>",
            "[write to us](mailto:a@e.org)",
        ),
        ("*<https://e.org|bold>*", "**[bold](https://e.org)**"),
        // What is no reference is text: most tools do not escape.
        ("Vec<String> <a|b> <> < >", "Vec<String> <a|b> <> < >"),
        ("<https://|a> <http://a b|c>", "<https://|a> <http://a b|c>"),
        ("<javascript:alert(1)|a>", "<javascript:alert(1)|a>"),
        ("<https://e.org|a\nb>", "<https://e.org|a\nb>"),
        ("<<https://e.org|a>>", "<[a](https://e.org)>"),
        ("<!DOCTYPE html> <!-- a -->", "<!DOCTYPE html> <!-- a -->"),
    ] {
        assert_eq!(said_by(text), expected, "{text}");
    }
}

#[test]
fn signs_mean_something_at_the_borders_of_words() {
    for (text, expected) in [
        ("some *foo* word", "some **foo** word"),
        ("*foo*", "**foo**"),
        ("*foo* *bar*", "**foo** **bar**"),
        ("*foo*a*bar*", "*foo*a*bar*"),
        ("some _foo_ word", "some *foo* word"),
        ("~a b~, (*c*) \"_d_\".", "~~a b~~, (**c**) \"*d*\"."),
        ("*a _b_ c* _*d*_ ~*e*~", "**a *b* c** ***d*** ~~**e**~~"),
        (
            "snake_case_name and a*b*c and 1~2~3",
            "snake_case_name and a*b*c and 1~2~3",
        ),
        ("_foo_bar_", "_foo_bar_"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("*.log and *.txt, ~5 min", "*.log and *.txt, ~5 min"),
        ("*a\nb*", "*a\nb*"),
        ("* item\n* item *b*", "* item\n* item **b**"),
        ("长*宽*高, “*好*”", "长*宽*高, “**好**”"),
        ("https://e.org/_a_/*b* *c*", "https://e.org/_a_/*b* **c**"),
        ("<https://e.org/_a_>", "https://e.org/_a_"),
        ("*https://e.org/a*", "**https://e.org/a**"),
        ("&lt;https://e.org/a&gt;", "<https://e.org/a>"),
        ("*a*\t*b*", "**a**\t**b**"),
    ] {
        assert_eq!(said_by(text), expected, "{text}");
    }
}

#[test]
fn markdown_that_is_there_stays() {
    for text in [
        "**Firing** and __init__ and ~~gone~~",
        "[words](https://e.org) ![a](https://e.org/b.png)",
        "# head\n- a\n- b\n\n1. c\n2. d",
        "> quote\n> goes on",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "```rust\nlet a = *b;\n```",
        "***both***",
    ] {
        assert_eq!(said_by(text), text);
    }
}

#[test]
fn nothing_means_anything_in_code() {
    for (text, expected) in [
        ("`*a* _b_ ~c~ •`", "`*a* _b_ ~c~ •`"),
        (
            "`<https://e.org|a> <@U1|ada> <!channel>`",
            "`<https://e.org|a> <@U1|ada> <!channel>`",
        ),
        ("*a `*` b*", "**a `*` b**"),
        ("``a`*b*`` *c*", "``a`*b*`` **c**"),
        ("`*a*\n*b*`", "`**a**\n**b**`"),
        ("a ` b *c*", "a ` b **c**"),
        ("```*a*\n• b```", "```\n*a*\n• b\n```"),
        ("```\n*a*\n```", "```\n*a*\n```"),
        ("a ```b``` *c*", "a\n```\nb\n```\n**c**"),
        ("```a``````b```", "```\na\n```\n```\nb\n```"),
        ("```ERROR\n*a*```", "```\nERROR\n*a*\n```"),
        ("```json\n{}```", "```json\n{}\n```"),
        (
            "````\n```\na\n```\n````\n*b*",
            "````\n```\na\n```\n````\n**b**",
        ),
        // Cut by the tool.
        ("a\n```*b*\n*c*", "a\n```\n*b*\n*c*\n```"),
        ("a ``` *b*", "a ``` **b**"),
    ] {
        assert_eq!(said_by(text), expected, "{text}");
    }
}

#[test]
fn dots_begin_items_and_what_follows_a_list_or_a_quote_is_no_part_of_it() {
    for (text, expected) in [
        ("• a\n• b", "- a\n- b"),
        ("a:\n• b\n   • c\n      •d", "a:\n- b\n   - c\n   - d"),
        ("• *a:* `b`\n*next:* c", "- **a:** `b`\n\n**next:** c"),
        (" - a\n - b\nnext", " - a\n - b\n\nnext"),
        ("&gt; a\nb", "> a\n\nb"),
        ("> a\n> b\n\nc", "> a\n> b\n\nc"),
        ("• a\n  goes on", "- a\n  goes on"),
        ("a • b", "a • b"),
        ("• a\r\n• b\r\nc", "- a\n- b\n\nc"),
    ] {
        assert_eq!(said_by(text), expected, "{text}");
    }
    let html = preview(&said_by("Labels:\n • a\n • b\nAnnotations:\n • c"));
    assert_eq!(
        html,
        "<p>Labels:</p><ul><li>a</li><li>b</li></ul><p>Annotations:</p><ul><li>c</li></ul>"
    );
}

#[test]
fn references_are_names_and_words() {
    for (text, expected) in [
        ("<@U1|ada> <@U1>", "@ada @U1"),
        (
            "<!subteam^S1|@ops> <!subteam^S1|ops> <!subteam^S1>",
            "@ops @ops @S1",
        ),
        ("<#C1|x> <#C1> <#C1|>", "#x #C1 #C1"),
        (
            "<!date^1795390577^{date} at {time}|22 November>",
            "22 November",
        ),
        ("<!date^1795390577^{date}^https://e.org/|then>", "then"),
        ("<!date^1795390577^{date}>", "2026-11-22 23:36 UTC"),
        ("<!date^999999999999999999^{date}>.", "."),
        (
            "<@ada lovelace> <#a b> <!unknown|x>",
            "<@ada lovelace> <#a b> <!unknown|x>",
        ),
    ] {
        assert_eq!(said_by(text), expected, "{text}");
    }
    assert_eq!(plain(&said_by("<@U1|__init__>")), "@__init__");
}

#[test]
fn everybody_is_called_by_who_looks_after_the_room_only() {
    let text = "<!channel> <!here|here> <!everyone>: tea";
    let body = json!({ "text": text }).to_string();
    let words = |for_all| read(body.as_bytes(), 100, for_all).unwrap();
    assert_eq!(words(true), "@all @all @all: tea");
    assert_eq!(words(false), "channel here everyone: tea");
}
