//! Requests about a case as commands; every field at fault is named at once.

use uuid::Uuid;
use visits_core::{Fault, Fields};
use visits_proto::escalation::v1 as wire;

use crate::app::rights;
use crate::app::step::{Ask, Target};
use crate::domain::case::{CaseId, ConcernId, VisitId};
use crate::domain::command::Command;
use crate::wire::outcome_from_wire;

/// What somebody saw, said, found or decided.
const TEXT_MAX: usize = 4_000;
/// A reason for taking something back.
const REASON_MAX: usize = 1_000;
/// A note for the desk, or a short reason.
const NOTE_MAX: usize = 500;
/// After how many minutes the desk can be alerted again.
const ALERT_MINUTES: std::ops::RangeInclusive<i32> = 1..=240;
/// A code.
const CODE_MAX: usize = 63;
/// Inspectors of one NFD.
const INSPECTORS_MAX: usize = 10;

/// A request that was read.
pub(super) struct Asked {
    pub(super) request_id: Uuid,
    pub(super) ask: Ask,
}

/// A concern as it was asked to be raised; scheduling's facts come next.
pub(super) struct Raise {
    pub(super) request_id: Uuid,
    pub(super) visit: VisitId,
    pub(super) area: String,
    pub(super) what_was_seen: String,
}

/// The fields that every request about a case has.
struct Reader {
    fields: Fields,
    request_id: Uuid,
    target: Target,
    etag: String,
}

impl Reader {
    fn new(name: &str, request_id: &str, etag: &str) -> Self {
        let mut fields = Fields::new();
        let target = Target::Case(fields.name::<CaseId>("name", name, "cases"));
        let request_id = fields.request_id(request_id);
        let etag = fields.optional_text("etag", etag, CODE_MAX);
        Self {
            fields,
            request_id,
            target,
            etag,
        }
    }

    /// Acting on a stale reading must be impossible here (R-API-6).
    fn with_etag(name: &str, request_id: &str, etag: &str) -> Self {
        let mut reader = Self::new(name, request_id, etag);
        if reader.etag.is_empty() {
            let what = "is required: the etag of the case as you read it";
            reader.fields.violate("etag", what);
        }
        reader
    }

    fn concern(&mut self, id: &str) -> ConcernId {
        id.parse().unwrap_or_else(|_| {
            self.fields
                .violate("concern_id", "must be a concern's UUID");
            ConcernId(Uuid::nil())
        })
    }

    fn instant(
        &mut self,
        field: &str,
        value: Option<&pbjson_types::Timestamp>,
    ) -> visits_core::Timestamp {
        let value = value.map(|time| (time.seconds, time.nanos));
        self.fields.instant(field, value)
    }

    fn ask(
        self,
        action: &'static visits_runtime::Action,
        command: Command,
    ) -> Result<Asked, Fault> {
        self.fields.finish()?;
        let ask = Ask {
            target: self.target,
            etag: self.etag,
            action,
            command,
        };
        Ok(Asked {
            request_id: self.request_id,
            ask,
        })
    }
}

pub(super) fn raise(request: &wire::RaiseConcernRequest) -> Result<Raise, Fault> {
    let mut fields = Fields::new();
    let raise = Raise {
        visit: fields.name("visit", &request.visit, "visits"),
        request_id: fields.request_id(&request.request_id),
        area: fields.text("area", &request.area, CODE_MAX),
        what_was_seen: fields.text("what_was_seen", &request.what_was_seen, TEXT_MAX),
    };
    fields.finish().map(|()| raise)
}

pub(super) fn acknowledge(request: &wire::AcknowledgeCaseRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let note = reader.fields.optional_text("note", &request.note, NOTE_MAX);
    reader.ask(&rights::ACKNOWLEDGE, Command::AcknowledgeCase { note })
}

pub(super) fn add_note(request: &wire::AddCaseNoteRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, "");
    let text = reader.fields.text("note", &request.note, NOTE_MAX);
    reader.ask(&rights::NOTE, Command::AddCaseNote { text })
}

pub(super) fn assign(request: &wire::AssignCaseRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let operator = reader
        .fields
        .optional_text("operator", &request.operator, CODE_MAX);
    let operator = (!operator.is_empty()).then_some(operator);
    reader.ask(&rights::ASSIGN, Command::AssignCase { operator })
}

pub(super) fn set_alert(request: &wire::SetNextStepAlertRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let after_minutes = request.after_minutes;
    if !ALERT_MINUTES.contains(&after_minutes) {
        let (from, to) = (ALERT_MINUTES.start(), ALERT_MINUTES.end());
        let what = format!("must be {from} to {to}");
        reader.fields.violate("after_minutes", what);
    }
    let reason = reader.fields.text("reason", &request.reason, NOTE_MAX);
    let command = Command::SetNextStepAlert {
        after_minutes,
        reason,
    };
    reader.ask(&rights::SET_ALERT, command)
}

