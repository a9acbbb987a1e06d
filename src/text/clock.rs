//! The time of day, read in one place.
//!
//! Times that are stored or sent are milliseconds since 1970 (UTC). Spans of time are measured
//! with `Instant` elsewhere, so that a clock that is set does not matter to them.
//!
//! A server of several nodes has one clock, its database's: each node [`follow`]s that one by an offset to
//! the clock of its own machine. But for the start an offset is never jumped to but slewed to, so that time does not run
//! backwards in a process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// While an offset is slewed to, the clock gains or loses a millisecond in so many: 10 %.
const SLEW: i64 = 10;

/// An offset that differs by less from the present one is left alone, in ms: it is measured over a network.
const NEAR: i64 = 2;

/// The largest offset either way, in ms: 4.6 hours. A clock that is further off must be set.
pub const FURTHEST: i64 = (1 << 24) - 1;

/// How the offset changes, as a [`Slew`] in one word, so that nobody who asks for the time waits. 0 = no offset.
static OFFSET: AtomicU64 = AtomicU64::new(0);

/// Now, in ms since 1970 (UTC).
#[must_use]
pub fn now_ms() -> i64 {
    let machine = machine_ms();
    machine + Slew::unpack(OFFSET.load(Ordering::Relaxed)).at(machine)
}

/// From now on the clock is this machine's plus `offset`, in ms, at most [`FURTHEST`] either way. For the start, before
/// anybody has been told a time.
pub fn set(offset: i64) {
    let there = Slew {
        target: offset.clamp(-FURTHEST, FURTHEST),
        end: 0,
        grows: false,
    };
    OFFSET.store(there.pack(), Ordering::Relaxed);
}

/// From now on the clock goes towards that of this machine plus `offset`, in ms, at most [`FURTHEST`] either way.
/// To be called by one thread, again and again: each call begins where the one before has come to.
pub fn follow(offset: i64) {
    let machine = machine_ms();
    let slew = Slew::unpack(OFFSET.load(Ordering::Relaxed));
    OFFSET.store(slew.towards(offset, machine).pack(), Ordering::Relaxed);
}

/// Now by the clock of this machine alone, in ms since 1970 (UTC).
#[must_use]
pub fn machine_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |span| {
            i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
        })
}

/// An offset that is reached at a time of the machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slew {
    /// The offset from `end` on, in ms; at most [`FURTHEST`] either way.
    target: i64,
    /// When it is reached, in ms since 1970, a multiple of [`Self::STEP`].
    end: i64,
    /// Whether the offset grows until then.
    grows: bool,
}

impl Slew {
    /// The resolution of `end`, in ms: 38 bits of these last until the year 2109.
    const STEP: i64 = 16;

    /// Bits of `end` in a word; above them one for `grows`, then those of `target`.
    const END_BITS: u32 = 38;

    /// The offset at the time `machine` of the machine's clock.
    fn at(self, machine: i64) -> i64 {
        let rest = (self.end - machine).max(0) / SLEW;
        if self.grows {
            self.target - rest
        } else {
            self.target + rest
        }
    }

    /// From the present offset to `offset`.
    fn towards(self, offset: i64, machine: i64) -> Self {
        let now = self.at(machine);
        let way = offset.clamp(-FURTHEST, FURTHEST) - now;
        if way.abs() < NEAR {
            return Self {
                target: now,
                end: 0,
                ..self
            };
        }
        let end = (machine + way.abs() * SLEW) / Self::STEP * Self::STEP;
        // Rounded, so that it begins with exactly the present offset.
        let way = (end - machine).max(0) / SLEW;
        let grows = offset > now;
        Self {
            target: if grows { now + way } else { now - way },
            end,
            grows,
        }
    }

    fn pack(self) -> u64 {
        let end = (self.end / Self::STEP) as u64 & ((1 << Self::END_BITS) - 1);
        ((self.target as u64) << (Self::END_BITS + 1))
            | (u64::from(self.grows) << Self::END_BITS)
            | end
    }

    fn unpack(word: u64) -> Self {
        Self {
            target: (word as i64) >> (Self::END_BITS + 1),
            end: (word & ((1 << Self::END_BITS) - 1)) as i64 * Self::STEP,
            grows: word >> Self::END_BITS & 1 == 1,
        }
    }
}

/// RFC 3339 in UTC with milliseconds, as classic clients and `<time datetime>` want it.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_out_of_range| String::new(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A time of the machine's clock, in ms since 1970.
    const NOW: i64 = 1_700_000_000_003;

    const NONE: Slew = Slew {
        target: 0,
        end: 0,
        grows: false,
    };

    #[test]
    fn a_time_is_written_with_milliseconds_and_z() {
        assert_eq!(rfc3339(1_700_000_000_000), "2023-11-14T22:13:20.000Z");
        assert_eq!(rfc3339(1_700_000_000_007), "2023-11-14T22:13:20.007Z");
        assert_eq!(rfc3339(i64::MAX), "");
    }

    #[test]
    fn nobody_told_it_anything_is_the_machines_own_clock() {
        assert_eq!(Slew::unpack(0), NONE);
        assert_eq!(NONE.at(NOW), 0);
    }

    #[test]
    fn an_offset_that_is_set_holds_at_once() {
        for offset in [0, 3_600_000, -3_600_000, FURTHEST, -FURTHEST] {
            let there = Slew {
                target: offset,
                end: 0,
                grows: false,
            };
            assert_eq!(Slew::unpack(there.pack()).at(NOW), offset);
        }
    }

    #[test]
    fn an_offset_is_reached_at_a_tenth_of_the_speed_of_time() {
        for (offset, half) in [(1_000, 500), (-1_000, -500)] {
            let slew = NONE.towards(offset, NOW);
            let off = |after: i64, expected: i64| (slew.at(NOW + after) - expected).abs();
            assert_eq!(slew.at(NOW), 0);
            assert!(off(5_000, half) <= 2, "{slew:?}");
            assert!(off(10_000, offset) <= 2, "{slew:?}");
            assert!(off(1_000_000, offset) <= 2, "{slew:?}");
        }
        let far = NONE.towards(i64::MAX, NOW);
        assert!(far.target <= FURTHEST && far.target > FURTHEST - 4);
        let near = NONE.towards(NEAR - 1, NOW);
        assert_eq!(near, NONE, "as far off as a network lets one see");
    }

    proptest! {
        /// Whatever it is told and whenever, it is never slower than nine tenths of the machine's clock, nor
        /// faster than eleven, but for the millisecond to which it is rounded; and it never goes back.
        #[test]
        fn it_never_goes_back_and_never_jumps(told in proptest::collection::vec((-FURTHEST * 2..FURTHEST * 2, 0..20_000_i64), 1..20)) {
            let (mut slew, mut machine) = (NONE, NOW);
            for (offset, span) in told {
                let before = machine + slew.at(machine);
                slew = Slew::unpack(slew.towards(offset, machine).pack());
                prop_assert_eq!(machine + slew.at(machine), before);
                for step in [1, span / 2, span] {
                    let before = machine + slew.at(machine);
                    machine += step;
                    let went = machine + slew.at(machine) - before;
                    prop_assert!(went >= step * 9 / 10 && went <= step * 11 / 10 + 1, "{step} took {went}");
                }
            }
        }
    }
}
