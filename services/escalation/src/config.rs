//! This service's section of the configuration. `default.toml` is its reference.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use visits_core::SignedDuration;
use visits_core::civil::Time;
use visits_runtime::settings::{Problems, Validate};

use crate::domain::case::WindowStart;
use crate::domain::policy::{self, RoutineInspection};
use crate::pager::{FolderPager, Pager};

/// The embedded defaults.
pub const DEFAULTS: &str = include_str!("default.toml");

/// The section `[escalation]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The 48 hours (M29).
    pub nfd: Nfd,
    /// The wait for the decision.
    pub decision: Decision,
    /// The duty desk.
    pub desk: Desk,
    /// How rare conversion must be (M34).
    pub conversion: Conversion,
    /// Section 5 recommendations (M33).
    pub section5: Section5,
    /// When schools are open.
    pub school_hours: SchoolHours,
}

/// `[escalation.nfd]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nfd {
    /// Elapsed hours.
    pub window_hours: i64,
    /// Which event starts them.
    pub window_starts_at: WindowStart,
    /// Hours before the deadline, the most first.
    pub warning_hours: Vec<i32>,
    /// From when on a warning is late.
    pub late_after_seconds: i64,
}

/// `[escalation.decision]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// From the call to the target.
    pub target_minutes: i64,
    /// From alarm to alarm.
    pub alarm_repeat_minutes: i64,
}

/// `[escalation.desk]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// From look to look.
    pub check_minutes: i64,
    /// How long a console is believed.
    pub console_heard_seconds: i64,
    /// Until an acknowledged case alerts again.
    pub next_step_minutes: i32,
    /// Who is told that nobody watches.
    pub contact: String,
    /// Where pages are put, within the data folder.
    pub page_folder: String,
}

/// `[escalation.conversion]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// In per cent.
    pub limit_percent: f64,
    /// From how many visits begun on.
    pub minimum_visits: i64,
}

/// `[escalation.section5]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section5 {
    /// Whether it takes place.
    pub routine_inspection: RoutineInspection,
    /// From look to look.
    pub check_hours: i64,
}

/// `[escalation.school_hours]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchoolHours {
    /// `09:00`
    pub opens: Time,
    /// `15:30`
    pub closes: Time,
}

/// What the service is set up with beside its database and its peers.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The numbers of the business.
    pub rules: policy::Policy,
    /// Tells somebody outside of the desk.
    pub pager: Arc<dyn Pager>,
}

impl Setup {
    /// The setup of `policy`, with its pages in `data`.
    #[must_use]
    pub fn open(policy: &Policy, data: &Path) -> Self {
        let folder = data.join(&policy.desk.page_folder);
        Self {
            rules: policy.rules(),
            pager: Arc::new(FolderPager::new(folder, &policy.desk.contact)),
        }
    }
}

impl Policy {
    /// The numbers as the rules take them.
    #[must_use]
    pub fn rules(&self) -> policy::Policy {
        policy::Policy {
            nfd_window: SignedDuration::from_hours(self.nfd.window_hours),
            window_starts_at: self.nfd.window_starts_at,
            warning_hours: self.nfd.warning_hours.clone(),
            late_after: SignedDuration::from_secs(self.nfd.late_after_seconds),
            decision_target: SignedDuration::from_mins(self.decision.target_minutes),
            decision_alarm_repeat: SignedDuration::from_mins(self.decision.alarm_repeat_minutes),
            desk_check: SignedDuration::from_mins(self.desk.check_minutes),
            console_heard: SignedDuration::from_secs(self.desk.console_heard_seconds),
            next_step_minutes: self.desk.next_step_minutes,
            conversion_limit_percent: self.conversion.limit_percent,
            conversion_minimum_visits: self.conversion.minimum_visits,
            routine_inspection: self.section5.routine_inspection,
            section5_check: SignedDuration::from_hours(self.section5.check_hours),
            school_opens: self.school_hours.opens,
            school_closes: self.school_hours.closes,
        }
    }
}

impl Policy {
    /// The whole numbers, each with the least and the most that it can be.
    fn limits(&self) -> [(i64, i64, i64, &'static str); 9] {
        let Self {
            nfd,
            decision,
            desk,
            conversion,
            section5,
            ..
        } = self;
        let (target, repeat) = (decision.target_minutes, decision.alarm_repeat_minutes);
        let (heard, next_step) = (desk.console_heard_seconds, desk.next_step_minutes.into());
        [
            (nfd.window_hours, 1, 240, "nfd.window_hours"),
            (nfd.late_after_seconds, 1, 3_600, "nfd.late_after_seconds"),
            (target, 2, 2_880, "decision.target_minutes"),
            (repeat, 1, 1_440, "decision.alarm_repeat_minutes"),
            (desk.check_minutes, 1, 1_440, "desk.check_minutes"),
            (heard, 25, 600, "desk.console_heard_seconds"),
            (next_step, 1, 240, "desk.next_step_minutes"),
            (
                conversion.minimum_visits,
                1,
                1_000_000,
                "conversion.minimum_visits",
            ),
            (section5.check_hours, 1, 720, "section5.check_hours"),
        ]
    }
}

impl Validate for Policy {
    fn validate(&self, problems: &mut Problems) {
        let mut within = |value: i64, from: i64, to: i64, path: &str| {
            let what = format!("must be {from} to {to}");
            problems.require(
                (from..=to).contains(&value),
                &format!("escalation.{path}"),
                &what,
            );
        };
        for (value, from, to, path) in self.limits() {
            within(value, from, to, path);
        }
        let hours = &self.nfd.warning_hours;
        let window = i32::try_from(self.nfd.window_hours).unwrap_or(i32::MAX);
        problems.require(
            hours.len() <= 20
                && hours.iter().all(|hours| (1..window).contains(hours))
                && hours.windows(2).all(|pair| pair[0] > pair[1]),
            "escalation.nfd.warning_hours",
            "must be at most 20 whole hours inside the window, the most first, each once",
        );
        problems.require(
            self.conversion.limit_percent > 0.0 && self.conversion.limit_percent <= 100.0,
            "escalation.conversion.limit_percent",
            "must be above 0 and at most 100",
        );
        problems.require(
            self.desk.contact.is_empty() || !self.desk.page_folder.is_empty(),
            "escalation.desk.page_folder",
            "must not be empty while there is a contact",
        );
        problems.require(
            self.school_hours.opens < self.school_hours.closes,
            "escalation.school_hours.closes",
            "must be after opens",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_runtime::settings::Settings;

    fn load(environment: &[(&str, &str)]) -> Result<Policy, Problems> {
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Settings::load(&[DEFAULTS], None, environment)?.section("escalation")
    }

    #[test]
    fn the_defaults_are_the_guidance() {
        let rules = load(&[]).expect("defaults").rules();
        assert_eq!(rules, policy::guidance());
    }

    #[test]
    fn every_value_that_cannot_be_used_is_named_at_once() {
        let problems = load(&[
            ("VISITS__ESCALATION__NFD__WINDOW_HOURS", "0"),
            ("VISITS__ESCALATION__DESK__CHECK_MINUTES", "-1"),
            ("VISITS__ESCALATION__CONVERSION__LIMIT_PERCENT", "0.0"),
        ])
        .expect_err("three mistakes");
        let named: Vec<_> = problems.list().iter().map(|p| p.field.as_str()).collect();
        assert_eq!(
            named,
            [
                "escalation.nfd.window_hours",
                "escalation.desk.check_minutes",
                "escalation.nfd.warning_hours",
                "escalation.conversion.limit_percent",
            ]
        );
    }
}
