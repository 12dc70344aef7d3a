//! This service's section of the configuration. `default.toml` is its reference.

use serde::Deserialize;
use visits_core::Fault;
use visits_runtime::secrets::Secret;
use visits_runtime::settings::{Problems, Validate};

use crate::domain::policy::ConversionPolicy;
use crate::pseudonym::Pseudonyms;

/// The embedded defaults.
pub const DEFAULTS: &str = include_str!("default.toml");

/// The section `[insights]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Above which conversion rate somebody should look (M34).
    pub conversion: ConversionPolicy,
    /// Makes the pseudonyms of visits (M11); empty for one that is made at first start.
    pub pseudonym_key: Secret,
}

/// What the service works by.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Above which conversion rate somebody should look (M34).
    pub conversion: ConversionPolicy,
    /// The pseudonyms of visits (M11).
    pub pseudonyms: Pseudonyms,
}

impl Config {
    /// The policy; if no key is configured, with the one that `kept` gives. A policy without a
    /// key can't be made: its pseudonyms would hide nothing.
    ///
    /// # Errors
    /// Whatever `kept` fails with.
    pub fn into_policy(
        self,
        kept: impl FnOnce() -> Result<[u8; 32], Fault>,
    ) -> Result<Policy, Fault> {
        let pseudonyms = if self.pseudonym_key.is_empty() {
            Pseudonyms::new(&kept()?)
        } else {
            Pseudonyms::new(self.pseudonym_key.expose().as_bytes())
        };
        Ok(Policy {
            conversion: self.conversion,
            pseudonyms,
        })
    }
}

/// The shortest secret that can't be guessed by trying.
const KEY_CHARS_MIN: usize = 32;

impl Validate for Config {
    fn validate(&self, problems: &mut Problems) {
        problems.require(
            (1..=10_000).contains(&self.conversion.limit_basis_points),
            "insights.conversion.limit_basis_points",
            "must be 1 to 10000 hundredths of a percent",
        );
        problems.require(
            self.conversion.limit_from_visits >= 1,
            "insights.conversion.limit_from_visits",
            "must be at least 1",
        );
        let length = self.pseudonym_key.expose().chars().count();
        problems.require(
            length == 0 || length >= KEY_CHARS_MIN,
            "insights.pseudonym_key",
            "must have at least 32 characters, or be left empty for one that is made at first start",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_runtime::settings::Settings;

    fn load(environment: &[(&str, &str)]) -> Result<Config, Problems> {
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Settings::load(&[DEFAULTS], None, environment)?.section("insights")
    }

    #[test]
    fn m34_the_default_limit_is_two_per_cent_once_fifty_visits_have_begun() {
        let policy = load(&[]).expect("the defaults");
        assert_eq!(policy.conversion, ConversionPolicy::default());
    }

    #[test]
    fn every_value_that_cannot_be_used_is_named_at_once() {
        let problems = load(&[
            ("VISITS__INSIGHTS__CONVERSION__LIMIT_BASIS_POINTS", "0"),
            ("VISITS__INSIGHTS__CONVERSION__LIMIT_FROM_VISITS", "0"),
            ("VISITS__INSIGHTS__PSEUDONYM_KEY", "short"),
        ])
        .expect_err("three problems");
        assert_eq!(problems.list().len(), 3);
        assert!(!problems.to_string().contains("short"));
    }

    #[test]
    fn m11_without_a_configured_key_one_that_is_kept_is_used() {
        let visit = uuid::Uuid::from_u128(1);
        let key = "0123456789abcdef0123456789abcdef";
        let made = || Ok([7; 32]);
        let policy = |config: Config| config.into_policy(made).expect("a policy").pseudonyms;
        let kept = policy(load(&[]).expect("the defaults"));
        assert_eq!(
            kept.of_visit(visit),
            Pseudonyms::new(&[7; 32]).of_visit(visit)
        );
        let given = load(&[("VISITS__INSIGHTS__PSEUDONYM_KEY", key)]).expect("a key");
        assert!(!format!("{given:?}").contains(key));
        assert_eq!(
            policy(given).of_visit(visit),
            Pseudonyms::new(key.as_bytes()).of_visit(visit)
        );
        let none = load(&[])
            .expect("the defaults")
            .into_policy(|| Err(Fault::fatal("no disk")));
        assert!(none.is_err());
    }
}
