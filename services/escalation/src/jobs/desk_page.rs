//! The effect of a desk that nobody watches: the page leaves, then the case knows. A repeat sends the
//! same page under the same id.

use std::sync::Arc;

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::{ClaimedJob, JobHandler};

use super::{Timer, case_of};
use crate::pager::{Page, Pager};
use crate::store;

pub(super) struct DeskPage {
    pub(super) timer: Timer,
    pub(super) pager: Arc<dyn Pager>,
}

#[async_trait]
impl JobHandler for DeskPage {
    fn kind(&self) -> &'static str {
        self.timer.kind()
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let id = case_of(&job)?;
        let found = store::cases::find(self.timer.app.durable().loop_reads(), id).await?;
        // The desk may have taken the case on meanwhile.
        let case = found.map(|found| found.value);
        let wanted = case.filter(|case| case.state.waits_for_the_desk());
        if let Some(case) = wanted
            && let Some((_, why)) = case.pages.wanted
        {
            let page = Page {
                case: id,
                number: case.pages.sent + 1,
                waiting_since: case.opened_at,
                why,
            };
            let paged = self.pager.page(&page).await?;
            let (why, number) = (why.code(), page.number);
            tracing::warn!(case = %id, why, number, paged, "a case waits and nobody watches");
        }
        self.timer.run(job).await
    }
}
