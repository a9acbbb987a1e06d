//! What `teahouse site-key` prints is all that a site needs: its key goes into the settings, and its example makes tokens
//! that are taken, in each language.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use teahouse::auth::site_token::{Claims, Refusal, Verifier};
use teahouse::config::Config;
use teahouse::text::clock;

use crate::support::run_program;

const HOUSE: &str = "https://chat.example.org";

/// A name that each language must bring over whole.
const NAME: &str = "苏轼 \"Su\" \\ O'Neil <😀>";

/// What the command prints: the line for `config.toml`, the variables, and the example.
struct Printed {
    line: String,
    variables: Vec<(String, String)>,
    example: String,
}

fn site_key(home: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Printed {
    let arguments: Vec<&str> = [&["site-key"], arguments].concat();
    let (code, out, err) = run_program(home, &arguments, settings);
    assert_eq!(code, Some(0), "{err}");
    let parts: Vec<&str> = out.splitn(3, "\n\n").collect();
    let [config, environment, example] = *parts else {
        panic!("{out}")
    };
    let (_, line) = config.split_once('\n').unwrap();
    let (_, variables) = environment.split_once('\n').unwrap();
    let (_, example) = example.split_once('\n').unwrap();
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    Printed {
        line: line.to_owned(),
        variables: variables.lines().map(pair).collect(),
        example: example.to_owned(),
    }
}

/// What takes tokens by these settings of `[site]`.
fn verifier(home: &Path, line: &str) -> Verifier {
    let file = home.join("config.toml");
    let text = format!("[server]\npublic_url = \"{HOUSE}\"\n[site]\n{line}\n");
    std::fs::write(&file, text).unwrap();
    let config = Config::load(Some(&file), &BTreeMap::new()).unwrap();
    Verifier::new(&config.site, &config.server.public_url).unwrap()
}

/// What the token of an example says, as one of these keys' settings takes it; `None` where the language is not installed.
fn made_in(language: &str, file: &str, program: &[&str]) -> Option<Result<Claims, Refusal>> {
    let home = tempfile::tempdir().unwrap();
    let printed = site_key(
        home.path(),
        &["--for", language],
        &[("server.public_url", HOUSE)],
    );
    std::fs::write(home.path().join(file), &printed.example).unwrap();
    let made = Command::new(program[0])
        .args(&program[1..])
        .args([file, "4711", NAME])
        .current_dir(home.path())
        .envs(printed.variables)
        .envs([
            ("LC_ALL", "C.UTF-8"),
            ("HOME", home.path().to_str().unwrap()),
        ])
        .output();
    let made = match made {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("{language}: skipped, {} is not installed", program[0]);
            return None;
        }
        made => made.unwrap(),
    };
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{language}: {said}");
    let token = String::from_utf8(made.stdout).unwrap();
    Some(verifier(home.path(), &printed.line).verify(token.trim_end(), clock::now_ms()))
}

#[test]
fn the_example_of_each_language_makes_tokens_that_are_taken() {
    let mut ids = Vec::new();
    for (language, file, program) in [
        ("go", "token.go", &["go", "run"][..]),
        ("java", "Token.java", &["java"]),
        ("node", "token.mjs", &["node"]),
        ("php", "token.php", &["php"]),
        ("python", "token.py", &["python3"]),
    ] {
        let Some(read) = made_in(language, file, program) else {
            continue;
        };
        let claims = read.unwrap_or_else(|refusal| panic!("{language}: {}", refusal.check()));
        assert_eq!(
            (&*claims.subject, &*claims.name),
            ("4711", NAME),
            "{language}"
        );
        assert_eq!(claims.until - claims.issued, 91_000, "{language}");
        ids.push(claims.token_id);
    }
    let made = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), made, "each token is another");
}

#[test]
fn each_key_is_another_and_has_a_name_that_is_free() {
    let home = tempfile::tempdir().unwrap();
    let house = ("server.public_url", HOUSE);
    let first = site_key(home.path(), &[], &[house]);
    let key = first.variables[0].1.clone();
    assert_eq!(first.line, format!("keys = [\"{key}\"]"));
    let second = site_key(home.path(), &[], &[house, ("site.keys", &key)]);
    let (first_id, second_id) = (
        key.split(':').next().unwrap(),
        second.variables[0].1.split(':').next().unwrap(),
    );
    assert!(
        first_id.ends_with('a') && second_id.ends_with('b'),
        "{first_id} {second_id}"
    );
    let named = site_key(home.path(), &["--id", "blog"], &[]);
    assert!(named.line.starts_with("keys = [\"blog:"), "{}", named.line);
    let again = site_key(home.path(), &["--id", "blog"], &[]);
    assert_ne!(named.line, again.line);
    let (code, _, err) = run_program(home.path(), &["site-key", "--id", "a b"], &[]);
    assert!(
        code == Some(1) && err.contains("the key has a name"),
        "{err}"
    );
}
