//! How long a concern takes from its commit to the desk's screens (R-CON-1): fifty consoles follow
//! the live feed, and each brings the queue anew when it is told of something, as its module does.
//! Prints the distribution; for people to read, and no test.
//!
//! ```text
//! cargo run --release -p visits --example console_latency -- [consoles] [concerns]
//! ```
//!
//! Everything runs in this process: services, loops, console and its clients, on the machine's cores
//! together. That is more work than a server has whose browsers are elsewhere, and no network.

use std::io::Write as _;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use visits::demo::answered::Answered as _;
use visits::demo::cast::CLOCK_CHANGE;
use visits_proto::escalation::v1::{Case, WithdrawCaseRequest};

#[expect(dead_code, reason = "the measurement needs a part of it")]
#[path = "../tests/console/browser.rs"]
mod browser;
#[expect(dead_code, reason = "the measurement needs a part of it")]
#[path = "../tests/console/scene.rs"]
mod scene;

use browser::Browser;
use scene::Scene;

/// How long the desk rests between two concerns.
const REST: Duration = Duration::from_millis(200);

/// What one console saw of a concern: the message, and the page with the case on it.
struct Seen {
    case: String,
    told: Instant,
    shown: Instant,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> std::io::Result<()> {
    let mut asked = std::env::args().skip(1).map_while(|word| word.parse().ok());
    let consoles: usize = asked.next().unwrap_or(50);
    let concerns: usize = asked.next().unwrap_or(40);
    let scene = scene::begin().await;
    scene.stage.host().spawn_workers();
    let (to_us, mut seen) = mpsc::channel(consoles);
    let (ready, mut are_ready) = mpsc::channel(consoles);
    for number in 0..consoles {
        let desk = scene.desk(&format!("desk-{number}")).await;
        tokio::spawn(follow(desk, ready.clone(), to_us.clone()));
    }
    for _ in 0..consoles {
        are_ready.recv().await.expect("each console is live");
    }
    let (mut told, mut shown) = (Vec::new(), Vec::new());
    for _ in 0..concerns {
        let sent = Instant::now();
        let case = raise(&scene).await;
        for _ in 0..consoles {
            let one = seen.recv().await.expect("each console sees it");
            assert!(case.name.ends_with(&one.case), "the concern just raised");
            told.push(one.told - sent);
            shown.push(one.shown - sent);
        }
        withdraw(&scene, &case).await;
        tokio::time::sleep(REST).await;
    }
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    say(&format!(
        "{consoles} consoles, {concerns} concerns, {cores} cores; milliseconds since the concern was sent"
    ))?;
    say("                     p50     p95     p99     max")?;
    say(&line("told by the feed", &mut told))?;
    say(&line("on the page", &mut shown))
}

/// A console that follows the feed and brings the queue anew with each concern.
async fn follow(mut desk: Browser, ready: mpsc::Sender<()>, to_us: mpsc::Sender<Seen>) {
    let mut feed = desk.feed(None).await;
    feed.next_named("beat").await;
    if ready.send(()).await.is_err() {
        return;
    }
    loop {
        let message = feed.next_case().await;
        let told = Instant::now();
        let raised = message.data.contains("\"alarm\":\"ring\"");
        let (_, rest) = message.data.split_once("\"case\":\"").expect("a case");
        let case = rest.split('"').next().unwrap_or_default().to_owned();
        let page = desk.open("/queue").await;
        if !raised {
            continue;
        }
        assert!(page.body.contains(&case), "the case is on the page");
        let shown = Instant::now();
        let seen = Seen { case, told, shown };
        if to_us.send(seen).await.is_err() {
            return;
        }
    }
}

async fn raise(scene: &Scene) -> Case {
    let request = visits_proto::escalation::v1::RaiseConcernRequest {
        visit: scene.visit.clone(),
        request_id: scene.stage.request_id(),
        area: "safeguarding".to_owned(),
        what_was_seen: scene::SEEN.to_owned(),
    };
    let mut escalation = scene.stage.caller(CLOCK_CHANGE[0]).escalation();
    escalation
        .raise_concern(request)
        .await
        .granted()
        .expect("raised")
}

/// So that the next concern opens a case of its own.
async fn withdraw(scene: &Scene, case: &Case) {
    let request = WithdrawCaseRequest {
        name: case.name.clone(),
        request_id: scene.stage.request_id(),
        etag: String::new(),
        reason: "a measurement".to_owned(),
    };
    let mut escalation = scene.stage.caller(CLOCK_CHANGE[0]).escalation();
    escalation
        .withdraw_case(request)
        .await
        .granted()
        .expect("withdrawn");
}

fn line(what: &str, times: &mut [Duration]) -> String {
    times.sort();
    let at = |share: usize| {
        let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(place).map_or(0.0, Duration::as_secs_f64) * 1_000.0
    };
    format!(
        "{what:18} {:6.1}  {:6.1}  {:6.1}  {:6.1}",
        at(50),
        at(95),
        at(99),
        at(100)
    )
}

fn say(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")
}
