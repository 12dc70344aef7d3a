//! R5: one process at a time, by a lease whose term is the truth; a holder that has no session in
//! the database any more is not waited for.

mod tally;

use std::time::Duration;

use tally::{count, count_up, request, start};
use visits_durable::sea_orm::{ConnectionTrait, DbBackend, Statement};
use visits_durable::{Durable, Health, Workers};
use visits_testkit::{Bench, Database};

/// Far longer than PostgreSQL takes to see that a connection is closed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A service that holds its leases, and a second process of it that takes over as soon as it may.
async fn two_processes() -> (Bench, Durable, Workers, Durable) {
    let mut bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let first = start(&mut bench, "said", false).await;
    count_up(&first, request(1, "a"), false)
        .await
        .expect("counted");
    bench.settle().await;
    let loops_of_first = std::mem::take(&mut bench.workers);
    let second = start(&mut bench, "said", false).await;
    (bench, first, loops_of_first, second)
}

async fn unsent(durable: &Durable) -> u64 {
    let health = durable.health().await.expect("read");
    health.outbox_unpublished
}

/// Lets the second process look until nothing is left. The clock stands still: no lease runs out.
async fn takes_over(bench: &Bench, second: &Durable) {
    let looking = async {
        let mut looks = tokio::time::interval(Duration::from_millis(10));
        while second.health().await.expect("read") != Health::default() {
            looks.tick().await;
            bench.settle().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking)
        .await
        .expect("the second process takes over although no time passes");
}

/// How often each lease has changed hands, by its name.
async fn terms(durable: &Durable) -> Vec<(String, i64)> {
    let ask = "SELECT name, term FROM leases ORDER BY name";
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let rows = durable.reads().query_all_raw(asked).await.expect("leases");
    let read = |row: &visits_durable::sea_orm::QueryResult| {
        let name = row.try_get("", "name").expect("a name");
        (name, row.try_get("", "term").expect("a term"))
    };
    rows.iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_lease_is_free_at_once_when_its_holder_has_no_session_and_not_before() {
    let (bench, first, _loops, second) = two_processes().await;
    let before = terms(&second).await;
    count_up(&second, request(2, "a"), false)
        .await
        .expect("counted");
    bench.settle().await;
    assert_eq!(unsent(&second).await, 1, "the first is still there");
    assert_eq!(terms(&second).await, before);

    first.close().await.expect("closed");
    takes_over(&bench, &second).await;
    let after: Vec<(String, i64)> = before
        .into_iter()
        .map(|(name, term)| (name, term + 1))
        .collect();
    assert_eq!(terms(&second).await, after, "each takeover is a new term");
    assert_eq!(count(&second).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_a_holder_that_was_cut_off_for_a_moment_has_lost_its_lease_and_writes_nothing() {
    let (bench, first, loops_of_first, second) = two_processes().await;
    // In this database only: every test's first instance has the same name.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity, leases \
               WHERE datname = current_database() \
               AND application_name = 'visits ' || holder::text AND name = 'relay'";
    let reads = second.reads();
    let cut = Statement::from_string(DbBackend::Postgres, cut);
    let sessions = reads.query_all_raw(cut).await.expect("cut off").len();
    assert!(sessions >= 1, "the first had a session");
    count_up(&second, request(2, "a"), false)
        .await
        .expect("counted");
    takes_over(&bench, &second).await;

    // It lives, and connects again. What it says now is placed and sent by the other.
    count_up(&first, request(3, "a"), false)
        .await
        .expect("counted");
    let held = terms(&second).await;
    loops_of_first.settle().await.expect("it looks");
    assert_eq!(unsent(&second).await, 1);
    assert_eq!(terms(&second).await, held);
    bench.settle().await;
    assert_eq!(unsent(&second).await, 0);
}
