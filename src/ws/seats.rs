//! How many connections the house admits, in all and per address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::spare;
use crate::telemetry;

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
                spare::give_back(&mut taken.by_address);
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
}
