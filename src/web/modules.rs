//! Which modules a page loads at the start: what `main.js` imports, and what that imports.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::embedded::{self, Made};

/// Name of the module that a page loads first.
const FIRST: &str = "main";

/// Names of the modules with which other documents begin: the frame in another site's page, its window for signing in, and where the site
/// sends people back to. The last one is loaded by pages where people sign in by that site.
#[cfg(test)]
const ELSEWHERE: [&str; 4] = ["frame", "connect", "back", "account/site-sign-in"];

/// Names of the modules that come with a part of the page which the server draws for them: without it they are of no use, so that no
/// browser keeps them for later.
const DRAWN_FOR: [&str; 3] = ["settings/hooks", "settings/keys", "settings/site"];

/// The page's modules by when they are loaded.
#[derive(Debug)]
struct Modules {
    at_once: BTreeSet<String>,
    later: BTreeSet<String>,
}

static MODULES: Made<Arc<Modules>> = Made::new();

/// Names of the modules that are loaded at the start, without the first, in order.
pub(super) fn of_page() -> BTreeSet<String> {
    known().at_once.clone()
}

/// Names of the modules that are loaded on demand, in order.
pub(super) fn later() -> Vec<String> {
    known().later.iter().cloned().collect()
}

/// Names of the modules that no page keeps for later and none begins with, in order.
#[cfg(test)]
pub(super) fn elsewhere() -> BTreeSet<String> {
    let first = [&ELSEWHERE[..], &DRAWN_FOR].concat();
    let mut all = reach(&first, all_imports);
    all.extend(first.into_iter().map(str::to_owned));
    let page: BTreeSet<_> = of_page().into_iter().chain(later()).collect();
    let apart = |name: &&String| name.as_str() != FIRST && !page.contains(*name);
    all.iter().filter(apart).cloned().collect()
}

fn known() -> Arc<Modules> {
    MODULES.get(|| Arc::new(follow()))
}

fn follow() -> Modules {
    let at_once = reach(&[FIRST], |script| imports(script).collect());
    let all = reach(&[FIRST], all_imports);
    let later = all.difference(&at_once).cloned().collect();
    Modules { at_once, later }
}

/// The modules that the scripts of `first` import, directly and not, up to [`DRAWN_FOR`].
fn reach(first: &[&str], named: impl Fn(&str) -> Vec<&str>) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut next: Vec<_> = first.iter().map(|name| (*name).to_owned()).collect();
    while let Some(module) = next.pop() {
        let script = embedded::script(&module).unwrap_or_default();
        for path in named(&script) {
            let name = resolve(&module, path);
            if !DRAWN_FOR.contains(&name.as_str()) && known.insert(name.clone()) {
                next.push(name);
            }
        }
    }
    known
}

/// The module that a path names where `from` imports it: `ui/toast` for `../ui/toast` in `rooms/header`.
pub(super) fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The paths that a script imports by `… from "<path>.js"` or `import "<path>.js"`.
pub(super) fn imports(script: &str) -> impl Iterator<Item = &str> {
    script.lines().filter_map(|line| {
        let named = line.split_once(" from \"");
        let named = named.or_else(|| line.split_once("import \""));
        let (path, _) = named?.1.split_once(".js\";")?;
        path.starts_with('.').then_some(path)
    })
}

/// The paths that a script imports by `import("<path>.js")`.
fn dynamic_imports(script: &str) -> impl Iterator<Item = &str> {
    script
        .split("import(\"")
        .skip(1)
        .filter_map(|rest| rest.split_once(".js\")"))
        .map(|(path, _)| path)
}

/// The paths that a script imports, at once or later.
fn all_imports(script: &str) -> Vec<&str> {
    imports(script).chain(dynamic_imports(script)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_imported_at_once_is_found_and_what_comes_later_is_not() {
        let script = "import { a } from \"./one.js\";\nimport \"./two.js\";\n\
            const later = () => import(\"../ui/three.js\");\nexport { b } from \"./four.js\";";
        let found: Vec<_> = imports(script).collect();
        assert_eq!(found, ["./one", "./two", "./four"]);
        let found: Vec<_> = dynamic_imports(script).collect();
        assert_eq!(found, ["../ui/three"]);
    }

    #[test]
    fn a_path_is_read_from_the_folder_of_who_imports_it() {
        for (from, path, name) in [
            ("main", "./ui/toast", "ui/toast"),
            ("rooms/header", "../ui/toast", "ui/toast"),
            ("rooms/header", "./notice", "rooms/notice"),
            ("composer/emoji/picker", "../../net/api", "net/api"),
        ] {
            assert_eq!(resolve(from, path), name);
        }
    }

    #[test]
    fn the_page_gets_what_it_begins_with_and_each_is_there() {
        let all = of_page();
        assert!(
            all.len() > 30 && all.contains("timeline/timeline"),
            "{all:?}"
        );
        for name in all {
            assert!(embedded::script(&name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_comes_later_is_known_with_what_it_needs_and_nothing_comes_twice() {
        let all = of_page();
        let later = later();
        for name in [
            "settings/settings",
            "settings/devices",
            "search/search",
            "rooms/switcher",
        ] {
            assert!(later.contains(&name.to_owned()), "{later:?}");
        }
        for name in later {
            assert!(embedded::script(&name).is_some(), "{name}");
            assert!(!all.contains(&name), "{name}");
            assert!(!DRAWN_FOR.contains(&name.as_str()), "{name}");
        }
    }

    #[test]
    fn every_script_is_asked_for() {
        let mut asked: BTreeSet<_> = of_page().into_iter().chain(later()).collect();
        asked.insert(FIRST.to_owned());
        asked.extend(elsewhere());
        for (path, _) in embedded::sources() {
            let script = path
                .strip_prefix("js/")
                .and_then(|path| path.strip_suffix(".js"));
            if let Some(name) = script {
                assert!(asked.contains(name), "{name} is asked for by nobody");
            }
        }
    }
}
