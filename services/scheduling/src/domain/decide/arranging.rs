//! What is agreed with the school: controls (M6, M15), home time (M25), executive leaders (M12).

use std::collections::BTreeSet;

use visits_core::civil::Time;

use super::{Outcome, by_the_lead, once_in_contact, while_ahead};
use crate::domain::arrangements::{
    Controls, ExecutiveConversation, HomeTime, LeaderRole, Measure, Slot,
};
use crate::domain::decision::Context;
use crate::domain::event::Event;
use crate::domain::refusal::Refusal;
use crate::domain::visit::Visit;

pub(super) fn controls(visit: &Visit, measures: &[Measure], ctx: &Context<'_>) -> Outcome {
    once_in_contact(visit, "recording the system of controls")?;
    by_the_lead(visit, ctx)?;
    let topics: BTreeSet<_> = measures.iter().map(|measure| measure.topic).collect();
    if measures.is_empty() || topics.len() != measures.len() {
        return Err(Refusal::ControlsIncomplete);
    }
    let mut next = visit.clone();
    next.controls = Some(Controls {
        measures: measures.to_vec(),
        mode: visit.mode,
        recorded_at: ctx.now,
        recorded_by: ctx.actor.principal.clone(),
        needs_confirmation: false,
    });
    Ok(Some((next, vec![Event::ControlsRecorded])))
}

pub(super) fn home_time(visit: &Visit, from: Time, until: Time, ctx: &Context<'_>) -> Outcome {
    once_in_contact(visit, "recording home time")?;
    by_the_lead(visit, ctx)?;
    let home_time = HomeTime::new(from, until)?;
    if visit.home_time == Some(home_time) {
        return Ok(None);
    }
    let mut next = visit.clone();
    next.home_time = Some(home_time);
    next.planned_departure = Some(home_time.departure(ctx.policy));
    Ok(Some((next, vec![Event::HomeTimeRecorded])))
}

pub(super) fn request_executive(visit: &Visit, leader: LeaderRole, ctx: &Context<'_>) -> Outcome {
    while_ahead(visit, "requesting a conversation with executive leaders")?;
    if visit.executive.as_ref().is_some_and(|e| e.leader == leader) {
        return Ok(None);
    }
    let mut next = visit.clone();
    next.executive = Some(ExecutiveConversation {
        leader,
        requested_at: ctx.now,
        slot: None,
    });
    Ok(Some((next, vec![Event::ExecutiveRequested])))
}

pub(super) fn plan_executive(
    visit: &Visit,
    start: Time,
    minutes: i32,
    ctx: &Context<'_>,
) -> Outcome {
    while_ahead(visit, "planning the conversation with executive leaders")?;
    let slot = Slot::new(start, minutes, ctx.policy)?;
    let mut next = visit.clone();
    let Some(executive) = &mut next.executive else {
        return Err(Refusal::ExecutiveNotRequested);
    };
    if executive.slot == Some(slot) {
        return Ok(None);
    }
    executive.slot = Some(slot);
    Ok(Some((next, vec![Event::ExecutivePlanned])))
}
