//! The visit may start: what is planned for it is fetched, and its record made.

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1::VisitReady;

use super::Planned;

/// Hears `VisitReady`.
pub struct HearVisitReady(pub Planned);

#[async_trait]
impl Consumer for HearVisitReady {
    fn name(&self) -> &'static str {
        "recording.visit_ready"
    }

    fn event_type(&self) -> String {
        VisitReady::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitReady = envelope.decode()?;
        self.0.fetch(self.name(), envelope, &event.visit).await
    }
}
