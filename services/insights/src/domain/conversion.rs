//! How often a visit is turned into an NFD: the rate over visits begun (M34).

use serde::{Deserialize, Serialize};
use visits_core::Timestamp;

use super::policy::ConversionPolicy;
use super::visit::{Life, Visit};

/// The conversion counts at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversionCounts {
    /// Visits that have begun.
    pub begun: u64,
    /// Visits that were completed and count.
    pub completed: u64,
    /// Visits begun whose record was stopped.
    pub stopped: u64,
    /// Visits begun for which an NFD was decided to be necessary.
    pub nfd_required: u64,
    /// Visits begun for which none was.
    pub nfd_not_required: u64,
    /// The limits that the rate was held against.
    pub policy: ConversionPolicy,
    /// When this was counted.
    pub counted_at: Timestamp,
}

impl ConversionCounts {
    /// Counts visits. Only those that have begun are looked at, so that the rate is never above
    /// one whatever order the news came in.
    #[must_use]
    pub fn of<'v>(
        visits: impl IntoIterator<Item = &'v Visit>,
        policy: ConversionPolicy,
        counted_at: Timestamp,
    ) -> Self {
        let mut counts = Self {
            begun: 0,
            completed: 0,
            stopped: 0,
            nfd_required: 0,
            nfd_not_required: 0,
            policy,
            counted_at,
        };
        for visit in visits.into_iter().filter(|visit| visit.has_begun()) {
            counts.begun += 1;
            counts.completed += u64::from(visit.life() == Life::Completed);
            counts.stopped += u64::from(visit.stopped_at.is_some());
            match visit.nfd {
                Some(nfd) if nfd.required => counts.nfd_required += 1,
                Some(_) => counts.nfd_not_required += 1,
                None => {}
            }
        }
        counts
    }

    /// The rate in hundredths of a percent, rounded half up.
    #[must_use]
    pub fn rate_basis_points(&self) -> u32 {
        u32::try_from(self.rounded_share(10_000)).unwrap_or(u32::MAX)
    }

    /// The rate for a person, to a tenth of a percent.
    #[must_use]
    pub fn rate_text(&self) -> String {
        if self.begun == 0 {
            return "N/A".to_owned();
        }
        match (self.nfd_required, self.rounded_share(1_000)) {
            (0, _) => "0%".to_owned(),
            (_, 0) => "<0.1%".to_owned(),
            (_, tenths) => format!("{}.{}%", tenths / 10, tenths % 10),
        }
    }

    /// Whether enough visits have begun and the exact rate is above the limit.
    #[must_use]
    pub fn is_above_limit(&self) -> bool {
        self.begun >= self.policy.limit_from_visits
            && u128::from(self.nfd_required) * 10_000
                > u128::from(self.begun) * u128::from(self.policy.limit_basis_points)
    }

    fn rounded_share(&self, parts: u128) -> u128 {
        let begun = u128::from(self.begun);
        if begun == 0 {
            return 0;
        }
        (u128::from(self.nfd_required) * parts * 2 + begun) / (begun * 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::school::SchoolFacts;
    use crate::domain::visit::{Completed, NfdDecision};

    fn counts(begun: u64, nfd_required: u64) -> ConversionCounts {
        ConversionCounts {
            begun,
            completed: 0,
            stopped: 0,
            nfd_required,
            nfd_not_required: 0,
            policy: ConversionPolicy::default(),
            counted_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn m34_the_rate_is_shown_and_held_against_the_limit() {
        // begun, NFD necessary: basis points, text, above 2 % once 50 have begun
        let table = [
            (0, 0, 0, "N/A", false),
            (1, 0, 0, "0%", false),
            (1, 1, 10_000, "100.0%", false),
            (49, 49, 10_000, "100.0%", false),
            (50, 1, 200, "2.0%", false),
            (50, 2, 400, "4.0%", true),
            (57, 1, 175, "1.8%", false),
            (99, 2, 202, "2.0%", true),
            (100, 2, 200, "2.0%", false),
            (3_000, 1, 3, "<0.1%", false),
            (2_000, 1, 5, "0.1%", false),
        ];
        for (begun, nfd, basis_points, text, above) in table {
            let counts = counts(begun, nfd);
            assert_eq!(counts.rate_basis_points(), basis_points, "{nfd} of {begun}");
            assert_eq!(counts.rate_text(), text, "{nfd} of {begun}");
            assert_eq!(counts.is_above_limit(), above, "{nfd} of {begun}");
        }
    }

    #[test]
    fn m34_only_visits_begun_are_counted_and_a_stopped_one_counts_in_the_rate() {
        let now = Timestamp::UNIX_EPOCH;
        let begun = Visit {
            begun_at: Some(now),
            ..Visit::heard_of("123166".into())
        };
        let completed = Visit {
            completed: Some(Completed {
                at: now,
                form: "2020-09".into(),
                school_name: String::new(),
                facts: SchoolFacts::UNKNOWN,
            }),
            ..begun.clone()
        };
        let decided = |required, visit: &Visit| Visit {
            nfd: Some(NfdDecision { required, at: now }),
            ..visit.clone()
        };
        let stopped = Visit {
            stopped_at: Some(now),
            ..decided(true, &completed)
        };
        let visits = [
            begun,
            completed.clone(),
            decided(false, &completed),
            stopped,
            decided(true, &Visit::heard_of("123166".into())),
        ];
        let counts = ConversionCounts::of(&visits, ConversionPolicy::default(), now);
        assert_eq!(
            (
                counts.begun,
                counts.completed,
                counts.stopped,
                counts.nfd_required,
                counts.nfd_not_required
            ),
            (4, 2, 1, 1, 1)
        );
    }
}
