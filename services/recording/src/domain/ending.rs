//! The letter's content, the school's feedback, completion, the stop, and the end of access.

use jiff::Timestamp;

use super::command::NewPoint;
use super::decide::{Ctx, Decision, require};
use super::event::{Event, Timer};
use super::judgement;
use super::record::{Agreement, ExecutiveConversation, Feedback, Gap, Point, Record, Stage, Stop};
use super::refusal::RecordingRefusal;
use super::topic::SpokenTo;

const BEFORE_COMPLETION: [Stage; 2] = [Stage::OnVisit, Stage::Departed];

/// The letter's content is agreed with the school; each time a new version, none is lost (M24).
pub(super) fn agree(
    record: &Record,
    points: &[NewPoint],
    agreed_with: SpokenTo,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &BEFORE_COMPLETION, "on_visit or departed")?;
    let version = record.agreements.last().map_or(0, |a| a.version) + 1;
    let mut next = record.clone();
    next.agreements.push(Agreement {
        version,
        points: points.iter().map(point).collect(),
        agreed_with,
        agreed_at: ctx.now,
        inspector: ctx.actor.to_owned(),
    });
    let agreed = Event::ContentAgreed {
        version,
        at: ctx.now,
    };
    Ok(Decision::changed(next, ctx.now, vec![agreed]))
}

fn point(point: &NewPoint) -> Point {
    Point {
        area: point.area,
        flagged: judgement::phrases_in(&point.text),
        text: point.text.clone(),
    }
}

/// The school was asked for feedback on the visit (M24). What it adds later takes the place of what
/// it said first.
pub(super) fn feedback(
    record: &Record,
    text: Option<&str>,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &BEFORE_COMPLETION, "on_visit or departed")?;
    let mut next = record.clone();
    next.feedback = Some(Feedback {
        text: text.map(str::to_owned),
        recorded_at: ctx.now,
    });
    let recorded = Event::FeedbackRecorded { at: ctx.now };
    Ok(Decision::changed(next, ctx.now, vec![recorded]))
}

/// The lead completes the visit: with the letter's content agreed and the school asked (M24), no
/// request of executive leaders left open (M12), and each unasked question explained (M21).
pub(super) fn complete(
    record: &Record,
    gaps: &[Gap],
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    if !record.is_led_by(ctx.actor) {
        return Err(RecordingRefusal::NotTheLead);
    }
    require(record, &[Stage::Departed], "departed")?;
    if record.agreements.is_empty() {
        return Err(RecordingRefusal::ContentNotAgreed);
    }
    if record.feedback.is_none() {
        return Err(RecordingRefusal::FeedbackNotAsked);
    }
    if has_unmet_request(record) {
        return Err(RecordingRefusal::ExecutiveRequestUnmet);
    }
    check_gaps(record, gaps, ctx)?;

    let mut next = record.clone();
    next.stage = Stage::Complete;
    next.completed_at = Some(ctx.now);
    next.gaps = gaps.to_vec();
    let completed = Event::Completed {
        at: ctx.now,
        form_version: record.form_version.clone().unwrap_or_default(),
    };
    Ok(Decision::changed(next, ctx.now, vec![completed]))
}

fn has_unmet_request(record: &Record) -> bool {
    let asked = record
        .briefing
        .as_ref()
        .is_some_and(|briefing| briefing.executive_request.is_some());
    let settled = match &record.executive {
        Some(ExecutiveConversation::Held(_)) => true,
        Some(ExecutiveConversation::Unmet(reason)) => !reason.is_empty(),
        None => false,
    };
    asked && !settled
}

fn check_gaps(record: &Record, gaps: &[Gap], ctx: &Ctx<'_>) -> Result<(), RecordingRefusal> {
    let form = ctx.form.ok_or(RecordingRefusal::NoFormInForce)?;
    let unasked: Vec<&str> = record
        .coverage(form)
        .unasked
        .iter()
        .map(|question| question.code.as_str())
        .collect();
    let stray: Vec<String> = gaps
        .iter()
        .map(|gap| gap.question_code.clone())
        .filter(|code| !unasked.contains(&code.as_str()))
        .collect();
    if !stray.is_empty() {
        return Err(RecordingRefusal::NotAGap { codes: stray });
    }
    let explained = |code: &str| {
        gaps.iter()
            .any(|gap| gap.question_code == code && !gap.reason.is_empty())
    };
    let codes: Vec<String> = unasked
        .into_iter()
        .filter(|code| !explained(code))
        .map(str::to_owned)
        .collect();
    if codes.is_empty() {
        Ok(())
    } else {
        Err(RecordingRefusal::GapsUnexplained { codes })
    }
}

/// The visit is turned into an NFD (M30). Answers that were given after the decision, while it was
/// still on its way here, are kept and marked. A stop that is heard of before the visit is known
/// makes a record that can't be begun any more.
pub(super) fn stop(
    state: Option<&Record>,
    school: &str,
    decided_at: Timestamp,
    case: &str,
    ctx: &Ctx<'_>,
) -> Decision {
    let mut next = state
        .cloned()
        .unwrap_or_else(|| Record::new(ctx.visit, school, ctx.now));
    if next.stage == Stage::Stopped {
        return Decision::Unchanged;
    }
    let mut events = Vec::new();
    for discussion in &mut next.discussions {
        if discussion.closed_at.is_none() {
            discussion.closed_at = Some(decided_at.max(discussion.opened_at));
            events.push(Event::DiscussionClosed(discussion.id));
        }
    }
    for statement in next.statements_mut() {
        statement.mark_if_given_after(decided_at);
    }
    next.stage = Stage::Stopped;
    next.stop = Some(Stop {
        decided_at,
        heard_at: ctx.now,
        case: case.to_owned(),
    });
    events.push(Event::Stopped {
        decided_at,
        case: case.to_owned(),
    });
    Decision::changed(next, ctx.now, events)
}

/// A letter of the visit was published: the team's access ends some working days after the last
/// one (M11). Access that has ended stays ended.
pub(super) fn note_letter_published(
    state: Option<&Record>,
    published_at: Timestamp,
    ctx: &Ctx<'_>,
) -> Decision {
    let Some(record) = state else {
        return Decision::Unchanged;
    };
    let due_at = ctx.policy.access_ends_at(published_at);
    let later = record.access_ends_at.is_none_or(|held| due_at > held);
    if record.access_has_ended(ctx.now) || !later {
        return Decision::Unchanged;
    }
    let mut next = record.clone();
    next.access_ends_at = Some(due_at);
    next.updated_at = ctx.now;
    Decision::Changed {
        next: Box::new(next),
        events: Vec::new(),
        timers: vec![Timer::EndAccess { due_at }],
    }
}

/// The timer has come. A later letter may have moved the end: then it is not yet.
pub(super) fn end_access(state: Option<&Record>, ctx: &Ctx<'_>) -> Decision {
    let Some(record) = state else {
        return Decision::Unchanged;
    };
    let due = record.access_ends_at.is_some_and(|end| ctx.now >= end);
    if !due || record.access_ended_at.is_some() {
        return Decision::Unchanged;
    }
    let mut next = record.clone();
    next.access_ended_at = Some(ctx.now);
    Decision::changed(next, ctx.now, vec![Event::AccessEnded])
}
