//! A way to a server that can be cut off and given back.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The way. It ends with this value.
pub struct Relay {
    pub addr: SocketAddr,
    open: watch::Sender<bool>,
}

impl Relay {
    /// A way to `server`.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (open, state) = watch::channel(true);
        tokio::spawn(async move {
            let mut gone = state.clone();
            loop {
                let near = tokio::select! {
                    near = listener.accept() => near.unwrap().0,
                    _ = gone.wait_for(|_| false) => return,
                };
                tokio::spawn(relay(near, server, state.clone()));
            }
        });
        Self { addr, open }
    }

    /// Ends every connection, and lets nobody through from now on.
    pub fn cut(&self) {
        self.open.send_replace(false);
    }

    /// Lets everybody through again.
    pub fn mend(&self) {
        self.open.send_replace(true);
    }
}

async fn relay(mut near: TcpStream, server: SocketAddr, mut open: watch::Receiver<bool>) {
    if !*open.borrow_and_update() {
        return;
    }
    let Ok(mut far) = TcpStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ended = copy_bidirectional(&mut near, &mut far) => {}
        _cut = open.changed() => {}
    }
}
