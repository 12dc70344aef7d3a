//! Planning a visit, and planning it again on another date.

use visits_core::Refusal as _;
use visits_core::civil::Date;

use super::changing::note;
use super::{Outcome, wrong_state};
use crate::domain::call::{Call, CallState};
use crate::domain::command::{Facts, Plan};
use crate::domain::decision::Context;
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use crate::domain::team::Team;
use crate::domain::visit::{ChangeKind, Visit, VisitState};
use crate::import::OfstedRegion;

pub(super) fn plan(plan: &Plan, ctx: &Context<'_>) -> Outcome {
    let facts = &plan.facts;
    let wanted = &plan.team;
    let team = Team::form(&wanted.lead, &wanted.others, wanted.size_reason.as_deref())?;
    let region = visitable(facts)?;
    if let Some(other) = facts.other_visit {
        return Err(Refusal::SchoolHasVisit {
            visit: other.resource(),
        });
    }
    let call = Call::before(
        plan.visit_date,
        &facts.school,
        &facts.calendars,
        ctx.now,
        ctx.policy,
    )?;
    team.check(plan.id, plan.visit_date, Some(call.date), facts)?;
    let visit = Visit {
        id: plan.id,
        school: facts.school.urn.clone(),
        region,
        visit_date: plan.visit_date,
        mode: plan.mode,
        state: VisitState::Planned,
        team,
        form_version: plan.form_version.clone(),
        call,
        controls: None,
        home_time: None,
        planned_departure: None,
        executive: None,
        context_pack: None,
        deferral: None,
        flags: Vec::new(),
        changes: Vec::new(),
        cancellation: None,
        started_at: None,
        completed_at: None,
        converted_at: None,
        created_at: ctx.now,
        updated_at: ctx.now,
    };
    Ok(Some((visit, vec![Event::Planned])))
}

pub(super) fn reschedule(
    visit: &Visit,
    visit_date: Date,
    reason: &str,
    facts: &Facts,
    ctx: &Context<'_>,
) -> Outcome {
    const ACTION: &str = "rescheduling";
    match visit.state {
        VisitState::Planned if visit.call.state == CallState::InProgress => {
            return Err(Refusal::CallState {
                action: ACTION,
                state: visit.call.state,
            });
        }
        VisitState::Planned | VisitState::Called | VisitState::Ready => {}
        _ => return Err(wrong_state(visit, ACTION)),
    }
    let mut next = on_another_date(visit, visit_date, facts, ctx)?;
    note(&mut next, ChangeKind::Date, reason, ctx)?;
    Ok(Some((next, vec![Event::Rescheduled])))
}

/// The visit planned again: a new call, a context pack to be frozen again, controls to be
/// confirmed again. Every check of the plan is made anew, so that no flag is left over.
pub(super) fn on_another_date(
    visit: &Visit,
    visit_date: Date,
    facts: &Facts,
    ctx: &Context<'_>,
) -> Result<Visit, Refusal> {
    if visit_date == visit.visit_date {
        return Err(Refusal::SameDate { date: visit_date });
    }
    let region = visitable(facts)?;
    let call = Call::before(
        visit_date,
        &facts.school,
        &facts.calendars,
        ctx.now,
        ctx.policy,
    )?;
    visit
        .team
        .check(visit.id, visit_date, Some(call.date), facts)?;
    let mut next = visit.clone();
    next.state = VisitState::Planned;
    next.region = region;
    next.visit_date = visit_date;
    next.call = call;
    next.context_pack = None;
    next.flags.clear();
    if let Some(controls) = &mut next.controls {
        controls.needs_confirmation = true;
    }
    if let Some(executive) = &mut next.executive {
        executive.slot = None;
    }
    Ok(next)
}

fn visitable(facts: &Facts) -> Result<OfstedRegion, Refusal> {
    if !facts.school.status.takes_pupils() {
        return Err(Refusal::SchoolNotOpen);
    }
    facts.school.region.ok_or(Refusal::SchoolWithoutRegion)
}

/// Whether a plan still stands after a calendar changed: the school is open on its day and is
/// called on the same day as before.
pub(crate) fn still_stands(visit: &Visit, facts: &Facts, ctx: &Context<'_>) -> bool {
    let again = Call::before(
        visit.visit_date,
        &facts.school,
        &facts.calendars,
        ctx.now,
        ctx.policy,
    );
    match again {
        Ok(call) => call.date == visit.call.date,
        // A call day that is over can't be reckoned again; the school is closed otherwise.
        Err(refusal) => refusal.reason() == "CALL_DAY_PASSED",
    }
}
