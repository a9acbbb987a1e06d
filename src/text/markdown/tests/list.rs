//! Reads HTML as a browser does, and holds every tag and attribute against what may be there.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::super::{clean, code};

/// What is wrong with a piece of HTML.
#[derive(Default)]
struct Held {
    wrong: RefCell<Vec<String>>,
    open: RefCell<Vec<String>>,
    text: RefCell<String>,
}

impl TokenSink for Held {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => self.tag(&tag),
            Token::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            Token::EOFToken | Token::ParseError(_) => {}
            other => self.wrong(format!("{other:?}")),
        }
        TokenSinkResult::Continue
    }
}

impl Held {
    fn wrong(&self, what: String) {
        self.wrong.borrow_mut().push(what);
    }

    fn tag(&self, tag: &Tag) {
        let name = tag.name.to_string();
        if !clean::TAGS.contains(&name.as_str()) && name != "span" {
            self.wrong(format!("<{name}>"));
        }
        match tag.kind {
            TagKind::StartTag if name != "br" => self.open.borrow_mut().push(name.clone()),
            TagKind::StartTag => {}
            TagKind::EndTag => {
                if self.open.borrow_mut().pop().as_ref() != Some(&name) {
                    self.wrong(format!("</{name}> ends something else"));
                }
            }
        }
        for attribute in &tag.attrs {
            let (key, value) = (
                attribute.name.local.to_string(),
                attribute.value.to_string(),
            );
            let fine = match (name.as_str(), key.as_str()) {
                ("a", "href") => ["http://", "https://", "mailto:"]
                    .iter()
                    .any(|scheme| value.to_ascii_lowercase().starts_with(scheme)),
                ("a", "title") => true,
                ("a", "target") => value == "_blank",
                ("a", "rel") => value == "noopener noreferrer nofollow ugc",
                ("ol", "start") | ("li", "value") => value.parse::<u64>().is_ok(),
                ("code", "class") => code::languages().any(|class| class == value),
                ("li", "class") => value == clean::TASK,
                ("td" | "th", "class") => clean::ALIGNED.contains(&value.as_str()),
                ("span", "class") => value == "mention" || code::CLASSES.contains(&value.as_str()),
                ("span", "data-id") => {
                    value == "all"
                        || value
                            .strip_prefix('u')
                            .is_some_and(|id| id.parse::<u64>().is_ok())
                }
                _ => false,
            };
            if !fine {
                self.wrong(format!("<{name} {key}={value:?}>"));
            }
        }
        let has = |key: &str| {
            tag.attrs
                .iter()
                .any(|attribute| &*attribute.name.local == key)
        };
        if tag.kind == TagKind::StartTag
            && name == "a"
            && !(has("href") && has("rel") && has("target"))
        {
            self.wrong("a link without its address".to_owned());
        }
    }
}

/// The text of HTML in which nothing is but what may be.
///
/// # Panics
/// When something else is in it.
pub(in crate::text) fn text_of(html: &str, written: &str) -> String {
    let tokenizer = Tokenizer::new(Held::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let _done = tokenizer.feed(&queue);
    tokenizer.end();
    let held = tokenizer.sink;
    let wrong = held.wrong.into_inner();
    assert!(wrong.is_empty(), "{written:?} became {html:?}: {wrong:?}");
    let open = held.open.into_inner();
    assert!(
        open.is_empty(),
        "{written:?} became {html:?}: {open:?} open"
    );
    held.text.into_inner()
}

#[test]
fn what_may_not_be_is_found() {
    for html in [
        "<script>",
        "<p onclick=x>",
        "<a href=\"javascript:x\" target=_blank rel=\"noopener noreferrer nofollow ugc\"></a>",
        "<a></a>",
        "<p><em></p>",
        "<!-- x -->",
        "<span class=\"waiting\"></span>",
        "<img>",
    ] {
        let found = std::panic::catch_unwind(|| text_of(html, html));
        assert!(found.is_err(), "{html}");
    }
}
