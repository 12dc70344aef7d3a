//! Requests, read into commands: every field at fault is named at once.

use pbjson_types::Timestamp as WireTime;
use uuid::Uuid;
use visits_core::{Fault, Fields, Timestamp};
use visits_proto::recording::v1 as proto;

use super::codes;
use crate::app::step::Intent;
use crate::domain::{Command, Gap, NewAnswer, NewPoint, Response, SpokenTo, VisitId};

const ANSWER_MAX: usize = 10_000;
const ANSWERS_MAX: usize = 50;
const FOLLOW_UP_MAX: usize = 1_000;
const REASON_MAX: usize = 1_000;
const FEEDBACK_MAX: usize = 4_000;
const POINT_MAX: usize = 2_000;
const POINTS_MAX: usize = 40;
const GAPS_MAX: usize = crate::domain::form::MAX_QUESTIONS;
const CODE_MAX: usize = 16;
const ROLES_MAX: usize = 8;

/// What a request asks, with its mark.
pub(super) struct Asked {
    pub(super) request_id: Uuid,
    pub(super) intent: Intent,
}

/// A request that changes a record: what all of them have.
pub(super) trait Changes {
    fn name(&self) -> &str;
    fn etag(&self) -> &str;
    fn request_id(&self) -> &str;
    /// The command; what is wrong with it goes into `fields`.
    fn command(&self, fields: &mut Fields) -> Option<Command>;
}

/// Reads a request that changes a record.
pub(super) fn asked(request: &impl Changes) -> Result<Asked, Fault> {
    let mut fields = Fields::new();
    let visit: VisitId = fields.name("name", request.name(), "visitRecords");
    let request_id = fields.request_id(request.request_id());
    let command = request.command(&mut fields);
    fields.finish()?;
    let command = command.ok_or_else(|| Fault::fatal("a request without fault has a command"))?;
    Ok(Asked {
        request_id,
        intent: Intent {
            visit,
            command,
            etag: request.etag().to_owned(),
        },
    })
}

/// The visit that `name` names.
pub(super) fn record_name(field: &str, name: &str) -> Result<VisitId, Fault> {
    let mut fields = Fields::new();
    let visit = fields.name(field, name, "visitRecords");
    fields.finish()?;
    Ok(visit)
}

macro_rules! changes {
    ($request:ident, |$self:ident, $fields:ident| $command:expr) => {
        impl Changes for proto::$request {
            fn name(&self) -> &str {
                &self.name
            }
            fn etag(&self) -> &str {
                &self.etag
            }
            fn request_id(&self) -> &str {
                &self.request_id
            }
            fn command(&self, $fields: &mut Fields) -> Option<Command> {
                let $self = self;
                $command
            }
        }
    };
}

changes!(StartVisitRequest, |request, fields| {
    let note = fields.optional_text("late_start_note", &request.late_start_note, REASON_MAX);
    Some(Command::Start {
        at: instant(fields, "started_time", request.started_time.as_ref()),
        late_note: note,
    })
});

changes!(OpenDiscussionRequest, |request, fields| {
    let at = instant(fields, "opened_time", request.opened_time.as_ref());
    let area = fields.known("area", codes::area(request.area), "must be an area");
    let spoken_to = roles(fields, &request.spoken_to);
    Some(Command::OpenDiscussion {
        area: area?,
        spoken_to,
        at,
    })
});

changes!(CloseDiscussionRequest, |request, fields| {
    Some(Command::CloseDiscussion {
        discussion: id(fields, "discussion_id", &request.discussion_id),
        at: instant(fields, "closed_time", request.closed_time.as_ref()),
    })
});

changes!(RecordAnswersRequest, |request, fields| {
    let discussion = id(fields, "discussion_id", &request.discussion_id);
    count(fields, "answers", request.answers.len(), ANSWERS_MAX);
    let answers = request
        .answers
        .iter()
        .enumerate()
        .filter_map(|(index, answer)| new_answer(fields, &format!("answers[{index}]"), answer))
        .collect();
    Some(Command::RecordAnswers {
        discussion,
        answers,
    })
});

changes!(RecordFollowUpRequest, |request, fields| {
    let beneath = id(fields, "answer_id", &request.answer_id);
    let question = fields.text("question", &request.question, FOLLOW_UP_MAX);
    let given_at = instant(fields, "given_time", request.given_time.as_ref());
    Some(Command::RecordFollowUp {
        beneath,
        question,
        response: response(fields, "text", &request.text, request.declined)?,
        given_at,
    })
});

changes!(CorrectAnswerRequest, |request, fields| {
    let answer = id(fields, "answer_id", &request.answer_id);
    let reason = fields.text("reason", &request.reason, REASON_MAX);
    Some(Command::CorrectAnswer {
        answer,
        response: response(fields, "text", &request.text, request.declined)?,
        reason,
    })
});

