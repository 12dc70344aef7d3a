//! A run: load, a watch, somebody who looks at the sessions and somebody who listens on the wire,
//! while faults are made; afterwards everything comes to rest and the judge sees it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};
use visits_core::{Clock as _, Role, SignedDuration, SystemClock};
use visits_testkit::program;

use crate::caller::Caller;
use crate::campaign;
use crate::judge::{Evidence, Findings};
use crate::spy::{First, Spy};
use crate::stack::scene::Scene;
use crate::stack::sessions::{self, Idle};
use crate::watcher::{Seen, Watcher};

/// Calls that are sent before the first fault and after the last: what "outside faults" is
/// measured by.
pub const CALM: u64 = 150;
/// Everything comes to rest within this. What a broker that took nothing for a minute has held back, in
/// the long lane, takes minutes to be sent.
const DRAIN: Duration = Duration::from_secs(180);
const DRAIN_LONG: Duration = Duration::from_secs(600);
const STOP: Duration = Duration::from_secs(15);

/// How time goes on under load: timers are minutes apart, so it jumps ahead now and then.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How far.
    pub jump: SignedDuration,
    /// How often.
    pub every: Duration,
}

/// A quarter of an hour every four seconds.
pub const BRISK: Pace = Pace {
    jump: SignedDuration::from_mins(15),
    every: Duration::from_secs(4),
};

impl Pace {
    /// Brisk, or slower where the load goes on for many minutes: a visit lasts a day.
    #[must_use]
    pub fn of_lane() -> Self {
        if is_long() {
            Self {
                jump: SignedDuration::from_mins(1),
                every: Duration::from_secs(6),
            }
        } else {
            BRISK
        }
    }
}

/// What a run has brought, before it is judged.
pub struct Played<T> {
    /// What the faults' maker says.
    pub outcome: T,
    /// Each event when a stranger heard it first.
    pub first: Vec<First>,
    seen: Seen,
    wire: BTreeMap<String, u32>,
    idle: (u64, Vec<Idle>),
    drained: Result<Duration, String>,
    stopped: usize,
}

impl<T> Played<T> {
    /// Whoever is stopped inside a transaction is idle in it: that is the fault, and not what it causes.
    /// How often one of these instances was found so; everybody else still counts.
    pub fn excuse(&mut self, stopped: &[String]) -> usize {
        let all = self.idle.1.len();
        self.idle.1.retain(|idle| !stopped.contains(&idle.name));
        all - self.idle.1.len()
    }
}

