//! The figure that an operator's alert goes by when a case waits and nobody watches (R-OPS-6). Each
//! process says it by itself, with every sweep, whatever became of the case's own check: an alert must
//! not depend on the jobs that it watches over.

use async_trait::async_trait;
use visits_core::Fault;
use visits_durable::Sweep;
use visits_runtime::figures::Gauge;

use crate::app::App;

/// How many cases wait for the duty desk while nobody on duty has a live and audible console.
pub static CASES_UNWATCHED: Gauge = Gauge::new(
    "visits.escalation.cases_unwatched",
    "{case}",
    "Cases that wait for the duty desk while nobody on duty has a live and audible console.",
);

/// Says the figure anew.
pub(crate) struct WatchFigure(pub(crate) App);

#[async_trait]
impl Sweep for WatchFigure {
    async fn sweep(&self) -> Result<u64, Fault> {
        CASES_UNWATCHED.set(self.0.cases_unwatched().await?);
        Ok(0)
    }
}
