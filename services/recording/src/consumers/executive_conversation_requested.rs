//! Executive leaders ask for a conversation: the record must not close without it (M12).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::scheduling::v1::ExecutiveConversationRequested;

use super::Planned;

/// Hears `ExecutiveConversationRequested`.
pub struct HearExecutiveConversationRequested(pub Planned);

#[async_trait]
impl Consumer for HearExecutiveConversationRequested {
    fn name(&self) -> &'static str {
        "recording.executive_conversation_requested"
    }

    fn event_type(&self) -> String {
        ExecutiveConversationRequested::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: ExecutiveConversationRequested = envelope.decode()?;
        self.0.fetch(self.name(), envelope, &event.visit).await
    }
}
