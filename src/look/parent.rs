//! Has a child look at a file, and believes little of what it says.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::answer::{self, Answer};
use super::confine;
use super::looked::Looked;
use super::order::Order;

/// The program that this process runs, even where its file has been replaced since.
pub const THIS_PROGRAM: &str = "/proc/self/exe";

/// How long a look may take, in all. What it does is bounded by its 10 s on a core; since whoever chats comes
/// first, a busy machine may let it wait for [`BUSY`] times as long before a photo is called unreadable.
pub const PATIENCE: Duration = Duration::from_secs(BUSY * confine::SECONDS);

/// How many times longer a look may take than on a core of its own.
const BUSY: u64 = 6;

/// Why nothing is known of a file.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// A picture was wanted, and this is none that can be read.
    #[error("no picture that can be read")]
    BadPicture,
    /// A picture was wanted, and this one has too many pixels.
    #[error("more than {megapixels} megapixels, or an edge that is too long")]
    TooManyPixels {
        /// The limit.
        megapixels: u64,
    },
    /// A voice was wanted, and this is none that can be read.
    #[error("no recording that can be read")]
    BadVoice,
    /// A voice was wanted, and this one is too long.
    #[error("longer than {seconds} s")]
    TooLong {
        /// The limit.
        seconds: u64,
    },
    /// The child came to no answer: it crashed, had too little memory or time, or said nonsense.
    #[error("nothing came of looking at it")]
    Died,
    /// Too many wait already.
    #[error("too many files are being looked at")]
    Busy,
    /// The file could not be opened, or the child not be started: not the file's fault.
    #[error("could not look: {0}")]
    Failed(#[from] io::Error),
}

/// Has `program`, which is this one but in tests, look at a file. The child is killed after `patience`, which
/// grows with the length of the file, and where the future is dropped.
///
/// # Errors
/// See [`LookError`]; never `Busy`.
pub async fn look(
    program: &Path,
    file: &Path,
    order: &Order,
    patience: Duration,
) -> Result<Looked, LookError> {
    let file = File::open(file)?;
    let length = file.metadata()?.len();
    let mut child = Command::new(program)
        .args(order.words())
        .env_clear()
        .stdin(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let answer = timeout(patience.saturating_add(longer(length)), hear(&mut child))
        .await
        .ok()
        .flatten();
    // Whatever has become of it, it is not there any more when this returns.
    if child.id().is_some() {
        child.kill().await?;
    }
    match answer.ok_or(LookError::Died)? {
        Answer::Looked(looked) if is_beyond(&looked, length) => Err(LookError::Died),
        Answer::Looked(looked) => Ok(*looked),
        Answer::BadPicture => Err(LookError::BadPicture),
        Answer::TooManyPixels => Err(LookError::TooManyPixels {
            megapixels: order.limits.pixels / 1_000_000,
        }),
        Answer::BadVoice => Err(LookError::BadVoice),
        Answer::TooLong => Err(LookError::TooLong {
            seconds: order.limits.seconds,
        }),
    }
}

/// What a file of so many bytes may take longer than a short one.
fn longer(length: u64) -> Duration {
    Duration::from_secs(confine::more_seconds(length).saturating_mul(BUSY))
}

/// Whether something is to be overwritten that is not there.
fn is_beyond(looked: &Looked, length: u64) -> bool {
    let mut all = looked.blanks.iter().chain(&looked.zeros);
    all.any(|range| range.end > length)
}

/// The answer of a child that ends well.
async fn hear(child: &mut Child) -> Option<Answer> {
    let mut stdout = child.stdout.take()?;
    let answer = answer::read(&mut stdout).await?;
    let ended = child.wait().await.ok()?;
    ended.success().then_some(answer)
}
