//! The text of a configuration file: read, parsed, and asked for lines and columns.
//!
//! Owns everything about the file as text, syntax errors included. Never knows what a setting
//! is. Bounded by [`MAX_FILE`], so that naming a device or a log as the configuration is an
//! error message and not the end of memory.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

use super::problem::{Place, Problems};

/// Largest configuration file, in bytes: room for long lists and many comments.
const MAX_FILE: u64 = 128 * 1024;
/// How the names of settings end whose values nobody is shown.
const SECRETS: [&str; 3] = ["password", "secret", "keys"];
/// A word with digits of so many characters may be a key: 32 bytes have 43 in base64.
const RANDOM: usize = 40;
/// How much of a broken line is repeated, in characters.
const MAX_LINE: usize = 100;

/// The text of a configuration file.
#[derive(Debug, Default)]
pub struct Document {
    text: String,
}

impl Document {
    /// Reads the file; the error says what to do about it.
    pub fn read(path: &Path) -> Result<Document, String> {
        let mut bytes = Vec::new();
        let read =
            File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(
                    "there is no such file; `teahouse default-config` prints one to start from"
                        .to_owned(),
                );
            }
            Err(error) => return Err(format!("cannot be read: {error}")),
            Ok(size) if size as u64 > MAX_FILE => {
                return Err(format!(
                    "is larger than {MAX_FILE} bytes: not a configuration"
                ));
            }
            Ok(_) => {}
        }
        let text = String::from_utf8(bytes)
            .map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))?;
        Ok(Document { text })
    }

    /// The table of the file, as far as it can be understood, and the lines that cannot.
    /// Only the first error of a line is noted: later ones follow from it.
    pub fn parse(&self, problems: &mut Problems) -> (DeTable<'_>, BTreeSet<usize>) {
        let (table, mut errors) = DeTable::parse_recoverable(&self.text);
        errors.sort_by_key(|error| error.span().map(|span| span.start));
        let mut broken = BTreeSet::new();
        let mut open_lists = 0;
        for error in errors {
            if problems.is_full() {
                break;
            }
            let (line, column) = self.position(error.span().unwrap_or_default().start);
            if !broken.insert(line) {
                continue;
            }
            let text = self.line(line);
            let is_open_list = is_open_list(error.message(), text);
            open_lists += usize::from(is_open_list);
            // All that follows an open list is taken for its entries; once is enough.
            if !is_open_list || open_lists == 1 {
                let text = explain(error.message(), text, is_open_list);
                problems.add(Place::Line(line, column), text);
            }
        }
        self.add_bodies(&mut broken);
        (table.into_inner(), broken)
    }

    /// Settings below a broken `[section]` belong nobody knows where.
    fn add_bodies(&self, broken: &mut BTreeSet<usize>) {
        let mut is_lost = false;
        for (number, line) in (1..).zip(self.text.lines()) {
            if line.trim_start().starts_with('[') {
                is_lost = broken.contains(&number);
            } else if is_lost {
                broken.insert(number);
            }
        }
    }

    fn line(&self, number: usize) -> &str {
        let line = self.text.lines().nth(number.saturating_sub(1));
        line.unwrap_or_default().trim()
    }

    /// Line and column, from 1, of a byte of the text; a place past the end is the last one.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(start..).map_or(0, |text| text.chars().count()) + 1;
        (line, column)
    }

    /// The lines that a span touches.
    pub fn lines(&self, span: &Range<usize>) -> std::ops::RangeInclusive<usize> {
        self.position(span.start).0..=self.position(span.end).0
    }
}

/// Whether the parser stumbles over a section or a setting because it still reads a list.
fn is_open_list(message: &str, line: &str) -> bool {
    let is_section = line.starts_with('[');
    let is_setting = line.contains('=');
    (is_section && message.starts_with("string values must be quoted"))
        || (is_section || is_setting) && message.starts_with("missing comma between array")
}

/// A syntax error's message, with advice for the commonest, and the line's text.
fn explain(message: &str, line: &str, is_open_list: bool) -> String {
    // The parser's "expected nothing" and the like are for people who write parsers.
    let what = message.split(", expected").next().unwrap_or(message);
    let line = &without_secrets(line);
    let what = match what {
        _ if is_open_list => "a list above this line lacks its closing ]".to_owned(),
        "duplicate key" => "this name is there twice; remove one of them".to_owned(),
        "key with no value" => "a setting is written name = value".to_owned(),
        _ => unquoted(line).unwrap_or_else(|| what.to_owned()),
    };
    let plain = line.chars().filter(|c| !c.is_control());
    let clipped: String = plain.take(MAX_LINE).collect();
    if clipped.is_empty() {
        format!("not TOML: {what}")
    } else {
        format!("not TOML: {what}; the line reads: {clipped}")
    }
}

/// The line without what must not be seen: the values of settings that are secrets, and whatever is long and random.
fn without_secrets(line: &str) -> String {
    if let Some((name, _)) = line.split_once('=')
        && SECRETS.iter().any(|secret| name.trim().ends_with(secret))
    {
        return format!("{name}= …");
    }
    let is_random = |word: &str| word.len() >= RANDOM && word.chars().any(|c| c.is_ascii_digit());
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut words = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c| !letters(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        words += if is_random(word) { "…" } else { word };
        let other = behind.find(letters).unwrap_or(behind.len());
        let (between, next) = behind.split_at(other);
        words += between;
        rest = next;
    }
    words
}

/// Advice for `key = value` whose value is text that lacks quotes.
fn unquoted(line: &str) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    let value = value.split(" #").next().unwrap_or(value).trim();
    if value.is_empty() {
        return Some(format!("{} has no value", key.trim()));
    }
    let plain =
        value.len() <= MAX_LINE && !value.contains(['"', '\'', '[', ']', '{', '}', '=', '\\']);
    plain.then(|| format!("text needs quotes: {} = \"{value}\"", key.trim()))
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> String {
    let before = bytes.get(..valid_up_to).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    format!("line {line} is not UTF-8 text; save the file as UTF-8")
}
