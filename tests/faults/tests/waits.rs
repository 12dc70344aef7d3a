//! X3: holders of leases and claims are stopped for longer than these last, and wake up: another
//! has gone on meanwhile, and what they still believe changes nothing. X9: strangers sit on rows.

use std::time::Duration;

use serde_json::json;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use visits_faults::points::By;
use visits_faults::run::{self, Pace};
use visits_faults::stack::scene::Scene;
use visits_faults::stack::{DOUBLED, Stack};
use visits_faults::stranger::{self, Held};
use visits_faults::zombie::{self, Woken};

/// Where each service's process is stopped: with a lease in its hand, a claim (`job.claim.after` is
/// passed by who was too late as well), a delivery, and once in the middle of a transaction that
/// others wait for.
const SCHEDULING: &[(&str, By)] = &[
    ("relay.publish.before!stop", By::Load),
    ("step.begin.before@job:scheduling.call_due!stop", By::Time),
];
const RECORDING: &[(&str, By)] = &[
    ("consumer.ack.before!stop", By::Load),
    ("inbox.apply.before!stop", By::Load),
];
const ESCALATION: &[(&str, By)] = &[
    ("relay.confirm.after!stop", By::Load),
    (IN_A_TRANSACTION, By::Load),
];
const IN_A_TRANSACTION: &str = "sequencer.commit.before!stop";

/// How long strangers sit on their rows.
const HELD: Duration = Duration::from_secs(8);
const HELD_LONG: Duration = Duration::from_secs(60);

/// First all that sleep, then all that are in the way.
async fn hold_up(scene: &Scene) -> anyhow::Result<(Vec<Woken>, Held)> {
    let woken = Box::pin(wake_each(scene)).await?;
    let time = if run::is_long() { HELD_LONG } else { HELD };
    // Calls for those rows fail through no fault of the services.
    scene.stack.everything_is(false);
    let held = stranger::hold(scene, time).await?;
    scene.stack.everything_is(true);
    Ok((woken, held))
}

async fn wake_each(scene: &Scene) -> anyhow::Result<Vec<Woken>> {
    let wake = |slot: usize, points: &'static [(&'static str, By)]| async move {
        let mut woken = Vec::new();
        for point in points {
            woken.push(zombie::wake(scene, slot, *point).await?);
        }
        anyhow::Ok(woken)
    };
    let (one, two, three) =
        tokio::try_join!(wake(0, SCHEDULING), wake(1, RECORDING), wake(2, ESCALATION))?;
    Ok([one, two, three].concat())
}

/// How many timers were claimed a second time and are done.
async fn claimed_again(stack: &Stack) -> anyhow::Result<i64> {
    let connection = Database::connect(stack.database("scheduling")).await?;
    let ask = "SELECT COUNT(*) AS again FROM jobs WHERE state = 'done' AND attempts > 1";
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let row = connection.query_one_raw(asked).await?;
    connection.close().await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("", "again")?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_r5_r8_who_sleeps_on_a_lease_or_sits_on_rows_holds_up_nothing_else_and_doubles_nothing()
{
    let seed = run::seed();
    eprintln!("VISITS_TEST_SEED={seed}");
    let scene = Scene::of(DOUBLED, seed).await.expect("a deployment");
    let played = Box::pin(run::play(&scene, Pace::of_lane(), hold_up(&scene)));
    let mut played = played.await.expect("it is played");
    let woken = played.outcome.0.iter();
    let stopped: Vec<String> = woken.map(|one| one.instance.clone()).collect();
    let idle_as_stopped = played.excuse(&stopped);
    let again = claimed_again(&scene.stack).await.expect("the jobs");
    let mut report = run::judge(&scene, &played).await.expect("it is judged");

    let (woken, held) = &played.outcome;
    let taken_over: usize = woken.iter().map(|one| one.taken_over.len()).sum();
    report.figures["zombies"] = json!({
        "woken": woken.len(),
        "leases_taken_over_meanwhile": taken_over,
        "timers_claimed_again_and_done": again,
        "of_them_idle_in_transaction": idle_as_stopped,
    });
    report.figures["strangers"] = json!({
        "rows_locked": held.rows,
        "sessions_seen_waiting_for_them_at_once": held.waited,
        "events_placed_meanwhile": held.placed,
    });
    eprintln!("{:#}", report.figures);
    report.problems.extend(run::unmet(&[
        (taken_over >= 2, "no lease changed hands"),
        (again >= 1, "no timer was claimed a second time"),
        (idle_as_stopped >= 1, "nobody was stopped in a transaction"),
        (held.waited >= 1, "nobody waited for the strangers"),
        (held.placed >= 20, "few events were placed beside strangers"),
    ]));
    let good = report.problems.is_empty();
    run::keep("waits", good, &report.figures).expect("kept");
    scene.end(good).await;
    assert_eq!(report.problems, Vec::<String>::new(), "seed {seed}");
}
