//! What the document says of who may make a call: which scope a token needs comes from the table of calls.

use serde_json::{Value, json};

use crate::error::Error;
use crate::model::grant::Scope;
use crate::web::scopes::{self, Needed};

/// The name of the scheme by which a browser is known.
const SESSION: &str = "session";

/// The name of the scheme by which a program is.
const TOKEN: &str = "token";

/// How a sender is known.
pub(super) fn schemes(cookie: &str) -> Value {
    json!({
        SESSION: {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "A cookie session that is signed in to an account.",
        },
        TOKEN: {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of an account. A call names the scope that it must have.",
        },
    })
}

/// Says of each call how its sender may be known, and what is told to whoever has a token that is not good for it.
pub(super) fn describe(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, calls) in paths.into_iter().flatten() {
        for (method, call) in calls.as_object_mut().into_iter().flatten() {
            if let Some(call) = call.as_object_mut() {
                let scope = scope(method, path);
                let refused = match scope {
                    Some(_) => Error::ScopeNeeded,
                    None => Error::NotForTokens,
                };
                if let Some(Value::String(words)) = call.get_mut("description")
                    && !words.contains(refused.code())
                {
                    words.push_str(&format!(" For tokens: `{}`.", refused.code()));
                }
                if let Some(scope) = scope {
                    let before = call.get("security").and_then(Value::as_array).cloned();
                    call.insert("security".to_owned(), known_by(scope, before));
                }
            }
        }
    }
}

/// The scope that a program's token needs for a call; `None` where there is none.
fn scope(method: &str, path: &str) -> Option<Scope> {
    let method = method.to_uppercase().parse().ok()?;
    match scopes::of(&method, path)? {
        Needed::Scope(scope) | Needed::Everywhere(scope) => Some(scope),
        Needed::Frame => None,
    }
}

/// The ways to be known for a call with this scope, beside those `before`.
fn known_by(scope: Scope, before: Option<Vec<Value>>) -> Value {
    let mut ways = match (scope, before) {
        (_, Some(ways)) => ways,
        // The site's own program is no browser.
        (Scope::House, None) => Vec::new(),
        // Whoever is not known is a visitor.
        (_, None) => vec![json!({})],
    };
    ways.push(json!({TOKEN: [scope.as_str()]}));
    ways.into()
}
