//! Other services' events, one file an event: each becomes something asked of a visit.

mod nfd_decided;
mod visit_completed;
mod visit_started;
mod visit_stopped;

use std::sync::Arc;

use visits_bus::Envelope;
use visits_core::{ErrorKind, Fault, Timestamp};
use visits_durable::{Cause, Consumer};

use crate::app::App;
use crate::app::rights::Needs;
use crate::app::wish::Wish;
use crate::domain::command::Command;
use crate::domain::visit::VisitId;

/// The kinds of aggregate whose events are heard.
pub const CONSUMES: [&str; 2] = ["recording.record", "escalation.case"];

/// All consumers.
#[must_use]
pub fn all(app: &App) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(visit_started::VisitStartedHeard(app.clone())),
        Arc::new(visit_completed::VisitCompletedHeard(app.clone())),
        Arc::new(visit_stopped::VisitStoppedHeard(app.clone())),
        Arc::new(nfd_decided::NfdDecidedHeard(app.clone())),
    ]
}

/// Tells the visit of an event what was heard of it.
async fn tell(
    app: &App,
    consumer: &'static str,
    envelope: Arc<Envelope>,
    visit: &str,
    heard: Command,
) -> Result<(), Fault> {
    let id: VisitId = visit
        .strip_prefix("visits/")
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| unreadable("the visit's name is none of visits/…"))?;
    let cause = Cause::Event { consumer, envelope };
    let wish = Wish::Plain(heard);
    app.execute(cause, id, Needs::Nothing, String::new(), wish)
        .await?;
    Ok(())
}

/// The instant in an event.
fn instant(given: Option<&pbjson_types::Timestamp>) -> Result<Timestamp, Fault> {
    visits_proto::instant(given).ok_or_else(|| unreadable("an instant is missing"))
}

fn unreadable(what: &str) -> Fault {
    Fault::new(ErrorKind::InvalidInput, "EVENT_UNREADABLE", what)
}
