//! Nothing that was written vanishes: whatever signs, numbers and words stand on whatever lines, they are
//! in what is shown, in their order.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use pulldown_cmark::{Event, Tag};

use super::super::{plain, prepared, preview, read};
use super::list::text_of;
use crate::text::content::accept;

/// Pieces without links with words of their own, code in fences and lists of ones: of those the marks are
/// not shown, or other numbers.
#[rustfmt::skip]
const PIECES: [&str; 51] = [
    "a", "b c", "茶", "你好", "x2", "， ", "。", "!", "\n", "\n", "\n", "\n\n", " ", "  ", "    ", "　", "\t", "=", "==", "-", "--", "---", ":-",
    ">", "> ", ">> ", ">_<", ">= 5", "- ", "+ ", "3. ", "5) ", "10. ", "02. ", "7.", "# ", "[茶]: 水", "https://a.org/", "https://a.org/x(y*z*w)",
    "https://b.org/?q=", "@Ada", "@__in__", "@x@y", "me@a.org", "¯\\_(ツ)_/¯", "\\\\host\\x", "2*3", "*", "_", "~", "&amp;",
];

/// What is left of a text without the marks that Markdown may take and the blanks.
fn words(text: &str, numbers: bool) -> String {
    let kept = |c: &char| {
        c.is_alphabetic() || (numbers && c.is_numeric()) || "=,，。!?'&;@ツ".contains(*c)
    };
    text.chars().filter(kept).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_was_written_vanishes(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 1..16)) {
        let Ok(written) = accept(&pieces.concat(), 1_000) else {
            return Ok(());
        };
        prop_assume!(!written.contains("~~~"));
        prop_assert_eq!(words(&plain(&written), true), words(&written, true), "{:?}", written);
        let html = preview(&written);
        // Of a long address the end is not shown.
        prop_assume!(!html.contains('…'));
        prop_assert_eq!(words(&text_of(&html, &written), false), words(&written, false), "{:?} {}", written, html);
        let source = prepared(&written);
        for (event, range) in read(&source).unwrap_or_default() {
            if let Event::Start(Tag::Heading { .. }) = event {
                prop_assert!(source.slice(range).starts_with('#'), "{:?}", written);
            }
        }
    }
}
