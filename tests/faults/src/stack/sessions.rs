//! Sessions that do nothing inside a transaction, as PostgreSQL itself sees them (I12).

use std::time::Duration;

use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

/// The name of the sessions of a test's own stranger, who is meant to be idle.
pub const STRANGER: &str = "a stranger";

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks again and again until it is aborted or `stop` resolves; how many looks there were, and
/// what was found: sessions of these databases that were idle in a transaction for more than a
/// second. The guard of a migration is none: it holds a lock while another session migrates.
///
/// # Errors
/// If the server can't be reached at the beginning.
pub async fn watch(
    databases: Vec<String>,
    stop: tokio::sync::oneshot::Receiver<()>,
) -> anyhow::Result<(u64, Vec<String>)> {
    let names: Vec<String> = databases
        .iter()
        .filter_map(|url| url.rsplit('/').next())
        .map(|name| format!("'{name}'"))
        .collect();
    let url = databases.first().cloned().unwrap_or_default();
    let server = url.rsplit_once('/').map_or("", |(server, _)| server);
    let admin = Database::connect(format!("{server}/postgres")).await?;
    let ask = format!(
        "SELECT datname || ': ' || query AS what FROM pg_stat_activity \
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
                found.push(row.try_get::<String>("", "what").unwrap_or_default());
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
