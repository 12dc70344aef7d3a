//! The numbers that are policy and not law: values handed to [`decide`](super::decide()).

use jiff::Timestamp;
use jiff::civil::{Date, Time, time};
use serde::{Deserialize, Serialize};
use visits_core::working_days::weekdays_after;
use visits_core::{WorkingDays, london};

/// Recording's policy. `default.toml` documents each value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// A start later than this, in England, carries a note (M19).
    pub start_by: Time,
    /// A departure later than this, in England, carries a reason (M25).
    pub depart_by: Time,
    /// The team's access ends so many working days after the last letter's publication (M11).
    pub access_working_days: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            start_by: time(10, 30, 0, 0),
            depart_by: time(16, 0, 0, 0),
            access_working_days: 10,
        }
    }
}

impl Policy {
    /// Everything that is wrong with the policy: the key of each value, and what would be right.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        if self.start_by >= self.depart_by {
            problems.push(("start_by", "must be earlier than depart_by"));
        }
        if !(1..=250).contains(&self.access_working_days) {
            problems.push(("access_working_days", "must be from 1 to 250"));
        }
        problems
    }

    /// The instant at which access ends for a letter published at `published_at`: the same time of
    /// day, so many working days later (M11).
    #[must_use]
    pub fn access_ends_at(&self, published_at: Timestamp) -> Timestamp {
        let wall = london::wall_clock(published_at);
        let day = self.access_ends_on(wall.date());
        day.map_or(Timestamp::MAX, |day| london::instant(day, wall.time()))
    }

    /// A year whose bank holidays aren't known ends access a little earlier, which is the safe side
    /// of the barrier.
    fn access_ends_on(&self, published: Date) -> Option<Date> {
        let count = self.access_working_days;
        let counted = WorkingDays::of_england().and_then(|days| days.after(published, count).ok());
        counted.or_else(|| weekdays_after(published, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("instant")
    }

    #[test]
    fn m11_access_ends_ten_working_days_after_publication_at_the_same_time_of_day() {
        let policy = Policy::default();
        // Tuesday 13 October 14:00 BST → Tuesday 27 October 14:00 GMT: across the clock change
        assert_eq!(
            policy.access_ends_at(at("2020-10-13T13:00:00Z")),
            at("2020-10-27T14:00:00Z")
        );
        // Friday 18 December: Christmas Day, 28 December and New Year's Day don't count
        assert_eq!(
            policy.access_ends_at(at("2020-12-18T12:00:00Z")),
            at("2021-01-06T12:00:00Z")
        );
        // A year without data: from Monday to Friday
        assert_eq!(
            policy.access_ends_at(at("2031-12-19T12:00:00Z")),
            at("2032-01-02T12:00:00Z")
        );
    }

    #[test]
    fn a_policy_names_every_value_at_fault() {
        let policy = Policy {
            start_by: time(17, 0, 0, 0),
            access_working_days: 0,
            ..Policy::default()
        };
        assert_eq!(policy.problems().len(), 2);
        assert!(Policy::default().problems().is_empty());
    }
}
