//! The way from people to the nodes: bad weather, and before several nodes nginx with the file that operators have.

use std::net::SocketAddr;

use super::weather::Weather;
use crate::deploy_nodes::{NGINX, THERE};
use crate::support::Server;
use crate::support::proxy::Proxy;
use crate::support::relay::Relay;

/// The way. What stands in it ends with this value.
pub struct Way {
    pub weather: Weather,
    balancer: Option<Balancer>,
}

/// nginx, and a way from it to each node, which is somewhere else after each start.
struct Balancer {
    nginx: Proxy,
    ways: Vec<Relay>,
}

impl Way {
    pub async fn to(nodes: &[Server]) -> Self {
        let balancer = if nodes.len() == THERE.len() {
            Balancer::before(nodes).await
        } else {
            None
        };
        let ends = match &balancer {
            Some(balancer) => vec![balancer.nginx.addr],
            None => nodes.iter().map(Server::addr).collect(),
        };
        Self {
            weather: Weather::over(ends).await,
            balancer,
        }
    }

    /// The node of this number is somewhere else now.
    pub fn lead_to(&self, node: usize, addr: SocketAddr) {
        match &self.balancer {
            Some(balancer) => balancer.ways[node].lead_to(addr),
            None => self.weather.lead_to(node, addr),
        }
    }
}

impl Balancer {
    async fn before(nodes: &[Server]) -> Option<Self> {
        let mut ways = Vec::new();
        for node in nodes {
            ways.push(Relay::to(node.addr()).await);
        }
        let ends = ways.iter().map(|way| way.addr);
        let places: Vec<_> = THERE.into_iter().zip(ends).collect();
        let nginx = Proxy::nginx(NGINX, &places).await;
        if nginx.is_none() {
            eprintln!("no nginx here: people come to the nodes by turns");
        }
        nginx.map(|nginx| Self { nginx, ways })
    }
}
