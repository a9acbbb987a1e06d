//! The floor: a bare loop that writes one prepared frame to every socket, so that every figure
//! can be given as a ratio to what the kernel alone costs on the same machine in the same run.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

/// Serves `readers` connections, and one more as a trigger: each byte from it writes a frame of
/// `length` bytes to every reader. Ends when the trigger's connection does.
///
/// # Errors
/// When a connection cannot be accepted or written to.
pub fn run(readers: usize, length: usize) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    crate::app::announce(listener.local_addr()?)?;
    let mut lines = Vec::with_capacity(readers);
    for _ in 0..readers {
        lines.push(accept(&listener)?);
    }
    let mut poke = accept(&listener)?;
    let frame = frame(length);
    let mut byte = [0];
    while poke.read_exact(&mut byte).is_ok() {
        for mut line in &lines {
            line.write_all(&frame)?;
        }
    }
    Ok(())
}

fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A text frame of `length` bytes, header included.
fn frame(length: usize) -> Vec<u8> {
    let text = "x".repeat(length.saturating_sub(4));
    crate::protocol::frame::text(text.as_bytes()).to_vec()
}
