//! What a word is, by example and by property.

use proptest::prelude::*;

use unicode_normalization::UnicodeNormalization;

use super::characters::clusters;
use super::*;

fn texts(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.text).collect()
}

fn finds(text: &str, wanted: &str) -> bool {
    let (text, wanted) = (tokens(text), tokens(wanted));
    places(&text, &wanted).next().is_some()
}

#[test]
fn words_are_what_a_reader_would_look_for() {
    for (text, expected) in [
        ("The kettle is on.", &["the", "kettle", "is", "on"][..]),
        ("茶泡好了", &["茶", "泡", "好", "了"]),
        ("用Rust写2行", &["用", "rust", "写", "2", "行"]),
        ("c++ C# g++!", &["c", "++", "c", "#", "g", "++"]),
        ("1+1 # + x", &["1", "+", "1", "x"]),
        (
            "foo_bar me@example.org",
            &["foo", "bar", "me", "example", "org"],
        ),
        (
            "https://example.org/a-b?q=1",
            &["https", "example", "org", "a", "b", "q", "1"],
        ),
        ("don’t don't", &["don", "t", "don", "t"]),
        ("Ｔｅａ　①ﬁ㍿", &["tea", "1fi", "株", "式", "会", "社"]),
        (
            "Straße STRASSE ΣΑΣ σας",
            &["strasse", "strasse", "σασ", "σασ"],
        ),
        ("ｶﾞ ガ か\u{3099}", &["ガ", "ガ", "が"]),
        ("\u{1112}\u{1161}\u{11ab}글", &["한", "글"]),
        ("e\u{301}te\u{301} co\u{ad}op", &["ete", "coop"]),
        (
            "Café naïve Ångström Łódź smørrebrød Œuvre",
            &["cafe", "naive", "angstrom", "lodz", "smorrebrod", "oeuvre"],
        ),
        ("Ωμέγα Ёлка йод", &["ωμεγα", "елка", "йод"]),
        ("資料庫 が", &["资", "料", "库", "が"]),
        ("iPhone15Pro v2.13.7", &["iphone15pro", "v2", "13", "7"]),
        (
            "1,299 12,345,678 1,2 1,2345",
            &["1299", "12345678", "1", "2", "1", "2345"],
        ),
        ("🍵🍵 ❤\u{fe0f}", &["🍵", "🍵", "❤"]),
        ("हिन्दी", &["हिन्दी"]),
        ("…!?，。\u{202e}\u{200d}", &[]),
    ] {
        assert_eq!(texts(text), expected, "{text:?}");
    }
}

#[test]
fn half_of_an_address_is_found_and_so_is_all_of_it() {
    let said = "write to ada.lovelace@example.org or see C++20 in foo_bar";
    for wanted in [
        "ada",
        "lovelace",
        "example.org",
        "ada.lovelace@example.org",
        "c++",
        "FOO_BAR",
        "bar",
    ] {
        assert!(finds(said, wanted), "{wanted}");
    }
    for other in ["love", "org.example", "c#"] {
        assert!(!finds(said, other), "{other}");
    }
}

#[test]
fn characters_are_found_where_nothing_is_between_them() {
    assert!(finds("北京大学在北京", "大学"));
    assert!(finds("北京大学在北京", "北京大学"));
    assert!(!finds("北京，大学", "京大"));
    assert!(finds("北京，大学", "北京 大学"));
    assert!(finds("北京", "京"));
}

#[test]
fn an_index_has_every_word_every_character_and_every_pair() {
    assert_eq!(
        terms(&tokens("茶泡好, tea")),
        "茶 茶泡 泡 泡好 好 tea te_ tea_ "
    );
    assert_eq!(
        terms(&tokens("v2 kettle")),
        "v2 v 2 kettle ke_ ket_ v2_ ".replace("kettle ke_ ket_ v2_", "v2_ kettle ke_ ket_")
    );
    assert_eq!(terms(&tokens("茶 好")), "茶 好 ");
    assert_eq!(terms(&[]), "");
    for (typed, expected) in [
        ("茶泡好", &["茶泡", "泡好"][..]),
        ("茶, tea泡好", &["茶", "tea", "泡好"]),
        ("茶", &["茶"]),
        ("", &[]),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|term| vec![Way::Is((*term).to_owned())])
            .collect();
        assert_eq!(needed(&tokens(typed)), expected, "{typed}");
    }
}

#[test]
fn a_word_without_end_is_kept_by_its_beginning() {
    let long = tokens(&"x".repeat(10_000));
    assert_eq!(long.len(), 1);
    assert_eq!(long[0].text.chars().count(), WORD_CHARS);
    assert_eq!(long[0].range, 0..10_000);
}

