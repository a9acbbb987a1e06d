//! A PostgreSQL server that follows another one, and takes over.

use std::time::{Duration, Instant};

use super::DEADLINE;
use super::postgres::Server;

impl Server {
    /// Starts another one that follows this one, some ms behind.
    pub fn standby(&self) -> Self {
        Self::start_as(Some(self))
    }

    /// How much of its history this one has, in bytes.
    pub fn position(&self) -> u64 {
        let sql = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'";
        self.sql("postgres", sql).parse().unwrap()
    }

    /// A standby hears nothing more of the server that it follows.
    pub fn loses_sight(&self) {
        self.sql("postgres", "ALTER SYSTEM SET primary_conninfo = ''");
        self.sql("postgres", "SELECT pg_reload_conf()");
        let until = Instant::now() + DEADLINE;
        while self.sql("postgres", "SELECT count(*) FROM pg_stat_wal_receiver") != "0" {
            assert!(Instant::now() < until, "it follows still");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A standby takes over, with what it has.
    pub fn takes_over(&self) {
        assert_eq!(self.sql("postgres", "SELECT pg_promote()"), "t");
    }
}
