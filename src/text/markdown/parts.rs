//! What a run of parts is, from its first one on.

use pulldown_cmark::{Event, Tag};

use super::Part;

/// Whether an item begins with a box.
pub(super) fn is_task(parts: &[Part<'_>]) -> bool {
    let mut inside = parts.iter().skip(1).map(|(event, _)| event);
    let first = inside.find(|event| !matches!(event, Event::Start(Tag::Paragraph)));
    matches!(first, Some(Event::TaskListMarker(_)))
}

/// How many parts there are from the beginning of something to its end.
pub(super) fn length(parts: &[Part<'_>]) -> usize {
    let mut depth = 0_usize;
    for (place, (event, _)) in parts.iter().enumerate() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    parts.len()
}

/// The words of a link that is nothing but words.
pub(super) fn words<'a>(parts: &'a [Part<'_>]) -> Option<&'a str> {
    match parts {
        [_, (Event::Text(words), _), (Event::End(_), _), ..] => Some(words),
        _ => None,
    }
}
