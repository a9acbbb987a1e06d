//! The API's documentation: `/api/openapi.json`, generated from the code that answers, and `/api/docs`, the same
//! as a page.
//!
//! Owns what holds for every call: authentication, pagination, refusals. What holds
//! for one call stands beside its code. Both are made once and kept.

mod authentication;
mod page;

use std::sync::LazyLock;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::client::Client;
use crate::error::Error;
use crate::web::get_route;
use crate::web::state::AppState;

/// Registers this file's routes.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/docs", get_route().to(page))
        .route("/api/openapi.json", get_route().to(document));
}

/// Name of the answer that any call may give: a refusal.
const REFUSED: &str = "Refused";

/// The introduction of the document, in Markdown.
const ABOUT: &str = "JSON in and out. All times are milliseconds since 1970 (UTC).\n\n\
Authentication. By a cookie session: open `/` or sign in, and send the cookie with every call. Calls that need an account \
want one that is signed in; others answer visitors, too. A call that changes something must come from \
the server's own page as far as its browser tells (`Sec-Fetch-Site`, else `Origin`); a program that sends neither may \
call without a cookie only. Or by a token: `Authorization: Bearer` and its key, which is good for the calls that name one of its \
scopes; then no cookie counts, and no page has to be the server's own.\n\n\
Lists. A list that goes on has a `next`: ask again with it as `after`. It is `null` at the end. It means nothing \
by itself and may be asked for at any time. Messages go back in time: ask with the oldest one's id as `before` \
while `more` is true, and forward with the newest one's as `after` while `newer` is.\n\n\
Asking again. A call that sends or changes a message takes an `Idempotency-Key`, a UUID or other text of 1 to 200 characters: \
the same key of the same sender is the same message or change, for ever.\n\n\
Refusals. A call that is not granted answers with a status of 400 or more and a `code` that never changes; `message` is \
for the person, in their language. With `retry_after`, trying again after so many seconds can help.\n\n\
What happens in rooms meanwhile is told by WebSocket, which this document does not describe.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Teahouse", description = ABOUT),
    tags(
        (name = "Account", description = "The sender: account, session, preferences"),
        (name = "Rooms", description = "Rooms: browse, make, change, join, leave"),
        (name = "Messages", description = "Messages: send, change, history, search"),
        (name = "Files", description = "Files: upload them by tus 1.0.0, then send them with a message"),
        (name = "People", description = "Who is in a room, and with which room role"),
        (name = "Server", description = "The server itself, for whoever looks after it"),
        (name = "Bots", description = "Accounts of programs, and their tokens"),
        (name = "Hooks", description = "Addresses at which tools speak in a room"),
        (name = "Invitations", description = "Links that let people into a room, or onto the server"),
        (name = "House", description = "For the site's own server, by a token with the scope `house`. A person is named by their public id, such as u12, or by issuer:subject, where the last colon divides")
    ),
    components(schemas(crate::protocol::feed::RefusedAnswer)),
    paths(
        super::nodes::list,
        super::person_presence::get,
        super::person_presence::end,
        super::registration::register,
        super::account::sign_in,
        super::account::sign_out,
        super::site_page::start,
        super::site_page::sign_in,
        super::site_check::check,
        super::me::me,
        super::me::rename,
        super::me::update_profile,
        super::me::update_preferences,
        super::credentials::change,
        super::credentials::delete,
        super::devices::list,
        super::devices::sign_out,
        super::devices::sign_out_others,
        super::export::download,
        super::tokens::list,
        super::tokens::create,
        super::tokens::change,
        super::tokens::end,
        super::tokens::end_all,
        super::embed_session::enter,
        super::embed_session::grant,
        super::embed::news,
        crate::web::upgrade::check,
        super::rooms::list,
        super::rooms::create,
        super::rooms::get,
        super::rooms::update,
        super::rooms::delete,
        super::rooms::join,
        super::rooms::leave,
        super::rooms::notify,
        super::rooms::favourite,
        super::direct::open,
        super::history::list,
        super::history::get,
        super::speaking::send,
        super::speaking::send_to_person,
        super::speaking::read,
        super::message_changes::edit,
        super::message_changes::recall,
        super::message_changes::react,
        super::message_changes::take_reaction,
        super::message_changes::pin,
        super::message_changes::unpin,
        super::search::search,
        super::history::pins,
        super::gallery::list,
        super::api::people,
        super::uploads::list,
        super::uploads::create,
        super::uploads::get,
        super::uploads::patch,
        super::uploads::delete,
        super::files::get,
        super::files_gone::list,
        super::my_files::list,
        super::files_zip::download,
        super::my_files::remove,
        super::versions::list,
        super::preview::preview,
        super::members::list,
        super::members::set_role,
        super::members::remove,
        super::members::search,
        super::room_hooks::list,
        super::room_hooks::create,
        super::room_hooks::rename,
        super::room_hooks::remove,
        super::bots::list,
        super::bots::create,
        super::bots::rename,
        super::bots::remove,
        super::bot_tokens::list,
        super::bot_tokens::create,
        super::bot_tokens::change,
        super::bot_tokens::end,
        super::invitations::list,
        super::invitations::create,
        super::invitations::revoke,
        super::invitations::get,
        super::invitations::accept,
        super::server_invitations::list,
        super::server_invitations::create,
        super::server_invitations::revoke,
        super::password_links::create,
        super::password_links::get,
        super::password_links::redeem,
        super::bot_events::list,
        super::house_online::count,
        super::house_online::list,
        super::house_messages::send,
        super::house_messages::send_to_person,
        super::house_people::find,
        super::house_people::put,
        super::house_people::delete,
        super::house_sessions::sign_out_everywhere,
        super::house_sessions::disconnect,
        super::house_members::add,
        super::house_members::remove,
        super::house_audit::list
    )
)]
struct Described;

