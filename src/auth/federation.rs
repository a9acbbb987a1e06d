//! Letting somebody in by the word of another: the one place where an issuer's subject becomes an account.
//!
//! Owns which account that is, and what of it follows the issuer: name and role. Never checks whether the issuer has said
//! so: that is done before. Runs in one transaction, which also uses the token, and may be done again. The account has no
//! password. Bounded by [`NUMBERS`] names that are tried.

use sha2::{Digest, Sha256};

use super::site_token::{Claims, Refusal};
use crate::config::{Names, Site};
use crate::model::person::ServerRole;
use crate::store::accounts::identities::{self, Identity};
use crate::store::accounts::users::{self, User};
use crate::store::db::{Db, StoreError};
use crate::store::notices::{self, Notice};
use crate::text::{cut, name};

/// People of one name beside the first; the others are called guests.
const NUMBERS: std::ops::RangeInclusive<u32> = 2..=50;

/// What somebody is called whose name is none, or is everybody's: "guest of the teahouse", and some letters.
const GUEST: &str = "茶客";

/// No password has this hash.
const NO_PASSWORD: &str = "";

/// What an issuer says of somebody who comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who says so.
    pub issuer: String,
    /// The issuer's own id of them.
    pub subject: String,
    /// What it calls them.
    pub name: String,
    /// Their server role, if it says so.
    pub role: Option<ServerRole>,
    /// When it said so, ms since 1970.
    pub issued: i64,
    /// The token by which they come, which is used by it; `None` where something else sees to that they come once.
    pub token: Option<Token>,
}

/// A token that lets somebody in once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// From when on it lets nobody in anyhow, ms since 1970.
    pub until: i64,
}

impl Arrival {
    /// What a token of the site says.
    #[must_use]
    pub fn by_token(site: &Site, claims: &Claims) -> Self {
        Self {
            issuer: site.issuer.clone(),
            subject: claims.subject.clone(),
            name: claims.name.clone(),
            role: claims.role,
            issued: claims.issued,
            token: Some(Token {
                id: claims.token_id.clone(),
                until: claims.until,
            }),
        }
    }
}

/// What of an account follows its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whether the issuer says who is an admin.
    pub roles: bool,
    /// Whose name the account has.
    pub names: Names,
}

impl From<&Site> for Rules {
    fn from(site: &Site) -> Self {
        Self {
            roles: site.roles,
            names: site.names,
        }
    }
}

/// Somebody who has been let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Their account, as it is now.
    pub user: User,
    /// Whether it was made for them.
    pub is_new: bool,
    /// Whether they have another name than before: this node's connections are still to be told.
    pub is_renamed: bool,
    /// Whether they have another server role than before.
    pub has_other_role: bool,
}

/// Lets somebody in at `now` (ms since 1970): the account of this subject, or a new one. Part of a transaction.
///
/// # Errors
/// When the database fails, or, inside, when they are not let in: nothing has been changed then.
pub fn admit(
    db: &mut dyn Db,
    arrival: &Arrival,
    rules: Rules,
    now: i64,
) -> Result<Result<Admitted, Refusal>, StoreError> {
    let known = identities::find(db, &arrival.issuer, &arrival.subject)?;
    if let Some(refusal) = known.as_ref().and_then(|known| refusal(known, arrival)) {
        return Ok(Err(refusal));
    }
    if let Some(token) = &arrival.token
        && !identities::spend(db, &arrival.issuer, &token.id, token.until)?
    {
        return Ok(Err(Refusal::Spent));
    }
    let admitted = match known {
        Some(known) => come_back(db, &known, arrival, rules, now)?,
        None => make(db, arrival, rules, now)?,
    };
    Ok(Ok(admitted))
}

/// What somebody is to an account that a session is signed in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Its owner, of whom nothing new is said.
    Same,
    /// Its owner, who has another name or role now.
    Changed,
    /// Somebody else.
    Other,
}

/// Whether this is the owner of account `user`. Changes nothing, and uses no token.
///
/// # Errors
/// When the database fails, or, inside, when they are not let in any more.
pub fn recognise(
    db: &mut dyn Db,
    arrival: &Arrival,
    rules: Rules,
    user: i64,
) -> Result<Result<Known, Refusal>, StoreError> {
    let Some(known) = identities::find(db, &arrival.issuer, &arrival.subject)? else {
        return Ok(Ok(Known::Other));
    };
    if let Some(refusal) = refusal(&known, arrival) {
        return Ok(Err(refusal));
    }
    if known.user != user {
        return Ok(Ok(Known::Other));
    }
    let has_role = match arrival.role.filter(|_| rules.roles) {
        Some(role) => [below_owner(role), ServerRole::Owner].contains(&users::role(db, user)?),
        None => true,
    };
    let is_same = known.name == shown(arrival) && has_role;
    Ok(Ok(if is_same { Known::Same } else { Known::Changed }))
}

/// The account of somebody who would be let in, if they have one. Changes nothing, and uses no token.
///
/// # Errors
/// When the database fails, or, inside, when they would not be let in.
pub fn look(
    db: &mut dyn Db,
    arrival: &Arrival,
) -> Result<Result<Option<User>, Refusal>, StoreError> {
    let known = identities::find(db, &arrival.issuer, &arrival.subject)?;
    if let Some(refusal) = known.as_ref().and_then(|known| refusal(known, arrival)) {
        return Ok(Err(refusal));
    }
    if let Some(token) = &arrival.token
        && identities::is_spent(db, &arrival.issuer, &token.id)?
    {
        return Ok(Err(Refusal::Spent));
    }
    let user = known
        .map(|known| users::by_id(db, known.user))
        .transpose()?;
    Ok(Ok(user.flatten()))
}

