//! X3: a process that is stopped in the middle of its work, stays away for longer than any lease,
//! and goes on as if nothing had happened.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use visits_durable::sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

use crate::points::By;
use crate::run;
use crate::stack::Stack;
use crate::stack::process::Process;
use crate::stack::scene::Scene;
use crate::stack::sessions;

/// Twice the time of a lease, and some more by the machine's clock.
const AWAY: Duration = Duration::from_secs(9);
const STOPS_WITHIN: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Time flies once in so many looks: a call is days away.
const LOOKS_A_FLIGHT: u32 = 5;
/// Answers that are waited for once it is back: time for it to do what it was at.
const AFTERWARDS: u64 = 60;

/// What a zombie came back to.
#[derive(Clone, Debug)]
pub struct Woken {
    /// Where it was stopped.
    pub point: &'static str,
    /// The leases that had a new term by then.
    pub taken_over: Vec<String>,
    /// The name of its sessions.
    pub instance: String,
}

/// Starts a slot's process to stop at a point (`…!stop`), leaves it alone for longer than two
/// leases, and lets it go on; afterwards it is ended as it should be, and another one started.
///
/// # Errors
/// If it does not come to its point, or does not end as it should.
pub async fn wake(
    scene: &Scene,
    slot: usize,
    (point, by): (&'static str, By),
) -> anyhow::Result<Woken> {
    let stack = &scene.stack;
    if let Some(mut running) = stack.take_down(slot).await {
        running.signal("TERM")?;
        ensure!(running.ends_within(STOPS_WITHIN).await?.is_some());
    }
    let database = stack.database(stack.service(slot));
    let others = sessions::instances(database).await?;
    let mut process = stack.spawn(slot, Some(point))?;
    ensure!(
        process.listens().await?,
        "{point}: ended before it listened"
    );
    stack.is_up(slot);
    stops(stack, &process, by).await?;
    stack.is_down(slot);
    // Its replica was there before, and nobody else comes to this database meanwhile.
    let own = &sessions::instances(database).await? - &others;
    ensure!(
        own.len() == 1,
        "{point}: instances {own:?} beside {others:?}"
    );
    let before = terms(stack, slot).await?;
    run::pause(AWAY).await;
    if by == By::Time {
        tokio::time::timeout(STOPS_WITHIN, another_claims(stack, slot)).await??;
    }
    let taken_over = terms(stack, slot)
        .await?
        .into_iter()
        .filter(|(name, term)| before.get(name) != Some(term))
        .map(|(name, _)| name)
        .collect();
    process.signal("CONT")?;
    stack.is_up(slot);
    run::answers(scene, AFTERWARDS).await?;
    stack.is_down(slot);
    process.signal("TERM")?;
    let ended = process.ends_within(STOPS_WITHIN).await?;
    let name = stack.name(slot);
    ensure!(
        ended.is_some_and(|status| status.success()),
        "{name} woken at {point}: {ended:?}"
    );
    stack.start(slot).await?;
    let woken = Woken {
        point,
        taken_over,
        instance: own.into_iter().collect(),
    };
    eprintln!("{name:13} {woken:?}");
    Ok(woken)
}

async fn stops(stack: &Stack, process: &Process, by: By) -> anyhow::Result<()> {
    let looking = async {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let mut number = 0_u32;
        while !process.is_stopped()? {
            looks.tick().await;
            number += 1;
            if by == By::Time && number.is_multiple_of(LOOKS_A_FLIGHT) {
                stack.clock().advance(crate::campaign::FLIGHT)?;
            }
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(STOPS_WITHIN, looking).await?
}

/// Waits until a job that was claimed once has been claimed again.
async fn another_claims(stack: &Stack, slot: usize) -> anyhow::Result<()> {
    let connection = Database::connect(stack.database(stack.service(slot))).await?;
    let ask = "SELECT 1 AS one FROM jobs WHERE attempts > 1 LIMIT 1";
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        let asked = Statement::from_string(DbBackend::Postgres, ask);
        if connection.query_one_raw(asked).await?.is_some() {
            connection.close().await?;
            return Ok(());
        }
    }
}

/// The term of each lease of a slot's service.
async fn terms(stack: &Stack, slot: usize) -> anyhow::Result<BTreeMap<String, i64>> {
    let connection = Database::connect(stack.database(stack.service(slot))).await?;
    let asked = Statement::from_string(DbBackend::Postgres, "SELECT name, term FROM leases");
    let mut terms = BTreeMap::new();
    for row in connection.query_all_raw(asked).await? {
        terms.insert(row.try_get("", "name")?, row.try_get("", "term")?);
    }
    connection.close().await?;
    Ok(terms)
}