changes!(HoldExecutiveConversationRequest, |request, fields| {
    Some(Command::HoldExecutiveConversation {
        at: instant(fields, "held_time", request.held_time.as_ref()),
    })
});

changes!(ExplainUnmetConversationRequest, |request, fields| {
    Some(Command::ExplainUnmetConversation {
        reason: fields.text("reason", &request.reason, REASON_MAX),
    })
});

changes!(RecordDepartureRequest, |request, fields| {
    Some(Command::RecordDeparture {
        at: instant(fields, "departed_time", request.departed_time.as_ref()),
        reason: fields.optional_text("reason", &request.reason, REASON_MAX),
    })
});

changes!(AgreeLetterContentRequest, |request, fields| {
    count(fields, "points", request.points.len(), POINTS_MAX);
    let points = request
        .points
        .iter()
        .enumerate()
        .filter_map(|(index, point)| new_point(fields, &format!("points[{index}]"), point))
        .collect();
    let agreed_with = fields.known(
        "agreed_with",
        codes::spoken_to(request.agreed_with),
        "must be a role",
    );
    Some(Command::AgreeContent {
        points,
        agreed_with: agreed_with?,
    })
});

changes!(RecordSchoolFeedbackRequest, |request, fields| {
    let text = fields.optional_text("text", &request.text, FEEDBACK_MAX);
    if text.is_empty() != request.none_offered {
        fields.violate("text", "give either the school's words or none_offered");
    }
    Some(Command::RecordFeedback {
        text: (!request.none_offered).then_some(text),
    })
});

changes!(CompleteVisitRequest, |request, fields| {
    if request.gaps.len() > GAPS_MAX {
        fields.violate("gaps", format!("at most {GAPS_MAX} are allowed"));
    }
    let gaps = request
        .gaps
        .iter()
        .enumerate()
        .map(|(index, gap)| Gap {
            question_code: fields.text(
                &format!("gaps[{index}].question_code"),
                &gap.question_code,
                CODE_MAX,
            ),
            reason: fields.text(&format!("gaps[{index}].reason"), &gap.reason, REASON_MAX),
        })
        .collect();
    Some(Command::Complete { gaps })
});

/// An instant that may be absent.
fn instant(fields: &mut Fields, field: &str, value: Option<&WireTime>) -> Option<Timestamp> {
    value.map(|value| fields.instant(field, Some((value.seconds, value.nanos))))
}

fn id(fields: &mut Fields, field: &str, value: &str) -> Uuid {
    value.parse().unwrap_or_else(|_| {
        fields.violate(field, "must be a UUID, as an earlier answer gave it");
        Uuid::nil()
    })
}

fn count(fields: &mut Fields, field: &str, number: usize, most: usize) {
    if number == 0 || number > most {
        fields.violate(field, format!("must be 1 to {most}"));
    }
}

fn roles(fields: &mut Fields, values: &[i32]) -> Vec<SpokenTo> {
    let mut roles: Vec<SpokenTo> = values.iter().filter_map(|v| codes::spoken_to(*v)).collect();
    if roles.is_empty() || roles.len() < values.len() || values.len() > ROLES_MAX {
        fields.violate("spoken_to", "must be one or more roles");
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn response(fields: &mut Fields, field: &str, text: &str, declined: bool) -> Option<Response> {
    let text = fields.optional_text(field, text, ANSWER_MAX);
    match (text.is_empty(), declined) {
        (true, true) => Some(Response::Declined),
        (false, false) => Some(Response::Given(text)),
        _ => {
            fields.violate(field, "give either the words or declined");
            None
        }
    }
}

fn new_answer(fields: &mut Fields, path: &str, answer: &proto::NewAnswer) -> Option<NewAnswer> {
    let question_code = fields.text(
        &format!("{path}.question_code"),
        &answer.question_code,
        CODE_MAX,
    );
    let given_at = instant(
        fields,
        &format!("{path}.given_time"),
        answer.given_time.as_ref(),
    );
    let response = response(
        fields,
        &format!("{path}.text"),
        &answer.text,
        answer.declined,
    )?;
    Some(NewAnswer {
        question_code,
        response,
        given_at,
    })
}

fn new_point(fields: &mut Fields, path: &str, point: &proto::AgreedPoint) -> Option<NewPoint> {
    let text = fields.text(&format!("{path}.text"), &point.text, POINT_MAX);
    let area = fields.known(
        &format!("{path}.area"),
        codes::area(point.area),
        "must be an area",
    );
    Some(NewPoint { area: area?, text })
}
