//! What is wrong with a configuration, as an operator reads it: one line for each mistake.
//!
//! Owns order and wording of the places. Never decides what a mistake is. Bounded by
//! [`MAX_SHOWN`] and [`MAX_KEPT`]: a file that is not a configuration at all must not fill a
//! terminal, nor take minutes to be told so.

use std::fmt;

/// Problems shown in full; the rest is counted.
const MAX_SHOWN: usize = 40;

/// Problems kept; nobody looks for the next one before these are mended.
const MAX_KEPT: usize = 1_000;

/// Where a mistake is. The order is the order of showing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file as a whole.
    File,
    /// Line and column of the file, both from 1, the column in characters.
    Line(usize, usize),
    /// A variable of the environment.
    Environment(String),
    /// Neither: the combination of settings.
    Settings,
}

/// Every mistake of a configuration, at least one. `Display` gives one line for each,
/// by place in the file, then by name of the variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    file: String,
    list: Vec<(Place, String)>,
}

impl Problems {
    /// None yet, in a file of this name.
    pub(super) fn new(file: String) -> Problems {
        let list = Vec::new();
        Problems { file, list }
    }

    /// Notes one more, while there is room.
    pub(super) fn add(&mut self, place: Place, text: String) {
        if !self.is_full() {
            self.list.push((place, text));
        }
    }

    /// Whether looking for more is worth nothing.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MAX_KEPT
    }

    /// `value` if nothing was wrong, else the problems in order.
    pub(super) fn or<T>(mut self, value: T) -> Result<T, Problems> {
        if self.list.is_empty() {
            return Ok(value);
        }
        self.list.sort();
        self.list.dedup();
        Err(self)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (place, text)) in self.list.iter().take(MAX_SHOWN).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            match place {
                Place::File => write!(f, "{}: {text}", self.file)?,
                Place::Line(line, column) => write!(f, "{}:{line}:{column}: {text}", self.file)?,
                Place::Environment(name) => write!(f, "environment {name}: {text}")?,
                Place::Settings => f.write_str(text)?,
            }
        }
        match self.list.len().saturating_sub(MAX_SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}

impl std::error::Error for Problems {}
