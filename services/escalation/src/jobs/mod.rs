//! A timer is due: ask the case what it means by now. The rule answers "nothing" if the need is
//! gone, so a timer may fire late, twice or for no reason.

use std::sync::Arc;

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use crate::app::App;
use crate::app::step::{Ask, Target};
use crate::domain::timer::TimerKind;

/// A handler for each kind of timer.
#[must_use]
pub fn jobs(app: &App) -> Vec<Arc<dyn JobHandler>> {
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
        self.kind.job()
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let id = job.subject.strip_prefix("cases/");
        let id = id.and_then(|id| id.parse().ok()).ok_or_else(|| {
            Fault::fatal(format!("a timer of `{}`, which is no case", job.subject))
        })?;
        let ask = Ask::itself(Target::Case(id), self.kind.command());
        self.app.execute(Cause::Job(job), ask).await.map(|_| ())
    }
}
