//! The floors: a folder of `src/` imports only what is below it, and no two files need each
//! other but a module and its own children. `docs/architecture.md` draws them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// From the ground up. What stands on one floor does not import its neighbours either.
const FLOORS: [&[&str]; 15] = [
    &["error", "shrink", "telemetry", "vital"],
    &["log", "text"],
    &["geo", "shutdown"],
    &["config"],
    &["data_dir", "model"],
    &["look", "protocol"],
    &["delivery"],
    &["store"],
    &["audit", "auth", "files"],
    &["chat"],
    &["cluster", "realtime"],
    &["web"],
    &["app"],
    &["bench", "demo"],
    &["cli"],
];

/// One `use crate::…` or `crate::…` of a file.
#[derive(Debug)]
struct Import {
    file: PathBuf,
    line: usize,
    /// The module path behind `crate::`.
    path: Vec<String>,
}

fn sources(directory: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            all.push(path);
        }
    }
}

/// A file without what stands behind `//`.
fn code_of(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.lines().map(|line| line.split("//").next().unwrap());
    code.collect::<Vec<_>>().join("\n")
}

/// `crate::a::b` wherever it stands in code, with what stands in braces taken apart.
fn imports(root: &Path) -> Vec<Import> {
    let mut files = Vec::new();
    sources(root, &mut files);
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let code = code_of(&file);
        for (at, _) in code.match_indices("crate::") {
            let (before, rest) = code.split_at(at);
            let line = before.matches('\n').count() + 1;
            let rest = rest.trim_start_matches("crate::");
            for path in paths(rest) {
                all.push(Import {
                    file: file.strip_prefix(root).unwrap().to_owned(),
                    line,
                    path,
                });
            }
        }
    }
    all
}

/// The paths that one tree of names stands for.
fn paths(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim_start();
    let Some(inside) = tree.strip_prefix('{') else {
        let end = tree
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(tree.len());
        let (name, rest) = tree.split_at(end);
        let Some(rest) = rest.strip_prefix("::").filter(|_| !name.is_empty()) else {
            return vec![vec![name.to_owned()]];
        };
        return paths(rest)
            .into_iter()
            .map(|mut path| {
                path.insert(0, name.to_owned());
                path
            })
            .collect();
    };
    let mut depth = 0;
    let mut from = 0;
    let mut all = Vec::new();
    for (at, c) in inside.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let part = inside.get(from..at).unwrap().trim();
                if !part.is_empty() {
                    all.extend(paths(part));
                }
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    all
}

fn folder(file: &Path) -> String {
    let first = file.components().next().unwrap();
    let name = first.as_os_str().to_string_lossy();
    name.trim_end_matches(".rs").to_owned()
}

fn floor(folder: &str) -> Option<usize> {
    FLOORS.iter().position(|names| names.contains(&folder))
}

#[test]
fn a_folder_imports_only_what_is_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut upward: BTreeMap<(String, String), usize> = BTreeMap::new();
    for import in imports(&root) {
        let from = folder(&import.file);
        if from == "main" || from == "lib" {
            continue;
        }
        let to = &import.path[0];
        let here = floor(&from).unwrap_or_else(|| panic!("{from} stands on no floor"));
        let Some(there) = floor(to) else { continue };
        if from != *to && there >= here {
            *upward.entry((from.clone(), to.clone())).or_default() += 1;
            wrong.push(format!(
                "src/{}:{}: {from} imports {}",
                import.file.display(),
                import.line,
                import.path.join("::")
            ));
        }
    }
    assert!(wrong.is_empty(), "{upward:#?}\n{}", wrong.join("\n"));
}

/// One file of `src/` as a module: `store::rows`, with what it names of others.
struct Module {
    file: PathBuf,
    path: Vec<String>,
    /// Module paths of others, and the line that names each.
    names: Vec<(Vec<String>, usize)>,
}

