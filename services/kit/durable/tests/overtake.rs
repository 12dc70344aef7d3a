//! Timers of one subject come in the order in which they are due, even if somebody died with one
//! of them in hand (I4, I5).

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::json;
use visits_core::{Fault, SignedDuration};
use visits_durable::sea_orm::ConnectionTrait as _;
use visits_durable::{Cause, ClaimedJob, Durable, JobChange, JobHandler, ServiceParts};
use visits_testkit::{Database, on_every_database};

const BEFORE: &str = "tally.before";
const AFTER: &str = "tally.after";
/// Its holder has died a moment ago: its lease goes on for four seconds more.
const IN_DEAD_HANDS: &str = "UPDATE jobs SET state = 'claimed', attempts = 1, \
    lease_until = next_attempt_at + 3600000000 + 4000000, \
    next_attempt_at = next_attempt_at + 3600000000 + 4000000 WHERE kind = 'tally.before'";
const LAST_LOOK: &str = "2020-10-23T10:00:05Z";

on_every_database!(i5_a_timer_does_not_overtake_one_whose_holder_died);

/// Notes that it ran.
struct Noting {
    kind: &'static str,
    ran: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl JobHandler for Noting {
    fn kind(&self) -> &'static str {
        self.kind
    }
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let mut ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner);
        ran.push(format!("{} {}", job.subject, job.kind));
        Ok(())
    }
}

/// Arms one timer that is due now, and another that is due in half an hour.
async fn arm(durable: &Durable, subject: &'static str) {
    let armed = durable.unit_of_work(Cause::System, move |step| {
        Box::pin(async move {
            let later = step.now() + SignedDuration::from_mins(30);
            let changes = [(BEFORE, step.now()), (AFTER, later)];
            let changes = changes.map(|(kind, due_at)| JobChange::Arm {
                kind,
                due_at,
                payload: json!({}),
            });
            step.apply_jobs(subject, 1, changes.into()).await
        })
    });
    armed.await.expect("armed");
}

async fn i5_a_timer_does_not_overtake_one_whose_holder_died(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("one", Vec::new).await;
    let ran = Arc::new(Mutex::new(Vec::new()));
    let noting = |kind| {
        let ran = ran.clone();
        Arc::new(Noting { kind, ran }) as Arc<dyn JobHandler>
    };
    bench
        .add(ServiceParts {
            durable: durable.clone(),
            consumes: vec![],
            consumers: vec![],
            jobs: vec![noting(BEFORE), noting(AFTER)],
            sweeps: vec![],
        })
        .await;
    arm(&durable, "tallies/1").await;
    let made = durable.reads().execute_unprepared(IN_DEAD_HANDS).await;
    made.expect("claimed by nobody who lives");

    // An hour later the second is due too, and the first is still in the dead one's hands.
    bench.clock.advance(SignedDuration::from_hours(1));
    bench.settle().await;
    let ran_so_far = ran.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(ran_so_far, Vec::<String>::new());

    bench.run_until(LAST_LOOK).await;
    let ran = ran.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(ran, ["tallies/1 tally.before", "tallies/1 tally.after"]);
}
