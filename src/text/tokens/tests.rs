//! What a word is, by example and by property.

use proptest::prelude::*;

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
        ("e\u{301}te\u{301} co\u{ad}op", &["été", "coop"]),
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
    assert_eq!(terms(&tokens("茶泡好, tea")), "茶 茶泡 泡 泡好 好 tea ");
    assert_eq!(terms(&tokens("茶 好")), "茶 好 ");
    assert_eq!(terms(&[]), "");
    for (typed, expected) in [
        ("茶泡好", &["茶泡", "泡好"][..]),
        ("茶, tea泡好", &["茶", "tea", "泡好"]),
        ("茶", &["茶"]),
        ("", &[]),
    ] {
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

proptest! {
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
        for term in needed(&wanted) {
            prop_assert!(known.contains(&term.as_str()), "{}", term);
        }
    }
}
