//! The other services, as far as a draft needs them.

use std::sync::{Arc, Mutex, PoisonError};

use visits_core::Fault;
use visits_proto::common::v1::ConcernArea;
use visits_proto::escalation::v1::{
    Case, GetCaseRequest, GetNfdFindingsRequest, Nfd, NfdFinding, NfdFindings,
};
use visits_proto::recording::v1::{AgreedContent, AgreedPoint, GetAgreedContentRequest};
use visits_proto::scheduling::v1::{GetSchoolRequest, GetVisitRequest, School, Visit};
use visits_testkit::FakePeers;

use super::{Known, SCHOOL, school, visit};

/// Peers that answer from what is known.
pub(super) fn peers(known: &Arc<Mutex<Known>>) -> FakePeers {
    let (content, findings) = (known.clone(), known.clone());
    FakePeers::new()
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/GetVisit",
            |asked: GetVisitRequest| {
                if asked.name != visit() {
                    return Err(Fault::not_found(asked.name));
                }
                Ok(Visit {
                    name: asked.name,
                    school: school(),
                    visit_date: "2020-10-13".into(),
                    lead: "inspectors/HMI-001".into(),
                    inspectors: vec!["inspectors/HMI-001".into(), "inspectors/HMI-002".into()],
                    ..Visit::default()
                })
            },
        )
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/GetSchool",
            |asked: GetSchoolRequest| {
                Ok(School {
                    name: asked.name,
                    display_name: SCHOOL.into(),
                    ..School::default()
                })
            },
        )
        .answer(
            "ofsted.visits.recording.v1.RecordingService/GetAgreedContent",
            move |asked: GetAgreedContentRequest| {
                let mut known = content.lock().unwrap_or_else(PoisonError::into_inner);
                known.fetches += 1;
                let points = known.points.iter().map(|(area, words)| AgreedPoint {
                    area: (*area).into(),
                    text: words.clone(),
                    ..AgreedPoint::default()
                });
                Ok(AgreedContent {
                    name: asked.name,
                    version: 2,
                    points: points.collect(),
                    ..AgreedContent::default()
                })
            },
        )
        .answer(
            "ofsted.visits.escalation.v1.EscalationService/GetCase",
            |asked: GetCaseRequest| {
                let inspectors = vec!["inspectors/HMI-001".into(), "inspectors/HMI-007".into()];
                Ok(Case {
                    name: asked.name,
                    visit: visit(),
                    school: school(),
                    nfd: Some(Nfd {
                        inspectors,
                        ..Nfd::default()
                    }),
                    ..Case::default()
                })
            },
        )
        .answer(
            "ofsted.visits.escalation.v1.EscalationService/GetNfdFindings",
            move |asked: GetNfdFindingsRequest| {
                findings
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .fetches += 1;
                Ok(NfdFindings {
                    name: asked.name,
                    visit: visit(),
                    school: school(),
                    findings: vec![NfdFinding {
                        area: ConcernArea::Safeguarding.into(),
                        text: "Checks on adults are complete.".into(),
                    }],
                    ..NfdFindings::default()
                })
            },
        )
}
