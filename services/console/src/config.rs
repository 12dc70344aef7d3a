//! What can be configured.

use serde::Deserialize;
use visits_core::SignedDuration;
use visits_runtime::secrets::Secret;
use visits_runtime::settings::{Problems, Validate};
use visits_runtime::web;

/// The embedded defaults, which are also the reference of the section `console`.
pub const DEFAULTS: &str = include_str!("default.toml");

/// The section `console`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Config {
    /// See `default.toml`.
    pub listen: String,
    /// See `default.toml`.
    pub address: String,
    /// See `default.toml`.
    pub idle_minutes: u32,
    /// See `default.toml`.
    pub session_hours: u32,
    /// See `default.toml`.
    pub session_key: Secret,
    /// See `default.toml`.
    pub client_id: String,
    /// See `default.toml`.
    pub client_secret: Secret,
    /// See `default.toml`.
    pub scopes: Vec<String>,
    /// See `default.toml`.
    pub resource: String,
    /// How the command line is called to reach these services, where somebody who tries things out
    /// is offered a command: no setting, but known to whoever started the process.
    #[serde(skip)]
    pub command: Option<String>,
}

impl Config {
    /// The section's name.
    pub const SECTION: &'static str = "console";

    /// Whether browsers reach the console by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.address.starts_with("https://")
    }

    pub(crate) fn idle(&self) -> SignedDuration {
        SignedDuration::from_mins(self.idle_minutes.into())
    }

    pub(crate) fn lifetime(&self) -> SignedDuration {
        SignedDuration::from_hours(self.session_hours.into())
    }
}

impl Validate for Config {
    fn validate(&self, problems: &mut Problems) {
        let is_address = self.listen.parse::<std::net::SocketAddr>().is_ok();
        problems.require(
            self.listen.is_empty() || is_address,
            "console.listen",
            "must be an address and a port such as 127.0.0.1:7480, or empty",
        );
        problems.require(
            self.address.is_empty() || self.address.parse().is_ok_and(|uri| web::is_fit(&uri)),
            "console.address",
            "must be an address such as https://desk.example.org (http:// on this machine only), \
             or empty",
        );
        problems.require(
            (1..=24 * 60).contains(&self.idle_minutes),
            "console.idle_minutes",
            "must be from 1 to 1440",
        );
        problems.require(
            (1..=24).contains(&self.session_hours),
            "console.session_hours",
            "must be from 1 to 24",
        );
        problems.require(
            self.session_key.is_empty() || self.session_key.is_key(),
            "console.session_key",
            "must have 64 hexadecimal digits (make them with: openssl rand -hex 32)",
        );
        problems.require(
            !self.client_id.is_empty(),
            "console.client_id",
            "must be the name under which the issuer knows the console",
        );
    }
}
