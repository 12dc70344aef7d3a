//! What leaves the service: a private event becomes one public event or none. Public ones carry
//! identifiers, codes, versions and times, and have no place for a text (R19).

use visits_durable::{AggregateRef, PublicEvent};
use visits_proto::recording::v1 as proto;
use visits_proto::timestamp;

use crate::domain::{Event, Record};
use crate::name;

/// The kind of aggregate that recording speaks for.
pub const AGGREGATE: &str = "recording.record";
/// Why a visit stops.
pub const NFD_REQUIRED: &str = "NFD_REQUIRED";

/// The record as the source of its public events.
#[must_use]
pub fn aggregate(record: &Record) -> AggregateRef {
    AggregateRef {
        kind: AGGREGATE,
        id: record.visit.0,
        subject: name::record(record.visit),
        correlation_id: name::visit(record.visit),
    }
}

/// What the others hear of `event`, if anything.
#[must_use]
pub fn public(event: &Event, record: &Record) -> Option<PublicEvent> {
    let visit = name::visit(record.visit);
    let school = name::school(&record.school);
    let public = match event {
        Event::Started { at, form_version } => PublicEvent::new(
            &proto::VisitStarted {
                visit,
                school,
                started_time: Some(timestamp(*at)),
                form_version: form_version.clone(),
            },
            *at,
        ),
        Event::Departed { at } => PublicEvent::new(
            &proto::DepartureRecorded {
                visit,
                school,
                departed_time: Some(timestamp(*at)),
            },
            *at,
        ),
        Event::ContentAgreed { version, at } => PublicEvent::new(
            &proto::LetterContentAgreed {
                visit,
                school,
                content_version: *version,
                agreed_time: Some(timestamp(*at)),
            },
            *at,
        ),
        Event::FeedbackRecorded { at } => PublicEvent::new(
            &proto::SchoolFeedbackRecorded {
                visit,
                school,
                recorded_time: Some(timestamp(*at)),
            },
            *at,
        ),
        Event::Completed { at, form_version } => PublicEvent::new(
            &proto::VisitCompleted {
                visit,
                school,
                completed_time: Some(timestamp(*at)),
                form_version: form_version.clone(),
            },
            *at,
        ),
        Event::Stopped { decided_at, case } => PublicEvent::new(
            &proto::VisitStopped {
                visit,
                school,
                stopped_time: Some(timestamp(*decided_at)),
                reason_code: NFD_REQUIRED.to_owned(),
                case: case.clone(),
            },
            *decided_at,
        ),
        Event::Briefed
        | Event::Cancelled
        | Event::DiscussionOpened(_)
        | Event::DiscussionClosed(_)
        | Event::AnswerRecorded(_)
        | Event::FollowUpRecorded(_)
        | Event::AnswerCorrected(_)
        | Event::ExecutiveRequestSettled
        | Event::AccessEnded => return None,
    };
    Some(public)
}
