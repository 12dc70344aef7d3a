//! What is measured.

mod latency;
mod saturate;
mod timers;

use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::{Value, json};

pub use latency::latency;
pub use saturate::saturate;
pub use timers::timers;

use crate::command::Target;
use crate::systems;

const READY_WITHIN: Duration = Duration::from_secs(60);
const TRY_EVERY: Duration = Duration::from_millis(5);

/// Enters what a system needs, as soon as it answers.
pub async fn prepare(target: &Target) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let prepared = async { systems::of(target).await?.prepare().await }.await;
        match prepared {
            Ok(()) => return Ok(json!({ "prepared_after_ms": begun.elapsed().as_millis() })),
            Err(error) if begun.elapsed() > READY_WITHIN => bail!("not prepared: {error:#}"),
            Err(_) => tokio::time::sleep(TRY_EVERY).await,
        }
    }
}

/// Waits until a workflow can be begun.
pub async fn ready(target: &Target) -> anyhow::Result<Value> {
    let begun = Instant::now();
    loop {
        let started = async { systems::of(target).await?.start().await }.await;
        match started {
            Ok(_) => return Ok(json!({ "ready_after_ms": begun.elapsed().as_millis() })),
            Err(error) if begun.elapsed() > READY_WITHIN => bail!("not ready: {error:#}"),
            Err(_) => tokio::time::sleep(TRY_EVERY).await,
        }
    }
}
