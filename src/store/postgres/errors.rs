//! What PostgreSQL's errors are to the store (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use super::values::Refused;
use crate::store::db::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        if let Some(error) = error.as_db_error() {
            return of_server(error);
        }
        let source = error.source();
        if let Some(refused) = source.and_then(|source| source.downcast_ref::<Refused>()) {
            return Self::Failed(refused.to_string());
        }
        let mut words = match source {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        if words.contains("password missing") {
            words += "; set [storage] password or password_file";
        }
        if words.contains("TLS") || words.contains("certificate") {
            words += "; check [storage] tls_ca, and the name of the host in the address";
        }
        let io = source.is_some_and(|source| source.is::<io::Error>());
        if io || error.is_closed() {
            return Self::Gone(words);
        }
        Self::Failed(words)
    }
}

/// An error that the server has sent. Its detail is left out: it has what people wrote.
fn of_server(error: &DbError) -> StoreError {
    let code = error.code().code();
    let words = format!("{} ({code}){}", error.message(), advice(code));
    match code {
        // A statement was cancelled, by its deadline.
        "57014" => StoreError::TooSlow,
        // The transactions of two were not as one after the other; they waited for each other; a lock was not to be
        // had; what was not there has been inserted by another transaction.
        "40001" | "40P01" | "55P03" | "23505" => StoreError::Again(words),
        _ if ends_connection(code) => StoreError::Gone(words),
        // Disk, memory or connections are used up.
        _ if code.starts_with("53") => StoreError::Gone(words),
        _ => StoreError::Failed(words),
    }
}

/// What an operator can do about an error.
fn advice(code: &str) -> &'static str {
    match code {
        "28P01" | "28000" => {
            "; check the user in the address, and its password in [storage] password or password_file"
        }
        "3D000" => "; it is made by deploy/cluster/database.sql",
        "53300" => "; raise max_connections in postgresql.conf",
        _ => "",
    }
}

/// Whether a connection on which this was said is of no use any more: it was ended, or the server only reads.
fn ends_connection(code: &str) -> bool {
    matches!(
        code,
        "25006" | "25P03" | "57P01" | "57P02" | "57P03" | "57P05"
    ) || code.starts_with("08")
}
