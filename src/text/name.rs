//! Names of people: what may be one, and when two are the same.
//!
//! Bounds: 1 to [`MAX_CHARS`] characters as written, after trimming and removal of what cannot
//! be seen.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton as prototypes;
use unicode_segmentation::UnicodeSegmentation;

use super::han::simplified;
use super::tokens::is_character;
use crate::error::Error;

/// The longest name, in Unicode scalar values: it must fit a line of the member list.
pub const MAX_CHARS: usize = 24;

/// `name` as it will be shown, or nothing when it cannot be a name: composed (NFC), white space
/// joined to single blanks, without control, formatting and direction characters, but for those that
/// hold an emoji together or shape a letter of an Arabic or Indic script.
#[must_use]
pub fn tidy(name: &str) -> Option<String> {
    tidy_to(name, MAX_CHARS)
}

/// The same for a name of at most `limit` characters.
#[must_use]
pub fn tidy_to(name: &str, limit: usize) -> Option<String> {
    let tidy = on_one_line(name);
    let chars = tidy.chars().count();
    let has_letter = tidy.chars().any(char::is_alphanumeric);
    (has_letter && chars <= limit).then_some(tidy)
}

/// `text` composed (NFC), with single blanks for all white space, without control, formatting and direction
/// characters, as in names.
#[must_use]
pub fn on_one_line(text: &str) -> String {
    let composed: String = text.nfc().collect();
    let visible: String = composed.graphemes(true).flat_map(visible).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name that somebody wants for themselves, as it will be shown.
///
/// # Errors
/// [`Error::BadName`], and [`Error::NameTaken`] for those that nobody may have.
pub fn wanted(name: &str) -> Result<String, Error> {
    let tidy = tidy(name).ok_or(Error::BadName)?;
    if is_reserved(&tidy) {
        return Err(Error::NameTaken);
    }
    Ok(tidy)
}

/// What is to be seen of a character: all of an emoji that is one, and the joiners between letters that
/// they shape.
fn visible(cluster: &str) -> impl Iterator<Item = char> + '_ {
    let is_one = cluster.len() > 1 && !cluster.is_ascii() && emojis::get(cluster).is_some();
    let chars: Vec<char> = cluster.chars().collect();
    (0..chars.len()).filter_map(move |place| {
        let c = *chars.get(place)?;
        let shaped =
            |other: Option<&char>| other.is_some_and(|c| matches!(c, '\u{600}'..='\u{dff}'));
        let joins =
            matches!(c, '\u{200c}' | '\u{200d}') && place > 0 && shaped(chars.get(place - 1));
        (is_one || joins || !is_invisible(c)).then_some(c)
    })
}

/// What makes two spellings one name, whoever writes it: compatibility forms (NFKC), case and blanks do
/// not matter, so that `Ａda`, `ADA` and `a da` are one name; nor does it help to write Latin letters
/// with those of another script that look the same. By this an account is found: it never changes.
#[must_use]
pub fn key(name: &str) -> String {
    let visible = |c: &char| !c.is_whitespace() && !is_invisible(*c);
    let plain: String = name.nfkc().filter(visible).collect();
    let key: String = plain.chars().flat_map(char::to_lowercase).collect();
    if key.is_ascii() {
        return key;
    }
    let looks: String = plain.chars().map(latin_skeleton).collect();
    if looks.is_ascii() {
        looks.to_ascii_lowercase()
    } else {
        key
    }
}

/// The Latin letter that a letter looks like, if it is one alone.
fn latin_skeleton(c: char) -> char {
    let mut encoded = [0; 4];
    let mut looks = prototypes(c.encode_utf8(&mut encoded));
    match (c.is_ascii(), looks.next(), looks.next()) {
        (false, Some(skeleton), None) if skeleton.is_ascii() => skeleton,
        _ => c,
    }
}

