//! Code, coloured by class: one lexer, and a table of languages.
//!
//! It knows comments, strings, numbers, keywords, keys and function calls, and nothing of grammar: what
//! it takes for something else is coloured wrongly and nothing more. One pass over the text.

mod languages;

pub(super) use languages::Language;
use languages::{LANGUAGES, Quote, Ways};

use super::escape;

/// Keyword, string, comment, number, function, key or tag.
pub(super) const CLASSES: [&str; 6] = ["k", "s", "c", "n", "f", "a"];

/// Characters between which a quote is a character in a language in which a lone one is none.
const CHARACTER: usize = 12;

/// The classes of all languages.
pub(super) fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.class)
}

/// The language of this name, as it follows a fence.
pub(super) fn named(info: &str) -> Option<&'static Language> {
    let name = info.split([' ', ',', '{', ':']).next().unwrap_or_default();
    let is_it = |language: &&Language| {
        language
            .names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    LANGUAGES.iter().find(is_it)
}

/// Appends the beginning of a block of code.
pub(super) fn open(language: Option<&Language>, out: &mut String) {
    match language {
        Some(language) => {
            out.push_str("<pre><code class=\"");
            out.push_str(language.class);
            out.push_str("\">");
        }
        None => out.push_str("<pre><code>"),
    }
}

/// Appends code. `budget` is how many parts of it may still be coloured.
pub(super) fn write(language: &Language, code: &str, budget: &mut usize, out: &mut String) {
    let mut rest = code;
    let mut before = '\n';
    while !rest.is_empty() && *budget > 0 {
        let (length, class) = next(language, rest, before);
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        before = token.chars().last().unwrap_or(before);
        rest = after;
        match class {
            Some(class) => {
                *budget -= 1;
                out.push_str("<span class=\"");
                out.push_str(class);
                out.push_str("\">");
                escape(token, out);
                out.push_str("</span>");
            }
            None => escape(token, out),
        }
    }
    escape(rest, out);
}

/// How long the next part of `rest` is, which is not empty, and its class.
fn next(language: &Language, rest: &str, before: char) -> (usize, Option<&'static str>) {
    if let Some(length) = comment(language, rest, before) {
        return (length, Some("c"));
    }
    if let Some(length) = language
        .strings
        .iter()
        .find_map(|quote| string(language, quote, rest))
    {
        let is_key = language.ways == Ways::Keys && is_before_key_sign(rest, length);
        return (length, Some(if is_key { "a" } else { "s" }));
    }
    let first = rest.chars().next().unwrap_or_default();
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let run = |goes_on: &dyn Fn(char) -> bool| rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
    if first.is_ascii_digit() {
        return (run(&|c| part_of_word(c) || c == '.'), Some("n"));
    }
    if part_of_word(first) {
        let dashes = matches!(language.ways, Ways::Keys | Ways::Tags);
        let length = run(&|c| part_of_word(c) || dashes && c == '-');
        return (length, word(language, rest, length, before));
    }
    // Blanks and signs, up to what may begin something else.
    (first.len_utf8(), None)
}

fn comment(language: &Language, rest: &str, before: char) -> Option<usize> {
    // `a#b`, `http://` and `$#` have no comments in them.
    let fresh = before.is_whitespace() || matches!(before, ';' | '{' | '}' | '(' | ')' | ',');
    if fresh && language.line.iter().any(|mark| rest.starts_with(mark)) {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let (open, close) = language.block?;
    let inside = rest.strip_prefix(open)?;
    let end = inside.find(close).map(|end| open.len() + end + close.len());
    Some(end.unwrap_or(rest.len()))
}

fn string(language: &Language, quote: &Quote, rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix(quote.mark)?;
    let mut escaped = false;
    for (count, (place, c)) in inside.char_indices().enumerate() {
        if escaped {
            escaped = false;
        } else if inside
            .get(place..)
            .is_some_and(|here| here.starts_with(quote.mark))
        {
            return Some(2 * quote.mark.len() + place);
        } else if c == '\\' && quote.escapes {
            escaped = true;
        } else if c == '\n' && !quote.lines {
            return is_open(language, quote).then_some(quote.mark.len() + place);
        }
        if language.ways == Ways::Lifetimes
            && quote.mark == "'"
            && (count >= CHARACTER || count == 1 && !inside.starts_with('\\'))
        {
            return None;
        }
    }
    is_open(language, quote).then_some(rest.len())
}

/// Whether a string without an end is one all the same.
fn is_open(language: &Language, quote: &Quote) -> bool {
    quote.mark != "'" || language.ways == Ways::Usual && quote.lines
}

fn word(language: &Language, rest: &str, length: usize, before: char) -> Option<&'static str> {
    let word = rest.get(..length)?;
    let is_known = match language.ways {
        Ways::AnyCase => language.words.contains(&word.to_ascii_lowercase().as_str()),
        _ => language.words.contains(&word),
    };
    match language.ways {
        Ways::Tags => return matches!(before, '<' | '/').then_some("k"),
        Ways::Keys if is_before_key_sign(rest, length) => return Some("a"),
        _ => {}
    }
    if is_known {
        return Some("k");
    }
    rest.get(length..)?.starts_with('(').then_some("f")
}

