//! Settings that do not go together, each right by itself.

use super::{Config, Durability, Period};

/// A section and a setting in it.
pub(super) type Name = (&'static str, &'static str);

/// Settings that do not go together.
pub(super) struct Conflict {
    /// Which they are, first the one to look at.
    pub(super) names: &'static [Name],
    /// What is wrong, and what to do.
    pub(super) text: String,
}

impl Config {
    /// All that do not go together.
    pub(super) fn conflicts(&self) -> Vec<Conflict> {
        let all = [
            self.heartbeat_conflict(),
            self.nats_conflict(),
            self.durability_conflict(),
            self.site_conflict(),
            self.passwords_conflict(),
        ];
        let one_at_a_time = all.into_iter().flatten();
        one_at_a_time.chain(self.secret_conflicts()).collect()
    }

    /// A heartbeat that gives up before an answer can have come would drop everybody.
    fn heartbeat_conflict(&self) -> Option<Conflict> {
        let heartbeat = &self.heartbeat;
        (heartbeat.timeout <= heartbeat.interval).then(|| Conflict {
            names: &[("heartbeat", "timeout"), ("heartbeat", "interval")],
            text: format!(
                "[heartbeat] timeout ({}) must be longer than interval ({}); for example: timeout = \"{}\"",
                heartbeat.timeout,
                heartbeat.interval,
                Period::from_millis(heartbeat.interval.as_millis().saturating_mul(3)),
            ),
        })
    }

    /// Nodes tell each other of a database that they share; a file of one process has nobody to tell.
    fn nats_conflict(&self) -> Option<Conflict> {
        let is_wrong = !self.cluster.nats.is_empty() && self.postgres().is_none();
        is_wrong.then(|| Conflict {
            names: &[("cluster", "nats"), ("storage", "url")],
            text: "[cluster] nats is for several nodes that share a PostgreSQL database: set [storage] url to \
                   \"postgres://USER@HOST/DATABASE\", or remove this"
                .to_owned(),
        })
    }

    /// After a crash of the database's machine seqs would be handed out twice, and no node would know.
    fn durability_conflict(&self) -> Option<Conflict> {
        let is_wrong = self.storage.durability == Durability::Relaxed && self.postgres().is_some();
        is_wrong.then(|| Conflict {
            names: &[("storage", "durability"), ("storage", "url")],
            text: "[storage] durability = \"relaxed\" is for an SQLite file: with PostgreSQL leave it at \"full\"".to_owned(),
        })
    }

    /// A token is made for one server: without an address it could be for any. Nobody comes back from a page that signs
    /// nothing.
    fn site_conflict(&self) -> Option<Conflict> {
        let (has_keys, has_page) = (!self.site.keys.is_empty(), !self.site.sign_in.is_empty());
        if has_keys && self.server.public_url.is_empty() {
            return Some(Conflict {
                names: &[("site", "keys"), ("server", "public_url")],
                text: "[site] keys needs the address that tokens are made for: set [server] public_url, such as \
                       \"https://chat.example.org\""
                    .to_owned(),
            });
        }
        (has_page && !has_keys).then(|| Conflict {
            names: &[("site", "sign_in")],
            text: "[site] sign_in is a page that comes back with a token: set [site] keys too (`teahouse site-key` makes one)"
                .to_owned(),
        })
    }

    /// Without passwords somebody else has to say who people are.
    fn passwords_conflict(&self) -> Option<Conflict> {
        let is_wrong = !self.accounts.passwords && self.site.keys.is_empty();
        is_wrong.then(|| Conflict {
            names: &[("accounts", "passwords"), ("site", "keys")],
            text: "[accounts] passwords = false lets nobody sign in but by a site: set [site] keys too (`teahouse site-key` \
                   makes one), or remove this"
                .to_owned(),
        })
    }

    /// A secret that is given twice, or to nobody.
    fn secret_conflicts(&self) -> impl Iterator<Item = Conflict> {
        let (storage, cluster, uploads) = (&self.storage, &self.cluster, &self.uploads);
        let twice = |is_wrong: bool, names: &'static [Name]| {
            let [(section, given), (_, file), ..] = names else {
                return None;
            };
            let text = format!("[{section}] {given} and {file} are both set: remove one of them");
            is_wrong.then_some(Conflict { names, text })
        };
        let has_nats_password = cluster.nats_password.get().is_some()
            || !cluster.nats_password_file.as_os_str().is_empty();
        let users = cluster.nats_users();
        let nobody = !cluster.nats.is_empty() && has_nats_password && users.is_empty();
        [
            twice(
                storage.password.get().is_some() && !storage.password_file.as_os_str().is_empty(),
                &[("storage", "password"), ("storage", "password_file")],
            ),
            twice(
                cluster.nats_password.get().is_some()
                    && !cluster.nats_password_file.as_os_str().is_empty(),
                &[("cluster", "nats_password"), ("cluster", "nats_password_file")],
            ),
            twice(
                has_nats_password && !cluster.credentials.as_os_str().is_empty(),
                &[("cluster", "nats_password"), ("cluster", "credentials"), ("cluster", "nats_password_file")],
            ),
            twice(
                uploads.s3_secret.get().is_some() && !uploads.s3_secret_file.as_os_str().is_empty(),
                &[("uploads", "s3_secret"), ("uploads", "s3_secret_file")],
            ),
            nobody.then(|| Conflict {
                names: &[("cluster", "nats_password"), ("cluster", "nats_password_file"), ("cluster", "nats")],
                text: "[cluster] nats_password is the password of a user whom no address names: write \"nats://USER@HOST\""
                    .to_owned(),
            }),
            (users.len() > 1).then(|| Conflict {
                names: &[("cluster", "nats")],
                text: "[cluster] nats names several users, and there is one password: name the same in all addresses"
                    .to_owned(),
            }),
        ]
        .into_iter()
        .flatten()
    }
}
