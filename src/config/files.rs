//! The files that settings name and somebody else has put there: secrets and certificates.

use std::fs::File;
use std::path::Path;

use anyhow::bail;

use super::Config;

impl Config {
    /// Whether this process can read all of them, and something is in each.
    ///
    /// # Errors
    /// Those that it cannot read, each by its setting, in words for the operator.
    pub fn try_files(&self) -> anyhow::Result<()> {
        let named: [(&str, &Path); 7] = [
            ("[storage] password_file", &self.storage.password_file),
            ("[storage] tls_ca", &self.storage.tls_ca),
            (
                "[cluster] nats_password_file",
                &self.cluster.nats_password_file,
            ),
            ("[cluster] credentials", &self.cluster.credentials),
            ("[cluster] nats_ca", &self.cluster.nats_ca),
            ("[session] key_file", &self.session.key_file),
            ("[uploads] s3_secret_file", &self.uploads.s3_secret_file),
        ];
        let set = named
            .iter()
            .filter(|(_, path)| !path.as_os_str().is_empty());
        let lost = set.filter_map(|(setting, path)| {
            let opened = File::open(path).and_then(|file| file.metadata());
            let words = match opened {
                // What is no file has no length: a pipe, for one.
                Ok(about) if about.is_file() && about.len() == 0 => "is empty".to_owned(),
                Ok(_) => return None,
                Err(error) => error.to_string(),
            };
            Some(format!("{setting} {}: {words}", path.display()))
        });
        let lost: Vec<String> = lost.collect();
        if lost.is_empty() {
            return Ok(());
        }
        bail!("{}", lost.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_be_read_are_named_with_their_settings_all_at_once() {
        let mut config = Config::default();
        config.try_files().unwrap();
        let home = tempfile::tempdir().unwrap();
        let there = home.path().join("there");
        std::fs::write(&there, "shibboleth").unwrap();
        config.storage.password_file = there;
        config.try_files().unwrap();
        config.cluster.nats_password_file = "/nowhere/nats".into();
        config.session.key_file = "/nowhere/key".into();
        config.storage.tls_ca = home.path().join("empty");
        std::fs::write(&config.storage.tls_ca, "").unwrap();
        let words = config.try_files().unwrap_err().to_string();
        assert_eq!(
            words,
            format!(
                "[storage] tls_ca {}: is empty\n\
             [cluster] nats_password_file /nowhere/nats: No such file or directory (os error 2)\n\
             [session] key_file /nowhere/key: No such file or directory (os error 2)",
                config.storage.tls_ca.display()
            )
        );
    }
}
