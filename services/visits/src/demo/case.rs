//! What duty desk, directors and inspectors do with a case in more than one story.

use anyhow::Context as _;
use tonic::{Response, Status};
use visits_core::{Timestamp, london};
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_proto::letters::v1::draft_letter_request::Ground;
use visits_proto::letters::v1::{DraftLetterRequest, Letter};
use visits_proto::{instant, timestamp};

use super::answered::Answered as _;
use super::cast::{DESK, inspector};
use super::stage::Stage;
use super::words;

/// The case as it stands.
///
/// # Errors
/// If it is refused.
pub async fn get(stage: &Stage, name: &str) -> anyhow::Result<pb::Case> {
    let request = pb::GetCaseRequest {
        name: name.to_owned(),
    };
    let mut escalation = stage.caller(DESK).escalation();
    escalation.get_case(request).await.granted()
}

/// The duty desk takes the case on.
///
/// # Errors
/// If it is refused.
pub async fn acknowledge(stage: &Stage, case: &pb::Case) -> anyhow::Result<pb::Case> {
    let request = pb::AcknowledgeCaseRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: String::new(),
        note: String::new(),
    };
    let mut escalation = stage.caller(DESK).escalation();
    escalation.acknowledge_case(request).await.granted()
}

/// The duty desk records the inspector's call, in which a decision is sought.
///
/// # Errors
/// If it is refused.
pub async fn log_call(
    stage: &Stage,
    case: &pb::Case,
    who: &str,
    called: Timestamp,
) -> anyhow::Result<pb::Case> {
    let request = pb::LogDutyDeskCallRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: String::new(),
        inspector: inspector(who),
        called_time: Some(timestamp(called)),
        summary: "What was seen, who was told at the school, and what can wait.".to_owned(),
        outcome: i32::from(Outcome::SeekDecision),
    };
    let mut escalation = stage.caller(DESK).escalation();
    escalation.log_duty_desk_call(request).await.granted()
}

/// Somebody decides on the case as it stands now.
///
/// # Errors
/// What the service refuses.
pub async fn decide(
    stage: &Stage,
    who: &str,
    case: &pb::Case,
    required: bool,
    rationale: &str,
) -> Result<Response<pb::Case>, Status> {
    let mut desk = stage.caller(DESK).escalation();
    let now = desk
        .get_case(pb::GetCaseRequest {
            name: case.name.clone(),
        })
        .await?
        .into_inner();
    let request = pb::DecideNfdRequest {
        name: case.name.clone(),
        request_id: stage.request_id(),
        etag: now.etag,
        required: Some(required),
        rationale: rationale.to_owned(),
    };
    stage.caller(who).escalation().decide_nfd(request).await
}

/// The inspectors leave the site now, and the NFD is complete.
///
/// # Errors
/// If it is refused.
pub async fn leave_and_complete(stage: &Stage, case: &str, who: &str) -> anyhow::Result<pb::Case> {
    let mut escalation = stage.caller(who).escalation();
    let request = pb::RecordLeavingSiteRequest {
        name: case.to_owned(),
        request_id: stage.request_id(),
        etag: String::new(),
        left_site_time: Some(timestamp(stage.now())),
    };
    escalation.record_leaving_site(request).await.granted()?;
    let request = pb::CompleteNfdRequest {
        name: case.to_owned(),
        request_id: stage.request_id(),
        etag: String::new(),
    };
    escalation.complete_nfd(request).await.granted()
}

/// The lead asks for the draft of the interim visit's letter.
///
/// # Errors
/// What the service refuses.
pub async fn draft_interim_letter(
    stage: &Stage,
    visit: &str,
    who: &str,
) -> Result<Response<Letter>, Status> {
    let request = DraftLetterRequest {
        ground: Some(Ground::Visit(visit.to_owned())),
        request_id: stage.request_id(),
    };
    stage.caller(who).letters().draft_letter(request).await
}

/// When the 48 hours end.
///
/// # Errors
/// If they don't run.
pub fn deadline(case: &pb::Case) -> anyhow::Result<Timestamp> {
    let window = case.window.as_ref().context("the 48 hours run")?;
    instant(window.deadline_time.as_ref()).context("the 48 hours have an end")
}

/// When an event of the stream happened.
#[must_use]
pub fn occurred(event: &pb::CaseEvent) -> Timestamp {
    instant(event.occurred_time.as_ref()).unwrap_or(Timestamp::MIN)
}

/// An event of the stream in one line.
#[must_use]
pub fn told(event: &pb::CaseEvent) -> String {
    let when = london::brief(occurred(event));
    let state = words::state(event.state().as_str_name());
    let what = happened(event);
    format!("{when}  {what:52} → {state}")
}

/// What an event of the stream says.
#[must_use]
pub fn happened(event: &pb::CaseEvent) -> String {
    let by = &event.actor;
    match &event.event {
        Some(Event::ConcernRaised(_)) => format!("concern raised by {by}"),
        Some(Event::ConcernAcknowledged(_)) => format!("taken on by {by}"),
        Some(Event::ConcernWithdrawn(_)) => format!("concern withdrawn by {by}"),
        Some(Event::DutyDeskCallLogged(_)) => format!("call recorded by {by}"),
        Some(Event::DecisionRequested(_)) => "decision requested".to_owned(),
        Some(Event::DecisionReminder(_)) => "half of the time to decide has gone".to_owned(),
        Some(Event::DecisionOverdue(_)) => "decision overdue".to_owned(),
        Some(Event::NfdDecided(decided)) if decided.required => {
            format!("NFD necessary, decided by {by}")
        }
        Some(Event::NfdDecided(_)) => format!("no NFD necessary, decided by {by}"),
        Some(Event::NfdPlanned(_)) => format!("NFD planned by {by}"),
        Some(Event::NfdDeadlineWarning(warning)) => {
            format!("warning: {} h left", warning.hours_left)
        }
        Some(Event::NfdDeadlineBreached(_)) => "BREACH: 48 hours without an NFD".to_owned(),
        Some(Event::NfdStarted(started)) if started.straight_away => {
            format!("NFD started straight away by {by}")
        }
        Some(Event::NfdStarted(_)) => format!("NFD started by {by}"),
        Some(Event::NfdCompleted(_)) => format!("NFD completed by {by}"),
        Some(Event::Section5Recommended(_)) => format!("section 5 recommended by {by}"),
        Some(Event::CaseNoted(_)) => format!("note added by {by}"),
        Some(Event::CaseAssigned(assigned)) if assigned.operator.is_empty() => {
            format!("released to the desk by {by}")
        }
        Some(Event::CaseAssigned(assigned)) => format!("given to {}", assigned.operator),
        Some(Event::NextStepAlertSet(_)) => format!("time for the next step set by {by}"),
        Some(Event::NextStepOverdue(_)) => "acknowledged, and no call yet".to_owned(),
        Some(Event::DeskUnwatched(_)) => "a case waits and nobody watches".to_owned(),
        Some(Event::ConversionLimitExceeded(_)) => {
            "conversions are no longer extremely rare".to_owned()
        }
        None => "something this demo does not know".to_owned(),
    }
}
