//! The rules of axe (<https://github.com/dequelabs/axe-core>) for accessibility, asked of what somebody has before them.
//!
//! It is installed by `scripts/test`, or `npm --prefix tools/page ci`; where it is not, what asks it says so and goes on.

use std::path::Path;

use serde_json::json;

use super::Person;

impl Person {
    /// What they look at breaks no rule within these selectors; `what` names it.
    pub async fn breaks_no_rule(&self, what: &str, within: &[&str]) {
        let Some(axe) = axe() else {
            eprintln!("skipped: axe is not installed (npm --prefix tools/page ci)");
            return;
        };
        // What moves has not the colours yet that it comes to.
        self.until(
            "nothing moves",
            "document.getAnimations({ subtree: true }).every(({ playState }) => playState !== 'running')",
        )
        .await;
        self.browser.execute(axe, vec![]).await.unwrap();
        // Each document is asked by itself.
        let look = format!(
            "axe.run({{ include: {} }}, {{ iframes: false, resultTypes: ['violations'] }}).then(({{ violations, passes }}) => [passes.length,
                violations.flatMap(({{ id, help, nodes }}) => nodes.map(({{ target, failureSummary }}) => `${{id}} (${{help}}): ${{target}}: ${{failureSummary}}`))])",
            json!(within.iter().map(|css| [css]).collect::<Vec<_>>())
        );
        let (kept, broken): (usize, Vec<String>) = self.look(&look).await;
        assert!(broken.is_empty(), "{what}: {broken:#?}");
        assert!(kept > 0, "{what}: there is nothing to look at");
    }
}

fn axe() -> Option<String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/page");
    std::fs::read_to_string(tools.join("node_modules/axe-core/axe.min.js")).ok()
}
