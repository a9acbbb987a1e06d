//! Chance that falls the same way each time for the same seed.

use rand::distr::Alphanumeric;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Draws for a demo.
#[derive(Debug)]
pub struct Dice(StdRng);

impl Dice {
    /// The dice of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 {
            0
        } else {
            self.0.random_range(0..end)
        }
    }

    /// A number from `from` up to `to`, both among them.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        self.0.random_range(from..=to.max(from))
    }

    /// A number from 0 up to 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// Whether something happens that happens `share` of the time.
    pub fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// One of these, if there is one.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// One of these words.
    pub fn word(&mut self, of: &[&'static str]) -> &'static str {
        self.pick(of).copied().unwrap_or_default()
    }

    /// `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.0.random()
    }

    /// A code of letters and digits.
    pub fn code(&mut self, chars: usize) -> String {
        let letters = (&mut self.0).sample_iter(Alphanumeric);
        letters.take(chars).map(char::from).collect()
    }
}
