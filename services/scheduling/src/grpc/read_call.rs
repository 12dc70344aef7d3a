//! Requests about the call, read. None of them has room for what is said about education (M16).

use visits_core::{Fault, Fields};
use visits_proto::scheduling::v1 as proto;

use super::read_visit::{REASON_MAX, change};
use super::{Change, codes};
use crate::app::rights::Needs;
use crate::app::wish::Wish;
use crate::domain::arrangements::{LeaderRole, Measure, Topic};
use crate::domain::command::Command;
use crate::domain::visit::DeferralReason;
use crate::import::OfstedRegion;

/// More steps than a script can have.
const STEPS_MAX: usize = 50;
/// More measures than there are topics.
const MEASURES_MAX: usize = 20;
/// The longest arrangement.
const ARRANGEMENT_MAX: usize = 2_000;

pub(super) fn rearrange(asked: &proto::RearrangeCallRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let wish = Wish::Plain(Command::RearrangeCall {
        time: fields.time("call_time", &asked.call_time),
    });
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::Team, wish)
}

pub(super) fn start(asked: &proto::StartCallRequest) -> Result<Change, Fault> {
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(Fields::new(), about, Needs::Team, Wish::StartCall)
}

pub(super) fn attempt(asked: &proto::RecordCallAttemptRequest) -> Result<Change, Fault> {
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    let wish = Wish::Plain(Command::RecordAttempt);
    change(Fields::new(), about, Needs::Team, wish)
}

pub(super) fn steps(asked: &proto::RecordCallStepRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    if asked.step_codes.is_empty() || asked.step_codes.len() > STEPS_MAX {
        fields.violate("step_codes", "must name between 1 and 50 steps");
    }
    let codes = asked
        .step_codes
        .iter()
        .take(STEPS_MAX)
        .enumerate()
        .map(|(at, code)| fields.text(&format!("step_codes[{at}]"), code, 63))
        .collect();
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::Team, Wish::RecordSteps { codes })
}

pub(super) fn controls(asked: &proto::RecordSystemOfControlsRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    if asked.measures.is_empty() || asked.measures.len() > MEASURES_MAX {
        fields.violate("measures", "must be at least one measure, each topic once");
    }
    let mut measures = Vec::new();
    for (at, measure) in asked.measures.iter().take(MEASURES_MAX).enumerate() {
        let topic = fields.known(
            &format!("measures[{at}].topic"),
            codes::topic_from(measure.topic),
            "must be one of the topics",
        );
        measures.push(Measure {
            topic: topic.unwrap_or(Topic::Other),
            arrangement: fields.text(
                &format!("measures[{at}].arrangement"),
                &measure.arrangement,
                ARRANGEMENT_MAX,
            ),
        });
    }
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    let wish = Wish::Plain(Command::RecordControls { measures });
    change(fields, about, Needs::Team, wish)
}

pub(super) fn home_time(asked: &proto::RecordHomeTimeRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let given = asked.home_time.clone().unwrap_or_default();
    let wish = Wish::Plain(Command::RecordHomeTime {
        from: fields.time("home_time.from", &given.from),
        until: fields.time("home_time.until", &given.until),
    });
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::Team, wish)
}

pub(super) fn request_executive(
    asked: &proto::RequestExecutiveConversationRequest,
) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let read = codes::leader_role_from(asked.leader_role);
    let leader = fields.known("leader_role", read, "must say who asks, by role");
    let wish = Wish::Plain(Command::RequestExecutive {
        leader: leader.unwrap_or(LeaderRole::Other),
    });
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::SchedulerOrLead, wish)
}

pub(super) fn plan_executive(
    asked: &proto::PlanExecutiveConversationRequest,
) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let wish = Wish::Plain(Command::PlanExecutive {
        start: fields.time("planned_start", &asked.planned_start),
        minutes: asked.planned_minutes,
    });
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(fields, about, Needs::SchedulerOrLead, wish)
}

pub(super) fn complete(asked: &proto::CompleteCallRequest) -> Result<Change, Fault> {
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    change(Fields::new(), about, Needs::Team, Wish::CompleteCall)
}

pub(super) fn request_deferral(asked: &proto::RequestDeferralRequest) -> Result<Change, Fault> {
    let mut fields = Fields::new();
    let read = codes::deferral_reason_from(asked.reason);
    let reason = fields.known("reason", read, "must say why the school asks");
    let reason = reason.unwrap_or(DeferralReason::Other);
    let note = if reason == DeferralReason::Other {
        fields.text("note", &asked.note, REASON_MAX)
    } else {
        fields.optional_text("note", &asked.note, REASON_MAX)
    };
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    let wish = Wish::Plain(Command::RequestDeferral { reason, note });
    change(fields, about, Needs::Team, wish)
}

pub(super) fn decide_deferral(
    asked: &proto::DecideDeferralRequest,
    regions: Vec<OfstedRegion>,
) -> Result<Change, Fault> {
    use proto::deferral::Decision;
    let mut fields = Fields::new();
    let granted = match asked.decision() {
        Decision::Granted => Some(fields.date("new_visit_date", &asked.new_visit_date)),
        Decision::Refused => {
            if !asked.new_visit_date.is_empty() {
                fields.violate("new_visit_date", "must be empty for a refusal");
            }
            None
        }
        Decision::Unspecified => {
            fields.violate("decision", "must be DECISION_GRANTED or DECISION_REFUSED");
            None
        }
    };
    let rationale = fields.text("rationale", &asked.rationale, REASON_MAX);
    let about = (&*asked.name, &*asked.etag, &*asked.request_id);
    let wish = Wish::DecideDeferral {
        granted,
        rationale,
        regions,
    };
    change(fields, about, Needs::Director, wish)
}
