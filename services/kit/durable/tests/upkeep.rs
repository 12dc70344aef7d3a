//! B10: dead rows, and a transaction that keeps them, are seen before they make everything slow.

use std::time::Duration;

use visits_durable::sea_orm::sqlx::{Executor as _, PgConnection, query};
use visits_durable::{Durable, Upkeep};
use visits_testkit::Database;

/// Longer than any healthy database needs; what runs into it fails.
const PATIENCE: Duration = Duration::from_secs(30);
const ROWS: u64 = 200;

/// The first figures that are as `wanted`.
async fn until(durable: &Durable, wanted: impl Fn(&Upkeep) -> bool) -> Upkeep {
    let seen = async {
        loop {
            let upkeep = durable.upkeep().await.expect("asked");
            if wanted(&upkeep) {
                return upkeep;
            }
            tokio::task::yield_now().await;
        }
    };
    let seen = tokio::time::timeout(PATIENCE, seen).await;
    seen.expect("it is seen")
}

async fn run(connection: &mut PgConnection, statements: &'static str) {
    for statement in statements.split(';') {
        let done = (&mut *connection).execute(query(statement)).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b10_dead_rows_and_the_transaction_that_keeps_them_are_told() {
    let bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("upkeep", Vec::new).await;
    let pool = durable.reads().connections().get_postgres_connection_pool();
    let mut writer = pool.acquire().await.expect("a connection");
    run(
        &mut writer,
        "ALTER TABLE requests SET (autovacuum_enabled = off);
         INSERT INTO requests (principal, method, request_id, fingerprint, recorded_at)
             SELECT 'HMI-001', 'Tried', gen_random_uuid(), '', number FROM generate_series(1, 200) AS number",
    )
    .await;
    let calm = until(&durable, |now| now.oldest_transaction == Duration::ZERO).await;
    assert!(calm.dead_rows < ROWS, "{calm:?}");

    let mut reader = pool.acquire().await.expect("a connection");
    run(
        &mut reader,
        "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM requests",
    )
    .await;
    run(
        &mut writer,
        "UPDATE requests SET recorded_at = recorded_at + 1; SELECT pg_stat_force_next_flush(); SELECT 1",
    )
    .await;
    let held = until(&durable, |now| now.dead_rows >= ROWS).await;
    assert!(held.oldest_transaction > Duration::ZERO, "{held:?}");
    let later = durable.upkeep().await.expect("asked");
    assert!(
        later.oldest_transaction > held.oldest_transaction,
        "{later:?} after {held:?}"
    );

    run(&mut writer, "VACUUM requests").await;
    until(&durable, |now| now.dead_rows >= ROWS).await;
    run(&mut reader, "COMMIT").await;
    run(&mut writer, "VACUUM requests").await;
    until(&durable, |now| {
        now.dead_rows < ROWS && now.oldest_transaction == Duration::ZERO
    })
    .await;
}

#[tokio::test]
async fn b10_a_file_has_no_such_figures() {
    let bench = Database::Sqlite.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("upkeep", Vec::new).await;
    assert_eq!(durable.upkeep().await.expect("asked"), Upkeep::default());
}
