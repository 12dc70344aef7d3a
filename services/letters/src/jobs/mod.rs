//! Timers and effects, one file a kind.

mod draft_due;
mod publication_target;
mod reply_due;
mod school_reminder;
mod send_to_school;

use std::sync::Arc;

use visits_core::Fault;
use visits_durable::{ClaimedJob, JobHandler};

use crate::app::App;
use crate::domain::{Kind, LetterId, VisitId};

/// All handlers.
#[must_use]
pub fn all(app: &App) -> Vec<Arc<dyn JobHandler>> {
    vec![
        Arc::new(draft_due::DraftDue::new(app.clone())),
        Arc::new(publication_target::PublicationTarget::new(app.clone())),
        Arc::new(send_to_school::SendToSchool::new(app.clone())),
        Arc::new(school_reminder::SchoolReminder::new(app.clone())),
        Arc::new(reply_due::ReplyDue::new(app.clone())),
    ]
}

/// The letter that a job belongs to, if it belongs to one.
fn letter(job: &ClaimedJob) -> Option<LetterId> {
    job.subject.strip_prefix("letters/")?.parse().ok()
}

/// The same, where it must.
fn letter_of(job: &ClaimedJob) -> Result<LetterId, Fault> {
    letter(job).ok_or_else(|| unreadable(job))
}

/// The round that a job was armed for.
fn round(job: &ClaimedJob) -> Result<u32, Fault> {
    job.payload
        .get("round")
        .and_then(serde_json::Value::as_u64)
        .and_then(|round| u32::try_from(round).ok())
        .ok_or_else(|| unreadable(job))
}

/// The visit and the kind of letter that a job of a ground was armed for.
fn way(job: &ClaimedJob) -> Result<(VisitId, Kind), Fault> {
    let read = |key: &str| job.payload.get(key).cloned().unwrap_or_default();
    let visit = serde_json::from_value(read("visit")).map_err(|_| unreadable(job))?;
    let kind = serde_json::from_value(read("kind")).map_err(|_| unreadable(job))?;
    Ok((visit, kind))
}

fn unreadable(job: &ClaimedJob) -> Fault {
    Fault::fatal(format!(
        "job {} of kind {} has an unreadable payload",
        job.id, job.kind
    ))
}
