//! The API's own description: whole, true, and drawn without anything from elsewhere.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use teahouse::error::Error;
use teahouse::web::scopes::{self, Needed};

use crate::support::routes::routes;
use crate::support::{Guest, Server};

/// The calls that the server routes, as `GET /api/v1/…`.
fn routed() -> BTreeSet<String> {
    let calls = routes().into_iter();
    // HEAD and OPTIONS are as tus has them.
    let calls = calls.filter(|(method, path)| {
        let is_api = path.starts_with("/api/v1/") || path.starts_with("/files/");
        is_api && method != "HEAD" && method != "OPTIONS"
    });
    calls
        .map(|(method, path)| format!("{method} {path}"))
        .collect()
}

fn calls(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, call)| (format!("{} {path}", method.to_uppercase()), call))
    })
}

async fn document() -> Value {
    let server = Server::start(&[]);
    let answer = Guest::of(&server).get("/api/openapi.json").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

#[tokio::test]
async fn every_call_that_is_routed_is_described_and_no_other() {
    let document = document().await;
    let routed = routed();
    assert!(routed.len() > 30, "{routed:?}");
    let described: BTreeSet<String> = calls(&document).map(|(call, _)| call).collect();
    assert_eq!(described, routed);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn every_call_says_what_it_takes_gives_and_refuses() {
    let document = document().await;
    let mut ids = BTreeSet::new();
    for (name, call) in calls(&document) {
        assert!(ids.insert(call["operationId"].to_string()), "{name}");
        assert!(!call["summary"].as_str().unwrap().is_empty(), "{name}");
        let words = call["description"].as_str().unwrap();
        assert!(
            words.contains('`') && !words.contains('['),
            "{name}: {words}"
        );
        assert!(call["responses"]["default"]["$ref"].is_string(), "{name}");
        let good = call["responses"]
            .get("200")
            .or(call["responses"].get("201"));
        let taken = call["parameters"].as_array().into_iter().flatten();
        let taken: BTreeSet<&str> = taken
            .filter(|one| one["in"] == "path")
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        let named: BTreeSet<&str> = name
            .split('{')
            .skip(1)
            .map(|part| part.split('}').next().unwrap())
            .collect();
        assert_eq!(taken, named, "{name}");
        let Some(good) = good else {
            assert!(call["responses"]["204"].is_object(), "{name}");
            continue;
        };
        let content = good["content"].as_object();
        let mut shapes = content.into_iter().flat_map(|content| content.values());
        let shape = shapes.next().map(|shape| &shape["schema"]);
        assert!(
            shape.is_some_and(Value::is_object),
            "{name} answers with nothing"
        );
    }
    let codes = &document["components"]["schemas"]["Error"]["properties"]["code"]["enum"];
    for error in Error::examples() {
        assert!(codes.as_array().unwrap().contains(&error.code().into()));
    }
    assert_eq!(
        document["components"]["securitySchemes"]["session"]["in"],
        "cookie"
    );
}

#[tokio::test]
async fn every_call_says_which_token_makes_it_or_that_none_does() {
    let document = document().await;
    let token = &document["components"]["securitySchemes"]["token"];
    assert_eq!(
        (&token["type"], &token["scheme"]),
        (&"http".into(), &"bearer".into())
    );
    let (mut open, mut closed) = (0, 0);
    for (name, call) in calls(&document) {
        let (method, path) = name.split_once(' ').unwrap();
        let needed = scopes::of(&method.parse().unwrap(), path);
        let ways = call["security"].as_array().cloned().unwrap_or_default();
        let scopes: Vec<&Value> = ways.iter().filter_map(|way| way.get("token")).collect();
        let words = call["description"].as_str().unwrap();
        match needed {
            Some(needed) if needed != Needed::Frame => {
                let all = needed.scopes().iter().map(|scope| scope.as_str());
                assert_eq!(scopes, [&json!(all.collect::<Vec<_>>())], "{name}");
                assert!(words.contains("`scope_needed`"), "{name}: {words}");
                let is_alone = ways.len() == 1;
                let is_of_programs = path.starts_with("/api/v1/house/");
                assert_eq!(is_alone, is_of_programs, "{name}: {ways:?}");
                open += 1;
            }
            None | Some(_) => {
                assert!(scopes.is_empty(), "{name}: {ways:?}");
                assert!(words.contains("`not_for_tokens`"), "{name}: {words}");
                closed += 1;
            }
        }
    }
    assert!(open > 50 && closed > 10, "{open} and {closed}");
}

#[tokio::test]
async fn what_is_referred_to_is_there() {
    let document = document().await;
    let text = document.to_string();
    let mut seen = 0;
    for part in text.split("\"$ref\":\"#").skip(1) {
        let place = part.split('"').next().unwrap();
        assert!(document.pointer(place).is_some(), "{place}");
        seen += 1;
    }
    assert!(seen > 60, "{seen}");
}

#[tokio::test]
async fn answers_are_as_they_are_described() {
    let server = Server::start(&[]);
    let mut ada = Guest::visiting(&server).await;
    ada.register("Ada", "a long pass phrase").await;
    let (mut ws, _) = ada.feed().await;
    ws.post("tea").await;
    let document = ada.get("/api/openapi.json").await.json();
    for (path, shape) in [
        ("/api/v1/me", "MyselfAnswer"),
        ("/api/v1/rooms", "RoomsAnswer"),
        ("/api/v1/rooms/1", "RoomAnswer"),
        ("/api/v1/rooms/1/messages", "MessagesAnswer"),
        ("/api/v1/rooms/1/messages/1", "MessageAnswer"),
        ("/api/v1/search?q=tea", "SearchAnswer"),
        ("/api/v1/rooms/1/members", "MembersAnswer"),
        ("/api/v1/rooms/1/people", "Presence"),
        ("/api/v1/me/devices", "DevicesAnswer"),
        ("/api/v1/me/export", "DataAnswer"),
        ("/api/v1/people?q=ada", "PeopleAnswer"),
    ] {
        let answer = ada.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        holds(
            &document,
            &answer.json(),
            &document["components"]["schemas"][shape],
            path,
        );
    }
}

/// Holds an answer against a schema: no field that is not described, none missing that must be there.
fn holds(document: &Value, value: &Value, schema: &Value, place: &str) {
    let schema = resolved(document, schema);
    let either = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    if let Some(either) = either {
        let other = either.iter().find(|one| one["type"] != "null").unwrap();
        if !value.is_null() {
            holds(document, value, other, place);
        }
        return;
    }
    if let Some(list) = value.as_array() {
        for one in list {
            holds(document, one, &schema["items"], place);
        }
        return;
    }
    let Some(object) = value.as_object() else {
        return;
    };
    let (mut known, mut needed) = (serde_json::Map::new(), Vec::new());
    fields(document, schema, &mut known, &mut needed);
    for (name, value) in object {
        let at = format!("{place} {name}");
        holds(
            document,
            value,
            known
                .get(name)
                .unwrap_or_else(|| panic!("{at} is not described")),
            &at,
        );
    }
    for name in needed {
        assert!(object.contains_key(&name), "{place} has no {name}");
    }
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn fields(
    document: &Value,
    schema: &Value,
    known: &mut serde_json::Map<String, Value>,
    needed: &mut Vec<String>,
) {
    let schema = resolved(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        fields(document, part, known, needed);
    }
    known.extend(
        schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default(),
    );
    let required = schema["required"].as_array().into_iter().flatten();
    needed.extend(required.map(|name| name.as_str().unwrap().to_owned()));
}

#[tokio::test]
async fn the_page_has_every_call_and_asks_for_nothing_from_elsewhere() {
    let server = Server::start(&[]);
    let mut guest = Guest::of(&server);
    let answer = guest.get("/api/docs").await;
    assert_eq!(answer.status, 200);
    let html = answer.text();
    let document = guest.get("/api/openapi.json").await.json();
    for (_, call) in calls(&document) {
        let heading = format!("<article id={}>", call["operationId"]);
        assert!(html.contains(&heading), "{heading}");
    }
    for shape in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(
            html.contains(&format!("<article id=\"shape-{shape}\">")),
            "{shape}"
        );
    }
    for error in Error::examples() {
        assert!(html.contains(&format!("<code>{} ", error.code())));
    }
    for not in [
        "<script", "<style", " style=", "http://", "https://", " src=", " on",
    ] {
        let tags: Vec<&str> = html
            .split('<')
            .map(|tag| tag.split('>').next().unwrap())
            .filter(|tag| format!("<{tag}").contains(not))
            .collect();
        assert!(tags.is_empty(), "{not}: {tags:?}");
    }
    for link in html.split(" href=\"").skip(1) {
        let target = link.split('"').next().unwrap();
        if let Some(id) = target.strip_prefix('#') {
            assert!(html.contains(&format!(" id=\"{id}\"")), "{target}");
        } else {
            let status = guest.get(target).await.status;
            assert_eq!(status, 200, "{target}");
        }
    }
}
