//! A way to a server that can be cut off and given back.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The way. It ends with this value.
pub struct Relay {
    pub addr: SocketAddr,
    /// Where it leads; nowhere while it is cut off.
    leads: watch::Sender<Option<SocketAddr>>,
    freezes: watch::Sender<bool>,
    server: SocketAddr,
}

impl Relay {
    /// A way to `server`.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (leads, state) = watch::channel(Some(server));
        let (freezes, frozen) = watch::channel(false);
        tokio::spawn(async move {
            let mut gone = state.clone();
            loop {
                let near = tokio::select! {
                    near = listener.accept() => near.unwrap().0,
                    _ = gone.wait_for(|_| false) => return,
                };
                tokio::spawn(relay(near, state.clone(), frozen.clone()));
            }
        });
        Self {
            addr,
            leads,
            freezes,
            server,
        }
    }

    /// Keeps every connection, takes new ones, and lets nothing through any more.
    pub fn freeze(&self) {
        self.freezes.send_replace(true);
    }

    /// Ends every connection, and lets nobody through from now on.
    pub fn cut(&self) {
        self.leads.send_replace(None);
    }

    /// Lets everybody through again.
    pub fn mend(&self) {
        self.lead_to(self.server);
    }

    /// Lets everybody through to this server from now on.
    pub fn lead_to(&self, server: SocketAddr) {
        self.leads.send_replace(Some(server));
    }
}

async fn relay(
    mut near: TcpStream,
    mut leads: watch::Receiver<Option<SocketAddr>>,
    mut frozen: watch::Receiver<bool>,
) {
    if *frozen.borrow() {
        let _gone = frozen.wait_for(|_| false).await;
        return;
    }
    let Some(server) = *leads.borrow_and_update() else {
        return;
    };
    let Ok(mut far) = TcpStream::connect(server).await else {
        return;
    };
    tokio::select! {
        _ended = copy_bidirectional(&mut near, &mut far) => {}
        _cut = leads.changed() => {}
        _frozen = async { frozen.wait_for(|frozen| *frozen).await.map(drop) } => {
            let _gone = frozen.wait_for(|_| false).await;
        }
    }
}
