//! Recording has stopped the visit: it was converted (M30).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::recording::v1::VisitStopped;

use super::{instant, tell};
use crate::app::App;
use crate::domain::command::Command;

/// Hears `VisitStopped`.
pub(super) struct VisitStoppedHeard(pub(super) App);

#[async_trait]
impl Consumer for VisitStoppedHeard {
    fn name(&self) -> &'static str {
        "scheduling.visit_stopped"
    }

    fn event_type(&self) -> String {
        VisitStopped::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitStopped = envelope.decode()?;
        let heard = Command::HearConverted {
            at: instant(event.stopped_time.as_ref())?,
        };
        tell(&self.0, self.name(), envelope, &event.visit, heard).await
    }
}
