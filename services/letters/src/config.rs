//! What can be configured, and what the service is set up with.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use visits_core::Fault;
use visits_runtime::secrets::Secret;
use visits_runtime::settings::{Problems, Validate};

use crate::domain::Policy;
use crate::link::Links;
use crate::mailbox::{FolderMailbox, Mailbox};

/// The embedded defaults, which are also the reference of the section `letters`.
pub const DEFAULTS: &str = include_str!("default.toml");

/// The file in the data folder that keeps the key of the one-time links.
const LINK_KEY_FILE: &str = "letters-link.key";

/// The section `letters`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// See `default.toml`.
    pub draft_working_days: u32,
    /// See `default.toml`.
    pub publication_working_days: u32,
    /// See `default.toml`.
    pub factual_check_working_days: u32,
    /// See `default.toml`.
    pub link_working_days: u32,
    /// See `default.toml`.
    pub team_access_working_days: u32,
    /// See `default.toml`.
    pub names: Vec<String>,
    /// See `default.toml`.
    pub public_url: String,
    /// See `default.toml`.
    pub mailbox_folder: String,
    /// See `default.toml`.
    pub link_key: Secret,
}

impl Validate for Config {
    fn validate(&self, problems: &mut Problems) {
        let days = [
            ("letters.draft_working_days", self.draft_working_days),
            (
                "letters.publication_working_days",
                self.publication_working_days,
            ),
            (
                "letters.factual_check_working_days",
                self.factual_check_working_days,
            ),
            ("letters.link_working_days", self.link_working_days),
            (
                "letters.team_access_working_days",
                self.team_access_working_days,
            ),
        ];
        for (path, value) in days {
            problems.require(
                (1..=60).contains(&value),
                path,
                "must be from 1 to 60 working days",
            );
        }
        problems.require(
            self.link_working_days >= self.factual_check_working_days,
            "letters.link_working_days",
            "must not be shorter than the school's time for its check",
        );
        let is_web = ["http://", "https://"]
            .iter()
            .any(|scheme| self.public_url.starts_with(scheme));
        problems.require(
            is_web,
            "letters.public_url",
            "must begin with http:// or https://",
        );
        problems.require(
            !self.mailbox_folder.is_empty(),
            "letters.mailbox_folder",
            "must not be empty",
        );
        problems.require(
            self.link_key.is_empty() || self.link_key.is_key(),
            "letters.link_key",
            "must have 64 hexadecimal digits, or be left empty for one that is made at first start",
        );
    }
}

/// What the service is set up with: its policy, the key of its links, and the way out for messages.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The business's numbers.
    pub policy: Policy,
    /// Makes the one-time links.
    pub links: Links,
    /// Delivers messages to schools.
    pub mailbox: Arc<dyn Mailbox>,
}

impl Setup {
    /// The setup of `config` with its files in `data`: the key of the links is made at first start
    /// unless one is configured.
    ///
    /// # Errors
    /// `Fatal` if the key or the built-in bank holidays can't be read.
    pub fn open(config: &Config, data: &Path) -> Result<Self, Fault> {
        let standard = Policy::standard()
            .map_err(|error| Fault::fatal(format!("the built-in bank holidays: {error}")))?;
        let key = config.link_key.key_or_kept(&data.join(LINK_KEY_FILE))?;
        Ok(Self {
            policy: Policy {
                draft_working_days: config.draft_working_days,
                publication_working_days: config.publication_working_days,
                factual_check_working_days: config.factual_check_working_days,
                link_working_days: config.link_working_days,
                team_access_working_days: config.team_access_working_days,
                names: config.names.clone(),
                ..standard
            },
            links: Links::new(key, &config.public_url),
            mailbox: Arc::new(FolderMailbox::new(data.join(&config.mailbox_folder))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_runtime::settings::Settings;

    #[test]
    fn the_embedded_defaults_are_a_valid_section_with_the_standard_policy() {
        let settings = Settings::load(&[DEFAULTS], None, []).expect("settings");
        let config: Config = settings.section("letters").expect("section");
        let folder = tempfile::tempdir().expect("folder");
        let setup = Setup::open(&config, folder.path()).expect("setup");
        assert_eq!(setup.policy, Policy::standard().expect("policy"));
    }

    #[test]
    fn every_problem_of_a_section_is_named_at_once() {
        let settings = Settings::load(&[DEFAULTS], None, []).expect("settings");
        let config = Config {
            link_working_days: 0,
            public_url: "letters.example".into(),
            ..settings.section("letters").expect("section")
        };
        let mut problems = Problems::default();
        config.validate(&mut problems);
        let paths: Vec<_> = problems.list().iter().map(|p| p.field.as_str()).collect();
        assert_eq!(
            paths,
            [
                "letters.link_working_days",
                "letters.link_working_days",
                "letters.public_url"
            ]
        );
    }
}
