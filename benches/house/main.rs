//! The house measured from outside, with a database on the disk that holds the build. What needs
//! a crowd and a floor is measured by `teahouse bench`.
//!
//! `cargo bench --bench house -- start`, `durable [random]`, `resume`, `restart [CONNECTIONS]`; all
//! of them without arguments. Linux only: memory is read from `/proc`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that cannot go on ends, and what it finds it prints"
)]

mod durable;
mod restart;
mod resume;
mod start;
mod support;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let number = words.iter().find_map(|word| word.parse().ok());
    match words.first().map(String::as_str) {
        Some("start") => start::run(),
        Some("durable") => durable::run(words.iter().any(|word| word == "random")),
        Some("restart") => restart::run(number),
        Some("resume") => resume::run(),
        _ => {
            start::run();
            resume::run();
            durable::run(false);
            restart::run(None);
        }
    }
}
