//! Other services' events → news of a visit. One file an event.

pub mod nfd_decided;
pub mod visit_completed;
pub mod visit_started;
pub mod visit_stopped;

use std::sync::Arc;

use visits_durable::Consumer;
use visits_runtime::Peers;

use crate::app::App;

/// The kinds of aggregate whose events are heard.
pub const CONSUMES: [&str; 2] = ["recording.record", "escalation.case"];

/// Every consumer of this service.
#[must_use]
pub fn all(app: &App, peers: &Peers) -> Vec<Arc<dyn Consumer>> {
    vec![
        Arc::new(visit_started::VisitStartedConsumer::new(app.clone())),
        Arc::new(visit_completed::VisitCompletedConsumer::new(
            app.clone(),
            peers.clone(),
        )),
        Arc::new(visit_stopped::VisitStoppedConsumer::new(app.clone())),
        Arc::new(nfd_decided::NfdDecidedConsumer::new(app.clone())),
    ]
}
