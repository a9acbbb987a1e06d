//! The words of the page: each is asked for by a script, a template or the server, and whatever
//! they ask for is there. That both languages have the same keys is tested beside the tables.

use std::collections::BTreeSet;
use std::path::Path;

use teahouse::text::catalog::Lang;

/// Everything in a directory that may ask for words, and below it.
fn sources(directory: &str, extension: &str) -> String {
    let mut all = String::new();
    let mut left = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(directory)];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else if path.extension().is_some_and(|name| name == extension) {
                all.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    all
}

/// What stands between `before` and the next `end`, wherever `before` stands.
fn between<'a>(text: &'a str, before: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(before)
        .skip(1)
        .filter_map(move |rest| rest.split(end).next())
}

/// Whether the key is one that the template literal may make: `stopped_${why}`.
fn may_be(literal: &str, key: &str) -> bool {
    let (first, rest) = literal.split_once("${").unwrap_or((literal, ""));
    let last = rest.rsplit('}').next().unwrap_or_default();
    key.len() > first.len() + last.len() && key.starts_with(first) && key.ends_with(last)
}

/// What the page says, from its beginning and with the first file that is to be sent.
fn said_by_the_page() -> BTreeSet<&'static str> {
    let sections = ["page", "media"].map(|section| Lang::En.strings(section));
    sections.into_iter().flatten().map(|(key, _)| key).collect()
}

#[test]
fn every_word_that_is_asked_for_is_there() {
    let keys = said_by_the_page();
    let scripts = sources("static/js", "js");
    for key in between(&scripts, "say(\"", '"').filter(|key| !key.is_empty()) {
        assert!(keys.contains(key), "a script says {key}");
    }
    for literal in between(&scripts, "say(`", '`') {
        assert!(
            keys.iter().any(|key| may_be(literal, key)),
            "a script says {literal}"
        );
    }
    let drawn = [sources("templates", "html"), sources("src", "rs")].concat();
    for key in between(&drawn, "\"page.", '"').filter(|key| !key.is_empty()) {
        assert!(keys.contains(key), "page.{key}");
    }
}

#[test]
fn every_word_is_asked_for() {
    let scripts = sources("static/js", "js");
    let drawn = [sources("templates", "html"), sources("src", "rs")].concat();
    let literals: Vec<_> = between(&scripts, "say(`", '`').collect();
    let idle: Vec<_> = said_by_the_page()
        .into_iter()
        .filter(|key| {
            !scripts.contains(&format!("\"{key}\""))
                && !drawn.contains(&format!("\"page.{key}\""))
                && !literals.iter().any(|literal| may_be(literal, key))
        })
        .collect();
    assert!(idle.is_empty(), "nobody asks for {idle:?}");
}
