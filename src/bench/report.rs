//! The figures of a run: a table for people, JSON for programs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::effort::FULL;

/// The table's last line when the tool may have been the limit.
const LIMITED: &str = "the tool's core was full: it may have been the limit, not the server";

/// Named figures in the order in which they were added.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
    /// Findings that are not numbers.
    notes: Vec<Note>,
    /// Whether the tool may have been the limit; `None` when it is not known.
    tool_limited: Option<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    key: &'static str,
    value: f64,
    unit: &'static str,
    words: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Note {
    key: &'static str,
    value: &'static str,
    words: String,
}

impl Report {
    /// Adds a figure: its name in JSON, its unit, and its label in the table.
    pub fn add(&mut self, key: &'static str, value: f64, unit: &'static str, words: &'static str) {
        self.rows.push(Row {
            key,
            value,
            unit,
            words,
        });
    }

    /// Adds a figure if it could be measured.
    pub fn maybe(
        &mut self,
        key: &'static str,
        value: Option<f64>,
        unit: &'static str,
        words: &'static str,
    ) {
        if let Some(value) = value {
            self.add(key, value, unit, words);
        }
    }

    /// The figure named `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<f64> {
        let row = self.rows.iter().find(|row| row.key == key)?;
        Some(row.value)
    }

    /// Adds a finding that is not a number: its name and value in JSON, and the text for the table.
    pub fn note(&mut self, key: &'static str, value: &'static str, words: String) {
        self.notes.push(Note { key, value, words });
    }

    /// Sets the share of its core that the tool used while it measured, 1.0 = all of it.
    pub fn tool(&mut self, share: Option<f64>) {
        self.maybe("tool", share, "", "share of its core that the tool used");
        self.tool_limited = share.map(|share| share > FULL);
    }

    /// The tool counts as the limit here too if it was in `other`.
    pub fn limited_as(&mut self, other: &Self) {
        self.tool_limited = self.tool_limited.max(other.tool_limited);
    }

    /// The medians of reports with the same rows, and the notes of all.
    #[must_use]
    pub fn medians(reports: &[Self]) -> Self {
        let Some(first) = reports.first() else {
            return Self::default();
        };
        let rows = first.rows.iter().map(|row| Row {
            value: median(
                reports
                    .iter()
                    .filter_map(|report| report.get(row.key))
                    .collect(),
            ),
            ..*row
        });
        let mut notes: Vec<Note> = Vec::new();
        for note in reports.iter().flat_map(|report| &report.notes) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        Self {
            rows: rows.collect(),
            notes,
            tool_limited: reports
                .iter()
                .filter_map(|report| report.tool_limited)
                .max(),
        }
    }

    /// The report as a JSON object.
    #[must_use]
    pub fn json(&self) -> Value {
        let rows = self
            .rows
            .iter()
            .map(|row| (row.key.to_owned(), json!(row.value)));
        let notes = self
            .notes
            .iter()
            .map(|note| (note.key.to_owned(), json!(note.value)));
        let limited = self
            .tool_limited
            .map(|limited| ("tool_limited".to_owned(), json!(limited)));
        Value::Object(rows.chain(notes).chain(limited).collect::<Map<_, _>>())
    }

    /// The report as a table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = String::new();
        for row in &self.rows {
            let number = match row.value {
                value if value.abs() >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
                value => format!("{value:.2}"),
            };
            // Writing to a String cannot fail.
            let _written = writeln!(out, "{number:>12} {:<6} {}", row.unit, row.words);
        }
        let limited = (self.tool_limited == Some(true)).then_some(LIMITED);
        for words in self
            .notes
            .iter()
            .map(|note| note.words.as_str())
            .chain(limited)
        {
            let _written = writeln!(out, "{words}");
        }
        out
    }

    /// All figures on one line, for progress.
    #[must_use]
    pub fn line(&self) -> String {
        let words = self.rows.iter().map(|row| {
            let digits = usize::from(row.value.abs() < 100.0 && row.value.fract() != 0.0) * 2;
            format!("{} {:.digits$} {}", row.key, row.value, row.unit)
        });
        let mut line = words.collect::<Vec<_>>().join(", ");
        if self.tool_limited == Some(true) {
            let _written = write!(line, "; {LIMITED}");
        }
        line
    }
}

/// The median; 0 for no values.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_taken_row_by_row() {
        let reports: Vec<Report> = [3.0, 1.0, 2.0]
            .into_iter()
            .map(|value| {
                let mut report = Report::default();
                report.add("cost", value, "µs", "what it costs");
                report.add("rate", 10.0 * value, "1/s", "how fast");
                report
            })
            .collect();
        let medians = Report::medians(&reports);
        assert_eq!(medians.json(), json!({"cost": 2.0, "rate": 20.0}));
        assert_eq!(medians.table().lines().count(), 2);
    }
}
