//! The child that looks at files, as the server runs it: the real program over files that are made here.

mod bombs;
mod bytes;
mod check;
pub mod make;
mod pictures;
mod privacy;
mod processes;
mod strange;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use teahouse::look::{Limits, LookError, Looked, Order, Wanted};
use teahouse::model::file::FileKind;
use tempfile::NamedTempFile;

const PROGRAM: &str = env!("CARGO_BIN_EXE_teahouse");

/// The limits of a server with default settings.
const LIMITS: Limits = Limits {
    pixels: 25_000_000,
    bytes: 25 * 1_024 * 1_024,
    seconds: 300,
};

/// More than any look takes, however busy the machine is with other tests: what a child does is bounded by
/// its time on a core.
const PATIENCE: Duration = Duration::from_secs(600);

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

async fn look_as(bytes: &[u8], wanted: Wanted, full: bool) -> Result<Looked, LookError> {
    let order = Order {
        wanted,
        full,
        limits: LIMITS,
    };
    teahouse::look::look(Path::new(PROGRAM), file(bytes).path(), &order, PATIENCE).await
}

/// What becomes of bytes that are sent without a wish.
async fn look(bytes: &[u8]) -> Looked {
    look_as(bytes, Wanted::Any, false).await.unwrap()
}

/// The bytes are a picture, whose renditions are held against all that is promised of them.
async fn picture(bytes: &[u8]) -> (Looked, [image::DynamicImage; 3]) {
    let looked = look(bytes).await;
    assert_eq!(looked.kind, FileKind::Picture);
    let images = check::renditions(&looked);
    (looked, images)
}

/// The bytes are no picture: a plain file, and refused where a picture was wanted.
async fn only_a_file(name: &str, bytes: &[u8]) {
    let looked = look(bytes).await;
    assert_eq!(looked.kind, FileKind::File, "{name}");
    assert_eq!(looked.media_type, "application/octet-stream", "{name}");
    assert!(looked.renditions.is_empty(), "{name}");
    let wanted = look_as(bytes, Wanted::Picture, false).await;
    assert!(
        matches!(wanted, Err(LookError::BadPicture)),
        "{name}: {wanted:?}"
    );
}

/// As [`only_a_file`], refused for its size.
async fn too_large(name: &str, bytes: &[u8]) {
    assert_eq!(look(bytes).await.kind, FileKind::File, "{name}");
    match look_as(bytes, Wanted::Picture, false).await {
        Err(LookError::TooManyPixels { megapixels }) => assert_eq!(megapixels, 25, "{name}"),
        other => panic!("{name}: {other:?}"),
    }
}
