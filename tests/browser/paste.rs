//! What is pasted from elsewhere keeps its structure, and brings nothing else along.

use serde_json::json;
use thirtyfour::prelude::*;

use super::{Browsers, Person, site};
use crate::support::Server;

/// Pastes, as a browser would tell the page; whether the page took it upon itself.
async fn pastes(person: &Person, html: &str, text: &str) -> bool {
    let (html, text) = (json!(html), json!(text));
    let paste = format!(
        "(() => {{
            const field = document.getElementById('say');
            field.focus();
            field.select();
            const clipboardData = new DataTransfer();
            if ({html}) clipboardData.setData('text/html', {html});
            clipboardData.setData('text/plain', {text});
            return !field.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData, bubbles: true, cancelable: true }}));
        }})()"
    );
    person.look(&paste).await
}

async fn becomes(person: &Person, html: &str, markdown: &str) {
    assert!(pastes(person, html, "plain").await, "{html}");
    let there = format!(
        "document.getElementById('say').value === {}",
        json!(markdown)
    );
    person
        .until(&format!("{markdown:?} of {html}"), &there)
        .await;
}

#[tokio::test]
async fn structure_becomes_markdown() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    for (html, markdown) in [
        (
            "<meta charset=utf-8><p>a <b>bold</b>, <i>slanted </i>and <s>old</s> word</p>",
            "a **bold**, *slanted* and ~~old~~ word",
        ),
        (
            "<h2>Tea <b>now</b></h2><p>Water first.</p><p>Then leaves.</p>",
            "**Tea now**\n\nWater first.\n\nThen leaves.",
        ),
        (
            "see <a href=\"https://example.org/a_(b)\">the page</a> or <a href=\"https://example.org/\">https://example.org/</a>",
            "see [the page](https://example.org/a_%28b%29) or https://example.org/",
        ),
        (
            "<ul><li>one</li><li>two<ol start=3><li>deep</li><li>deeper</li></ol></li></ul>",
            "- one\n- two\n  3. deep\n  4. deeper",
        ),
        (
            "<p>They said:</p><blockquote><p>a</p><p>b</p></blockquote>",
            "They said:\n\n> a\n> \n> b",
        ),
        (
            "<p>run <code>ls *</code></p><pre><code class=\"language-rust\">fn a() {\n  b();\n}\n</code></pre>",
            "run `ls *`\n\n```rust\nfn a() {\n  b();\n}\n```",
        ),
        (
            "<table><tr><th>a</th><th><b>b</b></th></tr><tr><td>1|2</td><td>3<br>4</td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1\\|2 | 3 4 |",
        ),
        // A document's own way to say bold, and a wrapper that says nothing.
        (
            "<b style=\"font-weight:normal\"><p><span style=\"font-weight:700\">Bold</span><span style=\"font-weight:400\"> not</span></p></b>",
            "**Bold** not",
        ),
        // Signs that are text stay text.
        (
            "<p><b>2</b> * 3 * 4, snake_case and _so_ on</p><p># no heading</p><p>1. no list</p>",
            "**2** \\* 3 \\* 4, snake_case and \\_so\\_ on\n\n\\# no heading\n\n1\\. no list",
        ),
        (
            "<p><em>安</em>全</p><script>window.owned = 1</script><img src=x onerror=\"window.owned = 1\" alt=\"图\"><style>p{}</style>",
            "*安*全\n\n图",
        ),
        (
            "<a href=\"javascript:window.owned=1\">press</a> <b>me</b>",
            "press **me**",
        ),
    ] {
        becomes(&ann, html, markdown).await;
    }
    assert!(ann.look::<bool>("window.owned === undefined").await);
    ann.leave().await;
}

#[tokio::test]
async fn what_has_no_structure_is_pasted_as_plain_text() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    for html in [
        "<p>just words</p><p>and more</p>",
        "<div style=\"font-family: monospace\"><span style=\"color: red\">let</span> a = 1;</div>",
        "<a href=\"https://example.org/\">https://example.org/</a>",
        "<table><tr><td>one cell</td></tr></table>",
        "<b> </b>",
    ] {
        becomes(&ann, html, "plain").await;
        becomes(&ann, "<b>other</b>", "**other**").await;
    }
    // Where there is nothing to read, and in code, it is the browser's own matter.
    assert!(!pastes(&ann, "", "plain").await);
    ann.find("#say").await.clear().await.unwrap();
    ann.write("```\n").await;
    let paste = "(() => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/html', '<b>bold</b>');
        clipboardData.setData('text/plain', 'bold');
        return document.getElementById('say').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    })()";
    assert!(ann.look::<bool>(paste).await);
    ann.leave().await;
}

#[tokio::test]
async fn a_picture_that_is_pasted_or_dropped_is_told_about_and_the_page_stays() {
    const TOLD: &str = "Only words can be sent here, no pictures or files.";
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.write("a draft").await;
    let paste = "(() => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File(['tea'], 'tea.png', { type: 'image/png' }));
        return !document.getElementById('say').dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    })()";
    assert!(ann.look::<bool>(paste).await);
    ann.reads("#toast", TOLD).await;
    ann.until(
        "the word has gone",
        "!document.getElementById('toast').matches(':popover-open')",
    )
    .await;

    // Dropped on the messages or on the box.
    let picture = server.home().join("tea.html");
    std::fs::write(&picture, "<p>elsewhere</p>").unwrap();
    for css in ["#timeline", "#say"] {
        let middle = format!(
            "(({{ left, right, top, bottom }}) => [(left + right) / 2, (top + bottom) / 2])(document.querySelector('{css}').getBoundingClientRect())"
        );
        let (x, y): (f64, f64) = ann.look(&middle).await;
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({"items": [], "files": [picture], "dragOperationsMask": 1});
            let drag = json!({"type": kind, "x": x, "y": y, "data": data});
            ann.devtools("Input.dispatchDragEvent", drag).await;
        }
        ann.reads("#toast", TOLD).await;
        assert_eq!(ann.draft().await, "a draft", "{css}");
        ann.until(
            "the word has gone",
            "!document.getElementById('toast').matches(':popover-open')",
        )
        .await;
    }
    // An address that is dropped beside the box leads nowhere either; words in the box are written.
    let dropped = "((css) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.setData('text/uri-list', 'https://example.org/');
        dataTransfer.setData('text/plain', 'https://example.org/');
        return document.querySelector(css).dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    })";
    assert!(!ann.look::<bool>(&format!("{dropped}('#timeline')")).await);
    assert!(ann.look::<bool>(&format!("{dropped}('#say')")).await);
    ann.press(Key::Enter).await;
    ann.leave().await;
}
