//! What was said before is not to be said again by somebody who has listened.
//!
//! Every node counts its envelopes, and they come in their order. Of what is told of people and of attempts to
//! sign in only what comes after the last one is taken: somebody else's copy of it would keep those here who have gone, or lock people out. Events and notices need none of this, for the
//! database has the last word there. Bounded by the nodes that have the key and were heard lately.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use uuid::Uuid;

/// How long the count of a node is kept that is not heard any more: what it said is fresh for half of that.
const KEPT: Duration = Duration::from_secs(2 * 60);

/// The count of the newest envelope of each node.
#[derive(Debug, Default)]
pub struct Replays(HashMap<Uuid, (u64, Instant)>);

impl Replays {
    /// Whether the `count`th envelope of a node comes after all that were heard of it.
    pub fn is_new(&mut self, node: Uuid, count: u64, now: Instant) -> bool {
        if let Some((newest, heard)) = self.0.get_mut(&node) {
            let is_new = count > *newest;
            if is_new {
                (*newest, *heard) = (count, now);
            }
            return is_new;
        }
        self.0
            .retain(|_, (_, heard)| now.saturating_duration_since(*heard) < KEPT);
        self.0.insert(node, (count, now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_before_is_not_heard_again() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let now = Instant::now();
        let mut replays = Replays::default();
        let heard = [(one, 7), (one, 7), (one, 6), (other, 1), (one, 9), (one, 8)];
        let new = heard.map(|(node, count)| replays.is_new(node, count, now));
        assert_eq!(new, [true, false, false, true, true, false]);
        let later = now + KEPT;
        assert!(replays.is_new(Uuid::from_u128(3), 1, later));
        assert_eq!(replays.0.len(), 1, "the others have been silent for long");
    }
}
