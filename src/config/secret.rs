//! A setting that nobody is shown.

use std::path::Path;
use std::{fmt, fs};

use serde::de::{Deserialize, Deserializer, Error};
use toml::Value;

/// A text that is never shown: not in a log, not in a message about a mistake.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }
}

/// A secret that is given, or is what a file holds, where there is one; `setting` is what the file's is called.
///
/// # Errors
/// When the file cannot be read, or has nothing in it, in words for the operator.
pub fn given_or_in_file(
    given: &Secret,
    file: &Path,
    setting: &str,
) -> anyhow::Result<Option<String>> {
    if file.as_os_str().is_empty() {
        return Ok(given.get().map(str::to_owned));
    }
    let text = fs::read_to_string(file)
        .map_err(|error| anyhow::anyhow!("{setting} {}: {error}", file.display()))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => anyhow::bail!("{setting} {}: there is no secret in it", file.display()),
        lines if lines.contains('\n') => {
            anyhow::bail!(
                "{setting} {}: it has several lines, and the secret is one",
                file.display()
            )
        }
        secret => Ok(Some(secret.to_owned())),
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("must be text in quotes")),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_empty() { "none" } else { "***" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_in_no_text_that_is_made_of_it() {
        let secret = Secret("shibboleth".to_owned());
        assert!(!format!("{secret:?} {secret:#?}").contains("shib"));
        assert_eq!(secret.get(), Some("shibboleth"));
        let wrong: Result<Secret, _> = Value::Integer(4711).try_into();
        let wrong = wrong.unwrap_err().to_string();
        assert!(!wrong.contains("4711"), "{wrong}");
    }
}
