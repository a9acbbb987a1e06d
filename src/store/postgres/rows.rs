//! Messages that were decided, as rows: all of them go out in one flush.

use std::sync::Arc;

use futures_util::future::{join, try_join_all};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::sends::{Facts, Query};
use super::session::{Kind, Session};
use crate::model::command::Outcome;
use crate::model::event::{Event, EventContent};
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::room::RoomKind;
use crate::model::seq::Seq;
use crate::store::db::StoreError;
use crate::store::queries::times;
use crate::store::{event_codec, search};

const MESSAGES: &str = "INSERT INTO messages (id, room_id, seq, rev, kind, format, author, name, avatar, place, address, \
     content, html, created_at, mentions, reply_to, bot) SELECT id, room, seq, seq, kind, format, author, name, avatar, place, \
     address, content, html, at, mentions, reply, bot FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], \
     $5::BIGINT[], $6::TEXT[], $7::TEXT[], $8::TEXT[], $9::TEXT[], $10::TEXT[], $11::TEXT[], $12::TEXT[], $13::BIGINT[], \
     $14::TEXT[], $15::BIGINT[], $16::BIGINT[]) \
     n(id, room, seq, kind, format, author, name, avatar, place, address, content, html, at, mentions, reply, bot)";

const EVENTS: &str = "INSERT INTO events (room_id, seq, kind, message_id, by_id, by_name, nonce, at) \
     SELECT room, seq, $8::BIGINT, id, by_id, by_name, CAST(nonce AS UUID), at FROM unnest($1::BIGINT[], $2::BIGINT[], \
     $3::BIGINT[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::BIGINT[]) n(room, seq, id, by_id, by_name, nonce, at)";

const SEARCH: &str =
    "INSERT INTO search (rowid, words) SELECT * FROM unnest($1::BIGINT[], $2::TEXT[])";

const STEPS: &str =
    "INSERT INTO clock_steps (id) SELECT unnest($1::BIGINT[]) ON CONFLICT DO NOTHING";

const MENTIONED: &str = "INSERT INTO members (room_id, person, role, name, since, read_seq, read_said, notify) \
     SELECT room, person, 3, '', at, seq - 1, said - 1, 0 \
     FROM unnest($1::BIGINT[], $2::TEXT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[]) n(room, person, at, seq, said) \
     ON CONFLICT (room_id, person) DO NOTHING";

const HEADS: &str = "UPDATE rooms SET head = n.head, said = n.said, said_at = n.at \
     FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[]) n(id, head, said, at) WHERE rooms.id = n.id";

impl Session {
    /// Writes messages that were decided, in one flush, with what ends the transaction after them where `end` says so.
    /// Returns how many rows were written.
    pub(super) async fn write_sends(
        &mut self,
        written: &Rows,
        end: Option<&'static str>,
    ) -> Result<usize, StoreError> {
        let said = event_codec::SAID;
        let statements: [Query<'_>; 6] = [
            (MESSAGES, written.messages()),
            (EVENTS, {
                let Rows {
                    room, seq, id, by, ..
                } = written;
                vec![
                    room,
                    seq,
                    id,
                    by,
                    &written.name,
                    &written.nonce,
                    &written.at,
                    &said,
                ]
            }),
            (SEARCH, vec![&written.id, &written.words]),
            (STEPS, vec![&written.steps]),
            (MENTIONED, written.mentioned.parameters()),
            (HEADS, written.heads.parameters()),
        ];
        let needed = [
            true,
            true,
            true,
            !written.steps.is_empty(),
            !written.mentioned.is_empty(),
            true,
        ];
        let mut prepared = Vec::with_capacity(statements.len());
        for ((sql, values), _) in statements.iter().zip(needed).filter(|(_, needed)| *needed) {
            prepared.push((self.prepare(sql, Kind::Plain).await?, values));
        }
        let client = self.client();
        let rows = prepared
            .iter()
            .map(|(statement, values)| client.execute(statement, values));
        let ending = async {
            match end {
                Some(end) => client.batch_execute(end).await,
                None => Ok(()),
            }
        };
        // A COMMIT after a statement that failed is a ROLLBACK without an error: all answers are looked at.
        let (rows, ended) = join(try_join_all(rows), ending).await;
        let rows = rows?;
        ended?;
        Ok(rows
            .into_iter()
            .sum::<u64>()
            .try_into()
            .unwrap_or(usize::MAX))
    }
}

