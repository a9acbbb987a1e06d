//! Links that the operator makes: invitations to the server, and links for a new password.

use anyhow::bail;
use clap::Args;

use crate::auth::codes;
use crate::config::{Config, Registration};
use crate::model::person::PersonRef;
use crate::model::person_id::PersonId;
use crate::store::accounts::invitations::{self, Invitation, SERVER};
use crate::store::accounts::users::User;
use crate::store::backend::Backend;
use crate::text::clock;
use crate::web::password_links;

/// How often and how long an invitation is valid.
#[derive(Debug, Args)]
pub struct Terms {
    /// How many people may use it; unlimited when absent.
    #[arg(long, value_name = "PEOPLE", value_parser = clap::value_parser!(i64).range(1..=100_000))]
    uses: Option<i64>,
    /// How many hours it is valid; unlimited when absent.
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(i64).range(1..=8_784))]
    hours: Option<i64>,
}

/// Makes an invitation to the server and prints its address.
///
/// # Errors
/// When registration is closed, so that nobody could use it, or the database fails.
pub fn invite(config: &Config, terms: &Terms) -> anyhow::Result<()> {
    if config.accounts.registration() == Registration::Closed {
        bail!(
            "nobody could come in by it: [accounts] registration is \"closed\", or passwords are off"
        );
    }
    let mut storage = super::open(config)?;
    let now = clock::now_ms();
    let invitation = Invitation {
        code: codes::new(),
        room: SERVER,
        by: PersonRef {
            id: PersonId::Nobody,
            name: String::new(),
        },
        uses: terms.uses,
        used: 0,
        expires: terms.hours.map(|hours| now + hours * 3_600_000),
        at: now,
    };
    storage
        .db
        .in_one(|db| invitations::add(db, &invitation, i64::MAX))?;
    let address = config.address_of(&format!("/join/{}", invitation.code));
    super::print(&format!("{address}\n"))
}

/// Makes a link to a new password for an account; gives what to print.
///
/// # Errors
/// When the database fails.
pub fn password(db: &mut dyn Backend, config: &Config, user: &User) -> anyhow::Result<String> {
    let (path, _expires) = db.in_one(|db| password_links::put(db, user.id, PersonId::Nobody))?;
    let address = config.address_of(&path);
    Ok(format!(
        "{address}\nFor {}: good once, for 24 hours. Whoever has it is let into the account.\n",
        user.name
    ))
}
