//! Whether the other end is still there.
//!
//! A plain state machine of instants, without a timer of its own. Any frame is a sign of life. A
//! peer that has been quiet for `interval` is pinged; one that has answered pings before must do
//! so within `grace`; one that never has (some clients' libraries do not) may be silent for
//! `timeout`. A look that comes far too late says that this process slept, not the peer: then
//! the peer gets another chance.

use std::time::{Duration, Instant};

/// A look later than this past its time means that the process was stopped or starved.
const SLEPT: Duration = Duration::from_secs(2);

/// The times of `[heartbeat]`.
#[derive(Debug, Clone, Copy)]
pub struct HeartbeatTimes {
    /// Quiet time before a ping.
    pub interval: Duration,
    /// How long an answer may take.
    pub grace: Duration,
    /// Silence allowed to a peer that does not answer pings.
    pub timeout: Duration,
}

/// What a session does at this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeartbeatAction {
    /// Waits.
    Wait,
    /// Sends a ping.
    Ping,
    /// Ends the connection: the peer is gone.
    Dead,
}

/// The state of one connection's heartbeat.
#[derive(Debug)]
pub struct Heartbeat {
    heard: Instant,
    pinged: Option<Instant>,
    answers_pings: bool,
    due: Instant,
}

impl Heartbeat {
    /// A connection that has just come.
    #[must_use]
    pub fn new(now: Instant, heartbeat_times: &HeartbeatTimes) -> Self {
        Self {
            heard: now,
            pinged: None,
            answers_pings: false,
            due: now + heartbeat_times.interval,
        }
    }

    /// A frame has been received.
    pub fn heard(&mut self, now: Instant) {
        self.heard = now;
        self.pinged = None;
    }

    /// A pong has been received.
    pub fn ponged(&mut self, now: Instant) {
        self.answers_pings = true;
        self.heard(now);
    }

    /// Decides what is due, at the time that [`Self::next_check`] named.
    pub fn check(&mut self, now: Instant, heartbeat_times: &HeartbeatTimes) -> HeartbeatAction {
        let slept = now > self.due + SLEPT;
        let beat = if slept {
            self.heard = now;
            self.ping(now)
        } else if now >= self.deadline(heartbeat_times) {
            HeartbeatAction::Dead
        } else if now >= self.pinged.unwrap_or(self.heard) + heartbeat_times.interval {
            self.ping(now)
        } else {
            HeartbeatAction::Wait
        };
        self.due = self
            .deadline(heartbeat_times)
            .min(self.pinged.unwrap_or(self.heard) + heartbeat_times.interval);
        beat
    }

    /// How long until the next look is worth it.
    #[must_use]
    pub fn next_check(&self, now: Instant) -> Duration {
        self.due.saturating_duration_since(now)
    }

    fn ping(&mut self, now: Instant) -> HeartbeatAction {
        self.pinged = Some(now);
        HeartbeatAction::Ping
    }

    /// When the peer is given up if nothing comes.
    fn deadline(&self, heartbeat_times: &HeartbeatTimes) -> Instant {
        let silence = self.heard + heartbeat_times.timeout;
        match self.pinged {
            Some(pinged) if self.answers_pings => silence.min(pinged + heartbeat_times.grace),
            _ => silence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PULSE: HeartbeatTimes = HeartbeatTimes {
        interval: Duration::from_secs(25),
        grace: Duration::from_secs(8),
        timeout: Duration::from_secs(90),
    };

    /// Follows a heartbeat for `seconds`, letting `answer` decide at each ping; returns the second
    /// of its death.
    fn live(
        mut beat: Heartbeat,
        start: Instant,
        seconds: u64,
        answer: impl Fn(u64) -> bool,
    ) -> Option<u64> {
        let mut now = start;
        while now < start + Duration::from_secs(seconds) {
            now += beat.next_check(now);
            let second = (now - start).as_secs();
            match beat.check(now, &PULSE) {
                HeartbeatAction::Dead => return Some(second),
                HeartbeatAction::Ping if answer(second) => beat.ponged(now),
                HeartbeatAction::Ping | HeartbeatAction::Wait => {}
            }
        }
        None
    }

    #[test]
    fn a_peer_that_answers_lives_for_ever() {
        let start = Instant::now();
        assert_eq!(
            live(Heartbeat::new(start, &PULSE), start, 100_000, |_| true),
            None
        );
    }

    #[test]
    fn a_peer_that_vanishes_is_gone_33_seconds_after_its_last_sign() {
        let start = Instant::now();
        let died = live(Heartbeat::new(start, &PULSE), start, 1_000, |second| {
            second < 60
        });
        assert_eq!(died, Some(50 + 33));
    }

    #[test]
    fn a_peer_that_never_answers_pings_has_until_the_timeout() {
        let start = Instant::now();
        assert_eq!(
            live(Heartbeat::new(start, &PULSE), start, 1_000, |_| false),
            Some(90)
        );
    }

    #[test]
    fn any_frame_is_a_sign_of_life() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(start, &PULSE);
        for minute in 1..100 {
            let now = start + Duration::from_secs(minute * 60);
            beat.heard(now - Duration::from_secs(1));
            beat.due = now;
            assert_ne!(
                beat.check(now, &PULSE),
                HeartbeatAction::Dead,
                "minute {minute}"
            );
        }
    }

    #[test]
    fn a_server_that_slept_blames_nobody() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(start, &PULSE);
        beat.ponged(start);
        let woken = start + Duration::from_secs(600);
        assert_eq!(beat.check(woken, &PULSE), HeartbeatAction::Ping);
        assert_eq!(
            beat.check(woken + PULSE.grace, &PULSE),
            HeartbeatAction::Dead
        );
    }
}
