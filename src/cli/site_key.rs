//! `teahouse site-key`: a new key for a site that signs its people in here, and how to use it.

use clap::{Args, ValueEnum};

use super::print;
use crate::config::{Config, SiteKey};
use crate::text::clock;

/// Bytes of a key: as many as its hash has.
const BYTES: usize = 32;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// What the key is called; without it, the year and the next letter.
    #[arg(long, value_name = "NAME")]
    id: Option<String>,
    /// The language of the site's server, for an example.
    #[arg(long = "for", value_enum, default_value = "php")]
    language: Language,
}

/// A language that there is an example in.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    Go,
    Java,
    Node,
    Php,
    Python,
}

impl Language {
    fn example(self) -> &'static str {
        match self {
            Self::Go => include_str!("../../docs/site/snippets/token.go"),
            Self::Java => include_str!("../../docs/site/snippets/Token.java"),
            Self::Node => include_str!("../../docs/site/snippets/token.mjs"),
            Self::Php => include_str!("../../docs/site/snippets/token.php"),
            Self::Python => include_str!("../../docs/site/snippets/token.py"),
        }
    }
}

/// Makes a key, which is kept nowhere, and prints where it goes.
///
/// # Errors
/// When its name cannot be one.
pub(super) fn run(config: &Config, options: &Options) -> anyhow::Result<()> {
    let id = options.id.clone().unwrap_or_else(|| next_id(config));
    let line = SiteKey::line(&id, &rand::random::<[u8; BYTES]>());
    SiteKey::parse(&line).map_err(|fault| anyhow::anyhow!("the key {fault}"))?;
    let beside = match config.site.keys.is_empty() {
        true => "",
        false => ", beside the one that is there, until your site signs with this one",
    };
    let (house, note) = match config.server.public_url.as_str() {
        "" => (
            "https://chat.example.org",
            " What [server] public_url says, which must be set.",
        ),
        house => (house, ""),
    };
    let issuer = &config.site.issuer;
    let example = options.language.example();
    print(&format!(
        "# 1. In [site] of Teahouse's config.toml{beside}. Then restart it.\n\
         keys = [\"{line}\"]\n\n\
         # 2. In the environment of your site's server. Whoever has this key can sign in as any of its users.{note}\n\
         TEAHOUSE_SITE_KEY={line}\n\
         TEAHOUSE_URL={house}\n\n\
         # 3. What makes a token there; \"iss\" is {issuer:?}.\n\
         {example}"
    ))
}

/// The year, and the first letter with which no key is called so.
fn next_id(config: &Config) -> String {
    let now = clock::rfc3339(clock::now_ms());
    let year = now.split('-').next().unwrap_or_default();
    let is_free = |id: &String| config.site.keys.iter().all(|key| key.id() != id);
    let mut ids = ('a'..='z').map(|letter| format!("{year}{letter}"));
    ids.find(is_free).unwrap_or_else(|| year.to_owned())
}
