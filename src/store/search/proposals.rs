//! What the index proposes, read in the order of the newest first: the statements.

use std::collections::BTreeSet;

use super::ask::Ask;
use super::scope::{Reader, readable};
use super::{left, text};
use crate::model::message_id::MessageId;
use crate::store::db::{Db, Engine, Row, StoreError, Value};
use crate::store::files::attached;
use crate::store::rows;
use crate::text::content::Format;
use crate::text::query::Query;

/// Ids among which PostgreSQL's index is asked first: so many rows are gone through in a few milliseconds.
const WINDOW: i64 = 4_000;

/// So many times more ids each time that too few were found.
const WIDER: i64 = 16;

/// A message that has all words.
pub(super) struct Proposal {
    pub(super) id: MessageId,
    pub(super) at: i64,
    pub(super) text: String,
}

/// Where messages are looked for.
pub(super) struct Range<'a> {
    /// Who may read them.
    pub(super) reader: &'a Reader,
    /// When they were sent.
    pub(super) query: &'a Query,
    /// The first id, and the one after the last.
    pub(super) from: MessageId,
    pub(super) below: MessageId,
}

/// The newest messages that the index finds and that the reader may read.
pub(super) fn newest(
    db: &mut dyn Db,
    index: Option<&Ask>,
    range: Range<'_>,
    limit: usize,
) -> Result<Vec<Proposal>, StoreError> {
    let rows = match (index, db.engine()) {
        (None, _) => range.rows(db, NO_WORDS, None, limit)?,
        (Some(index), Engine::Sqlite) => range.rows(db, BY_FTS5, Some(&index.fts5()), limit)?,
        (Some(index), Engine::Postgres) => range.in_windows(db, index, limit)?,
    };
    proposed(db, rows)
}

impl Range<'_> {
    /// PostgreSQL's index knows no order: it is asked for the newest ids first, then for ever more at once.
    ///
    /// Each time it goes through all that it has of a word, and of what is left out several times as long. Among the first ids
    /// few enough are left out by what the reader may read.
    fn in_windows(
        self,
        db: &mut dyn Db,
        index: &Ask,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let newest = db.first("SELECT coalesce(max(rowid), 0) FROM search", &[])?;
        let newest = newest.ok_or(StoreError::Shape)?.message()?;
        let (mut below, mut width) = (self.below.min(newest.next()), WINDOW);
        let whole = index.tsquery();
        let mut asked = match index {
            Ask::Without(all, _) => all.tsquery(),
            _ => whole.clone(),
        };
        let mut rows = Vec::new();
        while rows.len() < limit && below > self.from.max(MessageId(0)) {
            let from = self.from.max(MessageId(below.0.saturating_sub(width)));
            let window = Range {
                from,
                below,
                ..self
            };
            rows.extend(window.rows(db, BY_GIN, Some(&asked), limit - rows.len())?);
            (below, width) = (from, width.saturating_mul(WIDER));
            asked.clone_from(&whole);
        }
        Ok(rows)
    }

    /// What one statement finds, the newest first.
    fn rows(
        &self,
        db: &mut dyn Db,
        sql: &'static str,
        index: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        db.query(
            sql,
            &[
                Value::maybe(index),
                Value::Person(self.reader.id),
                Value::Int(self.reader.runs_server.into()),
                Value::Message(self.from),
                Value::Message(self.below),
                Value::Int(self.query.after.unwrap_or(i64::MIN)),
                Value::Int(self.query.before.unwrap_or(i64::MAX)),
                Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
            ],
        )
    }
}

/// The messages that an index `w` proposes, without their order. Named in this order, the tables are read in this
/// order.
macro_rules! found {
    ($by:literal) => {
        concat!(
            "SELECT m.id, m.created_at, m.files, m.format, m.content, m.html FROM ",
            $by,
            " AND r.id = m.room_id AND m.created_at >= $6 AND m.created_at < $7 AND m.recalled_at IS NULL AND ",
            readable!()
        )
    };
}

const BY_FTS5: &str = concat!(
    found!(
        "search w CROSS JOIN messages m CROSS JOIN rooms r LEFT JOIN members s ON s.room_id = m.room_id AND s.person = $2 \
         WHERE w.search MATCH $1 AND w.rowid >= $4 AND w.rowid < $5 AND m.id = w.rowid"
    ),
    " ORDER BY w.rowid DESC LIMIT $8"
);

/// A message is read only when the one before it did not suffice: OFFSET keeps the planner from reading all that are
/// proposed, and from going through all messages beside them.
const BY_GIN: &str = concat!(
    found!(
        "(SELECT p.rowid FROM proposed($1, $4, $5) p ORDER BY p.rowid DESC OFFSET 0) w \
         CROSS JOIN LATERAL (SELECT n.* FROM messages n WHERE n.id = w.rowid OFFSET 0) m \
         CROSS JOIN rooms r LEFT JOIN members s ON s.room_id = m.room_id AND s.person = $2 \
         WHERE w.rowid IS NOT NULL"
    ),
    " ORDER BY w.rowid DESC LIMIT $8"
);

const NO_WORDS: &str = concat!(
    found!(
        "messages m CROSS JOIN rooms r LEFT JOIN members s ON s.room_id = m.room_id AND s.person = $2 \
         WHERE CAST($1 AS TEXT) IS NULL AND m.id >= $4 AND m.id < $5"
    ),
    " ORDER BY m.id DESC LIMIT $8"
);

/// The messages of some rows with the texts in which they are found.
fn proposed(db: &mut dyn Db, rows: Vec<Row>) -> Result<Vec<Proposal>, StoreError> {
    let mut all = Vec::with_capacity(rows.len());
    let mut having = BTreeSet::new();
    for mut row in rows {
        let (id, at, files) = (row.message()?, row.int()?, row.int()?);
        let format = Format::from_code(row.int()?);
        let text = rows::body(&mut row, format)?.plain().into_owned();
        if files > 0 {
            having.insert(id);
        }
        all.push(Proposal { id, at, text });
    }
    let mut files = attached::of_messages(db, &having)?;
    for proposal in &mut all {
        if let Some(files) = files.remove(&proposal.id) {
            proposal.text = text(&proposal.text, &left(files)).into_owned();
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[test]
    fn sqlite_goes_along_its_index_and_sorts_nothing() {
        for sql in [BY_FTS5, NO_WORDS] {
            let plan = testing::sqlite().plan(sql);
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
            let first = if sql == BY_FTS5 {
                "SCAN w VIRTUAL TABLE"
            } else {
                "SEARCH m USING INTEGER PRIMARY KEY"
            };
            assert!(plan.starts_with(first), "{plan}");
        }
    }
}
