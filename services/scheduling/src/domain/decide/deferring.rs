//! A school asks for deferral on the call or after it; the region decides by 16:00 of that day.

use visits_core::civil::Date;
use visits_core::london;

use super::planning::on_another_date;
use super::{Outcome, by_the_lead, calling, once_in_contact, wrong_state};
use crate::domain::command::Facts;
use crate::domain::decision::Context;
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use crate::domain::visit::{Deferral, DeferralDecision, DeferralReason, Visit, VisitState};
use crate::import::OfstedRegion;

pub(super) fn request(
    visit: &Visit,
    reason: DeferralReason,
    note: &str,
    ctx: &Context<'_>,
) -> Outcome {
    once_in_contact(visit, "requesting deferral")?;
    by_the_lead(visit, ctx)?;
    let today = london::date(ctx.now);
    let remind_at = london::instant(today, ctx.policy.deferral_reminder_at);
    let mut next = visit.clone();
    let mut events = Vec::new();
    if visit.is_in_call() {
        // The rest of the script has no use before the region has decided.
        calling::end(&mut next, ctx);
        events.push(Event::CallCompleted);
    }
    next.state = VisitState::DeferralRequested;
    next.deferral = Some(Deferral {
        reason,
        note: note.to_owned(),
        requested_at: ctx.now,
        remind_at: Some(remind_at).filter(|at| *at > ctx.now),
        decide_by: london::instant(today, ctx.policy.deferral_decided_by),
        reminded_at: None,
        overdue_at: None,
        decision: None,
    });
    events.push(Event::DeferralRequested);
    Ok(Some((next, events)))
}

pub(super) fn decide(
    visit: &Visit,
    granted: Option<&(Date, Box<Facts>)>,
    rationale: &str,
    regions: &[OfstedRegion],
    ctx: &Context<'_>,
) -> Outcome {
    if visit.state != VisitState::DeferralRequested {
        return Err(wrong_state(visit, "deciding a deferral"));
    }
    if !regions.contains(&visit.region) {
        return Err(Refusal::RegionNotYours {
            region: visit.region.slug(),
        });
    }
    let mut events = vec![Event::DeferralDecided {
        granted: granted.is_some(),
    }];
    let mut next = match granted {
        Some((visit_date, facts)) => {
            events.push(Event::Rescheduled);
            on_another_date(visit, *visit_date, facts, ctx)?
        }
        None => Visit {
            state: VisitState::Called,
            ..visit.clone()
        },
    };
    if let Some(deferral) = &mut next.deferral {
        deferral.decision = Some(DeferralDecision {
            new_visit_date: granted.map(|(date, _)| *date),
            by: ctx.actor.principal.clone(),
            at: ctx.now,
            rationale: rationale.to_owned(),
        });
    }
    Ok(Some((next, events)))
}
