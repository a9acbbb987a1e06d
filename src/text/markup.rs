//! Markdown written by the server: words that look as they are, links, code, and where it ends.
//!
//! What [`super::markdown`] reads, this writes: nothing in somebody else's words begins or ends anything,
//! and a link leads where it says or is no link. Bounded by the words.

use std::borrow::Cow;

use super::{cut, links};

/// Bytes of a word in which the end of an address is looked for.
const LONGEST_ADDRESS: usize = 2048;

/// Words on one line that look as they are written, within a line or in the words of a link.
#[must_use]
pub fn inline(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(words.len() + 8);
    escape(&words, &mut out);
    out
}

/// Words on lines of their own that look as they are written.
#[must_use]
pub fn literal(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 8);
    for (number, line) in words.trim().lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let line = line.trim();
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        if digits.len() < line.len() && digits.starts_with(['.', ')']) {
            let (number, rest) = line
                .split_at_checked(line.len() - digits.len())
                .unwrap_or_default();
            out.push_str(number);
            out.push('\\');
            escape(rest, &mut out);
            continue;
        }
        if line.starts_with(['#', '>', '-', '+', '|', ':', '=']) {
            out.push('\\');
        }
        escape(line, &mut out);
    }
    out
}

fn escape(line: &str, out: &mut String) {
    let mut rest = line;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let length = address(rest, before).unwrap_or(0);
        if let Some((address, after)) = rest.split_at_checked(length).filter(|_| length > 0) {
            for c in address.chars() {
                if matches!(c, '[' | ']' | '<' | '`' | '\\') {
                    out.push('\\');
                }
                out.push(c);
            }
            (before, rest) = ('/', after);
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        let next = rest.chars().next().unwrap_or(' ');
        let means = match c {
            '`' | '[' | ']' | '<' | '*' => true,
            '_' => !(before.is_alphanumeric() && next.is_alphanumeric()),
            '~' => before == '~' || next == '~',
            '\\' => next.is_ascii_punctuation(),
            _ => false,
        };
        if means {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
}

/// The bytes of the address that `rest` begins with, after the character `before`.
#[must_use]
pub fn address(rest: &str, before: char) -> Option<usize> {
    if before.is_ascii_alphanumeric() || !links::is_web(rest) {
        return None;
    }
    let near = rest.get(..rest.floor_char_boundary(LONGEST_ADDRESS))?;
    // Looking for its end takes long, and a text may be full of beginnings.
    let (_, host) = near.split_once("://")?;
    let begins = host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    if !begins || host.split('/').next()?.ends_with(':') {
        return None;
    }
    let word = near.split(char::is_whitespace).next()?;
    let length = links::length(word)?;
    // Emphasis may end right after an address.
    let whole = word.get(..length)?.trim_end_matches(['*', '_', '~']);
    Some(whole.len())
}

/// A link; the words alone where the address is none that a link may have.
#[must_use]
pub fn link(words: &str, address: &str) -> String {
    let words = inline(words);
    match target(address) {
        Some(target) if words.is_empty() || words == target => bare(&target, ' '),
        Some(target) => format!("[{words}]({target})"),
        None => words,
    }
}

/// An address that stands for itself before the character `next`.
#[must_use]
pub fn bare(address: &str, next: char) -> String {
    let Some(target) = target(address) else {
        return inline(address);
    };
    let ends = next.is_whitespace() || matches!(next, ')' | ',' | '.' | ';' | '!' | '?');
    if ends && links::length(&target) == Some(target.len()) {
        target
    } else {
        format!("<{target}>")
    }
}

/// An address as it may stand in the brackets of a link.
#[must_use]
pub fn target(address: &str) -> Option<String> {
    let address = links::safe(address)?;
    let mut out = String::with_capacity(address.len());
    for c in address.chars() {
        let encoded = match c {
            ' ' => "%20",
            '(' => "%28",
            ')' => "%29",
            '<' => "%3C",
            '>' => "%3E",
            '\\' => "%5C",
            '`' => "%60",
            _ if c.is_control() || c.is_whitespace() => continue,
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push_str(encoded);
    }
    Some(out)
}

/// Bold words that look as they are written; none of none.
#[must_use]
pub fn bold(words: &str) -> String {
    match inline(words) {
        words if words.is_empty() => words,
        words => format!("**{words}**"),
    }
}

/// Code within a line; none of none.
#[must_use]
pub fn code(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return words;
    }
    let ticks = "`".repeat(longest_run(&words) + 1);
    let pad = if words.starts_with('`') || words.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{words}{pad}{ticks}")
}

/// Code on lines of its own, whatever is in it.
#[must_use]
pub fn fence(language: &str, code: &str) -> String {
    let ticks = "`".repeat((longest_run(code) + 1).max(3));
    format!("{ticks}{language}\n{}\n{ticks}", code.trim_matches('\n'))
}

fn longest_run(words: &str) -> usize {
    let runs = words.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Lines as a quote.
#[must_use]
pub fn quote(lines: &str) -> String {
    let quoted = lines.lines().map(|line| match line {
        "" => ">".to_owned(),
        line => format!("> {line}"),
    });
    quoted.collect::<Vec<_>>().join("\n")
}

/// The beginning of a message of at most `limit` scalar values, with … where something is missing. No
/// address is cut in two, since its half would lead elsewhere.
#[must_use]
pub fn shortened(markdown: &str, limit: usize) -> Cow<'_, str> {
    if markdown.chars().nth(limit).is_none() {
        return Cow::Borrowed(markdown);
    }
    let Some(room) = limit.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let begins = cut::to(markdown, room);
    let next = markdown
        .get(begins.len()..)
        .and_then(|rest| rest.chars().next());
    let whole = match next.is_some_and(char::is_whitespace) {
        true => begins,
        false => without_half_an_address(begins).unwrap_or(begins),
    };
    Cow::Owned(format!("{}…", whole.trim_end()))
}

/// What stands before an address that `begins` ends with; `None` if it ends with none, or is nothing else.
fn without_half_an_address(begins: &str) -> Option<&str> {
    let word = begins
        .rfind(char::is_whitespace)
        .map_or(0, |blank| begins.ceil_char_boundary(blank + 1));
    let last = begins.get(word..)?;
    if !last.contains("://") && !last.contains("](") {
        return None;
    }
    let place = match last.rfind("](") {
        Some(end) => begins.get(..word + end)?.rfind('[')?,
        None => word,
    };
    begins
        .get(..place)
        .filter(|before| !before.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::markdown;

    /// What somebody reads.
    fn read(written: &str) -> String {
        markdown::plain(written).into_owned()
    }

    #[test]
    fn words_look_as_they_are_written() {
        for words in [
            "[FIRING:2] Instance_Down (job=*api*) ~~x~~ `y` <b> & &lt;",
            "__init__ and _x_ and a_b_c",
            "C:\\dir\\*.log \\[ \\\\server\\x",
            "2 * 3 * 4, **b**",
            "[a](https://evil.example) ![b](c)",
            "see https://example.org/_a_/~b~ now",
            "<https://example.org>",
            "茶*好*茶",
        ] {
            assert_eq!(read(&inline(words)), words, "{}", inline(words));
            assert_eq!(read(&bold(words)), words, "{}", bold(words));
        }
        for words in [
            "# a\n- b\n+ c\n1. d\n12) e\n> f\n* g",
            "a | b\n|-|-|\n:-|-:\n---\n===",
            "```\ncode\n```",
        ] {
            let plain = read(&literal(words));
            assert_eq!(plain, words, "{}", literal(words));
        }
    }

    #[test]
    fn a_link_leads_where_it_says_or_is_none() {
        for (words, address, expected) in [
            ("tea", "https://e.org/a", "[tea](https://e.org/a)"),
            ("a [b] c", "https://e.org", "[a \\[b\\] c](https://e.org)"),
            ("a", "https://e.org/(b) c", "[a](https://e.org/%28b%29%20c)"),
            ("", "https://e.org/a", "https://e.org/a"),
            ("", "https://e.org/a)", "https://e.org/a%29"),
            ("https://e.org", "https://e.org", "https://e.org"),
            ("a", "javascript:alert(1)", "a"),
            ("a", "/relative", "a"),
            ("a", "", "a"),
            ("", "nothing", ""),
            ("mail", "mailto:a@e.org", "[mail](mailto:a@e.org)"),
        ] {
            assert_eq!(link(words, address), expected, "{words} {address}");
        }
        assert_eq!(bare("https://e.org/a", '好'), "<https://e.org/a>");
        assert_eq!(bare("https://e.org/茶。", ' '), "<https://e.org/茶。>");
    }

    #[test]
    fn code_is_code_whatever_is_in_it() {
        assert_eq!(code(" a\nb "), "`a b`");
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(code(""), "");
        assert_eq!(fence("", "\na\n"), "```\na\n```");
        let nested = fence("json", "a\n````\nb");
        assert_eq!(nested, "`````json\na\n````\nb\n`````");
        assert_eq!(read(&nested), "a\n````\nb");
    }

    #[test]
    fn what_is_too_long_ends_with_a_sign_and_no_half_of_an_address() {
        for (markdown, limit, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("ab cd", 4, "ab…"),
            ("a👨‍👩‍👧‍👦b", 5, "a…"),
            ("", 0, ""),
            ("a", 0, ""),
            ("ab", 1, "…"),
            ("see https://example.org/abc", 20, "see…"),
            (
                "see https://example.org/abc or not",
                29,
                "see https://example.org/abc…",
            ),
            ("see [the tea](https://example.org/abc)", 30, "see…"),
            ("see [the tea](https://example.org/abc)", 15, "see…"),
            ("https://example.org/abc", 12, "https://exa…"),
        ] {
            assert_eq!(shortened(markdown, limit), expected, "{markdown:?} {limit}");
        }
    }

    proptest! {
        #[test]
        fn nothing_in_words_means_anything(
            words in "([*_~`\\[\\]()<>!&#|:.\\\\]|a|b c|1|茶|，|@|https://e\\.org/|\\n){0,16}",
        ) {
            let one = words.split_whitespace().collect::<Vec<_>>().join(" ");
            let html = markdown::preview(&format!("x {} x", inline(&words)));
            for tag in ["<em", "<strong", "<del", "<code"] {
                prop_assert!(!html.contains(tag), "{} {}", one, html);
            }
            let linked = markdown::preview(&link(&words, "https://tea.example/"));
            prop_assert!(linked.contains("https://tea.example/"), "{}", linked);
            let coded = markdown::preview(&code(&words));
            prop_assert!(one.is_empty() || coded.contains("<code>"), "{}", coded);
        }

        #[test]
        fn nothing_is_longer_than_its_limit(
            text in "(a|https://|\\[|\\]\\(|\\)| |👨‍👩‍👧‍👦|🇨🇳|e\u{301}){0,30}", limit in 0_usize..40,
        ) {
            prop_assert!(shortened(&text, limit).chars().count() <= limit);
        }
    }
}
