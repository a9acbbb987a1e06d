//! Scripts and style sheets as they are sent: comments for readers of the source are
//! removed. They are a quarter of the scripts, compressed.

/// `source` with an empty line for each that is a comment and nothing else. The number of lines
/// stays, so that an error names the line of the source. A string over several lines in which one
/// looks like a comment would lose it: the files have none, which a test checks.
pub(super) fn bare(source: &str) -> String {
    let mut bare = String::with_capacity(source.len());
    let mut within = false;
    for line in source.lines() {
        let words = line.trim();
        let begins = words.starts_with("/*");
        let ends = words.ends_with("*/");
        let whole = words.starts_with("//") || (begins && (ends || !words.contains("*/")));
        if !within && !whole {
            push_without_types(&mut bare, line);
        }
        within = (within || (begins && whole)) && !ends;
        bare.push('\n');
    }
    bare
}

/// Removes type annotations within a line: `/** @type {Entry} */ `.
fn push_without_types(bare: &mut String, line: &str) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("/** @") {
        let Some((_, after)) = after.split_once("*/ ") else {
            break;
        };
        bare.push_str(before);
        rest = after;
    }
    bare.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::embedded;

    #[test]
    fn whole_lines_of_comment_are_empty_and_all_else_stays_where_it_is() {
        let source = "// first\nlet a = 1; // kept\n  /** one */\n/* two\n * lines */\n\
            /* beside */ let b = \"// no\";\nlet c = /** @type {A} */ (a) / /** @type {B} */ (b);\n";
        let wanted = "\nlet a = 1; // kept\n\n\n\n/* beside */ let b = \"// no\";\n\
            let c = (a) / (b);\n";
        assert_eq!(bare(source), wanted);
    }

    #[test]
    fn no_comment_of_the_files_ends_before_code_and_no_text_goes_over_lines() {
        for (name, source) in embedded::sources() {
            let mut within = false;
            for line in source.lines() {
                let words = line.trim();
                within |= words.starts_with("/*");
                let after = words.split_once("*/").map(|(_, rest)| rest);
                assert!(!within || after.is_none_or(str::is_empty), "{name}: {line}");
                within &= after.is_none();
                // What stands between two slashes or quotes is part of a pattern or a string.
                let marks = words.replace("\\`", "").matches('`').count();
                let odd = marks % 2 == 1 && !words.contains(['/', '"']);
                assert!(within || words.starts_with("//") || !odd, "{name}: {line}");
            }
        }
    }
}
