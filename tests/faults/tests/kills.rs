//! `kill -9` of `visits serve` at fifty random moments under load.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;
use visits_core::{Role, SignedDuration};
use visits_faults::caller::{Caller, Counters, World};
use visits_faults::judge::{Evidence, Findings, Judge};
use visits_faults::ledger::{Ledger, Line};
use visits_faults::load::Load;
use visits_faults::prelude::{self, Prelude};
use visits_faults::serve::{ClockFile, Place, Serving};
use visits_faults::watcher::{Seen, Watcher};
use visits_testkit::program;

const KILLS: u64 = 50;

fn seed() -> u64 {
    std::env::var("VISITS_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_201_025)
}

/// The process that runs now, and the clients' way to it.
struct Deployment {
    place: Place,
    serving: Option<Serving>,
    process: u64,
    whereabouts: watch::Sender<Option<(u64, String)>>,
}

impl Deployment {
    async fn start(&mut self) {
        let place = self.place.clone();
        let started = spawn_blocking(move || Serving::start(&place)).await;
        let serving = started.expect("no panic").expect("it serves");
        self.process += 1;
        let address = serving.address.clone();
        self.whereabouts.send_replace(Some((self.process, address)));
        self.serving = Some(serving);
    }

    async fn kill(&mut self) -> bool {
        self.whereabouts.send_replace(None);
        let serving = self.serving.take().expect("it was started");
        let killed = spawn_blocking(move || serving.kill()).await;
        killed.expect("no panic").expect("it can be killed")
    }
}

async fn judged(data: &Path, evidence: Evidence) -> Findings {
    let judge = Judge::open(data, evidence).await;
    let findings = judge.expect("what is left opens").judge().await;
    findings.expect("it can be judged")
}

/// How often each reason was a refusal.
fn refusals(ledger: &[Line]) -> BTreeMap<String, u32> {
    let mut reasons = BTreeMap::new();
    for line in ledger.iter().filter(|line| !line.granted) {
        *reasons.entry(line.answer.clone()).or_default() += 1;
    }
    reasons
}

/// Evidence of a lost plan, a doubled inspector and a gap in the watch, none of which there was.
fn forged(mut evidence: Evidence) -> Evidence {
    let plan = evidence
        .ledger
        .iter()
        .find(|line| line.kind == "plan")
        .cloned();
    let plan = plan.expect("a plan");
    evidence.ledger.push(Line {
        mark: "schools/000000".to_owned(),
        granted: true,
        ..plan
    });
    let entered = |line: &Line| line.kind == "inspector" && line.granted;
    let doubled = evidence.ledger.iter().position(entered);
    evidence.ledger.remove(doubled.expect("an inspector"));
    let middle = evidence.seen.events.len() / 2;
    evidence.seen.events.remove(middle);
    evidence
}

/// Kills and starts again; how many kills hit a running process.
async fn kill_again_and_again(deployment: &mut Deployment, world: &World, seed: u64) -> u64 {
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let mut sent = world.counters.sent();
    let mut hits = 0;
    for _ in 0..KILLS {
        // A moment after some request has left: on its way, in its transaction, or answered.
        let target = *sent.borrow() + chance.random_range(3..=20);
        sent.wait_for(|sent| *sent >= target)
            .await
            .expect("there is load");
        for _ in 0..chance.random_range(0..40) {
            tokio::task::yield_now().await;
        }
        hits += u64::from(deployment.kill().await);
        let down = SignedDuration::from_mins(chance.random_range(20..=300));
        deployment.place.clock.advance(down).expect("time moves");
        deployment.start().await;
    }
    hits
}

/// Everything that a run begins with.
struct Scene {
    data: PathBuf,
    world: World,
    ledger: Ledger,
    prelude: Prelude,
    deployment: Deployment,
}

async fn scene(folder: &Path, seed: u64) -> Scene {
    let data = folder.join("data");
    let prelude = prelude::prepare(&data, seed).await.expect("the prelude");
    let clock = ClockFile::new(folder.join("now"), prelude.ends).expect("a clock");
    let (whereabouts, place_now) = watch::channel(None);
    let deployment = Deployment {
        place: Place {
            binary: program::visits("all"),
            data: data.clone(),
            clock: clock.clone(),
            log: folder.join("stderr"),
        },
        serving: None,
        process: 0,
        whereabouts,
    };
    let world = World {
        data: data.clone(),
        clock,
        whereabouts: place_now,
        counters: Arc::new(Counters::default()),
        label: "visits",
    };
    Scene {
        data,
        world,
        ledger: Ledger::new(folder.join("ledger")).expect("a ledger"),
        prelude,
        deployment,
    }
}

impl Scene {
    /// Load, kills, and a watch through all of it; how many kills hit, and what the watch saw.
    async fn play(&mut self, seed: u64) -> (u64, Seen) {
        self.deployment.start().await;
        let load = Load::new(
            self.world.clone(),
            self.ledger.clone(),
            self.prelude.clone(),
        );
        let (last, ends) = watch::channel(None);
        let (begun, watches) = oneshot::channel();
        let watcher = tokio::spawn(Watcher::new(&self.world).follow(begun, ends));
        watches.await.expect("the watch begins");
        let killing = async {
            let hits = kill_again_and_again(&mut self.deployment, &self.world, seed).await;
            load.stop();
            hits
        };
        let (hits, plans, inspectors, records, cases) = tokio::join!(
            killing,
            load.clone().plan(),
            load.clone().enter_inspectors(),
            load.clone().record(),
            load.clone().escalate(),
        );
        for kept in [plans, inspectors, records, cases] {
            kept.expect("the ledger is kept");
        }
        let lead = self.prelude.begun.last().expect("a visit");
        let mut caller = Caller::new(&self.world, &lead.lead, Role::Hmi);
        let case = load
            .one_concern(&mut caller, &lead.visit, "The last concern.")
            .await;
        let case = case.expect("the ledger is kept").expect("it is raised");
        let concern = case.concerns.last().expect("a concern");
        last.send_replace(Some(concern.concern_id.clone()));
        let seen = watcher.await.expect("no panic").expect("the watch goes on");
        assert!(self.deployment.kill().await, "the last one");
        (hits, seen)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r1_r4_r8_r17_fifty_kills_lose_nothing_and_double_nothing() {
    let seed = seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut scene = scene(folder.path(), seed).await;
    let (hits, seen) = Box::pin(scene.play(seed)).await;

    let resumed = u64::from(seen.resumed);
    let evidence = Evidence {
        ledger: scene.ledger.read().expect("the ledger"),
        prelude: scene.prelude.clone(),
        seen,
        now: scene.world.clock.now().expect("the clock"),
        wire: BTreeMap::new(),
    };
    let lines = &evidence.ledger;
    let granted = lines.iter().filter(|line| line.granted).count();
    let repeated = lines.iter().filter(|line| line.sent > 1).count();
    let refusals = refusals(lines);
    let forged = forged(evidence.clone());
    let findings = judged(&scene.data, evidence).await;
    let of_forged = judged(&scene.data, forged).await;
    eprintln!(
        "{hits} kills; {granted} requests granted; {repeated} answered after a repeat; watch \
         resumed {resumed} times over {} events; {} timers fired; refused: {refusals:?}",
        findings.events_watched, findings.timers_fired
    );
    assert_eq!(findings.problems, Vec::<String>::new(), "seed {seed}");
    let caught = of_forged.problems.len();
    assert!(
        caught >= 3,
        "the judge must see through a forged ledger: {of_forged:?}"
    );
    assert!(hits >= KILLS, "{hits} kills hit a running process");
    assert!(repeated >= 1, "nobody had to repeat");
    assert!(
        findings.timers_fired >= 1,
        "no timer was due while it was down"
    );
    assert!(
        resumed >= KILLS / 2,
        "the watch was taken up again {resumed} times only"
    );
    assert!(granted >= 100, "{granted} requests granted is no load");
}
