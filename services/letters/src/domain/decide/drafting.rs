//! Writing: the first draft, revisions, confirming marks.

use std::collections::BTreeSet;

use super::{Context, Decision};
use crate::domain::command::Draft;
use crate::domain::event::Event;
use crate::domain::letter::{Letter, State};
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;
use crate::domain::text_check::{self, Severity};
use crate::domain::timer::{Due, Timer};

/// The first draft, if the ground allows one (M24, M30, M32, M35).
pub(super) fn draft(draft: Draft, context: &Context<'_>) -> Result<Decision, Refusal> {
    let (draft_due, publication_target) = context
        .ground
        .may_draft(draft.about.kind, draft.about.case)?;
    let overdue = context.ground.way(draft.about.kind).publication_overdue;
    let letter = Letter {
        id: draft.id,
        about: draft.about,
        state: State::Drafting,
        text: draft.text,
        revision: 1,
        content_version: draft.content_version,
        confirmed: BTreeSet::new(),
        rounds: Vec::new(),
        editions: Vec::new(),
        draft_due,
        publication_target,
        publication_overdue: overdue,
        withdrawal: None,
        superseded: None,
        drafted_at: context.now,
        changed_at: context.now,
    };
    let timers = match overdue {
        Some(_) => Vec::new(),
        None => vec![Timer::Arm(Due::Publication, publication_target)],
    };
    Ok(Decision::changed(
        letter,
        context.now,
        Event::Drafted,
        timers,
    ))
}

/// A new text. After the school's check only its accepted corrections may change the text; any other
/// change needs another round (M36).
pub(super) fn revise(
    letter: &Letter,
    text: Text,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    let state = match letter.state {
        State::Drafting | State::NoReply | State::Ready => State::Drafting,
        State::WithSchool => return Err(Refusal::WithSchool),
        State::SchoolReplied => after_reply(letter)?,
        state => return Err(Refusal::past_publication(state)),
    };
    if text == letter.text {
        return Ok(Decision::Unchanged);
    }
    let mut next = letter.clone();
    next.state = state;
    next.text = text;
    next.revision += 1;
    let event = Event::Revised {
        revision: next.revision,
        back_to_drafting: letter.state != State::Drafting && state == State::Drafting,
    };
    Ok(Decision::changed(next, context.now, event, Vec::new()))
}

fn after_reply(letter: &Letter) -> Result<State, Refusal> {
    let Some(round) = letter.round() else {
        return Ok(State::Drafting);
    };
    if round.has_accepted() {
        return Ok(State::SchoolReplied);
    }
    round
        .first_unanswered()
        .map_or(Ok(State::Drafting), |number| {
            Err(Refusal::CorrectionUnanswered { number })
        })
}

/// The writer confirms marks; only marks that stand on this text can be.
pub(super) fn confirm(
    letter: &Letter,
    ids: Vec<String>,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    match letter.state {
        State::Drafting | State::SchoolReplied => {}
        State::WithSchool => return Err(Refusal::WithSchool),
        State::NoReply | State::Ready => return Err(Refusal::RoundClosed),
        state => return Err(Refusal::past_publication(state)),
    }
    let findings = text_check::check(
        &letter.text,
        &letter.about.school_name,
        &context.policy.names,
    );
    let is_mark = |id: &String| {
        findings
            .iter()
            .any(|f| f.severity == Severity::Mark && f.id == *id)
    };
    if let Some(unknown) = ids.iter().find(|id| !is_mark(id)) {
        return Err(Refusal::NoSuchMark {
            id: unknown.clone(),
        });
    }
    let new: Vec<String> = ids
        .into_iter()
        .filter(|id| !letter.confirmed.contains(id))
        .collect();
    if new.is_empty() {
        return Ok(Decision::Unchanged);
    }
    let mut next = letter.clone();
    next.confirmed.extend(new.iter().cloned());
    Ok(Decision::changed(
        next,
        context.now,
        Event::MarksConfirmed { ids: new },
        Vec::new(),
    ))
}
