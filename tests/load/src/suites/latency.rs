//! One client, nothing else going on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::command::Target;
use crate::figures::Times;
use crate::sink::{Sink, Step};
use crate::systems;

/// The first are for warming up.
const WARM: u32 = 20;
const EVENT_WITHIN: Duration = Duration::from_secs(10);

/// How long each answer takes, and the way from the decision to its event at a consumer.
pub async fn latency(target: &Target, workflows: u32) -> anyhow::Result<Value> {
    let system = systems::of(target).await?;
    let sink = Sink::open(target).await?;
    let (starts, signals, decided) = (Times::default(), Times::default(), Times::default());
    let mut missing = 0;
    for number in 0..workflows + WARM {
        let begun = Instant::now();
        let key = system.start().await?;
        let start = begun.elapsed();
        let begun = Instant::now();
        system.duty(&key).await?;
        let duty = begun.elapsed();
        let event = sink.awaits(&key, Step::Decided);
        let begun = Instant::now();
        system.decide(&key).await?;
        let decide = begun.elapsed();
        let came = tokio::time::timeout(EVENT_WITHIN, event).await.is_ok();
        if number < WARM {
            continue;
        }
        starts.add(start);
        signals.add(duty);
        signals.add(decide);
        if came {
            decided.add(begun.elapsed());
        } else {
            missing += 1;
        }
    }
    Ok(json!({
        "start_ms": starts.summary(),
        "signal_ms": signals.summary(),
        "decision_to_event_ms": decided.summary(),
        "missing_events": missing,
    }))
}
