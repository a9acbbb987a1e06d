//! The account part of the API: register, sign in and out, name, preferences.
//!
//! Each change of who somebody is gets a new session key and mark, and ends the sockets of the
//! old ones.

use std::time::Instant;

use actix_session::Session;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::address;
use super::client::{Client, Refused};
use crate::auth::password;
use crate::auth::session_store::Keys;
use crate::chat::messages::{EndSession, Rename};
use crate::chat::person::{Kind, Role};
use crate::error::Error;
use crate::house::House;
use crate::protocol::feed::Me;
use crate::store::users::{self, User};
use crate::text::catalog::Lang;
use crate::text::{clock, name};

/// Name and password.
#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Credentials")
    }
}

/// A new name.
#[derive(Debug, Deserialize)]
pub struct NewName {
    name: String,
}

/// What a person likes.
#[derive(Debug, Deserialize)]
pub struct Preferences {
    lang: Option<Lang>,
    theme: Option<Theme>,
}

/// Which colours the page has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// The system's.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word in templates and API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// `POST /api/v1/register`
///
/// # Errors
/// Names and passwords that are not good enough or taken; too many attempts; a busy house.
pub async fn register(
    client: Client,
    house: web::Data<House>,
    body: web::Json<Credentials>,
) -> Result<HttpResponse, Refused> {
    let user = try_register(&client, &house, body.into_inner()).await;
    become_user(&client, &house, user).await
}

async fn try_register(client: &Client, house: &House, wanted: Credentials) -> Result<User, Error> {
    house.pace_of(client.address())?;
    let name = name::tidy(&wanted.name).ok_or(Error::BadName)?;
    password::check(&wanted.password, &name)?;
    let hash = house.passwords.hash(wanted.password).await?;
    let now = clock::now_ms();
    house
        .store
        .write(move |db| users::add(db, &name, &hash, Role::Member, now))
        .await?
        .ok_or(Error::NameTaken)
}

/// `POST /api/v1/session`
///
/// # Errors
/// [`Error::WrongCredentials`], whichever of the two is wrong; too many attempts; a busy house.
pub async fn sign_in(
    client: Client,
    house: web::Data<House>,
    body: web::Json<Credentials>,
) -> Result<HttpResponse, Refused> {
    let user = try_sign_in(&client, &house, body.into_inner()).await;
    become_user(&client, &house, user).await
}

async fn try_sign_in(client: &Client, house: &House, given: Credentials) -> Result<User, Error> {
    let from = address::subscriber(client.address());
    let account = name::key(&given.name);
    house.throttle.admit(&account, from, Instant::now())?;
    house.pace_of(client.address())?;
    if given.password.chars().count() > password::MAX_CHARS {
        return Err(Error::WrongCredentials);
    }
    let user = house
        .store
        .read(move |db| users::by_name(db, &given.name))
        .await?;
    let hash = user.as_ref().map(|user| user.password.clone());
    let matches = house.passwords.matches(given.password, hash).await?;
    match user.filter(|_| matches) {
        Some(user) => {
            house.throttle.succeeded(&account, from);
            Ok(user)
        }
        None => {
            house.throttle.failed(&account, from, Instant::now());
            Err(Error::WrongCredentials)
        }
    }
}

async fn become_user(
    client: &Client,
    house: &House,
    user: Result<User, Error>,
) -> Result<HttpResponse, Refused> {
    let session = &client.session;
    let signed_in = match user {
        Ok(user) => {
            end_sockets(session, house);
            session.remove(Keys::VISITOR);
            session.remove(Keys::NAME);
            remember(session, Keys::USER, user.id).and_then(|()| mark(session))
        }
        Err(error) => Err(error),
    };
    signed_in.map_err(|error| client.refused(error))?;
    tell_me(client, house).await
}

