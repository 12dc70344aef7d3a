//! Scheduling, played by the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use visits_core::Fault;
use visits_proto::scheduling::v1 as scheduling;
use visits_testkit::FakePeers;

use crate::house::{OTHER_VISIT, VISIT};

/// What scheduling says, as the test wants it.
#[derive(Clone)]
pub struct SchedulingSays {
    visit_state: Arc<AtomicI32>,
}

impl SchedulingSays {
    /// The visits are in progress.
    pub fn in_progress() -> Self {
        Self {
            visit_state: Arc::new(AtomicI32::new(scheduling::visit::State::InProgress.into())),
        }
    }

    pub fn visit_state(&self, state: scheduling::visit::State) {
        self.visit_state.store(state.into(), Ordering::SeqCst);
    }

    pub fn peers(&self) -> FakePeers {
        const SERVICE: &str = "ofsted.visits.scheduling.v1.SchedulingService";
        let state = self.visit_state.clone();
        FakePeers::new()
            .answer(
                &format!("{SERVICE}/GetVisit"),
                move |r: scheduling::GetVisitRequest| {
                    let (school, team) = match r.name.as_str() {
                        VISIT => (
                            "schools/123166",
                            ["inspectors/HMI-001", "inspectors/HMI-002"],
                        ),
                        OTHER_VISIT => (
                            "schools/100000",
                            ["inspectors/HMI-003", "inspectors/HMI-004"],
                        ),
                        _ => return Err(Fault::not_found(r.name)),
                    };
                    Ok(scheduling::Visit {
                        name: r.name,
                        school: school.into(),
                        visit_date: "2020-10-23".into(),
                        state: state.load(Ordering::SeqCst),
                        lead: team[0].into(),
                        inspectors: team.map(String::from).to_vec(),
                        ..scheduling::Visit::default()
                    })
                },
            )
            .answer(
                &format!("{SERVICE}/GetSchool"),
                |r: scheduling::GetSchoolRequest| {
                    let (display_name, region) = match r.name.as_str() {
                        "schools/123166" => ("Larkmead School", "south-east"),
                        _ => ("Sir John Cass", "london"),
                    };
                    Ok(scheduling::School {
                        urn: r.name.replace("schools/", ""),
                        name: r.name,
                        display_name: display_name.into(),
                        ofsted_region: region.into(),
                        ..scheduling::School::default()
                    })
                },
            )
            .answer(
                &format!("{SERVICE}/CheckBarrier"),
                |_: scheduling::CheckBarrierRequest| {
                    Ok(scheduling::CheckBarrierResponse { barred: false })
                },
            )
            .answer(
                &format!("{SERVICE}/GetSchoolDays"),
                |r: scheduling::GetSchoolDaysRequest| {
                    if r.school != "schools/123166" {
                        return Err(Fault::transient("scheduling is away"));
                    }
                    // The Friday, and then half term.
                    Ok(scheduling::GetSchoolDaysResponse {
                        dates: vec!["2020-10-23".into()],
                        calendar_used: "ENGLAND".into(),
                    })
                },
            )
    }
}
