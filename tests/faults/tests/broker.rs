//! X10 to X15: the broker is cut off, falls silent, is stopped, killed, blocked, robbed of a queue and of
//! all its data under load: a delay, and nothing else.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use visits_faults::recovery;
use visits_faults::run::{self, Pace};
use visits_faults::stack::broker::{Lack, OwnBroker};
use visits_faults::stack::broker_marks::{Marks, until};
use visits_faults::stack::broker_wire::{Silence, Wire};
use visits_faults::stack::scene::Scene;

/// Fewest answers between two faults; some more by chance.
const BETWEEN: u64 = 15;
/// So long after the line has fallen silent an end of each connection has noticed: two heartbeats of ten
/// seconds, and as much again for what looks only now and then, on a busy machine.
const NOTICED_WITHIN: Duration = Duration::from_secs(60);
/// Connections that must be there to be cut: of six who hear and five who say, those who are quick to
/// come back.
const CONNECTIONS: usize = 4;
const LACKS: [Lack; 2] = [Lack::Memory, Lack::Disk];
const SILENCES: [Silence; 3] = [Silence::Both, Silence::FromBroker, Silence::ToBroker];
/// The replica that dies with the broker.
const REPLICA: usize = 3;
/// The process that hears for letters and insights, which nobody calls.
const REST: usize = 4;
/// Where what it hears waits.
const ITS_QUEUE: &str = "insights.events";
/// In the long lane the first alarm of each kind lasts so long at least.
const ALARM: Duration = Duration::from_secs(60);
/// Events that must wait for somebody who is away before they are lost.
const WAITING: u64 = 20;

/// What is done, and how often.
#[derive(Clone, Copy)]
struct Plan {
    cuts: u32,
    silences: u32,
    /// The broker's application is stopped and started again, and its node stays up.
    pauses: u32,
    kills: u32,
    alarms: u32,
    queues: u32,
    losses: u32,
}

/// What takes a minute on a quiet machine: silence, want of disk, and queues or all data that are lost,
/// are the long lane's.
const SHORT: Plan = Plan {
    cuts: 10,
    silences: 0,
    pauses: 1,
    kills: 1,
    alarms: 1,
    queues: 0,
    losses: 0,
};
/// Half of the long lane: two seeds do it.
const LONG: Plan = Plan {
    cuts: 100,
    silences: 3,
    pauses: 3,
    kills: 10,
    alarms: 5,
    queues: 1,
    losses: 1,
};

/// What really happened.
#[derive(Default)]
struct Done {
    cuts: u32,
    connections_cut: usize,
    /// How soon each silence was noticed on every connection.
    silences: Vec<Duration>,
    pauses: u32,
    kills: u32,
    /// Alarms by what was lacking.
    alarms: BTreeMap<Lack, u32>,
    unsent_in_alarms: i64,
    longest_alarm: Duration,
    queues: u32,
    losses: u32,
    /// Confirmed events that were lost before somebody had received them.
    lost: u64,
    /// Events that went out again.
    again: i64,
}

impl Done {
    fn figures(&self) -> Value {
        let mut silences = self.silences.clone();
        silences.sort_unstable();
        json!({
            "connection_cuts": self.cuts,
            "connections_cut": self.connections_cut,
            "silences": self.silences.len(),
            "silence_noticed_ms": recovery::in_milliseconds(&silences),
            "application_stops": self.pauses,
            "kills": self.kills,
            "memory_alarms": self.alarms.get(&Lack::Memory),
            "disk_alarms": self.alarms.get(&Lack::Disk),
            "longest_alarm_seconds": self.longest_alarm.as_secs(),
            "events_unsent_in_alarms": self.unsent_in_alarms,
            "queues_deleted": self.queues,
            "times_all_data_was_lost": self.losses,
            "confirmed_events_lost_by_the_broker": self.lost,
            "events_sent_again": self.again,
        })
    }

    /// What of the plan was done, in the plan's order.
    fn hit(&self) -> [u32; 7] {
        let silences = u32::try_from(self.silences.len()).unwrap_or_default();
        [
            self.cuts,
            silences,
            self.pauses,
            self.kills,
            self.alarms.values().sum(),
            self.queues,
            self.losses,
        ]
    }
}

impl Plan {
    fn planned(self) -> [u32; 7] {
        [
            self.cuts,
            self.silences,
            self.pauses,
            self.kills,
            self.alarms,
            self.queues,
            self.losses,
        ]
    }
}

struct Trouble<'a> {
    scene: &'a Scene,
    broker: &'a OwnBroker,
    wire: &'a Wire,
    chance: ChaCha20Rng,
    done: Done,
}

