//! The visit has another date: the record waits until it is ready again.

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1::VisitRescheduled;

use super::Planned;

/// Hears `VisitRescheduled`.
pub struct HearVisitRescheduled(pub Planned);

#[async_trait]
impl Consumer for HearVisitRescheduled {
    fn name(&self) -> &'static str {
        "recording.visit_rescheduled"
    }

    fn event_type(&self) -> String {
        VisitRescheduled::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitRescheduled = envelope.decode()?;
        self.0.fetch(self.name(), envelope, &event.visit).await
    }
}
