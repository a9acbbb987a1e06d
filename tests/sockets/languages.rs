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

/// What scripts may say, from their beginning, with the first file that is to be sent, and with what is fetched into the settings.
fn said_by_scripts() -> BTreeSet<&'static str> {
    let sections = ["page", "media", "access"].map(|section| Lang::En.strings(section));
    sections.into_iter().flatten().map(|(key, _)| key).collect()
}

/// Those of a section.
fn of(section: &str) -> BTreeSet<&'static str> {
    Lang::En.strings(section).into_keys().collect()
}

/// Whether some script asks for this key.
fn is_said(scripts: &str, key: &str) -> bool {
    scripts.contains(&format!("\"{key}\""))
        || between(scripts, "say(`", '`').any(|literal| may_be(literal, key))
}

#[test]
fn every_word_that_is_asked_for_is_there() {
    let keys = said_by_scripts();
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
    for section in ["page", "html"] {
        let (keys, before) = (of(section), format!("\"{section}."));
        for key in between(&drawn, &before, '"').filter(|key| !key.is_empty()) {
            assert!(keys.contains(key), "{section}.{key}");
        }
    }
}

#[test]
fn every_word_is_asked_for_and_a_first_visit_brings_none_that_no_script_says() {
    let scripts = sources("static/js", "js");
    let drawn = [sources("templates", "html"), sources("src", "rs")].concat();
    let idle: Vec<_> = said_by_scripts()
        .into_iter()
        .filter(|key| !is_said(&scripts, key))
        .collect();
    assert!(idle.is_empty(), "no script says {idle:?}");
    let idle: Vec<_> = of("html")
        .into_iter()
        .filter(|key| !drawn.contains(&format!("\"html.{key}\"")))
        .collect();
    assert!(idle.is_empty(), "nothing that is drawn has {idle:?}");
}
