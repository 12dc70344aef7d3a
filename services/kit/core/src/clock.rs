//! Time as an argument.
//!
//! Every instant in the system comes from a [`Clock`] (R20); `clippy.toml` bans the alternatives.
//! A clock never moves back: a reading earlier than one already given is answered with the later.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Where instants come from.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present instant, in whole microseconds of UTC; never earlier than the last answer.
    fn now(&self) -> Timestamp;
}

impl<C: Clock> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// An instant cut to the whole microseconds that both databases keep.
#[must_use]
pub fn whole_micros(instant: Timestamp) -> Timestamp {
    from_micros(instant.as_microsecond())
}

/// The instant so many microseconds after 1970-01-01T00:00Z; the nearest representable instant if
/// that lies outside of what the calendar can say.
#[must_use]
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    high_water_micros: AtomicI64,
}

impl SystemClock {
    /// A clock that has given no instant yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            high_water_micros: AtomicI64::new(i64::MIN),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl SystemClock {
    /// What the machine's clock says, whatever it said before: for one who decides about jumps
    /// itself ([`crate::jump`]). Everybody else asks [`Clock::now`].
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    pub fn reading() -> Timestamp {
        whole_micros(Timestamp::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let reading = Self::reading().as_microsecond();
        let before = self.high_water_micros.fetch_max(reading, Ordering::SeqCst);
        from_micros(reading.max(before))
    }
}

/// A clock that moves only when it is told to: for tests and for the demo's simulated term.
#[derive(Clone, Debug)]
pub struct ManualClock {
    micros: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock standing at `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self {
            micros: Arc::new(AtomicI64::new(start.as_microsecond())),
        }
    }

    /// Moves the clock forward. A negative step is ignored: time never moves back.
    pub fn advance(&self, by: SignedDuration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(0).max(0);
        self.micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Moves the clock to `instant`, unless it is already past it.
    pub fn advance_to(&self, instant: Timestamp) {
        self.micros
            .fetch_max(instant.as_microsecond(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        from_micros(self.micros.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_never_moves_back() {
        let noon: Timestamp = "2020-10-23T12:00:00Z".parse().expect("instant");
        let clock = ManualClock::new(noon);
        clock.advance(SignedDuration::from_secs(-5));
        clock.advance_to(noon - SignedDuration::from_hours(1));
        assert_eq!(clock.now(), noon);
        clock.advance(SignedDuration::from_hours(48));
        assert_eq!(clock.now(), noon + SignedDuration::from_hours(48));
    }

    #[test]
    fn the_system_clock_gives_whole_microseconds_in_order() {
        let clock = SystemClock::new();
        let (first, second) = (clock.now(), clock.now());
        assert!(first <= second);
        assert_eq!(first.as_nanosecond() % 1_000, 0);
    }
}
