//! Accounts, their cookie sessions and links: the statements.

pub mod erasure;
pub mod invitations;
pub mod looks;
pub mod password_links;
pub mod passwords;
pub mod sessions;
pub mod users;
pub mod visitors;
