//! `VisitStarted` of recording → the visit has begun: it counts in the conversion rate (M34).

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Fault, Fields};
use visits_durable::{Cause, Consumer};
use visits_proto::recording::v1::VisitStarted;

use crate::app::App;
use crate::app::step::Command;
use crate::domain::visit::News;

const NAME: &str = "insights.visit_started";

/// Hears `VisitStarted`.
pub struct VisitStartedConsumer {
    app: App,
}

impl VisitStartedConsumer {
    /// A consumer over the service's store.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for VisitStartedConsumer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn event_type(&self) -> String {
        <VisitStarted as prost::Name>::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitStarted = envelope.decode()?;
        let command = read(&event)?;
        let cause = Cause::Event {
            consumer: NAME,
            envelope,
        };
        self.app.execute(cause, command).await.map(|_| ())
    }
}

fn read(event: &VisitStarted) -> Result<Command, Fault> {
    let mut fields = Fields::new();
    let visit: Uuid = fields.name("visit", &event.visit, "visits");
    let urn = fields.urn("school", &event.school);
    let instant = event.started_time.as_ref().map(|at| (at.seconds, at.nanos));
    let at = fields.instant("started_time", instant);
    fields.finish()?;
    let news = News::Began { at };
    Ok(Command::Hear { visit, urn, news })
}
