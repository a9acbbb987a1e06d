//! Turns at something of which only so much may go on at a time, with a bound on those who wait.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

/// Whose turn it is: one at a time.
#[derive(Debug)]
pub struct Turns {
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _turn: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Turns {
    /// One at a time, and so many who may wait for it.
    #[must_use]
    pub fn new(waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(waiting + 1)),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already.
    pub async fn wait(&self) -> Result<Turn, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_full| Error::Busy)?;
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        Ok(Turn {
            _turn: turn.map_err(|_never_closed| Error::Internal)?,
            _place: place,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    #[tokio::test]
    async fn one_goes_some_wait_and_the_rest_is_told_that_it_is_busy() {
        let turns = Turns::new(1);
        let first = turns.wait().await.unwrap();
        let mut second = Box::pin(turns.wait());
        let asked = poll_fn(|ask| Poll::Ready(second.as_mut().poll(ask).is_pending()));
        assert!(asked.await, "it waits");
        assert_eq!(turns.wait().await.unwrap_err(), Error::Busy);
        drop(first);
        let second = second.await.unwrap();
        drop(second);
        assert!(turns.wait().await.is_ok());
        let gone = turns.wait().await.unwrap();
        drop(Box::pin(turns.wait()));
        drop(gone);
        assert!(
            turns.wait().await.is_ok(),
            "whoever went while he waited holds nothing"
        );
    }
}
