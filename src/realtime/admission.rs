//! How many connections the server admits, in all and per address.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::realtime::shares::{Share, Shares};
use crate::telemetry;

/// Counts the connections that the server admits, in all and per address.
#[derive(Debug)]
pub struct AdmissionControl {
    limit: usize,
    taken: Mutex<usize>,
    by_address: Arc<Shares>,
}

/// The permit of one admitted connection; it is free again when this is dropped.
#[derive(Debug)]
pub struct ConnectionPermit {
    permits: Arc<AdmissionControl>,
    at_end: Option<AtEnd>,
    _share: Share,
}

/// What is done when a connection is over.
struct AtEnd(Box<dyn FnOnce() + Send>);

impl fmt::Debug for AtEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AtEnd")
    }
}

impl ConnectionPermit {
    /// The same; when its connection is over, or does not come about, `what` is done.
    #[must_use]
    pub fn and_then(mut self, what: impl FnOnce() + Send + 'static) -> Self {
        self.at_end = Some(AtEnd(Box::new(what)));
        self
    }
}

impl AdmissionControl {
    /// Admits `limit` connections, `per_address` of them from one address; 0 = no limit.
    #[must_use]
    pub fn new(limit: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            limit: if limit == 0 { usize::MAX } else { limit },
            taken: Mutex::default(),
            by_address: Shares::new(per_address),
        })
    }

    /// Takes a permit for a connection from `prefix`.
    ///
    /// # Errors
    /// [`Error::ServerFull`] and [`Error::AddressFull`].
    pub fn take(self: &Arc<Self>, prefix: IpAddr) -> Result<ConnectionPermit, Error> {
        let mut taken = self.lock();
        if *taken >= self.limit {
            return Err(Error::ServerFull);
        }
        let share = self.by_address.take(prefix).ok_or(Error::AddressFull)?;
        *taken += 1;
        telemetry::connections(*taken);
        Ok(ConnectionPermit {
            permits: Arc::clone(self),
            at_end: None,
            _share: share,
        })
    }

    /// Number of connections open now.
    #[must_use]
    pub fn taken(&self) -> usize {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut taken = self.permits.lock();
        *taken -= 1;
        telemetry::connections(*taken);
        drop(taken);
        if let Some(AtEnd(what)) = self.at_end.take() {
            what();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_limited_in_all_and_per_address_and_given_back() {
        let [a, b]: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let permits = AdmissionControl::new(3, 2);
        let first = permits.take(a).unwrap();
        let _second = permits.take(a).unwrap();
        assert_eq!(permits.take(a).unwrap_err(), Error::AddressFull);
        let _third = permits.take(b).unwrap();
        assert_eq!(permits.take(b).unwrap_err(), Error::ServerFull);
        drop(first);
        assert_eq!(permits.taken(), 2);
        let _again = permits.take(a).unwrap();
    }
}
