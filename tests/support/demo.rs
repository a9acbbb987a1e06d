//! A server that `teahouse demo` has filled.

use super::Server;

/// Of everybody in it who can sign in.
pub const PASSWORD: &str = "a kettle of long words";

/// A small one.
pub const SMALL: [&str; 8] = [
    "demo",
    "--messages",
    "1500",
    "--people",
    "20",
    "--rooms",
    "12",
    "--password-stdin",
];

/// Fills the database of a server that has stopped; gives the names of two who can sign in, its owner's first.
pub fn fill(server: &Server, more: &[&str]) -> Vec<String> {
    let all: Vec<&str> = SMALL.iter().chain(more).copied().collect();
    let (code, out, err) = server.run(&all, &format!("{PASSWORD}\n"));
    assert_eq!(code, Some(0), "{out}{err}");
    let names = out.split("sign in as ").nth(1).unwrap();
    let names = names.split(';').next().unwrap();
    names.split(" or ").map(str::to_owned).collect()
}
