//! Shortening: a text ends where a character ends as people see it (UAX 29), so that no flag, no
//! family and no letter with its accent is cut in two.
//!
//! Bounded by the limit that is passed in, in Unicode scalar values.

use unicode_segmentation::UnicodeSegmentation;

/// The beginning of `text`, at most `limit` scalar values. What is one character and longer than that
/// (a letter under a hundred accents) is cut all the same.
#[must_use]
pub fn to(text: &str, limit: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text;
    };
    // Whether a character ends at a place hangs on what comes after it.
    let ends = text.grapheme_indices(true).map(|(start, _)| start);
    let last = ends.take_while(|start| *start <= end).last();
    let whole = last.filter(|last| *last > 0).unwrap_or(end);
    text.get(..whole).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        for (text, limit, expected) in [
            ("abc", 5, "abc"),
            ("abc", 3, "abc"),
            ("abc", 2, "ab"),
            ("", 0, ""),
            ("a👨‍👩‍👧‍👦b", 3, "a"),
            ("a👨‍👩‍👧‍👦b", 8, "a👨‍👩‍👧‍👦"),
            ("🇨🇳🇨🇳", 3, "🇨🇳"),
            ("👍🏽👍🏽", 3, "👍🏽"),
            ("ae\u{301}", 2, "a"),
            ("한\u{1112}\u{1161}", 2, "한"),
            ("❤\u{fe0f}", 1, "❤"),
            ("e\u{301}\u{302}\u{303}", 2, "e\u{301}"),
        ] {
            assert_eq!(to(text, limit), expected, "{text:?} {limit}");
        }
    }

    proptest! {
        #[test]
        fn it_is_no_longer_than_the_limit_and_no_character_is_lost_without_need(
            text in "(a|e\u{301}|👨‍👩‍👧‍👦|🇨🇳|👍🏽|茶|❤\u{fe0f}){0,12}", limit in 8_usize..40,
        ) {
            let cut = to(&text, limit);
            prop_assert!(text.starts_with(cut) && cut.chars().count() <= limit);
            let next = text.get(cut.len()..).unwrap().graphemes(true).next();
            let with = next.map_or(0, |next| next.chars().count());
            prop_assert!(next.is_none() || cut.chars().count() + with > limit);
            prop_assert_eq!(
                text.graphemes(true).take(cut.graphemes(true).count()).collect::<String>(),
                cut
            );
        }
    }
}
