//! Parts of the settings that few open: each is fetched when it is first opened, and no first visit pays for it.
//!
//! They are pieces of HTML in the reader's language, with the words that their scripts say.

use std::collections::BTreeMap;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::client::Client;
use crate::chat::shedding::Workload;
use crate::error::Error;
use crate::model::person::ServerRole;
use crate::model::policy::is_shown_bots;
use crate::text::catalog::Lang;
use crate::web::get_route;
use crate::web::room_page::script_json;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/settings/{part}", get_route().to(part));
}

/// What is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// One's own tokens.
    Keys,
    /// Addresses at which tools speak in rooms.
    Hooks,
    /// Accounts of programs.
    Bots,
    /// The room in pages of one's site.
    Site,
}

/// Data of `templates/settings-keys.html`.
#[derive(Template)]
#[template(path = "settings-keys.html")]
struct KeysPart<'a> {
    t: Lang,
    has_password: bool,
    runs_server: bool,
    name: &'a str,
    words: String,
}

/// Data of `templates/settings-hooks.html`.
#[derive(Template)]
#[template(path = "settings-hooks.html")]
struct HooksPart {
    t: Lang,
    words: String,
}

/// Data of `templates/settings-bots.html`.
#[derive(Template)]
#[template(path = "settings-bots.html")]
struct BotsPart {
    t: Lang,
    words: String,
}

/// Data of `templates/settings-site.html`.
#[derive(Template)]
#[template(path = "settings-site.html")]
struct SitePart {
    t: Lang,
    words: String,
    site: String,
}

/// What of the configuration the snippet depends on.
#[derive(Serialize)]
struct SiteBegin<'a> {
    /// The server's own address; `""` where the operator has not said it.
    house: &'a str,
    /// `[embed] hosts`
    hosts: &'a [String],
}

/// `GET /settings/{part}`
///
/// # Errors
/// [`Error::AccountNeeded`]; [`Error::ServerRoleOnly`] for what is about the server, [`Error::NotAllowed`] for bots where others make them; when it cannot be drawn.
pub async fn part(
    client: Client,
    state: web::Data<AppState>,
    part: web::Path<Part>,
) -> Result<HttpResponse, Error> {
    state.shedding.admit(Workload::Reading)?;
    let t = client.lang();
    let words = script_json(&words(t))?;
    let drawn = match *part {
        Part::Keys => {
            let user = client.account(&state).await?;
            KeysPart {
                t,
                has_password: !user.password.is_empty() && state.config.accounts.passwords,
                runs_server: user.role >= ServerRole::Admin,
                name: &user.name,
                words,
            }
            .render()
        }
        Part::Hooks => {
            client.account(&state).await?;
            HooksPart { t, words }.render()
        }
        Part::Bots => {
            let role = client.account(&state).await?.role;
            if !is_shown_bots(role, state.config.bots.makers) {
                return Err(Error::NotAllowed);
            }
            BotsPart { t, words }.render()
        }
        Part::Site => {
            client.server_admin(&state).await?;
            let site = script_json(&SiteBegin {
                house: &state.config.server.public_url,
                hosts: &state.config.embed.hosts,
            })?;
            SitePart { t, words, site }.render()
        }
    };
    let html = drawn.map_err(|error| {
        tracing::error!(%error, "a part of the settings could not be drawn");
        Error::Internal
    })?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::html())
        .body(html))
}

/// What the scripts of these parts say.
fn words(lang: Lang) -> BTreeMap<&'static str, &'static str> {
    lang.strings("access")
}
