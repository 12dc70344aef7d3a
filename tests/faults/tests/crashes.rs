//! X5, X6, B7: PostgreSQL dies under load, in each of three ways, the wire to it breaks at a COMMIT, and
//! every connection to it goes silent at once: a delay, and nothing else.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use tokio::task::block_in_place;
use visits_faults::recovery;
use visits_faults::run::{self, Pace};
use visits_faults::stack::SLOTS;
use visits_faults::stack::scene::Scene;
use visits_testkit::deployment::SERVICES;
use visits_testkit::postgres::cluster::Cluster;
use visits_testkit::wire::{Cut, Wire};

/// Fewest answers between two crashes where that is all that is waited for.
const BETWEEN: u64 = 60;

/// Workflows that end after everything went silent.
const AFTER_SILENCE: u64 = 10;

/// How the server is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Crash {
    /// `pg_ctl -m immediate stop`.
    Immediate,
    /// `kill -9` of the server itself.
    Postmaster,
    /// `kill -9` of one session: the server ends all others and recovers by itself.
    Session,
}

const CRASHES: [Crash; 3] = [Crash::Immediate, Crash::Postmaster, Crash::Session];

/// What was done, and how soon calls were answered again.
#[derive(Default)]
struct Done {
    crashes: BTreeMap<Crash, u32>,
    back: Vec<Duration>,
    /// How soon calls were answered again after the wire fell silent.
    heard: Vec<Duration>,
}

async fn crash(
    scene: &Scene,
    cluster: &Cluster,
    how: Crash,
    down: Duration,
) -> anyhow::Result<Duration> {
    scene.stack.everything_is(false);
    match how {
        Crash::Immediate => block_in_place(|| cluster.crash())?,
        Crash::Postmaster => block_in_place(|| cluster.kill_postmaster())?,
        Crash::Session => anyhow::ensure!(cluster.kill_a_session().await?, "nobody was at work"),
    }
    if how != Crash::Session {
        run::pause(down).await;
        block_in_place(|| cluster.recover())?;
    }
    let begun = Instant::now();
    run::answers(scene, 1).await?;
    let back = begun.elapsed();
    run::answers(scene, BETWEEN).await?;
    scene.stack.everything_is(true);
    eprintln!("{how:?}, down {down:.1?}, answered {back:.1?} after the server was told to start");
    Ok(back)
}

/// Every connection of every process is dead, and none of them is told so.
async fn silence(scene: &Scene, wire: &Wire) -> anyhow::Result<Duration> {
    scene.stack.everything_is(false);
    let begun = Instant::now();
    wire.fall_silent();
    run::answers(scene, 1).await?;
    let heard = begun.elapsed();
    // Calls go on over new connections; no workflow ends before the loops have theirs too.
    run::decisions(scene, AFTER_SILENCE).await?;
    scene.stack.everything_is(true);
    let whole = begun.elapsed();
    eprintln!(
        "every connection went silent: answered after {heard:.1?}, workflows ended after {whole:.1?}"
    );
    Ok(heard)
}

/// How much of it.
struct Plan {
    cuts: usize,
    silences: usize,
    crashes: usize,
    workflows: u64,
}

/// The long lane does this for several seeds.
const LONG: Plan = Plan {
    cuts: 100,
    silences: 4,
    crashes: 10,
    workflows: 2_000,
};
const SHORT: Plan = Plan {
    cuts: 20,
    silences: 1,
    crashes: 3,
    workflows: 30,
};

async fn cut_and_crash(
    scene: &Scene,
    wire: &Wire,
    cluster: &Cluster,
    plan: &Plan,
) -> anyhow::Result<Done> {
    let mut chance = ChaCha20Rng::seed_from_u64(run::seed());
    let mut done = Done::default();
    // The caller of a broken COMMIT asks again; nobody else notices.
    for number in 0..plan.cuts {
        run::answers(scene, chance.random_range(1..10)).await?;
        wire.cut([Cut::After, Cut::Before][number % 2]).await?;
    }
    for _ in 0..plan.silences {
        done.heard.push(silence(scene, wire).await?);
    }
    for number in 0..plan.crashes {
        let how = CRASHES[number % CRASHES.len()];
        let down = Duration::from_millis(chance.random_range(0..2_000));
        done.back.push(crash(scene, cluster, how, down).await?);
        *done.crashes.entry(how).or_default() += 1;
        if run::is_long() {
            run::pause(Duration::from_millis(chance.random_range(5_000..40_000))).await;
        } else {
            run::answers(scene, BETWEEN + chance.random_range(0..BETWEEN)).await?;
        }
    }
    scene.load.decided(plan.workflows).await?;
    done.back.sort_unstable();
    done.heard.sort_unstable();
    Ok(done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_r17_postgresql_crashes_and_commits_break_under_load_and_no_answer_was_wrong() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let plan = if run::is_long() { LONG } else { SHORT };
    let cluster = Cluster::start().expect("a server of its own");
    let wire = Wire::to(&cluster.url()).await.expect("a wire to it");
    let mut databases = BTreeMap::new();
    for service in SERVICES {
        cluster.database(service).await.expect("a database");
        databases.insert(service, wire.url(service));
    }
    let bus = tokio::task::spawn_blocking(visits_testkit::rabbit::new_vhost);
    let bus = bus.await.expect("a broker");
    let scene = Scene::on(seed, SLOTS, databases, bus).await;
    let scene = scene.expect("a deployment");
    let crashes = cut_and_crash(&scene, &wire, &cluster, &plan);
    let played = Box::pin(run::play(&scene, Pace::of_lane(), crashes)).await;
    let played = played.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");
    let crashes: BTreeMap<String, u32> = played
        .outcome
        .crashes
        .iter()
        .map(|(how, times)| (format!("{how:?}").to_lowercase(), *times))
        .collect();
    report.figures["crashes"] = json!(crashes);
    let (cuts, before) = wire.cuts();
    report.figures["commits_cut"] = json!({ "before": before, "after": cuts - before });
    report.figures["answered_after_start_ms"] = recovery::in_milliseconds(&played.outcome.back);
    report.figures["answered_after_silence_ms"] = recovery::in_milliseconds(&played.outcome.heard);
    eprintln!("{:#}", report.figures);
    let made = played.outcome.crashes.values().sum::<u32>() as usize;
    report.problems.extend(run::unmet(&[
        (cuts == plan.cuts as u64, "a COMMIT was not cut"),
        (made == plan.crashes, "a crash was not made"),
        (
            played.outcome.heard.len() == plan.silences,
            "a silence was not made",
        ),
    ]));
    let good = report.problems.is_empty();
    run::keep("crashes", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
}
