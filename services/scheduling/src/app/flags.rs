//! A change elsewhere hits planned visits: each is flagged for review in the same transaction.

use visits_core::Fault;
use visits_durable::Step;
use visits_durable::store::Versioned;

use super::facts;
use super::step::apply;
use crate::domain::calendar::Scope;
use crate::domain::call::CallState;
use crate::domain::command::Command;
use crate::domain::decide::still_stands;
use crate::domain::decision::Context;
use crate::domain::inspector::Inspector;
use crate::domain::policy::Policy;
use crate::domain::visit::{FlagCode, Visit};
use crate::store::search;
use crate::store::visit::load_locked;

/// Flags the visits that an inspector can't go to any more.
pub(super) async fn after_inspector(
    step: &Step,
    policy: &Policy,
    inspector: &Inspector,
) -> Result<(), Fault> {
    for found in search::ahead_of(step.tx(), &inspector.code).await? {
        for code in hits(inspector, &found.value) {
            // Loaded again: the flag before has changed its version.
            let current = load_locked(step.tx(), found.value.id).await?;
            raise(step, policy, current, code, inspector.resource()).await?;
        }
    }
    Ok(())
}

fn hits(inspector: &Inspector, visit: &Visit) -> Vec<FlagCode> {
    let mut codes = Vec::new();
    if inspector.is_barred(&visit.school) {
        codes.push(FlagCode::InspectorBarred);
    }
    if inspector.conflicts.iter().any(|c| c.urn == visit.school) {
        codes.push(FlagCode::InspectorConflict);
    }
    let call_ahead = matches!(visit.call.state, CallState::Scheduled | CallState::Due);
    let makes_call = call_ahead && visit.team.lead() == inspector.code;
    if inspector.is_away(visit.visit_date) || (makes_call && inspector.is_away(visit.call.date)) {
        codes.push(FlagCode::InspectorAway);
    }
    codes
}

/// Flags the visits whose plan a changed calendar takes away.
pub(super) async fn after_calendar(
    step: &Step,
    policy: &Policy,
    scope: &Scope,
    subject: &str,
) -> Result<(), Fault> {
    let (urn, authority) = match scope {
        Scope::School(urn) => (Some(urn.as_str()), None),
        Scope::LocalAuthority(code) => (None, Some(code.as_str())),
        Scope::England => (None, None),
    };
    let context = Context {
        now: step.now(),
        actor: step.actor(),
        policy,
    };
    for found in search::ahead_at(step.tx(), urn, authority).await? {
        let visit = &found.value;
        let facts = facts::planning(step.tx(), &visit.school, &[], visit.visit_date).await?;
        if !still_stands(visit, &facts, &context) {
            let current = load_locked(step.tx(), visit.id).await?;
            let code = FlagCode::SchoolClosed;
            raise(step, policy, current, code, subject.to_owned()).await?;
        }
    }
    Ok(())
}

/// Flags the visits of a school that the register says is no longer open.
pub(super) async fn after_closing(step: &Step, policy: &Policy, urn: &str) -> Result<(), Fault> {
    for found in search::ahead_at(step.tx(), Some(urn), None).await? {
        let current = load_locked(step.tx(), found.value.id).await?;
        let subject = format!("schools/{urn}");
        raise(step, policy, current, FlagCode::SchoolClosed, subject).await?;
    }
    Ok(())
}

async fn raise(
    step: &Step,
    policy: &Policy,
    current: Option<Versioned<Visit>>,
    code: FlagCode,
    subject: String,
) -> Result<(), Fault> {
    apply(step, policy, current, &Command::RaiseFlag { code, subject }).await?;
    Ok(())
}
