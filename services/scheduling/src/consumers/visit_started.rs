//! The inspectors have arrived: the visit is in progress (M19).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::recording::v1::VisitStarted;

use super::{instant, tell};
use crate::app::App;
use crate::domain::command::Command;

/// Hears `VisitStarted`.
pub(super) struct VisitStartedHeard(pub(super) App);

#[async_trait]
impl Consumer for VisitStartedHeard {
    fn name(&self) -> &'static str {
        "scheduling.visit_started"
    }

    fn event_type(&self) -> String {
        VisitStarted::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitStarted = envelope.decode()?;
        let heard = Command::HearStarted {
            at: instant(event.started_time.as_ref())?,
        };
        tell(&self.0, self.name(), envelope, &event.visit, heard).await
    }
}
