//! The configuration of the one process: its own section and one of each service.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use visits_runtime::settings::{Problems, Settings, Validate};

use crate::services;

/// This process' own defaults.
const DEFAULTS: &str = include_str!("default.toml");

/// The `[server]` section.
#[derive(Clone, Debug, Deserialize)]
pub struct ServerConfig {
    /// Where to listen.
    pub listen: String,
    /// Whether reflection answers.
    pub reflection: bool,
    /// The longest time of a unary call, in seconds.
    pub call_seconds: u64,
    /// How long calls under way have at the end, in seconds.
    pub drain_seconds: u64,
    /// What is logged.
    pub log: String,
}

impl ServerConfig {
    /// The longest time of a unary call.
    #[must_use]
    pub const fn call_time(&self) -> Duration {
        Duration::from_secs(self.call_seconds)
    }

    /// How long calls under way have at the end.
    #[must_use]
    pub const fn drain_time(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
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
    }
}

/// Reads defaults, `file` and the environment.
///
/// # Errors
/// Every unknown key and every value of the wrong kind.
pub fn load(file: Option<&Path>) -> Result<Settings, Problems> {
    let mut defaults = vec![DEFAULTS];
    defaults.extend(services::DEFAULTS);
    Settings::load(&defaults, file, std::env::vars())
}

/// The settings as they are embedded, whatever the environment says: for tests and the demo.
///
/// # Errors
/// If a service's defaults are no configuration.
pub fn embedded() -> Result<Settings, Problems> {
    let mut defaults = vec![DEFAULTS];
    defaults.extend(services::DEFAULTS);
    Settings::load(&defaults, None, [])
}

/// Lets every section check itself.
///
/// # Errors
/// Every problem of every section.
pub fn check(settings: &Settings) -> Result<(), Problems> {
    let mut problems = Problems::default();
    if let Err(found) = settings.section::<ServerConfig>("server") {
        problems.extend(found);
    }
    services::check(settings, &mut problems);
    problems.finish()
}
