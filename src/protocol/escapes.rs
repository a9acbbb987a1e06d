//! Half characters in JSON text.
//!
//! A browser's text is UTF-16 and may be cut within a character; its JSON then has one half of a pair of
//! escapes. Owns the rule that such a half is U+FFFD, as it is wherever text becomes UTF-8. It reads no JSON:
//! only the escapes in it.

use std::borrow::Cow;

/// The JSON text with each half of a pair that stands alone as the escape of U+FFFD.
#[must_use]
pub fn mended(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return Cow::Borrowed(json);
    }
    let mut whole = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escape)) = rest.split_once('\\') {
        whole.push_str(before);
        whole.push('\\');
        let (kept, after) = match unit(escape) {
            Some(0xD800..=0xDBFF) if escape.get(UNIT..).is_some_and(begins_with_second) => {
                escape.split_at(2 * UNIT + 1)
            }
            Some(0xD800..=0xDFFF) => ("ufffd", escape.split_at(UNIT).1),
            // Whatever is escaped, a backslash too, begins no escape of its own.
            _ => escape.split_at(escape.chars().next().map_or(0, char::len_utf8)),
        };
        whole.push_str(kept);
        rest = after;
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// The length of `uXXXX`, an escape without its backslash.
const UNIT: usize = 5;

/// The UTF-16 unit of an escape that begins behind its backslash.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_number.then(|| u16::from_str_radix(digits, 16).ok())?
}

fn begins_with_second(text: &str) -> bool {
    let second = text.strip_prefix('\\').and_then(unit);
    matches!(second, Some(0xDC00..=0xDFFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_the_sign_for_what_cannot_be_read_and_nothing_else_changes() {
        for (json, whole) in [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\uDE00 b""#, r#""\ufffd b""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\n""#, r#""\ufffd\n""#),
            (r#""\ud83dude00""#, r#""\ufffdude00""#),
            (r#""\uD83D\uDE00""#, r#""\uD83D\uDE00""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d茶""#, r#""\\\ufffd茶""#),
            (r#""\ud83""#, r#""\ud83""#),
            (r#""\ud8+1""#, r#""\ud8+1""#),
            (r"\ud83d\", r"\ufffd\"),
            (r"\ud83d\茶", r"\ufffd\茶"),
            (r#""plain""#, r#""plain""#),
        ] {
            assert_eq!(mended(json), whole, "{json}");
        }
    }
}
