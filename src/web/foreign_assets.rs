//! Files of the page of another version, while nodes of both serve: a page comes from one node, and asks another one for its
//! scripts. That has others, asks the nodes that have these, and gives them only if they are what the address says.
//!
//! Bounds: [`KEPT`] bytes are kept, [`ASKING`] questions are under way, each for as long as `cluster/bus/asking.rs` says; a file
//! has [`LONGEST`] bytes at most. Whatever is not had is answered as an old page's file.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::asset_tree::Tree;
use crate::cluster::bus::Bus;
use crate::cluster::envelope::Wanted;
use crate::cluster::{Cluster, NodeDetail};
use crate::store::postgres::sweep::{GONE, NodeRow};
use crate::telemetry;

/// Bytes of files that are kept: those of some versions, packed.
const KEPT: usize = 8 * 1024 * 1024;

/// Questions to other nodes at a time: a page asks for some files at once, and people make up addresses.
const ASKING: usize = 16;

/// The longest file, in bytes: all scripts of a page are a tenth of it.
const LONGEST: u64 = 4 * 1024 * 1024;

/// A file of another version.
#[derive(Debug, Clone)]
pub(super) struct Foreign {
    /// In Brotli.
    pub(super) packed: Bytes,
    /// Of what it is unpacked.
    pub(super) hash: [u8; 32],
}

/// Those that are known, and the way to others.
#[derive(Debug)]
pub struct ForeignAssets {
    bus: Bus,
    cluster: Arc<Cluster>,
    asking: Semaphore,
    known: Mutex<HashMap<Wanted, Foreign>>,
}

impl ForeignAssets {
    /// None is known; this is the way to other nodes.
    #[must_use]
    pub fn new(bus: Bus, cluster: Arc<Cluster>) -> Self {
        Self {
            bus,
            cluster,
            asking: Semaphore::new(ASKING),
            known: Mutex::default(),
        }
    }

    /// The file that is meant, if a node that lives has it.
    pub(super) async fn get(&self, wanted: &Wanted) -> Option<Foreign> {
        if let Some(known) = self.known().get(wanted) {
            return Some(known.clone());
        }
        let has = |row: &NodeRow| NodeDetail::of(row).assets == wanted.tree;
        let nodes = self.cluster.nodes();
        if !nodes.iter().any(|row| row.silent_ms < GONE && has(row)) {
            return None;
        }
        let Ok(_one) = self.asking.try_acquire() else {
            telemetry::cluster::asset_asked("busy");
            return None;
        };
        let found = self.bus.ask(wanted, |told| take(wanted, told)).await;
        telemetry::cluster::asset_asked(if found.is_some() { "found" } else { "nothing" });
        if let Some(found) = &found {
            self.keep(wanted.clone(), found);
        }
        found
    }

    fn keep(&self, wanted: Wanted, found: &Foreign) {
        let mut known = self.known();
        let kept: usize = known.values().map(|each| each.packed.len()).sum();
        if kept + found.packed.len() > KEPT {
            known.clear();
        }
        known.insert(wanted, found.clone());
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Wanted, Foreign>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What another node has told, if it is the file that is meant.
fn take(wanted: &Wanted, told: &[u8]) -> Option<Foreign> {
    let (tree, packed) = Tree::split(&wanted.tree, told)?;
    let hash = Sha256::digest(unpacked(&packed)?).into();
    tree.has(&wanted.path, &hash)
        .then_some(Foreign { packed, hash })
}

/// What was packed; `None` when that is no Brotli, or too long.
pub(super) fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut reader = brotli::Decompressor::new(packed, 4096).take(LONGEST + 1);
    reader.read_to_end(&mut plain).ok()?;
    (plain.len() as u64 <= LONGEST).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::precompress::pack;

    #[test]
    fn a_file_is_taken_only_if_it_is_what_the_address_says() {
        let plain = b"export const tea = 1;\n".repeat(9);
        let hash: [u8; 32] = Sha256::digest(&plain).into();
        let tree = Tree::of([
            ("js/tea.js".to_owned(), hash),
            ("js/cup.js".to_owned(), [7; 32]),
        ]);
        let wanted = |path: &str| Wanted {
            tree: tree.hash.clone(),
            path: path.to_owned(),
        };
        let packed = pack(&plain).unwrap();
        let taken = take(&wanted("js/tea.js"), &tree.with(&packed)).unwrap();
        assert_eq!((&taken.packed[..], taken.hash), (&packed[..], hash));
        assert_eq!(unpacked(&taken.packed).unwrap(), plain);
        let other = pack(b"export const tea = 2;").unwrap();
        for (path, told) in [
            ("js/cup.js", tree.with(&packed)),
            ("js/tea.js", tree.with(&other)),
            ("js/tea.js", tree.with(&plain)),
            (
                "js/tea.js",
                Tree::of([("js/tea.js".to_owned(), hash)]).with(&packed),
            ),
            ("js/tea.js", Vec::new()),
        ] {
            assert!(take(&wanted(path), &told).is_none(), "{path}");
        }
        let bomb = pack(&vec![0; LONGEST as usize + 1]).unwrap();
        assert_eq!(unpacked(&bomb), None);
    }
}
