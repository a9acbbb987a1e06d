//! Accounts, their cookie sessions and links: the statements.

pub mod erasure;
pub mod invitations;
pub mod password_links;
pub mod passwords;
pub mod sessions;
pub mod skeletons;
pub mod spent;
pub mod users;
pub mod visitors;