fn is_before_key_sign(rest: &str, length: usize) -> bool {
    let after = rest.get(length..).unwrap_or_default();
    after
        .trim_start_matches([' ', '\t'])
        .starts_with([':', '='])
}

#[cfg(test)]
mod tests {
    use super::super::finish;
    use super::*;

    fn coloured(name: &str, code: &str) -> String {
        let (mut out, mut budget) = (String::new(), 1_000);
        write(named(name).unwrap(), code, &mut budget, &mut out);
        finish(&out, Vec::new())
            .0
            .replace("<span class=\"", "{")
            .replace("\">", " ")
            .replace("</span>", "}")
    }

    #[test]
    fn each_language_has_its_words_strings_comments_and_numbers() {
        for (name, code, expected) in [
            (
                "rust",
                "fn a<'b>(c: &'b str) -> char { 'x' } // d",
                "{k fn} a&lt;'b&gt;(c: &amp;'b str) -&gt; char { {s 'x'} } {c // d}",
            ),
            (
                "rs",
                "let s = \"a\\\"b\"; f(0x1f)",
                "{k let} s = {s \"a\\\"b\"}; {f f}({n 0x1f})",
            ),
            (
                "py",
                "def f(): # no\n  '''a\nb'''",
                "{k def} {f f}(): {c # no}\n  {s '''a\nb'''}",
            ),
            (
                "TS",
                "const a = `x${1}`; /* b",
                "{k const} a = {s `x${1}`}; {c /* b}",
            ),
            ("go", "return nil", "{k return} {k nil}"),
            ("java", "new A()", "{k new} {f A}()"),
            (
                "c++",
                "#include <a>\nint x = 1;",
                "#{k include} &lt;a&gt;\n{k int} x = {n 1};",
            ),
            ("bash", "echo $# 'a' # b", "{k echo} $# {s 'a'} {c # b}"),
            (
                "sql",
                "SELECT 'it''s' -- a",
                "{k SELECT} {s 'it'}{s 's'} {c -- a}",
            ),
            (
                "json",
                "{\"a\": [true, \"b\", -1.5e3]}",
                "{{a \"a\"}: [{k true}, {s \"b\"}, -{n 1.5e3}]}",
            ),
            ("toml", "a-b = \"c\" # d", "{a a-b} = {s \"c\"} {c # d}"),
            ("yaml", "a: yes", "{a a}: {k yes}"),
            (
                "html",
                "<a href=\"x\">b</a><!-- c -->",
                "&lt;{k a} href={s \"x\"}&gt;b&lt;/{k a}&gt;{c &lt;!-- c --&gt;}",
            ),
            (
                "css",
                "a { color: #fff } /* b */",
                "a { {a color}: #fff } {c /* b */}",
            ),
        ] {
            assert_eq!(coloured(name, code), expected, "{name}");
        }
        assert!(named("klingon").is_none() && named("").is_none());
    }

    #[test]
    fn what_is_not_coloured_any_more_is_still_there() {
        let (mut out, mut budget) = (String::new(), 2);
        write(named("rust").unwrap(), "1 2 3 <", &mut budget, &mut out);
        assert_eq!(
            finish(&out, Vec::new()).0,
            "<span class=\"n\">1</span> <span class=\"n\">2</span> 3 &lt;"
        );
    }

    #[test]
    fn the_names_of_languages_are_not_in_each_others_way() {
        let mut names: Vec<_> = LANGUAGES
            .iter()
            .flat_map(|language| language.names)
            .collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
