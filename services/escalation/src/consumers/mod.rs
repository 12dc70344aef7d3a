//! Other services' events, each turned into something of ours.

mod routine_inspection_assigned;
mod team_changed;
mod visit_started;

use std::sync::Arc;

use visits_core::Fault;
use visits_durable::Consumer;

use crate::app::App;
use crate::domain::case::VisitId;

/// The kinds of aggregate that escalation hears.
pub const CONSUMES: [&str; 3] = [
    "scheduling.inspector",
    "scheduling.visit",
    "recording.record",
];

/// Every consumer.
#[must_use]
pub fn consumers(app: &App) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(routine_inspection_assigned::RoutineInspectionAssigned(
            app.clone(),
        )),
        Arc::new(team_changed::TeamChanged(app.clone())),
        Arc::new(visit_started::VisitStarted(app.clone())),
    ]
}

fn visit_id(name: &str) -> Result<VisitId, Fault> {
    let id = name.strip_prefix("visits/").and_then(|id| id.parse().ok());
    id.ok_or_else(|| Fault::fatal(format!("an event names the visit `{name}`")))
}
