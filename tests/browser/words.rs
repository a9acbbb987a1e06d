//! Words that are Markdown, as people see them.

use thirtyfour::prelude::*;

use super::{Browsers, site};
use crate::support::Server;

const LONG: &str = "Brewing:\n\n1. **water**, 85°\n2. ~~sugar~~ *patience*\n\n> it is always the water\n\n| steep | taste |\n|-|-:|\n| 1 | flowers |\n\n```rust\nfn brew() -> Tea { steep(180) } // minutes, and a line that is a good deal longer than any phone is wide, so it has to move\n```\n\n<b>not bold</b> https://example.org/";

/// How many of these are in the newest message.
fn count(css: &str) -> String {
    format!(
        "[...document.querySelectorAll('#messages > .msg')].at(-1).querySelectorAll('.body {css}').length"
    )
}

#[tokio::test]
async fn what_is_written_in_markdown_is_shown_live_and_after_a_reload() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    let lin = browsers.person(&site(&server), "zh-CN,zh").await;
    ann.write(LONG).await;
    ann.press(Key::Enter).await;
    for person in [&ann, &lin] {
        for (css, many) in [
            ("ol > li", 2),
            ("li strong", 1),
            ("del", 1),
            ("em", 1),
            ("blockquote > p", 1),
            ("thead th", 2),
            ("td.end", 1),
            ("pre > code.language-rust .k", 1),
            ("b", 0),
            ("a[href^=\"https://example.org/\"][rel~=nofollow]", 1),
        ] {
            person
                .until(css, &format!("{} === {many}", count(css)))
                .await;
        }
        let fits = "document.documentElement.scrollWidth <= innerWidth
            && [...document.querySelectorAll('.body')].every((body) => body.getBoundingClientRect().right <= innerWidth)";
        person.resize(390, 844).await;
        person.until("code moves in its own box", fits).await;
        person.until("the box of code moves", "(() => { const pre = document.querySelector('.body pre'); return pre.scrollWidth > pre.clientWidth; })()").await;
        person.resize(1280, 800).await;
    }
    lin.reload().await;
    lin.until(
        "drawn by the server",
        &format!("{} === 1", count("blockquote > p")),
    )
    .await;
    lin.picture("markdown").await;

    // What the author changes is what they wrote, also after a reload.
    ann.reload().await;
    ann.write("**fat**").await;
    ann.press(Key::Enter).await;
    ann.until("bold", &format!("{} === 1", count("strong")))
        .await;
    ann.reload().await;
    ann.use_tool(".edit", "fat").await;
    assert_eq!(ann.draft().await, "**fat**");
    ann.find("#say").await.clear().await.unwrap();
    ann.write("*thin*").await;
    ann.press(Key::Enter).await;
    lin.until("the edit", &format!("{} === 1", count("em")))
        .await;
    ann.leave().await;
    lin.leave().await;
}

#[tokio::test]
async fn the_colours_of_code_can_be_read_in_both_themes() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.look::<()>(
        "document.getElementById('messages').insertAdjacentHTML('beforeend', '<li class=\"msg\"><div class=\"body\"><pre><code>' +
        [...'kscnfa'].map((name) => `<span class=\"${name}\">x</span>`).join('') + '</code></pre></div></li>')",
    )
    .await;
    for theme in ["light", "dark"] {
        // The canvas knows every colour space.
        let worst: f64 = ann
            .look(&format!(
                "(() => {{
                    document.documentElement.dataset.theme = '{theme}';
                    const pen = Object.assign(document.createElement('canvas'), {{ width: 1, height: 1 }}).getContext('2d', {{ willReadFrequently: true }});
                    const light = (colour) => {{
                        pen.fillStyle = colour;
                        pen.fillRect(0, 0, 1, 1);
                        const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((part) => {{
                            const share = part / 255;
                            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
                        }});
                        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                    }};
                    const ground = light(getComputedStyle(document.querySelector('.body pre')).backgroundColor);
                    return Math.min(...[...document.querySelectorAll('.body pre span')].map((span) => {{
                        const ink = light(getComputedStyle(span).color);
                        return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
                    }}));
                }})()"
            ))
            .await;
        assert!(worst >= 4.5, "{theme}: {worst}");
    }
    ann.leave().await;
}

#[tokio::test]
async fn a_list_of_tasks_has_boxes_instead_of_dots() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.write("- [ ] boil water\n- [x] warm the pot\n- no task")
        .await;
    ann.press(Key::Enter).await;
    ann.hears("☐ boil water☑ warm the potno task").await;
    let dots = "[...document.querySelectorAll('#messages .body li')].map((item) => getComputedStyle(item).listStyleType)";
    let [first, second, third]: [String; 3] = ann.look(dots).await;
    assert_eq!([first.as_str(), &second, &third], ["none", "none", "disc"]);
    ann.leave().await;
}
