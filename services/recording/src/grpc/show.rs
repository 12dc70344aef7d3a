//! What the contract shows of records, answers and forms.

use uuid::Uuid;
use visits_durable::store::Versioned;
use visits_proto::recording::v1 as proto;
use visits_proto::timestamp;
use visits_runtime::etag;

use super::codes;
use crate::domain::answer::Statement;
use crate::domain::{
    Agreement, Answer, Briefing, Discussion, ExecutiveConversation, FollowUp, Point, Question,
    Readiness, Record, Revision, VisitForm, VisitId,
};
use crate::name;
use crate::publish::NFD_REQUIRED;
use crate::store::forms::StoredForm;

fn time(instant: Option<visits_core::Timestamp>) -> Option<pbjson_types::Timestamp> {
    instant.map(timestamp)
}

pub(super) fn record(held: &Versioned<Record>) -> proto::VisitRecord {
    let record = &held.value;
    let mut shown = proto::VisitRecord {
        name: name::record(record.visit),
        visit: name::visit(record.visit),
        school: name::school(&record.school),
        ready: record.readiness == Readiness::Ready,
        started_time: time(record.start.as_ref().map(|start| start.at)),
        late_start_note: record
            .start
            .as_ref()
            .map_or_else(String::new, |start| start.late_note.clone()),
        departed_time: time(record.departure.as_ref().map(|departure| departure.at)),
        departure_reason: record
            .departure
            .as_ref()
            .map_or_else(String::new, |departure| departure.reason.clone()),
        discussions: record.discussions.iter().map(discussion).collect(),
        executive_conversation: executive(record),
        agreed_content_version: record.agreements.last().map_or(0, |a| a.version),
        school_feedback: record
            .feedback
            .as_ref()
            .map(|feedback| proto::SchoolFeedback {
                text: feedback.text.clone().unwrap_or_default(),
                none_offered: feedback.text.is_none(),
                recorded_time: Some(timestamp(feedback.recorded_at)),
            }),
        answer_count: i32::try_from(record.answers.len()).unwrap_or(i32::MAX),
        coverage_gaps: record
            .gaps
            .iter()
            .map(|gap| proto::CoverageGap {
                question_code: gap.question_code.clone(),
                reason: gap.reason.clone(),
            })
            .collect(),
        completed_time: time(record.completed_at),
        stopped_time: time(record.stop.as_ref().map(|stop| stop.decided_at)),
        stopped_reason_code: record
            .stop
            .as_ref()
            .map_or_else(String::new, |_| NFD_REQUIRED.to_owned()),
        access_ends_time: time(record.access_ends_at),
        create_time: Some(timestamp(record.created_at)),
        update_time: Some(timestamp(record.updated_at)),
        etag: etag::of(held.version),
        ..proto::VisitRecord::default()
    };
    shown.set_state(codes::from_stage(record.stage));
    if let Some(briefing) = &record.briefing {
        brief(&mut shown, briefing);
    }
    if let Some(version) = &record.form_version {
        shown.form_version.clone_from(version);
    }
    shown
}

fn brief(shown: &mut proto::VisitRecord, briefing: &Briefing) {
    shown.visit_date = briefing.visit_date.to_string();
    shown.set_mode(codes::from_mode(briefing.mode));
    shown.lead = name::inspector(&briefing.lead);
    shown.inspectors = briefing
        .inspectors
        .iter()
        .map(|code| name::inspector(code))
        .collect();
    shown.form_version.clone_from(&briefing.planned_form);
    shown.system_of_controls = briefing
        .controls
        .iter()
        .map(|control| proto::ControlMeasure {
            topic_code: control.topic.clone(),
            arrangement: control.arrangement.clone(),
        })
        .collect();
    shown.home_time = briefing.home_time.map(|home| proto::HomeTime {
        from: home.from.strftime("%H:%M").to_string(),
        until: home.until.strftime("%H:%M").to_string(),
    });
    shown.planned_departure = briefing
        .planned_departure
        .map_or_else(String::new, |at| at.strftime("%H:%M").to_string());
}

fn executive(record: &Record) -> Option<proto::ExecutiveConversation> {
    let request = record.briefing.as_ref()?.executive_request.as_ref()?;
    let (held, unmet) = match &record.executive {
        Some(ExecutiveConversation::Held(at)) => (Some(*at), ""),
        Some(ExecutiveConversation::Unmet(reason)) => (None, reason.as_str()),
        None => (None, ""),
    };
    Some(proto::ExecutiveConversation {
        leader_role_code: request.leader_role.clone(),
        planned_time: time(request.planned_at),
        held_time: time(held),
        unmet_reason: unmet.to_owned(),
    })
}

pub(super) fn discussion(discussion: &Discussion) -> proto::Discussion {
    proto::Discussion {
        discussion_id: discussion.id.to_string(),
        area: codes::from_area(discussion.area) as i32,
        spoken_to: discussion
            .spoken_to
            .iter()
            .map(|role| codes::from_spoken_to(*role) as i32)
            .collect(),
        inspector: name::inspector(&discussion.inspector),
        opened_time: Some(timestamp(discussion.opened_at)),
        closed_time: time(discussion.closed_at),
    }
}

/// The discussion with that identifier; an empty one if there is none.
pub(super) fn discussion_with(record: &Record, id: Option<&Uuid>) -> proto::Discussion {
    id.and_then(|id| record.discussion(*id))
        .map(discussion)
        .unwrap_or_default()
}

