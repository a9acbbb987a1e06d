//! The page's files all together, as they are sent: the hash in their addresses says what each of them is.
//!
//! The hash is that of a list with the hash of each file. So a node that has not a file can be given it by another one,
//! with the list, and sees whether it is the one that the address names.

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// Hex digits of the list's hash in addresses.
pub(super) const HASH_CHARS: usize = 12;

/// What stands between list and file where both come together.
const BETWEEN: &[u8] = b"\n\n";

/// The list of some version's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    /// The hash of the list, as it stands in addresses.
    pub(super) hash: String,
    /// A line of `<SHA-256> <path>` for each file, the last without its end.
    list: Bytes,
}

impl Tree {
    /// Of these files: their paths, and their hashes.
    pub(super) fn of(files: impl IntoIterator<Item = (String, [u8; 32])>) -> Self {
        let lines = files.into_iter().map(|(path, hash)| line(&path, &hash));
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        Self::read(lines.join("\n").into())
    }

    fn read(list: Bytes) -> Self {
        let hash = hex(&Sha256::digest(&list), HASH_CHARS);
        Self { hash, list }
    }

    /// The file's bytes, however they are packed, with the list that says what they are.
    pub(super) fn with(&self, file: &[u8]) -> Vec<u8> {
        [&self.list, BETWEEN, file].concat()
    }

    /// Takes apart what [`with`](Self::with) has put together: the packed file, if the list is the one with this `hash`.
    pub(super) fn split(hash: &str, both: &[u8]) -> Option<(Self, Bytes)> {
        let end = both.windows(BETWEEN.len()).position(|at| at == BETWEEN)?;
        let (list, rest) = both.split_at(end);
        let tree = Self::read(Bytes::copy_from_slice(list));
        let file = rest.strip_prefix(BETWEEN)?;
        (tree.hash == hash).then(|| (tree, Bytes::copy_from_slice(file)))
    }

    /// Whether the file at this path is one with this hash.
    pub(super) fn has(&self, path: &str, hash: &[u8; 32]) -> bool {
        let line = line(path, hash);
        let mut lines = self.list.split(|byte| *byte == b'\n');
        lines.any(|each| each == line.as_bytes())
    }
}

fn line(path: &str, hash: &[u8; 32]) -> String {
    format!("{} {path}", hex(hash, 2 * hash.len()))
}

/// The first `chars` hex digits of a hash.
pub(super) fn hex(digest: &[u8], chars: usize) -> String {
    let bytes = digest.iter().map(|byte| format!("{byte:02x}"));
    bytes.collect::<String>().chars().take(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_what_is_in_it_and_its_hash_that_it_is_the_list() {
        let files = [("js/b.js", [2; 32]), ("js/a.js", [1; 32])];
        let files = files.map(|(path, hash)| (path.to_owned(), hash));
        let [b, a] = files.clone();
        let tree = Tree::of(files);
        assert_eq!(tree, Tree::of([a.clone(), b.clone()]), "in any order");
        assert_ne!(tree.hash, Tree::of([a]).hash);
        assert!(tree.has("js/a.js", &[1; 32]));
        for (path, hash) in [
            ("js/a.js", [2; 32]),
            ("js/c.js", [1; 32]),
            ("a.js", [1; 32]),
        ] {
            assert!(!tree.has(path, &hash), "{path}");
        }
        let both = tree.with(b"\n\nfile\n\n");
        let (told, file) = Tree::split(&tree.hash, &both).unwrap();
        assert_eq!((told, &*file), (tree.clone(), &b"\n\nfile\n\n"[..]));
        assert_eq!(Tree::split("0123456789ab", &both), None);
        let forged = Tree::of([b]).with(b"file");
        assert_eq!(Tree::split(&tree.hash, &forged), None);
        assert_eq!(Tree::split(&tree.hash, b"nothing"), None);
    }
}