impl Trouble<'_> {
    async fn some_answers(&mut self) -> anyhow::Result<()> {
        let some = BETWEEN + self.chance.random_range(0..BETWEEN);
        run::answers(self.scene, some).await
    }

    async fn cut(&mut self, number: u32) -> anyhow::Result<()> {
        self.wire.carries(CONNECTIONS).await?;
        // Every fifth is closed by the broker, the others just break.
        let connections = if number.is_multiple_of(5) {
            self.broker.close_all().await?
        } else {
            self.wire.breaks()
        };
        self.done.cuts += u32::from(connections > 0);
        self.done.connections_cut += connections;
        self.some_answers().await
    }

    /// Calls are answered while nothing comes through, and no connection is taken for alive for long.
    async fn silence(&mut self, number: u32) -> anyhow::Result<()> {
        let how = SILENCES[number as usize % SILENCES.len()];
        self.wire.carries(2 * CONNECTIONS).await?;
        let begun = Instant::now();
        let silent = self.wire.falls_silent(how);
        self.some_answers().await?;
        let given_up = self.wire.are_given_up(&silent);
        tokio::time::timeout(NOTICED_WITHIN, given_up).await??;
        self.done.silences.push(begun.elapsed());
        self.wire.is_whole();
        self.some_answers().await
    }

    /// Calls are answered while its application is stopped. Its node is there: nobody finds a dead
    /// machine, only a broker that lets nobody in.
    async fn pause(&mut self) -> anyhow::Result<()> {
        self.wire.carries(CONNECTIONS).await?;
        self.broker.stop_app().await?;
        self.some_answers().await?;
        self.broker.start_app().await?;
        self.done.pauses += 1;
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
        // Who has only just started may not have made its queue yet, and nothing would wait for it.
        let there = async || Ok(self.broker.messages(ITS_QUEUE).await.is_ok());
        until("its queue is there", there).await?;
        self.scene.stack.kill(REST).await?;
        let enough = async || Ok(self.broker.messages(ITS_QUEUE).await? >= WAITING);
        until("events wait for somebody who is away", enough).await?;
        self.broker.messages(ITS_QUEUE).await
    }

    /// While it takes nothing, it hands over what it has; commands are taken, and their events wait.
    async fn alarm(&mut self, lacks: Lack) -> anyhow::Result<()> {
        let stack = &self.scene.stack;
        self.somebody_is_away().await?;
        self.broker.alarm(lacks, true).await?;
        let begun = Instant::now();
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
        if run::is_long() && !self.done.alarms.contains_key(&lacks) {
            while begun.elapsed() < ALARM {
                run::answers(self.scene, BETWEEN).await?;
            }
        }
        let later = stack.unsent().await?;
        anyhow::ensure!(later > unsent, "{unsent}, then {later} wait");
        self.done.unsent_in_alarms += later;
        self.done.longest_alarm = self.done.longest_alarm.max(begun.elapsed());
        self.broker.alarm(lacks, false).await?;
        let well = async || Ok(!stack.is_degraded(&all).await?);
        until("health says well", well).await?;
        *self.done.alarms.entry(lacks).or_default() += 1;
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
        let begun = Instant::now();
        let says = |what: &str, number: u32| {
            eprintln!("{what} {} done after {:.0?}", number + 1, begun.elapsed());
        };
        // Before there is much: everything that was ever said goes out again, and then the rest waits.
        for number in 0..plan.queues {
            self.lose_a_queue().await?;
            says("queue", number);
        }
        for number in 0..plan.losses {
            self.lose_everything().await?;
            says("loss of all data", number);
        }
        for number in 0..plan.cuts {
            self.cut(number).await?;
            says("cut", number);
        }
        for number in 0..plan.silences {
            self.silence(number).await?;
            says("silence", number);
        }
        for number in 0..plan.pauses {
            self.pause().await?;
            says("stop of its application", number);
        }
        for number in 0..plan.kills {
            self.kill().await?;
            says("kill", number);
        }
        for number in 0..plan.alarms {
            self.alarm(LACKS[number as usize % LACKS.len()]).await?;
            says("alarm", number);
        }
        Ok(self.done)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r7_r9_x10_x11_x12_x13_x14_x15_whatever_happens_to_the_broker_every_event_arrives_once() {
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let plan = if run::is_long() { LONG } else { SHORT };
    let broker = OwnBroker::start().await.expect("a broker of its own");
    let wire = Wire::to(&broker.url()).await.expect("a wire to it");
    let scene = Scene::shared_with(seed, wire.url(&broker.url())).await;
    let mut scene = scene.expect("a deployment");
    // Who counts what is sent goes another way.
    scene.bus = broker.url();
    let trouble = Trouble {
        scene: &scene,
        broker: &broker,
        wire: &wire,
        chance: ChaCha20Rng::seed_from_u64(seed),
        done: Done::default(),
    };
    // No call waits for the broker: none of its faults is a time in which calls may fail.
    let played = Box::pin(run::play(&scene, Pace::of_lane(), trouble.make(plan))).await;
    let played = played.expect("it is played");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");
    let done = &played.outcome;
    report.figures["broker"] = done.figures();
    eprintln!("{:#}", report.figures["broker"]);
    let (hit, planned) = (done.hit(), plan.planned());
    let good = report.problems.is_empty() && hit == planned;
    run::keep("broker", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
    assert_eq!(hit, planned, "every fault was hit");
}
