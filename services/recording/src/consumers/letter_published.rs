//! A letter of the visit is published: the team's access ends some working days later (M11).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::Consumer;
use visits_proto::letters::v1::LetterPublished;

use super::{cause, instant};
use crate::app::{App, step};
use crate::domain::Command;
use crate::name;

/// Hears `LetterPublished`.
pub struct HearLetterPublished(pub App);

#[async_trait]
impl Consumer for HearLetterPublished {
    fn name(&self) -> &'static str {
        "recording.letter_published"
    }

    fn event_type(&self) -> String {
        LetterPublished::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: LetterPublished = envelope.decode()?;
        let visit = name::visit_id(&event.visit)?;
        let command = Command::NoteLetterPublished {
            published_at: instant(event.published_time.as_ref(), &envelope),
        };
        step::tell(&self.0, cause(self.name(), envelope), visit, command).await
    }
}
