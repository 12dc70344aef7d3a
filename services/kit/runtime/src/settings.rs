//! Configuration in three layers: embedded defaults, a file, the environment (docs/architecture.md).
//!
//! The embedded TOML is the reference: it names every key that there is, with a comment and a
//! value, so a key that it does not name is a mistake, wherever it comes from. A table that is
//! empty there (`[peers]`) may hold any keys. The environment spells
//! `escalation.nfd.hours` as `VISITS__ESCALATION__NFD__HOURS`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use config::{Config, Environment, File, FileFormat, Source as _, Value, ValueKind};
use serde::de::DeserializeOwned;
use visits_core::{ErrorKind, Fault, FieldViolation};

mod line;

pub use line::Line;
use line::{line, source};

const PREFIX: &str = "VISITS";
const SEPARATOR: &str = "__";

/// What is wrong with a configuration: all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<FieldViolation>);

impl Problems {
    /// Notes that the value at `path` can't be used, and what would be right.
    pub fn add(&mut self, path: impl Into<String>, what: impl Into<String>) {
        self.0.push(FieldViolation::new(path, what));
    }

    /// Notes a problem unless `holds`.
    pub fn require(&mut self, holds: bool, path: &str, what: &str) {
        if !holds {
            self.add(path, what);
        }
    }

    /// Takes over what another check found.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Everything that was found, in the order in which it was.
    #[must_use]
    pub fn list(&self) -> &[FieldViolation] {
        &self.0
    }

