//! The configuration of the one process: its own section and one of each service.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use visits_runtime::auth::Identity;
use visits_runtime::settings::{Problems, Settings, Validate};

use crate::checkpoints::AuditConfig;
use crate::deployment::Deployment;
use crate::{reasons, services};

/// This process' own defaults.
const DEFAULTS: &str = include_str!("default.toml");

/// The share of the time to drain that is the services' own: a collector has the rest, for the last spans.
const OUR_SHARE: f64 = 0.9;
/// The share of the time to stop that calls under way have.
const CALLS_SHARE: f64 = 0.9;

/// The `[server]` section.
#[derive(Clone, Debug, Deserialize)]
pub struct ServerConfig {
    /// Where to listen.
    pub listen: String,
    /// Whether reflection answers.
    pub reflection: bool,
    /// The longest time of a unary call, in seconds.
    pub call_seconds: u64,
    /// How long the process may take to stop, in seconds.
    pub drain_seconds: u64,
    /// What is logged.
    pub log: String,
    /// Where callers read what the reasons of errors mean; empty is this process' own page.
    pub help_page: String,
    /// The services of this process; none named is all of them.
    pub services: Vec<String>,
}

impl ServerConfig {
    /// The longest time of a unary call.
    #[must_use]
    pub const fn call_time(&self) -> Duration {
        Duration::from_secs(self.call_seconds)
    }

    /// Where callers read what the reasons of errors mean, if this process listens at `port`.
    #[must_use]
    pub fn help_page(&self, port: &std::net::SocketAddr) -> String {
        if self.help_page.is_empty() {
            format!("http://{port}{}", reasons::PATH)
        } else {
            self.help_page.clone()
        }
    }

    /// The services of this process, each once.
    #[must_use]
    pub fn held(&self) -> Vec<&'static str> {
        let all = self.services.is_empty();
        let held = |name: &&str| all || self.services.iter().any(|wanted| wanted == name);
        services::NAMES.into_iter().filter(held).collect()
    }

    /// How long the process may take to stop.
    #[must_use]
    pub fn stop_time(&self) -> Duration {
        Duration::from_secs(self.drain_seconds).mul_f64(OUR_SHARE)
    }

    /// How long calls under way have of it: the loops put down what they hold in the rest.
    #[must_use]
    pub fn drain_time(&self) -> Duration {
        self.stop_time().mul_f64(CALLS_SHARE)
    }
}

/// The `[telemetry]` section.
#[derive(Clone, Debug, Deserialize)]
pub struct TelemetryConfig {
    /// The collector that spans are sent to; empty for none.
    pub otlp_endpoint: String,
}

impl Validate for TelemetryConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.otlp_endpoint.is_empty() || self.otlp_endpoint.starts_with("http://"),
            "telemetry.otlp_endpoint",
            "must be an address such as http://collector:4317, or empty",
        );
    }
}

impl Validate for ServerConfig {
    fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.listen.parse::<std::net::SocketAddr>().is_ok(),
            "server.listen",
            "must be an address and a port such as 127.0.0.1:7400",
        );
        problems.require(
            (1..=300).contains(&self.call_seconds),
            "server.call_seconds",
            "must be from 1 to 300",
        );
        problems.require(
            (1..=60).contains(&self.drain_seconds),
            "server.drain_seconds",
            "must be from 1 to 60",
        );
        problems.require(
            self.help_page.is_empty() || self.help_page.starts_with("http"),
            "server.help_page",
            "must be an address such as https://visits.example.org/errors, or empty",
        );
        for name in self.services.iter().filter(|name| !is_service(name)) {
            let what = format!("{name:?} is no service: there are {}", services::names());
            problems.add("server.services", what);
        }
    }
}

fn is_service(name: &str) -> bool {
    services::NAMES.contains(&name)
}

/// Reads defaults, `file`, the environment, and the services that the command line names.
///
/// # Errors
/// Every unknown key and every value of the wrong kind.
pub fn load(file: Option<&Path>, only: &[String]) -> Result<Settings, Problems> {
    let arguments = [("server.services", only.to_vec())];
    let arguments = if only.is_empty() {
        &[][..]
    } else {
        &arguments[..]
    };
    Settings::load_with(&defaults(), file, std::env::vars(), arguments)
}

/// The settings as they are embedded, whatever the environment says: for tests and the demo.
///
/// # Errors
/// If a service's defaults are no configuration.
pub fn embedded() -> Result<Settings, Problems> {
    Settings::load(&defaults(), None, [])
}

#[cfg(test)]
pub(crate) fn from_environment(environment: &[(&str, &str)]) -> Result<Settings, Problems> {
    let environment = environment
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Settings::load(&defaults(), None, environment)
}

fn defaults() -> Vec<&'static str> {
    let mut defaults = vec![DEFAULTS];
    defaults.extend(services::DEFAULTS);
    defaults.push(visits_console::DEFAULTS);
    defaults
}

/// Lets every section check itself, and how they fit together.
///
/// # Errors
/// Every problem of every section.
pub fn check(settings: &Settings) -> Result<(), Problems> {
    let mut problems = Problems::default();
    if let Err(found) = settings.section::<ServerConfig>("server") {
        problems.extend(found);
    }
    if let Err(found) = settings.section::<TelemetryConfig>("telemetry") {
        problems.extend(found);
    }
    if let Err(found) = settings.section::<Identity>(Identity::SECTION) {
        problems.extend(found);
    }
    if let Err(found) = settings.section::<AuditConfig>(AuditConfig::SECTION) {
        problems.extend(found);
    }
    services::check(settings, &mut problems);
    if let Err(found) = settings.section::<visits_console::Config>(visits_console::Config::SECTION)
    {
        problems.extend(found);
    }
    if let Err(found) = Deployment::read(settings) {
        problems.extend(found);
    }
    problems.finish()
}
