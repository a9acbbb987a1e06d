//! The way from a browser to the server: an address that stays the same, whatever port the server
//! has after a restart, and that can be cut.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::support::Server;

/// A relay of TCP connections.
pub struct Road {
    addr: SocketAddr,
    traffic: Option<JoinHandle<()>>,
}

impl Road {
    pub async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let traffic = Some(tokio::spawn(relay(listener, server.addr(), Lets::All)));
        Self { addr, traffic }
    }

    /// The server as a browser on this road addresses it.
    pub fn site(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Ends every connection, and refuses new ones.
    pub async fn cut(&mut self) {
        if let Some(traffic) = self.traffic.take() {
            traffic.abort();
            let _aborted = traffic.await;
        }
    }

    /// Lets people through again.
    pub async fn mend(&mut self, server: &Server) {
        self.cut().await;
        let listener = TcpListener::bind(self.addr).await.unwrap();
        self.traffic = Some(tokio::spawn(relay(listener, server.addr(), Lets::All)));
    }

    /// Lets pages through, and no WebSocket, as some proxies do.
    pub async fn mend_for_pages(&mut self, server: &Server) {
        self.cut().await;
        let listener = TcpListener::bind(self.addr).await.unwrap();
        self.traffic = Some(tokio::spawn(relay(listener, server.addr(), Lets::Pages)));
    }
}

/// Who gets through.
#[derive(Clone, Copy, PartialEq)]
enum Lets {
    All,
    Pages,
}

/// How a request for a WebSocket begins.
const UPGRADE: &[u8] = b"GET /ws";

async fn relay(listener: TcpListener, to: SocketAddr, lets: Lets) {
    let mut connections = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        connections.spawn(async move {
            let mut begin = [0; UPGRADE.len()];
            if lets == Lets::Pages {
                let _cut = near.peek(&mut begin).await;
            }
            if begin == UPGRADE {
                return;
            }
            if let Ok(mut far) = TcpStream::connect(to).await {
                let _ended = copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
