//! A way to NATS on which messages are lost, doubled, and overtaken by the next one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::random_range;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// The way: for each connection, of what NATS sends.
pub struct Lossy {
    pub addr: SocketAddr,
    seen: Arc<Seen>,
}

/// How many messages were lost, doubled, and overtaken.
#[derive(Debug, Default)]
struct Seen {
    lost: AtomicUsize,
    doubled: AtomicUsize,
    overtaken: AtomicUsize,
}

impl Lossy {
    /// A way to the server at `nats`.
    pub async fn to(nats: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::<Seen>::default();
        let sees = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let sees = Arc::clone(&sees);
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(nats).await else {
                        return;
                    };
                    let (mut near_in, near_out) = near.into_split();
                    let (far_in, mut far_out) = far.into_split();
                    tokio::select! {
                        _ended = copy(&mut near_in, &mut far_out) => {}
                        _ended = tell(far_in, near_out, &sees) => {}
                    }
                });
            }
        });
        Self { addr, seen }
    }

    /// How much happened; fails where something never did.
    pub fn report(&self) -> String {
        let Seen {
            lost,
            doubled,
            overtaken,
        } = &*self.seen;
        let [lost, doubled, overtaken] =
            [lost, doubled, overtaken].map(|count| count.load(Ordering::Acquire));
        let report = format!("{lost} lost, {doubled} doubled, {overtaken} overtaken");
        assert!(lost > 0 && doubled > 0 && overtaken > 0, "{report}");
        report
    }
}

/// NATS's protocol: lines, of which those of messages end with the bytes that follow, and a line end after them.
async fn tell(from: OwnedReadHalf, mut to: OwnedWriteHalf, seen: &Seen) -> std::io::Result<()> {
    let mut from = BufReader::new(from);
    let mut waits: Option<Vec<u8>> = None;
    loop {
        let mut message = Vec::new();
        if from.read_until(b'\n', &mut message).await? == 0 {
            return Ok(());
        }
        let Some(length) = length_of(&message) else {
            to.write_all(&message).await?;
            continue;
        };
        let head = message.len();
        message.resize(head + length + 2, 0);
        from.read_exact(&mut message[head..]).await?;
        match random_range(0..10) {
            0 | 1 => {
                seen.lost.fetch_add(1, Ordering::AcqRel);
                continue;
            }
            2 | 3 => {
                seen.doubled.fetch_add(1, Ordering::AcqRel);
                to.write_all(&message).await?;
            }
            4 if waits.is_none() => {
                waits = Some(message);
                continue;
            }
            _ => {}
        }
        to.write_all(&message).await?;
        if let Some(overtaken) = waits.take() {
            seen.overtaken.fetch_add(1, Ordering::AcqRel);
            to.write_all(&overtaken).await?;
        }
    }
}

/// How many bytes follow this line, where it is that of a message.
fn length_of(line: &[u8]) -> Option<usize> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    matches!(words.next(), Some("MSG" | "HMSG")).then(|| words.last()?.parse().ok())?
}
