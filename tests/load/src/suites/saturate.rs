//! Users who begin one workflow after another as fast as they are answered; then everything is
//! drained. The rate is over all of that time but the last timer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use crate::command::Target;
use crate::figures::Times;
use crate::sink::Sink;
use crate::systems::{self, System, TIMER_MS};

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Without any progress for so long, the rest is lost.
const PATIENCE: Duration = Duration::from_secs(20);
const DRAIN_MAX: Duration = Duration::from_secs(120);
/// An event that comes again comes soon.
const AFTERWARDS: Duration = Duration::from_secs(2);
const BREATH: Duration = Duration::from_millis(20);
const ERROR_CHARACTERS: usize = 120;

#[derive(Default)]
struct Counts {
    begun: AtomicU64,
    errors: Mutex<BTreeMap<String, u64>>,
    commands: Times,
}

impl Counts {
    fn failed(&self, error: &anyhow::Error) {
        let text: String = format!("{error:#}")
            .chars()
            .take(ERROR_CHARACTERS)
            .collect();
        let mut errors = self.errors.lock().expect("the lock");
        *errors.entry(text).or_default() += 1;
    }

    async fn timed<T>(
        &self,
        command: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let begun = Instant::now();
        let answer = command.await?;
        self.commands.add(begun.elapsed());
        Ok(answer)
    }
}

/// Workflows a second.
pub async fn saturate(target: &Target, users: u32, seconds: u64) -> anyhow::Result<Value> {
    let system: Arc<dyn System> = systems::of(target).await?.into();
    let sink = Sink::open(target).await?;
    let counts = Arc::new(Counts::default());
    let fired = Arc::new(AsyncMutex::new(sink.fired()));
    sink.forget();
    let begun = Instant::now();
    let end = begun + Duration::from_secs(seconds);
    let mut playing = JoinSet::new();
    for _ in 0..users {
        playing.spawn(play(system.clone(), counts.clone(), end));
    }
    let mut deciding = JoinSet::new();
    if system.decides_last() {
        for _ in 0..users {
            deciding.spawn(decide(system.clone(), counts.clone(), fired.clone()));
        }
    }
    while let Some(played) = playing.join_next().await {
        played?;
    }
    let begun_in_all = counts.begun.load(Ordering::SeqCst);
    drained(&sink, begun_in_all).await;
    let took = begun.elapsed().as_secs_f64() - f64::from(TIMER_MS) / 1_000.0;
    tokio::time::sleep(AFTERWARDS).await;
    let tally = sink.tally();
    let errors = counts.errors.lock().expect("the lock").clone();
    Ok(json!({
        "users": users,
        "begun": begun_in_all,
        "complete": tally.complete,
        "seen": tally.seen,
        "events_again": tally.again,
        "seconds": (took * 100.0).round() / 100.0,
        "workflows_per_second": (tally.complete as f64 / took * 10.0).round() / 10.0,
        "command_ms": counts.commands.summary(),
        "errors": errors,
    }))
}

async fn play(system: Arc<dyn System>, counts: Arc<Counts>, end: Instant) {
    while Instant::now() < end {
        let workflow = async {
            let key = counts.timed(system.start()).await?;
            counts.begun.fetch_add(1, Ordering::SeqCst);
            counts.timed(system.duty(&key)).await?;
            if !system.decides_last() {
                counts.timed(system.decide(&key)).await?;
            }
            anyhow::Ok(())
        };
        if let Err(error) = workflow.await {
            counts.failed(&error);
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// Decides whatever's timer has fired, until it is aborted.
async fn decide(
    system: Arc<dyn System>,
    counts: Arc<Counts>,
    fired: Arc<AsyncMutex<UnboundedReceiver<String>>>,
) {
    loop {
        let next = fired.lock().await.recv().await;
        let Some(key) = next else { return };
        if let Err(error) = counts.timed(system.decide(&key)).await {
            counts.failed(&error);
        }
    }
}

async fn drained(sink: &Sink, begun: u64) {
    let started = Instant::now();
    let mut progress = (0, Instant::now());
    loop {
        let complete = sink.tally().complete;
        if complete >= begun || started.elapsed() > DRAIN_MAX {
            return;
        }
        if complete > progress.0 {
            progress = (complete, Instant::now());
        }
        if progress.1.elapsed() > PATIENCE {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
