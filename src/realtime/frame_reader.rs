//! The way in from one client: its frames, as they come from the socket.
//!
//! A frame that is too long is refused at its header: actix-http's codec would check the length
//! when all of it is there. Nothing is kept for a connection that is silent: all of a thread read
//! into the same buffer, and a frame's own is dropped with it. Text that can be none any more is refused
//! before the rest of it has come. Bounded by [`MAX_FRAME`] and by
//! [`YIELD_EVERY`] bytes at a time, so that one who floods leaves the others their turn.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_http::ws::{Codec, Frame};
use bytes::BytesMut;
use futures_util::Stream;
use tokio_util::codec::Decoder;

use crate::protocol::MAX_FRAME;
use crate::protocol::close::Close;
use crate::realtime::client_writer::ClientWriter;
use crate::realtime::utf8::{NoText, Utf8};

/// Bytes that are read before the thread's other tasks have a turn.
const YIELD_EVERY: usize = 16 * 1024;

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; YIELD_EVERY].into());
}

/// The stream. What breaks the protocol comes as the code to close with, once; what follows it is
/// read and forgotten, because unread it would take our close frame with it.
pub struct FrameReader {
    writer: Rc<ClientWriter>,
    codec: Codec,
    /// What has come, from the beginning of a frame.
    buffer: BytesMut,
    /// Bytes read since the last turn of others.
    since_yield: usize,
    is_broken: bool,
    text: Text,
}

impl std::fmt::Debug for FrameReader {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Frames").finish_non_exhaustive()
    }
}

impl FrameReader {
    /// The bytes from the socket of `writer`, after the `early` ones that have been read already.
    #[must_use]
    pub fn new(writer: Rc<ClientWriter>, early: BytesMut) -> Self {
        Self {
            writer,
            codec: Codec::new().max_size(MAX_FRAME),
            buffer: early,
            since_yield: 0,
            is_broken: false,
            text: Text::default(),
        }
    }

    /// The next frame that is complete.
    fn take(&mut self) -> Result<Option<Frame>, Close> {
        if declared(&self.buffer).is_some_and(|length| length > MAX_FRAME as u64) {
            return Err(Close::TooLong);
        }
        let checked = self.text.check(&self.buffer);
        checked.map_err(|NoText| Close::BadText)?;
        let frame = self.codec.decode(&mut self.buffer);
        if let Ok(Some(_)) = &frame {
            self.text.seen = 0;
        }
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
        frame.map_err(|_broken| Close::BrokenFrame)
    }

