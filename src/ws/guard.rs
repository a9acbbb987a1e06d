//! The length of a frame is refused at its header.
//!
//! actix-http compares a frame's length with the limit only when the whole frame has been
//! buffered, so a header that declares 1 GiB costs as much memory as the peer cares to send. This
//! stream stands between the socket and the codec, reads frame headers as they pass (RFC 6455
//! §5.2) and ends the stream at one that is too long. It keeps 14 bytes and changes nothing.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

use crate::protocol::MAX_FRAME;

/// Set when a header was refused.
pub type TooLong = Rc<Cell<bool>>;

/// The guarded stream.
#[derive(Debug)]
pub struct Guard<S> {
    inner: S,
    header: HeaderReader,
    too_long: TooLong,
}

impl<S> Guard<S> {
    /// Guards `inner`; the flag tells whoever reads the stream's end why it ended.
    pub fn new(inner: S) -> (Self, TooLong) {
        let too_long = TooLong::default();
        let guard = Self {
            inner,
            header: HeaderReader::default(),
            too_long: Rc::clone(&too_long),
        };
        (guard, too_long)
    }
}

impl<S: Stream<Item = Result<Bytes, PayloadError>> + Unpin> Stream for Guard<S> {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.too_long.get() {
            return Poll::Ready(None);
        }
        let next = Pin::new(&mut self.inner).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &next
            && !self.header.pass(bytes)
        {
            self.too_long.set(true);
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        }
        // A connection that breaks off has ended; nobody is there to hear of an error.
        match next {
            Poll::Ready(Some(Err(_broken))) => Poll::Ready(None),
            next => next,
        }
    }
}

/// Follows frames through a stream of bytes.
#[derive(Debug, Default)]
struct HeaderReader {
    /// Header bytes of the current frame.
    header: Vec<u8>,
    /// Payload bytes of the current frame still to pass.
    payload: u64,
}

impl HeaderReader {
    /// Lets `bytes` pass; false at a header that declares more than [`MAX_FRAME`].
    fn pass(&mut self, mut bytes: &[u8]) -> bool {
        while let Some((&first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let skip = usize::try_from(self.payload)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                self.payload -= skip as u64;
                bytes = bytes.get(skip..).unwrap_or_default();
                continue;
            }
            bytes = rest;
            self.header.push(first);
            match declared(&self.header) {
                Some(length) if length > MAX_FRAME as u64 => return false,
                Some(length) => {
                    self.payload = length;
                    self.header = Vec::new();
                }
                None => {}
            }
        }
        true
    }
}

/// The payload length of a complete header.
fn declared(header: &[u8]) -> Option<u64> {
    let (&[_, second], rest) = header.split_first_chunk::<2>()?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (length, used) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
        127 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
        short => (u64::from(short), 0),
    };
    // A length over the limit is refused before its mask has come.
    (length > MAX_FRAME as u64 || rest.len() == used + mask).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;
    use proptest::prelude::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut out = BytesMut::new();
        let payload = vec![0u8; length];
        actix_http::ws::Parser::write_message(
            &mut out,
            payload,
            actix_http::ws::OpCode::Text,
            true,
            true,
        );
        out.to_vec()
    }

    proptest! {
        /// However the bytes are cut, frames within the limit pass.
        #[test]
        fn frames_within_the_limit_pass(
            lengths in proptest::collection::vec(prop_oneof![0usize..130, 120usize..70_000], 1..6),
            cut in 1usize..5_000,
        ) {
            let fits = lengths.iter().all(|length| *length <= MAX_FRAME);
            let stream: Vec<u8> = lengths.iter().flat_map(|length| frame(*length)).collect();
            let mut reader = HeaderReader::default();
            let passed = stream.chunks(cut).all(|chunk| reader.pass(chunk));
            prop_assert_eq!(passed, fits);
        }
    }

    #[test]
    fn a_gigabyte_is_refused_at_its_header() {
        let mut header = vec![0x81, 0xff];
        header.extend_from_slice(&(1u64 << 30).to_be_bytes());
        let mut reader = HeaderReader::default();
        let (last, before) = header.split_last().unwrap();
        assert!(reader.pass(before));
        assert!(!reader.pass(&[*last]));
    }
}