/// Messages that were decided, as the columns of what is written.
#[derive(Default)]
pub(super) struct Rows {
    id: Vec<i64>,
    room: Vec<i64>,
    seq: Vec<i64>,
    kind: Vec<i64>,
    format: Vec<i64>,
    by: Vec<String>,
    name: Vec<String>,
    avatar: Vec<String>,
    place: Vec<String>,
    address: Vec<String>,
    content: Vec<String>,
    html: Vec<Option<String>>,
    at: Vec<i64>,
    mentions: Vec<String>,
    reply: Vec<Option<i64>>,
    bot: Vec<i64>,
    nonce: Vec<Option<String>>,
    words: Vec<String>,
    steps: Vec<i64>,
    mentioned: Mentioned,
    heads: Heads,
}

/// Those who get a row of the lobby because a message mentions them.
#[derive(Default)]
struct Mentioned {
    room: Vec<i64>,
    person: Vec<String>,
    at: Vec<i64>,
    seq: Vec<i64>,
    said: Vec<i64>,
}

/// What the rooms are after it.
#[derive(Default)]
struct Heads {
    room: Vec<i64>,
    head: Vec<i64>,
    said: Vec<i64>,
    at: Vec<Option<i64>>,
}

impl Mentioned {
    fn is_empty(&self) -> bool {
        self.room.is_empty()
    }

    fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        vec![&self.room, &self.person, &self.at, &self.seq, &self.said]
    }
}

impl Heads {
    fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        vec![&self.room, &self.head, &self.said, &self.at]
    }
}

impl Rows {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    fn messages(&self) -> Vec<&(dyn ToSql + Sync)> {
        vec![
            &self.id,
            &self.room,
            &self.seq,
            &self.kind,
            &self.format,
            &self.by,
            &self.name,
            &self.avatar,
            &self.place,
            &self.address,
            &self.content,
            &self.html,
            &self.at,
            &self.mentions,
            &self.reply,
            &self.bot,
        ]
    }

    /// Gives a message the next seq of its room and the next id, and takes it in.
    pub(super) fn add(
        &mut self,
        facts: &mut Facts,
        nonce: Option<Uuid>,
        mut message: Message,
    ) -> Result<Outcome, StoreError> {
        let room = facts.rooms.get_mut(&message.room);
        let room = room.ok_or(StoreError::Shape)?;
        let id = facts.ids.get(self.id.len()).ok_or(StoreError::Shape)?;
        room.head += 1;
        room.said += 1;
        room.said_at = Some(message.at);
        message.id = MessageId(*id);
        message.seq = Seq(room.head);
        message.rev = message.seq;
        if facts
            .newest_at
            .replace(message.at)
            .is_some_and(|before| times::is_set_back(before, message.at))
        {
            self.steps.push(*id);
        }
        if room.rules.kind == RoomKind::Lobby {
            let others = message.mentions.people.iter();
            for person in others.filter(|id| **id != message.by.id) {
                self.mentioned.room.push(message.room.0);
                self.mentioned.person.push(person.to_string());
                self.mentioned.at.push(message.at);
                self.mentioned.seq.push(message.seq.0);
                self.mentioned.said.push(room.said);
            }
        }
        self.id.push(*id);
        self.room.push(message.room.0);
        self.seq.push(message.seq.0);
        self.kind.push(message.kind);
        self.format.push(message.body.format().code());
        self.by.push(message.by.id.to_string());
        self.name.push(message.by.name.clone());
        self.avatar.push(message.by.avatar.clone());
        self.place.push(message.by.place.clone());
        self.address.push(message.address.clone());
        self.content.push(message.body.source().to_owned());
        self.html.push(message.body.rendered().map(str::to_owned));
        self.at.push(message.at);
        self.mentions.push(message.mentions.to_text());
        self.bot.push(message.by.bot.into());
        self.reply
            .push(message.reply.as_ref().map(|reply| reply.id.0));
        self.nonce.push(nonce.map(|nonce| nonce.to_string()));
        self.words.push(search::words_of(&message));
        Ok(Outcome::Event(Event {
            room: message.room,
            seq: message.seq,
            change: EventContent::Message(Arc::new(message)),
        }))
    }

    /// No message comes any more: the rooms are as `facts` has them now.
    pub(super) fn finish(&mut self, facts: &Facts) {
        let said = facts
            .rooms
            .iter()
            .filter(|(_, room)| room.said_at.is_some());
        for (id, room) in said {
            self.heads.room.push(id.0);
            self.heads.head.push(room.head);
            self.heads.said.push(room.said);
            self.heads.at.push(room.said_at);
        }
    }
}
