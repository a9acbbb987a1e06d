//! What to say about names that are no settings.
//!
//! Owns the wording and the advice: the nearest name, the right section, or what there is.
//! Never finds the names; `load` does. The advice is bounded by the number of settings.

use super::fields;

/// A name in a known section.
pub fn key(section: &str, keys: &[&str], name: &str) -> String {
    let start = format!("[{section}] {name} is not a setting");
    if let Some(homes) = fields::homes_of(name) {
        return format!("{start} of this section; it belongs to {homes}");
    }
    match fields::nearest(name, keys.iter().copied()) {
        Some(near) => format!("{start}; did you mean \"{near}\"?"),
        None => format!("{start}; [{section}] has {}", keys.join(", ")),
    }
}

/// A name outside of the known sections.
pub fn section(name: &str, is_table: bool) -> String {
    if let (Some(homes), false) = (fields::homes_of(name), is_table) {
        return format!("{name} stands outside of its section; put it under {homes}");
    }
    let catalog = fields::catalog();
    let sections = || catalog.iter().map(|(section, _)| *section);
    let shown = if is_table {
        format!("[{name}]")
    } else {
        name.to_owned()
    };
    match fields::nearest(name, sections()) {
        Some(near) => format!("{shown} is not a section; did you mean [{near}]?"),
        None => {
            let sections: Vec<String> = sections().map(|name| format!("[{name}]")).collect();
            format!(
                "{shown} is not a section; there are {}",
                sections.join(", ")
            )
        }
    }
}

/// The name of a section that is used as something else.
pub fn not_a_section(name: &str) -> String {
    format!("{name} is a section: write [{name}] on a line of its own and its settings below it")
}

/// A variable of the environment; `all` are those there are.
pub fn variable(name: &str, all: &[String]) -> String {
    match fields::nearest(&name.to_uppercase(), all.iter().map(String::as_str)) {
        Some(near) => format!("is not a setting; did you mean {near}?"),
        None => "is not a setting; the name of one is TEAHOUSE__SECTION__KEY, and \
                 `teahouse default-config` shows them all"
            .to_owned(),
    }
}
