//! The section `[uploads]`, as those of [`super::sections`].

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use toml::Value;
use url::Url;

use super::period::{DAY, HOUR, MINUTE, Period, SECOND};
use super::secret::{self, Secret};
use super::sections::{MAX_DAYS, MAX_WORKERS};
use super::size::{GIB, MIB, Size, TIB};
use super::values::{self, is_path, text_of, wrong};

/// A gallery, and as many rows as one message should draw.
const MAX_FILES: u64 = 20;
/// A film; uploads are streamed, so memory is not what bounds them.
const MAX_FILE: u64 = 100 * GIB;
/// More storage than one machine has.
const MAX_STORAGE: u64 = 1_000 * TIB;
/// A child of the server may have 512 MiB, which is less than four times as many pixels take.
const MAX_PIXELS: u64 = 50_000_000;
/// A hundred years, as of messages.
const MAX_KEPT: u64 = MAX_DAYS * DAY;
/// A voice that takes 29 MB as it is recorded, and 19 MB as it is kept.
const MAX_VOICE: u64 = 10 * MINUTE;
/// Long enough for a holiday without a network.
const MAX_UNSENT: u64 = 30 * DAY;

/// Longer than any region's name.
const MAX_NAME: usize = 60;
/// Longer than the ids of keys are.
const MAX_KEY: usize = 200;
/// What the name of a bucket begins with.
const BUCKET: &str = "s3://";

/// `[uploads]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uploads {
    /// Who may send files.
    pub who: Uploaders,
    /// Who may send voices.
    pub voice: Uploaders,
    /// Length of the longest voice.
    #[serde(deserialize_with = "values::period::<_, SECOND, MAX_VOICE>")]
    pub voice_length: Period,
    /// Size of the largest file.
    #[serde(deserialize_with = "values::size::<_, 1, MAX_FILE>")]
    pub file_bytes: Size,
    /// Size of the largest picture, before it is made smaller.
    #[serde(deserialize_with = "values::size::<_, 1, MAX_FILE>")]
    pub picture_bytes: Size,
    /// Pixels of the largest picture.
    #[serde(deserialize_with = "values::whole::<_, _, 1_000_000, MAX_PIXELS>")]
    pub picture_pixels: u64,
    /// Files in one message.
    #[serde(deserialize_with = "values::whole::<_, _, 1, MAX_FILES>")]
    pub files_per_message: usize,
    /// What the files of one person may take in all; 0 means no limit.
    #[serde(deserialize_with = "values::size::<_, 0, MAX_STORAGE>")]
    pub quota: Size,
    /// What all files may take; 0 means no limit.
    #[serde(deserialize_with = "values::size::<_, 0, MAX_STORAGE>")]
    pub total: Size,
    /// What uploads leave free on the disk.
    #[serde(deserialize_with = "values::size::<_, 0, MAX_STORAGE>")]
    pub spare: Size,
    /// How many bytes a second may come in, all uploads together; 0 means no limit.
    #[serde(deserialize_with = "values::size_or_none::<_, MIB, MAX_STORAGE>")]
    pub speed: Size,
    /// Pictures that are looked at at a time; 0 means half as many as there are cores.
    #[serde(deserialize_with = "values::whole::<_, _, 0, MAX_WORKERS>")]
    pub decoders: usize,
    /// How long a file is kept that is never sent.
    #[serde(deserialize_with = "values::period::<_, HOUR, MAX_UNSENT>")]
    pub unsent: Period,
    /// How long the files of messages are kept; 0 means as long as the messages.
    #[serde(deserialize_with = "values::period::<_, 0, MAX_KEPT>")]
    pub keep: Period,
    /// Where the files of all nodes lie, a directory or `s3://BUCKET/PREFIX`; empty: in the data directory.
    #[serde(deserialize_with = "file_store")]
    pub store: String,
    /// Where S3 is found, `http://HOST:PORT` or `https://…`; empty: Amazon's own, by region.
    #[serde(deserialize_with = "web_address")]
    pub s3_endpoint: String,
    /// The region of the bucket.
    #[serde(deserialize_with = "values::line::<_, MAX_NAME>")]
    pub s3_region: String,
    /// The id of the key for S3; empty: what the machine is given by its cloud.
    #[serde(deserialize_with = "values::line::<_, MAX_KEY>")]
    pub s3_key: String,
    /// Its secret.
    pub s3_secret: Secret,
    /// A file that has that secret alone in it; empty where there is none.
    #[serde(deserialize_with = "values::file")]
    pub s3_secret_file: PathBuf,
    /// Endings of names that are refused, in lower case and without the dot.
    #[serde(deserialize_with = "values::endings")]
    pub refuse: Vec<String>,
}

impl Uploads {
    /// The bucket that files lie in, and below which name in it; `None` when they lie in a directory.
    #[must_use]
    pub fn bucket(&self) -> Option<(&str, &str)> {
        let named = self.store.strip_prefix(BUCKET)?;
        let (bucket, prefix) = named.split_once('/').unwrap_or((named, ""));
        Some((bucket, prefix.trim_matches('/')))
    }

