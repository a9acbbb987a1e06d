//! What the document says of who may make a call: which scope a token needs comes from the table of calls.

use serde_json::{Value, json};

use crate::error::Error;
use crate::model::grant::Scope;
use crate::web::scopes;

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
                let scopes = needed(method, path);
                let refused = match scopes {
                    Some(_) => Error::ScopeNeeded,
                    None => Error::NotForTokens,
                };
                if let Some(Value::String(words)) = call.get_mut("description")
                    && !words.contains(refused.code())
                {
                    words.push_str(&format!(" For tokens: `{}`.", refused.code()));
                }
                if let Some(scopes) = scopes {
                    let before = call.get("security").and_then(Value::as_array).cloned();
                    call.insert("security".to_owned(), known_by(scopes, before));
                }
            }
        }
    }
}

/// The scopes that a program's token needs for a call; `None` where none is good.
fn needed(method: &str, path: &str) -> Option<&'static [Scope]> {
    let method = method.to_uppercase().parse().ok()?;
    let scopes = scopes::of(&method, path)?.scopes();
    Some(scopes).filter(|scopes| !scopes.is_empty())
}

/// The ways to be known for a call with these scopes, beside those `before`.
fn known_by(scopes: &[Scope], before: Option<Vec<Value>>) -> Value {
    let mut ways = match (scopes, before) {
        (_, Some(ways)) => ways,
        // The site's own program is no browser.
        ([Scope::House], None) => Vec::new(),
        // Whoever is not known is a visitor.
        (_, None) => vec![json!({})],
    };
    let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    ways.push(json!({TOKEN: scopes}));
    ways.into()
}
