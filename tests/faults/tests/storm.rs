//! X4: thousands of callers give up at a random moment. What was acknowledged is there, and no
//! session is left inside a transaction.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use tokio::sync::{oneshot, watch};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use visits_core::{Actor, Role, SignedDuration};
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use visits_faults::stack::Stack;
use visits_faults::stack::scene::Scene;
use visits_faults::stack::sessions::{self, Idle};
use visits_faults::{campaign, run};
use visits_proto::escalation::v1::GoOnDutyRequest;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_runtime::auth::Issuer;

/// Callers who give up, side by side: as many as leave the services the time to answer some, and
/// twice as many where they are built to be quick.
const AT_ONCE: u64 = 12;
const AT_ONCE_LONG: u64 = 24;
/// Callers beside them who wait for their answers, each on the connections that the others left.
const PATIENT: u64 = 2;
const DEADLINE_MAX_MICROS: u64 = 50_000;
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// Of the calls that were given up, so many are repeated: the same request, with all the time.
const REPEATED_MAX: usize = 500;

/// One call: the principal of its own, by which its shift is found again, and its request.
#[derive(Clone)]
struct Call {
    principal: String,
    request: GoOnDutyRequest,
}

/// The call's request, signed for its principal.
fn signed(issuer: &Issuer, stack: &Stack, call: &Call) -> anyhow::Result<Request<GoOnDutyRequest>> {
    let actor = Actor::new(call.principal.as_str(), Role::DutyDesk);
    let token = issuer.sign(&actor, TOKEN_LIFETIME, stack.clock().now()?)?;
    let mut request = Request::new(call.request.clone());
    let bearer = format!("Bearer {token}").parse()?;
    request.metadata_mut().insert("authorization", bearer);
    Ok(request)
}

fn new_call(scene: &Scene, principal: String) -> anyhow::Result<Call> {
    let request_id = scene.stack.world(2).request_id()?;
    let request = GoOnDutyRequest {
        request_id,
        ..GoOnDutyRequest::default()
    };
    Ok(Call { principal, request })
}

/// Sends calls until the numbers are used up; those that were acknowledged, and the others.
async fn storm(
    scene: Arc<Scene>,
    issuer: Arc<Issuer>,
    numbers: Arc<AtomicU64>,
    calls: u64,
    task: u64,
) -> anyhow::Result<(Vec<Call>, Vec<Call>)> {
    let mut chance = ChaCha20Rng::seed_from_u64(run::seed() ^ task);
    let address = scene.stack.address(2 + usize::try_from(task % 2)?);
    let channel = Endpoint::from_shared(address)?.connect().await?;
    let mut client = EscalationServiceClient::new(channel);
    let (mut acknowledged, mut given_up) = (Vec::new(), Vec::new());
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        if number >= calls {
            return Ok((acknowledged, given_up));
        }
        let call = new_call(&scene, format!("desk-{number:06}"))?;
        let time = Duration::from_micros(chance.random_range(0..DEADLINE_MAX_MICROS));
        let mut request = signed(&issuer, &scene.stack, &call)?;
        // Half of them tell the service how long they wait; the others are just gone.
        if number.is_multiple_of(2) {
            request.set_timeout(time);
        }
        match tokio::time::timeout(time, client.go_on_duty(request)).await {
            Ok(Ok(_)) => acknowledged.push(call),
            _ => given_up.push(call),
        }
    }
}

/// Calls with all the time there is for as long as the storm goes on: what they are answered is
/// there, whatever the transactions of others were left in. How often they were sent, too.
async fn patience(
    scene: Arc<Scene>,
    issuer: Arc<Issuer>,
    storming: watch::Receiver<bool>,
    task: u64,
) -> anyhow::Result<(Vec<Call>, usize)> {
    let address = scene.stack.address(2 + usize::try_from(task % 2)?);
    let channel = Endpoint::from_shared(address)?.connect().await?;
    let mut client = EscalationServiceClient::new(channel);
    let (mut acknowledged, mut sent) = (Vec::new(), 0);
    while *storming.borrow() {
        let number = acknowledged.len();
        let call = new_call(&scene, format!("desk-patient-{task}-{number:06}"))?;
        sent += answered(&mut client, &issuer, &scene.stack, &call).await?;
        acknowledged.push(call);
    }
    Ok((acknowledged, sent))
}

