//! Which messages of a plan have files.

use std::collections::HashSet;

use super::exhibits::Exhibit;
use super::plan::{Act, Step};

/// Gives `count` of the messages files, the more the newer: those that are neither edited nor recalled.
pub fn show(steps: &mut [Step], count: usize) {
    let changed: HashSet<usize> = steps
        .iter()
        .filter_map(|step| match step.act {
            Act::Edit(line, ..) | Act::Recall(line, _) => Some(line),
            _ => None,
        })
        .collect();
    let mut shown = steps.iter_mut().rev();
    for place in 0..count {
        let mut said = shown.by_ref().filter_map(|step| match &step.act {
            Act::Say(line, ..) if !changed.contains(line) => Some(&mut step.act),
            _ => None,
        });
        // The distance grows: 0, 3, 6 … messages.
        let Some(act) = said.nth(place * 3) else {
            return;
        };
        let exhibit = Exhibit::at(place);
        if let Act::Say(line, who, body) = act {
            let body = match exhibit {
                Exhibit::Voice => String::new(),
                _ => std::mem::take(body),
            };
            *act = Act::Show(*line, *who, body, exhibit);
        }
    }
}
