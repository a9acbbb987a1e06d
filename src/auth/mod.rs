//! Who somebody is: cookie sessions, passwords, and the public ids that say nothing more.

pub mod identity;
pub mod password;
pub mod secrets;
pub mod session_store;
pub mod throttle;
