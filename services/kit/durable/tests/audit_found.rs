//! The audit is found by principal and by time without a walk through all of it, on both databases.

use visits_durable::Durable;
use visits_durable::sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};
use visits_testkit::{Database, on_every_database};

const ROWS: usize = 2_000;

/// How the database finds what is sought.
async fn plan(durable: &Durable, sought: &str) -> String {
    let db = durable.reads();
    let backend = db.get_database_backend();
    let explain = match backend {
        DatabaseBackend::Postgres => "EXPLAIN",
        _ => "EXPLAIN QUERY PLAN",
    };
    let text = format!(
        "{explain} SELECT * FROM audit WHERE position IS NOT NULL AND {sought} ORDER BY position DESC LIMIT 51"
    );
    let lines = db
        .query_all_raw(Statement::from_string(backend, text))
        .await;
    let column = match backend {
        DatabaseBackend::Postgres => "QUERY PLAN",
        _ => "detail",
    };
    let lines = lines.expect("a plan").into_iter();
    let lines = lines.map(|line| line.try_get::<String>("", column).expect("a line"));
    lines.collect::<Vec<_>>().join("\n")
}

async fn r18_the_audit_is_found_by_principal_and_by_time(database: Database) {
    let bench = database.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("one", Vec::new).await;
    let fill = format!(
        "INSERT INTO audit (position, at, actor, cause, action, resource, outcome, detail, hash) \
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ROWS}) \
         SELECT n, n * 1000000, 'HMI-' || (n % 400), 'read', 'Read', 'cases/' || n, 'done', CAST('{{}}' AS JSONB), '' FROM numbers"
    );
    let write = async |text: &str| durable.reads().execute_unprepared(text).await;
    write(&fill).await.expect("filled");
    write("ANALYZE").await.expect("counted");
    let by_actor = plan(&durable, "actor = 'HMI-7'").await;
    assert!(by_actor.contains("ix_audit_actor"), "{by_actor}");
    let by_time = plan(&durable, "at >= 5000000 AND at < 9000000").await;
    assert!(by_time.contains("ix_audit_at"), "{by_time}");
}

on_every_database!(r18_the_audit_is_found_by_principal_and_by_time);
