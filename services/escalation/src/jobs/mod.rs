//! A timer is due: ask the case what it means by now. The rule answers "nothing" if the need is
//! gone, so a timer may fire late, twice or for no reason.

mod desk_page;

use std::sync::Arc;

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};

use crate::app::App;
use crate::app::step::{Ask, Target};
use crate::domain::case::CaseId;
use crate::domain::timer::TimerKind;
use crate::pager::Pager;
use desk_page::DeskPage;

/// A handler for each kind of timer.
#[must_use]
pub fn jobs(app: &App, pager: &Arc<dyn Pager>) -> Vec<Arc<dyn JobHandler>> {
    TimerKind::ALL
        .into_iter()
        .map(|kind| {
            let timer = Timer {
                app: app.clone(),
                kind,
            };
            if kind == TimerKind::DeskPage {
                let pager = pager.clone();
                return Arc::new(DeskPage { timer, pager }) as Arc<dyn JobHandler>;
            }
            Arc::new(timer) as Arc<dyn JobHandler>
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
        let id = case_of(&job)?;
        let ask = Ask::itself(Target::Case(id), self.kind.command());
        self.app.execute(Cause::Job(job), ask).await.map(|_| ())
    }
}

fn case_of(job: &ClaimedJob) -> Result<CaseId, Fault> {
    let id = job.subject.strip_prefix("cases/");
    id.and_then(|id| id.parse().ok())
        .ok_or_else(|| Fault::fatal(format!("a timer of `{}`, which is no case", job.subject)))
}
