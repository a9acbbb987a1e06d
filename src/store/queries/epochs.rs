//! Epochs: which numbering the seqs of a room belong to.

use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::db::{Db, StoreError, Value};

/// The position of a room's newest event, and when that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Made anew with the room, and when a backup is restored: seqs of another epoch mean
    /// nothing.
    pub epoch: String,
    /// The seq of the newest event, 0 before the first.
    pub seq: Seq,
}

/// Gives every room a new epoch when the system has crashed since a run with relaxed durability:
/// seqs that clients have seen may be gone, and would be assigned again to something else.
/// `boot` distinguishes one run of the system from another; without it every start counts as a crash.
///
/// # Errors
/// When the database fails.
pub fn renew_after_crash(
    db: &mut dyn Db,
    relaxed: bool,
    boot: Option<&str>,
) -> Result<(), StoreError> {
    const RELAXED_IN: &str = "relaxed_in_boot";
    let known = db.first(
        "SELECT value FROM house WHERE name = $1",
        &[Value::Text(RELAXED_IN)],
    )?;
    let last = known.map(|mut row| row.text()).transpose()?;
    if last.is_some() && last.as_deref() != boot {
        renew_all(db)?;
    }
    db.execute(
        "DELETE FROM house WHERE name = $1",
        &[Value::Text(RELAXED_IN)],
    )?;
    if relaxed {
        db.execute(
            "INSERT INTO house (name, value) VALUES ($1, $2)",
            &[
                Value::Text(RELAXED_IN),
                Value::Text(boot.unwrap_or_default()),
            ],
        )?;
    }
    Ok(())
}

/// Gives every room a new epoch.
///
/// # Errors
/// When the database fails.
pub(in crate::store) fn renew_all(db: &mut dyn Db) -> Result<(), StoreError> {
    let epoch = new_epoch();
    db.execute("UPDATE rooms SET epoch = $1", &[Value::Text(&epoch)])?;
    Ok(())
}

pub(in crate::store) fn new_epoch() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// The head of a room, which is made when it is not there yet.
///
/// # Errors
/// When the database fails.
pub fn open(db: &mut dyn Db, room: RoomId) -> Result<Head, StoreError> {
    db.execute(
        "INSERT INTO rooms (id, epoch, head) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING",
        &[Value::Room(room), Value::Text(&new_epoch())],
    )?;
    let mut row = db
        .first(
            "SELECT epoch, head FROM rooms WHERE id = $1",
            &[Value::Room(room)],
        )?
        .ok_or(StoreError::Shape)?;
    Ok(Head {
        epoch: row.text()?,
        seq: row.seq()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Open, on_both};

    on_both!(seqs_that_a_power_cut_may_have_taken_are_not_of_the_same_epoch);

    /// The room's epoch after starts with these settings and boots, one after the other.
    fn epochs(open_db: Open, starts: &[(bool, Option<&str>)]) -> Vec<String> {
        let mut db = open_db();
        let epoch = |(relaxed, boot): &(bool, Option<&str>)| {
            renew_after_crash(&mut db, *relaxed, *boot).unwrap();
            open(&mut db, RoomId(1)).unwrap().epoch
        };
        starts.iter().map(epoch).collect()
    }

    fn seqs_that_a_power_cut_may_have_taken_are_not_of_the_same_epoch(open_db: Open) {
        let full = epochs(open_db, &[(false, Some("a")), (false, Some("b"))]);
        assert_eq!(full[0], full[1], "nothing can be lost");
        let same_boot = epochs(
            open_db,
            &[(true, Some("a")), (true, Some("a")), (false, Some("a"))],
        );
        assert!(same_boot.iter().all(|epoch| *epoch == same_boot[0]));
        let crashed = epochs(
            open_db,
            &[(true, Some("a")), (true, Some("b")), (true, Some("b"))],
        );
        assert_ne!(crashed[0], crashed[1]);
        assert_eq!(crashed[1], crashed[2]);
        let mended = epochs(
            open_db,
            &[(true, Some("a")), (false, Some("b")), (false, Some("c"))],
        );
        assert_ne!(
            mended[0], mended[1],
            "the run that lost something was relaxed"
        );
        assert_eq!(mended[1], mended[2]);
        let unknown = epochs(open_db, &[(true, None), (true, None)]);
        assert_ne!(unknown[0], unknown[1]);
    }
}
