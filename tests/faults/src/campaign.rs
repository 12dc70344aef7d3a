//! Kills as planned: one process after the other is started to die at its point, and does.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use visits_core::SignedDuration;

use crate::caller::Attempt;
use crate::points::{By, Plan};
use crate::recovery;
use crate::stack::process::{Process, was_killed};
use crate::stack::{Stack, Window};

/// Far longer than any planned point takes to be reached under load.
const LIMIT: Duration = Duration::from_secs(60);
/// Where time has to fly: so far at a time, so often, and no further.
pub(crate) const FLIGHT: SignedDuration = SignedDuration::from_hours(3);
const FLIGHT_EVERY: Duration = Duration::from_millis(500);
const FLIGHTS_MAX: u32 = 180;
/// What a client notices of a death, and of a return, a little later than it was.
pub const MARGIN: Duration = Duration::from_millis(1_500);

/// What came of a planned kill.
#[derive(Clone, Debug)]
pub struct Kill {
    /// Whose.
    pub name: &'static str,
    /// Where it was planned.
    pub plan: Plan,
    /// Whether the process died there: by its own SIGKILL, having said so.
    pub hit: bool,
    /// Its death.
    pub death: recovery::Death,
}

/// Takes a slot's process down and starts it again and again, each time to die at the next point;
/// at the end it runs unarmed again.
///
/// # Errors
/// If a process can't be started or watched.
pub async fn kill_at_each(stack: &Stack, slot: usize, plans: &[Plan]) -> anyhow::Result<Vec<Kill>> {
    if let Some(mut running) = stack.take_down(slot).await {
        running.signal("TERM")?;
        let ended = running.ends_within(LIMIT).await?;
        ended.context("a process must end when told to")?;
    }
    let mut kills = Vec::new();
    for plan in plans {
        kills.push(one_kill(stack, slot, *plan).await?);
    }
    stack.start(slot).await?;
    Ok(kills)
}

async fn one_kill(stack: &Stack, slot: usize, plan: Plan) -> anyhow::Result<Kill> {
    let begun = Instant::now();
    let mut process = stack.spawn(slot, Some(plan.point))?;
    let listens = process.listens().await?;
    if listens {
        stack.is_up(slot);
        match plan.by {
            By::Stop => process.signal("TERM")?,
            By::Time => let_time_fly(stack, &mut process).await?,
            By::Load => {}
        }
    }
    let ended = process.ends_within(LIMIT).await?;
    let death = recovery::Death::now(stack, slot)?;
    if listens {
        stack.is_down(slot);
    }
    let hit = ended.is_some_and(was_killed) && process.came_to(plan.name());
    let name = stack.name(slot);
    let ran = begun.elapsed();
    eprintln!(
        "{name:13} {:70} {} after {ran:.1?}",
        plan.point,
        if hit { "hit" } else { "MISSED" }
    );
    Ok(Kill {
        name,
        plan,
        hit,
        death,
    })
}

async fn let_time_fly(stack: &Stack, process: &mut Process) -> anyhow::Result<()> {
    for _ in 0..FLIGHTS_MAX {
        if process.ends_within(FLIGHT_EVERY).await?.is_some() {
            break;
        }
        stack.clock().advance(FLIGHT)?;
    }
    Ok(())
}

/// How many calls there were outside of every fault, and how many of these were answered.
#[must_use]
pub fn outside_faults(attempts: &[Attempt], windows: &[Window]) -> (usize, usize) {
    let touches = |one: &Attempt, window: &Window| {
        let from = window.from.checked_sub(MARGIN).unwrap_or(window.from);
        let until = window.until.map(|until| until + MARGIN);
        one.over >= from && until.is_none_or(|until| one.sent <= until)
    };
    let outside = attempts
        .iter()
        .filter(|one| !windows.iter().any(|window| touches(one, window)));
    outside.fold((0, 0), |(all, answered), one| {
        (all + 1, answered + usize::from(one.answered))
    })
}

/// How often each point was planned and missed.
#[must_use]
pub fn missed(kills: &[Kill]) -> BTreeMap<String, u32> {
    let mut missed = BTreeMap::new();
    for kill in kills.iter().filter(|kill| !kill.hit) {
        let what = format!("{} {}", kill.name, kill.plan.point);
        *missed.entry(what).or_default() += 1;
    }
    missed
}