/// How a name looks, in any script (UTS 39 §4): what nobody can tell from another name is refused
/// beside it. Punctuation at the end is not looked at, so that `@Ada.` mentions Ada, nor is `@` at the
/// beginning, which every mention has; `C++` and `C#` are names, though. A wide dash beside Han is `一`.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let chars: Vec<char> = name
        .chars()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .collect();
    let near = |place: Option<usize>| {
        let beside = place.and_then(|place| chars.get(place));
        beside.is_some_and(|c| is_character(*c))
    };
    let dashed = chars.iter().enumerate().map(|(place, c)| match c {
        '—' | '―' | '─' | '━' | '－' if near(place.checked_sub(1)) || near(Some(place + 1)) => {
            'ー'
        }
        '—' | '―' | '─' | '━' | '－' => '-',
        other => *other,
    });
    let plain: String = dashed.nfkc().collect();
    let plain = plain.trim_start_matches('@');
    let ended = plain.trim_end_matches(|c| is_punctuation(c) && !matches!(c, '+' | '#'));
    let language =
        |name: &str| name.ends_with("++") || name.ends_with('#') && name.chars().count() == 2;
    let core = match language(ended) {
        true => ended,
        false => plain.trim_end_matches(is_punctuation),
    };
    prototypes(core).flat_map(char::to_lowercase).collect()
}

/// Whether nobody can tell two names apart.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    let (ones, others) = ([key(one), skeleton(one)], [key(other), skeleton(other)]);
    ones.iter().any(|one| others.contains(one))
}

/// ASCII's punctuation, that of Latin scripts, and of Chinese.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '¡' | '¦' | '§' | '¨' | '«' | '¬' | '¯' | '´' | '¶' | '·' | '¸' | '»' | '¿' | '・'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{3003}'
            | '\u{3008}'..='\u{301f}' | '\u{fe10}'..='\u{fe6f}')
}

/// Names that nobody may have: they mention everybody, or speak for the server.
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

/// Whether a name looks like one that nobody may have, in simplified or traditional characters.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let simple: String = name.nfkc().map(simplified).collect();
    RESERVED.iter().any(|word| is_same(word, &simple))
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
            (
                "a👨\u{200d}👩\u{200d}👧\u{200d}👦",
                Some("a👨\u{200d}👩\u{200d}👧\u{200d}👦"),
            ),
            (
                "b❤\u{fe0f} 🏴\u{200d}☠\u{fe0f}",
                Some("b❤\u{fe0f} 🏴\u{200d}☠\u{fe0f}"),
            ),
            ("a\u{200d}b\u{fe0f}c👍\u{200d}", Some("abc👍")),
            ("می\u{200c}خواهم", Some("می\u{200c}خواهم")),
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

    #[test]
    fn what_nobody_can_tell_from_another_name_is_that_name() {
        for (name, others) in [
            ("小Ada", &["小Аda", "小 ada", "小Ａda"][..]),
            ("阿Q", &["阿Ԛ", "阿ｑ"]),
            ("王一", &["王ー", "王—", "王－", "王―"]),
            ("Bill", &["BiII", "Bi11", "BILL", "Вill"]),
            (
                "Ada",
                &[
                    "Ada.",
                    "Ada!",
                    "Ada,",
                    "Ada……",
                    "Ada。",
                    "Ada！",
                    "Ada_",
                    "Ada—",
                    "Ada:)",
                    "@Ada",
                    "＠@ada",
                    "Аdа",
                ],
            ),
            ("Пётр", &["Пётp", "пётр?"]),
            ("C++", &["c++", "C++!", "Ｃ＋＋"]),
            ("玛丽·居里", &["玛丽・居里", "玛丽•居里"]),
            ("a👨\u{200d}👩\u{200d}👧", &["A👨👩👧"]),
        ] {
            for other in others {
                assert!(is_same(name, other), "{name} {other}");
            }
        }
        for (name, others) in [
            ("C", &["C++", "C#", "F#"][..]),
            ("Ada", &["Ado", "Ada2", "Ada🍵", "小Ada", "Adam"]),
            ("Eli", &["Ell", "Elli"]),
            ("José", &["Jose"]),
            ("王一", &["王二", "王", "王-五"]),
            ("王", &["汪", "王五"]),
        ] {
            for other in others {
                assert!(!is_same(name, other), "{name} {other}");
            }
        }
    }

    #[test]
    fn who_speaks_for_the_house_does_so_in_traditional_characters_too() {
        for name in [
            "系統",
            "管理員",
            "茶館",
            "全體",
            "全體成員",
            "系統消息",
            "已註銷",
            "系 統",
            "Admin!",
            "аdmin",
            "AII",
            "@all",
            "＠所有人",
            "Teah0use",
            "ｓｙｓｔｅｍ",
        ] {
            assert!(is_reserved(name), "{name}");
            assert_eq!(wanted(name), Err(Error::NameTaken), "{name}");
        }
        for name in ["Ali", "茶", "管理", "Alla", "系統員"] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
