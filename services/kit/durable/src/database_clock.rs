//! The one clock authority of a deployment on PostgreSQL: the database's clock (R20).
//!
//! Every process asks for it every few seconds and goes on by its own monotonic clock in between,
//! so that a machine whose clock is wrong or is set while it runs neither fires early nor late.
//! The latest reading is kept in the database itself, so that a server whose clock is set back, or
//! a restored machine, does not take the deployment back in time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Statement};
use visits_core::clock::from_micros;
use visits_core::jump::{Ahead, Belief};
use visits_core::{Clock, Fault, Timestamp};

use crate::database;
use crate::entity::counters;
use crate::fault::db_fault;

const ASK_EVERY: Duration = Duration::from_secs(5);

/// Where the latest reading is kept, among the database's counters.
const KEPT_AS: &str = "clock";

/// The database's clock, as far as this process knows it.
#[derive(Debug)]
pub struct DatabaseClock {
    started: Instant,
    /// The database's time minus the time since `started`.
    ahead: Mutex<Ahead>,
    high_water_micros: AtomicI64,
}

impl DatabaseClock {
    /// Asks the database at `url` for its time, which is never before what was kept there. Its
    /// tables must be up to date.
    pub async fn open(url: &str) -> Result<(Arc<Self>, DatabaseConnection), Fault> {
        let connection = database::connect(url, 1, "visits clock").await?;
        let clock = Arc::new(Self::new());
        let ahead = clock.measure(&connection).await?;
        *clock.ahead() = Ahead::new(ahead);
        if let Some(kept) = kept(&connection).await? {
            clock.high_water_micros.store(kept, Ordering::SeqCst);
        }
        clock.keep(&connection).await?;
        Ok((clock, connection))
    }

    fn new() -> Self {
        Self {
            started: Instant::now(),
            ahead: Mutex::new(Ahead::new(0)),
            high_water_micros: AtomicI64::new(i64::MIN),
        }
    }

    /// Goes on asking, for ever, and keeps what it read.
    pub async fn follow(self: Arc<Self>, connection: DatabaseConnection) {
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            match self.measure(&connection).await {
                Ok(ahead) => self.hear(ahead, self.since_start()),
                Err(fault) => tracing::debug!("the database's clock was not read: {fault}"),
            }
            if let Err(fault) = self.keep(&connection).await {
                tracing::debug!("the time was not kept: {fault}");
            }
        }
    }

    /// Keeps the present instant; of several processes' the latest stands.
    async fn keep(&self, connection: &DatabaseConnection) -> Result<(), Fault> {
        let keep = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) \
             DO UPDATE SET value = greatest(counters.value, excluded.value)",
            [KEPT_AS.into(), self.now().as_microsecond().into()],
        );
        connection.execute_raw(keep).await.map_err(db_fault)?;
        Ok(())
    }

    /// The offset by a reading now: the answer belongs to the middle of the time that it took.
    async fn measure(&self, connection: &DatabaseConnection) -> Result<i64, Fault> {
        let before = self.since_start();
        let ask = Statement::from_string(
            DbBackend::Postgres,
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now",
        );
        let row = connection.query_one_raw(ask).await.map_err(db_fault)?;
        let middle = i64::midpoint(before, self.since_start());
        let now: i64 = row
            .ok_or_else(|| Fault::transient("the database told no time"))?
            .try_get("", "now")
            .map_err(db_fault)?;
        Ok(now - middle)
    }

    fn since_start(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a reading over, unless it jumps: then only once the next one agrees with it.
    fn hear(&self, micros: i64, at: i64) {
        match self.ahead().hear(micros, at) {
            Belief::Expected | Belief::Doubted => {}
            Belief::Jumped => tracing::error!(
                ahead.micros = micros,
                "the database's clock has jumped: timers wait for a second reading"
            ),
            Belief::Confirmed => tracing::error!(
                ahead.micros = micros,
                "the database's clock has jumped, and a second reading says the same: time goes by it"
            ),
        }
    }
}

/// The latest reading that any process kept.
async fn kept(connection: &DatabaseConnection) -> Result<Option<i64>, Fault> {
    let row = counters::Entity::find_by_id(KEPT_AS.to_owned())
        .one(connection)
        .await
        .map_err(db_fault)?;
    Ok(row.map(|row| row.value))
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let reading = self.since_start().saturating_add(self.ahead().micros());
        let before = self.high_water_micros.fetch_max(reading, Ordering::SeqCst);
        from_micros(reading.max(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_believed_only_when_a_second_reading_agrees_and_time_never_moves_back() {
        let clock = DatabaseClock::new();
        let (base, second) = (1_600_000_000_000_000, 1_000_000);
        *clock.ahead() = Ahead::new(base);
        assert!(clock.now().as_microsecond() >= base);

        let hour = 3_600 * second;
        clock.hear(base + hour, 0);
        assert!(
            clock.now().as_microsecond() < base + hour,
            "once is not enough"
        );
        clock.hear(base, 5 * second);
        clock.hear(base + hour, 10 * second);
        assert!(
            clock.now().as_microsecond() < base + hour,
            "nor twice with another between"
        );
        clock.hear(base + hour + 5, 15 * second);
        assert!(clock.now().as_microsecond() >= base + hour);

        let ahead = clock.now();
        clock.hear(base, 20 * second);
        clock.hear(base, 25 * second);
        assert!(clock.now() >= ahead);
    }
}
