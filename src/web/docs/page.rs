//! The API document as HTML: calls by subject, and the schemas that they take and return.

use askama::Template;
use serde_json::Value;

use super::REFUSED;
use crate::auth::preferences::Theme;
use crate::web::assets;

/// Data of `templates/docs.html`.
#[derive(Template)]
#[template(path = "docs.html")]
struct Page<'a> {
    asset: String,
    theme: &'static str,
    title: &'a str,
    version: &'a str,
    about: Vec<Words<'a>>,
    subjects: Vec<Subject<'a>>,
    codes: Vec<String>,
    shapes: Vec<Shape<'a>>,
}

/// A text in parts; `true` marks code.
type Words<'a> = Vec<(bool, &'a str)>;

/// The calls under one tag.
struct Subject<'a> {
    name: &'a str,
    about: &'a str,
    calls: Vec<Call<'a>>,
}

struct Call<'a> {
    id: &'a str,
    method: String,
    path: &'a str,
    summary: &'a str,
    about: Words<'a>,
    /// Whether the call needs an account.
    locked: bool,
    /// The scope with which a token makes the call.
    scope: Option<&'a str>,
    fields: Vec<Field<'a>>,
    body: Option<Kind>,
    answers: Vec<Answer<'a>>,
}

struct Answer<'a> {
    status: &'a str,
    about: Words<'a>,
    kind: Option<Kind>,
}

struct Shape<'a> {
    name: &'a str,
    about: Words<'a>,
    /// The types inside it.
    with: Vec<Kind>,
    words: Vec<&'a str>,
    fields: Vec<Field<'a>>,
}

struct Field<'a> {
    name: &'a str,
    place: &'a str,
    kind: Kind,
    optional: bool,
    about: Words<'a>,
}

/// The type of a value: its description, and the schema that it links to.
struct Kind {
    before: &'static str,
    name: String,
    link: bool,
    after: &'static str,
}

/// The HTML page for a document; `None` when it cannot be drawn.
pub fn draw(document: &Value, theme: Theme) -> Option<String> {
    let info = at(document, "info");
    let components = at(document, "components");
    let schemas = at(components, "schemas").as_object()?;
    let refused = text(at(at(components, "responses"), REFUSED), "description");
    let page = Page {
        asset: assets::prefix(),
        theme: theme.as_str(),
        title: text(info, "title"),
        version: text(info, "version"),
        about: text(info, "description").split("\n\n").map(words).collect(),
        subjects: subjects(document),
        codes: refused
            .lines()
            .filter_map(|line| line.strip_prefix("- "))
            .map(|line| line.replace('`', ""))
            .collect(),
        shapes: schemas
            .iter()
            .map(|(name, schema)| shape(name, schema))
            .collect(),
    };
    page.render().ok()
}

fn at<'a>(of: &'a Value, key: &str) -> &'a Value {
    const NOTHING: &Value = &Value::Null;
    of.get(key).unwrap_or(NOTHING)
}

fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    at(of, key).as_str().unwrap_or_default()
}

/// Splits a text at backticks: what stands between them is code.
fn words(text: &str) -> Words<'_> {
    let parts = text.split('`').filter(|_| !text.is_empty());
    [false, true].into_iter().cycle().zip(parts).collect()
}

fn list<'a>(of: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    at(of, key).as_array().into_iter().flatten()
}

fn entries<'a>(of: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    at(of, key).as_object().into_iter().flatten()
}

fn subjects(document: &Value) -> Vec<Subject<'_>> {
    let subject = |tag| {
        let name = text(tag, "name");
        let calls = entries(document, "paths").flat_map(|(path, methods)| {
            let methods = methods.as_object().into_iter().flatten();
            methods.map(move |(method, call)| (path, method, call))
        });
        Subject {
            name,
            about: text(tag, "description"),
            calls: calls
                .filter(|(_, _, of)| list(of, "tags").any(|tag| tag == name))
                .map(|(path, method, of)| call(path, method, of))
                .collect(),
        }
    };
    list(document, "tags").map(subject).collect()
}

fn call<'a>(path: &'a str, method: &str, of: &'a Value) -> Call<'a> {
    let json = |of: &Value| {
        let content = at(at(of, "content"), "application/json");
        let schema = at(content, "schema");
        (!schema.is_null()).then(|| kind(schema))
    };
    let answers = entries(of, "responses").filter(|(status, _)| *status != "default");
    Call {
        id: text(of, "operationId"),
        method: method.to_uppercase(),
        path,
        summary: text(of, "summary"),
        about: words(text(of, "description")),
        locked: list(of, "security").any(|way| way.get("session").is_some()),
        scope: list(of, "security").find_map(|way| list(way, "token").next()?.as_str()),
        fields: list(of, "parameters")
            .map(|parameter| Field {
                name: text(parameter, "name"),
                place: text(parameter, "in"),
                kind: kind(at(parameter, "schema")),
                optional: at(parameter, "required") != true,
                about: words(text(parameter, "description")),
            })
            .collect(),
        body: json(at(of, "requestBody")),
        answers: answers
            .map(|(status, answer)| Answer {
                status,
                about: words(text(answer, "description")),
                kind: json(answer),
            })
            .collect(),
    }
}

fn shape<'a>(name: &'a str, schema: &'a Value) -> Shape<'a> {
    let parts: Vec<&Value> = list(schema, "allOf").chain([schema]).collect();
    let mut fields = Vec::new();
    for part in &parts {
        let required: Vec<&Value> = list(part, "required").collect();
        fields.extend(entries(part, "properties").map(|(name, property)| Field {
            name,
            place: "",
            kind: kind(property),
            optional: !required.iter().any(|needed| *needed == name),
            about: words(text(property, "description")),
        }));
    }
    let is_shape = |part: &&&Value| !at(part, "$ref").is_null();
    Shape {
        name,
        about: words(text(schema, "description")),
        with: parts
            .iter()
            .filter(is_shape)
            .map(|part| kind(part))
            .collect(),
        words: list(schema, "enum").filter_map(Value::as_str).collect(),
        fields,
    }
}

fn kind(schema: &Value) -> Kind {
    let simple = |name: &str, after| Kind {
        before: "",
        name: name.to_owned(),
        link: false,
        after,
    };
    if let Some(target) = at(schema, "$ref").as_str() {
        let name = target.rsplit('/').next().unwrap_or_default();
        return Kind {
            link: true,
            ..simple(name, "")
        };
    }
    let either = list(schema, "oneOf").chain(list(schema, "anyOf"));
    if let Some(one) = either.into_iter().find(|one| at(one, "type") != "null") {
        return Kind {
            after: " or null",
            ..kind(one)
        };
    }
    if at(schema, "type") == "array" {
        return Kind {
            before: "list of ",
            ..kind(at(schema, "items"))
        };
    }
    let nullable = list(schema, "type").any(|one| one == "null");
    let word = at(schema, "type").as_str();
    let word = word.or_else(|| {
        list(schema, "type")
            .filter_map(Value::as_str)
            .find(|one| *one != "null")
    });
    let word = match word.unwrap_or("anything") {
        "string" => "text",
        "integer" => "number",
        "boolean" => "true or false",
        other => other,
    };
    simple(word, if nullable { " or null" } else { "" })
}
