//! The systems under load, as one client sees them.

mod floor;
mod http;
pub mod visits;

use async_trait::async_trait;
use uuid::Uuid;
use visits_core::{Clock as _, IdSource as _, RandomIds, SystemClock};

use crate::command::{Kind, Target};

/// How long the timer of a workflow is.
pub const TIMER_MS: u32 = 1_000;

/// A system that carries the workflow out. A workflow is known by the name that its events carry.
#[async_trait]
pub trait System: Send + Sync {
    /// Enters what is needed before the first workflow.
    async fn prepare(&self) -> anyhow::Result<()> {
        Ok(())
    }
    /// Begins a workflow.
    async fn start(&self) -> anyhow::Result<String>;
    /// Tells it that the duty desk has been told.
    async fn duty(&self, key: &str) -> anyhow::Result<()>;
    /// Tells it the decision.
    async fn decide(&self, key: &str) -> anyhow::Result<()>;
    /// Arms a timer that is due at an instant, in ms; the name that its event carries.
    async fn arm(&self, due_ms: f64) -> anyhow::Result<String>;
    /// Whether the decision comes after the timer, and not before it.
    fn decides_last(&self) -> bool {
        false
    }
}

/// The system of a target.
pub async fn of(target: &Target) -> anyhow::Result<Box<dyn System>> {
    Ok(match target.kind {
        Kind::Visits => Box::new(visits::Visits::connect(target).await?),
        Kind::Floor => Box::new(floor::Floor::connect(target).await?),
        Kind::Http | Kind::Restate => Box::new(http::Http::new(target)),
    })
}

fn new_id() -> Uuid {
    RandomIds.next(SystemClock::new().now())
}

/// A new name for a workflow.
fn new_key() -> String {
    new_id().simple().to_string()
}
