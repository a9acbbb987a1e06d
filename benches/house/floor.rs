//! The floor: a bare loop that writes one prepared frame to every socket.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// The bare loop: `connections` readers and one that pokes; each poke writes one prepared frame of
/// `length` bytes to every reader.
pub fn run(connections: usize, length: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let readers: Vec<TcpStream> = (0..connections).map(|_| accept(&listener)).collect();
    let mut poke = accept(&listener);
    let mut text = br#"{"type":3,"data":""#.to_vec();
    text.resize(length - 4, b'x');
    let mut frame = vec![0x81, 126];
    frame.extend_from_slice(
        &u16::try_from(text.len())
            .expect("a short text")
            .to_be_bytes(),
    );
    frame.extend_from_slice(&text);
    let mut byte = [0];
    while poke.read_exact(&mut byte).is_ok() {
        for mut reader in &readers {
            reader.write_all(&frame).expect("the kernel takes it");
        }
    }
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().expect("a connection");
    stream.set_nodelay(true).expect("nodelay");
    stream
}
