//! The server's key: that of its file, which is made where there never was one, and the same on all nodes.

use std::io;
use std::path::Path;

use super::load_error::LoadError;
use crate::auth::secrets::Secrets;
use crate::config::Config;
use crate::data_dir;
use crate::store::Place;
use crate::store::backend::Backend;
use crate::store::db::Db;
use crate::store::postgres::key::{self, Agreement};

/// Reads the key of this server, or makes it.
pub(super) fn open(db: &mut dyn Db, place: &Place, config: &Config) -> Result<Secrets, LoadError> {
    let file = config.session_key();
    let refused = |words: String| LoadError::Refused(words);
    if matches!(place, Place::Memory) {
        return Ok(Secrets::random());
    }
    if !config.session.key_file.as_os_str().is_empty() {
        let read = Secrets::read(&file);
        return read
            .map_err(|error| refused(format!("[session] key_file {}: {error}", file.display())));
    }
    if matches!(place, Place::Postgres(..)) && key::is_known(db)? {
        return match Secrets::read(&file) {
            Ok(secrets) => Ok(secrets),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(refused(not_here(&file))),
            Err(error) => Err(refused(format!(
                "{error}; copy that of another node, or from a backup"
            ))),
        };
    }
    let made = Secrets::read_or_make(&file);
    made.map_err(|error| refused(format!("{error}{}", data_dir::space(&config.server.data))))
}

/// Whether the nodes that live have this key. Where none does, the server has this one from now on.
pub(super) fn agree(db: &mut dyn Backend, secrets: &Secrets) -> Result<(), LoadError> {
    match db.in_one(|db| key::agree(db, &secrets.print()))? {
        Agreement::Same => Ok(()),
        Agreement::Renewed => {
            tracing::warn!(
                "the server had another session.key when it ran last: everybody is signed out, and visitors are new people. \
                 Where that is not meant, stop this node and start one that has the right one"
            );
            Ok(())
        }
        Agreement::Refused(nodes) => Err(other_key(&nodes)),
    }
}

/// Whether the key that was noted last is this one. Asked once this node is among the others, it finds one that came at
/// the same moment.
pub(super) fn are_agreed(db: &mut dyn Backend, secrets: &Secrets) -> Result<(), LoadError> {
    match db.in_one(|db| key::is_agreed(db, &secrets.print()))? {
        true => Ok(()),
        false => Err(other_key(&[])),
    }
}

fn other_key(nodes: &[String]) -> LoadError {
    let nodes = match nodes {
        [] => "another node".to_owned(),
        names => names.join(", "),
    };
    LoadError::Refused(format!(
        "the database is open with another key, at {nodes}: all nodes of a server have the same. Copy session.key from the data \
         directory there into the one of this node, or stop them where this one has the right key"
    ))
}

fn not_here(file: &Path) -> String {
    let file = file.display();
    format!(
        "{file} is not there, and this server has a key, by which people are signed in: copy session.key from the data directory \
         of another node, or from a backup. Where it is lost, make a new one (head -c 64 /dev/urandom > {file}; chmod 600 \
         {file}): everybody is signed out then"
    )
}
