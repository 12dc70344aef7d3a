//! A clock that jumps inside a running process is doubted before it is believed (R20).
//!
//! Whoever goes by another's clock, the machine's or a database's, keeps how far that clock is
//! ahead of its own monotonic time. That distance hardly changes; where it suddenly does, somebody
//! has set the clock, or it was misread. A timer that fires by it can't be called back, so time
//! goes on as before until a second reading, some seconds later, says the same.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Timestamp;

use crate::clock::from_micros;

/// A change of more than this is a jump: five minutes.
const JUMP_MICROS: u64 = 5 * 60 * 1_000_000;
/// So long after the first reading of a jump a second one may confirm it: five seconds.
const SECOND_READING_MICROS: i64 = 5 * 1_000_000;

/// Time by another's clock, reckoned on by this process' monotonic time between its readings; it
/// never moves back.
#[derive(Debug)]
pub struct Reckoned {
    started: Instant,
    /// The other's time minus the time since `started`.
    ahead: Mutex<Ahead>,
    high_water_micros: AtomicI64,
}

impl Reckoned {
    /// Begins now, when the other's clock says `reading`: that one is believed.
    #[must_use]
    pub fn starting(reading: Timestamp) -> Self {
        Self {
            started: Instant::now(),
            ahead: Mutex::new(Ahead::new(reading.as_microsecond())),
            high_water_micros: AtomicI64::new(i64::MIN),
        }
    }

    /// Microseconds of monotonic time since it began.
    #[must_use]
    pub fn since_start(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// Hears that the other's clock said `reading` at so many microseconds since the start.
    pub fn hear(&self, reading: Timestamp, since_start: i64) -> Belief {
        let micros = reading.as_microsecond().saturating_sub(since_start);
        self.ahead().hear(micros, since_start)
    }

    /// Gives no instant before this one from now on.
    pub fn never_before(&self, instant: Timestamp) {
        self.high_water_micros
            .fetch_max(instant.as_microsecond(), Ordering::SeqCst);
    }

    /// The instant at so many microseconds since the start; never earlier than the last answer.
    pub fn at(&self, since_start: i64) -> Timestamp {
        let now = since_start.saturating_add(self.ahead().micros);
        let before = self.high_water_micros.fetch_max(now, Ordering::SeqCst);
        from_micros(now.max(before))
    }

    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far a clock is ahead of this process' monotonic time, as far as it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ahead {
    micros: i64,
    doubted: Option<Doubted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubted {
    micros: i64,
    since: i64,
}

/// What became of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    /// It is what was expected: time goes by it.
    Expected,
    /// It jumps and nobody has said so before: time goes on as before. Worth an alarm.
    Jumped,
    /// It jumps as another did not long ago: time still goes on as before.
    Doubted,
    /// It confirms a jump: time goes by it from now on. Worth an alarm.
    Confirmed,
}

impl Belief {
    /// What to say of it in the log after whose clock has jumped, if it is worth an alarm.
    #[must_use]
    pub const fn alarm(self) -> Option<&'static str> {
        match self {
            Self::Expected | Self::Doubted => None,
            Self::Jumped => Some("timers wait for a second reading"),
            Self::Confirmed => Some("a second reading says the same, and time goes by it"),
        }
    }
}

impl Ahead {
    /// So many microseconds, which are believed.
    const fn new(micros: i64) -> Self {
        Self {
            micros,
            doubted: None,
        }
    }

    /// Hears that it is `micros`, read at `at` microseconds of monotonic time.
    fn hear(&mut self, micros: i64, at: i64) -> Belief {
        if !is_far(micros, self.micros) {
            *self = Self::new(micros);
            return Belief::Expected;
        }
        match self.doubted {
            Some(doubted) if !is_far(micros, doubted.micros) => {
                if at.saturating_sub(doubted.since) < SECOND_READING_MICROS {
                    return Belief::Doubted;
                }
                *self = Self::new(micros);
                Belief::Confirmed
            }
            _ => {
                self.doubted = Some(Doubted { micros, since: at });
                Belief::Jumped
            }
        }
    }
}

const fn is_far(one: i64, other: i64) -> bool {
    one.abs_diff(other) > JUMP_MICROS
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const HOUR: i64 = 3_600 * SECOND;

    #[test]
    fn r20_a_jump_is_believed_once_a_second_reading_five_seconds_later_agrees() {
        let mut ahead = Ahead::new(0);
        assert_eq!(ahead.hear(49 * HOUR, SECOND), Belief::Jumped);
        assert_eq!(ahead.hear(49 * HOUR + 7, 5 * SECOND), Belief::Doubted);
        assert_eq!(ahead.micros, 0);
        assert_eq!(ahead.hear(49 * HOUR + 9, 6 * SECOND), Belief::Confirmed);
        assert_eq!(ahead.micros, 49 * HOUR + 9);
    }

    #[test]
    fn r20_one_wrong_reading_changes_nothing() {
        let mut ahead = Ahead::new(0);
        assert_eq!(ahead.hear(HOUR, 0), Belief::Jumped);
        assert_eq!(ahead.hear(3, 10 * SECOND), Belief::Expected);
        assert_eq!(ahead.micros, 3);
        assert_eq!(
            ahead.hear(HOUR, 20 * SECOND),
            Belief::Jumped,
            "the first is forgotten"
        );
    }

    #[test]
    fn r20_two_jumps_that_disagree_confirm_nothing() {
        let mut ahead = Ahead::new(0);
        assert_eq!(ahead.hear(HOUR, 0), Belief::Jumped);
        assert_eq!(ahead.hear(-HOUR, 10 * SECOND), Belief::Jumped);
        assert_eq!(ahead.micros, 0);
        assert_eq!(ahead.hear(-HOUR, 15 * SECOND), Belief::Confirmed);
    }

    #[test]
    fn r20_time_goes_on_by_itself_between_readings_and_never_back() {
        let start: Timestamp = "2020-10-23T09:00:00Z".parse().expect("instant");
        let time = Reckoned::starting(start);
        assert_eq!(time.at(SECOND).to_string(), "2020-10-23T09:00:01Z");
        let later: Timestamp = "2020-10-23T09:00:09Z".parse().expect("instant");
        time.never_before(later);
        assert_eq!(time.at(2 * SECOND), later);
        assert_eq!(time.hear(start, 4 * SECOND), Belief::Expected);
        assert_eq!(time.at(5 * SECOND), later);
        assert_eq!(time.at(14 * SECOND).to_string(), "2020-10-23T09:00:10Z");
    }

    #[test]
    fn r20_a_clock_that_is_corrected_by_less_than_five_minutes_is_followed() {
        let mut ahead = Ahead::new(0);
        let four_minutes = 4 * 60 * SECOND;
        assert_eq!(ahead.hear(four_minutes, 0), Belief::Expected);
        assert_eq!(ahead.hear(-SECOND, 0), Belief::Expected);
        assert_eq!(ahead.micros, -SECOND);
    }
}
