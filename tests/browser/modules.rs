//! The page's modules by themselves, in a real browser: what they make of data, without a room around
//! them. Each file of `tests/page/` is about the module of its name; what stands there is
//! an object of tests, each a function of `load(name)`, which brings a module, and `is(found, wanted)`.

use std::path::Path;

use serde_json::Value;

use super::{Browsers, site};
use crate::support::Server;

/// Runs every test of one file, and gives `[name, complaint or null]` of each.
const RUN: &str = r#"
    const base = document.querySelector('script[type=module][src]').src.replace(/[^/]*$/, '');
    const load = (name) => import(`${base}${name}.js`);
    const same = (found, wanted) => JSON.stringify(found) === JSON.stringify(wanted);
    const is = (found, wanted, why = '') => {
        if (!same(found, wanted)) throw new Error(`${why} found ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
    };
    return (async () => {
        const told = [];
        for (const [name, test] of Object.entries(TESTS)) {
            told.push([name, await test({ load, is }).then(() => null, (error) => String(error))]);
        }
        return told;
    })();
"#;

#[tokio::test]
async fn each_module_does_what_its_tests_say() {
    let server = Server::start(&[]);
    let browsers = Browsers::start();
    let ann = browsers.person(&site(&server), "en").await;
    ann.open().await;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page");
    let mut files: Vec<_> = std::fs::read_dir(tests)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|name| name == "js"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in files {
        let tests = std::fs::read_to_string(&file).unwrap();
        let script = RUN.replace("TESTS", tests.trim_end().trim_end_matches(';'));
        let told = ann.browser.execute(script, vec![]).await.unwrap();
        let told: Vec<(String, Value)> = told.convert().unwrap();
        assert!(!told.is_empty(), "{} has no tests", file.display());
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        wrong.extend(
            told.into_iter()
                .filter(|(_, complaint)| !complaint.is_null())
                .map(|(test, complaint)| format!("{name}: {test}: {complaint}")),
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    ann.leave().await;
}
