//! Sweeps: what other nodes have changed since one asked last.
//!
//! Every event and notice has a stamp: the transaction that wrote it. A snapshot of PostgreSQL says which transactions it
//! cannot see: those from its `xmax` on, and those that it names as running. The next sweep asks for the stamps of exactly
//! these, so nothing is skipped, in whatever order transactions end and however long one stays open.

use uuid::Uuid;

use super::session::Session;
use super::{Address, Postgres, schema};
use crate::model::room_id::RoomId;
use crate::model::seq::Seq;
use crate::store::backend::Role;
use crate::store::db::{Db, Row, StoreError, Value};
use crate::store::notices::{self, Notice};

/// A node that has not said that it lives for so long is forgotten, in ms.
const FORGOTTEN: i64 = 60 * 60 * 1_000;

/// A node that has not said for so long that it lives is gone, in ms.
pub const GONE: i64 = 6_000;

/// A number that the one node locks which does what one node has to do.
const DUTY: &str = "SELECT pg_try_advisory_lock(8390885637229506662)";

/// The first statement of a sweep: what the others see is at least what it sees.
const SNAPSHOT: &str = "SELECT CAST(pg_current_snapshot() AS TEXT), \
     CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

const HEADS: &str =
    "SELECT room_id, max(seq) FROM events WHERE stamp >= $1 OR stamp = ANY($2) GROUP BY room_id";

const ALL_HEADS: &str = "SELECT id, head, epoch FROM rooms";

const NOTICES: &str = "SELECT body FROM notices WHERE stamp >= $1 OR stamp = ANY($2) ORDER BY id";

/// A node that was silent for so long that it was forgotten is one again, and so is one whose database was put back.
const BEAT: &str = "INSERT INTO nodes (boot, node, since, beat_at, detail) \
     VALUES ($1, $2, $3, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT), $4) \
     ON CONFLICT (boot) DO UPDATE SET beat_at = excluded.beat_at, detail = excluded.detail";

/// The oldest program that may run on the database, and the print of the key that all nodes have.
const TERMS: &str = "SELECT CAST(oldest.value AS BIGINT), key.value FROM house AS oldest, house AS key \
     WHERE oldest.name = 'oldest' AND key.name = 'key_print'";

/// Ends the connection that has the lock of the one node which does what one node has to do, where that node sweeps no more: it
/// stands still, or its machine is gone and PostgreSQL does not know. What it does when it wakes it cannot do on this connection.
const FENCE: &str = "SELECT count(pg_terminate_backend(lock.pid)) FROM pg_locks AS lock \
     JOIN pg_stat_activity AS holder ON holder.pid = lock.pid \
     WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1 \
     AND (CAST(lock.classid AS BIGINT) << 32) + CAST(lock.objid AS BIGINT) = 8390885637229506662 \
     AND holder.datname = current_database() AND holder.usename = current_user AND holder.state = 'idle' \
     AND holder.state_change < clock_timestamp() - CAST($1 AS BIGINT) * INTERVAL '1 millisecond'";

const NODES: &str = "SELECT CAST(boot AS TEXT), node, since, \
     CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) - beat_at, detail FROM nodes ORDER BY node, since";

/// Which transactions somebody has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The first that had not begun.
    next: i64,
    /// Those before it that had not ended.
    running: Vec<i64>,
}

impl Seen {
    /// What is seen in the transaction of `db`, from its first statement on.
    ///
    /// # Errors
    /// When the database fails.
    pub fn now(db: &mut dyn Db) -> Result<Self, StoreError> {
        let row = db.first("SELECT CAST(pg_current_snapshot() AS TEXT)", &[])?;
        Self::parse(&row.ok_or(StoreError::Shape)?.text()?)
    }

