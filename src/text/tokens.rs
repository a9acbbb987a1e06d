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

mod characters;

use std::ops::Range;

use super::forms;
pub use characters::is_character;
use characters::{Class, class, folded, is_ignored};

/// Characters of a word that count: the rest of a longer one is no language's.
const WORD_CHARS: usize = 64;

/// Parts of a word: what has more, letters and digits in turn, is a key or a hash, and found as one.
const PARTS: usize = 6;

/// Characters of a word by which an index knows how it begins; longer beginnings it finds by itself.
const BEGINNING: usize = 3;

/// The kinds of token.
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
    /// The kind of token.
    pub kind: Kind,
    /// Whether nothing is between it and the character before it, which is of the same kind.
    pub joined: bool,
    /// Where it stands in the text, in bytes, always whole characters.
    pub range: Range<usize>,
    /// Where in it other parts begin, in bytes of `text`: before a capital, a number, a group of digits.
    pub breaks: Vec<usize>,
    /// What is looked for may go on: the word is not written to its end yet.
    pub open: bool,
    /// Words that are taken for this one where it is looked for, sorted; they begin alike (see [`forms`]).
    pub forms: Vec<String>,
}

impl Token {
    /// Where its parts begin.
    fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        std::iter::once(0).chain(self.breaks.iter().copied())
    }

    /// Every run of its parts, all of it first.
    fn runs(&self) -> impl Iterator<Item = &str> + '_ {
        let ends = || std::iter::once(self.text.len()).chain(self.breaks.iter().copied());
        let runs = move |start| ends().filter_map(move |end| self.text.get(start..end));
        self.starts().flat_map(runs).filter(|run| !run.is_empty())
    }

    /// Whether this token of a text is `wanted`: as a whole, but that the first one may begin before it,
    /// and the last one end after it.
    fn is(&self, wanted: &Token, first: bool, last: bool) -> bool {
        let begins = self.starts().take(if first { usize::MAX } else { 1 });
        let mut rests = begins.filter_map(|start| Some((start, self.text.get(start..)?)));
        rests.any(|(start, rest)| {
            let end = start + wanted.text.len();
            let ends = last && (wanted.open || self.breaks.contains(&end));
            rest == wanted.text
                || ends && rest.starts_with(&wanted.text)
                || rest.as_bytes().first() == wanted.text.as_bytes().first()
                    && wanted
                        .forms
                        .binary_search_by(|form| form.as_str().cmp(rest))
                        .is_ok()
        })
    }
}

/// How an index may know a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By this term.
    Is(String),
    /// By terms that begin so.
    Begins(String),
}

/// The words of a text, in order.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader::default();
    for (range, c, upper) in folded(text) {
        reader.take(range, c, upper);
    }
    grouped(text, reader.found)
}

/// The same for what is looked for: of a word all its forms are, too, and the last one may go on.
#[must_use]
pub fn wanted(text: &str) -> Vec<Token> {
    let mut all = tokens(text);
    if let [word] = all.as_mut_slice()
        && word.breaks.is_empty()
        && word.kind == Kind::Word
    {
        word.forms = forms::of(&word.text);
    }
    if let Some(last) = all.last_mut() {
        last.open = match last.kind {
            // Too many words begin with one letter.
            Kind::Word => last.text.chars().nth(1).is_some(),
            Kind::Sign => true,
            Kind::Character | Kind::Emoji => false,
        };
    }
    all
}

/// The words by which an index finds a text, with blanks between them: every token, every two
/// characters that stand together, the parts of words, and how they begin.
#[must_use]
pub fn terms(tokens: &[Token]) -> String {
    let mut all = String::new();
    let mut put = |parts: [&str; 2]| {
        all.extend(parts);
        all.push(' ');
    };
    let mut before: Option<&Token> = None;
    for token in tokens {
        if let Some(before) = before.filter(|_| token.joined) {
            put([&before.text, &token.text]);
        }
        for run in token.runs() {
            put([run, ""]);
        }
        for start in token.starts().filter(|_| token.kind == Kind::Word) {
            let rest = token.text.get(start..).unwrap_or_default();
            for (place, c) in rest.char_indices().take(BEGINNING).skip(1) {
                put([rest.get(..place + c.len_utf8()).unwrap_or_default(), BEGINS]);
            }
        }
        before = Some(token);
    }
    all
}

/// Stands after the beginning of a word: no word has it.
const BEGINS: &str = "_";

