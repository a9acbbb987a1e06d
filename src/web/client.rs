//! The sender of a request: address, cookie session, language.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;

use actix_session::SessionExt;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use crate::auth::client_address;
use crate::auth::frame::Frame;
use crate::auth::identity;
use crate::auth::memory::Memory;
use crate::auth::preferences::Preferences;
use crate::auth::session_store::Keys;
use crate::chat::requests::{Arrival, Sender};
use crate::config::Guests;
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::model::person_id::PersonId;
use crate::model::principal::Principal;
use crate::store::accounts::tokens::Token;
use crate::store::accounts::users::{self, User};
use crate::text::catalog::Lang;
use crate::text::{agent, clock};
use crate::web::bearer;
use crate::web::state::AppState;

/// Whether a request carries the server's cookie, valid or not.
#[must_use]
pub fn has_cookie(request: &HttpRequest, state: &AppState) -> bool {
    request.cookie(state.cookie_name()).is_some()
}

/// What the server remembers of the sender.
fn memory(request: &HttpRequest) -> Memory {
    bearer::memory(request).unwrap_or_else(|| Memory::Cookie(request.get_session()))
}

/// The language that the sender chose, else the one that their browser prefers.
#[must_use]
pub fn reader_lang(request: &HttpRequest) -> Lang {
    let chosen = memory(request).get::<Lang>(Keys::LANG);
    chosen.unwrap_or_else(|| accepted_lang(request))
}

/// The language that the sender's program asks for.
#[must_use]
pub fn accepted_lang(request: &HttpRequest) -> Lang {
    bearer::socket_lang(request).unwrap_or_else(|| {
        let header = request.headers().get(header::ACCEPT_LANGUAGE);
        Lang::from_accept(header.and_then(|header| header.to_str().ok()))
    })
}

/// The sender of a request: address, cookie session and what the request says of them.
pub struct Client {
    address: IpAddr,
    user_agent: String,
    lang: Lang,
    has_cookie: bool,
    is_script: bool,
    /// What the server remembers of them.
    pub memory: Memory,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Client")
    }
}

impl FromRequest for Client {
    type Error = Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _body: &mut Payload) -> Self::Future {
        let Some(state) = request.app_data::<web::Data<AppState>>() else {
            return ready(Err(Error::Internal));
        };
        ready(Ok(Self {
            address: client_address::of(request, &state.config.server.trusted_proxies)
                .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            user_agent: request
                .headers()
                .get(header::USER_AGENT)
                .map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned())
                .unwrap_or_default(),
            lang: reader_lang(request),
            has_cookie: has_cookie(request, state),
            is_script: request
                .headers()
                .get("sec-fetch-dest")
                .is_some_and(|wanted_for| wanted_for != "document"),
            memory: memory(request),
        }))
    }
}

impl Client {
    /// The client's address, as trusted proxies report it.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The part of the address that one subscriber has.
    #[must_use]
    pub fn subscriber(&self) -> IpAddr {
        client_address::subscriber(self.address)
    }

    /// The language of the answer: the chosen one, else the browser's.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether the request came with our cookie.
    #[must_use]
    pub fn has_cookie(&self) -> bool {
        self.has_cookie
    }

    /// Whether the browser says that a script asked, and nobody opened an address (`Sec-Fetch-Dest`).
    #[must_use]
    pub fn is_script(&self) -> bool {
        self.is_script
    }

    /// The same sender as who a frame's session says that they are.
    #[must_use]
    pub fn within(self, frame: Rc<Frame>) -> Self {
        Self {
            has_cookie: false,
            memory: Memory::Frame(frame),
            ..self
        }
    }

    /// The frame that the request comes from, if it comes from one.
    #[must_use]
    pub fn frame(&self) -> Option<&Rc<Frame>> {
        match &self.memory {
            Memory::Frame(frame) => Some(frame),
            Memory::Cookie(_) | Memory::Token(_) => None,
        }
    }

    /// The token by which they are known, if it is a program's.
    #[must_use]
    pub fn token(&self) -> Option<&Rc<Token>> {
        match &self.memory {
            Memory::Token(token) => Some(token),
            Memory::Cookie(_) | Memory::Frame(_) => None,
        }
    }

