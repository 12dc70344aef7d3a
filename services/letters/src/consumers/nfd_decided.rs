//! An NFD is necessary: the interim letter, if unpublished, is superseded (M30).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::{Cause, Consumer};
use visits_proto::escalation::v1::NfdDecided;

use super::id;
use crate::app::App;
use crate::domain::ground::Heard;
use crate::domain::letter::SupersedeCause;

/// Hears `NfdDecided`.
pub(super) struct NfdDecidedHeard {
    app: App,
}

impl NfdDecidedHeard {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for NfdDecidedHeard {
    fn name(&self) -> &'static str {
        "letters.nfd_decided"
    }

    fn event_type(&self) -> String {
        NfdDecided::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: NfdDecided = envelope.decode()?;
        if !event.required {
            return Ok(());
        }
        let heard = Heard::Closed {
            cause: SupersedeCause::NfdRequired,
        };
        let visit = id(&event.visit, "visits/")?;
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        self.app.hear(cause, visit, heard).await
    }
}