    /// Reads `xmin:xmax:running,…`.
    fn parse(text: &str) -> Result<Self, StoreError> {
        let mut parts = text.splitn(3, ':');
        let (_xmin, next, running) = (parts.next(), parts.next(), parts.next());
        let number = |text: &str| text.parse().map_err(|_other| StoreError::Shape);
        let running = running.unwrap_or_default().split(',');
        Ok(Self {
            next: number(next.ok_or(StoreError::Shape)?)?,
            running: running
                .filter(|id| !id.is_empty())
                .map(number)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// How far a room is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomHead {
    /// The room's id.
    pub room: RoomId,
    /// The seq of its newest event.
    pub head: Seq,
    /// The numbering that it belongs to, where that was asked for.
    pub epoch: Option<String>,
}

/// A node of the server, as it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRow {
    /// What it is known by to the others: a UUID of this run.
    pub boot: Uuid,
    /// What it is called.
    pub node: String,
    /// When it started, ms since 1970.
    pub since: i64,
    /// How long ago it said that it lives, in ms, by the clock of the database.
    pub silent_ms: i64,
    /// What it says of itself beside that, as JSON.
    pub detail: String,
}

/// What a sweep has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// The clock of the database, ms since 1970.
    pub now_ms: i64,
    /// Rooms in which something happened, or all.
    pub heads: Vec<RoomHead>,
    /// What this node has to learn, in order.
    pub notices: Vec<Notice>,
    /// Notices that this program does not know.
    pub unknown_notices: usize,
    /// All nodes, this one too.
    pub nodes: Vec<NodeRow>,
    /// Whether this node does what one node has to do.
    pub on_duty: bool,
    /// The database has been changed so that this program may not run on it any more: that of this version may.
    pub outdated: Option<i64>,
    /// Another node has started with another key, and this one was taken for dead.
    pub has_other_key: bool,
}

/// What a node is known by to the others.
#[derive(Debug, Clone)]
pub struct Myself {
    /// A UUID of this run.
    pub boot: Uuid,
    /// What it is called.
    pub node: String,
    /// When it started, ms since 1970.
    pub since: i64,
    /// The print of its key.
    pub print: String,
}

/// The connection on which a node asks what has changed.
#[derive(Debug)]
pub struct Sweeper {
    db: Postgres,
    myself: Myself,
    seen: Seen,
    /// Whether all rooms have to be looked at: what happened on another connection nobody knows.
    whole: bool,
    /// On which connection it has the lock of the one node which does what one node has to do: with that it goes, and a new one
    /// may be opened in silence.
    on_duty: Option<u64>,
}

impl Sweeper {
    /// Of a node which has seen what `seen` says. It is among the nodes from then on.
    ///
    /// # Errors
    /// When the database fails.
    pub fn start(address: Address, myself: Myself, seen: Seen) -> Result<Self, StoreError> {
        let mut db = Postgres::new(address, &myself.node, Role::Sweeper)?;
        let id = myself.boot.to_string();
        db.execute(
            BEAT,
            &[
                Value::Text(&id),
                Value::Text(&myself.node),
                Value::Int(myself.since),
                Value::Text("{}"),
            ],
        )?;
        Ok(Self {
            db,
            myself,
            seen,
            whole: false,
            on_duty: None,
        })
    }

    /// The next sweep looks at all rooms.
    pub fn look_at_all(&mut self) {
        self.whole = true;
    }

    /// What has changed since the last sweep. `beat` says where this node says that it lives, with this JSON.
    ///
    /// # Errors
    /// When the database fails; the next sweep then looks at everything.
    pub fn sweep(&mut self, beat: Option<&str>) -> Result<Swept, StoreError> {
        let swept = self.ask(beat);
        if swept.is_err() {
            self.whole = true;
        }
        swept
    }

    fn ask(&mut self, beat: Option<&str>) -> Result<Swept, StoreError> {
        let (seen, whole, myself) = (self.seen.clone(), self.whole, self.myself.clone());
        let Answer {
            snapshot,
            heads,
            notices,
            nodes,
            terms,
        } = self.db.ask(None, async |session, _| {
            session.sweep(&seen, whole, &myself, beat).await
        })?;
        let mut snapshot = snapshot.into_iter().next().ok_or(StoreError::Shape)?;
        let next = Seen::parse(&snapshot.text()?)?;
        let mut swept = Swept {
            now_ms: snapshot.int()?,
            heads: heads
                .into_iter()
                .map(|row| head(row, whole))
                .collect::<Result<_, _>>()?,
            nodes: nodes.into_iter().map(node).collect::<Result<_, _>>()?,
            ..Swept::default()
        };
        for mut row in notices {
            match notices::read(&row.text()?) {
                Some(notice) => swept.notices.push(notice),
                None => swept.unknown_notices += 1,
            }
        }
        if let Some(mut terms) = terms.into_iter().next() {
            let oldest = terms.int()?;
            swept.outdated = (oldest > schema::known()).then_some(oldest);
            swept.has_other_key = terms.text()? != self.myself.print;
        }
        if beat.is_some() {
            self.take_duty()?;
        }
        swept.on_duty = self.is_on_duty();
        self.seen = next;
        self.whole = false;
        Ok(swept)
    }

