//! What a chat means by its signs where CommonMark means something else.

use super::super::{plain, preview};
use super::list::text_of;
use super::written::html;

#[test]
fn items_that_begin_with_a_box_are_tasks() {
    for (written, expected) in [
        (
            "- [ ] boil **water**\n- [x] warm the pot\n- no task",
            "<ul><li class=\"task\">☐ boil <strong>water</strong></li>\
             <li class=\"task\">☑ warm the pot</li><li>no task</li></ul>",
        ),
        (
            "1. [X] one\n\n2. [ ] two",
            "<ol><li class=\"task\"><p>☑ one</p></li><li class=\"task\"><p>☐ two</p></li></ol>",
        ),
        ("- [y] a", "<ul><li>[y] a</li></ul>"),
        ("- []", "<ul><li>[]</li></ul>"),
        ("- [ ]", "<ul><li>[ ]</li></ul>"),
        ("a [ ] b", "="),
        ("[x] a", "="),
    ] {
        assert_eq!(html(written), expected, "{written}");
    }
    assert_eq!(plain("- [ ] a\n- [x] b"), "- [ ] a\n- [x] b");
}

#[test]
fn what_begins_a_line_is_itself_where_a_chat_means_it_so() {
    for written in [
        "1+1\n=\n2",
        "苹果\n-\n梨",
        "谢谢\n---",
        "价格\n=====",
        "a\n---\n---\nb",
        "a\n:-:",
        ">_<",
        ">.<",
        ">:(",
        ">= 5",
        "text\n>3 people",
        ">>b",
        "大家好\n\n[备注]: 明天不来",
        "[1]: 茶",
        "01. a\n02. b",
    ] {
        let shown = html(written);
        let text = text_of(
            &preview(written)
                .replace("</p><p>", "\n\n")
                .replace("<br>", "\n"),
            written,
        );
        assert_eq!(text, written, "{shown}");
        assert!(
            !shown.contains("<strong>") && !shown.contains("<blockquote>"),
            "{shown}"
        );
        assert_eq!(plain(written), written);
    }
    for (written, expected) in [
        ("> a", "<blockquote><p>a</p></blockquote>"),
        (
            ">> b",
            "<blockquote><blockquote><p>b</p></blockquote></blockquote>",
        ),
        (">", "="),
        ("> a\n> ---", "<blockquote><p>a<br>---</p></blockquote>"),
        ("> >_<", "<blockquote><p>&gt;_&lt;</p></blockquote>"),
        (
            "- >_<\n- >= 5",
            "<ul><li>&gt;_&lt;</li><li>&gt;= 5</li></ul>",
        ),
        ("- a\n-\n- b", "<ul><li>a</li><li></li><li>b</li></ul>"),
        ("a\n\n---\n\nb", "<p>a</p><p>---</p><p>b</p>"),
        ("# T\n---", "<p><strong>T</strong></p><p>---</p>"),
        (
            "see [a]\n\n[a]: https://a.org",
            "see <a href=\"https://a.org\" title=\"https://a.org\">a</a>",
        ),
        (
            "hi\n\n[b]: https://a.org",
            "<p>hi</p><p>[b]: <a href=\"https://a.org\">https://a.org</a></p>",
        ),
        (
            "    if x:\n        y",
            "<pre><code>if x:\n    y</code></pre>",
        ),
    ] {
        assert_eq!(html(written), expected, "{written:?}");
    }
}

#[test]
fn lists_have_the_numbers_that_they_were_given() {
    for (written, expected, text) in [
        (
            "5. five\n10. ten",
            "<ol start=\"5\"><li>five</li><li value=\"10\">ten</li></ol>",
            "5. five\n10. ten",
        ),
        (
            "4. d\n3. c\n2. b",
            "<ol start=\"4\"><li>d</li><li value=\"3\">c</li><li value=\"2\">b</li></ol>",
            "4. d\n3. c\n2. b",
        ),
        (
            "1. a\n1. b\n1. c",
            "<ol><li>a</li><li>b</li><li>c</li></ol>",
            "1. a\n2. b\n3. c",
        ),
        (
            "1. a\n2. b\n3. c",
            "<ol><li>a</li><li>b</li><li>c</li></ol>",
            "1. a\n2. b\n3. c",
        ),
        (
            "1. a\n1. b\n2. c",
            "<ol><li>a</li><li value=\"1\">b</li><li>c</li></ol>",
            "1. a\n1. b\n2. c",
        ),
        (
            "3. a\n   1. b\n   8. c\n7. d",
            "<ol start=\"3\"><li>a<ol><li>b</li><li value=\"8\">c</li></ol></li><li value=\"7\">d</li></ol>",
            "3. a\n  1. b\n  8. c\n7. d",
        ),
        (
            "2) a\n4) b",
            "<ol start=\"2\"><li>a</li><li value=\"4\">b</li></ol>",
            "2) a\n4) b",
        ),
        ("0. a", "<ol start=\"0\"><li>a</li></ol>", "0. a"),
    ] {
        assert_eq!(html(written), expected, "{written:?}");
        assert_eq!(plain(written), text, "{written:?}");
    }
}

#[test]
fn signs_within_words_are_what_they_are() {
    for written in [
        "长*宽*高",
        "2*3*4 and a*b",
        "¯\\_(ツ)_/¯",
        "\\\\server\\share\\a_b",
        "见\\\\server\\share",
        "@__init__",
        "@*star*x",
        "@~~gone~~",
    ] {
        assert_eq!(html(written), "=", "{written:?}");
        assert_eq!(plain(written), written);
    }
    for (written, expected) in [
        ("*很好*的", "<em>很好</em>的"),
        ("\\*a\\*", "*a*"),
        ("a\\\\b", "a\\b"),
        ("**@Ada**好", "<strong>@Ada</strong>好"),
        ("*@Ada*", "<em>@Ada</em>"),
        ("@\\_\\_init\\_\\_", "@__init__"),
        ("**长*宽*高**", "<strong>长*宽*高</strong>"),
    ] {
        assert_eq!(html(written), expected, "{written:?}");
    }
}
