//! X9: somebody else writes to the databases and sits in the transaction: what needs their rows
//! waits or is refused for now, everything else goes on.

use std::convert::Infallible;
use std::time::Duration;

use serde_json::json;
use visits_durable::sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
};
use visits_faults::run::{self, Pace};
use visits_faults::stack::Stack;
use visits_faults::stack::scene::Scene;
use visits_faults::stack::sessions::STRANGER;

/// What the stranger changes and does not commit: the newest of what the load is at.
const LOCKS: [(&str, &str); 3] = [
    ("scheduling", "visits"),
    ("recording", "visit_records"),
    ("escalation", "cases"),
];
const HELD: Duration = Duration::from_secs(15);
const HELD_LONG: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Answers that must come while the rows are locked.
const MEANWHILE: u64 = 200;

/// What went on while a stranger held locks.
#[derive(Default)]
struct Held {
    /// Events that got their place.
    placed: i64,
    /// Sessions that were seen waiting for the stranger.
    waited: i64,
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

async fn hold(scene: &Scene, time: Duration) -> anyhow::Result<Held> {
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
    Ok(Held { placed, waited })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_r8_strangers_who_sit_on_rows_hold_up_those_rows_and_nothing_else() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let time = if run::is_long() { HELD_LONG } else { HELD };
    let scene = Scene::shared(seed).await.expect("a deployment");
    // No call fails for long enough to be a fault of all: this run has no time in which calls may.
    let played = Box::pin(run::play(&scene, Pace::of_lane(), hold(&scene, time)));
    let played = played.await.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");
    let held = &played.outcome;
    report.figures["strangers"] = json!({
        "rows_locked": LOCKS.len(),
        "for_seconds_at_least": time.as_secs(),
        "sessions_seen_waiting_for_them_at_once": held.waited,
        "events_placed_meanwhile": held.placed,
    });
    eprintln!("{:#}", report.figures["strangers"]);
    let good = report.problems.is_empty();
    run::keep("strangers", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
    assert!(held.waited >= 1, "nobody waited for the strangers");
    assert!(held.placed >= 20, "{} events placed", held.placed);
}
