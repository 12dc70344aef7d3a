//! The inspectors have left: the letter may be written (M35).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::{Cause, Consumer};
use visits_proto::recording::v1::DepartureRecorded;

use super::{id, instant};
use crate::app::App;
use crate::domain::ground::Heard;

/// Hears `DepartureRecorded`.
pub(super) struct DepartureRecordedHeard {
    app: App,
}

impl DepartureRecordedHeard {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for DepartureRecordedHeard {
    fn name(&self) -> &'static str {
        "letters.departure_recorded"
    }

    fn event_type(&self) -> String {
        DepartureRecorded::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: DepartureRecorded = envelope.decode()?;
        let heard = Heard::Departed {
            at: instant(event.departed_time.as_ref())?,
        };
        let visit = id(&event.visit, "visits/")?;
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        self.app.hear(cause, visit, heard).await
    }
}
