//! What the index is asked, in the language of each database's index.

use crate::text::tokens::Way;

/// Which rows of the index are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// Those that have a word.
    Is(String),
    /// Those that have a word that begins so.
    Begins(String),
    /// Those of one at least; of nothing, none.
    Any(Vec<Ask>),
    /// Those of each.
    All(Vec<Ask>),
    /// Those of the first that are not of the second.
    Without(Box<Ask>, Box<Ask>),
}

impl Ask {
    pub(super) fn is(word: impl Into<String>) -> Self {
        Self::Is(word.into())
    }

    pub(super) fn way(way: &Way) -> Self {
        match way {
            Way::Is(word) => Self::is(&**word),
            Way::Begins(word) => Self::Begins((&**word).into()),
        }
    }

    /// For SQLite's FTS5 (<https://sqlite.org/fts5.html#full_text_query_syntax>).
    pub(super) fn fts5(&self) -> String {
        // Nothing in a term is an operator.
        let quoted = |word: &str| format!("\"{}\"", word.replace('"', ""));
        match self {
            Self::Is(word) => quoted(word),
            Self::Begins(word) => format!("{}*", quoted(word)),
            Self::Any(asks) => joined(asks, Self::fts5, " OR "),
            Self::All(asks) => joined(asks, Self::fts5, " AND "),
            Self::Without(ask, not) => format!("({} NOT {})", ask.fts5(), not.fts5()),
        }
    }

    /// For PostgreSQL's tsquery (<https://www.postgresql.org/docs/current/datatype-textsearch.html>).
    pub(super) fn tsquery(&self) -> String {
        let quoted = |word: &str| {
            let word = word.replace('\\', "\\\\").replace('\'', "''");
            format!("'{word}'")
        };
        match self {
            Self::Is(word) => quoted(word),
            Self::Begins(word) => format!("{}:*", quoted(word)),
            Self::Any(asks) => joined(asks, Self::tsquery, " | "),
            Self::All(asks) => joined(asks, Self::tsquery, " & "),
            Self::Without(ask, not) => format!("({} & !{})", ask.tsquery(), not.tsquery()),
        }
    }
}

fn joined(asks: &[Ask], say: impl Fn(&Ask) -> String, by: &str) -> String {
    let asks: Vec<String> = asks.iter().map(say).collect();
    format!("({})", asks.join(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_an_operator_in_either_language() {
        let any = Ask::Any(["a\"b", "c'd\\"].map(Ask::is).to_vec());
        let all = Ask::All(vec![any, Ask::Begins("e".into())]);
        let ask = Ask::Without(Box::new(all), Box::new(Ask::Any(vec![Ask::is(":7")])));
        assert_eq!(
            ask.fts5(),
            "(((\"ab\" OR \"c'd\\\") AND \"e\"*) NOT (\":7\"))"
        );
        assert_eq!(ask.tsquery(), "((('a\"b' | 'c''d\\\\') & 'e':*) & !(':7'))");
    }
}
