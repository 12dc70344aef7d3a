//! Configuration in three layers: embedded defaults, a file, the environment (docs/architecture.md).
//!
//! The embedded TOML is the reference: it names every key that there is, with a comment and a
//! value, so a key that it does not name is a mistake, wherever it comes from. A table that is
//! empty there (`[peers]`) may hold any keys. The environment spells
//! `escalation.nfd.hours` as `VISITS__ESCALATION__NFD__HOURS`, and a list with commas. What is a
//! text there may be given as a file that holds it, `database.escalation_file`: for secrets.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use config::{Config, Environment, File, FileFormat, Source as _, Value, ValueKind};
use serde::de::DeserializeOwned;
use visits_core::{ErrorKind, Fault, FieldViolation};

mod line;
mod text_file;

pub use line::Line;
use line::{line, source};

const PREFIX: &str = "VISITS";
const SEPARATOR: &str = "__";
/// Where a value of the command line comes from.
const ARGUMENTS: &str = "the command line";

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
        Self::load_with(defaults, file, environment, &[])
    }

    /// As [`Settings::load`], with lists from the command line, which win over every layer.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_with(
        defaults: &[&str],
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        arguments: &[(&str, Vec<String>)],
    ) -> Result<Self, Problems> {
        let mut reference = Config::builder();
        for text in defaults {
            reference = reference.add_source(File::from_str(text, FileFormat::Toml));
        }
        let mut layered = reference.clone();
        let reference = reference.build().map_err(|error| unreadable(&error))?;
        let known = leaves(&reference)?;
        if let Some(file) = file {
            layered = layered.add_source(File::from(file).format(FileFormat::Toml));
        }
        layered = layered.add_source(from_environment(&known, environment));
        for (path, list) in arguments {
            let value = Value::new(Some(&ARGUMENTS.to_owned()), list.clone());
            layered = layered
                .set_override(path, value)
                .map_err(|error| unreadable(&error))?;
        }
        let mut config = layered.build().map_err(|error| unreadable(&error))?;
        let mut given = leaves(&config)?;
        if text_file::read_into(&known, &mut given)? {
            config = rebuilt(&given)?;
        }
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

/// A list is text there, which only the reference can tell.
fn from_environment(
    known: &Leaves,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Environment {
    let mut source = Environment::with_prefix(PREFIX)
        .prefix_separator(SEPARATOR)
        .separator(SEPARATOR)
        .try_parsing(true)
        .source(Some(environment.into_iter().collect()));
    for (path, value) in known {
        if matches!(value.kind, ValueKind::Array(_)) {
            // Only with a key: a separator alone would make a list of every text.
            source = source.list_separator(",").with_list_parse_key(path);
        }
    }
    source
}

fn rebuilt(given: &Leaves) -> Result<Config, Problems> {
    let mut builder = Config::builder();
    for (path, value) in given {
        builder = builder
            .set_override(path, value.clone())
            .map_err(|error| unreadable(&error))?;
    }
    builder.build().map_err(|error| unreadable(&error))
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
mod tests;
