//! Effects: bring the answers of a visit that was completed, erase those of one that was converted.

pub mod erase_answers;
pub mod fetch_answers;

use std::sync::Arc;

use uuid::Uuid;
use visits_core::Fault;
use visits_durable::{ClaimedJob, JobHandler};
use visits_runtime::Peers;

use crate::app::App;

/// Brings the answers of a completed visit.
pub const FETCH_ANSWERS: &str = "insights.fetch_answers";
/// Erases the answers of a converted visit (M30).
pub const ERASE_ANSWERS: &str = "insights.erase_answers";

/// Every job of this service.
#[must_use]
pub fn all(app: &App, peers: &Peers) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(fetch_answers::FetchAnswers::new(app.clone(), peers.clone())),
        Arc::new(erase_answers::EraseAnswers::new(app.clone())),
    ]
}

/// The visit that the job is about.
fn visit_of(job: &ClaimedJob) -> Result<Uuid, Fault> {
    let id = job
        .subject
        .strip_prefix("visits/")
        .and_then(|id| id.parse().ok());
    id.ok_or_else(|| Fault::fatal(format!("job {} is about no visit", job.id)))
}
