//! The child: looks at one file, says what it found, and ends.
//!
//! Whatever a file does to a decoder ends here. This process has no environment, no files but stdin and
//! stdout, little memory and little time ([`confine`]); a panic is an exit code, and nothing of one person's
//! file is there when the next is looked at.

use std::io::{self, Read, Write};
use std::process;

use sha2::{Digest, Sha256};

use super::answer::{self, Head, Verdict};
use super::confine::confine;
use super::kind::{self, ANY, HEAD, Says, Still};
use super::looked::Rendered;
use super::order::{Order, Wanted};
use super::picture::{self, Refusal};
use crate::model::file::{Content, FileKind};

/// Bytes that are read at a time of what is not decoded.
const PIECE: usize = 64 * 1_024;

/// Looks at stdin, answers on stdout, and ends the process: with 0 if it could answer.
pub fn run(order: &Order) -> ! {
    let answered = confine().and_then(|()| {
        let (verdict, renditions) = look(io::stdin().lock(), order)?;
        answer::write(&mut io::stdout().lock(), &verdict, &renditions)
    });
    process::exit(i32::from(answered.is_err()));
}

fn look(mut file: impl Read, order: &Order) -> io::Result<(Verdict, Vec<Rendered>)> {
    let mut start = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut start)?;
    let says = kind::says(&start);
    match (order.wanted, says) {
        (Wanted::Any | Wanted::Picture, Says::Picture(format)) => {
            picture(format, start, file, order)
        }
        (Wanted::Picture, _) => Ok((Verdict::BadPicture, Vec::new())),
        (Wanted::Any, _) => as_sent(says.as_sent(), start, file),
        // A voice is kept as it came, until more is known of it.
        (Wanted::File | Wanted::Voice, _) => as_sent((FileKind::File, ANY), start, file),
    }
}

fn picture(
    format: Still,
    start: Vec<u8>,
    mut file: impl Read,
    order: &Order,
) -> io::Result<(Verdict, Vec<Rendered>)> {
    let mut all = start;
    let most = order.limits.bytes.saturating_add(1);
    let rest = most.saturating_sub(all.len() as u64);
    file.by_ref().take(rest).read_to_end(&mut all)?;
    let digest = Sha256::new().chain_update(&all);
    let rendered = if all.len() as u64 > order.limits.bytes {
        Err(Refusal::Unreadable)
    } else {
        picture::render(format, all, order.full, &order.limits)
    };
    match (rendered, order.wanted) {
        (Ok(picture), _) => {
            let saved = picture.renditions.first().map_or(ANY, |l| l.media_type);
            let promised = picture.renditions.iter();
            let head = Head {
                kind: picture.kind,
                media_type: saved.to_owned(),
                content: picture.content,
                sha256: hexadecimal(digest),
                renditions: promised
                    .map(|it| {
                        (
                            it.rendition,
                            it.media_type.to_owned(),
                            it.bytes.len() as u64,
                        )
                    })
                    .collect(),
            };
            Ok((Verdict::Looked(head), picture.renditions))
        }
        (Err(Refusal::Unreadable), Wanted::Picture) => Ok((Verdict::BadPicture, Vec::new())),
        (Err(Refusal::TooManyPixels), Wanted::Picture) => Ok((Verdict::TooManyPixels, Vec::new())),
        (Err(_), _) => kept((FileKind::File, ANY), digest, file),
    }
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
    };
    Ok((Verdict::Looked(head), Vec::new()))
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
