//! Characters as a search compares them: of what class each is, and what it is folded to.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::text::han::simplified;
use crate::text::name::is_invisible;

/// What a character is for a word.
#[derive(Debug)]
pub(super) enum Class {
    Letter,
    Character,
    Emoji,
    Sign,
    Mark,
    Other,
}

pub(super) fn class(c: char) -> Class {
    match c {
        '+' | '#' => Class::Sign,
        _ if c.is_ascii() => {
            if c.is_ascii_alphanumeric() {
                Class::Letter
            } else {
                Class::Other
            }
        }
        _ if is_character(c) => Class::Character,
        _ if is_emoji(c) => Class::Emoji,
        // Before letters: some marks count as alphabetic.
        _ if is_combining_mark(c) => Class::Mark,
        _ if c.is_alphanumeric() => Class::Letter,
        _ => Class::Other,
    }
}

/// Han with its extensions and radicals, kana, Bopomofo, Hangul (Unicode 17, by block).
#[must_use]
pub fn is_character(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}'
        | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{3035}' | '\u{3038}'..='\u{303c}'
        | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{312f}' | '\u{3131}'..='\u{318e}' | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{1aff0}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
}

/// Pictures, and the symbols that are drawn as such.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b05}'..='\u{2b55}'
        | '\u{1f000}'..='\u{1faff}')
}

/// What takes no place does not end a word, but for the blank of no width.
pub(super) fn is_ignored(c: char) -> bool {
    c >= '\u{ad}' && c != '\u{200b}' && is_invisible(c)
}

/// The characters of a text as they are compared, each with where it comes from, and whether it was a
/// capital.
pub(super) fn folded(text: &str) -> impl Iterator<Item = (Range<usize>, char, bool)> + '_ {
    clusters(text).flat_map(|(range, cluster)| {
        let plain = plain_char(cluster);
        let folded = plain.is_none().then(|| fold(cluster));
        let upper = match plain {
            Some(_) => cluster.starts_with(|c: char| c.is_ascii_uppercase()),
            None => cluster.nfkc().next().is_some_and(char::is_uppercase),
        };
        let each = folded.into_iter().flatten().chain(plain);
        each.map(move |c| (range.clone(), c, upper))
    })
}

/// The one character of a cluster that is the same in every form but for ASCII case and what is
/// [`simplified`].
fn plain_char(cluster: &str) -> Option<char> {
    let mut chars = cluster.chars();
    let c = chars.next().filter(|c| is_plain(*c))?;
    let alone = chars.next().is_none();
    alone.then(|| simplified(c.to_ascii_lowercase()))
}

/// Characters that no normalization and no folding changes when they stand alone, and before which
/// every cluster ends.
fn is_plain(c: char) -> bool {
    c.is_ascii()
        || matches!(c, '\u{3400}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')
}

/// NFKC, and case folding in full: by way of the upper case, in which `ß` is two letters and both
/// small sigmas are one. Then without the accents of Latin and Greek letters and the dots of `ё`.
fn fold(cluster: &str) -> Vec<char> {
    let upper = cluster.nfkc().flat_map(char::to_uppercase);
    let mut base = ' ';
    let bare = upper.flat_map(char::to_lowercase).nfkd().filter(move |c| {
        let accent = matches!(c, '\u{300}'..='\u{36f}');
        if !accent {
            base = *c;
        }
        !accent
            || !matches!(base, 'a'..='z' | '\u{250}'..='\u{2af}' | 'α'..='ω' | 'е')
            || base == 'е' && *c != '\u{308}'
    });
    let whole = bare.nfc().map(simplified);
    whole
        .flat_map(|c| {
            let (first, second) = match c {
                'ø' => ('o', None),
                'đ' => ('d', None),
                'ł' => ('l', None),
                'ħ' => ('h', None),
                'ı' => ('i', None),
                'æ' => ('a', Some('e')),
                'œ' => ('o', Some('e')),
                other => (other, None),
            };
            std::iter::once(first).chain(second)
        })
        .collect()
}

/// The parts of a text that normalization changes each by itself.
pub(super) fn clusters(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (from, _) = chars.next()?;
        while chars.next_if(|(_, c)| goes_on(*c)).is_some() {}
        let to = chars.peek().map_or(text.len(), |(place, _)| *place);
        Some((from..to, text.get(from..to)?))
    })
}

/// Whether a character is composed with what stands before it: marks, the later parts of a Hangul
/// syllable, and what stands for one of them.
fn goes_on(c: char) -> bool {
    if is_plain(c) {
        return false;
    }
    let mut encoded = [0; 4];
    let first = c.encode_utf8(&mut encoded).nfkd().next();
    first.is_some_and(|first| is_combining_mark(first) || matches!(first, '\u{1160}'..='\u{11ff}'))
}
