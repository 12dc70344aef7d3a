//! What holds while others press: a flood of requests, a slow handler, one that hangs, large tables, and
//! a PostgreSQL that vanishes without a word.

mod tally;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tally::{REMINDER, Remind, count, count_up, migrations, request, start};
use uuid::Uuid;
use visits_bus::LocalBus;
use visits_core::parked::ParkedKind;
use visits_core::{Clock as _, ErrorKind, Fault, ManualClock, Page, SignedDuration, SortKey};
use visits_durable::sea_orm::sea_query::Query;
use visits_durable::sea_orm::sqlx::raw_sql;
use visits_durable::sea_orm::{self, ConnectionTrait, DbBackend, Statement};
use visits_durable::sea_orm_migration::{MigrationTrait, prelude::*};
use visits_durable::{
    ClaimedJob, Durable, JobHandler, Patience, ServiceParts, Settings, Workers, db_fault,
};
use visits_testkit::wire::Wire;
use visits_testkit::{Bench, Database, on_every_database};

/// Longer than any healthy database needs; what runs into it fails.
const PATIENCE: Duration = Duration::from_secs(30);

async fn number(durable: &Durable, query: &str) -> i64 {
    let statement = Statement::from_string(durable.reads().get_database_backend(), query);
    let row = durable.reads().query_one_raw(statement).await;
    let row = row.expect("asked").expect("a row");
    row.try_get("", "it").expect("a number")
}

async fn with_job(bench: &mut Bench, durable: &Durable, job: Arc<dyn JobHandler>) {
    let parts = ServiceParts {
        durable: durable.clone(),
        consumes: vec![],
        consumers: vec![],
        jobs: vec![job],
        sweeps: vec![],
    };
    bench.add(parts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b7_requests_that_hold_every_connection_of_theirs_hold_up_no_timer_and_no_event() {
    let mut bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let said = start(&mut bench, "said", false).await;
    let heard = start(&mut bench, "heard", true).await;
    count_up(&said, request(1, "a"), true).await.expect("armed");
    let mut held = Vec::new();
    for durable in [&said, &heard] {
        let pool = durable.reads().connections().get_postgres_connection_pool();
        for _ in 0..pool.options().get_max_connections() {
            held.push(pool.acquire().await.expect("a connection"));
        }
    }
    bench.run_until("2020-10-25T09:00:00Z").await;
    drop(held);
    assert_eq!(count(&said).await, 2, "its timer has counted up");
    assert_eq!(count(&heard).await, 2, "both events were heard");
    assert!(said.health().await.expect("health").is_settled());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_timer_that_somebody_else_is_claiming_holds_up_no_other() {
    let mut bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let locked = start(&mut bench, "locked", false).await;
    count_up(&locked, request(1, "a"), true)
        .await
        .expect("armed");
    let copied = "INSERT INTO jobs (id, kind, subject, generation, state, due_at, next_attempt_at, \
        attempts, payload, created_at) SELECT gen_random_uuid(), 'tally.other', 'tallies/other', \
        generation, state, due_at, next_attempt_at, attempts, payload, created_at FROM jobs";
    let copied = locked.reads().execute_unprepared(copied).await;
    copied.expect("another that nobody handles");
    let mut stranger = locked
        .reads()
        .connections()
        .get_postgres_connection_pool()
        .acquire()
        .await;
    let stranger = stranger.as_mut().expect("a connection");
    let lock = "BEGIN; SELECT id FROM jobs WHERE kind = 'tally.other' FOR UPDATE";
    raw_sql(lock)
        .execute(&mut **stranger)
        .await
        .expect("locked");
    bench.run_until("2020-10-25T08:00:00Z").await;
    bench.clock.advance(SignedDuration::from_hours(2));
    bench.settle().await;
    assert_eq!(count(&locked).await, 2, "its own timer has counted up");
    let open = "SELECT count(*) AS it FROM jobs WHERE state = 'armed'";
    assert_eq!(number(&locked, open).await, 1, "the other's is untouched");
    raw_sql("ROLLBACK")
        .execute(&mut **stranger)
        .await
        .expect("let go");
}

/// Takes longer than a claim lasts, by the clock that decides about claims.
struct Slow {
    remind: Remind,
    clock: ManualClock,
}

#[async_trait]
impl JobHandler for Slow {
    fn kind(&self) -> &'static str {
        REMINDER
    }
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let now = self.clock.now().as_microsecond();
        self.clock.advance(SignedDuration::from_secs(3));
        let lease = "SELECT coalesce(max(lease_until), 0) AS it FROM jobs";
        let renewed = async {
            while number(&self.remind.0, lease).await < now + 7_000_000 {
                tokio::task::yield_now().await;
            }
        };
        let renewed = tokio::time::timeout(PATIENCE, renewed).await;
        renewed.expect("the claim is renewed");
        self.clock.advance(SignedDuration::from_secs(3));
        self.remind.run(job).await
    }
}

async fn a_claim_is_renewed_while_its_handler_works(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("slow", migrations).await;
    let (remind, clock) = (Remind(durable.clone()), bench.clock.clone());
    with_job(&mut bench, &durable, Arc::new(Slow { remind, clock })).await;
    let armed = count_up(&durable, request(1, "a"), true).await;
    armed.expect("armed");
    bench.run_until("2020-10-25T09:00:00Z").await;
    assert_eq!(count(&durable).await, 2);
    let attempts = "SELECT max(attempts) AS it FROM (SELECT CAST(attempts AS bigint) AS attempts FROM jobs) AS tried";
    assert_eq!(number(&durable, attempts).await, 1);
}

/// Comes to no end.
struct Hanging;

#[async_trait]
impl JobHandler for Hanging {
    fn kind(&self) -> &'static str {
        REMINDER
    }
    fn patience(&self) -> Duration {
        Duration::from_millis(20)
    }
    async fn run(&self, _: ClaimedJob) -> Result<(), Fault> {
        std::future::pending().await
    }
}

