//! Children: how they end, how many there are, and that none is left.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use teahouse::look::{Limits, LookError, Looks, Order, Wanted};
use teahouse::model::file::FileKind;

use super::make::{self, quarters};
use super::{LIMITS, PROGRAM, file, look, look_as};

/// Limits by which a test knows its own children.
fn marked(mark: u64) -> Limits {
    Limits {
        pixels: 20_000_000 + mark,
        ..LIMITS
    }
}

/// Command lines of the children with these limits.
fn children(limits: Limits) -> usize {
    let word = format!("--pixels={}\0", limits.pixels);
    let processes = std::fs::read_dir("/proc").unwrap();
    let lines = processes.flatten().filter_map(|process| {
        let line = std::fs::read(process.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).into_owned())
    });
    lines.filter(|line| line.contains(&word)).count()
}

fn await_children(limits: Limits, number: usize) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while children(limits) != number {
        assert!(Instant::now() < deadline, "{} children", children(limits));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A file that a child waits for until somebody writes to it, which nobody does.
struct Endless {
    directory: tempfile::TempDir,
    _open: std::fs::File,
}

impl Endless {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pipe");
        mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
        let mut options = std::fs::File::options();
        let open = options.read(true).write(true).open(&path).unwrap();
        Self {
            directory,
            _open: open,
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("pipe")
    }
}

#[tokio::test]
async fn a_child_is_gone_when_its_answer_is_there() {
    let limits = marked(1);
    let looks = Looks::with_program(Path::new(PROGRAM), 2, limits);
    let bytes = file(&make::jpeg(&quarters(64, 64)));
    let looked = looks.look(bytes.path(), Wanted::Any, false).await.unwrap();
    assert_eq!(looked.kind, FileKind::Picture);
    assert_eq!(children(limits), 0);
}

#[tokio::test]
async fn a_child_of_a_look_that_was_given_up_is_killed() {
    let limits = marked(2);
    let endless = Endless::new();
    let order = Order {
        wanted: Wanted::Any,
        full: false,
        limits,
    };
    let path = endless.path();
    let look =
        tokio::spawn(async move { teahouse::look::look(Path::new(PROGRAM), &path, &order).await });
    tokio::task::yield_now().await;
    await_children(limits, 1);
    look.abort();
    assert!(look.await.unwrap_err().is_cancelled());
    await_children(limits, 0);
}

#[tokio::test]
async fn more_than_can_wait_are_turned_away_at_once() {
    let limits = marked(3);
    let endless = Endless::new();
    let looks = std::sync::Arc::new(Looks::with_program(Path::new(PROGRAM), 2, limits));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..2 + 64 {
        let (looks, path) = (looks.clone(), endless.path());
        waiting.spawn(async move { looks.look(&path, Wanted::Any, false).await });
    }
    tokio::task::yield_now().await;
    let one_more = looks.look(&endless.path(), Wanted::Any, false).await;
    assert!(matches!(one_more, Err(LookError::Busy)), "{one_more:?}");
    await_children(limits, 2);
    waiting.shutdown().await;
    await_children(limits, 0);
    // Those who gave up have given back their places.
    let bytes = file(&make::jpeg(&quarters(64, 64)));
    let looked = looks.look(bytes.path(), Wanted::Any, false).await.unwrap();
    assert_eq!(looked.kind, FileKind::Picture);
}

#[tokio::test]
async fn whatever_a_child_says_instead_of_an_answer_is_no_answer() {
    let bytes = file(b"words");
    let order = Order {
        wanted: Wanted::Any,
        full: false,
        limits: LIMITS,
    };
    // Ends at once; fails; talks without end.
    for program in ["/bin/true", "/bin/false", "/usr/bin/yes"] {
        let looked = teahouse::look::look(Path::new(program), bytes.path(), &order).await;
        assert!(
            matches!(looked, Err(LookError::Died)),
            "{program}: {looked:?}"
        );
    }
    let looked = teahouse::look::look(Path::new("/not/there"), bytes.path(), &order).await;
    assert!(matches!(looked, Err(LookError::Failed(_))), "{looked:?}");
    let missing = Path::new("/not/there");
    let looked = teahouse::look::look(Path::new(PROGRAM), missing, &order).await;
    assert!(matches!(looked, Err(LookError::Failed(_))), "{looked:?}");
}

#[tokio::test]
async fn a_file_longer_than_any_picture_is_only_saved() {
    let mut bytes = make::jpeg(&quarters(64, 64));
    bytes.resize(26 * 1_024 * 1_024, 0);
    let looked = look(&bytes).await;
    assert_eq!(looked.kind, FileKind::File);
    assert_eq!(looked.sha256.len(), 64);
    let wanted = look_as(&bytes, Wanted::Picture, false).await;
    assert!(matches!(wanted, Err(LookError::BadPicture)), "{wanted:?}");
}

#[test]
fn the_command_is_no_part_of_the_help() {
    let help = std::process::Command::new(PROGRAM)
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let named = |command| help.lines().any(|line| line.trim().starts_with(command));
    assert!(named("backup ") && !named("look"), "{help}");
}
