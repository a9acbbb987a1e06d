//! Files in a bucket of S3, or of something that speaks as S3 does.
//!
//! Bounds: [`WRITES`] parts of [`PART`] bytes in memory; a request is given up after [`PATIENCE`] without an answer, and tried
//! again for [`RETRIES`] in all.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    ClientOptions, GetOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

use super::remote::{Listed, Remote};
use crate::config::Uploads;
use crate::vital;

/// Bytes of a file that are sent at a time: S3 takes no less than 5 MiB, but at the end.
const PART: u64 = 8 << 20;

/// Parts of one file that S3 takes at most; longer ones make up for it.
const PARTS: u64 = 10_000;

/// Parts that are in memory at a time: 32 MiB.
const WRITES: usize = 4;

/// How long there may be no answer, or no next bytes.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it may take until somebody is there.
const CONNECTING: Duration = Duration::from_secs(3);

/// How long a request is tried again that failed: whoever waits for an answer is told rather.
const RETRIES: Duration = Duration::from_secs(3);

/// Characters of what the other side says that are logged.
const WORDS: usize = 300;

/// A bucket, or what is below a name in it.
pub(super) struct Bucket {
    store: Arc<AmazonS3>,
    prefix: String,
    named: String,
    handle: Handle,
    writes: Arc<Semaphore>,
    /// Ends the thread of its connections.
    _end: oneshot::Sender<()>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.named)
    }
}

impl Bucket {
    /// The one that the settings name. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When they name none, in words for the operator.
    pub(super) fn open(settings: &Uploads) -> anyhow::Result<Self> {
        let named = settings.store.clone();
        let (bucket, prefix) = settings
            .bucket()
            .context("[uploads] store names no bucket")?;
        // Another part of the program may have chosen it already: there is this one alone.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_timeout_disabled()
            .with_connect_timeout(CONNECTING)
            .with_read_timeout(PATIENCE);
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: RETRIES,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_retry(retry)
            .with_disable_bulk_delete(true)
            .with_bucket_name(bucket)
            .with_region(&settings.s3_region)
            .with_allow_http(settings.s3_endpoint.starts_with("http://"));
        if !settings.s3_endpoint.is_empty() {
            builder = builder.with_endpoint(settings.s3_endpoint.trim_end_matches('/'));
        }
        if !settings.s3_key.is_empty() {
            let secret = settings.s3_secret()?;
            let secret = secret.context(
                "[uploads] s3_key has no secret: set s3_secret_file, or s3_secret in the environment",
            )?;
            builder = builder
                .with_access_key_id(&settings.s3_key)
                .with_secret_access_key(secret);
        }
        let store = builder.build();
        let store = store.map_err(|error| anyhow::anyhow!("[uploads] store: {error}"))?;
        let (end, ended) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new()
            .name("files-s3".into())
            .spawn(move || {
                vital::thread();
                let _ended = runtime.block_on(ended);
            })?;
        Ok(Self {
            store: Arc::new(store),
            prefix: prefix.to_owned(),
            named,
            handle,
            writes: Arc::new(Semaphore::new(WRITES)),
            _end: end,
        })
    }

    fn path(&self, name: &str) -> Path {
        match (self.prefix.as_str(), name) {
            ("", name) => Path::from(name),
            (prefix, "") => Path::from(prefix),
            (prefix, name) => Path::from(format!("{prefix}/{name}")),
        }
    }

    async fn put_parts(&self, path: &Path, file: &mut File, length: u64) -> Result<(), Failure> {
        let part = PART.max(length.div_ceil(PARTS));
        let mut upload = self.store.put_multipart(path).await?;
        let mut left = length;
        let sent = loop {
            if left == 0 {
                break Ok(());
            }
            let bytes = match read(file, part.min(left)) {
                Ok(bytes) => bytes,
                Err(error) => break Err(error.into()),
            };
            left -= bytes.len() as u64;
            if let Err(error) = upload.put_part(bytes.into()).await {
                break Err(error.into());
            }
        };
        let done = match sent {
            Ok(()) => upload.complete().await.map(|_| ()).map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        if done.is_err() {
            // What it does not hear of, the bucket's own rules remove.
            let _heard = upload.abort().await;
        }
        done
    }
}

impl Remote for Bucket {
    fn put(&self, name: &str, bytes: Bytes) -> io::Result<()> {
        let path = self.path(name);
        let put = async {
            let _turn = self.writes.acquire().await;
            self.store.put(&path, PutPayload::from(bytes)).await
        };
        self.handle.block_on(put).map(|_| ()).map_err(failed)
    }

    fn put_file(&self, name: &str, file: &FilePath) -> io::Result<()> {
        let path = self.path(name);
        let mut file = File::open(file)?;
        let length = file.metadata()?.len();
        let put = async {
            let _turn = self.writes.acquire().await;
            if length > PART {
                return self.put_parts(&path, &mut file, length).await;
            }
            let bytes = read(&mut file, length)?;
            self.store.put(&path, PutPayload::from(bytes)).await?;
            Ok(())
        };
        self.handle.block_on(put).map_err(|failure| match failure {
            Failure::Here(error) => error,
            Failure::There(error) => failed(error),
        })
    }

    fn read(
        &self,
        name: &str,
        range: Range<u64>,
    ) -> io::Result<Box<dyn Iterator<Item = io::Result<Bytes>> + Send>> {
        let path = self.path(name);
        if range.is_empty() {
            return Ok(Box::new(std::iter::empty()));
        }
        let options = GetOptions::new().with_range(Some(range));
        let got = self.handle.block_on(self.store.get_opts(&path, options));
        let stream = got.map_err(failed)?.into_stream();
        let handle = self.handle.clone();
        Ok(Box::new(Parts { stream, handle }))
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        let path = self.path(name);
        let head = self.handle.block_on(self.store.head(&path));
        head.map(|there| there.size).map_err(failed)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.path(name);
        let removed = self.handle.block_on(self.store.delete(&path));
        match removed.map_err(failed) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn list(&self, directory: &str) -> Box<dyn Iterator<Item = io::Result<Listed>> + '_> {
        let mut listed = self.store.list(Some(&self.path(directory)));
        Box::new(std::iter::from_fn(move || {
            let next = self.handle.block_on(listed.next())?;
            Some(next.map_err(failed).map(|there| {
                let name = there.location.to_string();
                let name = name.strip_prefix(&self.prefix).unwrap_or(&name);
                let name = name.trim_start_matches('/').to_owned();
                (name, there.size, there.last_modified.into())
            }))
        }))
    }
}

/// Bytes that come.
struct Parts {
    stream: BoxStream<'static, object_store::Result<Bytes>>,
    handle: Handle,
}

impl Iterator for Parts {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.handle.block_on(self.stream.next())?;
        Some(next.map_err(failed))
    }
}

/// What went wrong with a file on its way.
enum Failure {
    /// It cannot be read here.
    Here(io::Error),
    /// It cannot be written there.
    There(object_store::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Here(error)
    }
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        Self::There(error)
    }
}

/// The next `length` bytes of a file.
fn read(file: &mut File, length: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    file.take(length).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == length {
        true => Ok(bytes.into()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// A failure of the other side, as one of a disk.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn failed(error: object_store::Error) -> io::Error {
    let kind = match error {
        object_store::Error::NotFound { .. } => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    let words: String = error.to_string().chars().take(WORDS).collect();
    io::Error::new(kind, words)
}
