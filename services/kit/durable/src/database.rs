//! Opening a service's own database: a writer and readers on SQLite (R2), pools on PostgreSQL.

use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;
use visits_core::Fault;

use crate::fault::db_fault;
use crate::silence::{Patience, Pool, Silence};

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const SQLITE_READERS_MAX: u32 = 4;
const POSTGRES_REQUESTS_MAX: u32 = 10;
/// What runs by itself has connections of its own, so that a flood of requests can't starve a timer
/// (B7). One more listens for hints.
const POSTGRES_LOOPS_MAX: u32 = 6;
/// The driver has asked a connection that came back into its pool; so lately that it is still alive.
const JUST_BACK: Duration = Duration::from_millis(100);

tokio::task_local! {
    /// Set while a transaction is begun.
    static BEGINNING: ();
}

fn is_beginning() -> bool {
    BEGINNING.try_with(|()| ()).is_ok()
}

/// The connections of a service.
#[derive(Clone, Debug)]
pub(crate) struct Pools {
    /// For what requests write. One connection on SQLite, whose writers would only wait for each
    /// other.
    pub(crate) writes: Pool,
    /// For what requests read.
    pub(crate) reads: Pool,
    /// For what runs by itself, and writes: sequencer, relay, inbox, claims, and the steps of events
    /// and timers. The writer itself on SQLite.
    pub(crate) loops: Pool,
    /// For what runs by itself, and reads. The readers themselves on SQLite, which wait for nobody.
    pub(crate) loop_reads: Pool,
}

/// What PostgreSQL shows as the name of a process's sessions: by it others see that the holder of a
/// lease is still there.
pub(crate) fn session_name(instance: &str) -> String {
    format!("visits {instance}")
}

impl Pools {
    /// Connects as this instance; a SQLite file is made if it isn't there.
    pub(crate) async fn open(url: &str, patience: Patience, instance: Uuid) -> Result<Self, Fault> {
        let name = session_name(&instance.to_string());
        let pool = async |connections_max| connect(url, connections_max, &name, patience).await;
        if url.starts_with("sqlite:") {
            let (writes, reads) = (pool(1).await?, pool(SQLITE_READERS_MAX).await?);
            Ok(Self {
                loops: writes.clone(),
                loop_reads: reads.clone(),
                writes,
                reads,
            })
        } else {
            let requests = pool(POSTGRES_REQUESTS_MAX).await?;
            let loops = pool(POSTGRES_LOOPS_MAX).await?;
            Ok(Self {
                loop_reads: loops.clone(),
                loops,
                writes: requests.clone(),
                reads: requests,
            })
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.writes.connections().get_database_backend()
    }

    /// For the migrations: of as much time as they need, for an index of a large table takes longer
    /// than any request may. The writer itself on SQLite.
    pub(crate) async fn migrator(&self, url: &str) -> Result<DatabaseConnection, Fault> {
        if self.backend() == DbBackend::Sqlite {
            return Ok(self.writes.connections().clone());
        }
        connect_limited(url, 1, "visits migrate", &NO_LIMITS, None).await
    }

    pub(crate) async fn close(&self) -> Result<(), Fault> {
        for pool in [&self.reads, &self.loops, &self.writes] {
            pool.close().await?;
        }
        Ok(())
    }
}

/// The time limits of a session on PostgreSQL.
type Limits = [(&'static str, &'static str); 3];
const LIMITS: Limits = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "5s"),
];
const NO_LIMITS: Limits = [
    ("statement_timeout", "0"),
    ("lock_timeout", "0"),
    ("idle_in_transaction_session_timeout", "0"),
];

pub(crate) async fn connect(
    url: &str,
    connections_max: u32,
    name: &str,
    patience: Patience,
) -> Result<Pool, Fault> {
    let silence = (!url.starts_with("sqlite:")).then(|| Silence::new(patience));
    let connections = connect_limited(url, connections_max, name, &LIMITS, silence.clone()).await?;
    Ok(Pool::new(connections, silence))
}

