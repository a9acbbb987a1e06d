//! What the lexer knows of each language: keywords, comments, strings.

/// A language, or a family that is lexed alike.
#[derive(Debug)]
pub(in crate::text::markdown) struct Language {
    /// The class of its code.
    pub class: &'static str,
    /// What people write after the fence.
    pub names: &'static [&'static str],
    /// Keywords, in alphabetical order; for SQL in lower case.
    pub words: &'static [&'static str],
    /// What begins a comment that ends with the line.
    pub line: &'static [&'static str],
    /// What begins and ends a longer comment.
    pub block: Option<(&'static str, &'static str)>,
    /// What strings begin and end with; a longer one first.
    pub strings: &'static [Quote],
    /// How else it differs.
    pub ways: Ways,
}

/// How a string is written.
#[derive(Debug)]
pub(in crate::text::markdown) struct Quote {
    /// At both ends.
    pub mark: &'static str,
    /// Whether a backslash takes the next character along.
    pub escapes: bool,
    /// Whether it may go on over lines.
    pub lines: bool,
}

/// How a language differs from most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::text::markdown) enum Ways {
    /// No difference.
    Usual,
    /// `'a` is no string that was left open: a quote is one only with its end near.
    Lifetimes,
    /// Words are the same in capitals.
    AnyCase,
    /// A word or string before `:` or `=` is a key.
    Keys,
    /// Words after `<` and `</` are tags.
    Tags,
}

const fn quote(mark: &'static str, escapes: bool, lines: bool) -> Quote {
    Quote {
        mark,
        escapes,
        lines,
    }
}

const DOUBLE: Quote = quote("\"", true, false);
const SINGLE: Quote = quote("'", true, false);
const TICK: Quote = quote("`", true, true);
const RAW_TICK: Quote = quote("`", false, true);
const RAW_SINGLE: Quote = quote("'", false, true);
const LONG_DOUBLE: Quote = quote("\"\"\"", true, true);
const LONG_SINGLE: Quote = quote("'''", true, true);
const LINES_DOUBLE: Quote = quote("\"", true, true);

const SLASHES: Option<(&str, &str)> = Some(("/*", "*/"));