async fn r10_a_timer_whose_handler_hangs_is_parked_after_three_tries(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("hanging", migrations).await;
    with_job(&mut bench, &durable, Arc::new(Hanging)).await;
    let armed = count_up(&durable, request(1, "a"), true).await;
    armed.expect("armed");
    bench.run_until("2020-10-25T10:00:00Z").await;
    let page = Page {
        limit: 10,
        order: vec![SortKey::ascending("name")],
        after: None,
    };
    let parked = durable.parked(None, &page).await.expect("parked");
    let parked: Vec<_> = parked
        .iter()
        .map(|item| (item.kind, item.attempts, item.reason.as_str()))
        .collect();
    assert_eq!(parked, [(ParkedKind::Job, 3, "HANDLER_HUNG")]);
}

const OLD: u128 = 2_500;

/// Marks of requests of long ago, more than are forgotten in one transaction, and one of today.
async fn mark_requests(durable: &Durable) {
    let today = durable.now().as_microsecond();
    for first in (0..=OLD).step_by(500) {
        let mut insert = Query::insert();
        insert.into_table("requests").columns([
            "principal",
            "method",
            "request_id",
            "fingerprint",
            "recorded_at",
        ]);
        for id in first..(first + 500).min(OLD + 1) {
            let at = if id == OLD { today } else { 1 };
            let id = Uuid::from_u128(id);
            insert.values_panic([
                "desk-1".into(),
                "CountUp".into(),
                id.into(),
                "-".into(),
                at.into(),
            ]);
        }
        let inserted = durable.reads().execute(&insert).await;
        inserted.expect("inserted");
    }
}

async fn r17_old_marks_of_requests_are_forgotten_however_many_they_are(database: Database) {
    let bench = database.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("forgetting", migrations).await;
    mark_requests(&durable).await;
    let parts = ServiceParts {
        durable: durable.clone(),
        consumes: vec![],
        consumers: vec![],
        jobs: vec![],
        sweeps: vec![],
    };
    let mut workers = Workers::new();
    let added = workers.add(parts, Arc::new(LocalBus::new())).await;
    added.expect("added");
    workers.sweep().await.expect("swept");
    assert_eq!(
        number(&durable, "SELECT count(*) AS it FROM requests").await,
        1
    );
}

on_every_database!(
    a_claim_is_renewed_while_its_handler_works,
    r10_a_timer_whose_handler_hangs_is_parked_after_three_tries,
    r17_old_marks_of_requests_are_forgotten_however_many_they_are,
);

/// Writes down which limits it finds.
struct Limits;

impl MigrationName for Limits {
    fn name(&self) -> &'static str {
        "m1002_limits"
    }
}

