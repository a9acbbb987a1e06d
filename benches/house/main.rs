//! The house measured from outside, against what the kernel alone would cost.
//!
//! `cargo bench --bench house -- fanout [CONNECTIONS [MESSAGES]]`, `idle [CONNECTIONS]`, `durable [random]`,
//! `resume`, `restart [CONNECTIONS]`; all of them without arguments. Linux only: core pinning by
//! `taskset`, figures from `/proc`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that cannot go on ends, and what it finds it prints"
)]

mod durable;
mod fanout;
mod feed;
mod floor;
mod idle;
mod restart;
mod resume;
mod support;

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    match (words.first().map(String::as_str), numbers.as_slice()) {
        (Some("floor"), [connections, length]) => floor::run(*connections, *length),
        (Some("idle"), numbers) => idle::run(numbers.first().copied()),
        (Some("fanout"), numbers) => {
            fanout::run(&words, numbers.first().copied(), numbers.get(1).copied())
        }
        (Some("durable"), _) => durable::run(words.iter().any(|word| word == "random")),
        (Some("restart"), numbers) => restart::run(numbers.first().copied()),
        (Some("resume"), _) => resume::run(),
        _ => {
            idle::run(None);
            resume::run();
            durable::run(false);
            restart::run(None);
            fanout::run(&["fanout".to_owned()], None, None);
        }
    }
}
