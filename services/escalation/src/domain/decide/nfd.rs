//! The NFD: planned in the window or started straight away, a finding for each concern and for
//! nothing else (M31), leaving the site, complete; then perhaps a section 5 recommendation (M33).

use visits_core::{Role, Timestamp, london};

use super::deadline::record_breach;
use super::{
    Change, Context, Decided, FINDINGS_MAX, before_the_start, standing_concern, under_way,
};
use crate::domain::case::{Case, ConcernId, Finding, Nfd, Section5, State};
use crate::domain::event::Event;
use crate::domain::policy::RoutineInspection;
use crate::domain::refusal::Refusal;

/// Plans the NFD, or plans it anew. Inside the window; after a breach from now on, because the
/// case stays open.
pub(super) fn plan(
    case: &Case,
    planned_at: Timestamp,
    inspectors: &[String],
    ctx: &Context<'_>,
) -> Decided {
    if !ctx.actor.has(Role::DutyDesk) && ctx.standing(case).is_none() {
        return Err(ctx.not_the_director(case));
    }
    before_the_start(case)?;
    let until = case
        .window
        .as_ref()
        .map_or(ctx.now, |window| window.deadline_at);
    if ctx.now < until && !(ctx.now <= planned_at && planned_at < until) {
        return Err(Refusal::NfdPlannedOutsideWindow {
            from: ctx.now,
            until,
        });
    }
    if planned_at < ctx.now {
        return Err(Refusal::NfdPlannedInThePast);
    }
    if let Some(principal) = inspectors.iter().find(|one| ctx.barred.contains(one)) {
        return Err(Refusal::NfdInspectorBarred {
            principal: principal.clone(),
        });
    }
    let mut next = case.clone();
    let breach = record_breach(&mut next, ctx);
    next.nfd = Some(Nfd {
        inspectors: inspectors.to_vec(),
        planned_at: Some(planned_at),
        ..Nfd::default()
    });
    let planned = Event::NfdPlanned {
        planned_at,
        inspectors: inspectors.to_vec(),
    };
    Change::all(next, breach.into_iter().chain([planned]).collect())
}

/// Starts the NFD: this stops the clock (M29).
pub(super) fn start(case: &Case, straight_away: bool, ctx: &Context<'_>) -> Decided {
    before_the_start(case)?;
    let planned = case.nfd.clone().unwrap_or_default();
    let inspectors = if straight_away {
        case.team.clone()
    } else if planned.planned_at.is_some() {
        planned.inspectors.clone()
    } else {
        return Err(Refusal::NfdNotPlanned);
    };
    inspects(&inspectors, ctx)?;
    let mut next = case.clone();
    let breach = record_breach(&mut next, ctx);
    next.state = State::NfdUnderWay;
    next.nfd = Some(Nfd {
        inspectors: inspectors.clone(),
        started_at: Some(ctx.now),
        straight_away,
        ..planned
    });
    let started = Event::NfdStarted {
        started_at: ctx.now,
        straight_away,
        inspectors,
    };
    Change::all(next, breach.into_iter().chain([started]).collect())
}

/// Records what was found about one of the concerns raised. What was recorded before is kept.
pub(super) fn record_finding(
    case: &Case,
    concern: ConcernId,
    text: &str,
    ctx: &Context<'_>,
) -> Decided {
    under_way(case)?;
    inspects(inspectors(case), ctx)?;
    let mut next = case.clone();
    let findings = &mut standing_concern(&mut next, concern)?.findings;
    if findings.len() >= FINDINGS_MAX {
        return Err(Refusal::TooMany {
            what: "findings about a concern",
            max: FINDINGS_MAX,
        });
    }
    findings.push(Finding {
        text: text.to_owned(),
        recorded_by: ctx.actor.principal.clone(),
        recorded_at: ctx.now,
    });
    Change::of(next, Event::NfdFindingRecorded { concern })
}

