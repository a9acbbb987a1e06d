//! The files of `static/`: embedded in release builds, read from disk in debug builds.

use rust_embed::RustEmbed;

/// The files by their paths below `static/`.
#[derive(RustEmbed)]
#[folder = "static/"]
#[exclude = ".*"]
pub(super) struct Files;

/// The source of one of the page's modules.
pub(super) fn script(module: &str) -> Option<String> {
    text(&format!("js/{module}.js"))
}

/// The text of the file at this path below `static/`.
pub(super) fn text(path: &str) -> Option<String> {
    String::from_utf8(Files::get(path)?.data.into_owned()).ok()
}

/// Names and contents of the scripts and style sheets.
#[cfg(test)]
pub(super) fn sources() -> impl Iterator<Item = (String, String)> {
    Files::iter()
        .filter(|name| name.ends_with(".js") || name.ends_with(".css"))
        .filter_map(|name| {
            let text = String::from_utf8(Files::get(&name)?.data.into_owned()).ok()?;
            Some((name.into_owned(), text))
        })
}
