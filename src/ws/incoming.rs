//! The way in from one client: bytes as they come from the socket.
//!
//! Nothing is kept for a connection that is silent: all of a thread read into the same buffer.
//! Bounded by [`TURN`] bytes each time that the session is looked at, so that what is read is taken
//! in before more is, and one who floods leaves the others their turn.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;
use tokio::net::TcpStream;

/// Bytes that are read each time.
const TURN: usize = 16 * 1024;

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; TURN].into());
}

/// Bytes that may still be read this time; shared with whoever looks at the session.
#[derive(Debug, Clone, Default)]
pub struct Turn(Rc<Cell<usize>>);

impl Turn {
    /// A new time begins.
    pub fn begin(&self) {
        self.0.set(TURN);
    }
}

/// The stream.
#[derive(Debug)]
pub struct Incoming {
    stream: Rc<TcpStream>,
    early: Bytes,
    turn: Turn,
}

impl Incoming {
    /// What comes from `stream`, after the `early` bytes that have been read already.
    #[must_use]
    pub fn new(stream: Rc<TcpStream>, early: Bytes, turn: Turn) -> Self {
        Self {
            stream,
            early,
            turn,
        }
    }

    /// What is there, `None` at the end of the stream, however it ends.
    fn read(&self) -> Option<Result<Bytes, ErrorKind>> {
        BUFFER.with_borrow_mut(|buffer| {
            let room = buffer.get_mut(..self.turn.0.get())?;
            match self.stream.try_read(room) {
                Ok(0) => None,
                Ok(count) => {
                    self.turn.0.update(|left| left - count);
                    room.get(..count).map(Bytes::copy_from_slice).map(Ok)
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => Some(Err(error.kind())),
                Err(_broken) => None,
            }
        })
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.early.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.early))));
        }
        if self.turn.0.get() == 0 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            // A stream that is broken is read once more, which says so.
            let _readable_or_broken = ready!(self.stream.poll_read_ready(cx));
            match self.read() {
                None => return Poll::Ready(None),
                Some(Ok(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                Some(Err(_nothing_yet)) => {}
            }
        }
    }
}
