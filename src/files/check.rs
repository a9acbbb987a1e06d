//! Rows of files against the bytes where they lie, for `teahouse files check`.
//!
//! A server may run beside it: what looks wrong is looked at again in its row, and what is younger than [`YOUNG`]
//! is none of its business. Repairing never throws bytes away that a row still knows. Bounds: [`PAGE`] rows and one
//! directory entry in memory.

use std::io;
use std::time::{Duration, SystemTime};

use super::depot::Depot;
use super::entry::{Entry, Part};
use super::inspect::hash_of;
use crate::model::file::{FileKind, Rendition};
use crate::model::file_id::FileId;
use crate::store::backend::Backend;
use crate::store::db::StoreError;
use crate::store::files::check::{drifts, lose, page, recount};
use crate::store::files::{FileRow, FileState, find, parts};
use crate::text::size;

/// Rows that are read at a time.
const PAGE: i64 = 500;

/// What was written within this time may be a server's work that has no row yet.
const YOUNG: Duration = Duration::from_secs(3_600);

/// Files whose loss may be an accident of each, and not of the directory.
const FEW: u64 = 10;

/// Owners whose counts are corrected at most: more are a fault of the program, and the next check finds them.
const OWNERS: i64 = 10_000;

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub struct Checks {
    /// Read all bytes that are kept as they were sent, and compare their SHA-256.
    pub hash: bool,
    /// Put right what can be.
    pub repair: bool,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Files that have a row and should have bytes.
    pub files: u64,
    /// Those of which nothing is there.
    pub lost: u64,
    /// Those of which something is missing, or not as it was.
    pub damaged: u64,
    /// Bytes on the disk that belong to no row: how many files.
    pub strays: u64,
    /// Files that this program has not written.
    pub foreign: u64,
    /// Owners of whom something else was counted than they have.
    pub miscounted: u64,
    /// How many of all these were put right.
    pub repaired: u64,
}

impl Findings {
    /// How many things are wrong, or were.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.lost + self.damaged + self.strays + self.foreign + self.miscounted
    }
}

/// A check under way.
pub struct Check<'a> {
    db: &'a mut dyn Backend,
    depot: &'a Depot,
    checks: Checks,
    /// Is given a line for each thing that is found.
    say: &'a mut dyn FnMut(String) -> anyhow::Result<()>,
    found: Findings,
}

impl std::fmt::Debug for Check<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = &self.found;
        out.debug_struct("Check").field("found", found).finish()
    }
}

/// What is wrong with the bytes of a file.
enum Fault {
    /// None of them is there, but perhaps a poster.
    Lost,
    /// Some are missing or others, in words.
    Damaged(String),
}

impl<'a> Check<'a> {
    /// A check of `depot` against `db`, which gives `say` a line for each thing that it finds.
    pub fn new(
        db: &'a mut dyn Backend,
        depot: &'a Depot,
        checks: Checks,
        say: &'a mut dyn FnMut(String) -> anyhow::Result<()>,
    ) -> Self {
        Self {
            db,
            depot,
            checks,
            say,
            found: Findings::default(),
        }
    }

    /// Looks at everything.
    ///
    /// # Errors
    /// When database or disk fail, and those of `say`.
    pub fn run(mut self) -> anyhow::Result<Findings> {
        if self.checks.repair {
            self.is_there()?;
        }
        self.rows()?;
        let depot = self.depot;
        depot.walk(&mut |entry| self.entry(&entry))?;
        self.counts()?;
        Ok(self.found)
    }

