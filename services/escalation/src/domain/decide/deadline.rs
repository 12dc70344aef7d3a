//! The 48 hours running out (M29): warnings in order, and exactly one breach.

use super::{Change, Context, Decided};
use crate::domain::case::{Case, State, Window};
use crate::domain::event::Event;

/// Timer: a warning is due. Of several that are due at once, after a pause, only the nearest to
/// the deadline is sent; all are recorded, the overdue ones as late.
pub(super) fn warn(case: &Case, ctx: &Context<'_>) -> Decided {
    let mut next = case.clone();
    let Some(window) = running(&mut next) else {
        return Ok(None);
    };
    if window.deadline_at <= ctx.now {
        return breach(case, ctx);
    }
    let given = give(window, ctx, |due_at| due_at <= ctx.now);
    let deadline_at = window.deadline_at;
    let Some(((hours_left, late), skipped)) = given.split_last() else {
        return Ok(None);
    };
    let event = Event::NfdDeadlineWarning {
        hours_left: *hours_left,
        late: *late,
        skipped_hours: skipped.iter().map(|(hours, _)| *hours).collect(),
        deadline_at,
    };
    Change::of(next, event)
}

/// Timer: the deadline is here and the NFD has not started.
pub(super) fn breach(case: &Case, ctx: &Context<'_>) -> Decided {
    let mut next = case.clone();
    match record_breach(&mut next, ctx) {
        Some(event) => Change::of(next, event),
        None => Ok(None),
    }
}

/// Records the breach, if the deadline has passed without one on record. Every way on which a
/// case can leave `nfd_required` calls this first, so that a start that overtakes the timer
/// doesn't hide the breach.
pub(super) fn record_breach(next: &mut Case, ctx: &Context<'_>) -> Option<Event> {
    let window = running(next).filter(|window| window.deadline_at <= ctx.now)?;
    window.breached_at = Some(ctx.now);
    let deadline_at = window.deadline_at;
    give(window, ctx, |_| true);
    Some(Event::NfdDeadlineBreached { deadline_at })
}

/// The window, while the clock runs.
fn running(case: &mut Case) -> Option<&mut Window> {
    let required = case.state == State::NfdRequired;
    case.window
        .as_mut()
        .filter(|window| required && window.breached_at.is_none())
}

/// Records the warnings that `is_due` picks, and says which they were and whether late.
fn give(
    window: &mut Window,
    ctx: &Context<'_>,
    is_due: impl Fn(visits_core::Timestamp) -> bool,
) -> Vec<(i32, bool)> {
    window
        .warnings
        .iter_mut()
        .filter(|warning| warning.given_at.is_none() && is_due(warning.due_at))
        .map(|warning| {
            warning.given_at = Some(ctx.now);
            warning.late = ctx.now.duration_since(warning.due_at) > ctx.policy.late_after;
            (warning.hours_left, warning.late)
        })
        .collect()
}
