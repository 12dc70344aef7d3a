//! The requests of a usual day.

use visits_proto::recording::v1 as proto;

use super::{MARKER, Stage, record};

impl Stage {
    pub fn start(&self) -> proto::StartVisitRequest {
        proto::StartVisitRequest {
            name: record(),
            request_id: self.request_id(),
            ..Default::default()
        }
    }

    pub fn open(&self, area: proto::Area) -> proto::OpenDiscussionRequest {
        proto::OpenDiscussionRequest {
            name: record(),
            request_id: self.request_id(),
            area: area as i32,
            spoken_to: vec![proto::SpokenTo::Head as i32],
            ..Default::default()
        }
    }

    pub fn answers(
        &self,
        discussion: &proto::Discussion,
        answers: &[(&str, &str)],
    ) -> proto::RecordAnswersRequest {
        proto::RecordAnswersRequest {
            name: record(),
            request_id: self.request_id(),
            discussion_id: discussion.discussion_id.clone(),
            answers: answers
                .iter()
                .map(|(code, text)| proto::NewAnswer {
                    question_code: (*code).to_owned(),
                    text: (*text).to_owned(),
                    declined: text.is_empty(),
                    given_time: None,
                })
                .collect(),
            ..Default::default()
        }
    }

    pub fn depart(&self) -> proto::RecordDepartureRequest {
        proto::RecordDepartureRequest {
            name: record(),
            request_id: self.request_id(),
            ..Default::default()
        }
    }

    pub fn agree(&self) -> proto::AgreeLetterContentRequest {
        proto::AgreeLetterContentRequest {
            name: record(),
            request_id: self.request_id(),
            points: vec![proto::AgreedPoint {
                area: proto::Area::Curriculum as i32,
                text: format!("Pupils study every subject again. {MARKER}"),
                ..Default::default()
            }],
            agreed_with: proto::SpokenTo::Head as i32,
            ..Default::default()
        }
    }

    pub fn feedback(&self) -> proto::RecordSchoolFeedbackRequest {
        proto::RecordSchoolFeedbackRequest {
            name: record(),
            request_id: self.request_id(),
            text: format!("The day was well organised. {MARKER}"),
            ..Default::default()
        }
    }

    pub fn complete_with(&self, gaps: Vec<proto::CoverageGap>) -> proto::CompleteVisitRequest {
        proto::CompleteVisitRequest {
            name: record(),
            request_id: self.request_id(),
            gaps,
            ..Default::default()
        }
    }
}
