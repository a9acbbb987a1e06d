//! The pieces that every message passes, timed one by one, so that a change that slows one of them
//! shows: `cargo bench --bench hot`. criterion compares with the run before.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on ends")]

mod encode;
mod markdown;
mod parse;
mod permission;
mod walk;

criterion::criterion_group!(
    hot,
    encode::bench,
    markdown::bench,
    parse::bench,
    permission::bench,
    walk::bench
);
criterion::criterion_main!(hot);