pub(super) fn answer(visit: VisitId, answer: &Answer) -> proto::Answer {
    let said = &answer.statement;
    proto::Answer {
        name: name::answer(visit, answer.id),
        answer_id: answer.id.to_string(),
        question_code: answer.question_code.clone(),
        question_text: answer.question_text.clone(),
        area: codes::from_area(answer.area) as i32,
        discussion_id: answer.discussion.to_string(),
        text: said.response.text().to_owned(),
        declined: said.response.is_declined(),
        inspector: name::inspector(&said.inspector),
        given_time: Some(timestamp(said.given_at)),
        recorded_time: Some(timestamp(said.recorded_at)),
        follow_ups: answer.follow_ups.iter().map(follow_up).collect(),
        revisions: revisions(said),
        flagged_phrases: said.flagged.clone(),
        mark: codes::from_mark(said.mark) as i32,
    }
}

/// The answer with that identifier, or that holds the follow-up with it; an empty one if none.
pub(super) fn answer_with(record: &Record, id: Uuid) -> proto::Answer {
    record
        .answer_holding(id)
        .map(|found| answer(record.visit, found))
        .unwrap_or_default()
}

fn follow_up(follow_up: &FollowUp) -> proto::FollowUp {
    let said = &follow_up.statement;
    proto::FollowUp {
        answer_id: follow_up.id.to_string(),
        question: follow_up.question.clone(),
        text: said.response.text().to_owned(),
        declined: said.response.is_declined(),
        inspector: name::inspector(&said.inspector),
        given_time: Some(timestamp(said.given_at)),
        recorded_time: Some(timestamp(said.recorded_at)),
        revisions: revisions(said),
        flagged_phrases: said.flagged.clone(),
        mark: codes::from_mark(said.mark) as i32,
    }
}

fn revisions(said: &Statement) -> Vec<proto::Revision> {
    said.revisions.iter().map(revision).collect()
}

fn revision(revision: &Revision) -> proto::Revision {
    proto::Revision {
        text: revision.stood.text().to_owned(),
        declined: revision.stood.is_declined(),
        reason: revision.reason.clone(),
        inspector: name::inspector(&revision.inspector),
        corrected_time: Some(timestamp(revision.corrected_at)),
    }
}

/// An answer without whom it came from, who wrote it down, and when.
pub(super) fn deidentified(answer: &Answer) -> proto::DeidentifiedAnswer {
    let unmarked = |follow_up: &&FollowUp| follow_up.statement.mark.is_none();
    proto::DeidentifiedAnswer {
        answer_id: answer.id.to_string(),
        question_code: answer.question_code.clone(),
        area: codes::from_area(answer.area) as i32,
        text: answer.statement.response.text().to_owned(),
        declined: answer.statement.response.is_declined(),
        follow_ups: answer
            .follow_ups
            .iter()
            .filter(unmarked)
            .map(|follow_up| proto::DeidentifiedFollowUp {
                answer_id: follow_up.id.to_string(),
                question: follow_up.question.clone(),
                text: follow_up.statement.response.text().to_owned(),
                declined: follow_up.statement.response.is_declined(),
            })
            .collect(),
    }
}

pub(super) fn agreed(record: &Record, agreement: &Agreement) -> proto::AgreedContent {
    proto::AgreedContent {
        name: name::record(record.visit),
        visit: name::visit(record.visit),
        school: name::school(&record.school),
        version: agreement.version,
        points: agreement.points.iter().map(point).collect(),
        agreed_with: codes::from_spoken_to(agreement.agreed_with) as i32,
        agreed_time: Some(timestamp(agreement.agreed_at)),
        inspector: name::inspector(&agreement.inspector),
    }
}

/// The latest agreement; an empty one if there is none.
pub(super) fn latest_agreed(record: &Record) -> proto::AgreedContent {
    record
        .agreements
        .last()
        .map(|agreement| agreed(record, agreement))
        .unwrap_or_default()
}

fn point(point: &Point) -> proto::AgreedPoint {
    proto::AgreedPoint {
        area: codes::from_area(point.area) as i32,
        text: point.text.clone(),
        flagged_phrases: point.flagged.clone(),
    }
}

pub(super) fn coverage(record: &Record, form: Option<&VisitForm>) -> proto::Coverage {
    let Some(form) = form else {
        return proto::Coverage {
            name: name::record(record.visit),
            ..proto::Coverage::default()
        };
    };
    let coverage = record.coverage(form);
    proto::Coverage {
        name: name::record(record.visit),
        form_version: form.version.clone(),
        asked: coverage.asked.iter().map(|q| q.code.clone()).collect(),
        unasked: coverage.unasked.into_iter().map(question).collect(),
    }
}

fn question(question: &Question) -> proto::Question {
    proto::Question {
        code: question.code.clone(),
        area: codes::from_area(question.area) as i32,
        text: question.text.clone(),
        prompts: question.prompts.clone(),
    }
}

pub(super) fn form(stored: &StoredForm) -> proto::VisitForm {
    proto::VisitForm {
        name: name::form(&stored.form.version),
        version: stored.form.version.clone(),
        title: stored.form.title.clone(),
        effective_from: stored.form.effective_from.to_string(),
        questions: stored.form.questions.iter().map(question).collect(),
        digest: stored.digest.clone(),
        create_time: Some(timestamp(stored.imported_at)),
        etag: etag::of(1),
    }
}
