//! The NFD is complete: the letter with its findings may be written (M32).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::{Cause, Consumer};
use visits_proto::escalation::v1::NfdCompleted;

use super::{id, instant};
use crate::app::App;
use crate::domain::ground::Heard;

/// Hears `NfdCompleted`.
pub(super) struct NfdCompletedHeard {
    app: App,
}

impl NfdCompletedHeard {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for NfdCompletedHeard {
    fn name(&self) -> &'static str {
        "letters.nfd_completed"
    }

    fn event_type(&self) -> String {
        NfdCompleted::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: NfdCompleted = envelope.decode()?;
        let case = id(&event.case, "cases/")?;
        let left_site = instant(event.left_site_time.as_ref())?;
        let heard = Heard::NfdCompleted { case, left_site };
        let visit = id(&event.visit, "visits/")?;
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        self.app.hear(cause, visit, heard).await
    }
}
