//! The files of `static/`: embedded in release builds, read from disk in debug builds; and what is made
//! of them, [`Made`] once for each state that they are in.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

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

/// Something that is made of the files: once in a release build, and in a debug build again when one of
/// them is another than before.
pub(super) struct Made<T>(Mutex<Option<(u64, T)>>);

impl<T: Clone> Made<T> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// What was made of the files as they are, or is made of them now.
    pub(super) fn get(&self, make: impl FnOnce() -> T) -> T {
        let state = state();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((of, made)) if *of == state => made.clone(),
            _ => {
                let made = make();
                *kept = Some((state, made.clone()));
                made
            }
        }
    }
}

/// Another number when a file may have changed. To read them all takes ten times as long, and a page asks
/// for a hundred.
fn state() -> u64 {
    let mut hasher = DefaultHasher::new();
    if cfg!(debug_assertions) {
        stamp(
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/static")),
            &mut hasher,
        );
    }
    hasher.finish()
}

/// Names, sizes and times of change below a folder; the system lists a folder that is as it was in the same
/// order.
fn stamp(folder: &Path, hasher: &mut DefaultHasher) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        // A link stands for what it leads to, as it does for who reads it.
        let Ok(found) = path.metadata() else {
            continue;
        };
        entry.file_name().hash(hasher);
        if found.is_dir() {
            stamp(&path, hasher);
        } else {
            (found.len(), found.modified().ok()).hash(hasher);
        }
    }
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

#[cfg(test)]
mod tests {
    use std::fs::{create_dir, remove_file, rename, write};

    use super::*;

    #[test]
    fn a_folder_is_another_when_a_file_changes_comes_goes_or_has_another_name() {
        let home = tempfile::tempdir().unwrap();
        let look = || {
            let mut hasher = DefaultHasher::new();
            stamp(home.path(), &mut hasher);
            hasher.finish()
        };
        let within = |name: &str| home.path().join("js").join(name);
        create_dir(home.path().join("js")).unwrap();
        write(within("tea.js"), "green").unwrap();
        let mut before = look();
        let changes: [&dyn Fn() -> std::io::Result<()>; 4] = [
            &|| write(within("tea.js"), "black tea"),
            &|| write(within("cup.js"), "blue"),
            &|| rename(within("cup.js"), within("bowl.js")),
            &|| remove_file(within("bowl.js")),
        ];
        for change in changes {
            assert_eq!(look(), before, "nothing has changed");
            change().unwrap();
            assert_ne!(look(), before);
            before = look();
        }
    }

    #[test]
    fn what_is_made_of_the_files_is_made_once_while_they_stay() {
        let made = Made::new();
        assert_eq!([made.get(|| 1), made.get(|| 2)], [1, 1]);
    }
}
