//! Which modules a page needs from its beginning: what `main.js` imports, and what that imports. A
//! browser that is told of all at once need not read one to learn of the next.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::assets;

/// The module that a page begins with.
const FIRST: &str = "main";

static MODULES: LazyLock<Vec<String>> = LazyLock::new(follow);

/// The names of the others, in order. What is imported by a call comes when it is called.
pub(super) fn of_page() -> Vec<String> {
    if cfg!(debug_assertions) {
        follow()
    } else {
        MODULES.clone()
    }
}

fn follow() -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut next = vec![FIRST.to_owned()];
    while let Some(module) = next.pop() {
        let script = assets::script(&module).unwrap_or_default();
        for name in imports(&script) {
            if known.insert(name.to_owned()) {
                next.push(name.to_owned());
            }
        }
    }
    known.into_iter().collect()
}

/// The modules that a script names in `… from "./name.js"` or `import "./name.js"`.
fn imports(script: &str) -> impl Iterator<Item = &str> {
    script.lines().filter_map(|line| {
        let named = line.split_once(" from \"./");
        let named = named.or_else(|| line.split_once("import \"./"));
        named
            .and_then(|(_, rest)| rest.split_once(".js\";"))
            .map(|(name, _)| name)
    })
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
}
