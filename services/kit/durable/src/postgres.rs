//! What only PostgreSQL needs: one migrator at a time, and a wake-up between processes.
//!
//! The wake-up is a hint (B11): it is sent after the commit, by a task of the process that
//! committed, never inside the business transaction, whose commit it would make wait for others.
//! The loops' own poll of at most a second stays the truth.

use std::time::Duration;

use sea_orm::sqlx::Executor as _;
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use sea_orm::{ConnectionTrait, DbBackend};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use visits_core::{Fault, kill_point};

use crate::database::{self, Pools};
use crate::durable::Durable;
use crate::fault::db_fault;

const CHANNEL: &str = "visits_commits";
/// Any number that no other program takes in this database.
const MIGRATION_LOCK: i64 = 0x5649_5349_5453;
/// What is committed within so long after a hint shares the next one.
const TOGETHER: Duration = Duration::from_millis(10);
const LISTEN_AGAIN: Duration = Duration::from_secs(5);
/// After so long without a hint the one who sends them is asked whether it is there.
const QUIET: Duration = Duration::from_secs(15);
const ANSWER: Duration = Duration::from_secs(3);

/// Runs `migrate` while no other process does.
pub(crate) async fn one_at_a_time<F>(
    pools: &Pools,
    migrate: impl FnOnce() -> F,
) -> Result<(), Fault>
where
    F: Future<Output = Result<(), Fault>>,
{
    if pools.backend() != DbBackend::Postgres {
        return migrate().await;
    }
    // The lock belongs to a transaction on one connection, the migrations run on another: it is
    // given back even if this process is killed.
    let guard = database::begin(&pools.loops).await?;
    // The time limits are for requests; the wait for another's migration is not one.
    guard
        .execute_unprepared(&format!(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
             SET LOCAL idle_in_transaction_session_timeout = 0; \
             SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
        ))
        .await
        .map_err(db_fault)?;
    kill_point("migrate.before");
    let outcome = migrate().await;
    kill_point("migrate.after");
    guard.commit().await.map_err(db_fault)?;
    kill_point("migrate.unlock.after");
    outcome
}

/// Starts the tasks that tell other processes of commits here, and hear of theirs.
pub(crate) fn spawn_wake_ups(durable: &Durable, tracker: &TaskTracker, stop: &CancellationToken) {
    if durable.pools().backend() != DbBackend::Postgres {
        return;
    }
    let (telling, stop_telling) = (durable.clone(), stop.clone());
    tracker.spawn(async move { stop_telling.run_until_cancelled(tell(telling)).await });
    let (hearing, stop_hearing) = (durable.clone(), stop.clone());
    tracker.spawn(async move { stop_hearing.run_until_cancelled(hear(hearing)).await });
}

/// One hint for however many commits there were since the last.
async fn tell(durable: Durable) {
    let mut commits = durable.own_commits();
    while commits.changed().await.is_ok() {
        kill_point("hint.before");
        let hint = format!("SELECT pg_notify('{CHANNEL}', '{}')", durable.instance());
        if let Err(error) = durable.pools().loops.execute_unprepared(&hint).await {
            tracing::debug!("no hint was sent, the poll will find it: {error}");
        }
        kill_point("hint.after");
        tokio::time::sleep(TOGETHER).await;
    }
}

async fn hear(durable: Durable) {
    loop {
        if let Err(error) = listen(&durable).await {
            tracing::debug!("not listening for hints, the poll goes on: {error}");
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

/// On a connection of a pool of its own: one that went silent is left behind with its pool, and takes
/// no place among those of the loops.
async fn listen(durable: &Durable) -> Result<(), sea_orm::sqlx::Error> {
    let loops = durable.pools().loops.connections();
    let options = loops.get_postgres_connection_pool().connect_options();
    let pool = PgPoolOptions::new().max_connections(1);
    let pool = pool.connect_with((*options).clone()).await?;
    let own = durable.instance().to_string();
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        match tokio::time::timeout(QUIET, listener.recv()).await {
            Ok(hint) => {
                if hint?.payload() != own {
                    durable.hear_of_commit().await;
                }
            }
            Err(_) => still_there(&mut listener).await?,
        }
    }
}

/// Nobody has committed for a while, or nobody is there any more.
async fn still_there(listener: &mut PgListener) -> Result<(), sea_orm::sqlx::Error> {
    let asked = tokio::time::timeout(ANSWER, listener.execute("SELECT 1")).await;
    let silent = |_| sea_orm::sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    asked.map_err(silent)??;
    Ok(())
}
