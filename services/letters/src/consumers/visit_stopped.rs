//! The interim visit stopped: its letter, if unpublished, is superseded (M30).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::{Cause, Consumer};
use visits_proto::recording::v1::VisitStopped;

use super::id;
use crate::app::App;
use crate::domain::ground::Heard;
use crate::domain::letter::SupersedeCause;

/// Hears `VisitStopped`.
pub(super) struct VisitStoppedHeard {
    app: App,
}

impl VisitStoppedHeard {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for VisitStoppedHeard {
    fn name(&self) -> &'static str {
        "letters.visit_stopped"
    }

    fn event_type(&self) -> String {
        VisitStopped::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitStopped = envelope.decode()?;
        let heard = Heard::Closed {
            cause: SupersedeCause::VisitStopped,
        };
        let visit = id(&event.visit, "visits/")?;
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        self.app.hear(cause, visit, heard).await
    }
}
