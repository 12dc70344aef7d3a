//! What must exist: a completed visit's answers, or the job that brings them; no answers of a
//! converted one, or the job that erases them. The difference is repaired (R5).

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, Sweep};

use crate::app::App;
use crate::app::step::Command;
use crate::domain::Timer;
use crate::jobs::{ERASE_ANSWERS, FETCH_ANSWERS};

/// Re-arms the jobs that a visit needs.
pub struct OutstandingAnswers {
    app: App,
}

impl OutstandingAnswers {
    /// A sweep over the service's store.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

#[async_trait]
impl Sweep for OutstandingAnswers {
    async fn sweep(&self) -> Result<u64, Fault> {
        let mut repairs = 0;
        for (visit, timer) in self.app.outstanding().await? {
            let kind = match timer {
                Timer::FetchAnswers => FETCH_ANSWERS,
                Timer::EraseAnswers => ERASE_ANSWERS,
            };
            let subject = format!("visits/{visit}");
            let pending = self.app.durable().pending_jobs(&subject).await?;
            if !pending.iter().any(|pending| pending == kind) {
                self.app
                    .execute(Cause::System, Command::Mend { visit })
                    .await?;
                repairs += 1;
            }
        }
        Ok(repairs)
    }
}
