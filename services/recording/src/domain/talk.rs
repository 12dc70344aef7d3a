//! Discussions, answers, follow-ups, corrections.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::answer::{Answer, FollowUp, Mark, Response, Statement};
use super::command::NewAnswer;
use super::decide::{Ctx, Decision, instant, require, within};
use super::event::Event;
use super::record::{Discussion, Record, Stage};
use super::refusal::RecordingRefusal;
use super::topic::{Area, SpokenTo};

/// Answers may still be written up after the departure, and what was on its way when the visit
/// stopped is kept (M30).
const WRITING: [Stage; 3] = [Stage::OnVisit, Stage::Departed, Stage::Stopped];

/// A discussion begins, in any order (M20).
pub(super) fn open(
    record: &Record,
    area: Area,
    spoken_to: &[SpokenTo],
    at: Option<Timestamp>,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &[Stage::OnVisit], "on_visit")?;
    let opened_at = instant(at, ctx)?;
    within(
        opened_at,
        record.start.as_ref().map(|s| s.at),
        record.last_instant(),
        "the visit",
    )?;
    let mut next = record.clone();
    let id = (ctx.new_id)();
    next.discussions.push(Discussion {
        id,
        area,
        spoken_to: spoken_to.to_vec(),
        inspector: ctx.actor.to_owned(),
        opened_at,
        closed_at: None,
    });
    Ok(Decision::changed(
        next,
        ctx.now,
        vec![Event::DiscussionOpened(id)],
    ))
}

/// A discussion ends.
pub(super) fn close(
    record: &Record,
    id: Uuid,
    at: Option<Timestamp>,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &[Stage::OnVisit], "on_visit")?;
    let at = instant(at, ctx)?;
    let mut next = record.clone();
    let last_answer = last_given_in(record, id);
    let discussion = next
        .discussions
        .iter_mut()
        .find(|discussion| discussion.id == id)
        .ok_or(RecordingRefusal::NoSuchDiscussion { id })?;
    if discussion.closed_at.is_some() {
        return Err(RecordingRefusal::DiscussionClosed);
    }
    let earliest = last_answer.max(Some(discussion.opened_at));
    within(at, earliest, None, "the discussion")?;
    discussion.closed_at = Some(at);
    Ok(Decision::changed(
        next,
        ctx.now,
        vec![Event::DiscussionClosed(id)],
    ))
}

fn last_given_in(record: &Record, discussion: Uuid) -> Option<Timestamp> {
    record
        .answers
        .iter()
        .filter(|answer| answer.discussion == discussion)
        .map(|answer| answer.statement.given_at)
        .max()
}

/// Writes answers down, all of them or none (M21, M22).
pub(super) fn record_answers(
    record: &Record,
    discussion: Uuid,
    answers: &[NewAnswer],
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &WRITING, "on_visit or departed")?;
    let discussion = record
        .discussion(discussion)
        .ok_or(RecordingRefusal::NoSuchDiscussion { id: discussion })?;
    check_codes(record, discussion, answers, ctx)?;
    let mut next = record.clone();
    let mut events = Vec::with_capacity(answers.len());
    for answer in answers {
        let question = ctx
            .form
            .and_then(|form| form.question(&answer.question_code));
        let Some(question) = question else {
            return Err(no_such_question(&[&answer.question_code]));
        };
        let id = (ctx.new_id)();
        next.answers.push(Answer {
            id,
            discussion: discussion.id,
            question_code: question.code.clone(),
            question_text: question.text.clone(),
            area: question.area,
            statement: statement(record, discussion, &answer.response, answer.given_at, ctx)?,
            follow_ups: Vec::new(),
        });
        events.push(Event::AnswerRecorded(id));
    }
    Ok(Decision::changed(next, ctx.now, events))
}

