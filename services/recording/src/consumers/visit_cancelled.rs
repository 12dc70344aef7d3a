//! The visit won't take place: its record can't be started any more.

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1::VisitCancelled;

use super::cause;
use crate::app::{App, step};
use crate::domain::Command;
use crate::name;

/// Hears `VisitCancelled`.
pub struct HearVisitCancelled(pub App);

#[async_trait]
impl Consumer for HearVisitCancelled {
    fn name(&self) -> &'static str {
        "recording.visit_cancelled"
    }

    fn event_type(&self) -> String {
        VisitCancelled::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitCancelled = envelope.decode()?;
        let visit = name::visit_id(&event.visit)?;
        let cause = cause(self.name(), envelope);
        step::tell(&self.0, cause, visit, Command::Cancel).await
    }
}
