//! What recording hears from the other services, one file an event.

mod executive_conversation_requested;
mod letter_published;
mod mode_changed;
mod nfd_decided;
mod routine_inspection_assigned;
mod team_changed;
mod visit_cancelled;
mod visit_ready;
mod visit_rescheduled;

use std::sync::Arc;

use visits_bus::Envelope;
use visits_core::{Fault, Timestamp};
use visits_durable::{Cause, Consumer};

use crate::app::{App, step};
use crate::domain::Command;
use crate::name;
use crate::peers::{PlannedVisit, Scheduling};

/// The kinds of aggregate whose events recording hears.
pub const HEARD: [&str; 4] = [
    "scheduling.visit",
    "scheduling.inspector",
    "escalation.case",
    "letters.letter",
];

/// Every consumer of the service.
#[must_use]
pub fn all(app: &App, scheduling: &Scheduling) -> Vec<Arc<dyn Consumer>> {
    let planned = || Planned {
        app: app.clone(),
        scheduling: scheduling.clone(),
    };
    vec![
        Arc::new(visit_ready::HearVisitReady(planned())),
        Arc::new(visit_rescheduled::HearVisitRescheduled(planned())),
        Arc::new(team_changed::HearTeamChanged(planned())),
        Arc::new(mode_changed::HearModeChanged(planned())),
        Arc::new(executive_conversation_requested::HearExecutiveConversationRequested(planned())),
        Arc::new(visit_cancelled::HearVisitCancelled(app.clone())),
        Arc::new(routine_inspection_assigned::HearRoutineInspectionAssigned(
            app.clone(),
        )),
        Arc::new(nfd_decided::HearNfdDecided(app.clone())),
        Arc::new(letter_published::HearLetterPublished(app.clone())),
    ]
}

/// What the events about a visit's plan share: they say that something changed, and what stands
/// now is asked of scheduling, before the step begins.
pub struct Planned {
    app: App,
    scheduling: Scheduling,
}

impl Planned {
    async fn fetch(
        &self,
        consumer: &'static str,
        envelope: Arc<Envelope>,
        visit: &str,
    ) -> Result<(), Fault> {
        let visit = name::visit_id(visit)?;
        let command = match self.scheduling.visit(visit).await? {
            PlannedVisit::Known(brief) => brief,
            PlannedVisit::Cancelled => Command::Cancel,
        };
        step::tell(&self.app, cause(consumer, envelope), visit, command).await
    }
}

fn cause(consumer: &'static str, envelope: Arc<Envelope>) -> Cause {
    Cause::Event { consumer, envelope }
}

/// The instant that the event gives, or else when it happened.
fn instant(given: Option<&pbjson_types::Timestamp>, envelope: &Envelope) -> Timestamp {
    visits_proto::instant(given).map_or(envelope.occurred_at, visits_core::clock::whole_micros)
}
