//! The section `[geo]`: where addresses are.

use std::path::PathBuf;

use serde::Deserialize;

use super::values;

/// `[geo]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Geo {
    /// An `.xdb` or `.mmdb` file; empty means none.
    #[serde(deserialize_with = "values::place_database")]
    pub database: PathBuf,
}
