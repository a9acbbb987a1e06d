//! Nasty pieces in any order: whatever is written, only what is on the list comes out, and nothing
//! of what was written gets lost.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::super::{clean, plain, preview, render};
use super::list::text_of;
use crate::text::content::accept;

/// Messages that are made up.
const MESSAGES: u32 = 100_000;

/// Pieces of which a message has up to so many.
const PIECES: usize = 14;

/// Marks, blanks, addresses, tags, entities, mentions, and Chinese between them.
#[rustfmt::skip]
const NASTY: [&str; 96] = [
    "*", "**", "***", "_", "__", "~", "~~", "`", "``", "```", "```rust", "~~~", "[", "]", "(", ")", "](", "![", "[]", "()", "<",
    ">", "</", "/>", "&", ";", "&lt;", "&#60;", "&#x3c;", "&amp;lt;", "&quot;", "&#0;", "&#5;", "\\", "\\\n", "\"", "'", "\n",
    "\n\n", "  \n", "    ", "\t", "> ", ">", "- ", "1. ", "9. ", "# ", "---", "===", "|", "|-|-|", "|:-:|", "a", "b c", "茶", "“",
    "”", "，", "。", "🍵", "\u{200d}", "@", "@Ada", "＠所有人", "@all ", "me@example.org", "https://example.org/", "http://",
    "https://a.b/__c__*d*", "HTTPS://E.org/?a=1&b=2", "javascript:alert(1)", "javascript&colon;", "data:text/html,",
    "mailto:a@b.org", "<https://a.org>", "<script>", "</script>", "<img src=x onerror=a>", "<svg/onload=a>", "<!--", "-->",
    "<![CDATA[", "]]>", "<?", "?>", "<a href=\"", "\" onclick=\"x", "<div>", "</div>", "<style>", "<b>", "[a]: https://a.org\n",
    "[a]", "\u{1}", "\u{5}",
];

/// Messages are made up on so many threads.
const THREADS: u8 = 4;

#[test]
fn whatever_is_written_only_what_may_be_comes_out() {
    std::thread::scope(|scope| {
        for seed in 0..THREADS {
            scope.spawn(move || hold(seed));
        }
    });
}

fn hold(seed: u8) {
    let config = Config {
        cases: MESSAGES / u32::from(THREADS),
        failure_persistence: None,
        ..Config::default()
    };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let piece = prop_oneof![
        12 => proptest::sample::select(&NASTY[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    let message = proptest::collection::vec(piece, 1..PIECES);
    let held = runner.run(&message, |pieces| {
        let Ok(written) = accept(&pieces.concat(), 1_000) else {
            return Ok(());
        };
        let rendered = render(&written);
        let everybody: Vec<_> = rendered
            .mentioned()
            .iter()
            .map(|mentioned| Some(("u1".to_owned(), mentioned.names()[0].chars)))
            .collect();
        if let Some(settled) = rendered.settle(&everybody) {
            text_of(&settled, &written);
            prop_assert!(!settled.contains(super::super::MENTION), "a mark is left");
        }
        let text = text_of(&preview(&written), &written);
        prop_assert_eq!(clean::clean(&rendered.html), rendered.html);
        let words = |text: &str| text.matches('茶').count();
        let definitions = written.contains("]:") || written.contains("](");
        let in_fence = written.contains("```") || written.contains("~~~");
        prop_assert!(
            definitions || in_fence || words(&text) == words(&written),
            "{}",
            text
        );
        let plain = plain(&written);
        prop_assert!(
            definitions || in_fence || words(&plain) == words(&written),
            "{}",
            plain
        );
        Ok(())
    });
    held.unwrap();
}