/// Whether an account has the name that the site gives it.
///
/// # Errors
/// When the database fails.
pub fn is_named_by(db: &mut dyn Db, site: &Site, user: i64) -> Result<bool, StoreError> {
    if site.keys.is_empty() || site.names != Names::Site {
        return Ok(false);
    }
    let identities = identities::of_user(db, user)?;
    Ok(identities.iter().any(|one| one.issuer == site.issuer))
}

/// Why somebody who has been here is not let in again.
fn refusal(known: &Identity, arrival: &Arrival) -> Option<Refusal> {
    match known.blocked {
        Some(_) => Some(Refusal::Blocked),
        None => (arrival.issued < known.not_before).then_some(Refusal::SignedOut),
    }
}

fn make(
    db: &mut dyn Db,
    arrival: &Arrival,
    rules: Rules,
    now: i64,
) -> Result<Admitted, StoreError> {
    let role = arrival.role.filter(|_| rules.roles).unwrap_or_default();
    let mut made = None;
    for name in names(arrival) {
        made = users::add(db, &name, NO_PASSWORD, below_owner(role), now)?;
        if made.is_some() {
            break;
        }
    }
    let user = made.ok_or_else(no_name)?;
    let identity = Identity {
        issuer: arrival.issuer.clone(),
        subject: arrival.subject.clone(),
        user: user.id,
        name: shown(arrival),
        not_before: 0,
        blocked: None,
        linked: now,
        seen: now,
    };
    identities::add(db, &identity)?;
    Ok(Admitted {
        user,
        is_new: true,
        is_renamed: false,
        has_other_role: false,
    })
}

fn come_back(
    db: &mut dyn Db,
    known: &Identity,
    arrival: &Arrival,
    rules: Rules,
    now: i64,
) -> Result<Admitted, StoreError> {
    // An identity goes with its account.
    let user = users::by_id(db, known.user)?.ok_or(StoreError::Shape)?;
    identities::renew(db, &known.issuer, &known.subject, &shown(arrival), now)?;
    let is_renamed = rules.names == Names::Site && follow_name(db, &user, arrival)?;
    let has_other_role = match arrival.role.filter(|_| rules.roles) {
        Some(role) => users::set_role_below_owner(db, user.id, below_owner(role))?,
        None => false,
    };
    let user = users::by_id(db, known.user)?.ok_or(StoreError::Shape)?;
    if is_renamed {
        let person = user.person(String::new());
        let (id, name, avatar) = (person.id, person.name, person.avatar);
        notices::write(db, &Notice::Profile { id, name, avatar })?;
    }
    Ok(Admitted {
        user,
        is_new: false,
        is_renamed,
        has_other_role,
    })
}

/// Gives an account the issuer's name, or the first like it that is free; whether it has another one now.
fn follow_name(db: &mut dyn Db, user: &User, arrival: &Arrival) -> Result<bool, StoreError> {
    // Whoever is "Ada 2" stays that, even when "Ada" has gone.
    if own_names(arrival).any(|name| name == user.name) {
        return Ok(false);
    }
    for name in names(arrival) {
        if name == user.name {
            return Ok(false);
        }
        if users::rename(db, user.id, &name)? {
            return Ok(true);
        }
    }
    Err(no_name())
}

/// Who owns the server is decided on its machine alone.
fn below_owner(role: ServerRole) -> ServerRole {
    role.min(ServerRole::Admin)
}

/// What the issuer calls somebody, as it can be shown.
fn shown(arrival: &Arrival) -> String {
    cut::to(&name::on_one_line(&arrival.name), name::MAX_CHARS)
        .trim_end()
        .to_owned()
}

/// The names that an account may get, the best first. The same each time: a transaction may be done again.
fn names(arrival: &Arrival) -> impl Iterator<Item = String> {
    own_names(arrival)
        .chain(guest_names(arrival))
        .filter(|name| name::wanted(name).is_ok_and(|wanted| wanted == *name))
}

/// What the issuer calls them, and the names like it; none when that is no name.
fn own_names(arrival: &Arrival) -> impl Iterator<Item = String> + use<> {
    let wanted = shown(arrival);
    let numbered = {
        let wanted = wanted.clone();
        NUMBERS.map(move |number| {
            let end = format!(" {number}");
            let start = cut::to(&wanted, name::MAX_CHARS - end.len());
            format!("{}{end}", start.trim_end())
        })
    };
    // A number alone is nobody's name.
    let is_name = name::tidy(&wanted).is_some();
    let own = std::iter::once(wanted).chain(numbered);
    own.filter(move |_| is_name)
}

/// Names for whoever has none: with four letters, and if that is taken with ever more.
fn guest_names(arrival: &Arrival) -> impl Iterator<Item = String> + use<> {
    let (issuer, subject) = (arrival.issuer.as_bytes(), arrival.subject.as_bytes());
    let digest = Sha256::new()
        .chain_update(issuer)
        .chain_update([0])
        .chain_update(subject)
        .finalize();
    let letters: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    [4, 6, 8, 16].into_iter().map(move |count| {
        let letters: String = letters.chars().take(count).collect();
        format!("{GUEST} {letters}")
    })
}

fn no_name() -> StoreError {
    StoreError::Failed("every name that somebody could have is taken".to_owned())
}

#[cfg(test)]
mod tests;