#[async_trait]
impl MigrationTrait for Limits {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let found = "CREATE TABLE limits AS SELECT count(*) AS it FROM pg_settings WHERE name IN \
            ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') \
            AND setting <> '0'";
        let db = manager.get_connection();
        db.execute_unprepared(found).await.map(drop)
    }
}

#[tokio::test]
async fn b8_a_migration_takes_as_long_as_it_takes_and_a_request_does_not() {
    let bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let limits: fn() -> Vec<Box<dyn MigrationTrait>> = || vec![Box::new(Limits)];
    let durable = bench.durable("limits", limits).await;
    assert_eq!(durable.reads().get_database_backend(), DbBackend::Postgres);
    assert_eq!(number(&durable, "SELECT it FROM limits").await, 0);
    let limited = "SELECT count(*) AS it FROM pg_settings WHERE name IN \
        ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') \
        AND setting <> '0'";
    assert_eq!(number(&durable, limited).await, 3);
}

/// More than a pool has connections.
const SILENCES: u32 = 12;
/// Long enough for a healthy database on a busy machine; each silence costs as much.
const SHORT: Patience = Patience {
    work: Duration::from_millis(700),
    check: Duration::from_millis(200),
};

/// Takes longer than anybody waits here, and less than the server allows.
const QUESTION: &str = "SELECT pg_sleep(5)";

/// A service whose database is reached over a wire, and the database without it.
async fn over_a_wire() -> (Wire, Durable, String) {
    let bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let url = visits_testkit::postgres::new_database("silence", migrations).await;
    let (server, database) = url.rsplit_once('/').expect("server/database");
    let wire = Wire::to(server).await.expect("a wire");
    let settings = Settings {
        patience: SHORT,
        ..Settings::new("silence", wire.url(database))
    };
    let (clock, ids) = (bench.shared_clock(), bench.shared_ids());
    let durable = Durable::open(settings, migrations, clock, ids).await;
    (wire, durable.expect("opened"), url)
}

/// Every connection is back in its pool. What the driver asks one that comes back has no end: twelve
/// silences in the middle of that would take every place there is (docs/decisions/0033, "Known").
async fn all_are_back(durable: &Durable) {
    let pool = durable.reads().connections().get_postgres_connection_pool();
    while pool.num_idle() < pool.size() as usize {
        tokio::task::yield_now().await;
    }
}

fn passes<T>(outcome: Result<T, Fault>) -> Option<T> {
    match outcome {
        Ok(done) => Some(done),
        Err(fault) if fault.kind == ErrorKind::Transient => None,
        Err(fault) => panic!("{fault:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b7_a_step_whose_database_says_nothing_is_given_up_and_done_once_over_another_connection() {
    let (wire, durable, _) = over_a_wire().await;
    let mut given_up = 0;
    for number in 1..=SILENCES {
        let request = request(u128::from(number), "a");
        let again = loop {
            match passes(count_up(&durable, request.clone(), false).await) {
                Some(count) => break count,
                None => given_up += 1,
            }
        };
        assert_eq!(again, i64::from(number), "once, however often it was tried");
        // The next begins on a connection that was used too lately to be asked whether it lives.
        all_are_back(&durable).await;
        wire.fall_silent();
    }
    assert!(given_up > 0, "some were caught by it");
    assert_eq!(count(&durable).await, i64::from(SILENCES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b7_questions_whose_database_says_nothing_are_given_up_and_leave_their_places_to_others() {
    let (wire, durable, url) = over_a_wire().await;
    let beside = sea_orm::Database::connect(url).await.expect("connected");
    for _ in 0..SILENCES {
        let asked = durable.clone();
        let asked = tokio::spawn(async move {
            let asked = asked.reads().execute_unprepared(QUESTION).await;
            asked.map(drop).map_err(db_fault)
        });
        let under_way = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
            AND state = 'active' AND query LIKE 'SELECT pg_sleep%'";
        let under_way = || Statement::from_string(DbBackend::Postgres, under_way);
        while beside
            .query_one_raw(under_way())
            .await
            .expect("asked")
            .is_none()
        {
            tokio::task::yield_now().await;
        }
        wire.fall_silent();
        assert_eq!(passes(asked.await.expect("no panic")), None, "given up");
        // Of those that the server goes on with.
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' \
            AND datname = current_database()";
        beside.execute_unprepared(end).await.expect("ended");
    }
    assert_eq!(count(&durable).await, 0);
}