/// Every code is one of the form's in this area, and none is answered in this discussion before,
/// within the batch included.
fn check_codes(
    record: &Record,
    discussion: &Discussion,
    answers: &[NewAnswer],
    ctx: &Ctx<'_>,
) -> Result<(), RecordingRefusal> {
    let known = |code: &str| {
        ctx.form
            .and_then(|form| form.question(code))
            .is_some_and(|question| question.area == discussion.area)
    };
    let codes = || answers.iter().map(|answer| answer.question_code.as_str());
    let unknown: Vec<&str> = codes().filter(|code| !known(code)).collect();
    if !unknown.is_empty() {
        return Err(no_such_question(&unknown));
    }
    let mut taken: BTreeSet<&str> = record
        .answers
        .iter()
        .filter(|answer| answer.discussion == discussion.id)
        .map(|answer| answer.question_code.as_str())
        .collect();
    let twice: Vec<String> = codes()
        .filter(|code| !taken.insert(code))
        .map(str::to_owned)
        .collect();
    if twice.is_empty() {
        Ok(())
    } else {
        Err(RecordingRefusal::AlreadyAnswered { codes: twice })
    }
}

fn no_such_question(codes: &[&str]) -> RecordingRefusal {
    RecordingRefusal::NoSuchQuestion {
        codes: codes.iter().map(|&code| code.to_owned()).collect(),
    }
}

/// What was said in a discussion, with its instant checked, and marked where the visit has stopped.
fn statement(
    record: &Record,
    discussion: &Discussion,
    response: &Response,
    given_at: Option<Timestamp>,
    ctx: &Ctx<'_>,
) -> Result<Statement, RecordingRefusal> {
    let stop = record.stop.as_ref();
    // after a stop nothing bounds it from above: what is later is kept, and marked
    let end = discussion.closed_at.filter(|_| stop.is_none());
    let given_at = match (given_at, end) {
        (None, Some(end)) => end.min(ctx.now),
        (given, _) => instant(given, ctx)?,
    };
    within(given_at, Some(discussion.opened_at), end, "the discussion")?;
    let mut statement = Statement::new(response.clone(), ctx.actor, given_at, ctx.now);
    if let Some(stop) = stop {
        statement.mark = Some(Mark::ReceivedAfterStop);
        statement.mark_if_given_after(stop.decided_at);
    }
    Ok(statement)
}

/// Writes a follow-up down beneath the question asked (M21).
pub(super) fn record_follow_up(
    record: &Record,
    beneath: Uuid,
    question: &str,
    response: &Response,
    given_at: Option<Timestamp>,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &WRITING, "on_visit or departed")?;
    let no_such_answer = RecordingRefusal::NoSuchAnswer { id: beneath };
    let answer = record.answer(beneath).ok_or(no_such_answer.clone())?;
    let discussion = record.discussion(answer.discussion).ok_or(no_such_answer)?;
    let statement = statement(record, discussion, response, given_at, ctx)?;
    let id = (ctx.new_id)();
    let mut next = record.clone();
    for answer in next.answers.iter_mut().filter(|a| a.id == beneath) {
        answer.follow_ups.push(FollowUp {
            id,
            question: question.to_owned(),
            statement: statement.clone(),
        });
    }
    Ok(Decision::changed(
        next,
        ctx.now,
        vec![Event::FollowUpRecorded(id)],
    ))
}

/// Corrects an answer or a follow-up; what stood before is kept (M22).
pub(super) fn correct(
    record: &Record,
    id: Uuid,
    response: &Response,
    reason: &str,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(
        record,
        &[Stage::OnVisit, Stage::Departed],
        "on_visit or departed",
    )?;
    let mut next = record.clone();
    let statement = next
        .statement_mut(id)
        .ok_or(RecordingRefusal::NoSuchAnswer { id })?;
    if statement.response == *response {
        return Ok(Decision::Unchanged);
    }
    statement.correct(response.clone(), reason, ctx.actor, ctx.now);
    Ok(Decision::changed(
        next,
        ctx.now,
        vec![Event::AnswerCorrected(id)],
    ))
}
