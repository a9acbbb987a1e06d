//! A gate that lets one through at a time, fair to those who wait.
//!
//! Members and strangers wait in lines of their own and go by turns; so do the addresses in a line.
//! A line has a bound, at which the address that waits most often loses its last place to one that
//! waits less: whoever asks for much delays only themselves.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::Error;

/// The gate: one permit, and the lines of those who wait for it.
#[derive(Debug)]
pub struct BoundedGate(Arc<Mutex<Lines>>);

/// Permission to go on, held until it is dropped.
#[derive(Debug)]
pub struct GatePermit(Arc<Mutex<Lines>>);

#[derive(Debug)]
struct Lines {
    /// Whether a permit is out.
    taken: bool,
    /// Members and strangers; the line that is served next comes first.
    lines: [Line; 2],
    places: usize,
}

#[derive(Debug, Default)]
struct Line {
    of_members: bool,
    /// Waiting requests by address; the address that is served next comes first, and no queue is empty.
    addresses: VecDeque<(IpAddr, VecDeque<oneshot::Sender<GatePermit>>)>,
}

impl BoundedGate {
    /// A gate for one at a time, with at most `places` waiting in either line.
    #[must_use]
    pub fn new(places: usize) -> Self {
        let [members, strangers] = [true, false].map(|of_members| Line {
            of_members,
            ..Line::default()
        });
        Self(Arc::new(Mutex::new(Lines {
            taken: false,
            lines: [members, strangers],
            places,
        })))
    }

    /// Waits for the permit.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already, and this address more often than others.
    pub async fn wait(&self, member: bool, address: IpAddr) -> Result<GatePermit, Error> {
        let permit = {
            let mut lines = lock(&self.0);
            if !lines.taken {
                lines.taken = true;
                return Ok(GatePermit(Arc::clone(&self.0)));
            }
            lines.stand(member, address)?
        };
        // A waiter whose place was taken is dropped without a message.
        permit.await.map_err(|_place_taken| Error::Busy)
    }
}

impl Drop for GatePermit {
    fn drop(&mut self) {
        let next = lock(&self.0).next();
        if let Some(next) = next {
            // A waiter that has gone meanwhile drops the permit, which passes it on.
            let _gone = next.send(GatePermit(Arc::clone(&self.0)));
        }
    }
}

