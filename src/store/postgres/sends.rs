//! Many messages at once: what decides them in one flush, their rows in another.
//!
//! Statements of a flush go out together and are done one after the other. Each sees what was committed before it
//! began, so all that come after the lock of the rooms see what those had done who held it before.

use std::collections::{HashMap, HashSet};

use futures_util::future::{join, try_join_all};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::session::{Kind, Session};
use crate::model::command::{Ack, Command};
use crate::model::membership::RoomRole;
use crate::model::message::Quote;
use crate::model::person::ServerRole;
use crate::model::policy::RoomRules;
use crate::model::room_id::RoomId;
use crate::store::commands::common::rules;
use crate::store::commands::mentions::Account;
use crate::store::commands::send::Send;
use crate::store::db::{Row, StoreError};
use crate::store::rows;
use crate::text::name;

const LOCK: &str = "SELECT id, kind, read_only, mute_all, archived, slow, head, said FROM rooms \
     WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED";

const LOCK_AND_WAIT: &str = "SELECT id, kind, read_only, mute_all, archived, slow, head, said FROM rooms \
     WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

const EXIST: &str = "SELECT id FROM rooms WHERE id = ANY($1)";

const NONCES: &str = "SELECT n.i, e.room_id, e.message_id, e.seq, e.at \
     FROM unnest($1::TEXT[], $2::TEXT[]) WITH ORDINALITY n(by_id, nonce, i) \
     JOIN events e ON e.by_id = n.by_id COLLATE \"C\" AND e.nonce = CAST(n.nonce AS UUID) \
     UNION ALL SELECT n.i, e.room_id, e.message_id, e.seq, e.at \
     FROM unnest($1::TEXT[], $2::TEXT[]) WITH ORDINALITY n(by_id, nonce, i) \
     JOIN nonces e ON e.by_id = n.by_id COLLATE \"C\" AND e.nonce = CAST(n.nonce AS UUID)";

const STANDINGS: &str = "SELECT n.i, m.role, u.role FROM unnest($1::BIGINT[], $2::TEXT[], $3::BIGINT[]) \
     WITH ORDINALITY n(room, person, account, i) \
     LEFT JOIN members m ON m.room_id = n.room AND m.person = n.person COLLATE \"C\" \
     LEFT JOIN users u ON u.id = n.account AND u.deleted_at IS NULL";

const ACCOUNTS: &str = "SELECT n.room, n.key, u.id, m.role FROM unnest($1::BIGINT[], $2::TEXT[]) n(room, key) \
     JOIN users u ON u.name_key = n.key COLLATE \"C\" \
     LEFT JOIN members m ON m.room_id = n.room AND m.person = ('u' || u.id) COLLATE \"C\"";

const TAKEN: &str = "SELECT n.i FROM unnest($1::BIGINT[], $2::TEXT[], $3::TEXT[]) n(i, key, skeleton) \
     WHERE EXISTS (SELECT 1 FROM users WHERE name_key IN (n.key COLLATE \"C\", n.skeleton COLLATE \"C\") \
     OR name_look IN (n.key COLLATE \"C\", n.skeleton COLLATE \"C\"))";

const QUOTES: &str = "SELECT n.i, m.id, recalled_at, author, name, format, content, html, CASE WHEN files > 0 THEN \
     (SELECT f.kind FROM files f WHERE f.message_id = m.id AND f.state IN (3, 7) ORDER BY f.place LIMIT 1) END \
     FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[]) n(i, room, id) \
     JOIN messages m ON m.id = n.id AND m.room_id = n.room";

const LAST_SENT: &str = "SELECT n.i, (SELECT created_at FROM messages WHERE author = n.person COLLATE \"C\" \
     AND room_id = n.room ORDER BY id DESC LIMIT 1) FROM unnest($1::BIGINT[], $2::TEXT[]) \
     WITH ORDINALITY n(room, person, i) JOIN rooms r ON r.id = n.room AND r.slow > 0";

const IDS: &str = "SELECT nextval('message_ids') FROM generate_series(1, $1::BIGINT)";

const NEWEST: &str = "SELECT created_at FROM messages ORDER BY id DESC LIMIT 1";

/// A message among the commands of a group.
pub(super) struct Sending<'a> {
    /// Its place in the group.
    pub(super) place: usize,
    /// Its sender's nonce.
    pub(super) nonce: Option<Uuid>,
    pub(super) send: Send<'a>,
}

impl<'a> Sending<'a> {
    /// The command, if it is a message that can be written with others: files are claimed one by one.
    pub(super) fn of(place: usize, nonce: Option<Uuid>, command: &'a Command) -> Option<Self> {
        let Command::Send {
            message,
            body,
            attachments,
            fallback_name,
            principal,
        } = command
        else {
            return None;
        };
        attachments.is_empty().then(|| Self {
            place,
            nonce,
            send: Send {
                message: message.as_ref().clone(),
                body,
                attachments: &[],
                fallback_name: fallback_name.clone(),
                principal,
            },
        })
    }
}

