//! The settings that all nodes of a server must have alike, as nodes tell each other.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::{Config, Limits, Secret, Site, SiteKey, Size, Uploads};

/// What is told of how long messages and files are kept.
pub const KEEP: &str = "keep";

/// Bytes of a hash: it tells a difference, and is no proof.
const PRINT: usize = 4;

impl Config {
    /// By section what tells it from another: those settings of a node that are its machine's own are left out, and no
    /// secret is in it. [`KEEP`] is no section, but what of two is deleted.
    #[must_use]
    pub fn prints(&self) -> BTreeMap<String, String> {
        let limits = Limits {
            connections: 0,
            ..self.limits.clone()
        };
        let uploads = Uploads {
            spare: Size::default(),
            speed: Size::default(),
            decoders: 0,
            s3_secret: Secret::default(),
            s3_secret_file: PathBuf::new(),
            ..self.uploads.clone()
        };
        let address = (&self.server.public_url, &self.server.allowed_origins);
        let keys: Vec<_> = self.site.keys.iter().map(SiteKey::print).collect();
        let site = (
            &keys,
            Site {
                keys: Vec::new(),
                ..self.site.clone()
            },
        );
        let all: [(&str, &dyn Debug); 13] = [
            ("server", &address),
            ("storage", &self.storage.failover),
            ("session", &self.session.ttl),
            ("accounts", &self.accounts),
            ("site", &site),
            ("chat", &self.chat),
            ("rooms", &self.rooms),
            ("uploads", &uploads),
            ("heartbeat", &self.heartbeat),
            ("limits", &limits),
            ("embed", &self.embed),
            ("bots", &self.bots),
            ("hooks", &self.hooks),
        ];
        let mut prints: BTreeMap<String, String> = all
            .into_iter()
            .map(|(section, settings)| (section.to_owned(), print(settings)))
            .collect();
        let keep = format!("{} days, {}", self.chat.keep_days, self.uploads.keep);
        prints.insert(KEEP.to_owned(), keep);
        prints
    }
}

fn print(settings: &dyn Debug) -> String {
    let hash = Sha256::digest(format!("{settings:?}"));
    hash.iter()
        .take(PRINT)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_has_one_print_and_what_is_of_a_machine_has_none() {
        let one = Config::default();
        let mut other = Config::default();
        other.server.workers = 3;
        other.limits.connections = 7;
        other.uploads.decoders = 2;
        other.cluster.node = "b".to_owned();
        assert_eq!(one.prints(), other.prints());
        other.chat.keep_days = 30;
        let (one, other) = (one.prints(), other.prints());
        let differ: Vec<_> = one
            .keys()
            .filter(|name| one[*name] != other[*name])
            .collect();
        assert_eq!(differ, ["chat", "keep"]);
        assert_eq!(other[KEEP], "30 days, 0s");
    }

    #[test]
    fn nodes_that_take_other_tokens_are_not_alike() {
        let with = |secret: u8| {
            let mut config = Config::default();
            let key = SiteKey::parse(&SiteKey::line("2026a", &[secret; 32]));
            config.site.keys = vec![key.unwrap()];
            config.prints()["site"].clone()
        };
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
    }
}
