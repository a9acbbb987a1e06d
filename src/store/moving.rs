//! Moving in: everything that an SQLite database has into an empty PostgreSQL database.
//!
//! One transaction on either side, so that it is all or nothing. What the search knows is made anew after it, in the
//! steps in which the server makes it.

use super::db::{Db, StoreError, Value};
use super::postgres::Postgres;
use super::sqlite::Sqlite;

/// The tables with what is copied of them. The search's own are made anew, and what is for several servers alone is empty.
pub(super) const TABLES: [(&str, &str); 26] = [
    (
        "users",
        "id, name, name_key, password, role, created_at, hue, preferences, deleted_at, erased_at, visitor, name_look, keep_files, kind, made_by",
    ),
    (
        "sessions",
        "key_hash, user_id, sid, state, created_at, expires_at, device, place, seen_at, via, host, outer_sid",
    ),
    (
        "identities",
        "issuer, subject, user_id, name, not_before, blocked_at, linked_at, seen_at",
    ),
    ("spent", "issuer, jti, until"),
    (
        "tokens",
        "id, key_hash, mark, user_id, name, scopes, rooms, made_by, made_with, created_at, expires_at, used_at, used_place",
    ),
    (
        "hooks",
        "id, key_hash, user_id, room_id, name, made_by, created_at, used_at, signed",
    ),
    ("audit", "id, at, by_id, what, about, detail"),
    (
        "password_links",
        "user_id, code_hash, by_id, expires_at, created_at",
    ),
    (
        "rooms",
        "id, epoch, head, kind, name, name_key, topic, notice, read_only, mute_all, slow, archived, people, said, said_at, name_look, begins_seq, begins_said, open_to_site",
    ),
    ("deleted_rooms", "room_id, by_id, deleted_at"),
    (
        "members",
        "room_id, person, role, name, since, read_seq, read_said, notify, favourite",
    ),
    ("muted", "room_id, person"),
    (
        "invitations",
        "code, room_id, by_id, by_name, uses, used, expires_at, created_at",
    ),
    (
        "messages",
        "id, room_id, seq, rev, kind, format, author, name, avatar, place, address, content, created_at, edited_at, recalled_at, mentions, html, reply_to, pinned_at, files, bot",
    ),
    ("clock_steps", "id"),
    ("versions", "message_id, rev, at, format, content, html"),
    ("reactions", "room_id, message_id, emoji, person, name, seq"),
    ("emoji", "room_id, message_id, emoji, place, n"),
    (
        "events",
        "room_id, seq, kind, message_id, by_id, by_name, at, nonce, detail",
    ),
    ("nonces", "by_id, nonce, room_id, message_id, seq, at"),
    (
        "files",
        "id, owner, nonce, state, kind, size, got, stored, name, media_type, why, detail, room_id, message_id, place, created_at, touched_at",
    ),
    ("file_use", "owner, bytes, files"),
    ("file_parts", "file, start, mark"),
    ("house", "name, value"),
    ("search", ""),
    ("notices", ""),
];

/// What the database says of itself, and not of the server in it: neither moves.
const OWN: &str =
    "SELECT name, value FROM house WHERE name NOT IN ('search_unread', 'relaxed_in_boot')";

/// Copies everything from `from` to `to`, which must be empty. `said` is called with each table and how many rows it has.
///
/// # Errors
/// When a database fails, or `to` is not empty: nothing has been copied then.
pub fn copy(
    from: &mut Sqlite,
    to: &mut Postgres,
    said: &mut dyn FnMut(&str, u64),
) -> Result<(), StoreError> {
    if super::is_lived_in(to)? || to.first("SELECT 1 FROM rooms LIMIT 1", &[])?.is_some() {
        return Err(StoreError::Failed(
            "somebody lives there already: moving in needs an empty database".to_owned(),
        ));
    }
    from.begin()?;
    let copied = to.begin().and_then(|()| {
        copy_all(from, to, said)?;
        to.commit()
    });
    if copied.is_err() {
        to.rollback();
    }
    from.rollback();
    copied
}

fn copy_all(
    from: &mut Sqlite,
    to: &mut Postgres,
    said: &mut dyn FnMut(&str, u64),
) -> Result<(), StoreError> {
    for (table, columns) in TABLES
        .into_iter()
        .filter(|(_, columns)| !columns.is_empty())
    {
        let mut rows = to.copy(&format!("COPY {table} ({columns}) FROM STDIN"))?;
        let sql = match table {
            "house" => OWN.to_owned(),
            _ => format!("SELECT {columns} FROM {table}"),
        };
        from.each(&sql, &mut |cells| rows.row(cells))?;
        said(table, rows.finish()?);
    }
    to.execute(
        "SELECT setval('message_ids', coalesce(max(id), 0) + 1, false) FROM messages",
        &[],
    )?;
    same(from, to)
}

/// What a database comes to by itself in time, at once: it knows what is in its tables, and the keys of the search, which
/// were written from the newest message on and left half of their pages empty, are packed.
///
/// # Errors
/// When the database fails.
pub fn settle(db: &mut dyn Db) -> Result<(), StoreError> {
    db.execute("REINDEX TABLE search", &[])?;
    db.execute("ANALYZE", &[])?;
    Ok(())
}

/// Whether both have the same: as many rows in each table, and every room at the same place.
fn same(from: &mut Sqlite, to: &mut Postgres) -> Result<(), StoreError> {
    const ROOMS: &str = "SELECT id, epoch, head, said FROM rooms ORDER BY id";
    let rooms = |db: &mut dyn Db| {
        let rows = db.query(ROOMS, &[])?.into_iter();
        rows.map(|mut row| Ok((row.room()?, row.text()?, row.seq()?, row.int()?)))
            .collect::<Result<Vec<_>, StoreError>>()
    };
    if rooms(from)? != rooms(to)? {
        return Err(StoreError::Failed("the rooms are not the same".to_owned()));
    }
    const NEWEST: &str = "SELECT count(*), coalesce(max(id), 0), CAST(coalesce(sum(length(content)), 0) AS BIGINT) FROM messages WHERE id >= $1";
    let newest = |db: &mut dyn Db| {
        let row = db.first(NEWEST, &[Value::Int(0)])?;
        let mut row = row.ok_or(StoreError::Shape)?;
        Ok::<_, StoreError>((row.int()?, row.int()?, row.int()?))
    };
    if newest(from)? != newest(to)? {
        return Err(StoreError::Failed(
            "the messages are not the same".to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn every_table_and_column_moves() {
        let mut db = schema::open(None).unwrap();
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_%' \
                      AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut there: Vec<String> = Vec::new();
        for mut row in db.query(tables, &[]).unwrap() {
            there.push(row.text().unwrap());
        }
        for table in &there {
            let (_, columns) = TABLES
                .iter()
                .find(|(name, _)| name == table)
                .unwrap_or_else(|| panic!("{table} does not move"));
            if columns.is_empty() {
                continue;
            }
            let mut has = Vec::new();
            let sql = format!("SELECT name FROM pragma_table_info('{table}')");
            db.each(&sql, &mut |cells| {
                has.push(format!("{:?}", cells[0]));
                Ok(())
            })
            .unwrap();
            let mut moves: Vec<String> = columns
                .split(", ")
                .map(|column| format!("Text({column:?})"))
                .collect();
            has.sort();
            moves.sort();
            assert_eq!(moves, has, "{table}");
        }
    }
}
