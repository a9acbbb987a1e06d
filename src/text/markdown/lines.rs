//! What the beginning of a line means in a chat, where CommonMark would take what somebody wrote for
//! something else and leave it out.
//!
//! - `=` or `-` under a line is no heading: nobody would see them any more.
//! - `>` quotes when a blank comes after it; `>_<`, `>3` and `>=` are themselves.
//! - `01.` is no number of a list, which would show it as 1.
//! - `[words]: words` defines no link when it leads nowhere.
//!
//! Gives the places at which a character that nobody sees keeps each from it. Bounded by the text.

use crate::text::links;

/// The bytes of `written` before which something must stand so that the line is read as it is.
pub(super) fn guards(written: &str) -> Vec<usize> {
    let mut guards = Vec::new();
    let (mut start, mut before, mut guarded) = (0, "", false);
    for line in written.split('\n') {
        let (place, mut guard) = beginning(line);
        let words = line.get(place..).unwrap_or_default().trim_end();
        guard |= underlines(words)
            && !is_blank(before)
            && (guarded || !is_empty_item(words, place, before));
        guard |= defines_nothing(words);
        if guard {
            guards.push(start + place);
        }
        start += line.len() + 1;
        (before, guarded) = (line, guard);
    }
    guards
}

/// Where the words of a line begin, past the marks of quotes and lists; and whether something stands
/// there that must not become such a mark.
fn beginning(line: &str) -> (usize, bool) {
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let place = line.len() - rest.len();
        let quotes = rest.trim_start_matches('>');
        if quotes.len() < rest.len() {
            if quotes.chars().next().is_some_and(|c| !c.is_whitespace()) {
                return (place, true);
            }
            rest = quotes;
            continue;
        }
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = rest.len() - digits.len();
        let after = match number {
            0 => rest.strip_prefix(['-', '+', '*']),
            1..=9 => digits.strip_prefix(['.', ')']),
            _ => None,
        };
        let after = after.filter(|after| after.is_empty() || after.starts_with([' ', '\t']));
        match after {
            Some(_) if number > 1 && rest.starts_with('0') => return (place, true),
            Some(after) if has_words(after) => rest = after,
            _ => return (place, false),
        }
    }
}

/// Whether these are the signs under a heading, or under the head of a table without bars.
fn underlines(words: &str) -> bool {
    let dashes = words.contains('-') && words.chars().all(|c| matches!(c, '-' | ':'));
    dashes || !words.is_empty() && words.chars().all(|c| c == '=')
}

/// Whether nothing stands on a line. A mark of a quote may be one, or words of the line before it.
fn is_blank(line: &str) -> bool {
    line.trim_start_matches([' ', '\t']).is_empty()
}

/// Whether a line is more than blanks and marks of quotes. For Markdown the blank of Chinese text
/// (U+3000) is a word like others.
fn has_words(line: &str) -> bool {
    !line.trim_start_matches([' ', '\t', '>']).is_empty()
}

/// Whether `-` alone is an item of the list that the line before it is of.
fn is_empty_item(words: &str, place: usize, before: &str) -> bool {
    let item = before.trim_start_matches([' ', '\t', '>']);
    let beside = before.len() - item.len() == place;
    words == "-" && beside && (item == "-" || item.starts_with("- "))
}

/// Whether this would be taken for the address of a link that is somewhere else, and is none.
fn defines_nothing(words: &str) -> bool {
    let named = words
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]:"));
    named.is_some_and(|(_, address)| {
        let address = address.trim_start().trim_start_matches('<');
        let leads = links::is_web(address) || address.starts_with("mailto:");
        !leads
    })
}
