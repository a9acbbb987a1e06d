//! Looking for messages: the statements.
//!
//! Who may read what is part of each statement: a room that somebody may not read proposes nothing,
//! and is to `in:` as one that does not exist. The index proposes what has all words; whether they
//! stand as they were typed is seen in the text ([`hit::look`]).
//!
//! Bounds: [`PAGE`] hits, [`RANKED`] messages that are held against each other, and the time that the
//! asker sets ([`Db::set_deadline`]).

use std::collections::HashMap;

use super::ask::Ask;
use super::proposals::{self, Proposal, Range};
use super::scope::{self, Reader};
use super::{of_account, of_part, of_room, of_visitor};
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::model::room_id::RoomId;
use crate::store::accounts::users;
use crate::store::db::{Db, StoreError};
use crate::store::queries::{messages, times};
use crate::text::hit::{self, Match, Piece};
use crate::text::query::Query;
use crate::text::tokens;

/// The most hits of one answer.
pub const PAGE: usize = 20;

/// The best are looked for among so many, the newest that have all words: reading and weighing them
/// takes some 10 ms.
const RANKED: usize = 1_000;

/// Proposals read at a time where the text decides; doubled while hits are few.
const BATCH: usize = 64;

/// Proposals read at a time at most.
const MOST: usize = 512;

/// Accounts that a part of a name may mean, at most; those that begin with it come first.
const AUTHORS: i64 = 50;

/// The order of the hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The newest first.
    #[default]
    New,
    /// The best match first.
    Best,
}

/// Where a list of hits goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The newest first: after this message.
    New(MessageId),
    /// The best first.
    Best {
        /// The newest message of the first page.
        top: MessageId,
        /// When that was asked for, ms since 1970.
        now: i64,
        /// The last hit's score.
        score: i64,
        /// The last hit's message id.
        id: MessageId,
    },
}

/// A message that was found.
#[derive(Debug)]
pub struct Hit {
    /// The message, as it is now.
    pub message: Message,
    /// The piece of its text to show.
    pub piece: Piece,
}

/// One answer to a search.
#[derive(Debug, Default)]
pub struct Found {
    /// The hits, in the order that was asked for.
    pub hits: Vec<Hit>,
    /// Where the next answer begins; `None` at the end.
    pub next: Option<After>,
}

/// What is looked for, and by whom.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The person who searches.
    pub reader: Reader,
    /// The query as it was read.
    pub query: Query,
    /// Whether the room that is named is the lobby, by a name that the store does not know.
    pub lobby: bool,
    /// The order of the hits.
    pub order: Order,
    /// Where the previous page ended.
    pub after: Option<After>,
    /// The current time, ms since 1970.
    pub now: i64,
}

/// The next hits.
///
/// # Errors
/// When the database fails, or takes longer than it may.
pub fn page(db: &mut dyn Db, wanted: &Wanted) -> Result<Found, StoreError> {
    let Some(search) = Search::plan(db, wanted)? else {
        return Ok(Found::default());
    };
    match wanted.order {
        Order::New => search.newest(db),
        Order::Best => search.best(db),
    }
}

/// A search as the database is asked it.
struct Search<'a> {
    wanted: &'a Wanted,
    /// The index's own query; `None` when nothing is asked of it.
    index: Option<Ask>,
    /// Whether the texts have to be looked at, because the index alone cannot decide.
    looks: bool,
    /// The first id, and the one after the last.
    from: MessageId,
    below: MessageId,
}

impl<'a> Search<'a> {
    /// `None` when nothing can be found.
    fn plan(db: &mut dyn Db, wanted: &'a Wanted) -> Result<Option<Self>, StoreError> {
        let query = &wanted.query;
        if query.is_empty() {
            return Ok(None);
        }
        let (mut all, mut not): (Vec<Ask>, Option<Ask>) = (Vec::new(), None);
        for phrase in &query.phrases {
            for ways in tokens::needed(phrase) {
                let term = Ask::Any(ways.iter().map(Ask::way).collect());
                if !all.contains(&term) {
                    all.push(term);
                }
            }
        }
        all.extend(query.has.iter().map(|part| Ask::is(of_part(*part))));
        if let Some(key) = &query.from {
            all.push(authors(db, key)?);
        }
        let of_rooms =
            |rooms: Vec<RoomId>| Ask::Any(rooms.into_iter().map(of_room).map(Ask::is).collect());
        match (&query.room, &wanted.reader.rooms) {
            (Some(key), _) => {
                let rooms = scope::named(db, &wanted.reader, key, wanted.lobby)?;
                if rooms.is_empty() {
                    return Ok(None);
                }
                all.push(of_rooms(rooms));
            }
            // Which of them they may read says the statement.
            (None, Some(only)) => all.push(of_rooms(only.clone())),
            (None, None) => {
                let closed = scope::closed(db, &wanted.reader)?;
                if is_few(&closed) && !all.is_empty() {
                    // The index looks at them only where it has found all words.
                    not = (!closed.is_empty()).then(|| of_rooms(closed));
                } else {
                    let open = scope::open(db, &wanted.reader)?;
                    if open.is_empty() {
                        return Ok(None);
                    }
                    if is_few(&open) {
                        all.push(of_rooms(open));
                    }
                }
            }
        }
        let index = (!all.is_empty()).then(|| match not {
            Some(not) => Ask::Without(Box::new(Ask::All(all)), Box::new(not)),
            None => Ask::All(all),
        });
        let from = match query.after {
            Some(time) => times::first_since(db, None, time)?.unwrap_or(MessageId::MAX),
            None => MessageId::default(),
        };
        let below = match query.before {
            Some(time) => times::end_before(db, time)?.unwrap_or_default(),
            None => MessageId::MAX,
        };
        Ok(Some(Self {
            wanted,
            looks: query
                .phrases
                .iter()
                .any(|phrase| phrase.len() > 2 || phrase.iter().skip(1).any(|token| !token.joined)),
            index,
            from,
            below,
        }))
    }

