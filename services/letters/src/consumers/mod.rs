//! Other services' events, one file an event: each becomes something heard about a visit.

mod departure_recorded;
mod letter_content_agreed;
mod nfd_completed;
mod nfd_decided;
mod routine_inspection_assigned;
mod visit_stopped;

use std::sync::Arc;

use visits_core::{ErrorKind, Fault, Timestamp};
use visits_durable::Consumer;

use crate::app::App;

/// The kinds of aggregate whose events are heard.
pub const CONSUMES: [&str; 3] = [
    "scheduling.inspector",
    "recording.record",
    "escalation.case",
];

/// All consumers.
#[must_use]
pub fn all(app: &App) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(departure_recorded::DepartureRecordedHeard::new(app.clone())),
        Arc::new(letter_content_agreed::LetterContentAgreedHeard::new(
            app.clone(),
        )),
        Arc::new(visit_stopped::VisitStoppedHeard::new(app.clone())),
        Arc::new(nfd_decided::NfdDecidedHeard::new(app.clone())),
        Arc::new(nfd_completed::NfdCompletedHeard::new(app.clone())),
        Arc::new(routine_inspection_assigned::RoutineInspectionAssignedHeard::new(app.clone())),
    ]
}

/// The identifier in a resource name of an event.
fn id<I: std::str::FromStr>(name: &str, collection: &str) -> Result<I, Fault> {
    name.strip_prefix(collection)
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| unreadable(&format!("a name is none of {collection}…")))
}

/// The instant in an event.
fn instant(given: Option<&pbjson_types::Timestamp>) -> Result<Timestamp, Fault> {
    visits_proto::instant(given).ok_or_else(|| unreadable("an instant is missing"))
}

fn unreadable(what: &str) -> Fault {
    Fault::new(ErrorKind::InvalidInput, "EVENT_UNREADABLE", what)
}
