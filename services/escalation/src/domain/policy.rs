//! The numbers of the business, as one value. `config/default.toml` has them with their reasons.

use serde::Deserialize;
use visits_core::SignedDuration;
use visits_core::civil::Time;

use super::case::WindowStart;

/// Whether routine inspection takes place (M33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineInspection {
    /// It doesn't: recommendations are held.
    Suspended,
    /// It does: recommendations are handed over.
    Resumed,
}

/// The numbers that the rules of a case need.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// How long the NFD may take to start (M29): 48 elapsed hours.
    pub nfd_window: SignedDuration,
    /// Which event starts the window.
    pub window_starts_at: WindowStart,
    /// Hours before the deadline at which a warning is due, the most first.
    pub warning_hours: Vec<i32>,
    /// A warning given later than this after its time is marked late.
    pub late_after: SignedDuration,
    /// How soon after the call the decision is wanted.
    pub decision_target: SignedDuration,
    /// How often the alarm about an overdue decision is repeated.
    pub decision_alarm_repeat: SignedDuration,
    /// How long a case may wait with nobody watching before that is an alarm, and how often again.
    pub desk_check: SignedDuration,
    /// How long a console's word that it is live and audible is believed.
    pub console_heard: SignedDuration,
    /// After how many minutes an acknowledged case without its next step alerts again (R-CON-9).
    pub next_step_minutes: i32,
    /// The limit of the conversion rate in per cent (M34).
    pub conversion_limit_percent: f64,
    /// From how many visits begun on the limit counts.
    pub conversion_minimum_visits: i64,
    /// Whether routine inspection takes place.
    pub routine_inspection: RoutineInspection,
    /// How often a held recommendation is looked at again.
    pub section5_check: SignedDuration,
    /// When a school opens, local time; for the hours inside the window (M29).
    pub school_opens: Time,
    /// When it closes.
    pub school_closes: Time,
}

impl Policy {
    /// Whether so many conversions are more than extremely rare (M34).
    #[must_use]
    pub fn is_above_limit(&self, begun: i64, converted: i64) -> bool {
        begun >= self.conversion_minimum_visits
            && percent(begun, converted).is_some_and(|share| share > self.conversion_limit_percent)
    }
}

/// The share of `begun` that was `converted`, in per cent; none while nothing has begun.
#[must_use]
pub fn percent(begun: i64, converted: i64) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of visits are far below 2^52"
    )]
    (begun > 0).then(|| converted as f64 * 100.0 / begun as f64)
}

#[cfg(test)]
pub(crate) fn guidance() -> Policy {
    Policy {
        nfd_window: SignedDuration::from_hours(48),
        window_starts_at: WindowStart::Decision,
        warning_hours: vec![24, 12, 4, 1],
        late_after: SignedDuration::from_mins(1),
        decision_target: SignedDuration::from_hours(2),
        decision_alarm_repeat: SignedDuration::from_mins(30),
        desk_check: SignedDuration::from_mins(5),
        console_heard: SignedDuration::from_secs(45),
        next_step_minutes: 15,
        conversion_limit_percent: 2.0,
        conversion_minimum_visits: 50,
        routine_inspection: RoutineInspection::Suspended,
        section5_check: SignedDuration::from_hours(24),
        school_opens: Time::constant(9, 0, 0, 0),
        school_closes: Time::constant(15, 30, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m34_the_limit_counts_from_fifty_visits_on_and_is_exceeded_above_two_per_cent() {
        let policy = guidance();
        assert!(!policy.is_above_limit(49, 49), "too few visits to say");
        assert!(!policy.is_above_limit(50, 1), "exactly 2 % is not above");
        assert!(policy.is_above_limit(50, 2));
        assert!(policy.is_above_limit(99, 2), "2.02 %");
        assert!(!policy.is_above_limit(100, 2));
        assert_eq!(percent(0, 0), None);
    }
}
