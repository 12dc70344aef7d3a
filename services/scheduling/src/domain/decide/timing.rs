//! A timer came due. Whether its need still exists is asked of the state, never of the timer (R4).

use crate::domain::call::CallState;
use crate::domain::decision::Context;
use crate::domain::event::Event;
use crate::domain::timer::{TimerKind, needed};
use crate::domain::visit::{FlagCode, ReviewFlag, Visit};

pub(super) fn due(
    visit: &Visit,
    kind: TimerKind,
    ctx: &Context<'_>,
) -> Option<(Visit, Vec<Event>)> {
    let (_, due_at) = needed(visit, ctx.policy)
        .into_iter()
        .find(|(k, at)| *k == kind && *at <= ctx.now)?;
    let mut next = visit.clone();
    let event = match kind {
        TimerKind::CallDue => {
            next.call.state = CallState::Due;
            Event::CallDue { due_at }
        }
        TimerKind::NextAttempt => {
            next.call.next_attempt_at = None;
            Event::CallDue { due_at }
        }
        TimerKind::DutyDeskTold => {
            next.call.duty_desk_told_at = Some(ctx.now);
            Event::DutyDeskTold
        }
        TimerKind::CallWindowClosed => {
            next.call.state = CallState::NotReached;
            next.call.next_attempt_at = None;
            next.flags.push(ReviewFlag {
                code: FlagCode::CallNotReached,
                subject: format!("schools/{}", visit.school),
                raised_at: ctx.now,
            });
            Event::CallNotReached
        }
        TimerKind::DeferralReminder => {
            next.deferral.as_mut()?.reminded_at = Some(ctx.now);
            Event::DeferralReminder
        }
        TimerKind::DeferralOverdue => {
            next.deferral.as_mut()?.overdue_at = Some(ctx.now);
            Event::DeferralOverdue
        }
    };
    Some((next, vec![event]))
}
