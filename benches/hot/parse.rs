//! A client's frame, as text, to what it asks for.

use std::hint::black_box;

use criterion::Criterion;
use teahouse::protocol::request;

const SEND: &str = r#"{"type":12,"data":{"nonce":"01890a5d-ac96-774b-bcce-b302099a8057","room":1,"content":"The kettle is on, come in. 茶已经泡好了，进来坐。"}}"#;
const CLASSIC: &str =
    r#"{"type":3,"data":{"content":"The kettle is on, come in. 茶已经泡好了，进来坐。"}}"#;

/// Times a line of chat in both protocols.
pub fn bench(criterion: &mut Criterion) {
    for (name, text) in [("feed", SEND), ("classic", CLASSIC)] {
        assert!(request::parse(text).is_ok());
        criterion.bench_function(&format!("parse: a send, {name}"), |bencher| {
            bencher.iter(|| black_box(request::parse(black_box(text))).is_ok());
        });
    }
}
