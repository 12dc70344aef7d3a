//! An NFD is necessary: the visit is converted (M30).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::escalation::v1::NfdDecided;

use super::{instant, tell};
use crate::app::App;
use crate::domain::command::Command;

/// Hears `NfdDecided`.
pub(super) struct NfdDecidedHeard(pub(super) App);

#[async_trait]
impl Consumer for NfdDecidedHeard {
    fn name(&self) -> &'static str {
        "scheduling.nfd_decided"
    }

    fn event_type(&self) -> String {
        NfdDecided::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: NfdDecided = envelope.decode()?;
        if !event.required {
            return Ok(());
        }
        let heard = Command::HearConverted {
            at: instant(event.decided_time.as_ref())?,
        };
        tell(&self.0, self.name(), envelope, &event.visit, heard).await
    }
}
