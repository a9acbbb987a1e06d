//! The way out to one client.
//!
//! Owns everything that is written to the client's TCP socket after the upgrade's 101: text, ping and close
//! frames. A frame goes straight to the kernel; what the kernel does not take waits here, in
//! order, and is drained by a task that exists only meanwhile. A reader that stays behind is cut:
//! over [`QUEUE_BYTES`] or [`CHUNKS`] waiting, or [`STALL`] without progress.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::rc::Rc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::delivery::QUEUE_BYTES;
use crate::telemetry;

/// Most chunks (frames, or groups of frames that left the store together) that wait.
pub const CHUNKS: usize = 256;

/// Pieces that leave in one write; the kernel takes 1,024 (UIO_MAXIOV).
const PIECES: usize = 64;

/// How long a client may take nothing at all while something waits for it.
pub const STALL: Duration = Duration::from_secs(15);

/// How long a peer may take to end its side after our close frame.
pub const CLOSING_TIME: Duration = Duration::from_secs(2);

/// One client's socket, seen from the writing side.
#[derive(Debug)]
pub struct ClientWriter {
    stream: TcpStream,
    state: RefCell<State>,
}

#[derive(Debug)]
struct State {
    stage: Stage,
    waiting: VecDeque<Bytes>,
    bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Frames go straight to the socket.
    Open,
    /// The kernel's buffer is full: a task drains what waits.
    Draining,
    /// A close frame is the last thing that leaves.
    Closing,
    /// Nothing is sent any more.
    Dead,
}

impl ClientWriter {
    /// The writer of a client to which the 101 has been sent.
    #[must_use]
    pub fn new(stream: TcpStream) -> Rc<Self> {
        Rc::new(Self {
            stream,
            state: RefCell::new(State {
                stage: Stage::Open,
                waiting: VecDeque::new(),
                bytes: 0,
            }),
        })
    }

    /// Sends `frames` (one or more whole frames), now or as soon as the reader takes them.
    pub fn send(self: &Rc<Self>, frames: &Bytes) {
        match self.stage() {
            Stage::Dead | Stage::Closing => {}
            Stage::Draining => self.enqueue(frames.clone()),
            Stage::Open => match SockRef::from(&self.stream).send(frames) {
                Ok(sent) if sent == frames.len() => {}
                Ok(sent) => {
                    self.enqueue(frames.slice(sent..));
                    self.drain();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.enqueue(frames.clone());
                    self.drain();
                }
                Err(_gone) => self.cut(),
            },
        }
    }

    /// Sends several pieces as [`ClientWriter::send`] does, in one write where the kernel takes them.
    pub fn send_all(self: &Rc<Self>, pieces: &[Bytes]) {
        for pieces in pieces.chunks(PIECES) {
            let mut sent = 0;
            if self.stage() == Stage::Open && pieces.len() > 1 {
                let slices: Vec<IoSlice<'_>> =
                    pieces.iter().map(|piece| IoSlice::new(piece)).collect();
                // An error comes again from `send` below, which ends the connection.
                sent = SockRef::from(&self.stream)
                    .send_vectored(&slices)
                    .unwrap_or_default();
            }
            for piece in pieces {
                let done = sent.min(piece.len());
                sent -= done;
                if done < piece.len() {
                    self.send(&piece.slice(done..));
                }
            }
        }
    }

    /// Sends a close frame as the last thing and ends our side of the stream behind it. A peer
    /// that does not end its side within [`CLOSING_TIME`] is cut.
    pub fn close(self: &Rc<Self>, frame: &Bytes) {
        self.send(frame);
        match self.stage() {
            Stage::Open => {
                self.set_stage(Stage::Dead);
                self.shutdown(Shutdown::Write);
            }
            Stage::Draining => self.set_stage(Stage::Closing),
            Stage::Closing | Stage::Dead => return,
        }
        let waiting = Rc::downgrade(self);
        actix_web::rt::spawn(async move {
            actix_web::rt::time::sleep(CLOSING_TIME).await;
            if let Some(writer) = waiting.upgrade() {
                writer.cut();
            }
        });
    }

