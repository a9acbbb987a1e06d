//! Attacks: known ways past filters of HTML, and ways through Markdown itself.

use super::super::{clean, plain, preview, render};
use super::list::text_of;

/// Ways to write a script address that browsers have understood, or that filters have not.
const SCRIPTS: [&str; 24] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java&#9;script:alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript&colon;alert(1)",
    "&#0000106&#0000097vascript:alert(1)",
    "javascript&#58;alert(1)",
    "javascript\\:alert(1)",
    "\u{1}javascript:alert(1)",
    "&#1;javascript:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "javascript:alert(1)//https://example.org",
    "vbscript:msgbox(1)",
    "livescript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "file:///etc/passwd",
    "//evil.example",
    "\\\\evil.example",
    "blob:https://example.org/x",
];

/// HTML that does something, or breaks out of something.
const MARKUP: [&str; 46] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script >",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\" onerror=\"alert(1)\"",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<img/src='x'/onerror=alert(1)//",
    "<IMG SRC=javascript:alert(String.fromCharCode(88))>",
    "<svg onload=alert(1)>",
    "<svg><script>alert&#40;1&#41;</script>",
    "<svg><animate xlink:href=#x attributeName=href values=javascript:alert(1) /></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math href=\"javascript:alert(1)\">x</math>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<iframe srcdoc=\"&lt;script&gt;alert(1)&lt;/script&gt;\">",
    "<object data=data:text/html,x>",
    "<embed src=//evil.example/x.swf>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import'//evil.example/x.css';</style>",
    "<style></style><script>alert(1)</script>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
    "<base href=javascript:alert(1)//>",
    "<form action=javascript:alert(1)><button>x",
    "<button formaction=javascript:alert(1)>x",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<div style=\"background:url(javascript:alert(1))\">",
    "<div style=\"width:expression(alert(1))\">",
    "<table background=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"https://a.org\" onmouseover=alert(1)>x</a>",
    "<a\u{a0}href=javascript:alert(1)>x</a>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version=\"1.0\"?><script>alert(1)</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "</p></div></li><script>alert(1)</script>",
    "\"><script>alert(1)</script>",
];

fn holds(written: &str) -> String {
    let rendered = render(written);
    let mentioned: Vec<_> = rendered
        .mentioned()
        .iter()
        .map(|_| Some(("u1".to_owned(), 1)))
        .collect();
    if let Some(settled) = rendered.settle(&mentioned) {
        text_of(&settled, written);
    }
    text_of(&preview(written), written);
    let html = rendered.html;
    assert_eq!(clean::clean(&html), html, "clean is clean: {written:?}");
    let _text = plain(written);
    html
}

#[test]
fn no_address_that_does_something_becomes_a_link() {
    for script in SCRIPTS {
        for written in [
            format!("[a]({script})"),
            format!("[a](<{script}>)"),
            format!("[a]({script} \"title\")"),
            format!("![a]({script})"),
            format!("<{script}>"),
            format!("[a][b]\n\n[b]: {script}"),
            format!("[b]\n\n[b]: <{script}> 'x'"),
            format!("[a](https://example.org){{{script}}}"),
            format!("[{script}]({script})"),
            format!("[![a]({script})]({script})"),
            format!("| [a]({script}) |\n|-|\n| ![a]({script}) |"),
            script.to_owned(),
        ] {
            let html = holds(&written);
            assert!(
                !html.contains("href=\"j")
                    && !html.contains("href=\"d")
                    && !html.contains("href=\"v"),
                "{written:?} became {html:?}"
            );
        }
    }
}

#[test]
fn no_markup_is_markup_wherever_it_is_written() {
    for markup in MARKUP {
        for written in [
            markup.to_owned(),
            format!("text {markup} text"),
            format!("> {markup}\n- {markup}"),
            format!("**{markup}** `{markup}`"),
            format!("```{markup}\n{markup}\n```"),
            format!("```html\n{markup}\n```"),
            format!("[{markup}](https://example.org/{markup})"),
            format!("[a](https://example.org '{markup}')"),
            format!("![{markup}](https://example.org \"{markup}\")"),
            format!("https://example.org/{markup}"),
            format!("@{markup}"),
            format!("|{markup}|\n|-|\n|{markup}|"),
            format!("# {markup}"),
            format!("<div>\n{markup}\n\n{markup}"),
        ] {
            let html = holds(&written);
            for tag in ["<script", "<img", "<svg", "<iframe", "<style", "<math"] {
                assert!(!html.contains(tag), "{written:?} became {html:?}");
            }
        }
    }
}

#[test]
fn a_quote_in_an_address_or_a_title_ends_nothing() {
    for written in [
        "[a](https://example.org/\"onclick=\"alert(1))",
        "[a](https://example.org/'onclick='alert(1))",
        "[a](<https://example.org/\" onclick=\"x>)",
        "[a](https://example.org \"x\\\" onclick=\\\"y\")",
        "https://example.org/\"onclick=\"alert(1)",
        "<https://example.org/\"onclick=\"alert(1)>",
        "[a](https://example.org/`onclick=`x)",
        "[a](mailto:x@example.org?body=\"><script>)",
    ] {
        holds(written);
    }
}
