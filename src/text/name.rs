//! Names of people: what may be one, and when two are the same.
//!
//! Bounds: 1 to [`MAX_CHARS`] characters as written, after trimming and removal of what cannot
//! be seen.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use crate::error::Error;

/// The longest name, in Unicode scalar values: it must fit a line of the member list.
pub const MAX_CHARS: usize = 24;

/// `name` as it will be shown, or nothing when it cannot be a name: composed (NFC), white space
/// joined to single blanks, without control, formatting and direction characters.
#[must_use]
pub fn tidy(name: &str) -> Option<String> {
    tidy_to(name, MAX_CHARS)
}

/// The same for a name of at most `limit` characters.
#[must_use]
pub fn tidy_to(name: &str, limit: usize) -> Option<String> {
    let visible: String = name.nfc().filter(|c| !is_invisible(*c)).collect();
    let tidy = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = tidy.chars().count();
    let has_letter = tidy.chars().any(char::is_alphanumeric);
    (has_letter && chars <= limit).then_some(tidy)
}

/// A name that somebody wants for himself, as it will be shown.
///
/// # Errors
/// [`Error::BadName`], and [`Error::NameTaken`] for those that nobody may have.
pub fn wanted(name: &str) -> Result<String, Error> {
    let tidy = tidy(name).ok_or(Error::BadName)?;
    if is_reserved(&key(&tidy)) {
        return Err(Error::NameTaken);
    }
    Ok(tidy)
}

/// What makes two names the same: compatibility forms (NFKC), case and blanks do not matter, so
/// that `Ａda`, `ADA` and `a da` are one name; nor does it help to write Latin letters with those
/// of another script that look the same (UTS 39 §4).
#[must_use]
pub fn key(name: &str) -> String {
    let visible = |c: &char| !c.is_whitespace() && !is_invisible(*c);
    let plain: String = name.nfkc().filter(visible).collect();
    let key: String = plain.chars().flat_map(char::to_lowercase).collect();
    if key.is_ascii() {
        return key;
    }
    let looks: String = plain.chars().map(latin_look).collect();
    if looks.is_ascii() {
        looks.to_ascii_lowercase()
    } else {
        key
    }
}

/// The Latin letter that a letter looks like, if it is one alone.
fn latin_look(c: char) -> char {
    let mut encoded = [0; 4];
    let mut looks = skeleton(c.encode_utf8(&mut encoded));
    match (c.is_ascii(), looks.next(), looks.next()) {
        (false, Some(look), None) if look.is_ascii() => look,
        _ => c,
    }
}

/// Names that nobody may have: they call everybody, or speak for the house.
const RESERVED: [&str; 13] = [
    "all",
    "所有人",
    "全体成员",
    "全体",
    "admin",
    "administrator",
    "管理员",
    "system",
    "系统",
    "系统消息",
    "teahouse",
    "茶馆",
    "已注销",
];

/// Whether a name key is one that nobody may have.
#[must_use]
pub fn is_reserved(key: &str) -> bool {
    RESERVED.contains(&key)
}

/// Characters that take no place or turn the direction of others: C0 and C1 controls, and the
/// general category Cf with the blanks that fonts draw as nothing.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace()) || is_format(c)
}

/// Format characters (Unicode 17, general category Cf), variation selectors, and fillers.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_what_cannot_be_seen() {
        for (given, shown) in [
            ("  苏轼 ", Some("苏轼")),
            ("Grace \u{3000} Hopper", Some("Grace Hopper")),
            ("a\u{202e}b\u{200b}c\0", Some("abc")),
            ("e\u{301}", Some("é")),
            ("", None),
            (" \u{200b}\u{3164} ", None),
            ("!!!", None),
            ("🍵🍵", None),
            ("茶🍵", Some("茶🍵")),
        ] {
            assert_eq!(tidy(given).as_deref(), shown, "{given:?}");
        }
        assert!(tidy(&"长".repeat(MAX_CHARS)).is_some());
        assert!(tidy(&"长".repeat(MAX_CHARS + 1)).is_none());
    }

    #[test]
    fn names_that_look_written_alike_are_one_name() {
        for other in ["ADA", "Ａｄａ", "a d a", "ada\u{200d}"] {
            assert_eq!(key("Ada"), key(other), "{other:?}");
        }
        assert_ne!(key("Ada"), key("Ado"));
    }

    #[test]
    fn letters_of_another_script_make_no_other_name() {
        // Cyrillic for all of it, and for one letter of it.
        for other in ["аԁа", "Аda", "adа", "АDА"] {
            assert_eq!(key("Ada"), key(other), "{other:?}");
        }
        assert_eq!(
            key("Вill"),
            key("Bill"),
            "a capital that only looks like one"
        );
        for own in ["苏轼", "Пётр", "Ωμέγα", "José", "茶🍵"] {
            assert!(!key(own).is_ascii(), "{own:?}");
        }
    }
}
