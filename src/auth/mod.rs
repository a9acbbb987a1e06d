//! Who somebody is and what they prefer: cookie sessions, passwords, and public ids that reveal
//! nothing more.

pub mod bearer_token;
pub mod client_address;
pub mod codes;
pub mod federation;
pub mod frame;
pub mod hook_address;
pub mod identity;
mod jwt_provider;
pub mod last_seen;
pub mod memory;
pub mod password;
pub mod preferences;
pub mod secrets;
pub mod session_store;
pub mod signature;
pub mod site_token;
pub mod throttle;
pub mod tokens;
pub mod via;