/// Sends a call until it is answered: what has begun is done though nobody waits for it any more, and
/// a service that is behind with it may have no connection left for now. How often it was sent.
async fn answered(
    client: &mut EscalationServiceClient<Channel>,
    issuer: &Issuer,
    stack: &Stack,
    call: &Call,
) -> anyhow::Result<usize> {
    let mut sent = 0;
    loop {
        sent += 1;
        match client.go_on_duty(signed(issuer, stack, call)?).await {
            Ok(_) => return Ok(sent),
            Err(status) if is_passing(&status) => {}
            Err(status) => return Err(status.into()),
        }
    }
}

fn is_passing(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Aborted
    )
}

/// Everybody's calls at once; those that were acknowledged, and the others.
async fn everybody(
    scene: &Arc<Scene>,
    issuer: &Arc<Issuer>,
    calls: u64,
) -> anyhow::Result<(Vec<Call>, Vec<Call>)> {
    let numbers = Arc::new(AtomicU64::new(0));
    let at_once = if run::is_long() {
        AT_ONCE_LONG
    } else {
        AT_ONCE
    };
    let tasks: Vec<_> = (0..at_once)
        .map(|task| {
            let (scene, issuer) = (scene.clone(), issuer.clone());
            tokio::spawn(storm(scene, issuer, numbers.clone(), calls, task))
        })
        .collect();
    let (mut acknowledged, mut given_up) = (Vec::new(), Vec::new());
    for task in tasks {
        let (some, others) = task.await??;
        acknowledged.extend(some);
        given_up.extend(others);
    }
    Ok((acknowledged, given_up))
}

/// How many shifts each principal has.
async fn shifts(stack: &Stack) -> anyhow::Result<BTreeMap<String, i64>> {
    let connection = Database::connect(stack.database("escalation")).await?;
    let ask = "SELECT on_duty, COUNT(*) AS shifts FROM shifts WHERE on_duty LIKE 'desk-%' \
               GROUP BY on_duty";
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let mut shifts = BTreeMap::new();
    for row in connection.query_all_raw(asked).await? {
        shifts.insert(row.try_get("", "on_duty")?, row.try_get("", "shifts")?);
    }
    connection.close().await?;
    Ok(shifts)
}

/// What came of the storm.
struct Outcome {
    acknowledged: Vec<Call>,
    given_up: Vec<Call>,
    patient: Vec<Call>,
    /// How often theirs were sent in all.
    patient_sent: usize,
    /// Given up, and sent once more when the storm was over: the same request, with all the time.
    repeated: Vec<Call>,
    /// How often these were sent then in all.
    repeated_sent: usize,
    /// Those of them that had been done by then: answered with what was kept.
    kept: usize,
    there: BTreeMap<String, i64>,
}

async fn play(scene: &Arc<Scene>, calls: u64) -> anyhow::Result<Outcome> {
    let issuer = Arc::new(Issuer::existing(&scene.stack.world(2).data)?);
    let (storming, over) = watch::channel(true);
    let beside: Vec<_> = (0..PATIENT)
        .map(|task| tokio::spawn(patience(scene.clone(), issuer.clone(), over.clone(), task)))
        .collect();
    let (acknowledged, given_up) = everybody(scene, &issuer, calls).await?;
    storming.send_replace(false);
    let (mut patient, mut patient_sent) = (Vec::new(), 0);
    for task in beside {
        let (some, sent) = task.await??;
        patient.extend(some);
        patient_sent += sent;
    }
    // From here on nothing is at fault: what had begun is done, and nobody gives up any more.
    run::pause(campaign::MARGIN).await;
    let before = shifts(&scene.stack).await?;
    let channel = Endpoint::from_shared(scene.stack.address(2))?;
    let mut client = EscalationServiceClient::new(channel.connect_lazy());
    let (mut repeated, mut repeated_sent, mut kept) = (Vec::new(), 0, 0);
    for call in given_up.iter().take(REPEATED_MAX) {
        // Whatever became of it, the same request is answered.
        repeated_sent += answered(&mut client, &issuer, &scene.stack, call).await?;
        kept += usize::from(before.contains_key(&call.principal));
        repeated.push(call.clone());
    }
    Ok(Outcome {
        acknowledged,
        given_up,
        patient,
        patient_sent,
        repeated,
        repeated_sent,
        kept,
        there: shifts(&scene.stack).await?,
    })
}