/// All languages.
#[rustfmt::skip]
pub(super) const LANGUAGES: [Language; 13] = [
    Language {
        class: "language-rust",
        names: &["rust", "rs"],
        words: &[
            "Self", "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn", "for",
            "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super",
            "trait", "true", "type", "union", "unsafe", "use", "where", "while", "yield",
        ],
        line: &["//"],
        block: SLASHES,
        strings: &[LINES_DOUBLE, SINGLE],
        ways: Ways::Lifetimes,
    },
    Language {
        class: "language-python",
        names: &["python", "py", "python3"],
        words: &[
            "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def", "del", "elif",
            "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match", "nonlocal", "not", "or",
            "pass", "raise", "return", "self", "try", "while", "with", "yield",
        ],
        line: &["#"],
        block: None,
        strings: &[LONG_DOUBLE, LONG_SINGLE, DOUBLE, SINGLE],
        ways: Ways::Usual,
    },
    Language {
        class: "language-javascript",
        names: &["javascript", "js", "jsx", "mjs", "typescript", "ts", "tsx"],
        words: &[
            "abstract", "any", "as", "async", "await", "boolean", "break", "case", "catch", "class", "const", "continue", "debugger",
            "declare", "default", "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "from", "function",
            "get", "if", "implements", "import", "in", "instanceof", "interface", "keyof", "let", "namespace", "new", "null", "number",
            "of", "private", "protected", "public", "readonly", "return", "set", "static", "string", "super", "switch", "this", "throw",
            "true", "try", "type", "typeof", "undefined", "var", "void", "while", "with", "yield",
        ],
        line: &["//"],
        block: SLASHES,
        strings: &[DOUBLE, SINGLE, TICK],
        ways: Ways::Usual,
    },
    Language {
        class: "language-go",
        names: &["go", "golang"],
        words: &[
            "any", "break", "case", "chan", "const", "continue", "default", "defer", "else", "error", "fallthrough", "false", "for",
            "func", "go", "goto", "if", "import", "interface", "iota", "map", "nil", "package", "range", "return", "select", "string",
            "struct", "switch", "true", "type", "var",
        ],
        line: &["//"],
        block: SLASHES,
        strings: &[DOUBLE, SINGLE, RAW_TICK],
        ways: Ways::Usual,
    },
    Language {
        class: "language-java",
        names: &["java", "kotlin", "kt", "scala", "c#", "cs", "csharp", "swift", "dart", "php"],
        words: &[
            "abstract", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const", "continue", "default", "do",
            "double", "else", "enum", "extends", "false", "final", "finally", "float", "for", "fun", "func", "function", "if",
            "implements", "import", "in", "int", "interface", "internal", "is", "let", "long", "namespace", "new", "null", "object",
            "override", "package", "private", "protected", "public", "record", "return", "sealed", "short", "static", "super", "switch",
            "this", "throw", "throws", "true", "try", "using", "val", "var", "void", "when", "while", "yield",
        ],
        line: &["//"],
        block: SLASHES,
        strings: &[LONG_DOUBLE, DOUBLE, SINGLE],
        ways: Ways::Usual,
    },
    Language {
        class: "language-c",
        names: &["c", "h", "cpp", "c++", "cc", "hpp", "cxx", "objc", "zig"],
        words: &[
            "auto", "bool", "break", "case", "catch", "char", "class", "const", "constexpr", "continue", "default", "define", "delete",
            "do", "double", "else", "endif", "enum", "explicit", "extern", "false", "float", "for", "goto", "if", "ifdef", "ifndef",
            "include", "inline", "int", "long", "namespace", "new", "nullptr", "operator", "override", "private", "protected", "public",
            "register", "return", "short", "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw", "true", "try",
            "typedef", "typename", "union", "unsigned", "using", "virtual", "void", "volatile", "while",
        ],
        line: &["//"],
        block: SLASHES,
        strings: &[DOUBLE, SINGLE],
        ways: Ways::Usual,
    },
    Language {
        class: "language-shell",
        names: &["sh", "bash", "shell", "zsh", "console", "fish", "dockerfile", "docker", "makefile", "make"],
        words: &[
            "case", "cd", "do", "done", "echo", "elif", "else", "esac", "exit", "export", "fi", "for", "function", "if", "in", "local",
            "return", "select", "set", "source", "sudo", "then", "unset", "until", "while",
        ],
        line: &["#"],
        block: None,
        strings: &[LINES_DOUBLE, RAW_SINGLE],
        ways: Ways::Usual,
    },
    Language {
        class: "language-sql",
        names: &["sql", "sqlite", "mysql", "postgres", "postgresql", "psql"],
        words: &[
            "add", "all", "alter", "and", "as", "asc", "begin", "between", "by", "case", "check", "column", "commit", "constraint",
            "create", "cross", "default", "delete", "desc", "distinct", "drop", "else", "end", "exists", "explain", "false", "foreign",
            "from", "full", "group", "having", "if", "in", "index", "inner", "insert", "into", "is", "join", "key", "left", "like",
            "limit", "not", "null", "offset", "on", "or", "order", "outer", "over", "partition", "primary", "references", "returning",
            "right", "rollback", "select", "set", "table", "then", "true", "union", "unique", "update", "using", "values", "view", "when",
            "where", "with",
        ],
        line: &["--"],
        block: SLASHES,
        strings: &[RAW_SINGLE, DOUBLE],
        ways: Ways::AnyCase,
    },
    Language {
        class: "language-json",
        names: &["json", "jsonc", "json5"],
        words: &["false", "null", "true"],
        line: &["//"],
        block: SLASHES,
        strings: &[DOUBLE],
        ways: Ways::Keys,
    },
    Language {
        class: "language-toml",
        names: &["toml", "ini", "conf", "properties", "env"],
        words: &["false", "true"],
        line: &["#", ";"],
        block: None,
        strings: &[LONG_DOUBLE, LONG_SINGLE, DOUBLE, RAW_SINGLE],
        ways: Ways::Keys,
    },
    Language {
        class: "language-yaml",
        names: &["yaml", "yml"],
        words: &["false", "no", "null", "true", "yes"],
        line: &["#"],
        block: None,
        strings: &[DOUBLE, RAW_SINGLE],
        ways: Ways::Keys,
    },
    Language {
        class: "language-html",
        names: &["html", "xml", "svg", "vue", "htm"],
        words: &[],
        line: &[],
        block: Some(("<!--", "-->")),
        strings: &[LINES_DOUBLE, RAW_SINGLE],
        ways: Ways::Tags,
    },
    Language {
        class: "language-css",
        names: &["css", "scss", "less"],
        words: &["important", "import", "media", "supports"],
        line: &[],
        block: SLASHES,
        strings: &[DOUBLE, SINGLE],
        ways: Ways::Keys,
    },
];
