//! Who somebody is and what they like: cookie sessions, passwords, and the public ids that say
//! nothing more.

pub mod client_address;
pub mod codes;
pub mod cookie;
pub mod identity;
pub mod last_seen;
pub mod password;
pub mod preferences;
pub mod secrets;
pub mod session_store;
pub mod throttle;
