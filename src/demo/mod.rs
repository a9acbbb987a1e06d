//! `teahouse demo`: a server that looks used, for trying things out and for measuring.
//!
//! Owns its content: who, where, what was said and when. It writes nothing by itself: all of it
//! goes through the store's own functions, so that events, seqs, counts and mentions are as if
//! people had come and talked. It only fills a server that has no accounts and no messages.
//!
//! Bounds: the whole plan is in memory, some 300 bytes a message.

mod command;
mod dice;
mod exhibits;
mod hand;
mod kept;
mod members;
mod people;
mod phrases;
mod plan;
mod rhythm;
mod rooms;
mod scenes;
mod showing;
mod tunes;
mod uploading;

pub use command::{Options, run};

use crate::model::message::LOBBY;
use crate::model::person::{Person, PersonKind, ServerRole};
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::model::room::RoomSettings;
use crate::store;
use crate::store::accounts::users;
use crate::store::backend::Backend;
use crate::store::db::{Db, StoreError};
use dice::Dice;
use hand::Hand;
use rooms::{Habit, Sketch};
use uploading::Uploading;

/// Time over which people have been talking, in ms.
const SPAN: i64 = 60 * rhythm::DAY;

/// How much to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Messages in all.
    pub messages: usize,
    /// Accounts, at least 2.
    pub people: usize,
    /// Rooms beside the lobby and the direct ones.
    pub rooms: usize,
    /// Memberships of those rooms in all; `None` = as many as look natural.
    pub memberships: Option<usize>,
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The names of two accounts: the server's owner, and one more.
    pub names: Vec<String>,
    /// Number of direct rooms.
    pub direct: usize,
}

/// Fills an empty database, and brings the files of some messages in. Everybody's password is the one with this hash. The same size, seed and
/// `now` (ms since 1970) make the same data.
///
/// # Errors
/// When the database fails, or is not empty.
pub fn fill(
    db: &mut dyn Backend,
    size: &Size,
    seed: u64,
    now: i64,
    password: &str,
    files: &Uploading,
) -> anyhow::Result<Filled> {
    if store::is_lived_in(db)? {
        anyhow::bail!("there are accounts or messages already: a demo fills an empty server only");
    }
    let mut dice = Dice::new(seed);
    let people = people::draw(size.people, &mut dice);
    let sketches = rooms::sketches(size.rooms);
    let mut plan = plan::draw(
        size,
        &people,
        sketches,
        Dice::new(dice.between(0, i64::MAX).unsigned_abs()),
        now,
    );
    showing::show(&mut plan, exhibits::number(size.messages));
    let cast = in_one(db, |db| make_people(db, &people, now, password))?;
    let mut hand = Hand::new(files, &cast, &plan, dice);
    hand.write(db, &plan.steps)?;
    hand.set_read_markers(db)?;
    Ok(Filled {
        names: people.iter().take(2).map(|one| one.name.clone()).collect(),
        direct: plan.rooms.iter().filter(|room| room.is_direct()).count(),
    })
}

/// Makes the lobby and the accounts.
fn make_people(
    db: &mut dyn Db,
    people: &[people::Somebody],
    now: i64,
    password: &str,
) -> anyhow::Result<Vec<Principal>> {
    store::queries::epochs::open(db, LOBBY)?;
    let mut cast = Vec::with_capacity(people.len());
    for (number, one) in people.iter().enumerate() {
        let role = match number {
            0 => ServerRole::Owner,
            1 => ServerRole::Admin,
            _ => ServerRole::Member,
        };
        let made = users::add(db, &one.name, password, role, now - SPAN - rhythm::DAY)?;
        let Some(user) = made else {
            anyhow::bail!("two people are called {}", one.name);
        };
        users::set_hue(db, user.id, one.hue)?;
        let id = PersonId::User(user.id);
        let person = Person {
            avatar: Person::coloured(id, one.hue),
            kind: PersonKind::User,
            bot: false,
            name: user.name,
            place: one.place.to_owned(),
            id,
        };
        cast.push(Principal {
            role,
            ..Principal::member(person)
        });
    }
    store::mark_demo(db)?;
    Ok(cast)
}

/// What `work` makes of a transaction of its own. It is done once: what it has drawn and noted cannot be taken back.
fn in_one<T>(
    db: &mut dyn Backend,
    work: impl FnOnce(&mut dyn Db) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut work = Some(work);
    let mut failed = None;
    let done = db.in_one(|db| {
        let work = work.take().ok_or(StoreError::Busy)?;
        work(db).map_err(|error| {
            failed = Some(error);
            StoreError::Shape
        })
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(done?),
    }
}

/// The settings that a room is made with.
fn settings(sketch: &Sketch) -> RoomSettings {
    RoomSettings {
        name: sketch.name.clone(),
        topic: sketch.topic.to_owned(),
        notice: sketch.notice.to_owned(),
        read_only: sketch.habit == Habit::Announcements,
        ..RoomSettings::default()
    }
}
