//! Sessions that do nothing inside a transaction, as PostgreSQL itself sees them (I12).

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

/// The name of the sessions of a test's own stranger, who is meant to be idle.
pub const STRANGER: &str = "a stranger";

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A session that was idle in a transaction when somebody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// Its name: each connection of a service has that of its instance.
    pub name: String,
    /// Its database, and what it had asked last.
    pub what: String,
}

impl fmt::Display for Idle {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(form, "{} in {}", self.name, self.what)
    }
}

/// The names of the instances of services that have sessions in a database at this moment.
///
/// # Errors
/// If it does not answer.
pub async fn instances(database: &str) -> anyhow::Result<BTreeSet<String>> {
    // Their clocks and migrations have names of their own, which are no instances'.
    let ask = "SELECT DISTINCT application_name AS name FROM pg_stat_activity \
               WHERE datname = current_database() \
               AND application_name LIKE 'visits ________-____-____-____-____________'";
    let connection = Database::connect(database).await?;
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let mut names = BTreeSet::new();
    for row in connection.query_all_raw(asked).await? {
        names.insert(row.try_get::<String>("", "name")?);
    }
    connection.close().await?;
    Ok(names)
}

/// Looks again and again until it is aborted or `stop` resolves; how many looks there were, and
/// what was found: sessions of these databases that were idle in a transaction for more than a
/// second. The guard of a migration is none: it holds a lock while another session migrates.
///
/// # Errors
/// If the server can't be reached at the beginning.
pub async fn watch(
    databases: Vec<String>,
    stop: tokio::sync::oneshot::Receiver<()>,
) -> anyhow::Result<(u64, Vec<Idle>)> {
    let names: Vec<String> = databases
        .iter()
        .filter_map(|url| url.rsplit('/').next())
        .map(|name| format!("'{name}'"))
        .collect();
    let url = databases.first().cloned().unwrap_or_default();
    let server = url.rsplit_once('/').map_or("", |(server, _)| server);
    let admin = Database::connect(format!("{server}/postgres")).await?;
    let ask = format!(
        "SELECT application_name AS name, datname || ': ' || query AS what FROM pg_stat_activity \
         WHERE datname IN ({}) AND state LIKE 'idle in transaction%' \
         AND clock_timestamp() - state_change > interval '1 second' \
         AND query NOT LIKE '%pg_advisory_xact_lock%' \
         AND application_name <> '{STRANGER}'",
        names.join(",")
    );
    let (mut looks, mut found) = (0, Vec::new());
    let looking = async {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            let asked = Statement::from_string(DbBackend::Postgres, ask.clone());
            // A server that is just being restarted has no sessions at all.
            let Ok(rows) = admin.query_all_raw(asked).await else {
                continue;
            };
            looks += 1;
            for row in rows {
                found.push(Idle {
                    name: row.try_get("", "name").unwrap_or_default(),
                    what: row.try_get("", "what").unwrap_or_default(),
                });
            }
        }
    };
    tokio::select! {
        () = looking => {}
        _ = stop => {}
    }
    let _ = admin.close().await;
    Ok((looks, found))
}
