//! What hangs goes on beside what comes next, whether an event is heard or a timer fires (X19).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;
use visits_bus::{Envelope, EventBus as _};
use visits_core::{Fault, SignedDuration};
use visits_durable::{Cause, ClaimedJob, Consumer, Durable, JobChange, JobHandler, ServiceParts};
use visits_testkit::{Bench, Database, on_every_database};

const TYPE: &str = "ofsted.visits.tally.v1.Counted";
const KIND: &str = "tally.due";
const HANGS: &str = "tallies/1";
/// More than a batch of timers, and all of them after the one that hangs.
const OTHERS: std::ops::RangeInclusive<u128> = 2..=30;
/// So that a test that hangs ends.
const LIMIT: Duration = Duration::from_secs(60);

on_every_database!(
    x19_an_event_whose_handler_hangs_holds_up_no_other_aggregate,
    x19_a_timer_whose_handler_hangs_holds_up_no_other_subject,
);

/// Notes what is done; one subject hangs until it is let go.
#[derive(Clone)]
struct Hanging {
    done: watch::Sender<Vec<String>>,
    let_go: watch::Sender<bool>,
}

impl Hanging {
    fn new() -> Self {
        Self {
            done: watch::Sender::default(),
            let_go: watch::Sender::new(false),
        }
    }

    async fn work(&self, subject: &str) -> Result<(), Fault> {
        if subject == HANGS {
            let mut let_go = self.let_go.subscribe();
            let _ = let_go.wait_for(|let_go| *let_go).await;
        }
        self.done.send_modify(|done| done.push(subject.to_owned()));
        Ok(())
    }

    /// Waits until every other subject is done, and then lets the one go that hangs.
    async fn outlast(&self) {
        let mut done = self.done.subscribe();
        let others = done.wait_for(|done| done.len() == OTHERS.count());
        let others = others.await.expect("somebody works").clone();
        assert!(!others.contains(&HANGS.to_owned()), "{others:?}");
        self.let_go.send_replace(true);
    }

    /// What is done at last.
    async fn last_done(&self, bench: &Bench) -> Option<String> {
        let all = async { tokio::join!(bench.settle(), self.outlast()) };
        let ended = tokio::time::timeout(LIMIT, all).await;
        ended.expect("the others are done while one hangs");
        let done = self.done.borrow();
        assert_eq!(done.len(), OTHERS.count() + 1, "{done:?}");
        done.last().cloned()
    }
}

#[async_trait]
impl Consumer for Hanging {
    fn name(&self) -> &'static str {
        "tally.hanging"
    }
    fn event_type(&self) -> String {
        TYPE.to_owned()
    }
    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        self.work(&envelope.subject).await
    }
}

#[async_trait]
impl JobHandler for Hanging {
    fn kind(&self) -> &'static str {
        KIND
    }
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        self.work(&job.subject).await
    }
}

async fn service(database: Database, hanging: &Hanging) -> (Bench, Durable) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("tally", Vec::new).await;
    bench
        .add(ServiceParts {
            durable: durable.clone(),
            consumes: vec!["said"],
            consumers: vec![Arc::new(hanging.clone())],
            jobs: vec![Arc::new(hanging.clone())],
            sweeps: vec![],
        })
        .await;
    (bench, durable)
}

fn event(aggregate: u128) -> Envelope {
    let at = "2020-10-23T09:00:00Z".parse().expect("an instant");
    Envelope {
        id: Uuid::from_u128(aggregate),
        event_type: TYPE.into(),
        source: "/services/said".into(),
        subject: format!("tallies/{aggregate}"),
        aggregate: "said".into(),
        aggregate_id: Uuid::from_u128(aggregate),
        aggregate_sequence: 1,
        position: 1,
        correlation_id: "visits/3".into(),
        causation_id: None,
        actor: "HMI-001".into(),
        occurred_at: at,
        recorded_at: at,
        traceparent: None,
        data: json!({}),
    }
}

async fn x19_an_event_whose_handler_hangs_holds_up_no_other_aggregate(database: Database) {
    let hanging = Hanging::new();
    let (bench, durable) = service(database, &hanging).await;
    for aggregate in [1].into_iter().chain(OTHERS) {
        let heard = bench.bus.publish(&event(aggregate)).await;
        heard.expect("received");
    }
    assert_eq!(hanging.last_done(&bench).await.as_deref(), Some(HANGS));
    assert!(durable.health().await.expect("health").is_settled());
}

async fn x19_a_timer_whose_handler_hangs_holds_up_no_other_subject(database: Database) {
    let hanging = Hanging::new();
    let (bench, durable) = service(database, &hanging).await;
    for subject in [1].into_iter().chain(OTHERS) {
        let armed = durable.unit_of_work(Cause::System, move |step| {
            Box::pin(async move {
                let is_first = subject == 1;
                let before = SignedDuration::from_mins(i64::from(is_first));
                let change = JobChange::Arm {
                    kind: KIND,
                    due_at: step.now() - before,
                    payload: json!({}),
                };
                let subject = format!("tallies/{subject}");
                step.apply_jobs(&subject, 1, vec![change]).await
            })
        });
        armed.await.expect("armed");
    }
    assert_eq!(hanging.last_done(&bench).await.as_deref(), Some(HANGS));
    assert!(durable.health().await.expect("health").is_settled());
}
