//! `[cluster]`: this node among others that share its database, and the NATS servers over which they tell each other what
//! they have done.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use url::Url;

use super::secret::{self, Secret};
use super::values;

/// A node's name stands in the lists of the database, which cuts what is longer.
const MAX_NODE: usize = 40;

/// `[cluster]`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// What this node is called; empty: the name of the machine.
    #[serde(deserialize_with = "node")]
    pub node: String,
    /// The URLs of NATS servers, without passwords; empty: nodes learn of each other from the database alone.
    #[serde(deserialize_with = "nats")]
    pub nats: Vec<String>,
    /// The password of the user that the URLs name; empty where none is needed.
    pub nats_password: Secret,
    /// A file that has that password alone in it; empty where there is none.
    #[serde(deserialize_with = "values::file")]
    pub nats_password_file: PathBuf,
    /// A `.creds` file of a NATS user; empty where there is none.
    #[serde(deserialize_with = "values::file")]
    pub credentials: PathBuf,
    /// A file of certificates that the NATS servers' own are signed by; empty: those that the system trusts.
    #[serde(deserialize_with = "values::file")]
    pub nats_ca: PathBuf,
}

impl Cluster {
    /// The password for NATS, from where it is kept.
    ///
    /// # Errors
    /// When its file cannot be read, in words for the operator.
    pub fn password(&self) -> anyhow::Result<Option<String>> {
        let (given, file) = (&self.nats_password, &self.nats_password_file);
        secret::given_or_in_file(given, file, "[cluster] nats_password_file")
    }

    /// The users that the URLs name, each once.
    #[must_use]
    pub fn nats_users(&self) -> Vec<String> {
        let urls = self.nats.iter().filter_map(|url| Url::parse(url).ok());
        let users = urls.map(|url| url.username().to_owned());
        let mut users: Vec<String> = users.filter(|user| !user.is_empty()).collect();
        users.sort_unstable();
        users.dedup();
        users
    }
}

/// The name of a node: it stands in PostgreSQL's list of connections, which shows ASCII alone, and in lists of both.
fn node<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = values::line::<_, MAX_NODE>(deserializer)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if name.chars().all(is_plain) {
        return Ok(name);
    }
    Err(D::Error::custom(
        "must be a name of letters, digits, \".\", \"-\" and \"_\", such as \"node1\", or \"\" for that of the machine",
    ))
}

/// URLs of NATS servers. One that is refused is not shown: it may have a password in it.
fn nats<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let form = "addresses of NATS servers, such as [\"nats://127.0.0.1:4222\"]";
    let urls = values::list(deserializer, form, |text| Some(text.to_owned()))?;
    match urls.iter().find_map(|url| fault(url)) {
        None => Ok(urls),
        Some(fault) => Err(D::Error::custom(format!(
            "must be a list of addresses of NATS servers, such as [\"nats://127.0.0.1:4222\"] or [\"tls://USER@HOST\"]: one {fault}"
        ))),
    }
}

/// What is wrong with the address of a NATS server.
fn fault(text: &str) -> Option<&'static str> {
    let schemes = ["nats://", "tls://"];
    if !schemes.iter().any(|scheme| text.starts_with(scheme)) {
        return Some("does not begin with nats:// or tls://");
    }
    let Ok(url) = Url::parse(text) else {
        return Some("has no right host and port");
    };
    if url.password().is_some() {
        return Some(
            "has a password in it: that belongs to [cluster] nats_password, nats_password_file or credentials",
        );
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Some("names no host");
    }
    let is_bare =
        matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    (!is_bare).then_some("has something behind the port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_scheme_host_and_perhaps_user_and_port() {
        for right in [
            "nats://127.0.0.1:4222",
            "nats://nats1",
            "tls://teahouse@nats1.example.org:4222",
            "nats://[::1]:4222/",
        ] {
            assert_eq!(fault(right), None, "{right}");
        }
        for (wrong, why) in [
            ("", "begin with"),
            ("nats", "begin with"),
            ("127.0.0.1:4222", "begin with"),
            ("http://nats1", "begin with"),
            ("nats://nats1:x", "host and port"),
            ("nats://", "no host"),
            ("nats://teahouse:secret@nats1", "password"),
            ("nats://nats1/path", "behind the port"),
            ("nats://nats1?x", "behind the port"),
        ] {
            let said = fault(wrong).unwrap();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn users_are_named_once_each() {
        let users = |nats: &[&str]| {
            let nats = nats.iter().map(|url| (*url).to_owned());
            let cluster = Cluster {
                nats: nats.collect(),
                ..Cluster::default()
            };
            cluster.nats_users()
        };
        assert_eq!(
            users(&["nats://nats1", "tls://tea@a", "tls://tea@b"]),
            ["tea"]
        );
        assert_eq!(users(&["nats://tea@a", "nats://cup@b"]), ["cup", "tea"]);
        assert!(users(&[]).is_empty());
    }
}