pub(super) fn log_call(request: &wire::LogDutyDeskCallRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let inspector = reader
        .fields
        .code("inspector", &request.inspector, "inspectors");
    let called_at = reader.instant("called_time", request.called_time.as_ref());
    let summary = reader.fields.text("summary", &request.summary, TEXT_MAX);
    let outcome = outcome_from_wire(request.outcome);
    let what = "must be OUTCOME_SEEK_DECISION or OUTCOME_NOT_SIGNIFICANT: the HMI's word";
    // The stand-in never gets past `finish`.
    let outcome = reader
        .fields
        .known("outcome", outcome, what)
        .unwrap_or(crate::domain::case::Outcome::SeekDecision);
    let command = Command::LogDutyDeskCall {
        inspector,
        called_at,
        summary,
        outcome,
    };
    reader.ask(&rights::LOG_CALL, command)
}

pub(super) fn withdraw_concern(request: &wire::WithdrawConcernRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let concern = reader.concern(&request.concern_id);
    let reason = reader.fields.text("reason", &request.reason, REASON_MAX);
    reader.ask(
        &rights::WITHDRAW,
        Command::WithdrawConcern { concern, reason },
    )
}

pub(super) fn withdraw_case(request: &wire::WithdrawCaseRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let reason = reader.fields.text("reason", &request.reason, REASON_MAX);
    reader.ask(&rights::WITHDRAW, Command::WithdrawCase { reason })
}

pub(super) fn decide(request: &wire::DecideNfdRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::with_etag(&request.name, &request.request_id, &request.etag);
    let what = "is required: true or false; silence is not a no";
    let required = reader.fields.known("required", request.required, what);
    let rationale = reader
        .fields
        .text("rationale", &request.rationale, TEXT_MAX);
    let command = Command::DecideNfd {
        required: required.unwrap_or_default(),
        rationale,
    };
    reader.ask(&rights::DECIDE, command)
}

pub(super) fn plan(request: &wire::PlanNfdRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::with_etag(&request.name, &request.request_id, &request.etag);
    let planned_at = reader.instant("planned_time", request.planned_time.as_ref());
    let count = request.inspectors.len();
    if !(1..=INSPECTORS_MAX).contains(&count) {
        let what = format!("names {count} inspectors; 1 to {INSPECTORS_MAX} are allowed");
        reader.fields.violate("inspectors", what);
    }
    let mut inspectors = Vec::with_capacity(count.min(INSPECTORS_MAX));
    for (index, name) in request.inspectors.iter().take(INSPECTORS_MAX).enumerate() {
        let field = format!("inspectors[{index}]");
        let code = reader.fields.code(&field, name, "inspectors");
        if inspectors.contains(&code) {
            reader.fields.violate(field, "is named twice");
        }
        inspectors.push(code);
    }
    let command = Command::PlanNfd {
        planned_at,
        inspectors,
    };
    reader.ask(&rights::PLAN, command)
}

pub(super) fn start(request: &wire::StartNfdRequest) -> Result<Asked, Fault> {
    let straight_away = request.straight_away;
    Reader::new(&request.name, &request.request_id, &request.etag)
        .ask(&rights::INSPECT, Command::StartNfd { straight_away })
}

pub(super) fn record_finding(request: &wire::RecordNfdFindingRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let concern = reader.concern(&request.concern_id);
    let text = reader.fields.text("text", &request.text, TEXT_MAX);
    reader.ask(
        &rights::INSPECT,
        Command::RecordNfdFinding { concern, text },
    )
}

pub(super) fn leave_site(request: &wire::RecordLeavingSiteRequest) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let left_at = reader.instant("left_site_time", request.left_site_time.as_ref());
    reader.ask(&rights::INSPECT, Command::RecordLeavingSite { left_at })
}

pub(super) fn complete(request: &wire::CompleteNfdRequest) -> Result<Asked, Fault> {
    Reader::new(&request.name, &request.request_id, &request.etag)
        .ask(&rights::INSPECT, Command::CompleteNfd)
}

pub(super) fn recommend(request: &wire::RecommendSection5Request) -> Result<Asked, Fault> {
    let mut reader = Reader::new(&request.name, &request.request_id, &request.etag);
    let reason = reader.fields.text("reason", &request.reason, TEXT_MAX);
    reader.ask(&rights::RECOMMEND, Command::RecommendSection5 { reason })
}

/// The case that a read is about.
pub(super) fn case_name(name: &str) -> Result<CaseId, Fault> {
    let mut fields = Fields::new();
    let id = fields.name("name", name, "cases");
    fields.finish().map(|()| id)
}
