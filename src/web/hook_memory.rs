//! What this node remembers of hooks: their pace, and which workflows have failed.
//!
//! Bounded by [`FAILED`]; gone when the node ends, and each node has its own: a workflow that is well again after that
//! says nothing, as one that never failed.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::chat::rate_limit::RateLimits;
use crate::text::github::Run;

/// Messages of one hook in a minute.
const PER_MINUTE: u32 = 60;

/// Workflows that are remembered to have failed; the oldest are forgotten first. A name is part of a body of 128 KiB, so
/// one of more than [`NAME`] bytes is not remembered.
const FAILED: usize = 1_000;

/// Bytes of what a workflow is known by.
const NAME: usize = 512;

/// The pace of hooks, and their workflows that have failed.
#[derive(Debug)]
pub struct HookMemory {
    pace: RateLimits<String>,
    failed: Mutex<VecDeque<(String, String)>>,
}

impl HookMemory {
    /// Counts a message of a hook.
    ///
    /// # Errors
    /// The time to wait.
    pub fn take(&self, hook: &str) -> Result<(), Duration> {
        self.pace.take(&hook.to_owned())
    }

    /// Forgets hooks that may speak as much as one that never did.
    pub fn forget_idle(&self) {
        self.pace.forget_idle();
    }

    /// Notes how a workflow has ended; returns whether it had failed the time before.
    pub fn note(&self, hook: &str, run: Run) -> bool {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failed
            .iter()
            .position(|(of_hook, of)| of_hook == hook && *of == run.of);
        let before = known.and_then(|at| failed.remove(at)).is_some();
        if run.failed && run.of.len() <= NAME {
            if failed.len() >= FAILED {
                failed.pop_front();
            }
            failed.push_back((hook.to_owned(), run.of));
        }
        before
    }
}

impl Default for HookMemory {
    fn default() -> Self {
        Self {
            pace: RateLimits::new(PER_MINUTE),
            failed: Mutex::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_is_well_again_once_and_only_where_it_failed() {
        let memory = HookMemory::default();
        let run = |of: &str, failed| Run {
            of: of.to_owned(),
            failed,
        };
        assert!(!memory.note("a", run("main", false)));
        assert!(!memory.note("a", run("main", true)));
        assert!(!memory.note("b", run("main", false)), "another hook's");
        assert!(memory.note("a", run("main", true)));
        assert!(memory.note("a", run("main", false)));
        assert!(!memory.note("a", run("main", false)));
    }

    #[test]
    fn it_remembers_so_many_and_the_newest() {
        let memory = HookMemory::default();
        for number in 0..=FAILED {
            let of = number.to_string();
            memory.note("a", Run { of, failed: true });
        }
        assert_eq!(memory.failed.lock().unwrap().len(), FAILED);
        let again = |of: &str| {
            let of = of.to_owned();
            memory.note("a", Run { of, failed: false })
        };
        assert!(!again("0") && again("1") && again(&FAILED.to_string()));
        let of = "x".repeat(NAME + 1);
        memory.note(
            "a",
            Run {
                of: of.clone(),
                failed: true,
            },
        );
        assert!(!memory.note("a", Run { of, failed: false }));
    }
}
