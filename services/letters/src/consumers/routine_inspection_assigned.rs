//! An HMI is assigned to a school's routine inspection: the barrier stands from now on (M11).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::{Cause, Consumer};
use visits_proto::scheduling::v1::RoutineInspectionAssigned;

use super::unreadable;
use crate::app::App;

/// Hears `RoutineInspectionAssigned`.
pub(super) struct RoutineInspectionAssignedHeard {
    app: App,
}

impl RoutineInspectionAssignedHeard {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for RoutineInspectionAssignedHeard {
    fn name(&self) -> &'static str {
        "letters.routine_inspection_assigned"
    }

    fn event_type(&self) -> String {
        RoutineInspectionAssigned::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: RoutineInspectionAssigned = envelope.decode()?;
        let inspector = event
            .inspector
            .strip_prefix("inspectors/")
            .ok_or_else(|| unreadable("the inspector has no name"))?
            .to_owned();
        let urn = event
            .school
            .strip_prefix("schools/")
            .ok_or_else(|| unreadable("the school has no name"))?
            .to_owned();
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        self.app.raise_barrier(cause, inspector, urn).await
    }
}
