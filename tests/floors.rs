//! The floors: a folder of `src/` imports only what is below it, and no two files need each
//! other but a module and its own children. `docs/architecture.md` draws them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From the ground up. What stands on one floor does not import its neighbours either.
const FLOORS: [&[&str]; 15] = [
    &["error", "shrink", "telemetry", "vital"],
    &["log", "text"],
    &["geo", "shutdown"],
    &["config"],
    &["data_dir", "model"],
    &["protocol"],
    &["delivery"],
    &["store"],
    &["audit", "auth"],
    &["chat"],
    &["realtime"],
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

/// `crate::a::b` wherever it stands in code, with what stands in braces taken apart.
fn imports(root: &Path) -> Vec<Import> {
    let mut files = Vec::new();
    sources(root, &mut files);
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code: String = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n");
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