/// The seed of this run: `VISITS_TEST_SEED`, or a fixed one.
#[must_use]
pub fn seed() -> u64 {
    std::env::var("VISITS_TEST_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_201_025)
}

/// Whether this is the long lane: `VISITS_FAULTS_LANE=long`.
#[must_use]
pub fn is_long() -> bool {
    std::env::var("VISITS_FAULTS_LANE").is_ok_and(|lane| lane == "long")
}

/// Whether what this run measures is kept: where `VISITS_FAULTS_RESULTS` says.
#[must_use]
pub fn is_kept() -> bool {
    std::env::var_os("VISITS_FAULTS_RESULTS").is_some()
}

/// Waits for a number of calls to be sent.
///
/// # Errors
/// If nobody sends any more.
pub async fn calls(scene: &Scene, count: u64) -> anyhow::Result<()> {
    let mut sent = scene.stack.counters().sent();
    let target = *sent.borrow() + count;
    sent.wait_for(|sent| *sent >= target).await?;
    Ok(())
}

/// Waits for a number of calls to be answered.
///
/// # Errors
/// If nobody asks any more.
pub async fn answers(scene: &Scene, count: u64) -> anyhow::Result<()> {
    let mut answered = scene.stack.counters().answered();
    let target = *answered.borrow() + count;
    answered.wait_for(|answered| *answered >= target).await?;
    Ok(())
}

/// Waits for a number of workflows to come to their decision.
///
/// # Errors
/// If nobody plays them any more.
pub async fn decisions(scene: &Scene, count: u64) -> anyhow::Result<()> {
    let mut decided = scene.load.decided.subscribe();
    let target = *decided.borrow() + count;
    decided.wait_for(|decided| *decided >= target).await?;
    Ok(())
}

/// Lets this time go by: what a fault takes, or lies between two.
pub async fn pause(time: Duration) {
    let _ = tokio::time::timeout(time, std::future::pending::<()>()).await;
}

/// Plays it: the faults begin and end in calm.
///
/// # Errors
/// If the deployment can't be started, a caller is refused or something can't be reached.
pub async fn play<T>(
    scene: &Scene,
    pace: Pace,
    faults: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<Played<T>> {
    scene.start().await?;
    let spy = Spy::listen(&scene.bus).await?;
    let databases = scene.stack.databases().map(str::to_owned).collect();
    let (enough, stop) = oneshot::channel();
    let sessions = tokio::spawn(sessions::watch(databases, stop));
    let (last, ends) = watch::channel(None);
    let (begun, watches) = oneshot::channel();
    let watcher = tokio::spawn(Watcher::new(&scene.stack.world(3)).follow(begun, ends));
    watches.await?;
    let faults = async {
        calls(scene, CALM).await?;
        // What is near a fault isn't counted as outside of it, however quick the machine is.
        pause(campaign::MARGIN).await;
        let outcome = faults.await?;
        pause(campaign::MARGIN).await;
        calls(scene, CALM).await?;
        scene.load.stop();
        Ok(outcome)
    };
    let loaded = async { tokio::try_join!(faults, scene.play()) };
    let (outcome, ()) = tokio::select! {
        played = loaded => played?,
        never = scene.stack.let_time_pass(pace.jump, pace.every) => {
            anyhow::bail!("time stands still: {never:?}")
        }
    };
    let drain = if is_long() { DRAIN_LONG } else { DRAIN };
    let last_words = async {
        last.send_replace(Some(last_concern(scene).await?));
        Ok::<_, anyhow::Error>((watcher.await??, scene.drained(drain).await?))
    };
    // The clock goes on, but jumps over nothing any more.
    let (seen, drained) = tokio::select! {
        end = last_words => end?,
        never = scene.stack.let_time_pass(SignedDuration::ZERO, drain) => {
            anyhow::bail!("time stands still: {never:?}")
        }
    };
    let _ = enough.send(());
    Ok(Played {
        outcome,
        first: spy.first(),
        seen,
        wire: spy.heard(),
        idle: sessions.await??,
        drained,
        stopped: scene.stack.stop(STOP).await?,
    })
}

async fn last_concern(scene: &Scene) -> anyhow::Result<String> {
    let lead = scene.prelude.begun.last().context("a visit")?;
    let mut caller = Caller::new(&scene.stack.world(2), &lead.lead, Role::Hmi);
    let load = scene.load.towards(scene.stack.world(2));
    let case = load
        .one_concern(&mut caller, &lead.visit, "The last concern.")
        .await?
        .context("the last concern is raised")?;
    let concern = case.concerns.last().context("a case has a concern")?;
    Ok(concern.concern_id.clone())
}

/// What a judged run says of itself.
#[derive(Debug)]
pub struct Report {
    /// What is not as it must be: nothing, in a good run.
    pub problems: Vec<String>,
    /// The counters, for the log and for `results/`.
    pub figures: Value,
    /// Events that went over the wire more than once.
    pub twice: usize,
}

impl Report {
    /// What took too long counts against a run that is kept, and is said of any other.
    pub fn took_too_long(&mut self, what: Option<String>) {
        let Some(what) = what else { return };
        eprintln!("{what}");
        if is_kept() {
            self.problems.push(what);
        }
    }
}

/// What a run does not show of all that it must show.
#[must_use]
pub fn unmet(required: &[(bool, &str)]) -> Vec<String> {
    let unmet = required.iter().filter(|(holds, _)| !holds);
    unmet
        .map(|(_, what)| format!("the run shows nothing: {what}"))
        .collect()
}

/// Lets the judge see what is left, and holds the counters against what they must be (F3).
///
/// # Errors
/// If the databases can't be opened.
pub async fn judge<T>(scene: &Scene, played: &Played<T>) -> anyhow::Result<Report> {
    let evidence = Evidence {
        ledger: scene.ledger.read()?,
        prelude: scene.prelude.clone(),
        seen: played.seen.clone(),
        now: scene.stack.clock().now()?,
        wire: played.wire.clone(),
    };
    let lines = evidence.ledger.clone();
    let findings = scene.judged(evidence).await?;
    let attempts = scene.stack.counters().attempts();
    let (outside, answered) = campaign::outside_faults(&attempts, &scene.stack.windows());
    let repeated = lines.iter().filter(|line| line.sent > 1).count();
    let twice = played.wire.values().filter(|times| **times > 1).count();
    let granted = lines.iter().filter(|line| line.granted).count();
    let workflows = lines
        .iter()
        .filter(|line| line.granted && line.kind == "decision");
    let figures = json!({
        "seed": seed(),
        "requests_granted": granted,
        "workflows_decided": workflows.count(),
        "requests_repeated": repeated,
        "calls_outside_faults": outside,
        "of_these_answered": answered,
        "events_on_the_wire": played.wire.len(),
        "of_these_more_than_once": twice,
        "events_heard": findings.events_heard,
        "jobs_done": findings.jobs_done,
        "checkpoints_held": findings.checkpoints_held,
        "timers_fired": findings.timers_fired,
        "denied": findings.denied,
        "pages_sent": findings.pages_sent,
        "warnings_given": findings.warnings_given,
        "watch_resumed": played.seen.resumed,
        "watch_events": findings.events_watched,
        "looks_at_sessions": played.idle.0,
        "sessions_idle_in_transaction": played.idle.1.len(),
        "drained_seconds": played.drained.as_ref().ok().map(Duration::as_secs_f64),
        "lost_or_doubled": findings.problems.len(),
    });
    let denied = findings.denied;
    let mut problems = problems_of(findings, played, scene.stack.slots().len());
    problems.extend(unmet(&[
        (outside as u64 >= CALM, "too few calls outside of faults"),
        (most(answered, outside), "calls outside of faults fail"),
        (repeated >= 1, "nobody had to repeat a request"),
        (twice >= 1, "no event was on the wire twice"),
        (played.idle.0 > 10, "nobody looked at the sessions"),
        (granted >= 100, "there was no load"),
        (denied >= 20, "nobody asked for what is not theirs"),
    ]));
    eprintln!("{figures:#}");
    Ok(Report {
        problems,
        figures,
        twice,
    })
}

/// Whether as many calls as must be were answered of those outside of faults: 95 of 100.
#[must_use]
pub const fn most(answered: usize, outside: usize) -> bool {
    answered * 100 >= outside * 95
}

fn problems_of<T>(findings: Findings, played: &Played<T>, processes: usize) -> Vec<String> {
    let mut problems = findings.problems;
    if let Err(left) = &played.drained {
        problems.push(format!("not drained: {left}"));
    }
    let idle = played.idle.1.iter();
    problems.extend(idle.map(|what| format!("idle in a transaction: {what}")));
    if played.stopped != processes {
        let stopped = played.stopped;
        problems.push(format!("{stopped} of the processes stopped as told"));
    }
    problems
}

/// Keeps what a part of the long lane has measured, where `VISITS_FAULTS_RESULTS` says: under
/// another name if the run was not good, so that it isn't taken for done.
///
/// # Errors
/// If it can't be written.
pub fn keep(part: &str, good: bool, figures: &Value) -> anyhow::Result<()> {
    let Some(folder) = std::env::var_os("VISITS_FAULTS_RESULTS") else {
        return Ok(());
    };
    let end = if good { "json" } else { "red.json" };
    let file = Path::new(&folder).join(format!("{part}-{}.{end}", seed()));
    let binary = program::visits("all");
    let build = binary.parent().and_then(Path::file_name);
    let build = build.map(|build| build.to_string_lossy());
    let kept = json!({
        "part": part,
        "seed": seed(),
        "services_build": build,
        "processors": std::thread::available_parallelism()?,
        "ended": SystemClock::new().now().to_string(),
        "figures": figures,
    });
    Ok(std::fs::write(file, format!("{kept:#}\n"))?)
}