/// Every module with a file of its own, and all that its code names by `crate::` and `super::`, in imports
/// and elsewhere, and by what an import of a module has brought.
fn modules(root: &Path) -> Vec<Module> {
    let mut files = Vec::new();
    sources(root, &mut files);
    files.sort();
    let module = |file: PathBuf| {
        let code = code_of(&file);
        let file = file.strip_prefix(root).unwrap().to_owned();
        let path = module_path(&file);
        let mut names = Vec::new();
        for start in ["crate::", "super::"] {
            for (at, _) in code.match_indices(start) {
                let (before, rest) = code.split_at(at);
                // A later `super::` of a chain has been read with the first.
                if before.ends_with("super::") || before.ends_with("crate::") {
                    continue;
                }
                let within_tests = before.contains("\nmod tests {");
                for named in paths(rest) {
                    let line = before.matches('\n').count() + 1;
                    names.push((absolute(&path, within_tests, &named), line));
                }
            }
        }
        names.extend(by_name(&code, &names));
        Module { file, path, names }
    };
    let inner = |file: &PathBuf| !file.ends_with("lib.rs") && !file.ends_with("main.rs");
    files.into_iter().filter(inner).map(module).collect()
}

fn module_path(file: &Path) -> Vec<String> {
    let file = file.with_extension("");
    let parts = file.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").collect()
}

/// A path from the crate's root that begins with `crate` or with as many `super` as it has; `within_tests`
/// a file's own `mod tests`, whose parent is the file.
fn absolute(module: &[String], within_tests: bool, path: &[String]) -> Vec<String> {
    let up = path.iter().take_while(|name| *name == "super").count();
    let base = match up {
        0 => &[],
        _ => &module[..(module.len() + usize::from(within_tests)).saturating_sub(up)],
    };
    let rest = path[up.max(1)..].iter().filter(|name| *name != "self");
    base.iter().chain(rest).cloned().collect()
}

/// What `queries::rooms` names in a file that imports `queries`.
fn by_name(code: &str, imported: &[(Vec<String>, usize)]) -> Vec<(Vec<String>, usize)> {
    let mut all = Vec::new();
    for (path, _) in imported {
        let Some(name) = path.last() else { continue };
        let begins = format!("{name}::");
        for (at, _) in code.match_indices(&begins) {
            let (before, rest) = code.split_at(at);
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            for named in paths(rest) {
                let named = path.iter().chain(&named[1..]).cloned().collect();
                all.push((named, before.matches('\n').count() + 1));
            }
        }
    }
    all
}

/// By a file's place which others it needs, and the line that first names each.
type Needs = BTreeMap<usize, BTreeMap<usize, usize>>;

/// Which file needs which; a module and those within it may name each other.
fn needs(modules: &[Module]) -> Needs {
    let places: HashMap<&[String], usize> = modules
        .iter()
        .enumerate()
        .map(|(place, module)| (module.path.as_slice(), place))
        .collect();
    let mut needs = Needs::new();
    for (place, module) in modules.iter().enumerate() {
        for (named, line) in &module.names {
            let found = (1..=named.len())
                .rev()
                .find_map(|length| places.get(&named[..length]));
            let Some(&other) = found else { continue };
            let path = &modules[other].path;
            if !path.starts_with(&module.path) && !module.path.starts_with(path) {
                needs
                    .entry(place)
                    .or_default()
                    .entry(other)
                    .or_insert(*line);
            }
        }
    }
    needs
}

fn reached(needs: &Needs, from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(place) = next.pop() {
        for other in needs.get(&place).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(*other) {
                next.push(*other);
            }
        }
    }
    reached
}

#[test]
fn no_files_need_each_other_but_a_module_and_those_within_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let modules = modules(&root);
    assert!(modules.len() > 200, "only {} files", modules.len());
    let needs = needs(&modules);
    let reached: Vec<_> = (0..modules.len())
        .map(|from| reached(&needs, from))
        .collect();
    let mut told = BTreeSet::new();
    let mut circles = String::new();
    for place in 0..modules.len() {
        if !reached[place].contains(&place) || told.contains(&place) {
            continue;
        }
        let back = |other: &&usize| reached[**other].contains(&place);
        let circle: BTreeSet<usize> = reached[place].iter().filter(back).copied().collect();
        circles.push_str(&format!("a circle of {} files:\n", circle.len()));
        for from in &circle {
            let imports = needs.get(from).into_iter().flatten();
            for (to, line) in imports.filter(|(to, _)| circle.contains(to)) {
                circles.push_str(&format!(
                    "  src/{}:{line}: needs {}\n",
                    modules[*from].file.display(),
                    modules[*to].path.join("::")
                ));
            }
        }
        told.extend(circle);
    }
    assert!(circles.is_empty(), "\n{circles}");
}
