//! What a run found: a table for people, JSON for programs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// Named figures in the order in which they were found.
#[derive(Debug, Default)]
pub struct Report(Vec<Row>);

#[derive(Debug)]
struct Row {
    key: &'static str,
    value: f64,
    unit: &'static str,
    words: &'static str,
}

impl Report {
    /// Adds a figure: its name in JSON, its unit, and what it is.
    pub fn add(&mut self, key: &'static str, value: f64, unit: &'static str, words: &'static str) {
        self.0.push(Row {
            key,
            value,
            unit,
            words,
        });
    }

    /// The same, if it could be measured.
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
        let row = self.0.iter().find(|row| row.key == key)?;
        Some(row.value)
    }

    /// The medians of reports of the same rows.
    #[must_use]
    pub fn medians(reports: &[Self]) -> Self {
        let Some(first) = reports.first() else {
            return Self::default();
        };
        let rows = first.0.iter().map(|row| Row {
            value: median(
                reports
                    .iter()
                    .filter_map(|report| report.get(row.key))
                    .collect(),
            ),
            ..*row
        });
        Self(rows.collect())
    }

    /// As an object.
    #[must_use]
    pub fn json(&self) -> Value {
        let rows = self
            .0
            .iter()
            .map(|row| (row.key.to_owned(), json!(row.value)));
        Value::Object(rows.collect::<Map<_, _>>())
    }

    /// As a table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = String::new();
        for row in &self.0 {
            let number = match row.value {
                value if value.abs() >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
                value => format!("{value:.2}"),
            };
            // A String takes whatever is written to it.
            let _written = writeln!(out, "{number:>12} {:<6} {}", row.unit, row.words);
        }
        out
    }

    /// All on one line, for progress.
    #[must_use]
    pub fn line(&self) -> String {
        let words = self.0.iter().map(|row| {
            let digits = usize::from(row.value.abs() < 100.0 && row.value.fract() != 0.0) * 2;
            format!("{} {:.digits$} {}", row.key, row.value, row.unit)
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// The middle one; 0 when there is none.
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
