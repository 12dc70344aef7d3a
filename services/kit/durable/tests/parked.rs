//! What can't be handled waits for an operator, who retries it or gives it up (R10).

mod tally;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tally::{Follow, REMINDER, Remind, TALLY, count, count_up, migrations, request, start};
use uuid::Uuid;
use visits_bus::{Envelope, EventBus as _};
use visits_core::parked::{ParkedItem, ParkedKind, ParkedState};
use visits_core::{Actor, ErrorKind, Fault, Page, Role, SortKey};
use visits_durable::{
    AuditEntry, Cause, ClaimedJob, Consumer, Durable, Fingerprint, JobHandler, PARKED_ITEM_GONE,
    ServiceParts,
};
use visits_testkit::{Bench, Database, on_every_database};

/// What is broken at the moment: sequences of events, and jobs.
#[derive(Clone, Default)]
struct Broken(Arc<Mutex<(BTreeSet<i64>, bool)>>);

impl Broken {
    fn event(&self, sequence: i64) {
        self.0.lock().expect("lock").0.insert(sequence);
    }
    fn jobs(&self) {
        self.0.lock().expect("lock").1 = true;
    }
    fn mend(&self) {
        *self.0.lock().expect("lock") = Default::default();
    }
}

fn poisoned() -> Fault {
    Fault::new(ErrorKind::InvalidInput, "POISONED", "can't be swallowed")
}

struct Stumbling(Follow, Broken);

#[async_trait::async_trait]
impl Consumer for Stumbling {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn event_type(&self) -> String {
        self.0.event_type()
    }
    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let broken = self.1.0.lock().expect("lock").0.clone();
        if broken.contains(&envelope.aggregate_sequence) {
            return Err(poisoned());
        }
        self.0.handle(envelope).await
    }
}

struct Forgetful(Remind, Broken);

#[async_trait::async_trait]
impl JobHandler for Forgetful {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let is_broken = self.1.0.lock().expect("lock").1;
        if is_broken {
            return Err(poisoned());
        }
        self.0.run(job).await
    }
}

/// One service that says, and one that hears and stumbles.
struct Scene {
    bench: Bench,
    said: Durable,
    heard: Durable,
    broken: Broken,
}

/// The longest parked first.
fn by_time(limit: u64) -> Page {
    let order = vec![SortKey::ascending("park_time"), SortKey::ascending("name")];
    let after = None;
    Page {
        limit,
        order,
        after,
    }
}

impl Scene {
    async fn new(database: Database) -> Self {
        let mut bench = database.bench("2020-10-23T09:00:00Z");
        let broken = Broken::default();
        let said = start(&mut bench, "said", false).await;
        let heard = bench.durable("heard", migrations).await;
        let follow = Follow(heard.clone());
        let remind = Remind(heard.clone());
        bench
            .add(ServiceParts {
                durable: heard.clone(),
                consumes: vec!["said"],
                consumers: vec![Arc::new(Stumbling(follow, broken.clone()))],
                jobs: vec![Arc::new(Forgetful(remind, broken.clone()))],
                sweeps: vec![],
            })
            .await;
        Self {
            bench,
            said,
            heard,
            broken,
        }
    }

    /// Four events of one tally, of which the second can't be handled.
    async fn stumbled(database: Database) -> Self {
        let scene = Self::new(database).await;
        scene.broken.event(2);
        for number in 0..4 {
            let counted = count_up(&scene.said, request(number, "a"), false).await;
            counted.expect("counted");
        }
        scene.bench.settle().await;
        scene
    }

    async fn parked(&self) -> Vec<ParkedItem> {
        let page = by_time(10);
        self.heard.parked(None, &page).await.expect("parked")
    }

    async fn only(&self) -> ParkedItem {
        let mut items = self.parked().await;
        assert_eq!(items.len(), 1);
        items.remove(0)
    }

