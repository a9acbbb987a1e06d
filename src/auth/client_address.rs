//! The address of a client, from those who may say so.
//!
//! `X-Forwarded-For` is believed from configured proxies only: the right-most address that is
//! not one of them. Anybody else can write what they like into it.

use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The address that a request comes from; `None` without a peer (tests).
#[must_use]
pub fn of(request: &HttpRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .map(|value| value.to_str().unwrap_or_default());
    Some(resolve(peer, forwarded, trusted))
}

/// The prefix of an address that one subscriber has: all of an IPv4 address, 64 bits of an IPv6
/// one (RFC 6177).
#[must_use]
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// Whether the connection itself comes from a configured proxy.
#[must_use]
pub fn is_from_proxy(request: &HttpRequest, trusted: &[IpNet]) -> bool {
    request
        .peer_addr()
        .is_some_and(|peer| is_proxy(peer.ip(), trusted))
}

/// Whether this is the address of a configured proxy.
#[must_use]
pub fn is_proxy(address: IpAddr, trusted: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted.iter().any(|net| net.contains(&address))
}

fn resolve<'a>(
    peer: IpAddr,
    forwarded: impl Iterator<Item = &'a str>,
    trusted: &[IpNet],
) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_proxy(peer, trusted) {
        return peer;
    }
    let hops: Vec<&str> = forwarded
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        // An address that cannot be parsed hides everything to its left.
        let Some(address) = parse(hop) else { break };
        nearest = address;
        if !is_proxy(address, trusted) {
            break;
        }
    }
    nearest
}

/// An address as proxies write it: bare, with a port, in brackets.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[');
    bare.parse()
        .ok()
        .or_else(|| {
            hop.parse::<std::net::SocketAddr>()
                .ok()
                .map(|socket| socket.ip())
        })
        .or_else(|| bare.trim_end_matches(']').parse().ok())
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        resolve(peer.parse().unwrap(), forwarded.iter().copied(), &trusted).to_string()
    }

    #[test]
    fn only_configured_proxies_are_believed_and_only_for_the_last_hop_they_saw() {
        let local = &["127.0.0.0/8", "10.0.0.0/8"];
        for (peer, forwarded, trusted, address) in [
            ("203.0.113.9", vec!["1.1.1.1"], &local[..], "203.0.113.9"),
            ("127.0.0.1", vec!["1.1.1.1"], &[], "127.0.0.1"),
            ("127.0.0.1", vec!["1.1.1.1"], &local[..], "1.1.1.1"),
            ("127.0.0.1", vec!["6.6.6.6, 1.1.1.1"], &local[..], "1.1.1.1"),
            (
                "127.0.0.1",
                vec!["6.6.6.6, 1.1.1.1, 10.0.0.5"],
                &local[..],
                "1.1.1.1",
            ),
            (
                "127.0.0.1",
                vec!["6.6.6.6", "1.1.1.1"],
                &local[..],
                "1.1.1.1",
            ),
            ("127.0.0.1", vec!["10.0.0.9"], &local[..], "10.0.0.9"),
            ("127.0.0.1", vec![], &local[..], "127.0.0.1"),
            ("127.0.0.1", vec!["nonsense"], &local[..], "127.0.0.1"),
            (
                "127.0.0.1",
                vec!["6.6.6.6, nonsense, 10.0.0.5"],
                &local[..],
                "10.0.0.5",
            ),
            ("127.0.0.1", vec!["1.1.1.1:4711"], &local[..], "1.1.1.1"),
            (
                "127.0.0.1",
                vec!["[2001:db8::1]:4711"],
                &local[..],
                "2001:db8::1",
            ),
            ("127.0.0.1", vec!["::ffff:1.1.1.1"], &local[..], "1.1.1.1"),
            ("::ffff:127.0.0.1", vec!["1.1.1.1"], &local[..], "1.1.1.1"),
        ] {
            assert_eq!(
                client(peer, &forwarded, trusted),
                address,
                "{peer} {forwarded:?}"
            );
        }
    }

    #[test]
    fn an_ipv6_subscriber_is_counted_once() {
        let one = subscriber("2001:db8:1:2:aaaa::1".parse().unwrap());
        assert_eq!(one, subscriber("2001:db8:1:2:bbbb::2".parse().unwrap()));
        assert_ne!(one, subscriber("2001:db8:1:3::1".parse().unwrap()));
    }
}
