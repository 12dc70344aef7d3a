//! Who may do what. Every refusal is audited (M11).

use visits_core::{Actor, Fault, Role};
use visits_runtime::{Action, Resource, authorise};

use super::App;

const RESEARCH: &[Role] = &[Role::Researcher];
/// A release is made to be published: whoever has a token may read it.
const ANYBODY: &[Role] = &Role::ALL;

const fn action(name: &'static str, roles: &'static [Role]) -> Action {
    Action {
        name,
        roles,
        assigned: false,
    }
}

/// Import a coding frame.
pub const IMPORT_FRAME: Action = action("insights.codingFrames.import", RESEARCH);
/// Read coding frames.
pub const READ_FRAMES: Action = action(
    "insights.codingFrames.read",
    &[Role::Researcher, Role::Auditor],
);
/// Read de-identified answers and how they were coded (M11).
pub const READ_ANSWERS: Action = action("insights.visitCodings.read", RESEARCH);
/// Code answers.
pub const CODE_ANSWERS: Action = action("insights.visitCodings.code", RESEARCH);
/// Make a release.
pub const CREATE_RELEASE: Action = action("insights.releases.create", RESEARCH);
/// Read releases.
pub const READ_RELEASES: Action = action("insights.releases.read", ANYBODY);
/// Read the conversion counts (M34).
pub const READ_CONVERSION: Action = action(
    "insights.conversion.read",
    &[
        Role::Researcher,
        Role::RegionalDirector,
        Role::DutyDesk,
        Role::Scheduler,
        Role::Auditor,
    ],
);

impl App {
    /// Refuses what the actor may not do, and records that it was refused.
    pub async fn permit(&self, actor: &Actor, action: &Action, name: &str) -> Result<(), Fault> {
        let Err(fault) = authorise(actor, action, &Resource::open(name)) else {
            return Ok(());
        };
        self.durable
            .audit_refusal(actor, action.name, name, &fault)
            .await?;
        Err(fault)
    }
}
