//! What is done together, so that many of a kind take few round trips: places in feed and chain,
//! and jobs that are due at one instant.

mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tally::{Counted, count, count_up, request, start};
use tokio::sync::Barrier;
use uuid::Uuid;
use visits_core::{Fault, SignedDuration};
use visits_durable::{
    AggregateRef, Cause, ClaimedJob, Durable, Health, JobChange, JobHandler, PublicEvent,
    ServiceParts, Step,
};
use visits_testkit::{Database, on_every_database};

/// More than one statement gives their places.
const STEPS: u32 = 130;
const MEETING: &str = "tally.meeting";
const AFTERWARDS: &str = "tally.afterwards";
/// Far longer than the other takes to come.
const PATIENCE: Duration = Duration::from_secs(20);

on_every_database!(
    i8_many_events_and_audit_rows_get_dense_places_in_their_order,
    i8_what_one_step_says_is_numbered_in_its_order_however_much_it_is,
);

async fn i8_many_events_and_audit_rows_get_dense_places_in_their_order(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "said", false).await;
    for number in 1..=STEPS {
        count_up(&durable, request(number.into(), "a"), false)
            .await
            .expect("counted");
    }
    bench.settle().await;
    assert_eq!(count(&durable).await, i64::from(STEPS));
    let mut positions = Vec::new();
    let mut sequences = Vec::new();
    while let page = durable
        .feed()
        .after(positions.last().copied().unwrap_or(0), "said")
        .await
        .expect("read")
        && !page.is_empty()
    {
        positions.extend(page.iter().map(|event| event.position));
        sequences.extend(page.iter().map(|event| event.data["count"].clone()));
    }
    let expected: Vec<i64> = (1..=i64::from(STEPS)).collect();
    assert_eq!(positions, expected);
    let counted: Vec<String> = expected.iter().map(ToString::to_string).collect();
    let said: Vec<String> = sequences
        .iter()
        .map(|count| count.to_string().trim_matches('"').to_owned())
        .collect();
    assert_eq!(said, counted, "in the order of their commits");
    let verdict = durable.verify_audit().await.expect("read");
    assert_eq!((verdict.rows, verdict.broken_at), (i64::from(STEPS), None));
}

async fn i8_what_one_step_says_is_numbered_in_its_order_however_much_it_is(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "said", false).await;
    for step in 0..2 {
        say_much(&durable, step).await;
    }
    bench.settle().await;
    let of_both = i64::from(STEPS) * 2;
    let (mut seen, mut last) = (Vec::new(), 0);
    while let page = durable.feed().after(last, "said").await.expect("read")
        && let Some(newest) = page.last()
    {
        last = newest.position;
        seen.extend(page);
    }
    let positions: Vec<i64> = seen.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=of_both * 2).collect::<Vec<_>>());
    for aggregate in [FIRST, SECOND] {
        let of = seen.iter().filter(|event| event.aggregate_id == aggregate);
        let sequences: Vec<i64> = of.map(|event| event.aggregate_sequence).collect();
        assert_eq!(sequences, (1..=of_both).collect::<Vec<_>>());
    }
    let verdict = durable.verify_audit().await.expect("read");
    assert_eq!((verdict.rows, verdict.broken_at), (of_both, None));
    for number in 1..=STEPS {
        let armed = durable.pending_jobs(&format!("tallies/{number}")).await;
        assert_eq!(armed.expect("read"), [AFTERWARDS], "the last word stands");
    }
}

const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

/// More than one statement holds: of each of two aggregates in turn, with an audit row each time,
/// and jobs that are armed, some to be cancelled by the same step.
async fn say_much(durable: &Durable, generation: i64) {
    let said = |id, step: &Step| {
        let of = AggregateRef {
            kind: "said",
            id,
            subject: "tallies/all".to_owned(),
            correlation_id: "tallies/all".to_owned(),
        };
        (of, PublicEvent::new(&Counted { count: 1 }, step.now()))
    };
    durable
        .unit_of_work(Cause::System, move |step| {
            Box::pin(async move {
                for number in 1..=STEPS {
                    for id in [FIRST, SECOND] {
                        let (of, event) = said(id, step);
                        step.publish(&of, event).await?;
                    }
                    step.audit("said", "tallies/all", json!({})).await?;
                    let subject = format!("tallies/{number}");
                    let arm = |kind| JobChange::Arm {
                        kind,
                        due_at: step.now() + SignedDuration::from_hours(1),
                        payload: json!({}),
                    };
                    let changes = vec![arm(MEETING), arm(AFTERWARDS)];
                    step.apply_jobs(&subject, generation, changes).await?;
                    let cancel = JobChange::Cancel { kind: MEETING };
                    step.apply_jobs(&subject, generation, vec![cancel]).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("said");
}

/// Ends when another of its kind has begun, and says that it is at work.
struct Meeting {
    barrier: Arc<Barrier>,
    first_is_at_work: Arc<AtomicBool>,
}

#[async_trait]
impl JobHandler for Meeting {
    fn kind(&self) -> &'static str {
        MEETING
    }
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let is_first = job.subject == "tallies/1";
        self.first_is_at_work.fetch_or(is_first, Ordering::SeqCst);
        let met = tokio::time::timeout(PATIENCE, self.barrier.wait()).await;
        if is_first {
            self.first_is_at_work.store(false, Ordering::SeqCst);
        }
        met.map(drop)
            .map_err(|_| Fault::fatal("the other was not run meanwhile"))
    }
}

/// Must not run while the meeting of its subject does.
struct Afterwards(Arc<AtomicBool>);

#[async_trait]
impl JobHandler for Afterwards {
    fn kind(&self) -> &'static str {
        AFTERWARDS
    }
    async fn run(&self, _job: ClaimedJob) -> Result<(), Fault> {
        if self.0.load(Ordering::SeqCst) {
            return Err(Fault::fatal("ran beside a job of the same subject"));
        }
        Ok(())
    }
}

async fn arm(durable: &Durable, subject: &'static str, kinds: &'static [&'static str]) {
    durable
        .unit_of_work(Cause::System, move |step| {
            Box::pin(async move {
                let changes = kinds.iter().map(|kind| JobChange::Arm {
                    kind,
                    due_at: step.now(),
                    payload: json!({}),
                });
                step.apply_jobs(subject, 1, changes.collect()).await
            })
        })
        .await
        .expect("armed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_two_subjects_run_side_by_side_and_those_of_one_in_turn() {
    let mut bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("one", tally::migrations).await;
    let first_is_at_work = Arc::new(AtomicBool::new(false));
    bench
        .add(ServiceParts {
            durable: durable.clone(),
            consumes: vec![],
            consumers: vec![],
            jobs: vec![
                Arc::new(Meeting {
                    barrier: Arc::new(Barrier::new(2)),
                    first_is_at_work: first_is_at_work.clone(),
                }),
                Arc::new(Afterwards(first_is_at_work)),
            ],
            sweeps: vec![],
        })
        .await;
    arm(&durable, "tallies/1", &[MEETING, AFTERWARDS]).await;
    arm(&durable, "tallies/2", &[MEETING]).await;
    bench.settle().await;
    let health = durable.health().await.expect("read");
    assert_eq!(health, Health::default(), "each met, and none was parked");
}
