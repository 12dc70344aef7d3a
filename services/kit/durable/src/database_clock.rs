//! The one clock authority of a deployment on PostgreSQL: the database's clock (R20).
//!
//! Every process asks for it every few seconds and goes on by its own monotonic clock in between,
//! so that a machine whose clock is wrong or is set while it runs neither fires early nor late.
//! The latest reading is kept in the database itself, so that a server whose clock is set back, or
//! a restored machine, does not take the deployment back in time.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use visits_core::clock::from_micros;
use visits_core::jump::Reckoned;
use visits_core::{Clock, Fault, Timestamp};

use crate::database;
use crate::entity::counters;
use crate::fault::db_fault;
use crate::silence::{Patience, Pool};

const ASK_EVERY: Duration = Duration::from_secs(5);
/// An answer that took longer says nothing: nobody knows at which moment of that time it was true. A
/// database that is just back answers after as long as it was away.
const ANSWER_MAX_MICROS: i64 = 500_000;

/// Where the latest reading is kept, among the database's counters.
const KEPT_AS: &str = "clock";

/// The database's clock, as far as this process knows it.
#[derive(Debug)]
pub struct DatabaseClock(Reckoned);

impl DatabaseClock {
    /// Asks the database at `url` for its time, which is never before what was kept there. Its
    /// tables must be up to date.
    pub async fn open(url: &str) -> Result<(Arc<Self>, Pool), Fault> {
        let connection = database::connect(url, 1, "visits clock", Patience::default()).await?;
        let clock = Arc::new(Self(Reckoned::starting(time_of(&connection).await?)));
        if let Some(kept) = kept(&connection).await? {
            clock.0.never_before(kept);
        }
        clock.keep(&connection).await?;
        Ok((clock, connection))
    }

    /// Goes on asking, for ever, and keeps what it read.
    pub async fn follow(self: Arc<Self>, connection: Pool) {
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            if let Err(fault) = self.ask(&connection).await {
                tracing::debug!("the database's clock was not read: {fault}");
            }
            if let Err(fault) = self.keep(&connection).await {
                tracing::debug!("the time was not kept: {fault}");
            }
        }
    }

    /// Keeps the present instant; of several processes' the latest stands.
    async fn keep(&self, connection: &Pool) -> Result<(), Fault> {
        let keep = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) \
             DO UPDATE SET value = greatest(counters.value, excluded.value)",
            [KEPT_AS.into(), self.now().as_microsecond().into()],
        );
        connection.execute_raw(keep).await.map_err(db_fault)?;
        Ok(())
    }

    /// Takes a reading over, unless it jumps: then only once the next one agrees with it. The answer
    /// belongs to the middle of the time that it took.
    async fn ask(&self, connection: &Pool) -> Result<(), Fault> {
        let before = self.0.since_start();
        let reading = time_of(connection).await?;
        let after = self.0.since_start();
        if after - before > ANSWER_MAX_MICROS {
            return Err(Fault::transient("the answer took too long to go by"));
        }
        let middle = i64::midpoint(before, after);
        if let Some(alarm) = self.0.hear(reading, middle).alarm() {
            tracing::error!(%reading, "the database's clock has jumped: {alarm}");
        }
        Ok(())
    }
}

async fn time_of(connection: &Pool) -> Result<Timestamp, Fault> {
    let ask = Statement::from_string(
        DbBackend::Postgres,
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now",
    );
    let row = connection.query_one_raw(ask).await.map_err(db_fault)?;
    row.ok_or_else(|| Fault::transient("the database told no time"))?
        .try_get("", "now")
        .map(from_micros)
        .map_err(db_fault)
}

/// The latest reading that any process kept.
async fn kept(connection: &Pool) -> Result<Option<Timestamp>, Fault> {
    let row = counters::Entity::find_by_id(KEPT_AS.to_owned())
        .one(connection)
        .await
        .map_err(db_fault)?;
    Ok(row.map(|row| from_micros(row.value)))
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        self.0.at(self.0.since_start())
    }
}
