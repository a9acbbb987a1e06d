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
    #[serde(deserialize_with = "values::line::<_, MAX_NODE>")]
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

    /// The user that the URLs name.
    #[must_use]
    pub fn nats_user(&self) -> Option<String> {
        self.nats.iter().find_map(|url| {
            let url = Url::parse(url).ok()?;
            (!url.username().is_empty()).then(|| url.username().to_owned())
        })
    }
}

/// URLs of NATS servers. One that is refused is not shown: it may have a password in it.
fn nats<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let form = "addresses of NATS servers, such as [\"nats://127.0.0.1:4222\"]";
    let urls = values::list(deserializer, form, |text| Some(text.to_owned()))?;
    if urls.iter().all(|url| is_nats(url)) {
        return Ok(urls);
    }
    Err(D::Error::custom(
        "must be a list of addresses of NATS servers, such as [\"nats://127.0.0.1:4222\"] or [\"tls://USER@HOST\"], without \
         passwords: those belong to [cluster] nats_password, nats_password_file or credentials",
    ))
}

fn is_nats(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_bare =
        matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    matches!(url.scheme(), "nats" | "tls") && has_host && is_bare && url.password().is_none()
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
            assert!(is_nats(right), "{right}");
        }
        for wrong in [
            "",
            "nats",
            "127.0.0.1:4222",
            "nats://",
            "http://nats1",
            "nats://teahouse:secret@nats1",
            "nats://nats1/path",
            "nats://nats1?x",
        ] {
            assert!(!is_nats(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_user_is_the_first_that_is_named() {
        let nats = ["nats://nats1", "tls://tea@nats2"].map(str::to_owned);
        let cluster = Cluster {
            nats: nats.into(),
            ..Cluster::default()
        };
        assert_eq!(cluster.nats_user().as_deref(), Some("tea"));
        assert_eq!(Cluster::default().nats_user(), None);
    }
}