    /// The account that the session is signed in to; `None` for a visitor.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn user(&self, state: &AppState) -> Result<Option<User>, Error> {
        match self.get::<i64>(Keys::USER) {
            Some(id) => Ok(state.store.read(move |db| users::by_id(db, id)).await?),
            None => Ok(None),
        }
    }

    /// As [`Self::user`], where an account is required.
    ///
    /// # Errors
    /// [`Error::AccountNeeded`]; when the store cannot be asked.
    pub async fn account(&self, state: &AppState) -> Result<User, Error> {
        self.user(state).await?.ok_or(Error::AccountNeeded)
    }

    /// As [`Self::account`], of whoever looks after the server.
    ///
    /// # Errors
    /// [`Error::ServerRoleOnly`]; as [`Self::account`].
    pub async fn server_admin(&self, state: &AppState) -> Result<User, Error> {
        let user = self.account(state).await?;
        let is_admin = user.role >= ServerRole::Admin;
        is_admin.then_some(user).ok_or(Error::ServerRoleOnly)
    }

    /// The session id by which its sockets are found; `None` before there is a session.
    #[must_use]
    pub fn sid(&self) -> Option<String> {
        self.get(Keys::SID)
    }

    /// Whether the visitor has chosen a name of their own.
    #[must_use]
    pub fn has_chosen_name(&self) -> bool {
        self.get::<String>(Keys::NAME).is_some()
    }

    /// The preferences that the session holds: all of a visitor's, language and
    /// theme of an account's.
    #[must_use]
    pub fn likes(&self) -> Preferences {
        Preferences {
            lang: self.get(Keys::LANG),
            theme: self.get(Keys::THEME),
            ..self.get(Keys::PREFERENCES).unwrap_or_default()
        }
    }

    /// The sender's preferences. The session of an account takes over its language and theme from them, so
    /// that they follow the person to every device.
    ///
    /// # Errors
    /// When the store cannot be asked, or the session cannot be written.
    pub async fn preferences(&self, state: &AppState) -> Result<Preferences, Error> {
        let here = self.likes();
        let Some(id) = self.get::<i64>(Keys::USER) else {
            return Ok(here);
        };
        let kept = state
            .store
            .read(move |db| users::preferences(db, id))
            .await?;
        let Some(kept) = kept else { return Ok(here) };
        let liked = Preferences::kept(&kept);
        if liked.lang.is_some() && liked.lang != here.lang {
            self.memory.remember(Keys::LANG, liked.lang)?;
        }
        if liked.theme.is_some() && liked.theme != here.theme {
            self.memory.remember(Keys::THEME, liked.theme)?;
        }
        Ok(Preferences {
            lang: liked.lang.or(here.lang),
            theme: liked.theme.or(here.theme),
            ..liked
        })
    }

    /// Who the sender is: account, visitor or fingerprint.
    ///
    /// # Errors
    /// [`Error::GuestsOff`] when they have no account and guests are not let in.
    pub async fn principal(&self, state: &AppState) -> Result<Principal, Error> {
        let place = state.geo.place(self.address);
        if let Some(user) = self.user(state).await? {
            if self.token().is_none()
                && let Some(sid) = &self.sid()
            {
                let device = || agent::name(&self.user_agent);
                state.last_seen.note(sid, &place, clock::now_ms(), device);
            }
            return Ok(self.as_user(state, &user));
        }
        let may_write = match state.config.chat.guests {
            Guests::Write => true,
            Guests::Read => false,
            Guests::Off => return Err(Error::GuestsOff),
        };
        let id = self.visitor(state).unwrap_or_else(|| {
            let private = identity::fingerprint(self.address, &self.user_agent);
            identity::visitor_id(&state.secrets, &private)
        });
        let name = self.chosen_name(state).await?;
        let name = name.unwrap_or_else(|| identity::generated_name(id, self.lang));
        Ok(Principal {
            may_write,
            lang: self.lang,
            ..Principal::member(identity::visitor(id, name, place))
        })
    }

    /// The sender as the owner of an account.
    #[must_use]
    pub fn as_user(&self, state: &AppState, user: &User) -> Principal {
        let place = state.geo.place(self.address);
        Principal {
            role: user.role,
            was: user.visitor,
            grant: self.token().map(|token| Arc::new(token.grant.clone())),
            lang: self.lang,
            ..Principal::member(user.person(place))
        }
    }

    /// As [`Self::principal`], for what needs an account.
    ///
    /// # Errors
    /// [`Error::AccountNeeded`].
    pub async fn account_holder(&self, state: &AppState) -> Result<Principal, Error> {
        match self.principal(state).await {
            Ok(principal) if principal.has_account() => Ok(principal),
            Ok(_) | Err(Error::GuestsOff) => Err(Error::AccountNeeded),
            Err(error) => Err(error),
        }
    }

    /// The sender as somebody who opens a WebSocket.
    ///
    /// # Errors
    /// As [`Self::principal`].
    pub async fn arrival(&self, state: &AppState, greet: bool) -> Result<Arrival, Error> {
        let Sender {
            principal,
            named,
            address,
            prefix,
        } = self.sender(state).await?;
        Ok(Arrival {
            principal,
            named,
            address,
            sid: self.sid(),
            greet,
            prefix,
        })
    }

    /// The sender as somebody who sends and changes messages.
    ///
    /// # Errors
    /// As [`Self::principal`].
    pub async fn sender(&self, state: &AppState) -> Result<Sender, Error> {
        let principal = self.principal(state).await?;
        let chosen = self.chosen_name(state).await?;
        let address = if state.config.chat.show_ip {
            self.address.to_string()
        } else {
            principal.id().to_string()
        };
        Ok(Sender {
            named: principal.has_account() || chosen.is_some(),
            principal,
            address,
            prefix: self.subscriber(),
        })
    }

    /// The name that the visitor has chosen, unless an account has it by now.
    async fn chosen_name(&self, state: &AppState) -> Result<Option<String>, Error> {
        let Some(name) = self.get::<String>(Keys::NAME) else {
            return Ok(None);
        };
        let wanted = name.clone();
        let taken = state.store.read(move |db| users::is_taken(db, &wanted));
        Ok((!taken.await?).then_some(name))
    }

    /// The public id of the visitor that the session was made for; it is theirs alone. The fingerprint of
    /// address and program may be shared by several people.
    #[must_use]
    pub fn visitor(&self, state: &AppState) -> Option<PersonId> {
        let private = self.get::<String>(Keys::VISITOR)?;
        Some(identity::visitor_id(
            &state.secrets,
            &format!("visitor {private}"),
        ))
    }

    fn get<T: serde::de::DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.memory.get(key)
    }
}