    /// Refuses to repair where most files are missing: the directory is not mounted, or not restored yet, and what
    /// is marked as removed then stays so.
    fn is_there(&mut self) -> anyhow::Result<()> {
        let (mut after, mut lost, mut whole) = (None, 0_u64, 0_u64);
        loop {
            let rows = page(self.db, after, PAGE)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.id);
            for row in &rows {
                match self.fault(row, false)? {
                    Some(Fault::Lost) => lost += 1,
                    _ => whole += 1,
                }
            }
        }
        if lost >= FEW && lost > whole {
            anyhow::bail!(
                "{lost} of {} files have no bytes on the disk: is the directory there, mounted and restored? Nothing was changed",
                lost + whole
            );
        }
        Ok(())
    }

    fn rows(&mut self) -> anyhow::Result<()> {
        let mut after = None;
        loop {
            let rows = page(self.db, after, PAGE)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = Some(last.id);
            for row in rows {
                self.row(&row)?;
            }
        }
    }

    fn row(&mut self, row: &FileRow) -> anyhow::Result<()> {
        self.found.files += 1;
        let Some(fault) = self.fault(row, self.checks.hash)? else {
            return Ok(());
        };
        // A server may have taken it away, or gone on with it, meanwhile.
        if find(self.db, row.id)?.as_ref() != Some(row) {
            return Ok(());
        }
        let what = described(row);
        let Fault::Damaged(how) = fault else {
            self.found.lost += 1;
            let mut end = "";
            if self.checks.repair && self.db.in_one(|db| lose(db, row))? {
                // Its poster.
                self.depot.remove(row.id)?;
                self.found.repaired += 1;
                end = "; it is marked as removed";
            }
            return (self.say)(format!("{what} has no bytes on the disk{end}"));
        };
        self.found.damaged += 1;
        (self.say)(format!("{what} is damaged: {how}"))
    }

    /// What is wrong with the bytes of a file.
    fn fault(&mut self, row: &FileRow, hashed: bool) -> anyhow::Result<Option<Fault>> {
        if matches!(row.state, FileState::Receiving | FileState::Working) {
            let Some((row, parts)) = parts::all(self.db, row.id)? else {
                return Ok(None);
            };
            let there = self.depot.has_come(&row, &parts)?;
            return Ok((!there).then_some(Fault::Lost));
        }
        Ok(fault(self.depot, row, hashed)?)
    }

    fn entry(&mut self, entry: &Entry) -> anyhow::Result<()> {
        let path = entry.path.display();
        let age = SystemTime::now().duration_since(entry.written);
        let young = age.unwrap_or_default() < YOUNG;
        let belongs = match entry.part {
            Part::Foreign => {
                self.found.foreign += 1;
                return (self.say)(format!("{path} is not a file of this server; it is left"));
            }
            _ if young => true,
            Part::Half => false,
            Part::Incoming(id) => self.knows(id, None)?,
            Part::Part(id, part) => parts::wanted(self.db, id)?.contains(&part),
            Part::Rendition(id, rendition) => self.knows(id, Some(rendition))?,
        };
        if belongs {
            return Ok(());
        }
        self.found.strays += 1;
        let mut end = "";
        if self.checks.repair {
            self.depot.remove_entry(entry)?;
            self.found.repaired += 1;
            end = "; it is removed";
        }
        let bytes = size::in_words(entry.bytes);
        (self.say)(format!("{path} ({bytes}) belongs to no file{end}"))
    }

    /// Whether a row has this rendition, or without one the bytes that came in.
    fn knows(&mut self, id: FileId, rendition: Option<Rendition>) -> Result<bool, StoreError> {
        let Some(row) = find(self.db, id)? else {
            return Ok(false);
        };
        Ok(match (row.state, rendition) {
            // A server is about to remove all of it, or makes it just now.
            (FileState::Doomed | FileState::Working, _) | (FileState::Receiving, None) => true,
            // A poster may be there before its video is.
            (FileState::Receiving | FileState::Ready | FileState::Attached, Some(rendition)) => {
                row.detail.renditions.contains_key(&rendition)
            }
            _ => false,
        })
    }

    fn counts(&mut self) -> anyhow::Result<()> {
        let drifts = drifts(self.db, OWNERS)?;
        // All together are counted by what is counted of each: they come last.
        let (all, each): (Vec<_>, Vec<_>) = drifts.into_iter().partition(|one| one.owner == "*");
        for drift in each.into_iter().chain(all) {
            self.found.miscounted += 1;
            let mut end = "";
            if self.checks.repair {
                self.db.in_one(|db| recount(db, &drift.owner))?;
                self.found.repaired += 1;
                end = "; it is counted anew";
            }
            let who = match drift.owner.as_str() {
                "*" => "all together",
                owner => owner,
            };
            let (bytes, files) = (drift.bytes, drift.files);
            (self.say)(format!(
                "what is counted of {who} is off by {bytes} bytes and {files} files{end}"
            ))?;
        }
        Ok(())
    }
}

/// A file as the operator finds it again.
fn described(row: &FileRow) -> String {
    let of = match row.message {
        Some((room, message)) => format!("message {message} in room {room}"),
        None => format!("an upload that is {}", row.state.as_str()),
    };
    format!("{} ({:?}, {of}, of {})", row.id, row.name, row.owner)
}

/// What is wrong with the bytes of a file that was looked at.
fn fault(depot: &Depot, row: &FileRow, hashed: bool) -> io::Result<Option<Fault>> {
    let (mut faults, mut any) = (Vec::new(), false);
    for (rendition, stored) in &row.detail.renditions {
        let name = rendition.as_str();
        match depot.length(row.id, *rendition)? {
            None => faults.push(format!("{name} is missing")),
            Some(there) if there != stored.bytes => {
                any |= is_content(*rendition);
                faults.push(format!("{name} has {there} bytes, not {}", stored.bytes));
            }
            Some(there) => {
                any |= is_content(*rendition);
                let compare = hashed && *rendition == Rendition::Raw && is_as_sent(row.kind);
                if compare
                    && hash_of(depot.read(row.id, *rendition, 0..there)?)? != row.detail.sha256
                {
                    faults.push(format!("{name} has other bytes than were sent"));
                }
            }
        }
    }
    Ok(match (faults.is_empty(), any) {
        (true, _) => None,
        (false, false) => Some(Fault::Lost),
        (false, true) => Some(Fault::Damaged(faults.join(", "))),
    })
}

/// Whether a file is more than lost while it has this rendition: a poster alone shows a video that nobody can play.
fn is_content(rendition: Rendition) -> bool {
    rendition != Rendition::Poster
}

/// Whether `raw` of this kind is what was sent, to the byte: a voice is written anew.
fn is_as_sent(kind: FileKind) -> bool {
    matches!(kind, FileKind::File | FileKind::Video | FileKind::Audio)
}
