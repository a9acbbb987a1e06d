//! Tables that were large once: what a crowd has left behind is given back.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

/// A table with room for no more than this keeps it, in entries.
const SMALL: usize = 1_024;

/// Gives back most of the room of a table of which less than a quarter is in use. Called after each
/// removal, it costs a comparison; what it moves, as many removals have paid for.
pub fn give_back<K: Eq + Hash, V, S: BuildHasher>(table: &mut HashMap<K, V, S>) {
    if table.capacity() > SMALL && table.len() < table.capacity() / 4 {
        table.shrink_to(table.len() * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_was_large_is_small_again() {
        let mut table: HashMap<usize, usize> =
            (0..100_000).map(|number| (number, number)).collect();
        for number in 10..100_000 {
            table.remove(&number);
            give_back(&mut table);
        }
        assert!(table.capacity() <= SMALL, "{}", table.capacity());
        assert_eq!(table.len(), 10);
        assert_eq!(table.get(&9), Some(&9));
    }
}