    async fn discard(&self, number: u128, id: Uuid) -> Result<ParkedItem, Fault> {
        let note = "sent by a service that is gone".to_owned();
        self.heard.discard_parked(order(number), id, note).await
    }

    async fn audit(&self, action: &str) -> Vec<AuditEntry> {
        self.bench.settle().await;
        let mut rows = self.heard.audit_page(None, 0).await.expect("audit");
        rows.retain(|row| row.action == action);
        rows
    }
}

fn order(number: u128) -> Cause {
    Cause::Request {
        actor: Actor::new("operator-1", Role::Operator),
        method: "RetryParkedItem",
        request_id: Uuid::from_u128(number),
        fingerprint: Fingerprint::of(b"order"),
    }
}

async fn a_poisoned_event_is_parked_with_its_reason_and_the_later_ones_wait(database: Database) {
    let scene = Scene::stumbled(database).await;
    assert_eq!(count(&scene.heard).await, 1, "only the first was handled");
    let item = scene.only().await;
    assert_eq!(item.kind, ParkedKind::Event);
    assert_eq!(item.state, ParkedState::Parked);
    assert_eq!(item.code, "ofsted.visits.tally.v1.Counted");
    assert_eq!(item.subject, format!("tallies/{TALLY}"));
    assert_eq!(item.aggregate, Some(("said".to_owned(), TALLY)));
    assert_eq!((item.sequence, item.attempts, item.behind), (2, 1, 2));
    assert_eq!(item.reason, "POISONED");
    assert_eq!(item.message, "can't be swallowed");
    assert_eq!(item.parked_at, scene.heard.now());
    let (shown, waiting) = scene.heard.parked_item(item.id, 20).await.expect("item");
    assert_eq!(shown, item);
    let waiting: Vec<_> = waiting.iter().map(|event| event.sequence).collect();
    assert_eq!(waiting, [3, 4]);
}

async fn a_retry_after_the_cause_is_gone_lets_all_go_on_in_order_and_counts_once(
    database: Database,
) {
    let scene = Scene::stumbled(database).await;
    let id = scene.only().await.id;
    scene.broken.mend();
    let first = scene.heard.retry_parked(order(1), id).await;
    assert_eq!(first.as_ref().expect("retried").state, ParkedState::Retried);
    let again = scene.heard.retry_parked(order(1), id).await;
    assert_eq!(first, again, "the same request_id, the same answer");
    let other = scene.heard.retry_parked(order(2), id).await;
    assert_eq!(other.expect_err("gone").reason, PARKED_ITEM_GONE);
    scene.bench.settle().await;
    assert_eq!(count(&scene.heard).await, 4);
    assert!(scene.heard.health().await.expect("health").is_settled());

    let rows = scene.audit("parked_item_retried").await;
    assert_eq!(rows.len(), 1, "once");
    assert_eq!(rows[0].actor, "operator-1");
    assert_eq!(rows[0].resource, format!("services/heard/parkedItems/{id}"));
    assert_eq!(rows[0].detail["reason"], "POISONED");
    let refused = scene.audit("RetryParkedItem").await;
    assert_eq!(refused[0].reason.as_deref(), Some(PARKED_ITEM_GONE));
}

async fn a_retry_while_the_cause_lasts_parks_it_again(database: Database) {
    let scene = Scene::stumbled(database).await;
    let id = scene.only().await.id;
    let retried = scene.heard.retry_parked(order(1), id).await;
    retried.expect("retried");
    scene.bench.settle().await;
    let item = scene.only().await;
    assert_eq!((item.id, item.attempts), (id, 1), "counted anew");
    assert_eq!(count(&scene.heard).await, 1);
}