    /// The secret of the key for S3, from where it is kept.
    ///
    /// # Errors
    /// When its file cannot be read, in words for the operator.
    pub fn s3_secret(&self) -> anyhow::Result<Option<String>> {
        let (given, file) = (&self.s3_secret, &self.s3_secret_file);
        secret::given_or_in_file(given, file, "[uploads] s3_secret_file")
    }
}

/// Who may send files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uploaders {
    /// Whoever may write.
    Everybody,
    /// Everybody with an account.
    #[default]
    Members,
    /// The server's admins and owners.
    Admins,
    /// Nobody.
    Nobody,
}

impl Default for Uploads {
    fn default() -> Uploads {
        Uploads {
            who: Uploaders::Members,
            voice: Uploaders::Everybody,
            voice_length: Period::from_millis(5 * MINUTE),
            file_bytes: Size::new(100 * MIB),
            picture_bytes: Size::new(25 * MIB),
            picture_pixels: 25_000_000,
            files_per_message: 10,
            quota: Size::new(2 * GIB),
            total: Size::default(),
            spare: Size::new(GIB),
            speed: Size::new(200 * MIB),
            decoders: 0,
            unsent: Period::from_millis(DAY),
            keep: Period::from_millis(0),
            store: String::new(),
            s3_endpoint: String::new(),
            s3_region: "us-east-1".to_owned(),
            s3_key: String::new(),
            s3_secret: Secret::default(),
            s3_secret_file: PathBuf::new(),
            refuse: Vec::new(),
        }
    }
}

/// Where files lie: the path of a directory, a bucket, or nothing.
fn file_store<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?.trim();
    if let Some(bucket) = text.strip_prefix(BUCKET) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || ".-_/".contains(c);
        if bucket.starts_with('/') || bucket.is_empty() || !bucket.chars().all(is_name) {
            return Err(wrong("\"s3://BUCKET\" or \"s3://BUCKET/PREFIX\"", &value));
        }
        if !cfg!(feature = "s3") {
            return Err(D::Error::custom(
                "this program cannot reach S3: build it with cargo build --release --features s3, or name a directory",
            ));
        }
        return Ok(text.to_owned());
    }
    if !(text.is_empty() || text.starts_with('/') && is_path(text)) {
        let form = "the path of a directory from / on, such as \"/mnt/tea/files\", \"s3://BUCKET/PREFIX\", or \"\" for one in \
                    the data directory";
        return Err(wrong(form, &value));
    }
    Ok(text.to_owned())
}

/// The address of a web server without a path, or nothing. What is refused is not shown: it may have a password in it.
fn web_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?.trim();
    let is_bare = |url: &Url| {
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let known = matches!(url.scheme(), "http" | "https") && url.has_host();
        bare && known && url.username().is_empty() && url.password().is_none()
    };
    if !text.is_empty() && !Url::parse(text).is_ok_and(|url| is_bare(&url)) {
        return Err(D::Error::custom(
            "must be an address such as \"https://s3.example.org\" or \"http://10.0.0.5:9000\", without a path and without keys, \
             or \"\" for Amazon's",
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn given(name: &str, value: &str) -> Result<Uploads, String> {
        let name = format!("TEAHOUSE__UPLOADS__{name}");
        let loaded = Config::load(None, &[(name, value.to_owned())].into());
        loaded
            .map(|config| config.uploads)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn files_lie_in_a_directory_or_in_a_bucket() {
        for (store, bucket) in [
            ("", None),
            ("/mnt/tea/files", None),
            ("s3://tea", Some(("tea", ""))),
            ("s3://tea/house/one/", Some(("tea", "house/one"))),
        ] {
            let uploads = given("STORE", store).unwrap();
            assert_eq!(uploads.store, store);
            assert_eq!(uploads.bucket(), bucket, "{store}");
        }
        for wrong in [
            "files",
            "s3://",
            "s3:///x",
            "s3://key:secret@tea",
            "s3://tea?x",
        ] {
            let words = given("STORE", wrong).unwrap_err();
            assert!(words.contains("s3://BUCKET"), "{wrong}: {words}");
        }
    }

    #[test]
    fn an_address_of_s3_has_no_keys_in_it_and_none_is_shown() {
        for right in ["", "https://s3.example.org", "http://127.0.0.1:9000/"] {
            assert_eq!(given("S3_ENDPOINT", right).unwrap().s3_endpoint, right);
        }
        for wrong in [
            "s3.example.org",
            "ftp://s3.example.org",
            "https://key:shibboleth@s3.example.org",
            "https://s3.example.org/path",
        ] {
            let words = given("S3_ENDPOINT", wrong).unwrap_err();
            assert!(words.contains("https://s3.example.org"), "{words}");
            assert!(!words.contains("shibboleth"), "{words}");
        }
        let secret = given("S3_SECRET", "shibboleth").unwrap();
        assert_eq!(secret.s3_secret().unwrap().as_deref(), Some("shibboleth"));
        assert!(!format!("{secret:?}").contains("shibboleth"));
    }
}
