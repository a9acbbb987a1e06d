//! Names of files: what is left of one that a stranger wrote, so that it can be shown and saved anywhere.

use super::cut;
use super::name::on_one_line;

/// The longest name, in Unicode scalar values: a line of a message on a wide screen.
pub const MAX_CHARS: usize = 120;

/// The longest ending that is kept when a name is cut, in Unicode scalar values with its dot.
const MAX_ENDING: usize = 20;

/// What stands for a name of which nothing is left.
const NAMELESS: &str = "file";

/// `name` without folders, control and direction characters and leading dots, composed (NFC), at most
/// [`MAX_CHARS`] long with its ending kept.
#[must_use]
pub fn clean(name: &str) -> String {
    // Programs send whole paths, of either system.
    let last = name
        .rsplit(['/', '\\'])
        .find(|part| !part.trim().is_empty());
    let shown = on_one_line(last.unwrap_or_default());
    let safe: String = shown.chars().filter(|c| !is_special(*c)).collect();
    let tidy = safe
        .trim_start_matches(['.', ' '])
        .trim_end_matches(['.', ' ']);
    let short = cut_to(tidy, MAX_CHARS);
    if short.is_empty() {
        NAMELESS.to_owned()
    } else {
        short
    }
}

/// The longest description of a file, in Unicode scalar values: what a screen reader reads out at once.
pub const DESCRIPTION_CHARS: usize = 300;

/// What a person says that a file shows, on one line without what cannot be seen.
#[must_use]
pub fn description(words: &str) -> String {
    cut::to(&on_one_line(words), DESCRIPTION_CHARS).to_owned()
}

/// The ending of a name, in lower case and without its dot; empty when it has none.
#[must_use]
pub fn ending(name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or_default();
    if stem.is_empty() {
        return String::new();
    }
    ending.to_lowercase()
}

/// What a file system, a shell or a header takes for something else (also `"`, which ends a header's value).
fn is_special(c: char) -> bool {
    matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*')
}

fn cut_to(name: &str, limit: usize) -> String {
    if name.chars().count() <= limit {
        return name.to_owned();
    }
    let dot = name.rfind('.').filter(|dot| *dot > 0);
    let (stem, ending) = name.split_at(dot.unwrap_or(name.len()));
    if ending.chars().count() > MAX_ENDING {
        return cut::to(name, limit).to_owned();
    }
    let stem = cut::to(stem, limit - ending.chars().count());
    format!("{stem}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_misleads_and_keep_the_rest() {
        for (given, kept) in [
            ("tea.jpg", "tea.jpg"),
            ("茶 馆 的 照片.png", "茶 馆 的 照片.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ada\\tea.txt", "tea.txt"),
            ("a/b/", "b"),
            (".bashrc", "bashrc"),
            ("...", "file"),
            ("", "file"),
            ("  \u{202e}gpj.exe", "gpj.exe"),
            ("tea\u{200b}\u{0}\r\n\t.txt", "tea .txt"),
            ("a\"; filename=\"b.html", "a; filename=b.html"),
            ("e\u{301}.txt", "\u{e9}.txt"),
            ("trailing. . ", "trailing"),
        ] {
            assert_eq!(clean(given), kept, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending_and_no_half_of_anything() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        let long = format!("{}{family}.jpeg", "茶".repeat(113));
        let cleaned = clean(&long);
        assert!(cleaned.ends_with("茶.jpeg"), "{cleaned}");
        assert!(cleaned.chars().count() <= MAX_CHARS);
        assert_eq!(clean(&"x".repeat(300)).len(), MAX_CHARS);
        let endless = format!("a.{}", "x".repeat(300));
        assert_eq!(clean(&endless).len(), MAX_CHARS);
    }

    #[test]
    fn an_ending_is_what_stands_behind_the_last_dot() {
        for (name, is) in [
            ("a.EXE", "exe"),
            ("a.tar.gz", "gz"),
            ("a", ""),
            ("a.", ""),
            ("exe", ""),
        ] {
            assert_eq!(ending(name), is, "{name}");
        }
    }
}
