//! On site became remote or the reverse: the record waits until the controls are confirmed (M6).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1::ModeChanged;

use super::Planned;

/// Hears `ModeChanged`.
pub struct HearModeChanged(pub Planned);

#[async_trait]
impl Consumer for HearModeChanged {
    fn name(&self) -> &'static str {
        "recording.mode_changed"
    }

    fn event_type(&self) -> String {
        ModeChanged::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: ModeChanged = envelope.decode()?;
        self.0.fetch(self.name(), envelope, &event.visit).await
    }
}