    /// The socket, for whoever reads from it.
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Whether nothing more will be sent: a close frame is or was the last, or the connection was cut.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.stage(), Stage::Closing | Stage::Dead)
    }

    /// Ends the connection at once, both ways. The session ends too, because its socket does:
    /// an actor whose writes block could not notice by itself.
    pub fn cut(&self) {
        self.settle_stage(Stage::Dead);
        self.shutdown(Shutdown::Both);
    }

    #[cfg(test)]
    fn is_behind(&self) -> bool {
        self.state.borrow().bytes > 0
    }

    fn stage(&self) -> Stage {
        self.state.borrow().stage
    }

    fn set_stage(&self, stage: Stage) {
        self.state.borrow_mut().stage = stage;
    }

    fn enqueue(&self, chunk: Bytes) {
        let over = {
            let mut state = self.state.borrow_mut();
            state.bytes += chunk.len();
            state.waiting.push_back(chunk);
            state.bytes > QUEUE_BYTES || state.waiting.len() > CHUNKS
        };
        if over {
            telemetry::slow_reader_cut("budget");
            self.cut();
        }
    }

    /// Writes what waits until nothing does, or the kernel takes no more (`WouldBlock`).
    fn flush(&self) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        while let Some(chunk) = state.waiting.front_mut() {
            let sent = SockRef::from(&self.stream).send(chunk)?;
            chunk.advance(sent);
            if chunk.is_empty() {
                state.waiting.pop_front();
            }
            state.bytes -= sent;
        }
        // An empty queue gives its memory back: most clients are slow once.
        state.waiting = VecDeque::new();
        Ok(())
    }

    fn drain(self: &Rc<Self>) {
        if self.stage() != Stage::Open {
            return;
        }
        self.set_stage(Stage::Draining);
        let writer = Rc::clone(self);
        actix_web::rt::spawn(async move {
            match writer.drained().await {
                Ok(()) if writer.stage() == Stage::Closing => {
                    writer.settle_stage(Stage::Dead);
                    writer.shutdown(Shutdown::Write);
                }
                Ok(()) => writer.set_stage(Stage::Open),
                Err(error) => {
                    if error.kind() == io::ErrorKind::TimedOut {
                        telemetry::slow_reader_cut("stall");
                    }
                    writer.cut();
                }
            }
        });
    }

    async fn drained(self: &Rc<Self>) -> io::Result<()> {
        loop {
            tokio::time::timeout(STALL, self.stream.writable()).await??;
            match self.stream.try_io(Interest::WRITABLE, || self.flush()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                _ if self.stage() == Stage::Dead => {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                result => return result,
            }
        }
    }

    fn settle_stage(&self, stage: Stage) {
        let mut state = self.state.borrow_mut();
        state.stage = stage;
        state.waiting = VecDeque::new();
        state.bytes = 0;
    }

    fn shutdown(&self, how: Shutdown) {
        // A socket that is gone already is what was wanted.
        let _gone = SockRef::from(&self.stream).shutdown(how);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net;

    /// A client writer and the client's end of its connection.
    fn pair() -> (Rc<ClientWriter>, net::TcpStream) {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        server.set_nonblocking(true).unwrap();
        let server = TcpStream::from_std(server).unwrap();
        (ClientWriter::new(server), client)
    }

    fn read_all(mut client: net::TcpStream) -> Vec<u8> {
        let mut all = Vec::new();
        client.read_to_end(&mut all).unwrap();
        all
    }

    #[actix_web::test]
    async fn all_leaves_in_order_and_nothing_after_a_close() {
        let (writer, client) = pair();
        writer.send(&Bytes::from_static(b"one "));
        writer.send(&Bytes::from_static(b"two "));
        writer.close(&Bytes::from_static(b"bye"));
        writer.send(&Bytes::from_static(b"never"));
        assert_eq!(read_all(client), b"one two bye");
    }

    #[actix_web::test]
    async fn a_slow_reader_gets_everything_in_order_once_they_read() {
        let (writer, client) = pair();
        let mut expected = Vec::new();
        for number in 0..100u8 {
            let chunk = Bytes::from(vec![number; 9_000]);
            expected.extend_from_slice(&chunk);
            writer.send(&chunk);
        }
        writer.close(&Bytes::from_static(b"bye"));
        expected.extend_from_slice(b"bye");
        let reader = actix_web::rt::task::spawn_blocking(move || read_all(client));
        assert_eq!(reader.await.unwrap(), expected);
    }

    #[actix_web::test]
    async fn a_reader_that_stays_away_is_cut_at_the_budget() {
        let (writer, client) = pair();
        let chunk = Bytes::from(vec![7; 100_000]);
        for _ in 0..200 {
            writer.send(&chunk);
        }
        assert_eq!(writer.stage(), Stage::Dead);
        assert!(!writer.is_behind());
        let taken = actix_web::rt::task::spawn_blocking(move || read_all(client))
            .await
            .unwrap();
        assert!(taken.len() < 200 * 100_000);
    }
}
