//! Trying a token of the site: what is wrong with it, or whose it is. It lets nobody in, is not used up, and is nowhere afterwards.

use actix_web::web;
use actix_web::web::Json;
use serde::Serialize;

use super::client::Client;
use crate::auth::federation::{self, Arrival};
use crate::auth::site_token::{Claims, Refusal};
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::store::accounts::users::User;
use crate::text::clock;
use crate::web::site_page::SiteToken;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/api/v1/site/check", web::post().to(check));
}

/// What a token is worth.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CheckAnswer {
    /// The check that it does not pass, as the log names it; `null` for a good one.
    check: Option<&'static str>,
    /// The same in a sentence.
    why: Option<String>,
    /// Whom it speaks of; `null` where it does not pass.
    who: Option<Spoken>,
}

/// Whom a token speaks of.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Spoken {
    /// The site's own id of them.
    subject: String,
    /// What the site calls them.
    name: String,
    /// Admin or member, if the site says which.
    role: Option<ServerRole>,
    /// Until when it is good, ms since 1970.
    until: i64,
    /// The name of the key that has signed it.
    key: String,
    /// What their account is called here; `null` before they have been here.
    account: Option<String>,
}

impl Spoken {
    fn new(claims: Claims, account: Option<User>) -> Self {
        Self {
            subject: claims.subject,
            name: claims.name,
            role: claims.role,
            until: claims.until,
            key: claims.key_id,
            account: account.map(|user| user.name),
        }
    }
}

/// `POST /api/v1/site/check`: what a site's developer does not learn from the refusal, because whoever brings a token may be anybody.
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::ServerRoleOnly`] for whoever does not look after the server.
#[utoipa::path(
    post,
    path = "/api/v1/site/check",
    operation_id = "check_site_token",
    tag = "Server",
    summary = "Try a token of the site without using it",
    request_body = SiteToken,
    responses((status = 200, description = "Which check it does not pass, or whose it is", body = CheckAnswer)),
    security(("session" = []))
)]
pub async fn check(
    client: Client,
    state: web::Data<AppState>,
    body: Json<SiteToken>,
) -> Result<Json<CheckAnswer>, Error> {
    client.server_admin(&state).await?;
    let answer = match tried(&state, body.token.trim()).await? {
        Ok(who) => CheckAnswer {
            check: None,
            why: None,
            who: Some(who),
        },
        Err(refusal) => CheckAnswer {
            check: Some(refusal.check()),
            why: Some(client.lang().get(&key(refusal.check())).to_owned()),
            who: None,
        },
    };
    Ok(Json(answer))
}

async fn tried(state: &AppState, token: &str) -> Result<Result<Spoken, Refusal>, Error> {
    let verified = match &state.site {
        Some(verifier) => verifier.verify(token, clock::now_ms()),
        None => Err(Refusal::NoKeys),
    };
    let claims = match verified {
        Ok(claims) => claims,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let arrival = Arrival::by_token(&state.config.site, &claims);
    let looked = state.store.read(move |db| federation::look(db, &arrival));
    Ok(looked.await?.map(|account| Spoken::new(claims, account)))
}

/// The words for a check: `check.exp_passed` for `exp passed`.
fn key(check: &str) -> String {
    let words = check.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    format!("check.{}", words.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::catalog::Lang;

    #[test]
    fn every_check_has_a_sentence_in_both_languages() {
        let source = include_str!("../auth/site_token.rs");
        let (_, named) = source.split_once("pub fn check(self)").unwrap();
        let (named, _) = named.split_once("\n    }\n").unwrap();
        let checks = named.lines().filter_map(|line| {
            let (_, rest) = line.split_once(" => \"")?;
            rest.strip_suffix("\",")
        });
        let mut keys: Vec<_> = checks.map(key).collect();
        assert!(keys.contains(&key(Refusal::Spent.check())), "{keys:?}");
        for lang in Lang::ALL {
            for key in &keys {
                assert_ne!(lang.get(key), key, "{lang:?}");
            }
        }
        keys.sort();
        let known = Lang::En.strings("check").into_keys();
        assert_eq!(
            keys,
            known.map(|key| format!("check.{key}")).collect::<Vec<_>>()
        );
    }
}
