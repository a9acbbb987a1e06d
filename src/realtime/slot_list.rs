//! A list of connections in the order of their ids, which is the order in which they came.
//!
//! A walk can be left and taken up again, whoever came or went meanwhile. Whoever leaves leaves a
//! hole, and the holes are closed when they are many, so that leaving costs little in a crowd.

use crate::delivery::ConnId;

/// Holes tolerated before they are closed: at least this many, and a quarter.
const MIN_HOLES: usize = 64;

/// The list, with something of each connection.
#[derive(Debug)]
pub struct SlotList<T> {
    places: Vec<(ConnId, Option<T>)>,
    holes: usize,
}

impl<T> Default for SlotList<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            holes: 0,
        }
    }
}

impl<T> SlotList<T> {
    /// Puts an item at a connection's slot; what it had there before is replaced.
    pub fn insert(&mut self, id: ConnId, item: T) {
        if self.places.last().is_none_or(|(last, _)| *last < id) {
            return self.places.push((id, Some(item)));
        }
        match self.places.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => {
                if let Some((_, place)) = self.places.get_mut(at)
                    && place.replace(item).is_none()
                {
                    self.holes -= 1;
                }
            }
            Err(at) => self.places.insert(at, (id, Some(item))),
        }
    }

    /// Takes a connection's item out.
    pub fn remove(&mut self, id: ConnId) -> Option<T> {
        let at = self.places.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let item = self.places.get_mut(at)?.1.take()?;
        self.holes += 1;
        if self.is_empty() || (self.holes >= MIN_HOLES && self.holes * 4 > self.places.len()) {
            self.places.retain(|(_, place)| place.is_some());
            let kept = self.places.len();
            self.places.shrink_to(kept + kept / 4);
            self.holes = 0;
        }
        Some(item)
    }

    /// A connection's item, if it has one.
    pub fn get_mut(&mut self, id: ConnId) -> Option<&mut T> {
        let at = self.places.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.places.get_mut(at)?.1.as_mut()
    }

    /// Whether it has no items.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holes == self.places.len()
    }

    /// All items, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|(_, item)| item.as_ref())
    }

    /// Visits the next `count` places after `after`; returns how many it passed, and the last one of
    /// them, `None` when nothing is left after it.
    pub fn walk(
        &self,
        after: Option<ConnId>,
        count: usize,
        mut visit: impl FnMut(ConnId, &T),
    ) -> (usize, Option<ConnId>) {
        let from = after.map_or(0, |after| {
            self.places.partition_point(|(id, _)| *id <= after)
        });
        let rest = self.places.get(from..).unwrap_or_default();
        let (mut passed, mut last) = (0, None);
        for (id, item) in rest.iter().take(count) {
            if let Some(item) = item {
                visit(*id, item);
            }
            (passed, last) = (passed + 1, Some(*id));
        }
        (passed, last.filter(|_| rest.len() > passed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Whatever the order of coming and going, a walk in steps of any length visits those of a
        /// plain sorted map, in its order.
        #[test]
        fn a_walk_visits_those_of_a_sorted_map(
            acts in proptest::collection::vec((any::<bool>(), 0u64..200), 0..600),
            step in 1usize..50,
        ) {
            let mut slots = SlotList::default();
            let mut model = BTreeMap::new();
            for (number, (comes, id)) in acts.into_iter().enumerate() {
                let id = ConnId::new(0, id);
                if comes {
                    slots.insert(id, number);
                    model.insert(id, number);
                } else {
                    prop_assert_eq!(slots.remove(id), model.remove(&id));
                }
                prop_assert_eq!(slots.is_empty(), model.is_empty());
            }
            let mut seen = Vec::new();
            let mut after = None;
            loop {
                let (passed, last) = slots.walk(after, step, |id, item| seen.push((id, *item)));
                prop_assert!(passed <= step);
                after = last;
                if after.is_none() {
                    break;
                }
            }
            prop_assert_eq!(seen, model.into_iter().collect::<Vec<_>>());
        }
    }
}
