//! An inspector is assigned to a school's routine inspection: access there ends at once (M11).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1::RoutineInspectionAssigned;

use super::cause;
use crate::app::{App, step};
use crate::name;

/// Hears `RoutineInspectionAssigned`.
pub struct HearRoutineInspectionAssigned(pub App);

#[async_trait]
impl Consumer for HearRoutineInspectionAssigned {
    fn name(&self) -> &'static str {
        "recording.routine_inspection_assigned"
    }

    fn event_type(&self) -> String {
        RoutineInspectionAssigned::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: RoutineInspectionAssigned = envelope.decode()?;
        let inspector = name::after("inspectors", &event.inspector)?.to_owned();
        let school = name::after("schools", &event.school)?.to_owned();
        step::bar(&self.0, cause(self.name(), envelope), inspector, school).await
    }
}
