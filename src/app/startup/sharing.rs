//! A node starts only where its files are those of the others.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use uuid::Uuid;

use super::load_error::LoadError;
use crate::config::{Config, Uploaders};
use crate::files::depot::Depot;
use crate::store::db::Db;
use crate::store::files::{any, check, depots};
use crate::store::postgres::others::others;

/// Between two looks whether a node lives that has not been where this one has its files: nodes say so every 2 s.
const AGAIN: Duration = Duration::from_millis(250);

/// Looks whether the depot is this server's, and says that it is. One that was its already, and says so no more, is not
/// mounted, or empty.
pub fn claim(db: &mut dyn Db, config: &Config, depot: &Depot, id: Uuid) -> Result<(), LoadError> {
    let store = config.uploads.store.as_str();
    if store.is_empty() {
        return Ok(());
    }
    let place = depot.described();
    match depot.house() {
        Ok(Some(known)) if known == id => {}
        Ok(Some(_)) => {
            return Err(LoadError::Refused(format!(
                "[uploads] store: the files in {place} are another server's, which would lose them: choose another place"
            )));
        }
        Ok(None) if depots::is_known(db, store)? => {
            return Err(LoadError::Refused(format!(
                "[uploads] store: {place} is empty, and this server has had files there: is it mounted? Where they are lost, \
                 put a file \"house\" there with the line {id}"
            )));
        }
        Ok(None) => match depot.claim(id) {
            Ok(()) => {}
            Err(error) => return out_of_reach(depot, &error),
        },
        Err(error) => return out_of_reach(depot, &error),
    }
    Ok(depots::know(db, store)?)
}

/// Says it where a file of the database is not where files are: nobody sees that otherwise before they ask for one.
pub(super) fn look_for_one(db: &mut dyn Db, depot: &Depot) -> Result<(), LoadError> {
    let Some(file) = check::newest(db)? else {
        return Ok(());
    };
    if let Ok(false) = depot.has_any(file) {
        let place = depot.described();
        tracing::warn!(
            %file,
            "a file that people have sent is not in {place}: is that the right place, mounted and restored? `teahouse files \
             check` names all that are missing"
        );
    }
    Ok(())
}

/// Leaves the name of the node `boot` in the depot. Before the node is among the others: whoever starts at the same moment
/// then finds it.
pub(super) fn enter(db: &mut dyn Db, depot: &Depot, boot: Uuid) -> Result<(), LoadError> {
    let known: Vec<_> = others(db, boot)?
        .into_iter()
        .map(|other| other.boot)
        .collect();
    let entered = depot.enter(boot, &known);
    entered.or_else(|error| out_of_reach(depot, &error))
}

/// Whether all nodes that live have been where this one has its files.
pub(super) fn agrees(
    db: &mut dyn Db,
    config: &Config,
    depot: &Depot,
    boot: Uuid,
) -> Result<(), LoadError> {
    let uploads = &config.uploads;
    let is_off = uploads.who == Uploaders::Nobody && uploads.voice == Uploaders::Nobody;
    let has_any = any(db)?;
    if is_off && !has_any {
        return Ok(());
    }
    // One that has not been here and is gone already: it is waited for until that is known.
    let mut heard: HashMap<Uuid, i64> = HashMap::new();
    loop {
        let mut is_missed = false;
        for other in others(db, boot)?.into_iter().filter(|other| other.lives) {
            match depot.has_seen(other.boot) {
                Ok(true) => continue,
                Ok(false) => is_missed = true,
                Err(error) => return out_of_reach(depot, &error),
            }
            let before = *heard.entry(other.boot).or_insert(other.beat_at);
            if before != other.beat_at {
                return Err(LoadError::Refused(depot.not_shared(&other.node, has_any)));
            }
        }
        if !is_missed {
            return Ok(());
        }
        thread::sleep(AGAIN);
    }
}

/// Text goes on where files cannot be reached for a while; a directory that cannot be used is a mistake.
fn out_of_reach(depot: &Depot, error: &std::io::Error) -> Result<(), LoadError> {
    let place = depot.described();
    if depot.is_remote() {
        tracing::warn!(%error, "[uploads] store: {place} does not answer: files are away until it does");
        return Ok(());
    }
    Err(LoadError::Refused(format!(
        "[uploads] store: {place} cannot be used: {error}"
    )))
}