/// The OpenAPI document, except for the name of the cookie.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = serde_json::to_value(Described::openapi()).unwrap_or_default();
    let examples = Error::examples();
    let codes: Vec<&str> = examples.iter().map(Error::code).collect();
    let code = [
        "components",
        "schemas",
        "Error",
        "properties",
        "code",
        "enum",
    ];
    put(&mut document, &code, json!(codes));
    let table: Vec<String> = examples
        .iter()
        .map(|error| format!("- `{}` {}", error.code(), error.status().as_u16()))
        .collect();
    let refused = json!({
        "description": format!("Refused. The codes and their statuses:\n\n{}", table.join("\n")),
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RefusedAnswer"}}},
    });
    put(
        &mut document,
        &["components", "responses", REFUSED],
        refused,
    );
    for call in calls(&mut document) {
        let refused = json!({"$ref": format!("#/components/responses/{REFUSED}")});
        put(call, &["responses", "default"], refused);
        let locked = call.get("security").is_some();
        let documented = call.get("description").and_then(Value::as_str);
        let refusals = refusals(documented.unwrap_or_default(), locked);
        put(call, &["description"], refusals.into());
    }
    authentication::describe(&mut document);
    document
});

/// Sets `value` at a path in the document, creating the objects on the way.
fn put(document: &mut Value, place: &[&str], value: Value) {
    match place {
        [] => *document = value,
        [first, rest @ ..] => {
            if let Some(object) = document.as_object_mut() {
                let part = object.entry(*first).or_insert_with(|| json!({}));
                put(part, rest, value);
            }
        }
    }
}

/// Every operation of a document.
fn calls(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
}

/// The refusals that a doc comment lists, with error codes instead of variant names.
fn refusals(documented: &str, locked: bool) -> String {
    let (_, after) = documented.split_once("# Errors").unwrap_or_default();
    let mut words = after.split_whitespace().collect::<Vec<_>>().join(" ");
    for error in Error::examples() {
        // A variant's name in its Debug form ends where its fields begin.
        let name = format!("{error:?}");
        let name = name.split([' ', '{']).next().unwrap_or_default();
        words = words.replace(
            &format!("[`Error::{name}`]"),
            &format!("`{}`", error.code()),
        );
    }
    let needed = format!("`{}`", Error::AccountNeeded.code());
    if locked && !words.contains(&needed) {
        words = format!("{needed}; {words}");
    }
    format!("Refused: {words}")
}

/// The document of this server.
fn of(state: &AppState) -> Value {
    let mut document = DOCUMENT.clone();
    let schemes = authentication::schemes(state.cookie_name());
    put(&mut document, &["components", "securitySchemes"], schemes);
    document
}

/// `GET /api/openapi.json`
pub async fn document(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().json(of(&state))
}

/// `GET /api/docs`
///
/// # Errors
/// When the page cannot be drawn.
pub async fn page(client: Client, state: web::Data<AppState>) -> Result<HttpResponse, Error> {
    let drawn = page::draw(&of(&state), client.likes().theme.unwrap_or_default());
    Ok(HttpResponse::Ok()
        .content_type(ContentType::html())
        .body(drawn.ok_or(Error::Internal)?))
}
