//! `kill -9` of `visits serve` at fifty random moments under load.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;
use visits::client::CallerChannel;
use visits::demo::cast::hmi;
use visits_core::{Role, SignedDuration};
use visits_faults::caller::{Caller, Counters, World};
use visits_faults::judge::{Evidence, Findings, Judge};
use visits_faults::ledger::{Ledger, Line};
use visits_faults::load::Load;
use visits_faults::prelude::{self, Prelude};
use visits_faults::serve::{ClockFile, Place, Serving};
use visits_faults::stack::Window;
use visits_faults::watcher::{Seen, Watcher};
use visits_faults::{campaign, run};
use visits_proto::scheduling::v1 as scheduling;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_testkit::program;

const KILLS: u64 = 50;
/// Inspectors whom only [`ask_again_after_each_death`] enters: the judge counts those from 500 on.
const ASKED_FOR_AGAIN: Range<u32> = 300..500;

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

/// Waits for a number of calls to be sent.
async fn calls(world: &World, count: u64) {
    let mut sent = world.counters.sent();
    let target = *sent.borrow() + count;
    let there = sent.wait_for(|sent| *sent >= target).await;
    there.expect("there is load");
}

/// Asks for an inspector, and for the same under the same id once the process that answered is dead:
/// the next one has the answer that was kept. Counts those.
async fn ask_again_after_each_death(world: &World, kept: &mut u64) -> Infallible {
    let mut caller = Caller::new(world, "registrar", Role::Scheduler);
    for number in ASKED_FOR_AGAIN {
        let request = scheduling::CreateInspectorRequest {
            inspector_id: hmi(number),
            ofsted_region: "london".to_owned(),
            request_id: world.request_id().expect("the clock"),
        };
        let ask = async |channel: CallerChannel| {
            let mut client = SchedulingServiceClient::new(channel);
            client.create_inspector(request.clone()).await
        };
        let (_, first) = caller.insist(&ask).await.expect("somebody answers");
        let first = first.expect("it is granted");
        caller.moved().await;
        let (_, again) = caller.insist(&ask).await.expect("somebody answers");
        assert_eq!(again.expect("it is granted"), first, "what was kept");
        *kept += 1;
    }
    // The kills decide when it is enough.
    std::future::pending().await
}

/// What was done to the processes.
#[derive(Default)]
struct Killed {
    /// Kills that hit a running process.
    hits: u64,
    /// When none was there.
    windows: Vec<Window>,
    /// Requests that were asked again of the next process and answered as before.
    kept: u64,
}

/// Kills and starts again.
async fn kill_again_and_again(deployment: &mut Deployment, world: &World, seed: u64) -> Killed {
    let mut chance = ChaCha20Rng::seed_from_u64(seed);
    let mut killed = Killed::default();
    for _ in 0..KILLS {
        // A moment after some request has left: on its way, in its transaction, or answered.
        calls(world, chance.random_range(3..=20)).await;
        for _ in 0..chance.random_range(0..40) {
            tokio::task::yield_now().await;
        }
        let from = Instant::now();
        killed.hits += u64::from(deployment.kill().await);
        let down = SignedDuration::from_mins(chance.random_range(20..=300));
        deployment.place.clock.advance(down).expect("time moves");
        deployment.start().await;
        killed.windows.push(Window {
            slot: None,
            from,
            until: Some(Instant::now()),
        });
    }
    killed
}

/// All of the kills beside who asks again after each, and then some calm: what is outside of every fault.
async fn kills_and_calm(deployment: &mut Deployment, world: &World, seed: u64) -> Killed {
    let mut kept = 0;
    let mut killed = tokio::select! {
        killed = kill_again_and_again(deployment, world, seed) => killed,
        never = Box::pin(ask_again_after_each_death(world, &mut kept)) => match never {},
    };
    killed.kept = kept;
    run::pause(campaign::MARGIN).await;
    calls(world, run::CALM).await;
    killed
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
    /// Load, kills, and a watch through all of it; what was killed, and what the watch saw.
    async fn play(&mut self, seed: u64) -> (Killed, Seen) {
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
            let kills = kills_and_calm(&mut self.deployment, &self.world, seed);
            let killed = Box::pin(kills).await;
            load.stop();
            killed
        };
        let (killed, plans, inspectors, records, cases) = tokio::join!(
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
        (killed, seen)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r1_r4_r8_r17_fifty_kills_lose_nothing_and_double_nothing() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut scene = scene(folder.path(), seed).await;
    let (killed, seen) = Box::pin(scene.play(seed)).await;

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
    let attempts = scene.world.counters.attempts();
    let (outside, answered) = campaign::outside_faults(&attempts, &killed.windows);
    let Killed { hits, kept, .. } = killed;
    eprintln!(
        "{hits} kills; {granted} requests granted; {repeated} answered after a repeat, {kept} once more \
         after the process that had answered was dead; {answered} of {outside} calls outside of faults \
         answered; watch resumed {resumed} times over {} events; {} timers fired; refused: {refusals:?}",
        findings.events_watched, findings.timers_fired
    );
    assert_eq!(findings.problems, Vec::<String>::new(), "seed {seed}");
    let caught = of_forged.problems.len();
    assert!(
        caught >= 3,
        "the judge must see through a forged ledger: {of_forged:?}"
    );
    assert!(hits >= KILLS, "{hits} kills hit a running process");
    let unmet = run::unmet(&[
        (
            outside as u64 >= run::CALM,
            "too few calls outside of faults",
        ),
        (run::most(answered, outside), "calls outside of faults fail"),
        (repeated >= 1, "nobody had to repeat a request"),
        (kept >= 1, "nobody was answered with what was kept"),
        (
            findings.timers_fired >= 1,
            "no timer was due while it was down",
        ),
        (resumed >= KILLS / 2, "the watch was seldom taken up again"),
        (granted >= 100, "there was no load"),
    ]);
    assert_eq!(unmet, Vec::<String>::new(), "seed {seed}");
}
