//! Whether PostgreSQL keeps up with the tables that are written all the time (B10): copies of rows that
//! nobody sees any more, and the transaction that keeps them from being cleared away.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use visits_core::Fault;

use crate::durable::Durable;
use crate::fault::db_fault;
use crate::migration::BUSY;

/// How a service's database is doing. All zero on SQLite, which has neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upkeep {
    /// Dead copies of rows in the busy table that has most of them. Each look for what waits walks past
    /// them.
    pub dead_rows: u64,
    /// For how long the oldest transaction has held on to what it saw: nothing that died since can be
    /// cleared away. Of strangers' transactions PostgreSQL tells whoever may read all its figures.
    pub oldest_transaction: Duration,
}

const FIGURES: &str = "SELECT coalesce(max(n_dead_tup), 0)::bigint AS dead, \
    (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start) * 1000000), 0)::bigint \
       FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
       AND backend_type = 'client backend' \
       AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)) AS oldest \
    FROM pg_stat_user_tables WHERE relname IN";

impl Durable {
    /// How its database is doing.
    ///
    /// # Errors
    /// `Transient` if it can't be asked.
    pub async fn upkeep(&self) -> Result<Upkeep, Fault> {
        let reads = self.loop_reads();
        if reads.get_database_backend() != DbBackend::Postgres {
            return Ok(Upkeep::default());
        }
        let ask = format!("{FIGURES} ('{}')", BUSY.join("', '"));
        let ask = Statement::from_string(DbBackend::Postgres, ask);
        let row = reads.query_one_raw(ask).await.map_err(db_fault)?;
        let row = row.ok_or_else(|| Fault::transient("the database told no figures"))?;
        let number = |name| {
            let number: i64 = row.try_get("", name).map_err(db_fault)?;
            Ok::<_, Fault>(u64::try_from(number).unwrap_or(0))
        };
        Ok(Upkeep {
            dead_rows: number("dead")?,
            oldest_transaction: Duration::from_micros(number("oldest")?),
        })
    }
}