    /// Nothing if nothing was found.
    ///
    /// # Errors
    /// Itself, if anything was.
    pub fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration can't be used:")?;
        for problem in &self.0 {
            write!(f, "\n  {}: {}", problem.field, problem.description)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problems> for Fault {
    fn from(problems: Problems) -> Self {
        Self {
            violations: problems.0,
            ..Fault::new(
                ErrorKind::InvalidInput,
                "CONFIGURATION_INVALID",
                "the configuration can't be used",
            )
        }
    }
}

/// A section of the configuration that knows its own rules.
pub trait Validate {
    /// Notes every value that can't be used, with its full path.
    fn validate(&self, problems: &mut Problems);
}

/// The configuration of a process.
#[derive(Clone, Debug)]
pub struct Settings {
    config: Config,
    lines: Vec<Line>,
}

impl Settings {
    /// Reads all three layers. `defaults` are the embedded TOML texts, one of each service;
    /// `environment` is [`std::env::vars`] outside of tests.
    ///
    /// # Errors
    /// Every key that the defaults do not name, and every value of another kind than theirs.
    pub fn load(
        defaults: &[&str],
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        let mut reference = Config::builder();
        for text in defaults {
            reference = reference.add_source(File::from_str(text, FileFormat::Toml));
        }
        let mut layered = reference.clone();
        if let Some(file) = file {
            layered = layered.add_source(File::from(file).format(FileFormat::Toml));
        }
        layered = layered.add_source(
            Environment::with_prefix(PREFIX)
                .prefix_separator(SEPARATOR)
                .separator(SEPARATOR)
                .try_parsing(true)
                .source(Some(environment.into_iter().collect())),
        );
        let reference = reference.build().map_err(|error| unreadable(&error))?;
        let config = layered.build().map_err(|error| unreadable(&error))?;
        let known = leaves(&reference)?;
        let given = leaves(&config)?;
        check(&known, &given)?;
        let lines = given
            .iter()
            .map(|(path, value)| line(path, value))
            .collect();
        Ok(Self { config, lines })
    }

    /// A section by its path, read into its type and checked by its own rules.
    ///
    /// # Errors
    /// Every problem that the section finds with itself.
    pub fn section<T: DeserializeOwned + Validate>(&self, path: &str) -> Result<T, Problems> {
        let section: T = self.config.get(path).map_err(|error| {
            let mut problems = Problems::default();
            problems.add(path, error.to_string());
            problems
        })?;
        let mut problems = Problems::default();
        section.validate(&mut problems);
        problems.finish().map(|()| section)
    }

    /// Every value with its source, by path; secrets hidden.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

fn unreadable(error: &config::ConfigError) -> Problems {
    let mut problems = Problems::default();
    problems.add("file", error.to_string());
    problems
}

type Leaves = BTreeMap<String, Value>;

fn leaves(config: &Config) -> Result<Leaves, Problems> {
    let mut found = Leaves::new();
    let root = config.collect().map_err(|error| unreadable(&error))?;
    for (key, value) in root {
        descend(key, value, &mut found);
    }
    Ok(found)
}

fn descend(path: String, value: Value, found: &mut Leaves) {
    match value.kind {
        ValueKind::Table(table) if !table.is_empty() => {
            for (key, value) in table {
                descend(format!("{path}.{key}"), value, found);
            }
        }
        _ => {
            found.insert(path, value);
        }
    }
}

fn check(known: &Leaves, given: &Leaves) -> Result<(), Problems> {
    let mut problems = Problems::default();
    for (path, value) in given {
        match known.get(path) {
            Some(reference) => {
                let (wanted, got) = (kind(&reference.kind), kind(&value.kind));
                let fits = wanted == got
                    || (wanted == "a number" && got == "a whole number")
                    || (wanted == "text"
                        && matches!(got, "a whole number" | "a number" | "true or false"));
                problems.require(fits, path, &format!("must be {wanted}, not {got}"));
            }
            None if in_open_table(path, known) => {}
            None => problems.add(path, format!("no such key (from {})", source(value))),
        }
    }
    problems.finish()
}

fn in_open_table(path: &str, known: &Leaves) -> bool {
    path.rsplit_once('.').is_some_and(|(table, _)| {
        known
            .get(table)
            .is_some_and(|value| matches!(value.kind, ValueKind::Table(_)))
    })
}

const fn kind(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Nil => "nothing",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => {
            "a whole number"
        }
        ValueKind::Float(_) => "a number",
        ValueKind::String(_) => "text",
        ValueKind::Table(_) => "a table",
        ValueKind::Array(_) => "a list",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    const DEFAULTS: &str = r#"
        [escalation]
        # Hours between the decision and the deadline (M29).
        nfd_hours = 48
        database_url = "sqlite:escalation.db"
        smtp_password = ""
        [escalation.warnings]
        share = 0.5
        [peers]
    "#;

    #[derive(Debug, Deserialize)]
    struct Escalation {
        nfd_hours: i64,
        database_url: String,
    }

    impl Validate for Escalation {
        fn validate(&self, problems: &mut Problems) {
            problems.require(
                self.nfd_hours > 0,
                "escalation.nfd_hours",
                "must be positive",
            );
            let sqlite = self.database_url.starts_with("sqlite:");
            problems.require(sqlite, "escalation.database_url", "must begin with sqlite:");
        }
    }

    fn load(environment: &[(&str, &str)], file: Option<&Path>) -> Result<Settings, Problems> {
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Settings::load(&[DEFAULTS], file, environment)
    }

    fn paths(problems: &Problems) -> Vec<&str> {
        problems.list().iter().map(|p| p.field.as_str()).collect()
    }

    #[test]
    fn a_later_layer_wins_and_print_says_which_it_was() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("visits.toml");
        std::fs::write(
            &file,
            "[escalation]\nnfd_hours = 24\ndatabase_url = \"sqlite:x\"\n",
        )
        .expect("written");
        let settings = load(
            &[
                ("VISITS__ESCALATION__NFD_HOURS", "12"),
                ("VISITS_TOKEN", "x"),
                ("HOME", "/"),
            ],
            Some(&file),
        )
        .expect("settings");
        let section: Escalation = settings.section("escalation").expect("section");
        assert_eq!(section.nfd_hours, 12);
        let lines: Vec<_> = settings
            .lines()
            .iter()
            .map(|l| (l.path.as_str(), l.value.as_str(), l.source.as_str()))
            .collect();
        assert!(
            lines.contains(&("escalation.nfd_hours", "12", "environment")),
            "{lines:?}"
        );
        assert!(
            lines.contains(&("escalation.database_url", "\"sqlite:x\"", "file")),
            "{lines:?}"
        );
        assert!(
            lines.contains(&("escalation.warnings.share", "0.5", "default")),
            "{lines:?}"
        );
    }

    #[test]
    fn every_unknown_key_and_every_wrong_kind_is_named_at_once() {
        let problems = load(
            &[
                ("VISITS__ESCALATION__NFD_HOUR", "12"),
                ("VISITS__ESCALATION__NFD_HOURS", "two days"),
                ("VISITS__INSIGHT__X", "1"),
            ],
            None,
        )
        .expect_err("three problems");
        assert_eq!(
            paths(&problems),
            ["escalation.nfd_hour", "escalation.nfd_hours", "insight.x"]
        );
        assert!(
            problems
                .to_string()
                .contains("must be a whole number, not text")
        );
        let fault = Fault::from(problems);
        assert_eq!(fault.violations.len(), 3);
    }

    #[test]
    fn an_empty_table_of_the_defaults_holds_any_keys_and_a_number_may_be_whole() {
        let settings = load(
            &[
                ("VISITS__PEERS__SCHEDULING", "http://scheduling:7400"),
                ("VISITS__ESCALATION__WARNINGS__SHARE", "1"),
            ],
            None,
        );
        assert!(settings.is_ok());
    }

    #[test]
    fn a_section_lists_all_its_problems_with_paths() {
        let settings = load(
            &[
                ("VISITS__ESCALATION__NFD_HOURS", "0"),
                ("VISITS__ESCALATION__DATABASE_URL", "mysql:x"),
            ],
            None,
        )
        .expect("well formed");
        let problems = settings
            .section::<Escalation>("escalation")
            .expect_err("two");
        assert_eq!(
            paths(&problems),
            ["escalation.nfd_hours", "escalation.database_url"]
        );
    }
}
