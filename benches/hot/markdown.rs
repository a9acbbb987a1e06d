//! Words as somebody sends them, to HTML: what is usual, and what is made to take long. All have
//! the longest length that a server may allow, and the one that it allows by default.

use std::hint::black_box;

use criterion::Criterion;
use teahouse::text::body::RenderedBody;
use teahouse::text::content::Format;
use teahouse::text::markdown;

/// The default of `[chat] max_message_chars`, and its greatest value.
const LENGTHS: [usize; 2] = [4_000, 20_000];

const USUAL: [(&str, &str); 4] = [
    (
        "plain words",
        "The kettle is on, come in. 茶已经泡好了，进来坐。",
    ),
    ("a call", "@Ada, the kettle is on, come in."),
    (
        "bold, code and a link",
        "The **kettle** is on, see `kettle.rs` and https://example.org/tea.",
    ),
    (
        "a list and code",
        "Three things:\n\n- **water**, 85°\n- leaves\n- time\n\n```rust\nfn brew(leaves: &Leaves) -> Tea {\n    // three minutes\n    leaves.steep(180)\n}\n```",
    ),
];

/// What is repeated, up to the length.
const BOMBS: [(&str, &str); 30] = [
    ("quotes in quotes", "> "),
    ("lists in lists", "- "),
    ("brackets", "["),
    ("closed brackets", "[]"),
    ("pictures", "!["),
    ("stars", "*"),
    ("stars and letters", "*a_ "),
    ("stars that match nothing", "a**b "),
    ("bold letters", "**a**"),
    ("Chinese bold", "**“好”**吗"),
    ("strikes", "~~a~~"),
    ("backticks", "`"),
    ("backticks that grow", "` `` ``` ```` ````` "),
    ("code spans", "`a`"),
    ("links", "[a](http://b.c)"),
    ("bare links", "http://b.c "),
    ("mail", "a@b.c "),
    ("calls", "@a "),
    ("definitions", "[a]: http://b.c\n"),
    ("references", "[a] "),
    ("tables", "|a|b|c|d|\n|-|-|-|-|\n"),
    ("a row of cells", "|a"),
    ("table heads", "|-"),
    ("entities", "&amp;&#60;"),
    ("tags", "<b a=\"c\">"),
    ("comments", "<!-- "),
    ("angles", "<"),
    ("backslashes", "\\\\*"),
    ("line breaks", "a\n"),
    ("blank lines", "a\n\n"),
];

/// Times them all.
pub fn bench(criterion: &mut Criterion) {
    for (name, body) in USUAL {
        criterion.bench_function(&format!("markdown: {name}"), |bencher| {
            bencher.iter(|| RenderedBody::new(black_box(body).to_owned(), Format::Markdown));
        });
    }
    for length in LENGTHS {
        let mut group = criterion.benchmark_group(format!("markdown of {length}"));
        group.sample_size(10);
        for (name, piece) in BOMBS {
            let body: String = piece.chars().cycle().take(length).collect();
            group.bench_function(name, |bencher| {
                bencher.iter(|| markdown::render(black_box(&body)));
            });
        }
        for (name, body) in made(length) {
            let body: String = body.chars().take(length).collect();
            group.bench_function(name, |bencher| {
                bencher.iter(|| markdown::render(black_box(&body)));
            });
            group.bench_function(format!("{name}, as text"), |bencher| {
                bencher.iter(|| markdown::plain(black_box(&body)).len());
            });
        }
        group.finish();
    }
}

/// Bombs that are no repetition.
fn made(length: usize) -> [(&'static str, String); 11] {
    let deep = |open: &str, close: &str| {
        let times = length / (open.len() + close.len());
        open.repeat(times) + &close.repeat(times)
    };
    let indented = (0..).map(|depth| " ".repeat(2 * depth) + "- a\n");
    let definitions: String = (0..length / 24)
        .map(|number| format!("[{number}]: http://b.c/{number}\n"))
        .collect();
    let references: String = (0..length / 24)
        .map(|number| format!("[{number}]"))
        .collect();
    [
        (
            "a link and angles",
            format!("http://b.c {}", "<".repeat(length)),
        ),
        (
            "a link and line breaks",
            format!("http://b.c\n{}", "a\n".repeat(length / 2)),
        ),
        (
            "addresses of entities",
            format!("http://b.c/?{} ", "&".repeat(180)).repeat(length / 190),
        ),
        ("brackets in brackets", deep("[", "]")),
        ("links in links", deep("[", "](a)")),
        ("stars in stars", deep("*a ", "a*")),
        ("a staircase", indented.take(length / 8).collect()),
        ("many definitions", definitions + "\n" + &references),
        (
            "code with many parts",
            format!("```rust\n{}", "1 a \"b\" ".repeat(length / 8)),
        ),
        (
            "a short table again and again",
            "|a|b|\n|-|-|\n|*c*|`d`|\n\n".repeat(length / 20),
        ),
        (
            "all that is allowed",
            format!(
                "{}{}",
                "**a** *b* `c` ~~d~~ ".repeat(length / 40),
                "[a](http://b.c) @a ".repeat(length / 40)
            ),
        ),
    ]
}
