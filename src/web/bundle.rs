//! The page's scripts as a browser gets them: all modules that a page begins with as one, and those that
//! come later beside it. A hundred requests are slow where each waits half a second for its turn.
//!
//! It reads no JavaScript. The modules keep to a few forms, each on a line of its own, which a test
//! holds: `import { a, b } from "../folder/name.js";`, and `export` before one `function`, `class` or `const`; none
//! needs itself on the way. So each becomes a function that gives its exports as `$name`, after those
//! that it needs, and an import is the taking apart of such an object. Late modules take theirs from
//! the one that is there: every module is once on a page, however it comes.

use std::collections::BTreeSet;

use super::embedded;
use super::modules;
use super::strip_comments::bare;

/// Name of the module that a page loads first.
const FIRST: &str = "main";

/// Runs before all others and reports when they cannot load: not part of the bundle.
const APART: &str = "start";

/// The module of this name as it is sent; `None` when there is none.
pub(super) fn script(name: &str) -> Option<String> {
    script_of(name, &modules::of_page())
}

/// The same where it is known which modules a page begins with.
pub(super) fn script_of(name: &str, at_once: &BTreeSet<String>) -> Option<String> {
    let source = embedded::script(name)?;
    if name == FIRST {
        return Some(whole(at_once));
    }
    if name == APART {
        return Some(source);
    }
    if at_once.contains(name) {
        // For whoever imports it by its name: a test, or a script that somebody tries out.
        let (object, names) = (object(name), exports(&source).join(", "));
        return Some(format!(
            "import {{ {object} }} from \"{}\";\nexport const {{ {names} }} = {object};\n",
            first_from(name)
        ));
    }
    let mut objects = BTreeSet::new();
    let body = linked(name, &source, at_once, &mut objects);
    if objects.is_empty() {
        // It may stand in a document without the page, as the beginning of a frame does.
        return Some(source);
    }
    let objects: Vec<_> = objects.into_iter().collect();
    Some(format!(
        "import {{ {} }} from \"{}\";\n{body}",
        objects.join(", "),
        first_from(name)
    ))
}

/// All modules that are loaded at the start, each after those that it imports.
fn whole(at_once: &BTreeSet<String>) -> String {
    let mut written = BTreeSet::from([APART.to_owned()]);
    let mut out = format!("import * as {} from \"./{APART}.js\";\n", object(APART));
    write(FIRST, at_once, &mut written, &mut out);
    let objects = written.iter().filter(|name| *name != FIRST);
    let objects: Vec<_> = objects.map(|name| object(name)).collect();
    out.push_str(&format!("export {{ {} }};\n", objects.join(", ")));
    out
}

fn write(name: &str, at_once: &BTreeSet<String>, written: &mut BTreeSet<String>, out: &mut String) {
    if !written.insert(name.to_owned()) {
        return;
    }
    let source = embedded::script(name).unwrap_or_default();
    for path in modules::imports(&source) {
        write(&modules::resolve(name, path), at_once, written, out);
    }
    let body = linked(name, &source, at_once, &mut BTreeSet::new());
    let body = moved(name, &without_comments(&body.replace("\nexport ", "\n")));
    if name == FIRST {
        out.push_str(&format!("{{\n{body}}}\n"));
    } else {
        let (object, names) = (object(name), exports(&source).join(", "));
        out.push_str(&format!(
            "const {object} = (() => {{\n{body}return {{ {names} }};\n}})();\n"
        ));
    }
}

/// A module's script without its comments, empty lines and indentation:
/// where something stands means nothing in the one script, and no string literal goes over lines.
fn without_comments(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for line in bare(body)
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.is_empty())
    {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The address of the page's first script as the module of this name writes it.
fn first_from(name: &str) -> String {
    let up = "../".repeat(name.matches('/').count());
    let up = if up.is_empty() { "./" } else { up.as_str() };
    format!("{up}{FIRST}.js")
}

/// A module's script that asks for late modules from where the page's first script is.
fn moved(name: &str, body: &str) -> String {
    let mut parts = body.split("import(\"");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, rest) = part.split_once(".js\")").unwrap_or(("", part));
        let module = modules::resolve(name, path);
        out.push_str(&format!("import(\"./{module}.js\"){rest}"));
    }
    out
}