fn lock(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lines {
    fn stand(
        &mut self,
        member: bool,
        address: IpAddr,
    ) -> Result<oneshot::Receiver<GatePermit>, Error> {
        let places = self.places;
        let mut lines = self.lines.iter_mut();
        let line = lines.find(|line| line.of_members == member);
        let line = line.ok_or(Error::Internal)?;
        line.forget_gone();
        if line.len() >= places {
            line.make_room(address)?;
        }
        let (sender, receiver) = oneshot::channel();
        let mut known = line.addresses.iter_mut();
        match known.find(|(other, _)| *other == address) {
            Some((_, waiting)) => waiting.push_back(sender),
            None => line.addresses.push_back((address, [sender].into())),
        }
        Ok(receiver)
    }

    /// The next waiter; when there is none, the permit is free.
    fn next(&mut self) -> Option<oneshot::Sender<GatePermit>> {
        self.lines.rotate_left(1);
        let [behind, first] = &mut self.lines;
        let next = first.next().or_else(|| behind.next());
        self.taken = next.is_some();
        next
    }
}

impl Line {
    fn len(&self) -> usize {
        let waiting = self.addresses.iter();
        waiting.map(|(_, waiting)| waiting.len()).sum()
    }

    fn next(&mut self) -> Option<oneshot::Sender<GatePermit>> {
        let (address, mut waiting) = self.addresses.pop_front()?;
        let next = waiting.pop_front();
        if !waiting.is_empty() {
            self.addresses.push_back((address, waiting));
        }
        next
    }

    fn forget_gone(&mut self) {
        for (_, waiting) in &mut self.addresses {
            waiting.retain(|sender| !sender.is_closed());
        }
        self.addresses.retain(|(_, waiting)| !waiting.is_empty());
    }

    /// Takes the last place of the address that has most, if that is more than the new one would have.
    fn make_room(&mut self, pending_upgrade: IpAddr) -> Result<(), Error> {
        let of_newcomer = self
            .addresses
            .iter()
            .find(|(other, _)| *other == pending_upgrade);
        let own = of_newcomer.map_or(0, |(_, waiting)| waiting.len());
        let most = self.addresses.iter_mut().max_by_key(|(_, all)| all.len());
        match most {
            Some((_, waiting)) if waiting.len() > own + 1 => drop(waiting.pop_back()),
            _ => return Err(Error::Busy),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::task::Poll;

    use super::*;

    fn address(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<GatePermit, Error>> + 'a>>;

    /// A task that has begun to wait.
    async fn waits(gate: &BoundedGate, member: bool, last: u8) -> Waiting<'_> {
        let mut waiting: Waiting<'_> = Box::pin(gate.wait(member, address(last)));
        assert!(is_pending(&mut waiting).await);
        waiting
    }

    async fn is_pending(waiting: &mut Waiting<'_>) -> bool {
        poll_fn(|ask| Poll::Ready(waiting.as_mut().poll(ask).is_pending())).await
    }

    #[tokio::test]
    async fn one_goes_some_wait_and_the_rest_is_told_that_it_is_busy() {
        let gate = BoundedGate::new(1);
        let first = gate.wait(false, address(1)).await.unwrap();
        let second = waits(&gate, false, 1).await;
        assert_eq!(gate.wait(false, address(1)).await.unwrap_err(), Error::Busy);
        drop(first);
        drop(second.await.unwrap());
        let gone = gate.wait(false, address(1)).await.unwrap();
        drop(waits(&gate, false, 1).await);
        let _waiting = waits(&gate, false, 1).await;
        drop(gone);
    }

    #[tokio::test]
    async fn whoever_went_while_they_waited_holds_nobody_up() {
        let gate = BoundedGate::new(4);
        let first = gate.wait(true, address(1)).await.unwrap();
        let gone = waits(&gate, true, 2).await;
        let stays = waits(&gate, true, 3).await;
        drop(gone);
        drop(first);
        drop(stays.await.unwrap());
        assert!(gate.wait(false, address(1)).await.is_ok());
    }

    #[tokio::test]
    async fn members_and_strangers_go_by_turns_however_many_wait() {
        let gate = BoundedGate::new(4);
        let first = gate.wait(false, address(1)).await.unwrap();
        let mut waiting = Vec::new();
        for last in 1..=4 {
            waiting.push((false, waits(&gate, false, last).await));
        }
        assert!(gate.wait(false, address(5)).await.is_err());
        waiting.push((true, waits(&gate, true, 1).await));
        waiting.push((true, waits(&gate, true, 2).await));
        drop(first);
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let mut place = 0;
            // The one with the permit; dropped, it passes to the next.
            while is_pending(&mut waiting[place].1).await {
                place += 1;
            }
            order.push(waiting.remove(place).0);
        }
        assert_eq!(order, [true, false, true, false, false, false]);
    }

    #[tokio::test]
    async fn an_address_that_fills_the_line_makes_room_for_others() {
        let gate = BoundedGate::new(4);
        let first = gate.wait(false, address(1)).await.unwrap();
        let mut greedy = Vec::new();
        for _ in 0..4 {
            greedy.push(waits(&gate, false, 1).await);
        }
        let modest = waits(&gate, false, 2).await;
        let last = greedy.pop().unwrap();
        assert_eq!(last.await.unwrap_err(), Error::Busy, "its last place");
        let again = waits(&gate, false, 2).await;
        assert_eq!(greedy.pop().unwrap().await.unwrap_err(), Error::Busy);
        assert!(
            gate.wait(false, address(2)).await.is_err(),
            "half is theirs"
        );
        drop(first);
        // Of two addresses each has its turn.
        drop(greedy.remove(0).await.unwrap());
        drop(modest.await.unwrap());
        drop(greedy.remove(0).await.unwrap());
        drop(again.await.unwrap());
    }
}
