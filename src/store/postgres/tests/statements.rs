//! Every statement of the store is one that PostgreSQL understands, with no type that the adapter does not have.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use tokio_postgres::types::Type;

use crate::store::rows::columns;
use crate::store::search::scope;
use crate::store::testing::{self, TestDb};

/// What SQLite's index of the messages is asked, and nothing else.
const OF_FTS5: [&str; 4] = [
    "search MATCH",
    "(search, rank)",
    "(search) VALUES",
    "total_changes()",
];

/// What is put together for each table that moves; it is asked of SQLite.
const OF_EACH_TABLE: &str = " FROM {table}";

/// A piece of Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    /// A name, with the mark of a macro.
    Name(String),
    Other(char),
}

/// The pieces of a file, without comments.
fn tokens(code: &str) -> Vec<Token> {
    let mut all = Vec::new();
    let mut rest = code.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            '"' => all.push(Token::Text(literal(&mut rest))),
            // A character: it may be a quotation mark.
            '\'' if rest.peek() == Some(&'"') => drop(rest.next()),
            c if c.is_alphabetic() || c == '_' => {
                let mut name = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_' || *c == '!')
                {
                    name.push(c);
                }
                all.push(Token::Name(name));
            }
            c if c.is_whitespace() => {}
            c => all.push(Token::Other(c)),
        }
    }
    all
}

/// What stands before the closing quotation mark.
fn literal(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '"' => break,
            '\\' => match rest.next().unwrap() {
                '\n' => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                c => text.push(c),
            },
            c => text.push(c),
        }
    }
    text
}

/// Takes the macros out of a file that join texts with the one that they are given, and returns what they join.
fn macros(tokens: &mut Vec<Token>) -> HashMap<String, Vec<Token>> {
    let mut all = HashMap::new();
    let word = |word: &str| Token::Name(word.to_owned());
    while let Some(at) = tokens
        .iter()
        .position(|token| *token == word("macro_rules!"))
    {
        let Some(Token::Name(name)) = tokens.get(at + 1).cloned() else {
            panic!("a macro without a name");
        };
        let end = group(tokens, at + 2).1;
        let body: Vec<Token> = tokens.drain(at..end).collect();
        if let Some(concat) = body.iter().rposition(|token| *token == word("concat!")) {
            all.insert(format!("{name}!"), group(&body, concat + 1).0.to_vec());
        }
    }
    all
}

/// The texts of some pieces, with what macros make of them.
fn texts(tokens: &[Token], macros: &HashMap<String, Vec<Token>>, of_files: bool) -> Vec<String> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            Token::Text(text) => all.push(text.clone()),
            Token::Name(name) if name.ends_with('!') => {
                let (inside, end) = group(tokens, at);
                let parts = texts(inside, macros, of_files);
                match (&**name, macros.get(name)) {
                    ("concat!", _) => all.push(parts.concat()),
                    ("readable!", _) => all.push(scope::readable!().to_owned()),
                    ("columns!", _) if of_files => all.push(format!("{FILES}{}", parts.concat())),
                    ("columns!", _) if parts.is_empty() => all.push(columns!().to_owned()),
                    ("columns!", _) => {
                        all.push(columns!("FROM_HERE").replace("FROM_HERE", &parts.concat()));
                    }
                    (_, Some(body)) => {
                        let body = filled(body, &parts.concat());
                        all.push(texts(&body, macros, of_files).concat());
                    }
                    _ => all.extend(parts),
                }
                at = end;
            }
            _ => {}
        }
    }
    all
}

/// What a macro joins, with what it is given where it names that.
fn filled(body: &[Token], given: &str) -> Vec<Token> {
    let part = |token: &Token| match token {
        Token::Other('$') => Token::Text(given.to_owned()),
        token => token.clone(),
    };
    body.iter().map(part).collect()
}

/// What `columns!` of `files/mod.rs` begins with.
const FILES: &str = "SELECT id, owner, state, kind, size, got, stored, name, media_type, why, detail, room_id, message_id, touched_at FROM files ";

/// What stands in the brackets that open at `from`, and where they have ended.
fn group(tokens: &[Token], from: usize) -> (&[Token], usize) {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token {
            Token::Other('(' | '{' | '[') => depth += 1,
            Token::Other(')' | '}' | ']') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (tokens.get(from + 1..at).unwrap_or_default(), at + 1);
        }
    }
    (&[], tokens.len())
}

fn sources(directory: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        match name {
            "tests" | "tests.rs" | "testing.rs" | "postgres" | "migrations" => {}
            "sqlite.rs" | "sqlite" | "backup.rs" => {}
            _ if path.is_dir() => sources(&path, all),
            _ => all.push(path),
        }
    }
}

/// All statements, with the files that they stand in.
fn statements() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    sources(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store")),
        &mut files,
    );
    let mut all = Vec::new();
    for file in files {
        let code = fs::read_to_string(&file).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let of_files = file.parent().unwrap().ends_with("files");
        let mut tokens = tokens(code);
        let macros = macros(&mut tokens);
        for text in texts(&tokens, &macros, of_files) {
            let verbs = [
                "SELECT ",
                "INSERT ",
                "UPDATE ",
                "DELETE ",
                "WITH ",
                "TRUNCATE ",
            ];
            let is_sql = verbs.iter().any(|verb| text.starts_with(verb));
            let is_other = OF_FTS5.iter().any(|own| text.contains(own));
            if is_sql && !is_other && !text.contains(OF_EACH_TABLE) {
                all.push((file.clone(), text));
            }
        }
    }
    all
}

#[test]
fn every_statement_is_understood_and_has_known_types() {
    let all = statements();
    assert!(all.len() > 200, "{}", all.len());
    let TestDb::Postgres(mut db) = testing::postgres() else {
        panic!("another database");
    };
    let known = [
        Type::INT8,
        Type::INT4,
        Type::INT2,
        Type::BOOL,
        Type::TEXT,
        Type::VARCHAR,
        Type::UUID,
    ];
    let mut wrong = Vec::new();
    for (file, sql) in all {
        let file = file.display();
        match db.ask(None, async |session, _| session.types(&sql).await) {
            Err(error) => wrong.push(format!("{file}: {error}: {sql}")),
            Ok(types) => {
                for ty in types.iter().filter(|ty| !known.contains(ty)) {
                    wrong.push(format!("{file}: {ty}: {sql}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