    fn is_on_duty(&self) -> bool {
        self.on_duty == Some(self.db.opened)
    }

    /// Takes on what one node has to do, if nobody does it: until the connection ends, which gives it back.
    fn take_duty(&mut self) -> Result<(), StoreError> {
        if !self.is_on_duty() {
            let row = self.db.first(DUTY, &[])?;
            let is_locked = row.ok_or(StoreError::Shape)?.int()? != 0;
            self.on_duty = is_locked.then_some(self.db.opened);
        }
        if !self.is_on_duty() {
            let ended = self.db.first(FENCE, &[Value::Int(GONE)])?;
            if ended.ok_or(StoreError::Shape)?.int()? > 0 {
                tracing::warn!(
                    "the node that did what one node has to do stands still: another one does it from now on"
                );
            }
        }
        if self.is_on_duty() {
            self.db.execute(
                "DELETE FROM nodes WHERE beat_at < CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) - $1",
                &[Value::Int(FORGOTTEN)],
            )?;
        }
        Ok(())
    }

    /// This node is none any more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn leave(mut self) -> Result<(), StoreError> {
        let boot = self.myself.boot.to_string();
        self.db
            .execute("DELETE FROM nodes WHERE boot = $1", &[Value::Text(&boot)])?;
        crate::store::backend::Backend::close(&mut self.db);
        Ok(())
    }
}

struct Answer {
    snapshot: Vec<Row>,
    heads: Vec<Row>,
    notices: Vec<Row>,
    nodes: Vec<Row>,
    terms: Vec<Row>,
}

impl Session {
    /// Asks everything in one flush.
    async fn sweep(
        &mut self,
        seen: &Seen,
        whole: bool,
        myself: &Myself,
        beat: Option<&str>,
    ) -> Result<Answer, StoreError> {
        let detail = beat.unwrap_or_default();
        let boot = super::values::Id(myself.boot);
        let asked: super::sends::Queries<'_, 7> = [
            (SNAPSHOT, Vec::new()),
            (HEADS, vec![&seen.next, &seen.running]),
            (ALL_HEADS, Vec::new()),
            (NOTICES, vec![&seen.next, &seen.running]),
            (BEAT, vec![&boot, &myself.node, &myself.since, &detail]),
            (NODES, Vec::new()),
            (TERMS, Vec::new()),
        ];
        let beats = beat.is_some();
        let needed = [true, !whole, whole, true, beats, true, beats];
        let [snapshot, some, all, notices, _beat, nodes, terms] =
            self.flush(None, &asked, &needed).await?;
        Ok(Answer {
            snapshot,
            heads: if whole { all } else { some },
            notices,
            nodes,
            terms,
        })
    }
}

fn head(mut row: Row, whole: bool) -> Result<RoomHead, StoreError> {
    Ok(RoomHead {
        room: row.room()?,
        head: row.seq()?,
        epoch: match whole {
            true => Some(row.text()?),
            false => None,
        },
    })
}

fn node(mut row: Row) -> Result<NodeRow, StoreError> {
    let boot = row.text()?;
    Ok(NodeRow {
        boot: Uuid::parse_str(&boot).map_err(|_other| StoreError::Shape)?,
        node: row.text()?,
        since: row.int()?,
        silent_ms: row.int()?,
        detail: row.text()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_read_with_and_without_running_transactions() {
        let seen = |next, running: &[i64]| {
            Ok(Seen {
                next,
                running: running.to_vec(),
            })
        };
        assert_eq!(Seen::parse("739:739:"), seen(739, &[]));
        assert_eq!(Seen::parse("700:739:700,712"), seen(739, &[700, 712]));
        assert_eq!(
            Seen::parse("9000000000:9000000001:"),
            seen(9_000_000_001, &[])
        );
        for wrong in ["", "7", "7:", "7:x:", "7:8:x"] {
            assert_eq!(Seen::parse(wrong), Err(StoreError::Shape), "{wrong}");
        }
    }
}
