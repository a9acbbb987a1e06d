//! What is looked for, by example.

use proptest::prelude::*;

use super::*;

/// The phrases of a query, their words with blanks between them.
fn phrases(query: &Query) -> Vec<String> {
    let words = |phrase: &Vec<Token>| {
        let words: Vec<&str> = phrase.iter().map(|token| token.text.as_str()).collect();
        words.join(" ")
    };
    query.phrases.iter().map(words).collect()
}

fn read(typed: &str) -> Query {
    Query::read(typed, &TimeZone::UTC).unwrap()
}

#[test]
fn words_are_looked_for_each_and_quoted_ones_in_their_order() {
    for (typed, expected) in [
        ("green tea", &["green", "tea"][..]),
        ("  \"green tea\"　绿茶 ", &["green tea", "绿 茶"]),
        ("“喝 茶” 「green tea」", &["喝 茶", "green tea"]),
        ("say\"green tea\"now", &["say", "green tea", "now"]),
        ("tea TEA ｔｅａ", &["tea"]),
        ("ada@example.org", &["ada example org"]),
        ("http://example.org/a", &["http example org a"]),
        ("用Rust写", &["用 rust 写"]),
    ] {
        assert_eq!(phrases(&read(typed)), expected, "{typed:?}");
    }
}

#[test]
fn filters_have_names_in_both_languages_and_either_colon() {
    let day = 1_793_491_200_000;
    for typed in [
        "from:Ada in:Hill before:2026-11-01 after:2026-10 has:link",
        "来自：Ada 房间：Hill 早于：2026/11/1 晚于：2026.10.1 包含：链接",
        "FROM:\"A d a\" In:#hill 之前:2026年11月1日 since:2026-10-01 有:网址",
        "from:x from:@ａｄａ in:「Hill」 before:2026-11 after:2026-10-01 has:LINKS",
    ] {
        let expected = Query {
            phrases: Vec::new(),
            from: Some("ada".into()),
            room: Some("hill".into()),
            before: Some(day),
            after: Some(day - 31 * 86_400_000),
            has: vec![Part::Link],
        };
        assert_eq!(read(typed), expected, "{typed:?}");
    }
    let beijing = Query::read("before:2026-11-01", &zone("480").unwrap()).unwrap();
    assert_eq!(beijing.before, Some(day - 8 * 3_600_000));
}

#[test]
fn what_a_message_has_beside_words_has_names_in_both_languages() {
    for (typed, part) in [
        ("has:file 有：附件 包含:文件", Part::File),
        ("has:picture has:Image 有:图片 有：照片", Part::Picture),
        ("has:video 有:视频", Part::Video),
        ("has:audio 有:音频", Part::Audio),
        ("has:voice 有:语音", Part::Voice),
    ] {
        let query = read(typed);
        assert_eq!(
            (&*query.has, query.phrases.len()),
            (&[part][..], 0),
            "{typed}"
        );
    }
    let both = read("has:link has:picture");
    assert_eq!(both.has, [Part::Link, Part::Picture]);
}

#[test]
fn a_day_begins_as_it_did_in_its_own_season() {
    let hours = |typed, zone: &TimeZone| {
        let query = Query::read(typed, zone).unwrap();
        let day = query.before.or(query.after).unwrap();
        day.rem_euclid(86_400_000) / 3_600_000
    };
    let zone = |named| zone(named).unwrap();
    let new_york = zone("America/New_York");
    assert_eq!(hours("before:2026-07-02", &new_york), 4, "summer");
    assert_eq!(hours("after:2026-01-02", &new_york), 5, "winter");
    assert_eq!(hours("after:2026-01-02", &zone("Asia/Shanghai")), 16);
    assert_eq!(hours("after:2026-01-02", &zone("-300")), 5);
    assert_eq!(
        hours("after:2026-04-24", &zone("Africa/Cairo")),
        22,
        "no midnight"
    );
    for nowhere in ["", "Mars/Olympus", "99999999", "../../etc/passwd"] {
        assert_eq!(hours("after:2026-01-02", &zone(nowhere)), 0, "{nowhere}");
    }
}

#[test]
fn what_is_no_filter_is_words() {
    for (typed, expected) in [
        ("before:yesterday", &["before yesterday"][..]),
        ("after:2026-13-01", &["after 2026 13 01"]),
        ("has:tea", &["has tea"]),
        ("from: tea", &["from", "tea"]),
        ("in:", &["in"]),
        ("re:from", &["re from"]),
        ("note: tea", &["note", "tea"]),
        ("\"open", &["open"]),
        (
            "tea AND NOT (milk OR sugar)",
            &["tea", "and", "not", "milk", "or", "sugar"],
        ),
        (
            "NEAR(a b, 3) col:x ^y z* {w}",
            &["near a", "b", "3", "col x", "y", "z", "w"],
        ),
        ("'; DROP TABLE messages; --", &["drop", "table", "messages"]),
        ("\" OR 1=1 \"", &["or 1 1"]),
        ("🍵", &["🍵"]),
    ] {
        let query = read(typed);
        assert_eq!(phrases(&query), expected, "{typed:?}");
        let bare = Query {
            phrases: query.phrases.clone(),
            ..Query::default()
        };
        assert_eq!(query, bare, "{typed:?}");
    }
    for nothing in ["", " \u{3000}", "!?", "\"\"", "“”", "，。"] {
        assert!(read(nothing).is_empty(), "{nothing:?}");
    }
}

#[test]
fn the_last_word_may_go_on_and_what_is_quoted_is_what_it_is() {
    let open = |typed: &str| {
        let last = read(typed)
            .phrases
            .pop()
            .and_then(|mut phrase| phrase.pop());
        last.map(|token| (token.open, !token.forms.is_empty()))
    };
    assert_eq!(open("green ket"), Some((true, true)));
    assert_eq!(open("green ket "), Some((true, true)));
    assert_eq!(open("2.13"), Some((true, false)));
    assert_eq!(open("\"green ket\""), Some((false, false)));
    assert_eq!(
        open("ket from:ada"),
        Some((true, true)),
        "no word comes after it"
    );
    assert_eq!(
        open("k"),
        Some((false, false)),
        "one letter begins too much"
    );
    assert_eq!(open("茶"), Some((false, false)));
    let first = &read("greens ket").phrases[0][0];
    assert!(!first.open && first.forms.contains(&"green".to_owned()));
}

#[test]
fn too_much_is_too_long() {
    let limit = MAX_CHARS;
    assert!(Query::read(&"茶".repeat(limit), &TimeZone::UTC).is_ok());
    for typed in ["茶".repeat(limit + 1), "a".repeat(10_000)] {
        assert_eq!(
            Query::read(&typed, &TimeZone::UTC),
            Err(Error::TooLong { limit })
        );
    }
}

proptest! {
    #[test]
    fn anything_may_be_typed(typed in any::<String>(), named in any::<String>(), minutes in any::<i32>()) {
        let fits = typed.chars().count() <= MAX_CHARS;
        for named in [named, minutes.to_string()] {
            if let Ok(zone) = zone(&named) {
                prop_assert_eq!(Query::read(&typed, &zone).is_ok(), fits);
            }
        }
    }

    #[test]
    fn filters_may_have_any_value(name in "(from|in|before|after|has|来自)[:：]", value in "\\PC{0,20}") {
        let query = Query::read(&format!("{name}{value}"), &TimeZone::UTC);
        prop_assert!(query.is_ok());
    }
}
