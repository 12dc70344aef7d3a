//! From the briefing to the departure.

use jiff::Timestamp;
use visits_core::london;

use super::decide::{Ctx, Decision, instant, require, within};
use super::event::Event;
use super::record::{Briefing, Departure, ExecutiveConversation, Readiness, Record, Stage, Start};
use super::refusal::{DepartureHour, RecordingRefusal};
use super::topic::Mode;

const BEFORE_COMPLETION: [Stage; 2] = [Stage::OnVisit, Stage::Departed];

/// What scheduling says about the visit. A record is made once the visit is ready. Once the visit has begun only the team and the executive
/// leaders' request can still change; once it is over, nothing.
pub(super) fn brief(
    state: Option<&Record>,
    school: &str,
    briefing: &Briefing,
    ready: bool,
    ctx: &Ctx<'_>,
) -> Decision {
    if state.is_none() && !ready {
        return Decision::Unchanged;
    }
    let mut next = state
        .cloned()
        .unwrap_or_else(|| Record::new(ctx.visit, school, ctx.now));
    match next.stage {
        Stage::AwaitingArrival => {
            next.briefing = Some(briefing.clone());
            next.readiness = match (ready, next.readiness) {
                (true, _) => Readiness::Ready,
                (false, Readiness::Cancelled) => Readiness::Cancelled,
                (false, _) => Readiness::NotReady,
            };
        }
        Stage::OnVisit | Stage::Departed => {
            if let Some(held) = &mut next.briefing {
                held.lead.clone_from(&briefing.lead);
                held.inspectors.clone_from(&briefing.inspectors);
                if briefing.executive_request.is_some() {
                    held.executive_request
                        .clone_from(&briefing.executive_request);
                }
            }
        }
        Stage::Complete | Stage::Stopped => return Decision::Unchanged,
    }
    if state == Some(&next) {
        return Decision::Unchanged;
    }
    Decision::changed(next, ctx.now, vec![Event::Briefed])
}

/// Scheduling cancelled the visit: only one that nobody has begun can be.
pub(super) fn cancel(state: Option<&Record>, ctx: &Ctx<'_>) -> Decision {
    match state {
        Some(record)
            if record.stage == Stage::AwaitingArrival
                && record.readiness != Readiness::Cancelled =>
        {
            let mut next = record.clone();
            next.readiness = Readiness::Cancelled;
            Decision::changed(next, ctx.now, vec![Event::Cancelled])
        }
        _ => Decision::Unchanged,
    }
}

/// The arrival, or the start of the conversations (M19), which pins the form's version (M8).
pub(super) fn start(
    record: &Record,
    at: Option<Timestamp>,
    late_note: &str,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &[Stage::AwaitingArrival], "awaiting_arrival")?;
    match record.readiness {
        Readiness::Ready => {}
        Readiness::NotReady => return Err(RecordingRefusal::NotReady),
        Readiness::Cancelled => return Err(RecordingRefusal::Cancelled),
    }
    let briefing = record.briefing.as_ref().ok_or(RecordingRefusal::NotReady)?;
    if briefing.controls.is_empty() {
        return Err(RecordingRefusal::ControlsNotRecorded);
    }
    let at = instant(at, ctx)?;
    let given = london::date(at);
    if given != briefing.visit_date {
        return Err(RecordingRefusal::WrongDay {
            planned: briefing.visit_date,
            given,
        });
    }
    let by = ctx.policy.start_by;
    if at > london::instant(given, by) && late_note.is_empty() {
        return Err(RecordingRefusal::LateStartNeedsNote { by });
    }
    let form = ctx.form.ok_or(RecordingRefusal::NoFormInForce)?;

    let mut next = record.clone();
    next.stage = Stage::OnVisit;
    next.form_version = Some(form.version.clone());
    next.start = Some(Start {
        at,
        late_note: late_note.to_owned(),
    });
    let started = Event::Started {
        at,
        form_version: form.version.clone(),
    };
    Ok(Decision::changed(next, ctx.now, vec![started]))
}

