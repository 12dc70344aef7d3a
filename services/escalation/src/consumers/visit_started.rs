//! A visit has begun: the conversion rate is over visits begun (M34).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::recording::v1 as wire;

use super::visit_id;
use crate::app::App;

pub(super) struct VisitStarted(pub(super) App);

#[async_trait]
impl Consumer for VisitStarted {
    fn name(&self) -> &'static str {
        "escalation.visit_started"
    }

    fn event_type(&self) -> String {
        wire::VisitStarted::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: wire::VisitStarted = envelope.decode()?;
        let visit = visit_id(&event.visit)?;
        let started_at = visits_proto::instant(event.started_time.as_ref());
        let started_at = started_at.unwrap_or(envelope.occurred_at);
        self.0
            .note_visit_begun(self.name(), envelope, visit, started_at)
            .await
    }
}
