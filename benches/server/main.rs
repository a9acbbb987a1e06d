//! The server measured from outside, with a database on the disk that holds the build. What needs
//! a crowd and a floor is measured by `teahouse bench`.
//!
//! `cargo bench --bench server -- start`, `disk [random]`, `resume`, `rooms`, `search [postgres://…]`, `uploads`; all of them without arguments. Linux only: memory is read from `/proc`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that cannot go on ends, and what it finds it prints"
)]

mod disk;
mod resume;
mod rooms;
mod search;
mod start;
mod support;
mod uploads;

fn main() {
    let body: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    match body.first().map(String::as_str) {
        Some("start") => start::run(),
        Some("disk") => disk::run(body.iter().any(|word| word == "random")),
        Some("resume") => resume::run(),
        Some("rooms") => rooms::run(),
        Some("search") => search::run(body.get(1).map(String::as_str)),
        Some("uploads") => uploads::run(),
        _ => {
            start::run();
            resume::run();
            rooms::run();
            search::run(None);
            uploads::run();
            disk::run(false);
        }
    }
}