    /// Reads what is there; whether the stream goes on.
    fn read(&mut self) -> bool {
        BUFFER.with_borrow_mut(|room| match self.writer.stream().try_read(room) {
            Ok(0) => false,
            Ok(count) => {
                self.since_yield += count;
                if let Some(bytes) = room.get(..count)
                    && !self.is_broken
                {
                    self.buffer.extend_from_slice(bytes);
                }
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        })
    }
}

impl Stream for FrameReader {
    type Item = Result<Frame, Close>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if !self.is_broken {
                match self.take() {
                    Ok(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                    Ok(None) => {}
                    Err(close) => {
                        self.is_broken = true;
                        self.buffer = BytesMut::new();
                        return Poll::Ready(Some(Err(close)));
                    }
                }
            }
            if self.since_yield >= YIELD_EVERY {
                self.since_yield = 0;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            // A stream that is broken is read once more, which says so.
            let _readable_or_broken = ready!(self.writer.stream().poll_read_ready(cx));
            if !self.read() {
                return Poll::Ready(None);
            }
        }
    }
}

/// The text that is coming, looked at as it comes (RFC 6455 §8.1).
#[derive(Debug, Default)]
struct Text {
    /// Whether the message that has begun is text.
    is_text: bool,
    utf8: Utf8,
    /// Bytes of the frame that have been looked at.
    seen: usize,
}

impl Text {
    /// Checks what is new of the frame at the beginning of `buffer`.
    fn check(&mut self, buffer: &[u8]) -> Result<(), NoText> {
        let Some((first, mask, come, is_all)) = payload(buffer) else {
            return Ok(());
        };
        match first {
            // Nothing was seen of it, and the session checks all of it.
            WHOLE_TEXT if is_all && self.seen == 0 => return Ok(()),
            WHOLE_TEXT | FIRST_TEXT if self.seen == 0 => {
                self.is_text = true;
                self.utf8 = Utf8::default();
            }
            WHOLE_TEXT | FIRST_TEXT | NEXT | LAST => {}
            // What is no text, between the pieces of one or instead of it.
            WHOLE_BINARY | FIRST_BINARY => self.is_text = false,
            _ => return Ok(()),
        }
        if !self.is_text {
            return Ok(());
        }
        let mut plain = [0; 512];
        for chunk in come
            .get(self.seen..)
            .unwrap_or_default()
            .chunks(plain.len())
        {
            let mask = mask.iter().cycle().skip(self.seen % mask.len());
            for ((plain, byte), mask) in plain.iter_mut().zip(chunk).zip(mask) {
                *plain = byte ^ mask;
            }
            self.utf8
                .check(plain.get(..chunk.len()).unwrap_or_default())?;
            self.seen += chunk.len();
        }
        Ok(())
    }
}

/// First bytes of frames: whether it is the last of its message, and what it is.
const WHOLE_TEXT: u8 = 0x81;
const FIRST_TEXT: u8 = 0x01;
const WHOLE_BINARY: u8 = 0x82;
const FIRST_BINARY: u8 = 0x02;
const NEXT: u8 = 0x00;
const LAST: u8 = 0x80;

/// A frame's first byte, its mask, what has come of its payload, and whether that is all. Without a mask
/// it is none of a client's, which is for the codec to say.
fn payload(buffer: &[u8]) -> Option<(u8, [u8; 4], &[u8], bool)> {
    let length = usize::try_from(declared(buffer)?).ok()?;
    let (&[first, second], rest) = buffer.split_first_chunk::<2>()?;
    let rest = match second {
        0xfe => rest.get(2..)?,
        0xff => rest.get(8..)?,
        0x80.. => rest,
        _ => return None,
    };
    let (mask, rest) = rest.split_first_chunk::<4>()?;
    let come = rest.get(..length).unwrap_or(rest);
    Some((first, *mask, come, come.len() == length))
}

/// The payload length that a header declares (RFC 6455 §5.2), when enough of it is there.
fn declared(header: &[u8]) -> Option<u64> {
    let (&[_, second], rest) = header.split_first_chunk::<2>()?;
    Some(match second & 0x7f {
        126 => u64::from(u16::from_be_bytes(*rest.first_chunk()?)),
        127 => u64::from_be_bytes(*rest.first_chunk()?),
        short => u64::from(short),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_http::ws::{OpCode, Parser};
    use futures_util::StreamExt;
    use proptest::prelude::*;
    use std::io::Write;
    use std::net;
    use tokio::net::TcpStream;

    /// Sends `bytes` in pieces of `cut` and gives what comes of them.
    fn heard(bytes: &[u8], cut: usize) -> Vec<Result<usize, Close>> {
        actix_web::rt::System::new().block_on(async move {
            let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
            let mut client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (server, _) = listener.accept().unwrap();
            server.set_nonblocking(true).unwrap();
            let bytes = bytes.to_vec();
            let (early, late) = bytes.split_at(cut.min(bytes.len()));
            let late = late.to_vec();
            let sender = actix_web::rt::task::spawn_blocking(move || {
                for piece in late.chunks(cut) {
                    client.write_all(piece).unwrap();
                }
            });
            let stream = TcpStream::from_std(server).unwrap();
            let heard = FrameReader::new(ClientWriter::new(stream), BytesMut::from(early))
                .map(|item| {
                    item.map(|frame| match frame {
                        Frame::Text(text) => text.len(),
                        other => panic!("{other:?}"),
                    })
                })
                .collect()
                .await;
            sender.await.unwrap();
            heard
        })
    }

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut out = BytesMut::new();
        Parser::write_message(&mut out, payload, OpCode::Text, true, true);
        out.to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// However the bytes are cut, frames come up to the first that is too long.
        #[test]
        fn frames_come_up_to_the_first_that_is_too_long(
            lengths in proptest::collection::vec(prop_oneof![0usize..130, 100_000usize..160_000], 1..6),
            cut in 500usize..50_000,
        ) {
            let bytes: Vec<u8> = lengths.iter().flat_map(|length| frame(&vec![b'x'; *length])).collect();
            let mut expected: Vec<_> = lengths
                .iter()
                .map(|length| if *length > MAX_FRAME { Err(Close::TooLong) } else { Ok(*length) })
                .collect();
            if let Some(first) = expected.iter().position(Result::is_err) {
                expected.truncate(first + 1);
            }
            prop_assert_eq!(heard(&bytes, cut), expected);
        }
    }

    #[test]
    fn a_gigabyte_is_refused_at_its_header() {
        let mut header = vec![0x81, 0xff];
        header.extend_from_slice(&(1u64 << 30).to_be_bytes());
        assert_eq!(heard(&header, 3), [Err(Close::TooLong)]);
    }

    #[test]
    fn what_breaks_the_protocol_is_told_once() {
        let unmasked = [[0x81, 1, b'x'], [0x81, 1, b'x']].concat();
        assert_eq!(heard(&unmasked, 100), [Err(Close::BrokenFrame)]);
    }
}
