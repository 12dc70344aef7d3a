//! A PostgreSQL that vanishes without a word: no answer, no error, and no end of the connection (B7).
//!
//! The server ends whatever takes too long, by limits of its own (`database.rs`). Silence beyond those
//! says that nobody is there any more: a host that lost its power, a failover whose old address drops
//! what is sent to it. TCP finds out after a quarter of an hour, or never. Here the wait has an end, and
//! its connection is closed and not handed out again.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::sqlx::{self, Connection as _, PgConnection};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use tokio::time::Instant;
use visits_core::Fault;

use crate::fault::db_fault;

/// How long this side waits for a PostgreSQL.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a question or a whole transaction, with the wait for a connection. Longer than that wait, a
    /// lock and a statement may take by the server's limits.
    pub work: Duration,
    /// For the word that a connection is fit for use.
    pub check: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            work: Duration::from_secs(25),
            check: Duration::from_secs(3),
        }
    }
}

/// While somebody has just stopped waiting, connections that come back are asked whether they live: the
/// driver would ask too, and wait for ever.
const DOUBT: Duration = Duration::from_secs(1);

/// What ends the waits of one pool.
#[derive(Clone, Debug)]
pub(crate) struct Silence {
    patience: Patience,
    opened: Instant,
    /// Milliseconds after `opened` until which connections are in doubt.
    doubt_until: Arc<AtomicU64>,
}

impl Silence {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            opened: Instant::now(),
            doubt_until: Arc::default(),
        }
    }

    /// The answer of `work`; nothing if it comes to no end in time. Who stops waiting, for that reason
    /// or because a caller gave up, leaves a connection behind that may be dead.
    pub(crate) async fn ended<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        // Dropped before the work is: its connection comes back to a pool that is in doubt already.
        let mut unended = Unended(Some(self));
        let ended = tokio::time::timeout(self.patience.work, &mut work).await;
        if ended.is_ok() {
            unended.0 = None;
        }
        ended.ok()
    }

    /// Whether a connection that comes back may be handed out again.
    pub(crate) async fn lives(&self, connection: &mut PgConnection) -> sqlx::Result<bool> {
        if self.since_opened() < self.doubt_until.load(Ordering::Relaxed) {
            self.checked(connection.ping()).await?;
        }
        Ok(true)
    }

    /// What a connection answers about itself; an error, by which it is closed, if it says nothing.
    pub(crate) async fn checked<T>(
        &self,
        check: impl Future<Output = sqlx::Result<T>>,
    ) -> sqlx::Result<T> {
        let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
        let checked = tokio::time::timeout(self.patience.check, check).await;
        checked.map_err(silent)?
    }

    fn since_opened(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn doubt(&self) {
        let until = self.opened.elapsed() + DOUBT;
        let until = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
        self.doubt_until.fetch_max(until, Ordering::Relaxed);
    }
}

struct Unended<'a>(Option<&'a Silence>);

impl Drop for Unended<'_> {
    fn drop(&mut self) {
        if let Some(silence) = self.0 {
            silence.doubt();
        }
    }
}

/// What a wait that was given up says. Whether the work was done is not known.
fn unanswered() -> Fault {
    Fault::transient("the database says nothing; whether the work was done is not known")
}

/// Connections of one purpose. Whatever is asked of them has an answer within a while, or an error.
#[derive(Clone, Debug)]
pub struct Pool {
    connections: DatabaseConnection,
    /// None on SQLite, which lives in this process.
    silence: Option<Silence>,
}

impl Pool {
    pub(crate) fn new(connections: DatabaseConnection, silence: Option<Silence>) -> Self {
        Self {
            connections,
            silence,
        }
    }

    /// The connections themselves, with no end to a wait for them.
    #[must_use]
    pub fn connections(&self) -> &DatabaseConnection {
        &self.connections
    }

    /// Closes them; what is under way ends first.
    ///
    /// # Errors
    /// If one can't be closed.
    pub async fn close(&self) -> Result<(), Fault> {
        self.connections.clone().close().await.map_err(db_fault)
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        self.answer(self.connections.ping()).await
    }

    /// The outcome of `work` that needs one of these connections, or that there was none in time.
    pub(crate) async fn outcome<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        match &self.silence {
            Some(silence) => silence
                .ended(work)
                .await
                .unwrap_or_else(|| Err(unanswered())),
            None => work.await,
        }
    }

    async fn answer<T>(&self, asked: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let Some(silence) = &self.silence else {
            return asked.await;
        };
        let silent = || DbErr::Conn(RuntimeErr::Internal("it says nothing".to_owned()));
        silence.ended(asked).await.unwrap_or_else(|| Err(silent()))
    }
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.answer(self.connections.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.answer(self.connections.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.answer(self.connections.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.answer(self.connections.query_all_raw(statement)).await
    }
}