/// The script of a module that takes what it imports of the page's beginning from objects, whose names
/// are added to `objects`.
fn linked(
    module: &str,
    source: &str,
    at_once: &BTreeSet<String>,
    objects: &mut BTreeSet<String>,
) -> String {
    let mut out = String::with_capacity(source.len() + 1);
    // A line before the first, so that each begins after one.
    out.push('\n');
    for line in source.lines() {
        let import = import(line).map(|(names, path)| (names, modules::resolve(module, path)));
        match import.filter(|(_, name)| at_once.contains(name)) {
            Some((names, name)) => {
                let object = object(&name);
                let names = names.replace(" as ", ": ");
                out.push_str(&format!("const {{ {names} }} = {object};"));
                objects.insert(object);
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// The names that a line imports, and the path that it imports them from.
fn import(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("import { ")?;
    let (names, rest) = rest.split_once(" } from \"")?;
    let path = rest.strip_suffix(".js\";")?;
    path.starts_with('.').then_some((names, path))
}

/// The names that a script exports.
fn exports(source: &str) -> Vec<&str> {
    source.lines().filter_map(export).collect()
}

fn export(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("export ")?;
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    let kinds = ["function ", "class ", "const "];
    let rest = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    rest.get(..end)
}

/// What holds the exports of a module.
fn object(name: &str) -> String {
    format!("${}", name.replace('-', "_").replace('/', "$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        let all = modules::of_page().into_iter().chain(modules::later());
        let all = all.chain(modules::elsewhere());
        all.chain([FIRST.to_owned()]).collect()
    }

    #[test]
    fn all_modules_keep_to_the_forms_that_are_read() {
        for name in names() {
            let source = embedded::script(&name).unwrap();
            for line in source.lines() {
                let is_import = line.starts_with("import ") || line.starts_with("import\"");
                assert!(!is_import || import(line).is_some(), "{name}: {line}");
                let is_at_top = !line.starts_with([' ', '/']) && !line.contains("async");
                assert!(!(is_at_top && line.contains("await ")), "{name}: {line}");
                let is_export = line.starts_with("export");
                assert!(!is_export || export(line).is_some(), "{name}: {line}");
                let (imported, path) = import(line).unwrap_or_default();
                let from = modules::resolve(&name, path);
                let there = embedded::script(&from).unwrap_or_default();
                for each in imported.split(", ").filter(|each| !each.is_empty()) {
                    let each = each.split(" as ").next().unwrap();
                    assert!(exports(&there).contains(&each), "{name}: {each} of {from}");
                }
            }
        }
    }

    #[test]
    fn no_module_needs_itself_on_the_way() {
        fn look(name: &str, way: &mut Vec<String>) {
            assert!(!way.contains(&name.to_owned()), "{way:?} {name}");
            way.push(name.to_owned());
            let source = embedded::script(name).unwrap();
            for path in modules::imports(&source) {
                look(&modules::resolve(name, path), way);
            }
            way.pop();
        }
        look(FIRST, &mut Vec::new());
    }

    #[test]
    fn each_is_written_once_and_those_that_come_later_take_it_from_there() {
        let whole = script(FIRST).unwrap();
        for name in modules::of_page() {
            let begins = format!("const {} = (() => {{", object(&name));
            let times = whole.matches(&begins).count();
            assert_eq!(times, usize::from(name != APART), "{name}");
        }
        let imports = |script: &str| {
            script
                .lines()
                .filter(|line| line.starts_with("import "))
                .count()
        };
        assert_eq!(imports(&whole), 1, "start alone");
        let late = script("settings/preferences").unwrap();
        assert!(late.contains("const { toast } = $ui$toast;"), "{late}");
        assert_eq!(imports(&late), 1, "{late}");
        assert_eq!(
            script("ui/keyed-list").as_deref(),
            Some(
                "import { $ui$keyed_list } from \"../main.js\";\n\
                export const { updateKeyedList } = $ui$keyed_list;\n"
            )
        );
        assert_eq!(script("nothing"), None);
    }
}
