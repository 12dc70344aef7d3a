//! A clock that jumps inside a running process is doubted before it is believed (R20).
//!
//! Whoever goes by another's clock, the machine's or a database's, keeps how far that clock is
//! ahead of its own monotonic time. That distance hardly changes; where it suddenly does, somebody
//! has set the clock, or it was misread. A timer that fires by it can't be called back, so time
//! goes on as before until a second reading, some seconds later, says the same.

/// A change of more than this is a jump: five minutes.
pub const JUMP_MICROS: u64 = 5 * 60 * 1_000_000;
/// So long after the first reading of a jump a second one may confirm it: five seconds.
pub const SECOND_READING_MICROS: i64 = 5 * 1_000_000;

/// How far a clock is ahead of this process' monotonic time, as far as it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
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

impl Ahead {
    /// So many microseconds, which are believed.
    #[must_use]
    pub const fn new(micros: i64) -> Self {
        Self {
            micros,
            doubted: None,
        }
    }

    /// The microseconds that are believed.
    #[must_use]
    pub const fn micros(&self) -> i64 {
        self.micros
    }

    /// Hears that it is `micros`, read at `at` microseconds of monotonic time.
    pub fn hear(&mut self, micros: i64, at: i64) -> Belief {
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
        assert_eq!(ahead.micros(), 0);
        assert_eq!(ahead.hear(49 * HOUR + 9, 6 * SECOND), Belief::Confirmed);
        assert_eq!(ahead.micros(), 49 * HOUR + 9);
    }

    #[test]
    fn r20_one_wrong_reading_changes_nothing() {
        let mut ahead = Ahead::new(0);
        assert_eq!(ahead.hear(HOUR, 0), Belief::Jumped);
        assert_eq!(ahead.hear(3, 10 * SECOND), Belief::Expected);
        assert_eq!(ahead.micros(), 3);
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
        assert_eq!(ahead.micros(), 0);
        assert_eq!(ahead.hear(-HOUR, 15 * SECOND), Belief::Confirmed);
    }

    #[test]
    fn r20_a_clock_that_is_corrected_by_less_than_five_minutes_is_followed() {
        let mut ahead = Ahead::new(0);
        let four_minutes = 4 * 60 * SECOND;
        assert_eq!(ahead.hear(four_minutes, 0), Belief::Expected);
        assert_eq!(ahead.hear(-SECOND, 0), Belief::Expected);
        assert_eq!(ahead.micros(), -SECOND);
    }
}
