//! This service's section of the configuration. `default.toml` is its reference.

use visits_runtime::settings::{Problems, Validate};

pub use crate::domain::policy::Policy;

/// The embedded defaults.
pub const DEFAULTS: &str = include_str!("default.toml");

impl Validate for Policy {
    fn validate(&self, problems: &mut Problems) {
        for (path, what) in self.problems() {
            problems.add(format!("scheduling.{path}"), what);
        }
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
        Settings::load(&[DEFAULTS], None, environment)?.section("scheduling")
    }

    #[test]
    fn m13_m25_the_defaults_are_the_guidance() {
        assert_eq!(load(&[]).expect("defaults"), Policy::default());
    }

    #[test]
    fn every_value_that_cannot_be_used_is_named_at_once() {
        let problems = load(&[
            ("VISITS__SCHEDULING__CALL_TIME", "17:00"),
            ("VISITS__SCHEDULING__ATTEMPT_EVERY_MINUTES", "0"),
        ])
        .expect_err("two mistakes");
        let named: Vec<_> = problems.list().iter().map(|p| p.field.as_str()).collect();
        assert_eq!(
            named,
            ["scheduling.attempt_every_minutes", "scheduling.call_time"]
        );
    }
}
