//! Who acts: a principal with the roles that its token carries.
//!
//! A role opens a door; it never decides alone. Who leads a visit, who is Regional Director of a
//! region and who may read an answer rests on what the server holds (M11, M28).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What kind of work a token was issued for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// One of Her Majesty's Inspectors.
    Hmi,
    /// An operator of the duty desk.
    DutyDesk,
    /// A Regional Director or a named deputy; which region is escalation's own register.
    RegionalDirector,
    /// Plans visits, keeps the schools register and the calendars.
    Scheduler,
    /// Sends, publishes, corrects and withdraws letters.
    Publisher,
    /// An accredited researcher: de-identified answers and the coding frame.
    Researcher,
    /// Reads the audit.
    Auditor,
    /// Keeps the system running: sees what is parked, retries or discards it. Reads no answer.
    Operator,
    /// Another service of the system, or a timer of this one.
    Service,
}

impl Role {
    /// Every role, in the order in which help texts list them.
    pub const ALL: [Self; 9] = [
        Self::DutyDesk,
        Self::Hmi,
        Self::Scheduler,
        Self::RegionalDirector,
        Self::Publisher,
        Self::Researcher,
        Self::Auditor,
        Self::Operator,
        Self::Service,
    ];

    /// The role's name in tokens, on the command line and in the audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hmi => "hmi",
            Self::DutyDesk => "duty-desk",
            Self::RegionalDirector => "regional-director",
            Self::Scheduler => "scheduler",
            Self::Publisher => "publisher",
            Self::Researcher => "researcher",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Service => "service",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown role `{0}`")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A principal and the roles it was signed in with. The principal is an identifier
/// (`HMI-001`, `RD-SE`, `desk-2`), never a person's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The identifier that events, audit rows and logs carry.
    pub principal: String,
    /// The roles of its token.
    pub roles: Vec<Role>,
}

impl Actor {
    /// An actor with one role.
    #[must_use]
    pub fn new(principal: impl Into<String>, role: Role) -> Self {
        Self {
            principal: principal.into(),
            roles: vec![role],
        }
    }

    /// The service itself, acting on an event or a timer.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self::new(format!("service:{name}"), Role::Service)
    }

    /// Whether the token carries `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the token carries any of `roles`.
    #[must_use]
    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_from_its_name() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert_eq!(
            "inspector-general".parse::<Role>(),
            Err(UnknownRole("inspector-general".into()))
        );
    }
}
