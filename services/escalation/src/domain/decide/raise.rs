//! Raising a concern (M26), taking it back, and the team that may do so.

use super::holding::expect_next_step;
use super::{CONCERNS_MAX, Change, Context, Decided, before_the_decision, standing_concern};
use crate::domain::area::Area;
use crate::domain::case::{Case, CaseId, Concern, ConcernId, Pages, State, Withdrawal};
use crate::domain::command::{VisitFacts, VisitStage};
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;

/// The visit's first concern opens its case.
pub(super) fn open(
    id: CaseId,
    facts: &VisitFacts,
    area: &str,
    what_was_seen: &str,
    ctx: &Context<'_>,
) -> Decided {
    let area = may_raise(facts, area, ctx)?;
    let concern = new_concern(area, what_was_seen, ctx);
    let event = raised(&concern, true);
    let case = Case {
        id,
        visit: facts.visit,
        school: facts.school.clone(),
        team: facts.team.clone(),
        state: State::Open,
        concerns: vec![concern],
        desk_check_at: ctx.now + ctx.policy.desk_check,
        pages: Pages::default(),
        acknowledgement: None,
        holder: None,
        assignments: Vec::new(),
        notes: Vec::new(),
        next_step_alert: None,
        calls: Vec::new(),
        target: None,
        decision: None,
        window: None,
        nfd: None,
        section5: None,
        opened_at: ctx.now,
        changed_at: ctx.now,
    };
    Change::of(case, event)
}

/// A later concern joins the case; once an NFD is necessary it joins the NFD.
pub(super) fn join(
    case: &Case,
    facts: &VisitFacts,
    area: &str,
    what_was_seen: &str,
    ctx: &Context<'_>,
) -> Decided {
    let area = may_raise(facts, area, ctx)?;
    match case.state {
        State::NfdNotRequired | State::Withdrawn => return Err(Refusal::CaseClosed),
        State::NfdComplete => return Err(Refusal::NfdAlreadyComplete),
        _ => {}
    }
    if case
        .nfd
        .as_ref()
        .is_some_and(|nfd| nfd.left_site_at.is_some())
    {
        return Err(Refusal::NfdHasLeftTheSite);
    }
    if case.concerns.len() >= CONCERNS_MAX {
        return Err(Refusal::TooMany {
            what: "concerns",
            max: CONCERNS_MAX,
        });
    }
    let concern = new_concern(area, what_was_seen, ctx);
    let event = raised(&concern, false);
    let mut next = case.clone();
    next.team.clone_from(&facts.team);
    next.concerns.push(concern);
    // What was discussed is; this concern waits for a call of its own (M27).
    if !case.waits_for_a_call() && next.waits_for_a_call() {
        expect_next_step(&mut next, ctx);
    }
    Change::of(next, event)
}

fn may_raise(facts: &VisitFacts, area: &str, ctx: &Context<'_>) -> Result<Area, Refusal> {
    let area = Area::from_code(area).ok_or_else(|| Refusal::AreaOutOfScope {
        area: area.to_owned(),
    })?;
    match facts.stage {
        VisitStage::Begun => {}
        VisitStage::Ahead => return Err(Refusal::VisitNotBegun),
        VisitStage::Cancelled => return Err(Refusal::VisitCancelled),
    }
    if !ctx.is_in(&facts.team) {
        return Err(Refusal::NotOnTheVisit {
            principal: ctx.actor.principal.clone(),
        });
    }
    Ok(area)
}

fn new_concern(area: Area, what_was_seen: &str, ctx: &Context<'_>) -> Concern {
    Concern {
        id: ConcernId(ctx.new_id),
        area,
        what_was_seen: what_was_seen.to_owned(),
        raised_by: ctx.actor.principal.clone(),
        raised_at: ctx.now,
        discussed: false,
        withdrawal: None,
        findings: Vec::new(),
    }
}

fn raised(concern: &Concern, first: bool) -> Event {
    Event::ConcernRaised {
        concern: concern.id,
        area: concern.area,
        raised_by: concern.raised_by.clone(),
        first,
    }
}

/// Takes back one concern, or all that stand. With the last one the case is withdrawn.
pub(super) fn withdraw(
    case: &Case,
    concern: Option<ConcernId>,
    reason: &str,
    ctx: &Context<'_>,
) -> Decided {
    before_the_decision(case)?;
    let mut next = case.clone();
    let chosen: Vec<ConcernId> = match concern {
        Some(id) => vec![standing_concern(&mut next, id)?.id],
        None => case.standing_concerns().map(|concern| concern.id).collect(),
    };
    let is_lead = case.team.first() == Some(&ctx.actor.principal);
    let all_own = case
        .concerns
        .iter()
        .filter(|concern| chosen.contains(&concern.id))
        .all(|concern| concern.raised_by == ctx.actor.principal);
    if !is_lead && !all_own {
        return Err(Refusal::NotYourConcern);
    }
    let events = take_back(&mut next, &chosen, reason, ctx);
    Change::all(next, events)
}

/// Marks the concerns as withdrawn, and the case with its last one.
pub(super) fn take_back(
    case: &mut Case,
    chosen: &[ConcernId],
    reason: &str,
    ctx: &Context<'_>,
) -> Vec<Event> {
    for concern in case.concerns.iter_mut().filter(|c| chosen.contains(&c.id)) {
        concern.withdrawal = Some(Withdrawal {
            at: ctx.now,
            reason: reason.to_owned(),
        });
    }
    let none_stands = case.standing_concerns().next().is_none();
    if none_stands {
        case.state = State::Withdrawn;
    }
    chosen
        .iter()
        .enumerate()
        .map(|(index, id)| Event::ConcernWithdrawn {
            concern: *id,
            last: none_stands && index + 1 == chosen.len(),
        })
        .collect()
}

/// Scheduling changed the team: who may read the case follows (M11). A closed case stays as it is.
pub(super) fn change_team(case: &Case, team: &[String]) -> Decided {
    if case.state.is_closed() || case.team == team {
        return Ok(None);
    }
    let mut next = case.clone();
    next.team = team.to_vec();
    Change::of(next, Event::TeamChanged)
}
