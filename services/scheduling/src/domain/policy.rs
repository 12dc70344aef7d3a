//! The business numbers of scheduling: times of day in England and lengths in minutes.

use serde::{Deserialize, Serialize};
use visits_core::civil::{Time, time};

/// The numbers that decisions rest on, handed to every decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// When the school is called on the school day before (M13).
    pub call_time: Time,
    /// How long before and after its appointment a call is around it (M13: 09:30–10:30).
    pub call_window_minutes: i64,
    /// How long after an attempt that nobody answered the next one is due.
    pub attempt_every_minutes: i64,
    /// From when the duty desk is told of a school that was not reached.
    pub duty_desk_told_at: Time,
    /// When the call day ends: with no contact until then the visit can't start.
    pub call_closes_at: Time,
    /// When an undecided deferral is reminded of.
    pub deferral_reminder_at: Time,
    /// By when a deferral is decided on the day on which it was asked for.
    pub deferral_decided_by: Time,
    /// When a visit starts (M19).
    pub visit_starts_at: Time,
    /// By when inspectors usually leave (M25).
    pub departure_by: Time,
    /// How long before and after home time nobody should leave (M25).
    pub home_time_margin_minutes: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            call_time: time(10, 0, 0, 0),
            call_window_minutes: 30,
            attempt_every_minutes: 20,
            duty_desk_told_at: time(12, 0, 0, 0),
            call_closes_at: time(16, 0, 0, 0),
            deferral_reminder_at: time(14, 0, 0, 0),
            deferral_decided_by: time(16, 0, 0, 0),
            visit_starts_at: time(10, 0, 0, 0),
            departure_by: time(16, 0, 0, 0),
            home_time_margin_minutes: 15,
        }
    }
}

impl Policy {
    /// Everything that is wrong with these numbers: each field with what would be right.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut within = |field: &'static str, minutes: i64, from: i64, to: i64| {
            if !(from..=to).contains(&minutes) {
                problems.push((field, format!("must be {from} to {to} minutes")));
            }
        };
        within("call_window_minutes", self.call_window_minutes, 1, 240);
        within("attempt_every_minutes", self.attempt_every_minutes, 1, 240);
        within(
            "home_time_margin_minutes",
            self.home_time_margin_minutes,
            0,
            60,
        );
        let mut before = |field: &'static str, first: Time, later: &str, second: Time| {
            if first >= second {
                problems.push((field, format!("must be before {later}")));
            }
        };
        let told_at = self.duty_desk_told_at;
        before("call_time", self.call_time, "duty_desk_told_at", told_at);
        before(
            "duty_desk_told_at",
            told_at,
            "call_closes_at",
            self.call_closes_at,
        );
        before(
            "deferral_reminder_at",
            self.deferral_reminder_at,
            "deferral_decided_by",
            self.deferral_decided_by,
        );
        before(
            "visit_starts_at",
            self.visit_starts_at,
            "departure_by",
            self.departure_by,
        );
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_is_valid_and_every_problem_is_named_at_once() {
        assert!(Policy::default().problems().is_empty());
        let upside_down = Policy {
            call_time: time(17, 0, 0, 0),
            attempt_every_minutes: 0,
            home_time_margin_minutes: 90,
            ..Policy::default()
        };
        let named: Vec<_> = upside_down.problems().into_iter().map(|(f, _)| f).collect();
        assert_eq!(
            named,
            [
                "attempt_every_minutes",
                "home_time_margin_minutes",
                "call_time"
            ]
        );
    }
}
