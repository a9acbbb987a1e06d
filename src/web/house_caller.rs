//! Who makes the calls under `/api/v1/house`: an account, by a token with the scope `house`.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::client::Client;
use crate::chat::requests::Sender;
use crate::error::Error;
use crate::model::grant::{Grant, Scope};
use crate::model::principal::Principal;
use crate::web::state::AppState;

/// The site's own program, which speaks as its account. Nobody is it by a cookie, whatever their role.
#[derive(Debug)]
pub struct HouseCaller(Client);

impl FromRequest for HouseCaller {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, body: &mut Payload) -> Self::Future {
        let client = Client::from_request(request, body).into_inner();
        ready(client.and_then(|client| {
            let token = client.token();
            match token.is_some_and(|token| token.grant.has(Scope::House)) {
                true => Ok(Self(client)),
                false => Err(Error::ScopeNeeded),
            }
        }))
    }
}

impl HouseCaller {
    /// Their account. In rooms these calls let it do whatever it may: the table of calls says what there is to do.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn principal(&self, state: &AppState) -> Result<Principal, Error> {
        let principal = self.0.account_holder(state).await?;
        Ok(in_rooms(principal))
    }

    /// The same as somebody who sends messages.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn sender(&self, state: &AppState) -> Result<Sender, Error> {
        let sender = self.0.sender(state).await?;
        Ok(Sender {
            principal: in_rooms(sender.principal),
            ..sender
        })
    }
}

fn in_rooms(principal: Principal) -> Principal {
    let everything = Grant {
        scopes: Scope::ALL.to_vec(),
        rooms: None,
    };
    Principal {
        grant: Some(Arc::new(everything)),
        ..principal
    }
}
