//! From an HTTP connection to a WebSocket of our own.
//!
//! actix-http keeps a task of 8 kB and two buffers of 8 KiB for every connection, upgraded or not.
//! An upgraded one needs none of them: the body of the 101 waits until the head has left, starts
//! the session on a dup of the socket, and fails. The failure makes actix-http drop its side of the
//! connection without ending the stream; the dup is the connection from then on.
//! Bounds: [`EARLY`] bytes that came before.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix::{Actor, AsyncContext};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::{FutureExt, Stream, StreamExt};
use socket2::Socket;
use tokio::net::TcpStream;

use crate::chat::handle::ChatHandle;
use crate::chat::requests::Arrival;
use crate::realtime::admission::ConnectionPermit;
use crate::realtime::client_writer::ClientWriter;
use crate::realtime::frame_reader::FrameReader;
use crate::realtime::session::{Session, Settings};
use crate::realtime::subscriptions::Subscriptions;

/// Bytes that a client may send before it has the 101, though it must not (RFC 6455 §4.1). A
/// client that sends more is not let in: actix-http may hold back what is beyond twice as much.
const EARLY: usize = 16 * 1024;

/// Everything that a session is made of, while the 101 is on its way.
pub struct PendingUpgrade {
    /// The dup of the connection's socket.
    pub socket: Socket,
    /// What comes, or has come, by way of actix-http.
    pub body: Payload,
    /// Where the client writer is registered.
    pub subscriptions: Rc<Subscriptions>,
    /// ChatServer, which the session connects to.
    pub chat: ChatHandle,
    /// The settings that all sessions share.
    pub settings: Settings,
    /// The person, and what is known of their client.
    pub arrival: Arrival,
    /// The permit that admits the connection.
    pub permit: ConnectionPermit,
}

impl fmt::Debug for PendingUpgrade {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Newcomer").finish_non_exhaustive()
    }
}

/// The body of a 101.
#[derive(Debug)]
pub struct Handover {
    pending_upgrade: Option<PendingUpgrade>,
    head_has_left: bool,
}

impl Handover {
    /// The response body that starts the session of `pending_upgrade`.
    #[must_use]
    pub fn new(pending_upgrade: PendingUpgrade) -> Self {
        Self {
            pending_upgrade: Some(pending_upgrade),
            head_has_left: false,
        }
    }
}

/// How the body of a 101 ends.
#[derive(Debug)]
pub struct HandedOver;

impl fmt::Display for HandedOver {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the connection is a WebSocket now; this is no error")
    }
}

impl std::error::Error for HandedOver {}

impl Stream for Handover {
    type Item = Result<Bytes, HandedOver>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.head_has_left {
            // The head is flushed after this poll and before the next one.
            self.head_has_left = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(pending_upgrade) = self.pending_upgrade.take() {
            pending_upgrade.begin();
        }
        Poll::Ready(Some(Err(HandedOver)))
    }
}

impl PendingUpgrade {
    /// Starts the session on this thread. Where that fails the socket is dropped, and with it the
    /// connection.
    fn begin(mut self) {
        let early = self.early();
        if early.len() > EARLY {
            return;
        }
        let stream = match TcpStream::from_std(self.socket.into()) {
            Ok(stream) => stream,
            Err(error) => return tracing::warn!(%error, "a connection cannot be watched"),
        };
        let writer = ClientWriter::new(stream);
        let frames = FrameReader::new(Rc::clone(&writer), early);
        Session::create(|ctx| {
            ctx.add_stream(frames);
            Session::new(
                writer,
                self.subscriptions,
                self.chat,
                self.settings,
                self.arrival,
                self.permit,
            )
        });
    }

    /// What actix-http has read of the stream already.
    fn early(&mut self) -> BytesMut {
        let mut early = BytesMut::new();
        while let Some(Some(Ok(bytes))) = self.body.next().now_or_never() {
            early.extend_from_slice(&bytes);
        }
        early
    }
}
