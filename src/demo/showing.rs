//! Which messages of a plan have files.

use std::collections::HashSet;

use super::exhibits::Exhibit;
use super::plan::{Act, Plan};

/// Gives `count` of the messages files, the more the newer: those that are neither edited nor recalled, in rooms
/// that the server's owner is in.
pub fn show(plan: &mut Plan, count: usize) {
    let Plan { rooms, steps } = plan;
    let seen: Vec<bool> = rooms
        .iter()
        .map(|room| room.members.all().any(|member| member.person == 0))
        .collect();
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
            Act::Say(line, ..) if !changed.contains(line) => seen
                .get(step.room)
                .is_some_and(|seen| *seen)
                .then_some(&mut step.act),
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
