//! From a request to a session: who may open a WebSocket.
//!
//! Owns the checks before the 101 (house open, origin, guests, seats) and the count of seats. What
//! is refused is refused in HTTP, with a status and a localized message.

use std::collections::HashMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{self, WsResponseBuilder};

use super::guard::Guard;
use super::hub::Wires;
use super::session::{self, Session};
use super::socket::RawSocket;
use super::wire::Wire;
use crate::chat::messages::Arrival;
use crate::error::Error;
use crate::house::House;
use crate::protocol::MAX_FRAME;
use crate::telemetry;
use crate::web::client::{Client, Refused};
use crate::web::security;

/// `GET /ws`.
///
/// # Errors
/// See [`admit`]; and when the request is no WebSocket handshake.
pub async fn upgrade(
    request: HttpRequest,
    body: web::Payload,
    client: Client,
    house: web::Data<House>,
    wires: web::Data<Rc<Wires>>,
) -> Result<HttpResponse, Refused> {
    let lang = client.lang();
    let refused = |error| Refused { error, lang };
    // Looked at before anything is taken; the builder below does it again and cannot fail then.
    ws::handshake(&request).map_err(|_no_handshake| refused(Error::NotWebSocket))?;
    let (arrival, seat) = admit(&request, &client, &house).await.map_err(refused)?;
    let socket = request
        .conn_data::<Rc<RawSocket>>()
        .and_then(|raw| raw.take())
        .ok_or_else(|| refused(Error::Internal))?;
    let (guarded, too_long) = Guard::new(body);
    let session = Session::new(
        Wire::new(socket),
        Rc::clone(&wires),
        house.chat.clone(),
        session::Settings {
            pulse: house.pulse,
            frames_per_second: house.frames_per_second,
        },
        arrival,
        too_long,
        seat,
    );
    WsResponseBuilder::new(session, &request, guarded)
        .frame_size(MAX_FRAME)
        .start()
        .map_err(|_handshake| refused(Error::NotWebSocket))
}

/// `GET /api/v1/door`: what an upgrade would be told now. A browser hides the answer to a refused
/// WebSocket from its page, so the page asks here.
///
/// # Errors
/// As [`upgrade`], the handshake aside.
pub async fn door(
    request: HttpRequest,
    client: Client,
    house: web::Data<House>,
) -> Result<HttpResponse, Refused> {
    let admitted = admit(&request, &client, &house).await;
    admitted.map_err(|error| client.refused(error))?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

async fn admit(
    request: &HttpRequest,
    client: &Client,
    house: &House,
) -> Result<(Arrival, Seat), Error> {
    if !house.shutdown.is_open() {
        return Err(Error::Restarting);
    }
    if client.has_cookie() && !security::is_own_origin(request, house) {
        return Err(Error::CrossSite);
    }
    let identity = client.identity(house).await?;
    let prefix = prefix(client.address());
    let seat = house.seats.take(prefix)?;
    let greet = !request.query_string().split('&').any(|flag| flag == "feed");
    Ok((
        Arrival {
            identity,
            greet,
            prefix,
        },
        seat,
    ))
}

/// The part of an address that one subscriber has: all of an IPv4 address, 64 bits of an IPv6
/// one (RFC 6177).
#[must_use]
pub fn prefix(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// The connections that the house admits, in all and per address.
#[derive(Debug)]
pub struct Seats {
    limit: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One admitted connection; its seat is free when this is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Arc<Seats>,
    prefix: IpAddr,
}

impl Seats {
    /// Seats for `limit` connections, `per_address` of them from one address; 0 = no limit.
    #[must_use]
    pub fn new(limit: usize, per_address: usize) -> Arc<Self> {
        let unlimited = |limit: usize| if limit == 0 { usize::MAX } else { limit };
        Arc::new(Self {
            limit: unlimited(limit),
            per_address: unlimited(per_address),
            taken: Mutex::default(),
        })
    }

    /// Takes a seat for a connection from `prefix`.
    ///
    /// # Errors
    /// [`Error::HouseFull`] and [`Error::AddressFull`].
    pub fn take(self: &Arc<Self>, prefix: IpAddr) -> Result<Seat, Error> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.limit {
            return Err(Error::HouseFull);
        }
        let here = taken.by_address.entry(prefix).or_default();
        if *here >= self.per_address {
            return Err(Error::AddressFull);
        }
        *here += 1;
        taken.all += 1;
        telemetry::connections(taken.all);
        Ok(Seat {
            seats: Arc::clone(self),
            prefix,
        })
    }

    /// Connections open now.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .all
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self
            .seats
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        telemetry::connections(taken.all);
        if let Some(here) = taken.by_address.get_mut(&self.prefix) {
            *here -= 1;
            if *here == 0 {
                taken.by_address.remove(&self.prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_limited_in_all_and_per_address_and_given_back() {
        let [a, b]: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let seats = Seats::new(3, 2);
        let first = seats.take(a).unwrap();
        let _second = seats.take(a).unwrap();
        assert_eq!(seats.take(a).unwrap_err(), Error::AddressFull);
        let _third = seats.take(b).unwrap();
        assert_eq!(seats.take(b).unwrap_err(), Error::HouseFull);
        drop(first);
        assert_eq!(seats.taken(), 2);
        let _again = seats.take(a).unwrap();
    }

    #[test]
    fn an_ipv6_subscriber_is_counted_once() {
        let one = prefix("2001:db8:1:2:aaaa::1".parse().unwrap());
        assert_eq!(one, prefix("2001:db8:1:2:bbbb::2".parse().unwrap()));
        assert_ne!(one, prefix("2001:db8:1:3::1".parse().unwrap()));
    }
}
