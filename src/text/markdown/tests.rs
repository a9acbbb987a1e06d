//! What people write, and what becomes of it.

mod attacks;
mod generated;
mod kept;
mod list;
mod meant;
mod written;