/// Whether an index that has these terms finds one of the ways.
fn is_known(known: &[&str], ways: &[Way]) -> bool {
    ways.iter().any(|way| match way {
        Way::Is(term) => known.contains(&term.as_str()),
        Way::Begins(term) => known.iter().any(|known| known.starts_with(term)),
    })
}

#[test]
fn a_word_is_found_by_its_beginning_its_parts_and_its_other_forms() {
    for (text, typed) in [
        ("kubernetes", "kub"),
        ("kubernetes", "kuberne"),
        ("running late", "run"),
        ("two runners", "runner"),
        ("I run", "running"),
        ("iPhone15Pro", "iphone"),
        ("iPhone15Pro", "iphone15"),
        ("iPhone15Pro", "phone"),
        ("iPhone15Pro", "15"),
        ("iPhone15Pro", "pro"),
        ("iPhone15Pro", "iphone15pro"),
        ("JavaScript", "javascript"),
        ("JavaScript", "script"),
        ("JavaScript", "javas"),
        ("getHTTPServerName", "server"),
        ("¥1,299.00", "1299"),
        ("¥1,299.00", "1,299"),
        ("¥1,299.00", "299"),
        ("A1299", "1299"),
        ("v2.13.7", "2.13"),
        ("v2.13.7", "v2.13"),
        ("v2.13.7", "13.7"),
        ("café", "cafe"),
        ("cafe", "café"),
        ("資料庫", "资料库"),
        ("资料库", "資料庫"),
        ("C++ and", "c+"),
    ] {
        let (said, words) = (tokens(text), wanted(typed));
        assert!(places(&said, &words).next().is_some(), "{text} {typed}");
        let terms = terms(&said);
        let known: Vec<&str> = terms.split(' ').collect();
        for ways in needed(&words) {
            assert!(is_known(&known, &ways), "{text} {typed}: {ways:?}");
        }
    }
    for (text, typed) in [
        ("kubernetes", "net"),
        ("v2.13.7", "2.1.3"),
        ("v2.13.7", "3.7"),
        ("1,2", "12"),
        ("street", "string"),
    ] {
        let (said, words) = (tokens(text), wanted(typed));
        assert!(places(&said, &words).next().is_none(), "{text} {typed}");
    }
    let hash = "a1b2c3d4e5f6a7b8";
    assert!(tokens(hash)[0].breaks.is_empty(), "no parts of a hash");
    assert_eq!(tokens(hash)[0].text, hash);
}

proptest! {
    #[test]
    fn whatever_is_found_in_a_text_an_index_finds_too(
        text in "[a-cA-C1-3é,. 茶資]{1,24}", typed in "[a-cA-C1-3é,. 茶資]{1,6}",
    ) {
        let (said, words) = (tokens(&text), wanted(&typed));
        if places(&said, &words).next().is_some() {
            let terms = terms(&said);
            let known: Vec<&str> = terms.split(' ').collect();
            for ways in needed(&words) {
                prop_assert!(is_known(&known, &ways), "{:?}", ways);
            }
        }
    }

    #[test]
    fn every_word_stands_where_it_says(text in "\\PC{0,60}") {
        let mut before = 0..0;
        for Token { range, .. } in tokens(&text) {
            prop_assert!(text.get(range.clone()).is_some_and(|part| !part.is_empty()), "{range:?}");
            // Two words may be one character, as in a fraction.
            prop_assert!(range.start >= before.start && range.end >= before.end, "{range:?}");
            before = range;
        }
    }

    #[test]
    fn compatibility_forms_do_not_matter(text in any::<String>()) {
        let composed: String = text.nfkc().collect();
        prop_assert_eq!(texts(&composed), texts(&text));
    }

    #[test]
    fn the_parts_of_a_text_are_normalized_each_by_itself(text in any::<String>()) {
        let parts: String = clusters(&text).flat_map(|(_, part)| part.nfkc()).collect();
        prop_assert_eq!(parts, text.nfkc().collect::<String>());
    }

    #[test]
    fn every_piece_of_a_run_of_characters_is_found_in_it(
        before in "[a-z，。 ]{0,5}",
        run in "[一-龥ぁ-んァ-ヺ가-힣㐀-䶵𠀀-𪛖]{1,20}",
        from in 0_usize..20,
        length in 1_usize..20,
    ) {
        let chars: Vec<char> = run.chars().collect();
        let from = from % chars.len();
        let to = (from + length).min(chars.len());
        let piece: String = chars[from..to].iter().collect();
        let text = tokens(&format!("{before}{run}{before}"));
        let wanted = tokens(&piece);
        prop_assert!(places(&text, &wanted).next().is_some());
        let index = terms(&text);
        let known: Vec<&str> = index.split(' ').collect();
        for ways in needed(&wanted) {
            prop_assert!(is_known(&known, &ways), "{:?}", ways);
        }
    }
}
