//! Content was agreed with the school: there is something to draft from (M24).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::Fault;
use visits_durable::{Cause, Consumer};
use visits_proto::recording::v1::LetterContentAgreed;

use super::id;
use crate::app::App;
use crate::domain::ground::Heard;

/// Hears `LetterContentAgreed`.
pub(super) struct LetterContentAgreedHeard {
    app: App,
}

impl LetterContentAgreedHeard {
    pub(super) const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Consumer for LetterContentAgreedHeard {
    fn name(&self) -> &'static str {
        "letters.letter_content_agreed"
    }

    fn event_type(&self) -> String {
        LetterContentAgreed::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: LetterContentAgreed = envelope.decode()?;
        let version = u32::try_from(event.content_version).unwrap_or(0);
        let heard = Heard::ContentAgreed { version };
        let visit = id(&event.visit, "visits/")?;
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        self.app.hear(cause, visit, heard).await
    }
}