/// A room whose row this transaction has locked.
#[derive(Debug, Clone)]
pub(super) struct LockedRoom {
    pub(super) rules: RoomRules,
    pub(super) head: i64,
    pub(super) said: i64,
    /// When something was said in it last in this flush, ms since 1970.
    pub(super) said_at: Option<i64>,
}

/// How a transaction gets the rows of its rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    /// Those that nobody else holds.
    Skip,
    /// All of them, and waits: there must be one room only.
    Wait,
}

/// What the database says about a batch of messages, by their places in the batch.
#[derive(Default)]
pub(super) struct Facts {
    /// The rooms that are locked.
    pub(super) rooms: HashMap<RoomId, LockedRoom>,
    /// Rooms that are there, locked or not.
    pub(super) exist: HashSet<RoomId>,
    /// What was written under these nonces before.
    pub(super) repeated: HashMap<usize, Ack>,
    pub(super) standings: HashMap<usize, (Option<RoomRole>, ServerRole)>,
    pub(super) accounts: HashMap<(RoomId, String), Account>,
    pub(super) taken: HashSet<usize>,
    pub(super) quotes: HashMap<usize, Quote>,
    pub(super) last_sent: HashMap<usize, i64>,
    pub(super) ids: Vec<i64>,
    /// When the newest message of the server was sent.
    pub(super) newest_at: Option<i64>,
}

impl Session {
    /// Locks rooms and asks for all that decides `batch`, in one flush; a transaction is begun before it where `begin`
    /// says so.
    pub(super) async fn facts(
        &mut self,
        begin: Option<&'static str>,
        lock: Lock,
        rooms: &[i64],
        batch: &[Sending<'_>],
    ) -> Result<Facts, StoreError> {
        let asked = Asked::of(batch);
        let lock = match lock {
            Lock::Skip => LOCK,
            Lock::Wait => LOCK_AND_WAIT,
        };
        let wanted: [Query<'_>; 10] = [
            (lock, vec![&rooms]),
            (EXIST, vec![&rooms]),
            (NONCES, vec![&asked.by, &asked.nonces]),
            (STANDINGS, vec![&asked.rooms, &asked.by, &asked.accounts]),
            (ACCOUNTS, vec![&asked.name_rooms, &asked.names]),
            (TAKEN, vec![&asked.claimed, &asked.keys, &asked.skeletons]),
            (
                QUOTES,
                vec![&asked.replies, &asked.reply_rooms, &asked.quoted],
            ),
            (LAST_SENT, vec![&asked.rooms, &asked.by]),
            (IDS, vec![&asked.count]),
            (NEWEST, Vec::new()),
        ];
        let needed = [
            true,
            true,
            !batch.is_empty(),
            !batch.is_empty(),
            !asked.names.is_empty(),
            !asked.claimed.is_empty(),
            !asked.replies.is_empty(),
            !batch.is_empty(),
            !batch.is_empty(),
            !batch.is_empty(),
        ];
        let answers = self.flush(begin, &wanted, &needed).await?;
        let [
            rooms,
            exist,
            repeated,
            standings,
            accounts,
            taken,
            quotes,
            last_sent,
            ids,
            newest,
        ] = answers;
        Ok(Facts {
            rooms: rooms.into_iter().map(locked).collect::<Result<_, _>>()?,
            exist: exist
                .into_iter()
                .map(|mut row| row.room())
                .collect::<Result<_, _>>()?,
            repeated: repeated
                .into_iter()
                .map(|mut row| {
                    let place = ordinal(&mut row)?;
                    let (room, id) = (row.room()?, row.message()?);
                    let (seq, at) = (row.seq()?, row.int()?);
                    Ok((place, Ack { room, id, seq, at }))
                })
                .collect::<Result<_, StoreError>>()?,
            standings: standings
                .into_iter()
                .map(|mut row| {
                    let place = ordinal(&mut row)?;
                    let role = row.maybe_int()?.and_then(RoomRole::from_code);
                    let word = row.maybe_text()?;
                    let server_role = word.and_then(|word| ServerRole::from_word(&word));
                    Ok((place, (role, server_role.unwrap_or_default())))
                })
                .collect::<Result<_, StoreError>>()?,
            accounts: accounts
                .into_iter()
                .map(|mut row| {
                    let name = (row.room()?, row.text()?);
                    let user = row.int()?;
                    let role = row.maybe_int()?.and_then(RoomRole::from_code);
                    Ok((name, (user, role)))
                })
                .collect::<Result<_, StoreError>>()?,
            taken: taken
                .into_iter()
                .map(|mut row| place(&mut row))
                .collect::<Result<_, _>>()?,
            quotes: quotes
                .into_iter()
                .map(|mut row| {
                    let place = place(&mut row)?;
                    let id = row.message()?;
                    Ok((place, rows::quote_of(id, &mut row)?))
                })
                .collect::<Result<_, StoreError>>()?,
            last_sent: last_sent
                .into_iter()
                .map(|mut row| Ok((ordinal(&mut row)?, row.maybe_int()?)))
                .filter_map(|found: Result<_, StoreError>| match found {
                    Ok((place, at)) => at.map(|at| Ok((place, at))),
                    Err(error) => Some(Err(error)),
                })
                .collect::<Result<_, StoreError>>()?,
            ids: ids
                .into_iter()
                .map(|mut row| row.int())
                .collect::<Result<_, _>>()?,
            newest_at: newest
                .into_iter()
                .next()
                .map(|mut row| row.int())
                .transpose()?,
        })
    }

    /// The answers of queries that go out together; those that are not needed have no rows.
    pub(super) async fn flush<const N: usize>(
        &mut self,
        begin: Option<&'static str>,
        queries: &Queries<'_, N>,
        needed: &[bool; N],
    ) -> Result<[Vec<Row>; N], StoreError> {
        let mut prepared = Vec::with_capacity(N);
        for ((sql, values), needed) in queries.iter().zip(needed) {
            prepared.push(match needed {
                true => Some((self.prepare(sql, Kind::Plain).await?, values)),
                false => None,
            });
        }
        let client = self.client();
        let beginning = async {
            match begin {
                Some(begin) => client.batch_execute(begin).await,
                None => Ok(()),
            }
        };
        let answers = try_join_all(prepared.iter().map(async |query| match query {
            Some((statement, values)) => client.query(statement, values).await,
            None => Ok(Vec::new()),
        }));
        let (begun, answers) = join(beginning, answers).await;
        begun?;
        let mut all: [Vec<Row>; N] = std::array::from_fn(|_| Vec::new());
        for (rows, answer) in all.iter_mut().zip(answers?) {
            *rows = answer
                .iter()
                .map(super::session::row)
                .collect::<Result<_, _>>()?;
        }
        Ok(all)
    }
}

/// A statement with its parameters.
pub(super) type Query<'a> = (&'static str, Vec<&'a (dyn ToSql + Sync)>);

/// Statements with their parameters.
pub(super) type Queries<'a, const N: usize> = [Query<'a>; N];

