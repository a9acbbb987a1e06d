//! Why a server cannot start.

use crate::store::db::StoreError;

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else, in words for the operator.
    #[error("{0}")]
    Refused(String),
}
