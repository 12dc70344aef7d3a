//! A timer is due: the visit is asked what it means by now. The rule answers "nothing" if the need
//! is gone, so that a timer may fire late, twice or for no reason.

use std::sync::Arc;

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use crate::app::App;
use crate::app::rights::Needs;
use crate::app::wish::Wish;
use crate::domain::command::Command;
use crate::domain::timer::TimerKind;
use crate::domain::visit::VisitId;

/// A handler for each kind of timer.
#[must_use]
pub fn all(app: &App) -> Vec<Arc<dyn JobHandler>> {
    TimerKind::ALL
        .into_iter()
        .map(|kind| {
            Arc::new(Timer {
                app: app.clone(),
                kind,
            }) as Arc<dyn JobHandler>
        })
        .collect()
}

struct Timer {
    app: App,
    kind: TimerKind,
}

#[async_trait]
impl JobHandler for Timer {
    fn kind(&self) -> &'static str {
        self.kind.name()
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let id = job.subject.strip_prefix("visits/");
        let id: VisitId = id.and_then(|id| id.parse().ok()).ok_or_else(|| {
            Fault::fatal(format!("a timer of `{}`, which is no visit", job.subject))
        })?;
        let wish = Wish::Plain(Command::TimerDue(self.kind));
        self.app
            .execute(Cause::Job(job), id, Needs::Nothing, String::new(), wish)
            .await?;
        Ok(())
    }
}
