//! The child: looks at one file, says what it found, and ends.
//!
//! Whatever a file does to a decoder ends here. This process has no environment, no files but stdin and
//! stdout, little memory and little time ([`confine`]); a panic is an exit code, and nothing of one person's
//! file is there when the next is looked at.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::process;

use sha2::{Digest, Sha256};

use super::answer::{self, Head, Verdict};
use super::boxes;
use super::confine::confine;
use super::kind::{self, ANY, HEAD, Says, Still};
use super::looked::Rendered;
use super::order::{Order, VOICE_BYTES, Wanted};
use super::picture::{self, Refusal};
use super::voice;
use crate::model::file::{Content, FileKind};

/// Bytes that are read at a time of what is not decoded.
const PIECE: usize = 64 * 1_024;

/// Looks at stdin, answers on stdout, and ends the process: with 0 if it could answer.
pub fn run(order: &Order) -> ! {
    let answered = stdin().and_then(|file| {
        confine(file.metadata()?.len())?;
        let (verdict, renditions) = look(file, order)?;
        answer::write(&mut io::stdout().lock(), &verdict, &renditions)
    });
    process::exit(i32::from(answered.is_err()));
}

fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

fn look(mut file: impl Read + Seek, order: &Order) -> io::Result<(Verdict, Vec<Rendered>)> {
    let mut start = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut start)?;
    let says = kind::says(&start);
    match (order.wanted, says) {
        (Wanted::Voice, _) => voice(start, file, order),
        (Wanted::Any | Wanted::Picture | Wanted::Poster, Says::Picture(format)) => {
            picture(format, start, file, order)
        }
        (Wanted::Picture | Wanted::Poster, _) => Ok((Verdict::BadPicture, Vec::new())),
        (Wanted::Any, Says::Video(media_type) | Says::Audio(media_type))
            if kind::is_in_boxes(media_type) =>
        {
            boxed(says, start, file)
        }
        (Wanted::Any, _) => as_sent(says.as_sent(), start, file),
        (Wanted::File, _) => as_sent((FileKind::File, ANY), start, file),
    }
}

fn picture(
    format: Still,
    start: Vec<u8>,
    mut file: impl Read,
    order: &Order,
) -> io::Result<(Verdict, Vec<Rendered>)> {
    let all = read_up_to(order.limits.bytes, start, &mut file)?;
    let digest = Sha256::new().chain_update(&all);
    let rendered = if all.len() as u64 > order.limits.bytes {
        Err(Refusal::Unreadable)
    } else {
        picture::render(format, all, order.full, &order.limits)
    };
    match (rendered, order.wanted) {
        (Ok(picture), _) => Ok(made(
            picture.kind,
            picture.content,
            digest,
            picture.renditions,
        )),
        (Err(Refusal::Unreadable), Wanted::Picture | Wanted::Poster) => {
            Ok((Verdict::BadPicture, Vec::new()))
        }
        (Err(Refusal::TooManyPixels), Wanted::Picture | Wanted::Poster) => {
            Ok((Verdict::TooManyPixels, Vec::new()))
        }
        (Err(_), _) => kept((FileKind::File, ANY), digest, file),
    }
}

/// A video or sound in boxes; a file that can only be saved where nobody can say what is in them.
fn boxed(
    says: Says,
    start: Vec<u8>,
    mut file: impl Read + Seek,
) -> io::Result<(Verdict, Vec<Rendered>)> {
    let walked = boxes::walk(&mut file);
    file.seek(SeekFrom::Start(start.len() as u64))?;
    let known = walked.and_then(|walked| match says {
        Says::Video(_) if !walked.is_seen => {
            let sound = (FileKind::Audio, kind::BOXED_SOUND);
            walked.is_heard.then_some((sound, walked))
        }
        says => Some((says.as_sent(), walked)),
    });
    let Some((kind, walked)) = known else {
        return as_sent((FileKind::File, ANY), start, file);
    };
    let (mut verdict, none) = as_sent(kind, start, file)?;
    if let Verdict::Looked(head) = &mut verdict {
        if kind.0 == FileKind::Video {
            head.content = walked.content;
        }
        (head.blanks, head.zeros) = (walked.blanks, walked.zeros);
    }
    Ok((verdict, none))
}

fn voice(
    start: Vec<u8>,
    mut file: impl Read,
    order: &Order,
) -> io::Result<(Verdict, Vec<Rendered>)> {
    let all = read_up_to(VOICE_BYTES, start, &mut file)?;
    if all.len() as u64 > VOICE_BYTES {
        return Ok((Verdict::TooLong, Vec::new()));
    }
    let digest = Sha256::new().chain_update(&all);
    Ok(match voice::render(&all, order.limits.seconds) {
        Ok(voice) => made(
            FileKind::Voice,
            voice.content,
            digest,
            vec![voice.rendition],
        ),
        Err(voice::Refusal::Unreadable) => (Verdict::BadVoice, Vec::new()),
        Err(voice::Refusal::TooLong) => (Verdict::TooLong, Vec::new()),
    })
}

/// The bytes of a file, but no more than one beyond `most`.
fn read_up_to(most: u64, start: Vec<u8>, file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut all = start;
    let rest = most.saturating_add(1).saturating_sub(all.len() as u64);
    file.take(rest).read_to_end(&mut all)?;
    Ok(all)
}

/// The answer about a file that was encoded anew.
fn made(
    kind: FileKind,
    content: Content,
    digest: Sha256,
    renditions: Vec<Rendered>,
) -> (Verdict, Vec<Rendered>) {
    let promise = |made: &Rendered| {
        let length = made.bytes.len() as u64;
        (made.rendition, made.media_type.to_owned(), length)
    };
    let saved = renditions.first().map_or(ANY, |first| first.media_type);
    let head = Head {
        kind,
        media_type: saved.to_owned(),
        content,
        sha256: hexadecimal(digest),
        renditions: renditions.iter().map(promise).collect(),
        blanks: Vec::new(),
        zeros: Vec::new(),
    };
    (Verdict::Looked(Box::new(head)), renditions)
}

/// A file that is kept to the byte.
fn as_sent(
    kind: (FileKind, &str),
    start: Vec<u8>,
    file: impl Read,
) -> io::Result<(Verdict, Vec<Rendered>)> {
    kept(kind, Sha256::new().chain_update(start), file)
}

fn kept(
    (kind, media_type): (FileKind, &str),
    digest: Sha256,
    file: impl Read,
) -> io::Result<(Verdict, Vec<Rendered>)> {
    let mut digest = Hashing(digest);
    io::copy(&mut io::BufReader::with_capacity(PIECE, file), &mut digest)?;
    let head = Head {
        kind,
        media_type: media_type.to_owned(),
        content: Content::default(),
        sha256: hexadecimal(digest.0),
        renditions: Vec::new(),
        blanks: Vec::new(),
        zeros: Vec::new(),
    };
    Ok((Verdict::Looked(Box::new(head)), Vec::new()))
}

/// A digest that bytes are written to.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hexadecimal(digest: Sha256) -> String {
    let digits = |byte: u8| [byte >> 4, byte & 0xF].map(|digit| char::from_digit(digit.into(), 16));
    let bytes = digest.finalize().into_iter();
    bytes.flat_map(digits).flatten().collect()
}
