//! What people write, and what becomes of it.

mod attacks;
mod generated;
mod kept;
pub(in crate::text) mod list;
mod meant;
mod written;
