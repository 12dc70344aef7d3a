//! `kill -9` of `visits serve` at fifty random moments under load.

use std::sync::Arc;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;
use visits_core::{Role, SignedDuration};
use visits_faults::caller::{Caller, Counters, World};
use visits_faults::judge::{Evidence, Judge};
use visits_faults::ledger::Ledger;
use visits_faults::load::Load;
use visits_faults::prelude::{self, Prelude};
use visits_faults::serve::{ClockFile, Place, Serving, binary};
use visits_faults::watcher::Watcher;

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

/// Kills and starts again; how many kills hit a running process.
async fn kill_again_and_again(deployment: &mut Deployment, world: &World, seed: u64) -> u64 {
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let mut sent = world.counters.sent();
    let mut hits = 0;
    for _ in 0..KILLS {
        // A moment after some request has left: on its way, in its transaction, or answered.
        let target = *sent.borrow() + chance.random_range(6..=48);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r1_r4_r8_r17_fifty_kills_lose_nothing_and_double_nothing() {
    let seed = seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let prelude: Prelude = prelude::prepare(&data, seed).await.expect("the prelude");
    let clock = ClockFile::new(folder.path().join("now"), prelude.ends).expect("a clock");
    let place = Place {
        binary: binary().expect("the binary"),
        data: data.clone(),
        clock: clock.clone(),
        log: folder.path().join("stderr"),
    };
    let (whereabouts, place_now) = watch::channel(None);
    let world = World {
        data: data.clone(),
        clock: clock.clone(),
        whereabouts: place_now,
        counters: Arc::new(Counters::default()),
    };
    let mut deployment = Deployment {
        place,
        serving: None,
        process: 0,
        whereabouts,
    };
    deployment.start().await;
    let ledger = Ledger::new(folder.path().join("ledger")).expect("a ledger");
    let load = Load::new(world.clone(), ledger.clone(), prelude.clone());

    let (last, ends) = watch::channel(None);
    let (begun, watches) = oneshot::channel();
    let watcher = tokio::spawn(Watcher::new(&world).follow(begun, ends));
    watches.await.expect("the watch begins");
    let killing = async {
        let hits = kill_again_and_again(&mut deployment, &world, seed).await;
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
    let lead = prelude.begun.last().expect("a visit").clone();
    let mut caller = Caller::new(&world, &lead.lead, Role::Hmi);
    let case = load
        .one_concern(&mut caller, &lead.visit, "The last concern.")
        .await;
    let case = case.expect("the ledger is kept").expect("it is raised");
    let concern = case.concerns.last().expect("a concern").concern_id.clone();
    last.send_replace(Some(concern));
    let seen = watcher.await.expect("no panic").expect("the watch goes on");
    assert!(deployment.kill().await, "the last one");

    let lines = ledger.read().expect("the ledger");
    let answered = lines.len();
    let granted = lines.iter().filter(|line| line.granted).count();
    let repeated = lines.iter().filter(|line| line.sent > 1).count();
    let resumed = seen.resumed;
    let evidence = Evidence {
        ledger: lines,
        prelude,
        seen,
        now: clock.now().expect("the clock"),
    };
    let judge = Judge::open(&data, evidence)
        .await
        .expect("what is left opens");
    let findings = judge.judge().await.expect("it can be judged");
    eprintln!(
        "{hits} kills; {answered} requests answered, {granted} granted, {repeated} of them after \
         a repeat ({} repeats); watch resumed {resumed} times over {} events; {} timers fired",
        world.counters.retries(),
        findings.events_watched,
        findings.timers_fired
    );
    assert_eq!(findings.problems, Vec::<String>::new(), "seed {seed}");
    assert!(hits >= KILLS, "{hits} kills hit a running process");
    assert!(
        world.counters.retries() >= 1 && repeated >= 1,
        "nobody had to repeat"
    );
    assert!(
        findings.timers_fired >= 1,
        "no timer was due while it was down"
    );
    assert!(
        u64::from(resumed) >= KILLS / 2,
        "the watch was taken up again {resumed} times only"
    );
    assert!(granted >= 200, "{granted} requests granted is no load");
}
