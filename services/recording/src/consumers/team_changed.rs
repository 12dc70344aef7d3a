//! The team changed: who may read and write in the record changes with it (M11).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1::TeamChanged;

use super::Planned;

/// Hears `TeamChanged`.
pub struct HearTeamChanged(pub Planned);

#[async_trait]
impl Consumer for HearTeamChanged {
    fn name(&self) -> &'static str {
        "recording.team_changed"
    }

    fn event_type(&self) -> String {
        TeamChanged::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: TeamChanged = envelope.decode()?;
        self.0.fetch(self.name(), envelope, &event.visit).await
    }
}
