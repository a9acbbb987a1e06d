//! Objects of Slack's words in any order, and bytes: nothing fails, nothing is too long, and only what is on
//! the list comes out.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use super::super::read;
use crate::text::content::accept;
use crate::text::markdown::preview;
use crate::text::markdown::tests::list::text_of;

/// Messages that are made up.
const MESSAGES: u32 = 100_000;

/// Messages are made up on so many threads.
const THREADS: u8 = 4;

/// Names of fields, and types of parts.
#[rustfmt::skip]
const FIELDS: [&str; 33] = [
    "text", "type", "blocks", "attachments", "elements", "fields", "title", "title_link", "value", "short", "url", "image_url",
    "alt_text", "accessory", "style", "bold", "italic", "strike", "code", "indent", "offset", "pretext", "author_name", "author_link",
    "footer", "ts", "color", "fallback", "actions", "unicode", "user_id", "range", "timestamp",
];

#[rustfmt::skip]
const TYPES: [&str; 26] = [
    "header", "section", "context", "image", "divider", "actions", "rich_text", "markdown", "mrkdwn", "plain_text", "button",
    "rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote", "text", "link", "emoji", "user", "usergroup",
    "channel", "broadcast", "date", "color", "ordered", "good",
];

#[rustfmt::skip]
const PIECES: [&str; 60] = [
    "*", "_", "~", "`", "```", "````", "<", ">", "|", "&amp;", "&lt;", "&gt;", "&", "<https://e.org/a|", "<https://e.org/(b)>", "<mailto:a@b.org|",
    "<@U1|ada>", "<@U1>", "<!channel>", "<!here|here>", "<!subteam^S1|@ops>", "<#C1|x>", "<!date^1795390577^{date}|", "<!date^9^x>", "•",
    "• ", "\n", "\n\n", "\r\n", " ", "    ", "- ", "> ", "&gt; ", "# ", "1. ", "[", "](", ")", "!", "\\", "\"", "'", "a", "茶", "🍵",
    "\u{200d}", "\u{301}", "\u{202e}", "\u{1}", "https://e.org/_a_*b*", "javascript:alert(1)", "<javascript:x|a>", "<script>", "<img src=x>",
    "rust\n", "@all", "**", "~~", "|-|",
];

fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        8 => words().prop_map(Value::String),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => proptest::sample::select(&["https://e.org/", "1f375", "here", "danger", "/a"][..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let field = (proptest::sample::select(&FIELDS[..]), inner.clone());
        let object = (
            proptest::sample::select(&TYPES[..]),
            proptest::collection::vec(field, 0..5),
        );
        prop_oneof![
            2 => proptest::collection::vec(inner, 0..4).prop_map(Value::Array),
            5 => object.prop_map(|(kind, fields)| {
                let mut object: Map<_, _> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                object.entry("type").or_insert(json!(kind));
                Value::Object(object)
            }),
        ]
    })
}

fn holds(body: &[u8], limit: usize) -> Result<bool, TestCaseError> {
    for for_all in [true, false] {
        let Ok(words) = read(body, limit, for_all) else {
            continue;
        };
        prop_assert!(words.chars().count() <= limit);
        prop_assert_eq!(accept(&words, limit), Ok(words.clone()));
        text_of(&preview(&words), &words);
        return Ok(true);
    }
    Ok(false)
}

fn run<T: std::fmt::Debug>(
    seed: u8,
    strategy: &impl Strategy<Value = T>,
    test: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases: MESSAGES / u32::from(THREADS),
        failure_persistence: None,
        ..Config::default()
    };
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    TestRunner::new_with_rng(config, seed)
        .run(strategy, test)
        .unwrap();
}

#[test]
fn whatever_is_posted_only_what_may_be_is_said() {
    std::thread::scope(|scope| {
        for seed in 0..THREADS {
            scope.spawn(move || {
                let said = std::cell::Cell::new(0_u32);
                let list = || proptest::collection::vec(values(), 0..3);
                let posted = (words(), list(), list(), 1_usize..400);
                run(seed, &posted, |(text, blocks, attachments, limit)| {
                    let posted =
                        json!({ "text": text, "blocks": blocks, "attachments": attachments });
                    said.set(said.get() + u32::from(holds(posted.to_string().as_bytes(), limit)?));
                    Ok(())
                });
                assert!(
                    said.get() > MESSAGES / u32::from(THREADS) / 2,
                    "most say something"
                );
            });
        }
    });
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        holds(&bytes, 50)?;
        let quoted = [&b"{\"text\":\""[..], &bytes, b"\"}"].concat();
        holds(&quoted, 50)?;
        let form = [&b"payload={\"text\":\""[..], &bytes, b"\"}"].concat();
        holds(&form, 50)?;
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}", limit in 1_usize..40) {
        holds(json!({ "text": text }).to_string().as_bytes(), limit)?;
    }
}
