//! X1, X2: two replicas of each service, killed at random moments: one, one that is just coming
//! back, both at once.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use visits_faults::recovery::{self, Death};
use visits_faults::run::{self, Pace};
use visits_faults::stack::DOUBLED;
use visits_faults::stack::scene::Scene;

/// How often each of the eight processes is the one that a kill is meant for.
const ROUNDS: usize = 1;
const ROUNDS_LONG: usize = 8;
/// Longest that a process is left to come back before it is killed again.
const AGAIN_MILLIS: u64 = 1_500;
/// Longest that a process stays away.
const AWAY_MILLIS: u64 = 500;

/// Which kind of kill.
#[derive(Clone, Copy, Debug)]
enum Kill {
    /// One process.
    One,
    /// One process, and once more while it starts.
    Again,
    /// It and its replica.
    Both,
}

const KINDS: [Kill; 3] = [Kill::One, Kill::Again, Kill::Both];

#[derive(Default)]
struct Done {
    deaths: Vec<Death>,
    /// Kills by their kind, and how many processes that ran died by them.
    kinds: BTreeMap<String, u32>,
}

impl Done {
    async fn kill(&mut self, scene: &Scene, slot: usize) -> anyhow::Result<()> {
        let ran = scene.stack.kill(slot).await?;
        let name = scene.stack.name(slot);
        anyhow::ensure!(ran, "{name} had ended by itself");
        self.deaths.push(Death::now(&scene.stack, slot)?);
        Ok(())
    }

    /// Starts a process and kills it before long, wherever it has come.
    async fn kill_at_start(
        &mut self,
        scene: &Scene,
        slot: usize,
        after: Duration,
    ) -> anyhow::Result<()> {
        let mut process = scene.stack.spawn(slot, None)?;
        run::pause(after).await;
        anyhow::ensure!(process.kill().await?, "it ended while it started");
        self.deaths.push(Death::now(&scene.stack, slot)?);
        Ok(())
    }
}

async fn one_kill(
    scene: &Scene,
    (slot, kind): (usize, Kill),
    chance: &mut ChaCha20Rng,
    done: &mut Done,
) -> anyhow::Result<()> {
    run::calls(scene, chance.random_range(3..=30)).await?;
    // A moment after some request has left: on its way, in its transaction, or answered.
    run::pause(Duration::from_micros(chance.random_range(0..30_000))).await;
    *done
        .kinds
        .entry(format!("{kind:?}").to_lowercase())
        .or_default() += 1;
    done.kill(scene, slot).await?;
    let other = scene.stack.replica_of(slot);
    if matches!(kind, Kill::Both) {
        done.kill(scene, other).await?;
    }
    run::pause(Duration::from_millis(chance.random_range(0..AWAY_MILLIS))).await;
    if matches!(kind, Kill::Again) {
        let after = Duration::from_millis(chance.random_range(0..AGAIN_MILLIS));
        done.kill_at_start(scene, slot, after).await?;
    }
    if matches!(kind, Kill::Both) {
        tokio::try_join!(scene.stack.start(slot), scene.stack.start(other))?;
    } else {
        scene.stack.start(slot).await?;
    }
    Ok(())
}

/// Each process is meant as often as any other, in an order that the seed decides.
async fn kill_at_random(scene: &Scene) -> anyhow::Result<Done> {
    let mut chance = ChaCha20Rng::seed_from_u64(run::seed());
    let rounds = if run::is_long() { ROUNDS_LONG } else { ROUNDS };
    let mut done = Done::default();
    for round in 0..rounds {
        let mut slots: Vec<usize> = (0..DOUBLED.len()).collect();
        slots.shuffle(&mut chance);
        for (number, slot) in slots.into_iter().enumerate() {
            let kind = KINDS[(round + number) % KINDS.len()];
            one_kill(scene, (slot, kind), &mut chance, &mut done).await?;
        }
    }
    Ok(done)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_r7_r8_r11_two_replicas_of_each_service_killed_at_random_keep_every_promise() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let scene = Scene::of(DOUBLED, seed).await.expect("a deployment");
    let played = Box::pin(run::play(&scene, Pace::of_lane(), kill_at_random(&scene)));
    let played = played.await.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");
    let done = &played.outcome;
    report.figures["kills"] = json!({
        "kinds": done.kinds,
        "recovery": recovery::figures(&scene.stack, &done.deaths, &played.first),
    });
    eprintln!("{:#}", report.figures["kills"]);
    let back = recovery::answered_again(&done.deaths, &scene.stack.counters().attempts());
    report.problems.extend(run::unmet(&[
        (done.kinds.len() == KINDS.len(), "a kind of kill is missing"),
        (!back.is_empty(), "nobody was answered after a death"),
    ]));
    report.took_too_long(recovery::too_late(&back));
    let good = report.problems.is_empty();
    run::keep("replicas", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
}