    fn look(&self, proposal: &Proposal) -> Option<Match> {
        hit::find(&proposal.text, &self.wanted.query, proposal.at, self.now())
    }

    /// When the first page was asked for.
    fn now(&self) -> i64 {
        match self.wanted.after {
            Some(After::Best { now, .. }) => now,
            _ => self.wanted.now,
        }
    }

    fn newest(&self, db: &mut dyn Db) -> Result<Found, StoreError> {
        let mut below = match self.wanted.after {
            Some(After::New(id)) => id.min(self.below),
            _ => self.below,
        };
        let mut batch = if self.looks { BATCH } else { PAGE + 1 };
        let mut found = Vec::new();
        while found.len() <= PAGE {
            let proposals = self.proposals(db, below, batch)?;
            let more = proposals.len() == batch;
            for proposal in proposals {
                below = proposal.id;
                found.extend(self.look(&proposal).map(|matched| (proposal, matched)));
            }
            if !more {
                break;
            }
            batch = MOST.min(batch * 2);
        }
        self.found(db, found, |last, _| After::New(last.id))
    }

    fn best(&self, db: &mut dyn Db) -> Result<Found, StoreError> {
        let (below, last) = match self.wanted.after {
            Some(After::Best { top, score, id, .. }) => (top.next(), Some((score, id))),
            _ => (self.below, None),
        };
        let proposals = self.proposals(db, below.min(self.below), RANKED)?;
        let top = proposals.first().map_or(MessageId(0), |newest| newest.id);
        let top = match self.wanted.after {
            Some(After::Best { top, .. }) => top,
            _ => top,
        };
        let mut found: Vec<(Proposal, Match)> = proposals
            .into_iter()
            .filter_map(|proposal| self.look(&proposal).map(|matched| (proposal, matched)))
            .filter(|(proposal, matched)| {
                last.is_none_or(|last| (matched.score, proposal.id) < last)
            })
            .collect();
        found.sort_by_key(|(proposal, matched)| std::cmp::Reverse((matched.score, proposal.id)));
        let now = self.now();
        self.found(db, found, |last, matched| After::Best {
            top,
            now,
            score: matched.score,
            id: last.id,
        })
    }

    fn proposals(
        &self,
        db: &mut dyn Db,
        below: MessageId,
        limit: usize,
    ) -> Result<Vec<Proposal>, StoreError> {
        let range = Range {
            reader: &self.wanted.reader,
            query: &self.wanted.query,
            from: self.from,
            below,
        };
        proposals::newest(db, self.index.as_ref(), range, limit)
    }

    /// The first of `all`, and where they go on.
    fn found(
        &self,
        db: &mut dyn Db,
        mut all: Vec<(Proposal, Match)>,
        after: impl Fn(&Proposal, &Match) -> After,
    ) -> Result<Found, StoreError> {
        let more = all.len() > PAGE;
        all.truncate(PAGE);
        let last = all.last().filter(|_| more);
        let next = last.map(|(proposal, matched)| after(proposal, matched));
        let ids: Vec<MessageId> = all.iter().map(|(proposal, _)| proposal.id).collect();
        let messages = messages::all(db, &ids)?.into_iter();
        let mut messages: HashMap<MessageId, Message> =
            messages.map(|message| (message.id, message)).collect();
        let hits = all.into_iter().filter_map(|(proposal, matched)| {
            let message = messages.remove(&proposal.id)?;
            let piece = hit::piece(&proposal.text, &matched.marks);
            Some(Hit { message, piece })
        });
        let hits = hits.collect();
        Ok(Found { hits, next })
    }
}

/// Whether so many rooms can be named to the index.
fn is_few(rooms: &[RoomId]) -> bool {
    i64::try_from(rooms.len()).is_ok_and(|count| count < scope::ROOMS)
}

/// The messages of those who have this name; where no account has it, of all who have it in their names.
fn authors(db: &mut dyn Db, key: &str) -> Result<Ask, StoreError> {
    let visitors = of_visitor(key);
    if let Some(account) = users::id_of_key(db, key)? {
        return Ok(Ask::Any(vec![
            Ask::is(of_account(account)),
            Ask::is(visitors),
        ]));
    }
    let accounts = users::ids_of_part(db, key, AUTHORS)?;
    let accounts = accounts.into_iter().map(of_account).map(Ask::is);
    Ok(Ask::Any(accounts.chain([Ask::Begins(visitors)]).collect()))
}
