//! Words as a search sees them.
//!
//! Owns what a word is, in the text and in what is looked for alike: letters and digits that stand
//! together, or one character of a script that is written without blanks (Han, kana, Hangul), or one
//! emoji. Compatibility forms and case do not matter (NFKC, case folding), so that full-width letters
//! are half-width ones and `ﬁ` is `fi`. What is between words is nothing, but for `+` and `#` right
//! after one: `c++`, `C#`. Parts of an address or of `foo_bar` are words one after the other.
//!
//! Knows nothing of how an index keeps them but [`terms`], the words by which one finds a text.
//! Bounds: a word has at most [`WORD_CHARS`] characters, what follows is left out.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::name::is_invisible;

/// Characters of a word that count: the rest of a longer one is no language's.
const WORD_CHARS: usize = 64;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters and digits.
    Word,
    /// One character of a script without blanks.
    Character,
    /// `+` or `#` after a word.
    Sign,
    /// An emoji.
    Emoji,
}

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As it is compared.
    pub text: String,
    /// What it is.
    pub kind: Kind,
    /// Whether nothing is between it and the character before it, which is of the same kind.
    pub joined: bool,
    /// Where it stands in the text, in bytes, always whole characters.
    pub range: Range<usize>,
}

/// The words of a text, in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader::default();
    for (range, c) in folded(text) {
        reader.take(range, c);
    }
    reader.found
}

/// The words by which an index finds a text, with blanks between them: every token, and every two
/// characters that stand together.
#[must_use]
pub fn terms(tokens: &[Token]) -> String {
    let mut all = String::new();
    let mut before: Option<&Token> = None;
    for token in tokens {
        if let Some(before) = before.filter(|_| token.joined) {
            all.push_str(&before.text);
            all.push_str(&token.text);
            all.push(' ');
        }
        all.push_str(&token.text);
        all.push(' ');
        before = Some(token);
    }
    all
}

/// Those of the [`terms`] that a text must have which has these tokens one after the other: characters
/// that stand together by their pairs, which say more than each alone.
#[must_use]
pub fn needed(tokens: &[Token]) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = tokens.iter().peekable();
    let mut before: Option<&Token> = None;
    while let Some(token) = rest.next() {
        let pair = before.filter(|_| token.joined);
        if let Some(before) = pair {
            all.push(format!("{}{}", before.text, token.text));
        }
        if pair.is_none() && rest.peek().is_none_or(|next| !next.joined) {
            all.push(token.text.clone());
        }
        before = Some(token);
    }
    all
}

/// Where in `tokens` those of `wanted` stand one after the other, each joined to the one before it
/// that is so in `wanted`.
pub fn places<'a>(tokens: &'a [Token], wanted: &'a [Token]) -> impl Iterator<Item = usize> + 'a {
    let windows = tokens.windows(wanted.len().max(1)).enumerate();
    windows.filter_map(move |(place, window)| {
        let same = |(one, other): (&Token, &Token)| one.text == other.text;
        let joins = |(one, other): (&Token, &Token)| !other.joined || one.joined;
        let pairs = || window.iter().zip(wanted);
        // The first may be joined to something that nobody asked for.
        let found = !wanted.is_empty() && pairs().all(same) && pairs().skip(1).all(joins);
        found.then_some(place)
    })
}

#[derive(Debug, Default)]
struct Reader {
    found: Vec<Token>,
    /// Whether the last token goes on with what comes next, and how many characters it has.
    open: Option<usize>,
}

impl Reader {
    fn take(&mut self, range: Range<usize>, c: char) {
        if is_ignored(c) {
            return;
        }
        let before = self.open.take();
        match (class(c), self.found.last_mut()) {
            (Class::Letter, Some(last)) if before.is_some() && last.kind == Kind::Word => {
                let chars = before.unwrap_or_default();
                if chars < WORD_CHARS {
                    last.text.push(c);
                }
                last.range.end = range.end;
                self.open = Some(chars + 1);
            }
            (Class::Sign, Some(last)) if before.is_some() => match last.kind {
                Kind::Sign => {
                    last.text.push(c);
                    last.range.end = range.end;
                    self.open = Some(1);
                }
                Kind::Word => self.begin(range, c, Kind::Sign, false),
                Kind::Character | Kind::Emoji => {}
            },
            (Class::Letter, _) => self.begin(range, c, Kind::Word, false),
            (Class::Character, last) => {
                let joined =
                    before.is_some() && last.is_some_and(|one| one.kind == Kind::Character);
                self.begin(range, c, Kind::Character, joined);
            }
            (Class::Emoji, _) => self.begin(range, c, Kind::Emoji, false),
            (Class::Mark, Some(last)) if before.is_some() => {
                last.text.push(c);
                last.range.end = range.end;
                self.open = before;
            }
            (Class::Mark | Class::Sign | Class::Other, _) => {}
        }
    }

    fn begin(&mut self, range: Range<usize>, c: char, kind: Kind, joined: bool) {
        self.found.push(Token {
            text: c.to_string(),
            kind,
            joined,
            range,
        });
        self.open = Some(1);
    }
}

enum Class {
    Letter,
    Character,
    Emoji,
    Sign,
    Mark,
    Other,
}

fn class(c: char) -> Class {
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
fn is_ignored(c: char) -> bool {
    c >= '\u{ad}' && c != '\u{200b}' && is_invisible(c)
}

/// The characters of a text as they are compared, each with where it comes from.
fn folded(text: &str) -> impl Iterator<Item = (Range<usize>, char)> + '_ {
    clusters(text).flat_map(|(range, cluster)| {
        let plain = plain_char(cluster);
        let folded = plain.is_none().then(|| fold(cluster));
        let each = folded.into_iter().flatten().chain(plain);
        each.map(move |c| (range.clone(), c))
    })
}

/// The one character of a cluster that is the same in every form but for ASCII case.
fn plain_char(cluster: &str) -> Option<char> {
    let mut chars = cluster.chars();
    let c = chars.next().filter(|c| is_plain(*c))?;
    chars.next().is_none().then(|| c.to_ascii_lowercase())
}

/// Characters that no normalization and no folding changes when they stand alone, and before which
/// every cluster ends.
fn is_plain(c: char) -> bool {
    c.is_ascii()
        || matches!(c, '\u{3400}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')
}

/// NFKC, and case folding in full: by way of the upper case, in which `ß` is two letters and both
/// small sigmas are one.
fn fold(cluster: &str) -> Vec<char> {
    let upper = cluster.nfkc().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).nfkc().collect()
}

/// The parts of a text that normalization changes each by itself.
fn clusters(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
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

#[cfg(test)]
mod tests;
