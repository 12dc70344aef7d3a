//! The deployment that these tests have: each service by its own binary, and who calls it.

use std::path::PathBuf;

use visits::demo::cast::{self, Caller};
use visits_core::Actor;

pub use visits_testkit::deployment::{Deployment, SERVICES, eventually};
pub use visits_testkit::process::Process;

/// The binary of a service.
pub fn binary(service: &str) -> PathBuf {
    let path = match service {
        "scheduling" => env!("CARGO_BIN_EXE_visits-scheduling"),
        "recording" => env!("CARGO_BIN_EXE_visits-recording"),
        "escalation" => env!("CARGO_BIN_EXE_visits-escalation"),
        "letters" => env!("CARGO_BIN_EXE_visits-letters"),
        _ => env!("CARGO_BIN_EXE_visits-insights"),
    };
    PathBuf::from(path)
}

/// The cast, as it reaches the processes.
pub trait Calls {
    /// Somebody who calls a service at its port.
    fn caller(&self, principal: &str, service: &str) -> anyhow::Result<Caller>;
    /// Somebody who calls the process at an address.
    fn caller_at(&self, principal: &str, address: &str) -> anyhow::Result<Caller>;
}

impl Calls for Deployment {
    fn caller(&self, principal: &str, service: &str) -> anyhow::Result<Caller> {
        self.caller_at(principal, &self.address(service))
    }

    fn caller_at(&self, principal: &str, address: &str) -> anyhow::Result<Caller> {
        let actor = Actor::new(principal, cast::role(principal));
        let channel = self.speaking_for(&actor, Self::channel(address)?);
        Ok(Caller::as_actor(&actor, channel))
    }
}
