//! With what a connection begins, by its role.

use std::time::Duration;

use crate::store::backend::Role;

/// How long a transaction may do nothing before the server ends it, with its locks: a process that was stopped in the
/// middle of one holds up all others.
const IDLE: Duration = Duration::from_secs(2);

/// How long a statement of a reader may take: who asked has given up long before.
const READ: Duration = Duration::from_secs(5);

impl Role {
    /// How long a statement may take; without end when there is no time. A COMMIT that waits for a synchronous standby
    /// would be cancelled, and count as committed without being there: what writes takes the time that it takes.
    pub(super) fn patience(self) -> Option<Duration> {
        (self == Self::Reader).then_some(READ)
    }

    /// The settings of the server with which a connection begins. Compiling statements takes longer than any here.
    pub(super) fn settings(self, relaxed: bool) -> String {
        let patience = self.patience().map_or(0, |patience| patience.as_millis());
        let synchronous = if relaxed { "off" } else { "on" };
        let planning = self.planning();
        format!(
            "-c jit=off -c synchronous_commit={synchronous} -c default_transaction_isolation=read\\ committed \
             -c idle_in_transaction_session_timeout={} -c statement_timeout={patience}{planning}",
            IDLE.as_millis()
        )
    }

    /// How statements are planned. Those of a group are asked with lists, which PostgreSQL would plan anew each time: that takes
    /// longer than all else in a send (docs/performance.md). One plan for ever may be made while a table is empty, so it has
    /// to use the indexes, which all of them have.
    fn planning(self) -> &'static str {
        match self == Self::Writer {
            true => " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off",
            false => "",
        }
    }
}