impl Outcome {
    /// Principals whose call was answered and who have no shift.
    fn missing(&self) -> Vec<&str> {
        let answered = [&self.acknowledged, &self.patient, &self.repeated];
        let answered = answered.into_iter().flatten();
        answered
            .map(|call| call.principal.as_str())
            .filter(|one| !self.there.contains_key(*one))
            .collect()
    }

    /// Principals with more than the shift that they asked for.
    fn doubled(&self) -> usize {
        self.there.values().filter(|shifts| **shifts != 1).count()
    }

    /// Calls that nobody waited for any more when their turn came, and that nobody repeated.
    fn not_begun(&self) -> usize {
        let first = self.given_up.iter().skip(self.repeated.len());
        first
            .filter(|call| !self.there.contains_key(&call.principal))
            .count()
    }

    /// What a storm must show, or it was none.
    fn unmet(&self, looks: u64) -> Vec<String> {
        let (repeated, sent) = (self.repeated.len(), self.repeated_sent);
        run::unmet(&[
            (looks > 10, "nobody looked at the sessions"),
            (self.patient.len() >= 100, "nobody was answered"),
            (self.given_up.len() >= 1_000, "nobody gave up"),
            (
                self.done_all_the_same() >= 100,
                "nobody gave up when the work had begun",
            ),
            (repeated >= 1, "nobody had to repeat a request"),
            (
                run::most(repeated, sent),
                "calls fail after the storm is over",
            ),
            (self.kept >= 1, "nobody was answered with what was kept"),
        ])
    }

    /// Calls that nobody waited for, and that were done before anybody asked again.
    fn done_all_the_same(&self) -> usize {
        let answered = self.acknowledged.len() + self.patient.len() + self.repeated.len();
        self.there.len().saturating_sub(answered)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_r17_callers_who_give_up_leave_nothing_acknowledged_behind_that_is_not_there() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let calls = if run::is_long() { 500_000 } else { 20_000 };
    let scene = Arc::new(Scene::shared(seed).await.expect("a deployment"));
    scene.start().await.expect("every process listens");
    let databases = scene.stack.databases().map(str::to_owned).collect();
    let (enough, stop) = oneshot::channel();
    let watching = tokio::spawn(sessions::watch(databases, stop));
    let outcome = Box::pin(play(&scene, calls)).await.expect("it storms");
    let _ = enough.send(());
    let (looks, idle) = watching.await.expect("no panic").expect("looks");
    let stopped = scene.stack.stop(Duration::from_secs(15)).await;
    let stopped = stopped.expect("they stop");
    let (missing, doubled) = (outcome.missing(), outcome.doubled());
    let figures = json!({
        "calls": calls,
        "acknowledged": outcome.acknowledged.len(),
        "given_up": outcome.given_up.len(),
        "given_up_and_done_all_the_same": outcome.done_all_the_same(),
        "given_up_and_not_begun": outcome.not_begun(),
        "given_up_and_repeated": outcome.repeated.len(),
        "sent_again_after_the_storm": outcome.repeated_sent,
        "answered_with_what_was_kept": outcome.kept,
        "acknowledged_to_those_who_waited": outcome.patient.len(),
        "sent_by_those_who_waited": outcome.patient_sent,
        "acknowledged_and_missing": missing.len(),
        "done_twice": doubled,
        "looks_at_sessions": looks,
        "sessions_idle_in_transaction": idle.len(),
    });
    eprintln!("{figures:#}");
    let unmet = outcome.unmet(looks);
    let all_stopped = stopped == scene.stack.slots().len();
    let well = missing.is_empty() && doubled == 0 && idle.is_empty() && all_stopped;
    let good = well && unmet.is_empty();
    run::keep("storm", good, &figures).expect("kept");
    let scene = Arc::into_inner(scene).expect("nobody else has it");
    scene.end(good).await;
    assert_eq!(missing, Vec::<&str>::new());
    assert_eq!(doubled, 0);
    assert_eq!(idle, Vec::<Idle>::new());
    assert_eq!(unmet, Vec::<String>::new());
    assert!(all_stopped, "{stopped} of the processes stopped as told");
}
