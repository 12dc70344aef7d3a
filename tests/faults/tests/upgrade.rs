//! B8, X33: a build takes the place of another while both are at work. The tables of the next one come
//! under load; each process is then ended and started again on them, as this build or as the one before,
//! and once more the other way round.
//!
//! `VISITS_TEST_BINARY_BEFORE` names the `visits` of an older build; without it both are this one, which
//! is the build before of the tables that come.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use visits_faults::run::{self, Pace};
use visits_faults::stack::DOUBLED;
use visits_faults::stack::scene::Scene;
use visits_testkit::program;

/// A process that is told to stop has ended by then.
const STOP: Duration = Duration::from_secs(15);
/// Calls that are answered between two changes.
const BETWEEN: u64 = 15;

const TABLES: &str = "SELECT table_name AS it FROM information_schema.tables \
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'seaql_migrations'";

/// How a process makes room for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Told,
    Killed,
}

#[derive(Default)]
struct Done {
    told: u32,
    killed: u32,
    tables: usize,
}

/// What the next build will add everywhere, as a migration of its own would.
async fn bring_next_tables(database: &str) -> anyhow::Result<usize> {
    let connection = Database::connect(database).await?;
    let ask = Statement::from_string(DbBackend::Postgres, TABLES);
    let mut tables = Vec::new();
    for row in connection.query_all_raw(ask).await? {
        tables.push(row.try_get::<String>("", "it")?);
    }
    for table in &tables {
        let change = format!(
            "ALTER TABLE {table} ADD COLUMN of_next_build text DEFAULT 'next'; \
             CREATE INDEX ix_{table}_next ON {table} (of_next_build)"
        );
        connection.execute_unprepared(&change).await?;
    }
    let rest = "CREATE TABLE of_next_build (id bigint PRIMARY KEY); \
        INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_next_build', 0)";
    connection.execute_unprepared(rest).await?;
    connection.close().await?;
    Ok(tables.len())
}

impl Done {
    async fn replace(&mut self, scene: &Scene, slot: usize, build: &Path) -> anyhow::Result<()> {
        let (stack, name) = (&scene.stack, scene.stack.name(slot));
        let end = [End::Told, End::Killed][slot % 2];
        if end == End::Told {
            let mut process = stack.take_down(slot).await.context("it runs")?;
            process.signal("TERM")?;
            let ended = process.ends_within(STOP).await?;
            ensure!(
                ended.is_some_and(|ended| ended.success()),
                "{name} didn't stop as told"
            );
            self.told += 1;
        } else {
            ensure!(stack.kill(slot).await?, "{name} had ended by itself");
            self.killed += 1;
        }
        stack.run_build(slot, build.to_owned());
        stack.start(slot).await?;
        run::answers(scene, BETWEEN).await
    }
}

async fn roll(scene: &Scene, before: &Path, now: &Path) -> anyhow::Result<Done> {
    let mut done = Done::default();
    run::answers(scene, BETWEEN).await?;
    for database in scene.stack.databases() {
        done.tables += bring_next_tables(database).await?;
    }
    run::answers(scene, BETWEEN).await?;
    for slot in 0..DOUBLED.len() {
        done.replace(scene, slot, now).await?;
    }
    // And back, for it was a mistake: half of it, so that both are at work to the end.
    for slot in 0..DOUBLED.len() / 2 {
        done.replace(scene, slot, before).await?;
    }
    run::decisions(scene, 10).await?;
    Ok(done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b8_x33_a_build_and_the_one_before_are_at_work_together_on_the_tables_of_the_next() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let now = program::visits("all");
    let named = std::env::var_os("VISITS_TEST_BINARY_BEFORE").map(PathBuf::from);
    let before = named.clone().unwrap_or_else(|| now.clone());
    let scene = Scene::of(DOUBLED, seed).await.expect("a deployment");
    for slot in 0..DOUBLED.len() {
        scene.stack.run_build(slot, before.clone());
    }
    let rolled = roll(&scene, &before, &now);
    let played = Box::pin(run::play(&scene, Pace::of_lane(), rolled)).await;
    let played = played.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");
    let done = &played.outcome;
    report.figures["upgrade"] = json!({
        "another_build": named.is_some(),
        "tables_changed": done.tables,
        "told_to_stop": done.told,
        "killed": done.killed,
    });
    eprintln!("{:#}", report.figures["upgrade"]);
    let shown = [(done.tables > 40, "there were few tables to change")];
    report.problems.extend(run::unmet(&shown));
    let good = report.problems.is_empty();
    run::keep("upgrade", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
}
