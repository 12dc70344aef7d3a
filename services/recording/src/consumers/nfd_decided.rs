//! The Regional Director decided: where an NFD is necessary the interim visit stops (M30).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::escalation::v1::NfdDecided;

use super::{cause, instant};
use crate::app::{App, step};
use crate::domain::Command;
use crate::name;

/// Hears `NfdDecided`.
pub struct HearNfdDecided(pub App);

#[async_trait]
impl Consumer for HearNfdDecided {
    fn name(&self) -> &'static str {
        "recording.nfd_decided"
    }

    fn event_type(&self) -> String {
        NfdDecided::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: NfdDecided = envelope.decode()?;
        if !event.required {
            return Ok(());
        }
        let visit = name::visit_id(&event.visit)?;
        let command = Command::Stop {
            school: name::after("schools", &event.school)?.to_owned(),
            decided_at: instant(event.decided_time.as_ref(), &envelope),
            case: event.case,
        };
        step::tell(&self.0, cause(self.name(), envelope), visit, command).await
    }
}
