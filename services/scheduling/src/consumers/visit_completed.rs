//! The visit is complete.

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::recording::v1::VisitCompleted;

use super::{instant, tell};
use crate::app::App;
use crate::domain::command::Command;

/// Hears `VisitCompleted`.
pub(super) struct VisitCompletedHeard(pub(super) App);

#[async_trait]
impl Consumer for VisitCompletedHeard {
    fn name(&self) -> &'static str {
        "scheduling.visit_completed"
    }

    fn event_type(&self) -> String {
        VisitCompleted::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitCompleted = envelope.decode()?;
        let heard = Command::HearCompleted {
            at: instant(event.completed_time.as_ref())?,
        };
        tell(&self.0, self.name(), envelope, &event.visit, heard).await
    }
}