async fn a_discarded_event_is_never_handled_and_the_rest_goes_on(database: Database) {
    let scene = Scene::stumbled(database).await;
    let id = scene.only().await.id;
    scene.broken.mend();
    let discarded = scene.discard(1, id).await.expect("discarded");
    assert_eq!(discarded.state, ParkedState::Discarded);
    let again = scene.heard.retry_parked(order(2), id).await;
    assert_eq!(again.expect_err("gone").reason, PARKED_ITEM_GONE);
    scene.bench.settle().await;
    assert_eq!(count(&scene.heard).await, 3, "all but the second");
    assert!(scene.heard.health().await.expect("health").is_settled());
    let rows = scene.audit("parked_item_discarded").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].actor, "operator-1");
    assert_eq!(rows[0].detail["note"], "sent by a service that is gone");
    let missing = scene.heard.parked_item(id, 20).await;
    assert_eq!(missing.expect_err("gone").kind, ErrorKind::NotFound);
}

async fn of_two_who_decide_at_once_one_wins(database: Database) {
    let scene = Scene::stumbled(database).await;
    let id = scene.only().await.id;
    scene.broken.mend();
    let retry = scene.heard.retry_parked(order(1), id);
    let (retried, discarded) = tokio::join!(retry, scene.discard(2, id));
    assert!(retried.is_ok() != discarded.is_ok());
    let loser = retried.and(discarded).expect_err("one of them");
    assert_eq!(loser.reason, PARKED_ITEM_GONE);
    scene.bench.settle().await;
    assert!(scene.heard.health().await.expect("health").is_settled());
}

async fn only_what_is_parked_can_be_touched(database: Database) {
    let scene = Scene::stumbled(database).await;
    let item = scene.only().await;
    let (_, waiting) = scene.heard.parked_item(item.id, 20).await.expect("item");
    let pending = scene.heard.retry_parked(order(1), waiting[0].id).await;
    assert_eq!(pending.expect_err("waits").reason, PARKED_ITEM_GONE);
    let nothing = scene.discard(2, Uuid::from_u128(404)).await;
    assert_eq!(nothing.expect_err("nothing").kind, ErrorKind::NotFound);
    assert_eq!(scene.only().await, item, "as it was");
}

async fn a_parked_job_is_retried_or_discarded(database: Database) {
    let scene = Scene::new(database).await;
    scene.broken.jobs();
    let armed = count_up(&scene.heard, request(1, "a"), true).await;
    armed.expect("armed");
    scene.bench.run_until("2020-10-25T09:00:00Z").await;
    let item = scene.only().await;
    assert_eq!((item.kind, item.code.as_str()), (ParkedKind::Job, REMINDER));
    assert_eq!((item.aggregate.clone(), item.behind), (None, 0));
    assert_eq!((item.sequence, item.reason.as_str()), (1, "POISONED"));

    scene.broken.mend();
    let retried = scene.heard.retry_parked(order(1), item.id).await;
    retried.expect("retried");
    scene.bench.settle().await;
    assert_eq!(count(&scene.heard).await, 2, "its own and the timer's");

    scene.broken.jobs();
    let armed = count_up(&scene.heard, request(2, "a"), true).await;
    armed.expect("armed");
    scene.bench.run_until("2020-10-28T09:00:00Z").await;
    let item = scene.only().await;
    scene.discard(3, item.id).await.expect("discarded");
    scene.broken.mend();
    scene.bench.settle().await;
    assert_eq!(count(&scene.heard).await, 3, "the timer never fires");
    let subject = format!("tallies/{TALLY}");
    let kinds = scene.heard.pending_jobs(&subject).await.expect("jobs");
    assert_eq!(kinds, [REMINDER], "a sweep finds nothing missing");
    assert!(scene.heard.health().await.expect("health").is_settled());
}

async fn a_parked_timer_that_its_aggregate_has_replaced_waits_for_nobody(database: Database) {
    let scene = Scene::new(database).await;
    scene.broken.jobs();
    let armed = count_up(&scene.heard, request(1, "a"), true).await;
    armed.expect("armed");
    scene.bench.run_until("2020-10-25T09:00:00Z").await;
    let item = scene.only().await;
    let armed = count_up(&scene.heard, request(2, "a"), true).await;
    armed.expect("armed again");
    let retried = scene.heard.retry_parked(order(1), item.id).await;
    assert_eq!(retried.expect_err("replaced").reason, PARKED_ITEM_GONE);
    assert_eq!(scene.parked().await, []);
}

