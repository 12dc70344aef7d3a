//! Many timers that are due at one instant: how late each handler runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::command::Target;
use crate::figures::now_ms;
use crate::sink::Sink;
use crate::systems::{self, System};

const AT_ONCE: u32 = 64;
const WAIT_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Lateness of `timers`, all due `lead_seconds` from now.
pub async fn timers(target: &Target, timers: u32, lead_seconds: u32) -> anyhow::Result<Value> {
    let system: Arc<dyn System> = systems::of(target).await?.into();
    let sink = Sink::open(target).await?;
    let due = (now_ms() + f64::from(lead_seconds) * 1_000.0).floor();
    let (next, failed) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let begun = Instant::now();
    let mut arming = JoinSet::new();
    for _ in 0..AT_ONCE.min(timers) {
        let (system, sink) = (system.clone(), sink.clone());
        let (next, failed) = (next.clone(), failed.clone());
        arming.spawn(async move {
            while next.fetch_add(1, Ordering::SeqCst) < timers {
                match system.arm(due).await {
                    Ok(key) => sink.is_due(&key, due),
                    Err(_) => {
                        failed.fetch_add(1, Ordering::SeqCst);
                    }
                }
            }
        });
    }
    while let Some(armed) = arming.join_next().await {
        armed?;
    }
    let arming_seconds = begun.elapsed().as_secs_f64();
    let slack = due - now_ms();
    let wanted = (timers - failed.load(Ordering::SeqCst)) as usize;
    let limit = Instant::now() + Duration::from_millis(slack.max(0.0) as u64) + WAIT_MAX;
    while sink.late.count() < wanted && Instant::now() < limit {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(json!({
        "timers": timers,
        "failed": failed.load(Ordering::SeqCst),
        "fired": sink.late.count(),
        "armed_per_second": (f64::from(timers) / arming_seconds).round(),
        // Less than nothing: some were armed when they were due already.
        "armed_before_due_ms": slack.round(),
        "late_ms": sink.late.summary(),
        "late_at_consumer_ms": sink.late_here.summary(),
    }))
}
