//! Clients that are generated from the API's description, in TypeScript and Python, make a call of each subject: `tools/clients`.
//!
//! The generators are installed by `scripts/client-check`; where they are not, these tests say so.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Member, Server};

/// Where the generators are, if this one is there.
fn tools(program: &str) -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/clients");
    let is_installed = tools.join(program).exists();
    if !is_installed {
        eprintln!("skipped: tools/clients/{program} is not installed");
    }
    is_installed.then_some(tools)
}

/// Runs programs in the folder of the generators, one after the other; what the last one has printed.
async fn run(tools: &Path, environment: &[(&str, String)], commands: &[&[&str]]) -> Value {
    std::fs::create_dir_all(tools.join("generated")).unwrap();
    let mut printed = Vec::new();
    for command in commands {
        let mut program = tokio::process::Command::new(command[0]);
        let environment = environment.iter().map(|(name, value)| (*name, &**value));
        program.args(&command[1..]).envs(environment);
        let done = program.current_dir(tools).output().await.unwrap();
        let out = String::from_utf8_lossy(&done.stdout);
        let complaint = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{command:?}: {out}{complaint}");
        printed = done.stdout;
    }
    serde_json::from_slice(&printed).unwrap()
}

/// A server with somebody who looks after it and has a room and keys, as the clients want to know it.
async fn served(server: &Server) -> Vec<(&'static str, String)> {
    let mut ada = Member::new(server, "Ada").await;
    server.crown("Ada");
    let room = ada.makes("public", "Kitchen").await;
    let run = |arguments: &[&str]| {
        let (code, out, err) = server.run(arguments, "");
        assert_eq!(code, Some(0), "{err}");
        out.trim().to_owned()
    };
    run(&["bot", "add", "Robot"]);
    let key = |account: &str, scopes: &str| run(&["token", "add", account, "--scopes", scopes]);
    vec![
        ("TEAHOUSE_URL", format!("http://{}", server.addr())),
        ("TEAHOUSE_TOKEN", key("Ada", "read,write,rooms")),
        ("TEAHOUSE_HOUSE_TOKEN", key("Robot", "house")),
        ("TEAHOUSE_COOKIE", ada.guest.cookie.clone().unwrap()),
        ("ROOM", room.to_string()),
    ]
}

/// What both clients find.
fn found() -> Value {
    json!({
        "account": "Ada", "rooms": ["Kitchen"], "messages": "Tea?", "files": 0, "people": ["Ada"],
        "server": 1, "bots": 0, "hooks": 0, "invitations": 0, "house": 0, "refused": "empty",
    })
}

#[tokio::test]
async fn a_generated_typescript_client_compiles_and_makes_a_call_of_each_subject() {
    let Some(tools) = tools("node_modules/.bin/openapi-typescript") else {
        return;
    };
    let server = Server::start(&[]);
    let environment = served(&server).await;
    let document = format!("{}/api/openapi.json", environment[0].1);
    let commands: [&[&str]; 3] = [
        &[
            "node_modules/.bin/openapi-typescript",
            &document,
            "-o",
            "generated/api.d.ts",
        ],
        &["node_modules/.bin/tsc", "-p", "."],
        &["node", "generated/built/check.js"],
    ];
    assert_eq!(run(&tools, &environment, &commands).await, found());
}

#[tokio::test]
async fn a_generated_python_client_makes_a_call_of_each_subject() {
    let Some(tools) = tools(".venv/bin/openapi-python-client") else {
        return;
    };
    let server = Server::start(&[]);
    let environment = served(&server).await;
    let document = format!("{}/api/openapi.json", environment[0].1);
    let generate = ".venv/bin/openapi-python-client generate --meta none --overwrite --output-path generated/teahouse_client --url";
    let generate: Vec<&str> = generate.split(' ').chain([&*document]).collect();
    let commands: [&[&str]; 2] = [&generate, &[".venv/bin/python", "check.py"]];
    assert_eq!(run(&tools, &environment, &commands).await, found());
}

#[test]
fn the_clients_make_a_call_of_each_subject_that_the_description_has() {
    let source = include_str!("../../src/web/docs.rs");
    let subjects = source.split("(name = \"").skip(1);
    let subjects = subjects.map(|rest| rest.split('"').next().unwrap().to_lowercase());
    let mut subjects: Vec<String> = subjects.chain(["refused".to_owned()]).collect();
    subjects.sort();
    let mut made: Vec<String> = found().as_object().unwrap().keys().cloned().collect();
    made.sort();
    assert_eq!(subjects, made);
}
