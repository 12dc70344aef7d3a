//! The section `[recording]` of the configuration: the policy.

use visits_runtime::settings::{Problems, Validate};

use crate::domain::Policy;

impl Validate for Policy {
    fn validate(&self, problems: &mut Problems) {
        for (key, what) in self.problems() {
            problems.add(format!("recording.{key}"), what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Reference {
        recording: Policy,
    }

    #[test]
    fn the_reference_is_the_policy_that_stands_in_without_configuration() {
        let reference: Reference = toml::from_str(crate::DEFAULTS).expect("TOML");
        assert_eq!(reference.recording, Policy::default());
    }

    #[test]
    fn every_problem_is_reported_with_its_path() {
        let mut problems = Problems::default();
        Policy {
            access_working_days: 0,
            ..Policy::default()
        }
        .validate(&mut problems);
        assert_eq!(problems.list()[0].field, "recording.access_working_days");
    }
}
