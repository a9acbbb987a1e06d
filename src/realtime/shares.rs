//! How much each address has of something of which it may have only so much.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::shrink;

/// How much of something each address has.
#[derive(Debug)]
pub struct Shares {
    most: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Share {
    shares: Arc<Shares>,
    prefix: IpAddr,
}

impl Shares {
    /// At most so many for one address; 0 = no limit.
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: if most == 0 { usize::MAX } else { most },
            taken: Mutex::default(),
        })
    }

    /// One more for `prefix`, if it has not all that it may have.
    #[must_use]
    pub fn take(self: &Arc<Self>, prefix: IpAddr) -> Option<Share> {
        let mut taken = self.lock();
        let here = taken.entry(prefix).or_default();
        if *here >= self.most {
            return None;
        }
        *here += 1;
        Some(Share {
            shares: Arc::clone(self),
            prefix,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.lock();
        if let Some(here) = taken.get_mut(&self.prefix) {
            *here -= 1;
            if *here == 0 {
                taken.remove(&self.prefix);
                shrink::give_back(&mut taken);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_and_gives_it_back() {
        let [a, b]: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let shares = Shares::new(2);
        let first = shares.take(a);
        let _second = shares.take(a).unwrap();
        assert!(shares.take(a).is_none());
        assert!(shares.take(b).is_some());
        drop(first);
        assert!(shares.take(a).is_some());
        assert_eq!(shares.lock().len(), 1, "who has nothing is forgotten");
        let free = Shares::new(0);
        let all: Vec<_> = (0..1_000).map(|_| free.take(a)).collect();
        assert!(all.iter().all(Option::is_some));
    }
}
