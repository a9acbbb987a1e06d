//! Accounts, who they are elsewhere, their cookie sessions and links: the statements.

pub mod audit;
pub mod bots;
pub mod erasure;
pub mod hooks;
pub mod identities;
pub mod invitations;
pub mod password_links;
pub mod passwords;
pub mod sessions;
pub mod sign_out;
pub mod skeletons;
pub mod tokens;
pub mod users;
pub mod visitors;
