//! `VisitStopped` of recording → the visit is converted: it counts in the conversion rate only, and its
//! answers are left out (M30).

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Fault, Fields};
use visits_durable::{Cause, Consumer};
use visits_proto::recording::v1::VisitStopped;

use crate::app::App;
use crate::app::step::Command;
use crate::domain::visit::News;

const NAME: &str = "insights.visit_stopped";

/// Hears `VisitStopped`.
pub struct VisitStoppedConsumer {
    app: App,
}

impl VisitStoppedConsumer {
    /// A consumer over the service's store.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for VisitStoppedConsumer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn event_type(&self) -> String {
        <VisitStopped as prost::Name>::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitStopped = envelope.decode()?;
        let command = read(&event)?;
        let cause = Cause::Event {
            consumer: NAME,
            envelope,
        };
        self.app.execute(cause, command).await.map(|_| ())
    }
}

fn read(event: &VisitStopped) -> Result<Command, Fault> {
    let mut fields = Fields::new();
    let visit: Uuid = fields.name("visit", &event.visit, "visits");
    let urn = fields.urn("school", &event.school);
    let instant = event.stopped_time.as_ref().map(|at| (at.seconds, at.nanos));
    let at = fields.instant("stopped_time", instant);
    fields.finish()?;
    let news = News::Stopped { at };
    Ok(Command::Hear { visit, urn, news })
}