/// An event of a tally of its own, as the service `said` would send it.
fn said(tally: u128, sequence: i64) -> Envelope {
    let at = "2020-10-23T09:00:00Z".parse().expect("instant");
    let of = visits_testkit::events::Of {
        aggregate: "said",
        id: Uuid::from_u128(tally),
        sequence,
    };
    visits_testkit::events::envelope(of, &tally::Counted { count: 1 }, at)
}

async fn the_list_is_read_page_by_page_the_longest_parked_first(database: Database) {
    let scene = Scene::new(database).await;
    scene.broken.event(1);
    for tally in 1..=5 {
        let received = scene.bench.bus.publish(&said(tally, 1)).await;
        received.expect("received");
        // Two at each instant, so that a page ends between them.
        if tally % 2 == 0 {
            scene.bench.settle().await;
            let minute = visits_core::SignedDuration::from_mins(1);
            scene.bench.clock.advance(minute);
        }
    }
    scene.bench.settle().await;
    let whole = scene.parked().await;
    assert_eq!(whole.len(), 5);
    assert!(whole.is_sorted_by_key(|item| (item.parked_at, item.id)));
    let (mut page, mut read) = (by_time(1), Vec::new());
    loop {
        let items = scene.heard.parked(None, &page).await.expect("a page");
        // One more than the page has is read.
        let Some(item) = items.into_iter().next() else {
            break;
        };
        page.after = Some(page.place(&item, ParkedItem::part));
        read.push(item);
    }
    assert_eq!(read, whole);
}

async fn many_that_wait_behind_a_parked_event_keep_no_other_aggregate_waiting(database: Database) {
    let scene = Scene::new(database).await;
    scene.broken.event(1);
    for sequence in 1..=250 {
        let received = scene.bench.bus.publish(&said(1, sequence)).await;
        received.expect("received");
    }
    scene.bench.settle().await;
    assert_eq!(scene.only().await.behind, 249);
    scene.broken.mend();
    let received = scene.bench.bus.publish(&said(1_000, 1)).await;
    received.expect("received");
    scene.bench.settle().await;
    assert_eq!(count(&scene.heard).await, 1, "the other tally's");
    let health = scene.heard.health().await.expect("health");
    assert_eq!((health.inbox_pending, health.inbox_parked), (249, 1));
}

async fn nothing_of_what_an_event_said_is_shown(database: Database) {
    let scene = Scene::new(database).await;
    scene.broken.event(1);
    let mut envelope = said(1, 1);
    envelope.data = json!({ "count": 1, "words": "phonics" });
    let received = scene.bench.bus.publish(&envelope).await;
    received.expect("received");
    scene.bench.settle().await;
    let shown = format!("{:?}", scene.only().await);
    assert!(!shown.contains("phonics"), "{shown}");
}

on_every_database!(
    a_poisoned_event_is_parked_with_its_reason_and_the_later_ones_wait,
    a_retry_after_the_cause_is_gone_lets_all_go_on_in_order_and_counts_once,
    a_retry_while_the_cause_lasts_parks_it_again,
    a_discarded_event_is_never_handled_and_the_rest_goes_on,
    of_two_who_decide_at_once_one_wins,
    only_what_is_parked_can_be_touched,
    a_parked_job_is_retried_or_discarded,
    a_parked_timer_that_its_aggregate_has_replaced_waits_for_nobody,
    the_list_is_read_page_by_page_the_longest_parked_first,
    many_that_wait_behind_a_parked_event_keep_no_other_aggregate_waiting,
    nothing_of_what_an_event_said_is_shown,
);