/// What a batch asks for, as columns.
#[derive(Default)]
struct Asked {
    rooms: Vec<i64>,
    by: Vec<String>,
    accounts: Vec<Option<i64>>,
    nonces: Vec<Option<String>>,
    name_rooms: Vec<i64>,
    names: Vec<String>,
    claimed: Vec<i64>,
    keys: Vec<String>,
    skeletons: Vec<String>,
    replies: Vec<i64>,
    reply_rooms: Vec<i64>,
    quoted: Vec<i64>,
    count: i64,
}

impl Asked {
    fn of(batch: &[Sending<'_>]) -> Self {
        let mut asked = Self::default();
        for (place, sending) in (0..).zip(batch) {
            let send = &sending.send;
            let message = &send.message;
            asked.rooms.push(message.room.0);
            asked.by.push(message.by.id.to_string());
            asked.accounts.push(send.principal.id().user());
            asked
                .nonces
                .push(sending.nonce.map(|nonce| nonce.to_string()));
            for name in send.body.names() {
                asked.name_rooms.push(message.room.0);
                asked.names.push(name);
            }
            if send.fallback_name.is_some() {
                asked.claimed.push(place);
                asked.keys.push(name::key(&message.by.name));
                asked.skeletons.push(name::skeleton(&message.by.name));
            }
            if let Some(reply) = &message.reply {
                asked.replies.push(place);
                asked.reply_rooms.push(message.room.0);
                asked.quoted.push(reply.id.0);
            }
            asked.count += 1;
        }
        asked
    }
}

fn locked(mut row: Row) -> Result<(RoomId, LockedRoom), StoreError> {
    let id = row.room()?;
    let rules = rules(id, &mut row)?;
    let (head, said) = (row.int()?, row.int()?);
    let room = LockedRoom {
        rules,
        head,
        said,
        said_at: None,
    };
    Ok((id, room))
}

/// A place in the batch as the database was told it.
fn place(row: &mut Row) -> Result<usize, StoreError> {
    usize::try_from(row.int()?).map_err(|_negative| StoreError::Shape)
}

/// A place in the batch as the database counted it, from 1.
fn ordinal(row: &mut Row) -> Result<usize, StoreError> {
    place(row)?.checked_sub(1).ok_or(StoreError::Shape)
}
