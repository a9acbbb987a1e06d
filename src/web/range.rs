//! Which part of something a request wants (RFC 9110 §13 and §14): one range, or all of it.

use std::ops::Range;

use actix_web::http::header::{self, EntityTag, HeaderMap, HeaderName};

/// What is answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// The reader has it already.
    Nothing,
    /// None of the bytes that were asked for are there.
    Unsatisfiable,
}

/// What of `length` bytes with this tag is wanted. Several ranges are answered with all of it, as are those that
/// are not understood.
pub(super) fn wanted(headers: &HeaderMap, tag: &EntityTag, length: u64) -> Wanted {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH)
        && matches(tags, tag)
    {
        return Wanted::Nothing;
    }
    let Some(range) = text(header::RANGE) else {
        return Wanted::Whole;
    };
    // A date is never ours: what is another now has another address.
    if text(header::IF_RANGE).is_some_and(|known| known != tag.to_string()) {
        return Wanted::Whole;
    }
    part(range, length)
}

fn matches(tags: &str, tag: &EntityTag) -> bool {
    let tag = tag.to_string();
    let mut tags = tags.split(',').map(str::trim);
    tags.any(|each| each == "*" || each.trim_start_matches("W/") == tag)
}

fn part(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range
        .strip_prefix("bytes=")
        .and_then(|spec| spec.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let number = |text: &str| -> Option<u64> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        (digits && !text.is_empty()).then(|| text.parse().unwrap_or(u64::MAX))
    };
    let part = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.is_empty() => first..length,
        (None, Some(count)) if first.is_empty() => length.saturating_sub(count)..length,
        _ => return Wanted::Whole,
    };
    match part.start < part.end {
        true => Wanted::Part(part),
        false => Wanted::Unsatisfiable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_answered_and_anything_else_is_all_or_nothing() {
        for (range, answer) in [
            ("bytes=0-0", Wanted::Part(0..1)),
            ("bytes=0-", Wanted::Part(0..10)),
            ("bytes=3-5", Wanted::Part(3..6)),
            ("bytes=3-500", Wanted::Part(3..10)),
            ("bytes=-4", Wanted::Part(6..10)),
            ("bytes=-400", Wanted::Part(0..10)),
            ("bytes=-0", Wanted::Unsatisfiable),
            ("bytes=10-", Wanted::Unsatisfiable),
            ("bytes=99999999999999999999-", Wanted::Unsatisfiable),
            ("bytes=5-3", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
        ] {
            assert_eq!(part(range, 10), answer, "{range}");
        }
    }

    #[test]
    fn what_the_reader_has_is_not_sent_again() {
        let tag = EntityTag::new_strong("a".to_owned());
        let asks = |name: HeaderName, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, "bytes=0-0".parse().unwrap());
            headers.insert(name, value.parse().unwrap());
            wanted(&headers, &tag, 10)
        };
        for (tags, answer) in [
            ("\"a\"", Wanted::Nothing),
            ("W/\"b\", W/\"a\"", Wanted::Nothing),
            ("*", Wanted::Nothing),
            ("\"b\"", Wanted::Part(0..1)),
        ] {
            assert_eq!(asks(header::IF_NONE_MATCH, tags), answer, "{tags}");
        }
        assert_eq!(asks(header::IF_RANGE, "\"a\""), Wanted::Part(0..1));
        assert_eq!(asks(header::IF_RANGE, "\"b\""), Wanted::Whole);
        let date = "Sat, 28 Nov 2026 00:00:00 GMT";
        assert_eq!(asks(header::IF_RANGE, date), Wanted::Whole);
    }
}
