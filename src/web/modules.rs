//! Which modules a page needs from its beginning: what `main.js` imports, and what that imports.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::assets;

/// The module that a page begins with.
const FIRST: &str = "main";

/// Modules by when they come.
#[derive(Debug, Clone)]
struct Modules {
    at_once: BTreeSet<String>,
    later: BTreeSet<String>,
}

static MODULES: LazyLock<Modules> = LazyLock::new(follow);

/// The names of those that the page begins with, but for the first, in order.
pub(super) fn of_page() -> Vec<String> {
    known().at_once.into_iter().collect()
}

/// The names of those that come when they are wanted first, in order.
pub(super) fn later() -> Vec<String> {
    known().later.into_iter().collect()
}

fn known() -> Modules {
    if cfg!(debug_assertions) {
        follow()
    } else {
        MODULES.clone()
    }
}

fn follow() -> Modules {
    let at_once = reach([FIRST.to_owned()], |script| imports(script).collect());
    let all = reach([FIRST.to_owned()], |script| {
        imports(script).chain(calls(script)).collect()
    });
    let later = all.difference(&at_once).cloned().collect();
    Modules { at_once, later }
}

/// What is named, directly and not, in the scripts of `first`.
fn reach(first: [String; 1], named: impl Fn(&str) -> Vec<&str>) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut next = Vec::from(first);
    while let Some(module) = next.pop() {
        let script = assets::script(&module).unwrap_or_default();
        for name in named(&script) {
            if known.insert(name.to_owned()) {
                next.push(name.to_owned());
            }
        }
    }
    known
}

/// The modules that a script names in `… from "./name.js"` or `import "./name.js"`.
pub(super) fn imports(script: &str) -> impl Iterator<Item = &str> {
    script.lines().filter_map(|line| {
        let named = line.split_once(" from \"./");
        let named = named.or_else(|| line.split_once("import \"./"));
        named
            .and_then(|(_, rest)| rest.split_once(".js\";"))
            .map(|(name, _)| name)
    })
}

/// The modules that a script names in `import("./name.js")`.
fn calls(script: &str) -> impl Iterator<Item = &str> {
    script
        .split("import(\"./")
        .skip(1)
        .filter_map(|rest| rest.split_once(".js\")"))
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_imported_at_once_is_found_and_what_comes_later_is_not() {
        let script = "import { a } from \"./one.js\";\nimport \"./two.js\";\n\
            const later = () => import(\"./three.js\");\nexport { b } from \"./four.js\";";
        let found: Vec<_> = imports(script).collect();
        assert_eq!(found, ["one", "two", "four"]);
        assert_eq!(calls(script).collect::<Vec<_>>(), ["three"]);
    }

    #[test]
    fn the_page_gets_what_it_begins_with_and_each_is_there() {
        let all = of_page();
        assert!(
            all.len() > 30 && all.contains(&"timeline".to_owned()),
            "{all:?}"
        );
        for name in all {
            assert!(assets::script(&name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_comes_later_is_known_with_what_it_needs_and_nothing_comes_twice() {
        let all = of_page();
        let later = later();
        for name in ["settings", "settings-devices", "search", "switcher"] {
            assert!(later.contains(&name.to_owned()), "{later:?}");
        }
        for name in later {
            assert!(assets::script(&name).is_some(), "{name}");
            assert!(!all.contains(&name), "{name}");
        }
    }
}
