//! X9: somebody else writes to the databases and sits in the transaction: what needs their rows
//! waits or is refused for now, everything else goes on.

use std::convert::Infallible;
use std::time::Duration;

use visits_durable::sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};

use crate::run;
use crate::stack::Stack;
use crate::stack::scene::Scene;
use crate::stack::sessions::STRANGER;

/// What the stranger changes and does not commit: the newest of what the load is at.
const LOCKS: [(&str, &str); 3] = [
    ("scheduling", "visits"),
    ("recording", "visit_records"),
    ("escalation", "cases"),
];
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Answers that must come while the rows are locked.
const MEANWHILE: u64 = 100;

/// What went on while strangers held locks.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Rows that were locked.
    pub rows: usize,
    /// Events that got their place meanwhile.
    pub placed: i64,
    /// Most sessions that were seen waiting for a stranger at once.
    pub waited: i64,
}

async fn number(connection: &DatabaseConnection, ask: &str) -> anyhow::Result<i64> {
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let row = connection.query_one_raw(asked).await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "number")?))
}

/// One session in a transaction with a row locked; the stranger's.
async fn sit_down(stack: &Stack, service: &str, table: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(stack.database(service));
    options
        .max_connections(1)
        .map_sqlx_postgres_opts(|postgres| postgres.application_name(STRANGER));
    let connection = Database::connect(options).await?;
    connection.execute_unprepared("BEGIN").await?;
    let change = format!(
        "UPDATE {table} SET version = version WHERE id = (SELECT id FROM {table} \
         ORDER BY id DESC LIMIT 1)"
    );
    let changed = connection.execute_unprepared(&change).await?;
    anyhow::ensure!(changed.rows_affected() == 1, "{service} has a row to lock");
    Ok(connection)
}

/// Keeps the greatest number that is seen.
async fn look(
    connection: &DatabaseConnection,
    ask: &str,
    most: &mut i64,
) -> anyhow::Result<Infallible> {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        *most = number(connection, ask).await?.max(*most);
    }
}

/// Locks the newest row of each kind and does nothing for this long.
///
/// # Errors
/// If there is none, or a database does not answer.
pub async fn hold(scene: &Scene, time: Duration) -> anyhow::Result<Held> {
    let mut strangers = Vec::new();
    for (service, table) in LOCKS {
        strangers.push(sit_down(&scene.stack, service, table).await?);
    }
    let looker = Database::connect(scene.stack.database("escalation")).await?;
    let placed = "SELECT COALESCE(MAX(position), 0) AS number FROM outbox";
    let waiting = format!(
        "SELECT COUNT(*) AS number FROM pg_stat_activity s JOIN pg_stat_activity blocker \
         ON blocker.pid = ANY(pg_blocking_pids(s.pid)) \
         WHERE blocker.application_name = '{STRANGER}'"
    );
    let before = number(&looker, placed).await?;
    let mut waited = 0;
    let going_on = async {
        run::answers(scene, MEANWHILE).await?;
        run::pause(time).await;
        anyhow::Ok(())
    };
    tokio::select! {
        done = going_on => done?,
        failed = look(&looker, &waiting, &mut waited) => {
            anyhow::bail!("nobody can look: {failed:?}")
        }
    }
    let placed = number(&looker, placed).await? - before;
    for stranger in strangers {
        stranger.execute_unprepared("ROLLBACK").await?;
        stranger.close().await?;
    }
    looker.close().await?;
    Ok(Held {
        rows: LOCKS.len(),
        placed,
        waited,
    })
}
