//! X10, X11, X12, X14, X15: the broker is cut off, killed, blocked, robbed of a queue and of all its
//! data under load: a delay, and nothing else.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use visits_faults::run::{self, Pace};
use visits_faults::stack::broker::{Cut, OwnBroker};
use visits_faults::stack::broker_marks::{Marks, until};
use visits_faults::stack::scene::Scene;

/// Fewest answers between two faults; some more by chance.
const BETWEEN: u64 = 30;
/// The replica that dies with the broker.
const REPLICA: usize = 3;
/// The process that hears for letters and insights, which nobody calls.
const REST: usize = 4;
/// Where what it hears waits.
const ITS_QUEUE: &str = "insights.events";
/// Events that must wait for somebody who is away before they are lost.
const WAITING: u64 = 20;

/// What is done, and how often.
#[derive(Clone, Copy)]
struct Plan {
    cuts: u32,
    kills: u32,
    alarms: u32,
    queues: u32,
    losses: u32,
}

const SHORT: Plan = Plan {
    cuts: 10,
    kills: 1,
    alarms: 1,
    queues: 1,
    losses: 1,
};
const LONG: Plan = Plan {
    cuts: 200,
    kills: 20,
    alarms: 10,
    queues: 5,
    losses: 2,
};

/// What really happened.
#[derive(Default)]
struct Done {
    cuts: u32,
    connections_cut: usize,
    kills: u32,
    alarms: u32,
    unsent_in_alarms: i64,
    queues: u32,
    losses: u32,
    /// Confirmed events that were lost before somebody had received them.
    lost: u64,
    /// Events that went out again.
    again: i64,
}

struct Trouble<'a> {
    scene: &'a Scene,
    broker: &'a OwnBroker,
    chance: ChaCha20Rng,
    done: Done,
}

impl Trouble<'_> {
    async fn some_answers(&mut self) -> anyhow::Result<()> {
        let some = BETWEEN + self.chance.random_range(0..BETWEEN);
        run::answers(self.scene, some).await
    }

    async fn cut(&mut self, number: u32) -> anyhow::Result<()> {
        let how = if number.is_multiple_of(2) {
            Cut::Closed
        } else {
            Cut::Dead
        };
        let connections = self.broker.cut(how).await?;
        self.done.cuts += u32::from(connections > 0);
        self.done.connections_cut += connections;
        self.some_answers().await
    }

    /// Calls are answered while it is away, and one of those who talk to it dies meanwhile.
    async fn kill(&mut self) -> anyhow::Result<()> {
        self.broker.kill().await?;
        self.some_answers().await?;
        let killed = self.scene.stack.kill(REPLICA).await?;
        self.some_answers().await?;
        self.scene.stack.start(REPLICA).await?;
        self.broker.restart().await?;
        self.done.kills += u32::from(killed);
        self.some_answers().await
    }

    /// Takes somebody away who hears, and waits until something waits for it.
    async fn somebody_is_away(&mut self) -> anyhow::Result<u64> {
        self.scene.stack.kill(REST).await?;
        let enough = async || Ok(self.broker.messages(ITS_QUEUE).await? >= WAITING);
        until("events wait for somebody who is away", enough).await?;
        self.broker.messages(ITS_QUEUE).await
    }

    /// While it takes nothing, it hands over what it has; commands are taken, and their events wait.
    async fn alarm(&mut self) -> anyhow::Result<()> {
        let stack = &self.scene.stack;
        self.somebody_is_away().await?;
        self.broker.alarm(true).await?;
        stack.start(REST).await?;
        let heard = async || Ok(self.broker.messages(ITS_QUEUE).await? == 0);
        until("consumers go on during an alarm", heard).await?;
        run::answers(self.scene, BETWEEN).await?;
        let all = [0, 1, 2, 3, REST];
        until("health says degraded", async || {
            stack.is_degraded(&all).await
        })
        .await?;
        let unsent = stack.unsent().await?;
        run::answers(self.scene, BETWEEN).await?;
        let later = stack.unsent().await?;
        anyhow::ensure!(later > unsent, "{unsent}, then {later} wait");
        self.done.unsent_in_alarms += later;
        self.broker.alarm(false).await?;
        let well = async || Ok(!stack.is_degraded(&all).await?);
        until("health says well", well).await?;
        self.done.alarms += 1;
        self.some_answers().await
    }

    async fn lose_a_queue(&mut self) -> anyhow::Result<()> {
        let before = self.scene.stack.marks(Some(ITS_QUEUE)).await?;
        self.done.lost += self.somebody_is_away().await?;
        self.broker.delete(ITS_QUEUE).await?;
        self.mended(before).await?;
        self.done.queues += 1;
        self.some_answers().await
    }

    async fn lose_everything(&mut self) -> anyhow::Result<()> {
        let before = self.scene.stack.marks(None).await?;
        self.done.lost += self.somebody_is_away().await?;
        self.broker.lose_everything().await?;
        self.some_answers().await?;
        self.broker.restart().await?;
        self.mended(before).await?;
        self.done.losses += 1;
        self.some_answers().await
    }

    async fn mended(&mut self, before: Marks) -> anyhow::Result<()> {
        let stack = &self.scene.stack;
        stack.start(REST).await?;
        self.done.again += stack.everything_is_sent_again(&before).await?;
        Ok(())
    }

    async fn make(mut self, plan: Plan) -> anyhow::Result<Done> {
        for number in 0..plan.cuts {
            self.cut(number).await?;
        }
        for _ in 0..plan.kills {
            self.kill().await?;
        }
        for _ in 0..plan.queues {
            self.lose_a_queue().await?;
        }
        for _ in 0..plan.alarms {
            self.alarm().await?;
        }
        for _ in 0..plan.losses {
            self.lose_everything().await?;
        }
        Ok(self.done)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "six minutes: tests/faults/long broker runs it"]
async fn r7_r9_x10_x11_x12_x14_x15_whatever_happens_to_the_broker_every_event_arrives_once() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let plan = if run::is_long() { LONG } else { SHORT };
    let broker = OwnBroker::start().await.expect("a broker of its own");
    let scene = Scene::shared_with(seed, broker.url())
        .await
        .expect("a deployment");
    let trouble = Trouble {
        scene: &scene,
        broker: &broker,
        chance: ChaCha20Rng::seed_from_u64(seed),
        done: Done::default(),
    };
    // No call waits for the broker: none of its faults is a time in which calls may fail.
    let played = Box::pin(run::play(&scene, Pace::of_lane(), trouble.make(plan))).await;
    let played = played.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");
    let done = &played.outcome;
    report.figures["broker"] = json!({
        "connection_cuts": done.cuts,
        "connections_cut": done.connections_cut,
        "kills": done.kills,
        "memory_alarms": done.alarms,
        "events_unsent_in_alarms": done.unsent_in_alarms,
        "queues_deleted": done.queues,
        "times_all_data_was_lost": done.losses,
        "confirmed_events_lost_by_the_broker": done.lost,
        "events_sent_again": done.again,
    });
    eprintln!("{:#}", report.figures["broker"]);
    let hit = (done.cuts, done.kills, done.alarms, done.queues, done.losses);
    let planned = (plan.cuts, plan.kills, plan.alarms, plan.queues, plan.losses);
    let good = report.problems.is_empty() && hit == planned;
    run::keep("broker", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
    assert_eq!(hit, planned, "every fault was hit");
    assert!(report.twice >= 1, "no event was on the wire twice");
}
