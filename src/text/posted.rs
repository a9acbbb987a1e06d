//! What a tool posts: an object in JSON, by itself or as the field `payload` of a form.
//!
//! The body says which of the two it is and labels are not asked: curl calls everything a form, and the
//! charset of JSON is UTF-8 whatever a label says. Bounded by the body, and by the depth to which
//! `serde_json` reads.

use std::borrow::Cow;

use serde_json::{Map, Value};
use url::form_urlencoded;

/// The object that was posted.
#[must_use]
pub fn object(body: &[u8]) -> Option<Value> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') {
        return parse(text);
    }
    let mut fields = form_urlencoded::parse(text.as_bytes());
    let (_, payload) = fields.find(|(name, _)| name == "payload")?;
    parse(&payload)
}

fn parse(json: &str) -> Option<Value> {
    let read = |json: &str| serde_json::from_str::<Map<_, _>>(json).ok();
    let object = read(json).or_else(|| read(&mended(json)));
    object.map(Value::Object)
}

/// JSON with U+FFFD for each half of a character: tools that count in UTF-16 cut emoji in two.
fn mended(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        let second = || escape.get(6..).and_then(unit);
        let (length, whole) = match unit(escape) {
            Some(0xd800..=0xdbff) if matches!(second(), Some(0xdc00..=0xdfff)) => (12, true),
            Some(0xd800..=0xdfff) => (6, false),
            _ => (
                escape.chars().take(2).map(char::len_utf8).sum::<usize>(),
                true,
            ),
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        out.push_str(if whole { kept } else { "\u{fffd}" });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The number of an escape that `text` begins with: `\u00e9`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

/// The words of a field; none if it is missing, `null`, or no words. Numbers are words, too.
#[must_use]
pub fn words<'a>(of: &'a Value, field: &str) -> Cow<'a, str> {
    match of.get(field) {
        Some(Value::String(words)) => Cow::Borrowed(words),
        Some(number @ (Value::Number(_) | Value::Bool(_))) => Cow::Owned(number.to_string()),
        _ => Cow::Borrowed(""),
    }
}

/// The values of a field that is a list; none if it is no list.
#[must_use]
pub fn list<'a>(of: &'a Value, field: &str) -> &'a [Value] {
    of.get(field)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(body: &[u8]) -> Option<String> {
        object(body).map(|object| words(&object, "text").into_owned())
    }

    #[test]
    fn the_body_says_what_it_is() {
        for body in [
            &b"{\"text\":\"tea \\u8336\"}"[..],
            b"\xef\xbb\xbf {\"text\":\"tea \\u8336\"}\r\n",
            "{\"text\":\"tea 茶\"}".as_bytes(),
            b"payload=%7B%22text%22%3A%22tea+%E8%8C%B6%22%7D",
            b"token=x&payload={\"text\":\"tea%20\\u8336\"}&channel=y",
        ] {
            assert_eq!(text(body).as_deref(), Some("tea 茶"), "{body:?}");
        }
        for body in [
            &b""[..],
            b"hello",
            b"[]",
            b"null",
            b"\"text\"",
            b"{\"text\":\"a\"",
            b"{\"text\":1e999}",
            b"payload=",
            b"payload=[1]",
            b"text=tea",
        ] {
            assert_eq!(object(body), None, "{body:?}");
        }
    }

    #[test]
    fn half_a_character_is_no_reason_to_refuse_the_rest() {
        for (body, expected) in [
            (r#"{"text":"a\ud83d"}"#, "a\u{fffd}"),
            (r#"{"text":"\udf75b"}"#, "\u{fffd}b"),
            (r#"{"text":"\ud83d\ud83c\udf75"}"#, "\u{fffd}🍵"),
            (r#"{"text":"\ud83d\u0041"}"#, "\u{fffd}A"),
            (r#"{"text":"\\ud83d \ud83d"}"#, "\\ud83d \u{fffd}"),
        ] {
            assert_eq!(text(body.as_bytes()).as_deref(), Some(expected), "{body}");
        }
        assert_eq!(
            text(b"{\"text\":\"a\xf0\x9f\"}").as_deref(),
            Some("a\u{fffd}")
        );
        assert_eq!(text(br#"{"text":"\u"}"#), None);
        assert_eq!(text(br#"{"text":"\ud83d\"}"#), None);
    }

    #[test]
    fn a_hundred_thousand_levels_are_refused() {
        let deep = |open: &str, close: &str| {
            format!(
                "{{\"blocks\":{}{}}}",
                open.repeat(100_000),
                close.repeat(100_000)
            )
        };
        assert_eq!(object(deep("[", "]").as_bytes()), None);
        assert_eq!(object(deep("{\"a\":", "}").as_bytes()), None);
        assert_eq!(object("[".repeat(100_000).as_bytes()), None);
    }

    #[test]
    fn what_is_no_words_says_nothing() {
        let posted = object(br#"{"a":null,"b":7,"c":true,"d":{},"e":[1,2],"f":""}"#).unwrap();
        let all = ["a", "b", "c", "d", "e", "f", "g"].map(|field| words(&posted, field));
        assert_eq!(all, ["", "7", "true", "", "", "", ""]);
        assert_eq!((list(&posted, "e").len(), list(&posted, "b").len()), (2, 0));
        assert_eq!(words(&Value::Null, "a"), "");
    }

    proptest! {
        #[test]
        fn what_is_json_is_not_changed_by_mending(text in "(\\\\|u|d83d|\"|\n|茶|🍵|a){0,12}") {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(mended(&json), json);
        }
    }
}
