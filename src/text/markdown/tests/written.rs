//! What people write comes out as they mean it, in Chinese as in English.

use super::super::{CELLS, DEPTH, LINKS, plain, preview, render};
use super::list::text_of;

/// The HTML of a message, with links as `[text](address)`; what looks as it was written is `=`.
pub(super) fn html(written: &str) -> String {
    let rendered = render(written);
    let html = rendered.settle(&[]).unwrap_or_else(|| "=".to_owned());
    text_of(&html, written);
    html.replace(
        " target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\"",
        "",
    )
}

#[test]
fn words_are_marked_and_lines_end_where_they_were_ended() {
    for (written, expected) in [
        ("hello, 你好", "="),
        ("a < b && c > \"d\" 'e'", "="),
        ("one\ntwo", "="),
        ("3 * 4 = 12", "="),
        ("#", "="),
        (">", "="),
        ("-", "="),
        ("1.", "="),
        ("```", "="),
        ("[a]: b", "="),
        ("---", "<p>---</p>"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        (
            "**b** *i* _i_ ~~s~~ `c<`",
            "<strong>b</strong> <em>i</em> <em>i</em> <del>s</del> <code>c&lt;</code>",
        ),
        ("one  \n*two*", "one<br><em>two</em>"),
        ("# Title\ntext", "<p><strong>Title</strong></p><p>text</p>"),
        ("好的~谢谢~", "="),
        ("snake_case_name and 2*3*4", "="),
        ("2*3*4 *and* _this_", "2*3*4 <em>and</em> <em>this</em>"),
        (
            "> quoted\n> more\n\nanswer",
            "<blockquote><p>quoted<br>more</p></blockquote><p>answer</p>",
        ),
        (
            "- a\n- b\n  1. c\n  2. d",
            "<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>",
        ),
        ("7. a\n8. b", "<ol start=\"7\"><li>a</li><li>b</li></ol>"),
        ("a\n\n***\n\nb", "<p>a</p><p>***</p><p>b</p>"),
        ("\\*not\\*", "*not*"),
        ("&lt;b&gt; &copy; &#60;", "="),
    ] {
        assert_eq!(html(written), expected, "{written:?}");
    }
}

#[test]
fn chinese_needs_no_blanks_around_what_is_bold_struck_or_linked() {
    for (written, expected) in [
        ("**“你好”**吗", "<strong>“你好”</strong>吗"),
        ("他说**“你好”**吗", "他说<strong>“你好”</strong>吗"),
        ("这是**重点。**然后", "这是<strong>重点。</strong>然后"),
        ("**注意！**ok", "<strong>注意！</strong>ok"),
        (
            "请看**《茶经》**第一卷",
            "请看<strong>《茶经》</strong>第一卷",
        ),
        ("一*（二）*三", "一<em>（二）</em>三"),
        ("一~~（二）~~三", "一<del>（二）</del>三"),
        ("***“重”***吗", "<em><strong>“重”</strong></em>吗"),
        ("用**`x`**吧", "用<strong><code>x</code></strong>吧"),
        ("**(a)**吗", "<strong>(a)</strong>吗"),
        ("喝**🍵**吧", "喝<strong>🍵</strong>吧"),
        ("**粗**体", "<strong>粗</strong>体"),
        ("\\**“不”**吗", "**“不”**吗"),
        (
            "见https://example.org/a。好，https://example.org/b，",
            "见<a href=\"https://example.org/a\">https://example.org/a</a>。好，<a href=\"https://example.org/b\">https://example.org/b</a>，",
        ),
        ("`**“`和`”**吗`", "<code>**“</code>和<code>”**吗</code>"),
    ] {
        assert_eq!(html(written), expected, "{written:?}");
        let text = text_of(&preview(written), written);
        assert!(!text.contains('\u{fdd0}'), "{text:?}");
    }
}

#[test]
fn addresses_are_links_and_only_those_of_web_and_mail() {
    let long = format!("https://example.org/{}", "x".repeat(80));
    let shown = format!("https://example.org/{}…", "x".repeat(39));
    for (written, expected) in [
        ("https://a.org/__init__.py **b**", "<a href=\"https://a.org/__init__.py\">https://a.org/__init__.py</a> <strong>b</strong>".to_owned()),
        ("**https://a.org/x**", "<strong><a href=\"https://a.org/x\">https://a.org/x</a></strong>".to_owned()),
        ("me@a.org", "<a href=\"mailto:me@a.org\">me@a.org</a>".to_owned()),
        ("<https://a.org> <me@a.org>", "<a href=\"https://a.org\">https://a.org</a> <a href=\"mailto:me@a.org\">me@a.org</a>".to_owned()),
        ("[茶](https://a.org/a_b_c \"evil\\\" onclick=x\")", "<a href=\"https://a.org/a_b_c\" title=\"https://a.org/a_b_c\">茶</a>".to_owned()),
        ("[a][1]\n\n[1]: https://a.org", "<a href=\"https://a.org\" title=\"https://a.org\">a</a>".to_owned()),
        ("![tea](https://a.org/t.png)", "<a href=\"https://a.org/t.png\" title=\"https://a.org/t.png\">tea</a>".to_owned()),
        ("![](https://a.org/t.png)", "<a href=\"https://a.org/t.png\">https://a.org/t.png</a>".to_owned()),
        ("[![t](https://a.org/t.png)](https://a.org)", "<a href=\"https://a.org\" title=\"https://a.org\">t</a>".to_owned()),
        ("f[0](x) and [a](/b) ![c](d)", "=".to_owned()),
        ("`https://a.org`", "<code>https://a.org</code>".to_owned()),
        ("```\nhttps://a.org\n```", "<pre><code>https://a.org\n</code></pre>".to_owned()),
        (&long, format!("<a href=\"{long}\" title=\"{long}\">{shown}</a>")),
    ] {
        assert_eq!(html(written), expected, "{written:?}");
    }
}

#[test]
fn code_is_coloured_and_nothing_in_it_means_anything_else() {
    assert_eq!(
        html("```rust\nlet a = \"@Ada **x**\";\n```"),
        "<pre><code class=\"language-rust\"><span class=\"k\">let</span> a = <span class=\"s\">\"@Ada **x**\"</span>;\n</code></pre>"
    );
    assert_eq!(
        html("```klingon\n<b>\n```"),
        "<pre><code>&lt;b&gt;\n</code></pre>"
    );
    assert_eq!(
        html("``` \"><script>\nx\n```"),
        "<pre><code>x\n</code></pre>"
    );
}

#[test]
fn an_address_is_whole_whatever_signs_are_in_it() {
    for address in [
        "https://k.example/#/d?_a=(index:'log-*',query:(query:'*error*'))",
        "https://example.com/(a*b*c)d",
        "https://example.com/it's_*x*_y",
        "https://example.com/a[b*c*d]e",
        "https://zh.wikipedia.org/wiki/茶",
        "https://www.baidu.com/s?wd=中文",
        "https://zh.wikipedia.org/wiki/茶_(植物)",
    ] {
        for (before, after) in [("see ", " ok"), ("", ""), ("（", "）"), ("看", "。")] {
            let written = format!("{before}{address}{after}");
            let html = html(&written).replace("&amp;", "&");
            assert!(
                html.starts_with(&format!("{before}<a href=\"{address}\"")),
                "{html}"
            );
            assert!(html.ends_with(&format!("</a>{after}")), "{html}");
            assert_eq!(html.matches("<a ").count(), 1, "{html}");
            assert_eq!(plain(&written), written);
        }
    }
}

#[test]
fn a_link_whose_words_are_another_address_says_where_it_leads() {
    for (written, expected) in [
        (
            "[https://good.example/login](http://evil.example/)",
            "<a href=\"http://evil.example/\" title=\"http://evil.example/\">https://good.example/login (evil.example)</a>",
        ),
        (
            "[**good.example**](https://evil.example)",
            "<a href=\"https://evil.example\" title=\"https://evil.example\"><strong>good.example</strong> (evil.example)</a>",
        ),
        (
            "[good.example](https://good.example/a)",
            "<a href=\"https://good.example/a\" title=\"https://good.example/a\">good.example</a>",
        ),
    ] {
        assert_eq!(html(written), expected, "{written:?}");
    }
}

#[test]
fn tables_have_heads_and_aligned_cells() {
    assert_eq!(
        html("|a|b|c|\n|-|:-:|-:|\n|1|**2**|3|"),
        "<table><thead><tr><th>a</th><th class=\"mid\">b</th><th class=\"end\">c</th></tr></thead>\
         <tbody><tr><td>1</td><td class=\"mid\"><strong>2</strong></td><td class=\"end\">3</td></tr></tbody></table>"
    );
}

#[test]
fn html_is_text_like_any_other() {
    assert_eq!(html("a <b onclick=x>b</b>"), "=");
    assert_eq!(
        html("<div>\n**x**\n</div>"),
        "<p>&lt;div&gt;<br>**x**<br>&lt;/div&gt;</p>"
    );
    assert_eq!(html("<!-- x --> *y*"), "<p>&lt;!-- x --&gt; *y*</p>");
}

#[test]
fn who_is_called_is_marked_by_their_id_and_not_in_code_or_links() {
    let rendered = render("**@Ada & Co** `@Ada` [@Ada](https://a.org) ＠所有人！");
    let keys: Vec<_> = rendered
        .mentioned()
        .iter()
        .map(|mentioned| mentioned.names()[0].key.clone())
        .collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    let marked = rendered
        .settle(&[
            Some(("u12".to_owned(), "Ada & Co".chars().count())),
            Some(("all".to_owned(), 3)),
        ])
        .unwrap();
    text_of(&marked, "calls");
    assert!(
        marked.starts_with(
            "<strong><span class=\"mention\" data-id=\"u12\">@Ada &amp; Co</span></strong>"
        ),
        "{marked}"
    );
    assert!(
        marked.ends_with("<span class=\"mention\" data-id=\"all\">＠所有人</span>！"),
        "{marked}"
    );
    let nobody = render("hi @nobody");
    assert_eq!(nobody.settle(&[None]), None);
    assert_eq!(nobody.html, "hi @nobody");
    let wrong = render("@Ada **x**")
        .settle(&[Some(("u1".to_owned(), 6))])
        .unwrap();
    assert!(
        !wrong.contains("mention"),
        "a name does not go on in a tag: {wrong}"
    );
    assert_eq!(render(&"@a *b* ".repeat(50)).mentioned().len(), 20);
    for (written, key) in [
        ("@__init__ hi", "__init__"),
        ("hi @*star*x", "*star*x"),
        ("@a@b", "a@b"),
        ("@me@example.org", "me@example.org"),
        ("@\\_\\_init\\_\\_ hi", "__init__"),
        ("**@x_y_**", "x_y_"),
    ] {
        let rendered = render(written);
        let mut names = rendered
            .mentioned()
            .iter()
            .flat_map(super::super::NamesAt::names);
        assert!(names.any(|name| name.key == key), "{written}");
    }
}

#[test]
fn what_is_too_much_is_shown_as_it_was_written() {
    let deep = "> ".repeat(DEPTH + 1) + "x";
    let table = format!("|a|b|\n|-|-|\n{}", "|1|2|\n".repeat(CELLS / 2));
    let links = "[a](https://a.org) ".repeat(LINKS + 1);
    let references = "[a]\n".repeat(LINKS + 1) + "\n[a]: https://a.org";
    for written in [&deep, &table, &links, &references] {
        let html = html(written);
        assert!(
            !html.contains("<table") && !html.contains("<blockquote"),
            "{html}"
        );
        assert!(html.matches("<a ").count() <= LINKS);
        let html = preview(written);
        assert_eq!(text_of(&html.replace("<br>", "\n"), written), *written);
        assert_eq!(plain(written), written.as_str());
    }
    let bare = "https://a.org ".repeat(LINKS + 50);
    assert_eq!(html(&bare).matches("<a ").count(), LINKS);
}

#[test]
fn as_text_it_reads_as_a_person_would_write_it() {
    for (written, expected) in [
        ("hello\nthere", "hello\nthere"),
        ("**b** *i* ~~s~~ `c`", "b i ~~s~~ c"),
        ("# Title\ntext", "Title\n\ntext"),
        (
            "- a\n- b\n  1. c\n  2. d\n- e",
            "- a\n- b\n  1. c\n  2. d\n- e",
        ),
        ("3. a\n4. b", "3. a\n4. b"),
        (
            "> quoted\n> > twice\n\nanswer",
            "> quoted\n> > twice\n\nanswer",
        ),
        ("intro\n- a\n- b\n\nend", "intro\n- a\n- b\n\nend"),
        (
            "[茶](https://a.org) https://b.org <https://c.org> <me@a.org>",
            "茶 (https://a.org) https://b.org https://c.org me@a.org",
        ),
        (
            "![t](https://a.org/t.png) f[0](x)",
            "t (https://a.org/t.png) f[0](x)",
        ),
        (
            "```rust\nfn a() {\n    b();\n}\n```\nthen",
            "fn a() {\n    b();\n}\n\nthen",
        ),
        ("|a|b|\n|-|-|\n|1|**2**|", "a | b\n1 | 2"),
        ("<b>*x*</b> &amp;", "<b>x</b> &amp;"),
        ("他说**“你好”**吗", "他说“你好”吗"),
        ("@Ada 好的~谢谢~", "@Ada 好的~谢谢~"),
    ] {
        assert_eq!(plain(written), expected, "{written:?}");
    }
}
