//! The numbers of a list as somebody wrote them.
//!
//! A list of ones counts up, as people who never want to count write it; any other has the numbers that it
//! was given.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Part;
use super::source::Source;

/// The number of an item, and the sign after it.
pub(super) type Number = (u64, char);

/// The numbers of the list whose beginning is the first of `parts`, in order.
pub(super) fn of(source: &Source, parts: &[Part<'_>]) -> Vec<Number> {
    let (mut depth, mut numbers) = (0_usize, Vec::new());
    for (event, range) in parts {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) if depth == 1 => break,
            Event::End(TagEnd::List(_)) => depth = depth.saturating_sub(1),
            Event::Start(Tag::Item) if depth == 1 => {
                numbers.push(read(&source.slice(range.clone())));
            }
            _ => {}
        }
    }
    if numbers.iter().all(|(number, _)| *number == 1) {
        for (place, (number, _)) in (1..).zip(&mut numbers) {
            *number = place;
        }
    }
    numbers
}

fn read(item: &str) -> Number {
    let item = item.trim_start_matches(|c: char| !c.is_ascii_digit());
    let after = item.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = item.get(..item.len() - after.len()).unwrap_or_default();
    let sign = if after.starts_with(')') { ')' } else { '.' };
    (digits.parse().unwrap_or_default(), sign)
}