/// The conversation for which executive leaders asked was held (M12); an explanation given before
/// gives way to it.
pub(super) fn hold_executive(
    record: &Record,
    at: Option<Timestamp>,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &BEFORE_COMPLETION, "on_visit or departed")?;
    require_executive_request(record)?;
    let at = instant(at, ctx)?;
    within(at, record.start.as_ref().map(|s| s.at), None, "the visit")?;
    let mut next = record.clone();
    next.executive = Some(ExecutiveConversation::Held(at));
    Ok(Decision::changed(
        next,
        ctx.now,
        vec![Event::ExecutiveRequestSettled],
    ))
}

/// It could not be held, and why (M12).
pub(super) fn explain_unmet(
    record: &Record,
    reason: &str,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &BEFORE_COMPLETION, "on_visit or departed")?;
    require_executive_request(record)?;
    let unmet = Some(ExecutiveConversation::Unmet(reason.to_owned()));
    if record.executive == unmet {
        return Ok(Decision::Unchanged);
    }
    let mut next = record.clone();
    next.executive = unmet;
    Ok(Decision::changed(
        next,
        ctx.now,
        vec![Event::ExecutiveRequestSettled],
    ))
}

fn require_executive_request(record: &Record) -> Result<(), RecordingRefusal> {
    let asked = record
        .briefing
        .as_ref()
        .is_some_and(|briefing| briefing.executive_request.is_some());
    if !asked {
        return Err(RecordingRefusal::NoExecutiveRequest);
    }
    if matches!(record.executive, Some(ExecutiveConversation::Held(_))) {
        return Err(RecordingRefusal::ExecutiveRequestMet);
    }
    Ok(())
}

/// The departure, or the end of the conversations (M25). What discussions are open end with it.
pub(super) fn depart(
    record: &Record,
    at: Option<Timestamp>,
    reason: &str,
    ctx: &Ctx<'_>,
) -> Result<Decision, RecordingRefusal> {
    require(record, &[Stage::OnVisit], "on_visit")?;
    let at = instant(at, ctx)?;
    let day_ends = record.last_instant();
    within(at, last_known_presence(record), day_ends, "the visit")?;
    if reason.is_empty()
        && let Some(when) = unusual_hour(record, at, ctx)
    {
        return Err(RecordingRefusal::DepartureNeedsReason { when });
    }
    let mut next = record.clone();
    let mut events = Vec::new();
    for discussion in next.discussions.iter_mut() {
        if discussion.closed_at.is_none() {
            discussion.closed_at = Some(at);
            events.push(Event::DiscussionClosed(discussion.id));
        }
    }
    next.stage = Stage::Departed;
    next.departure = Some(Departure {
        at,
        reason: reason.to_owned(),
    });
    events.push(Event::Departed { at });
    Ok(Decision::changed(next, ctx.now, events))
}

/// The latest instant at which the inspectors were certainly still there.
fn last_known_presence(record: &Record) -> Option<Timestamp> {
    let started = record.start.iter().map(|start| start.at);
    let talked = record
        .discussions
        .iter()
        .map(|d| d.closed_at.unwrap_or(d.opened_at));
    let answered = record.answers.iter().flat_map(|answer| {
        std::iter::once(answer.statement.given_at)
            .chain(answer.follow_ups.iter().map(|f| f.statement.given_at))
    });
    started.chain(talked).chain(answered).max()
}

/// Nobody leaves the site of a remote visit, so home time says nothing about it (M25).
fn unusual_hour(record: &Record, at: Timestamp, ctx: &Ctx<'_>) -> Option<DepartureHour> {
    let briefing = record.briefing.as_ref()?;
    let by = ctx.policy.depart_by;
    if at > london::instant(briefing.visit_date, by) {
        return Some(DepartureHour::Late(by));
    }
    let home_time = briefing
        .home_time
        .filter(|_| briefing.mode == Mode::OnSite)?;
    home_time
        .contains(london::wall_clock(at).time())
        .then_some(DepartureHour::HomeTime(home_time.from, home_time.until))
}
