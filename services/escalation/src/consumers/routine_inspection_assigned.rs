//! An HMI has a routine inspection of a school: the barrier stands from here on (M11).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1 as wire;

use crate::app::App;
use crate::wire::principal_of;

pub(super) struct RoutineInspectionAssigned(pub(super) App);

#[async_trait]
impl Consumer for RoutineInspectionAssigned {
    fn name(&self) -> &'static str {
        "escalation.routine_inspection_assigned"
    }

    fn event_type(&self) -> String {
        wire::RoutineInspectionAssigned::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: wire::RoutineInspectionAssigned = envelope.decode()?;
        let inspector = principal_of(&event.inspector);
        let urn = event.school.strip_prefix("schools/");
        let urn = urn.unwrap_or(&event.school).to_owned();
        self.0
            .put_barrier(self.name(), envelope, inspector, urn)
            .await
    }
}
