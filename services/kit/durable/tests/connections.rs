//! The connections to PostgreSQL: the same ones are used again, and none inside an open transaction.

use std::collections::BTreeSet;

use visits_durable::Durable;
use visits_durable::sea_orm::{ConnectionTrait, DbBackend, Statement};
use visits_testkit::Database;

/// What `query` answers on one of the connections.
async fn ask<T: visits_durable::sea_orm::TryGetable>(durable: &Durable, query: &str) -> T {
    let statement = Statement::from_string(DbBackend::Postgres, format!("SELECT {query} AS it"));
    let row = durable
        .reads()
        .query_one_raw(statement)
        .await
        .expect("asked");
    row.expect("a row").try_get("", "it").expect("an answer")
}

#[tokio::test]
async fn a_connection_is_used_again_and_not_opened_for_each_statement() {
    let bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("connections", Vec::new).await;
    let mut servers = BTreeSet::new();
    for _ in 0..100 {
        servers.insert(ask::<i32>(&durable, "pg_backend_pid()").await);
    }
    // The pool's size: a connection takes a moment on its way back into it.
    assert!(
        servers.len() <= 12,
        "{} connections for 100 statements one after another",
        servers.len()
    );
}

#[tokio::test]
async fn r1_a_connection_inside_an_open_transaction_is_not_handed_out() {
    let bench = Database::Postgres.bench("2020-10-23T09:00:00Z");
    let durable = bench.durable("connections", Vec::new).await;
    // As a cancelled `begin()` does it: the server is told, the driver doesn't know.
    durable
        .reads()
        .execute_unprepared("BEGIN; SET LOCAL application_name = 'left inside'")
        .await
        .expect("begun");
    for _ in 0..20 {
        let name: String = ask(&durable, "current_setting('application_name')").await;
        assert_ne!(name, "left inside", "handed out inside a transaction");
    }
}
