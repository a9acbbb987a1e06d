//! The way from a browser to the house: an address that stays the same, whatever port the house
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
        let traffic = Some(tokio::spawn(relay(listener, server.addr())));
        Self { addr, traffic }
    }

    /// The house as a browser on this road addresses it.
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
        let listener = TcpListener::bind(self.addr).await.unwrap();
        self.traffic = Some(tokio::spawn(relay(listener, server.addr())));
    }
}

async fn relay(listener: TcpListener, to: SocketAddr) {
    let mut connections = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        connections.spawn(async move {
            if let Ok(mut far) = TcpStream::connect(to).await {
                let _ended = copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