/// `DELETE /api/v1/session`: the browser is a new visitor.
///
/// # Errors
/// When the session cannot be written.
pub async fn sign_out(client: Client, house: web::Data<House>) -> Result<HttpResponse, Refused> {
    let paced = house.new_visitor(client.address());
    paced.map_err(|error| client.refused(error))?;
    end_sockets(&client.session, &house);
    client.session.remove(Keys::USER);
    client.session.remove(Keys::NAME);
    become_visitor(&client.session).map_err(|error| client.refused(error))?;
    if house.config.chat.guests == crate::config::Guests::Off {
        return Ok(HttpResponse::Ok().json(json!({ "me": null })));
    }
    tell_me(&client, &house).await
}

/// `PUT /api/v1/me/name`: a visitor chooses a name.
///
/// # Errors
/// A name that cannot be one or belongs to an account; signed-in people.
pub async fn rename(
    client: Client,
    house: web::Data<House>,
    body: web::Json<NewName>,
) -> Result<HttpResponse, Refused> {
    let renamed = try_rename(&client, &house, &body.name).await;
    renamed.map_err(|error| client.refused(error))?;
    tell_me(&client, &house).await
}

async fn try_rename(client: &Client, house: &House, wanted: &str) -> Result<(), Error> {
    let before = client.identity(house).await?;
    if before.person.kind == Kind::User {
        return Err(Error::AlreadySignedIn);
    }
    house.pace_of(client.address())?;
    let chosen = name::tidy(wanted).ok_or(Error::BadName)?;
    let key = name::key(&chosen);
    if house
        .store
        .read(move |db| users::is_taken(db, &key))
        .await?
    {
        return Err(Error::NameTaken);
    }
    if client
        .session
        .get::<String>(Keys::VISITOR)
        .ok()
        .flatten()
        .is_none()
    {
        become_visitor(&client.session)?;
    }
    remember(&client.session, Keys::NAME, &chosen)?;
    house.chat.do_send(Rename {
        id: before.person.id,
        name: chosen,
    });
    Ok(())
}

/// `PUT /api/v1/preferences`
///
/// # Errors
/// When the session cannot be written.
pub async fn prefer(
    client: Client,
    house: web::Data<House>,
    body: web::Json<Preferences>,
) -> Result<HttpResponse, Refused> {
    if !client.has_cookie() {
        let paced = house.new_visitor(client.address());
        paced.map_err(|error| client.refused(error))?;
    }
    let lang = body
        .lang
        .map_or(Ok(()), |lang| remember(&client.session, Keys::LANG, lang));
    let theme = body.theme.map_or(Ok(()), |theme| {
        remember(&client.session, Keys::THEME, theme)
    });
    lang.and(theme).map_err(|error| client.refused(error))?;
    Ok(HttpResponse::Ok().json(json!({})))
}

/// Makes the session a new visitor's, under a new key.
///
/// # Errors
/// When the session cannot be written.
pub fn become_visitor(session: &Session) -> Result<(), Error> {
    remember(session, Keys::VISITOR, Uuid::new_v4())?;
    mark(session)
}

/// A new key and mark: whoever knew the old ones knows nothing.
fn mark(session: &Session) -> Result<(), Error> {
    session.renew();
    remember(session, Keys::SID, Uuid::new_v4())
}

fn end_sockets(session: &Session, house: &House) {
    if let Ok(Some(sid)) = session.get::<String>(Keys::SID) {
        house.chat.do_send(EndSession { sid });
    }
}

fn remember(session: &Session, key: &str, value: impl Serialize) -> Result<(), Error> {
    session
        .insert(key, value)
        .map_err(|_unwritable| Error::Internal)
}

async fn tell_me(client: &Client, house: &House) -> Result<HttpResponse, Refused> {
    let identity = client
        .identity(house)
        .await
        .map_err(|error| client.refused(error))?;
    let me = Me {
        person: identity.person,
        role: identity.role,
        may_write: identity.may_write,
    };
    Ok(HttpResponse::Ok().json(json!({ "me": me })))
}
