//! `NfdDecided` of escalation → whether an NFD is necessary counts in the conversion rate (M34); if it
//! is, the visit is left out at once, even before recording has stopped it (M30).

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Fault, Fields};
use visits_durable::{Cause, Consumer};
use visits_proto::escalation::v1::NfdDecided;

use crate::app::App;
use crate::app::step::Command;
use crate::domain::visit::{News, NfdDecision};

const NAME: &str = "insights.nfd_decided";

/// Hears `NfdDecided`.
pub struct NfdDecidedConsumer {
    app: App,
}

impl NfdDecidedConsumer {
    /// A consumer over the service's store.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for NfdDecidedConsumer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn event_type(&self) -> String {
        <NfdDecided as prost::Name>::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: NfdDecided = envelope.decode()?;
        let command = read(&event)?;
        let cause = Cause::Event {
            consumer: NAME,
            envelope,
        };
        self.app.execute(cause, command).await.map(|_| ())
    }
}

fn read(event: &NfdDecided) -> Result<Command, Fault> {
    let mut fields = Fields::new();
    let visit: Uuid = fields.name("visit", &event.visit, "visits");
    let urn = fields.urn("school", &event.school);
    let instant = event.decided_time.as_ref().map(|at| (at.seconds, at.nanos));
    let at = fields.instant("decided_time", instant);
    fields.finish()?;
    let news = News::NfdDecided(NfdDecision {
        required: event.required,
        at,
    });
    Ok(Command::Hear { visit, urn, news })
}