async fn connect_limited(
    url: &str,
    connections_max: u32,
    name: &str,
    limits: &'static Limits,
    silence: Option<Silence>,
) -> Result<DatabaseConnection, Fault> {
    let name = name.to_owned();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY_TIMEOUT)
                .foreign_keys(true)
        })
        .map_sqlx_postgres_opts(move |postgres| {
            postgres.application_name(&name).options(*limits).options([
                // Nothing here is long enough for helpers: to start them took twenty times as long
                // as to find the next due jobs among a million.
                ("max_parallel_workers_per_gather", "0"),
                ("jit", "off"),
                // Who was given up on is not worked for: its session ends before its statement does.
                ("client_connection_check_interval", "1s"),
                // That a table is there already is no news, eight times at each start.
                ("client_min_messages", "warning"),
            ])
        });
    if let Some(silence) = silence {
        watch(&mut options, silence);
    }
    Database::connect(options)
        .await
        .map_err(|error| unopened(url, &error))
}

/// Lets a connection out of the pool, and back into it, if it is fit and lives.
fn watch(options: &mut ConnectOptions, silence: Silence) {
    let returning = silence.clone();
    options
        .map_sqlx_postgres_before_acquire(move |connection, found| {
            if is_beginning() && found.idle_for < JUST_BACK {
                return Box::pin(std::future::ready(Ok(true)));
            }
            let silence = silence.clone();
            Box::pin(async move {
                let fit = outside_of_any_transaction(connection);
                silence.checked(fit).await
            })
        })
        .map_sqlx_postgres_pool_opts(move |pool| {
            let silence = returning.clone();
            pool.after_release(move |connection, _| {
                let silence = silence.clone();
                Box::pin(async move { silence.lives(connection).await })
            })
        });
}

/// Begins a transaction: `IMMEDIATE` on SQLite, so that a step that reads first can't fail when it
/// comes to write (R2).
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that begins a transaction"
)]
pub(crate) async fn begin(pool: &Pool) -> Result<DatabaseTransaction, Fault> {
    let pool = pool.connections();
    let is_sqlite = pool.get_database_backend() == DbBackend::Sqlite;
    let options = || TransactionOptions {
        sqlite_transaction_mode: is_sqlite.then_some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    match BEGINNING
        .scope((), pool.begin_with_options(options()))
        .await
    {
        // The connection was not asked before; it is dead. Nothing has begun yet.
        Err(DbErr::Exec(_) | DbErr::Query(_)) if !is_sqlite => {
            pool.begin_with_options(options()).await
        }
        outcome => outcome,
    }
    .map_err(db_fault)
}

/// A server that does not answer may do so later; a file that can't be opened stays that way.
fn unopened(url: &str, error: &sea_orm::DbErr) -> Fault {
    let message = format!("can't open the database: {error}");
    if url.starts_with("sqlite:") {
        Fault::fatal(message)
    } else {
        Fault::transient(message)
    }
}

/// Whether the connection is fit to be handed out. One that a cancelled `begin()` left inside an
/// open transaction is not, whatever the driver believes (R1): there, time stands still.
///
/// Asked in one message of the simple protocol: by the extended one the statement begins later
/// than its own transaction, and every connection would look unfit and be replaced by a new one.
///
/// Who begins a transaction need not be asked for it under load: their `BEGIN` changes nothing about one
/// that is open, and their `COMMIT` ends it. What a lone statement writes there would be lost.
async fn outside_of_any_transaction(
    connection: &mut sea_orm::sqlx::PgConnection,
) -> Result<bool, sea_orm::sqlx::Error> {
    use sea_orm::sqlx::Row as _;
    let row = sea_orm::sqlx::raw_sql("SELECT now() = statement_timestamp()")
        .fetch_one(connection)
        .await?;
    row.try_get(0)
}