/// Those of the [`terms`] that a text must have which has these tokens one after the other, each with the
/// ways in which it may have it: characters that stand together by their pairs, which say more than each
/// alone.
#[must_use]
pub fn needed(tokens: &[Token]) -> Vec<Vec<Way>> {
    let mut all = Vec::new();
    let mut rest = tokens.iter().peekable();
    let mut before: Option<&Token> = None;
    while let Some(token) = rest.next() {
        let pair = before.filter(|_| token.joined);
        if let Some(before) = pair {
            all.push(vec![Way::Is(format!("{}{}", before.text, token.text))]);
        }
        if pair.is_none() && rest.peek().is_none_or(|next| !next.joined) {
            let mut ways = vec![match token.open {
                true if token.kind == Kind::Word && token.text.chars().count() <= BEGINNING => {
                    Way::Is(format!("{}{BEGINS}", token.text))
                }
                true => Way::Begins(token.text.clone()),
                false => Way::Is(token.text.clone()),
            }];
            ways.extend(token.forms.iter().cloned().map(Way::Is));
            all.push(ways);
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
        let same = |(number, (one, other)): (usize, (&Token, &Token))| {
            one.is(other, number == 0, number + 1 == wanted.len())
        };
        let joins = |(one, other): (&Token, &Token)| !other.joined || one.joined;
        let pairs = || window.iter().zip(wanted);
        // The first may be joined to something that nobody asked for.
        let found =
            !wanted.is_empty() && pairs().enumerate().all(same) && pairs().skip(1).all(joins);
        found.then_some(place)
    })
}

/// The same tokens, with groups of digits as one number: `1,299` is 1299.
fn grouped(text: &str, found: Vec<Token>) -> Vec<Token> {
    let is_number = |token: &Token| token.text.bytes().all(|byte| byte.is_ascii_digit());
    let mut all: Vec<Token> = Vec::with_capacity(found.len());
    for token in found {
        match all.last_mut() {
            Some(last)
                if token.text.len() == 3
                    && is_number(&token)
                    && is_number(last)
                    && (last.text.len() <= 3 || !last.breaks.is_empty())
                    && last.breaks.len() + 1 < PARTS
                    && text.get(last.range.end..token.range.start) == Some(",") =>
            {
                last.breaks.push(last.text.len());
                last.text.push_str(&token.text);
                last.range.end = token.range.end;
            }
            _ => all.push(token),
        }
    }
    all
}

#[derive(Debug, Default)]
struct Reader {
    found: Vec<Token>,
    /// Whether the last token goes on with what comes next, and how many characters it has.
    open: Option<usize>,
    /// What the last two letters or digits of the word were.
    before: [Option<Sort>; 2],
    /// Whether the word has too many parts to have any.
    whole: bool,
}

/// What is one part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Small,
    Capital,
    Digit,
}

impl Reader {
    fn take(&mut self, range: Range<usize>, c: char, upper: bool) {
        if is_ignored(c) {
            return;
        }
        let sort = match (c.is_numeric(), upper) {
            (true, _) => Sort::Digit,
            (_, true) => Sort::Capital,
            _ => Sort::Small,
        };
        let before = self.open.take();
        match (class(c), self.found.last_mut()) {
            (Class::Letter, Some(last)) if before.is_some() && last.kind == Kind::Word => {
                let chars = before.unwrap_or_default();
                if chars < WORD_CHARS {
                    if let Some(place) = part(&last.text, self.before, sort) {
                        self.whole |= last.breaks.len() + 1 == PARTS;
                        last.breaks.push(place);
                    }
                    if self.whole {
                        last.breaks.clear();
                    }
                    last.text.push(c);
                }
                last.range.end = range.end;
                self.open = Some(chars + 1);
                self.before = [self.before[1], Some(sort)];
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
            (Class::Letter, _) => {
                self.begin(range, c, Kind::Word, false);
                (self.before, self.whole) = ([None, Some(sort)], false);
            }
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
            breaks: Vec::new(),
            open: false,
            forms: Vec::new(),
        });
        self.open = Some(1);
    }
}

/// Where in a word that ends with two such characters another part begins, when one of `sort` comes next:
/// before it, or before the capital of `HTTPServer` that was the last.
fn part(word: &str, before: [Option<Sort>; 2], sort: Sort) -> Option<usize> {
    let [earlier, Some(last)] = before else {
        return None;
    };
    match (last, sort) {
        (Sort::Digit, Sort::Small | Sort::Capital)
        | (Sort::Small | Sort::Capital, Sort::Digit)
        | (Sort::Small, Sort::Capital) => Some(word.len()),
        (Sort::Capital, Sort::Small) if earlier == Some(Sort::Capital) => {
            word.char_indices().next_back().map(|(place, _)| place)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
