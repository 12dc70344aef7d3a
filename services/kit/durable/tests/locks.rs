//! Steps that meet on the same rows of PostgreSQL: one order of locks, so that none waits for one
//! that waits for it.

mod tally;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::json;
use tally::{Counted, REMINDER, TALLY, count, count_up, request, start, tallies};
use tokio::sync::Barrier;
use uuid::Uuid;
use visits_bus::EventBus as _;
use visits_core::{Clock as _, Fault, SignedDuration};
use visits_durable::sea_orm::{EntityTrait as _, QuerySelect as _};
use visits_durable::{
    ALREADY_HANDLED, Cause, ClaimedJob, Durable, JobChange, JobHandler, ServiceParts, Step,
    db_fault,
};
use visits_testkit::Database;
use visits_testkit::events::{Of, envelope};

/// Locks the tally and then its jobs, as every step does; both sides meet in between.
async fn step_that_meets(
    durable: &Durable,
    cause: Cause,
    before: Option<Arc<Barrier>>,
    after: Option<Arc<Barrier>>,
) -> Result<(), Fault> {
    durable
        .unit_of_work(cause, move |step| {
            Box::pin(async move {
                if let Some(before) = before {
                    before.wait().await;
                }
                lock_tally(step).await?;
                if let Some(after) = after {
                    after.wait().await;
                }
                let due_at = step.now() + SignedDuration::from_hours(1);
                let kind = REMINDER;
                let payload = json!({});
                let change = JobChange::Arm {
                    kind,
                    due_at,
                    payload,
                };
                let subject = format!("tallies/{TALLY}");
                let generation = 1_000 + i64::from(step.actor().principal == "desk-1");
                step.apply_jobs(&subject, generation, vec![change]).await
            })
        })
        .await
}

async fn lock_tally(step: &Step) -> Result<(), Fault> {
    tallies::Entity::find_by_id(TALLY)
        .lock_exclusive()
        .one(step.tx())
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// The reminder's handler: its step is let in, then a command takes the tally first.
struct Meets {
    durable: Durable,
    barrier: Arc<Barrier>,
    /// The reasons of its steps' faults.
    refused: Arc<Mutex<Vec<&'static str>>>,
}

#[async_trait]
impl JobHandler for Meets {
    fn kind(&self) -> &'static str {
        REMINDER
    }
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let let_in = Some(self.barrier.clone());
        let outcome = step_that_meets(&self.durable, Cause::Job(job), let_in, None).await;
        if let Err(fault) = &outcome {
            self.refused.lock().expect("the lock").push(fault.reason);
        }
        outcome
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_cancels_a_job_and_that_job_do_not_wait_for_each_other() {
    let mut bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("one", tally::migrations).await;
    let barrier = Arc::new(Barrier::new(2));
    let refused = Arc::default();
    let meets = Meets {
        durable: durable.clone(),
        barrier: barrier.clone(),
        refused: Arc::clone(&refused),
    };
    bench
        .add(ServiceParts {
            durable: durable.clone(),
            consumes: vec![],
            consumers: vec![],
            jobs: vec![Arc::new(meets)],
            sweeps: vec![],
        })
        .await;
    count_up(&durable, request(1, "a"), true)
        .await
        .expect("counted, and the reminder armed");
    bench
        .clock
        .advance_to("2020-10-25T09:00:00Z".parse().expect("an instant"));

    // The job is let in; the command has the tally; then each wants what the other might have.
    let command = step_that_meets(&durable, request(2, "a"), None, Some(barrier));
    let (command, settled) = tokio::join!(command, bench.workers.settle());
    command.expect("the command was no victim of a deadlock");
    settled.expect("the loops went on");
    let refused = refused.lock().expect("the lock").clone();
    assert_eq!(
        refused,
        [ALREADY_HANDLED],
        "the job found that it was cancelled, and was no victim either"
    );
    let pending = durable.pending_jobs(&format!("tallies/{TALLY}")).await;
    assert_eq!(pending.expect("read"), [REMINDER], "the command's own");
    let next = bench.workers.next_due().await.expect("read");
    assert_eq!(
        next,
        Some("2020-10-25T10:00:00Z".parse().expect("an instant")),
        "as the command armed it; the job's step left nothing"
    );
}

/// As after a consumer was cut off, while what it had begun goes on at the server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_that_get_the_same_events_in_opposite_orders_both_take_them_in() {
    let mut bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "hears", true).await;
    let first = bench.bus.clone();
    bench.kill();
    start(&mut bench, "hears", true).await;
    let second = bench.bus.clone();
    for round in 1..=20 {
        let event = |sequence| {
            let id = Uuid::from_u128(round * 10_000);
            let of = Of {
                aggregate: "said",
                id,
                sequence,
            };
            envelope(of, &Counted { count: sequence }, bench.clock.now())
        };
        let events: Vec<_> = (1..=100).map(event).collect();
        let backwards: Vec<_> = events.iter().rev().cloned().collect();
        let (one, other) = tokio::join!(first.publish_all(&events), second.publish_all(&backwards));
        one.expect("taken in");
        other.expect("taken in");
    }
    let health = durable.health().await.expect("read");
    assert_eq!(health.inbox_pending, 20 * 100, "each event once");
    assert_eq!(count(&durable).await, 0, "and none is handled yet");
}