/// Records when the inspectors left the site (M35); a second time corrects the first.
pub(super) fn leave_site(case: &Case, left_at: Timestamp, ctx: &Context<'_>) -> Decided {
    under_way(case)?;
    inspects(inspectors(case), ctx)?;
    if left_at > ctx.now {
        return Err(Refusal::InTheFuture {
            what: "leaving the site",
        });
    }
    let mut next = case.clone();
    let nfd = next.nfd.get_or_insert_with(Nfd::default);
    if nfd
        .started_at
        .is_some_and(|started_at| left_at < started_at)
    {
        return Err(Refusal::LeftBeforeTheStart);
    }
    nfd.left_site_at = Some(left_at);
    Change::of(next, Event::SiteLeft { left_at })
}

/// Completes the NFD: each concern has its finding, leaving the site is on record.
pub(super) fn complete(case: &Case, ctx: &Context<'_>) -> Decided {
    under_way(case)?;
    inspects(inspectors(case), ctx)?;
    let concerns: Vec<ConcernId> = case
        .standing_concerns()
        .filter(|concern| concern.findings.is_empty())
        .map(|concern| concern.id)
        .collect();
    if !concerns.is_empty() {
        return Err(Refusal::FindingsMissing { concerns });
    }
    let mut next = case.clone();
    let nfd = next.nfd.get_or_insert_with(Nfd::default);
    let left_site_at = nfd.left_site_at.ok_or(Refusal::LeavingSiteMissing)?;
    nfd.completed_at = Some(ctx.now);
    next.state = State::NfdComplete;
    Change::of(next, Event::NfdCompleted { left_site_at })
}

/// Recommends a section 5 inspection, once.
pub(super) fn recommend_section5(case: &Case, reason: &str, ctx: &Context<'_>) -> Decided {
    match case.state {
        State::NfdComplete => {}
        State::NfdNotRequired | State::Withdrawn => return Err(Refusal::CaseClosed),
        _ => return Err(Refusal::NfdNotComplete),
    }
    if ctx.standing(case).is_none() {
        inspects(inspectors(case), ctx)?;
    }
    if case.section5.is_some() {
        return Err(Refusal::Section5AlreadyRecommended);
    }
    let mut next = case.clone();
    next.section5 = Some(Section5 {
        reason: reason.to_owned(),
        by: ctx.actor.principal.clone(),
        at: ctx.now,
        next_check_at: ctx.now,
        handed_over_at: None,
    });
    let held = ctx.policy.routine_inspection == RoutineInspection::Suspended;
    Change::of(next, Event::Section5Recommended { held })
}

/// Timer: hands the recommendation over, or looks again later while routine inspection is
/// suspended.
pub(super) fn hand_over_section5(case: &Case, ctx: &Context<'_>) -> Decided {
    let mut next = case.clone();
    let Some(section5) = &mut next.section5 else {
        return Ok(None);
    };
    if section5.handed_over_at.is_some() || ctx.now < section5.next_check_at {
        return Ok(None);
    }
    match ctx.policy.routine_inspection {
        RoutineInspection::Suspended => {
            section5.next_check_at = ctx.now + ctx.policy.section5_check;
            Change::all(next, Vec::new())
        }
        RoutineInspection::Resumed => {
            section5.handed_over_at = Some(ctx.now);
            let recommended_on = london::date(section5.at);
            Change::of(next, Event::Section5HandedOver { recommended_on })
        }
    }
}

fn inspectors(case: &Case) -> &[String] {
    case.nfd.as_ref().map_or(&[], |nfd| &nfd.inspectors)
}

fn inspects(inspectors: &[String], ctx: &Context<'_>) -> Result<(), Refusal> {
    if ctx.is_in(inspectors) {
        return Ok(());
    }
    Err(Refusal::NotAnNfdInspector {
        principal: ctx.actor.principal.clone(),
    })
}
