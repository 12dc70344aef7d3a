//! Recording on a bench, with scheduling played by the test.

#![expect(dead_code, reason = "each test file uses its own part of the stage")]

pub mod absent;
mod requests;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Response, Status};
use uuid::Uuid;
use visits_core::{Actor, Fault, Role, Timestamp};
use visits_durable::Durable;
use visits_proto::common::v1::Mode;
use visits_proto::recording::v1 as proto;
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;
use visits_proto::scheduling::v1 as scheduling;
use visits_proto::{escalation, letters, timestamp};
use visits_recording::{FIRST_FORM, Policy, SERVICE, build, migrations};
use visits_runtime::{Deps, ResumeTokens, from_status};
use visits_testkit::events::Of;
use visits_testkit::host::Bearer;
use visits_testkit::{Bench, Database, FakePeers, Host};

pub const VISIT: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
pub const OTHER_VISIT: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002);
pub const CASE: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0009);
pub const SCHOOL: &str = "schools/123166";
/// What an answer says, and nothing that leaves the service may (R19).
pub const MARKER: &str = "zebra-crossing-marker";

pub type Client = RecordingServiceClient<InterceptedService<Channel, Bearer>>;

/// What scheduling knows, in the test's hand.
pub struct Plan {
    pub visits: Vec<scheduling::Visit>,
    pub barred: BTreeSet<String>,
    pub is_down: bool,
}

/// The stage: recording, and what the test plays.
pub struct Stage {
    pub bench: Bench,
    pub host: Host,
    pub durable: Durable,
    pub plan: Arc<Mutex<Plan>>,
    requests: Mutex<u128>,
}

fn visit(id: Uuid) -> scheduling::Visit {
    let mut visit = scheduling::Visit {
        name: format!("visits/{id}"),
        school: SCHOOL.to_owned(),
        visit_date: "2020-10-13".to_owned(),
        lead: "inspectors/HMI-001".to_owned(),
        inspectors: vec![
            "inspectors/HMI-001".to_owned(),
            "inspectors/HMI-002".to_owned(),
        ],
        system_of_controls: Some(scheduling::SystemOfControls {
            measures: vec![scheduling::ControlMeasure {
                topic: scheduling::control_measure::Topic::Visitors as i32,
                arrangement: "Sign in by the side gate.".to_owned(),
            }],
            ..Default::default()
        }),
        home_time: Some(scheduling::HomeTime {
            from: "15:00".to_owned(),
            until: "15:20".to_owned(),
        }),
        planned_departure: "15:40".to_owned(),
        ..Default::default()
    };
    visit.set_state(scheduling::visit::State::Ready);
    visit.set_mode(Mode::OnSite);
    visit
}

fn played(plan: &Arc<Mutex<Plan>>) -> FakePeers {
    let (barriers, visits) = (plan.clone(), plan.clone());
    FakePeers::new()
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/CheckBarrier",
            move |request: scheduling::CheckBarrierRequest| {
                let plan = barriers.lock().expect("lock");
                if plan.is_down {
                    return Err(Fault::transient("scheduling is away"));
                }
                Ok(scheduling::CheckBarrierResponse {
                    barred: plan.barred.contains(&request.inspector),
                })
            },
        )
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/GetVisit",
            move |request: scheduling::GetVisitRequest| {
                let plan = visits.lock().expect("lock");
                if plan.is_down {
                    return Err(Fault::transient("scheduling is away"));
                }
                let found = plan.visits.iter().find(|visit| visit.name == request.name);
                found.cloned().ok_or_else(|| Fault::not_found(request.name))
            },
        )
}

impl Stage {
    /// Recording in the afternoon before the visit; nothing was heard of yet.
    pub async fn new(database: Database) -> Self {
        let bench = database.bench("2020-10-12T15:00:00Z");
        let plan = Arc::new(Mutex::new(Plan {
            visits: vec![visit(VISIT), visit(OTHER_VISIT)],
            barred: BTreeSet::new(),
            is_down: false,
        }));
        let mut stage = Self {
            durable: bench.durable(SERVICE, migrations).await,
            host: Host::new(&bench),
            bench,
            plan,
            requests: Mutex::new(0),
        };
        stage.serve().await;
        stage
    }

    /// Kills the service and starts it again on what it left.
    pub async fn restart(&mut self) {
        self.bench.kill();
        self.host = Host::new(&self.bench);
        self.durable = self.bench.durable(SERVICE, migrations).await;
        self.serve().await;
    }

    async fn serve(&mut self) {
        let built = build(Deps {
            durable: self.durable.clone(),
            peers: self.host.peers(SERVICE),
            policy: Policy::default(),
            resume: ResumeTokens::new([9; 32]),
            going_away: self.host.going_away.clone(),
        });
        self.host.serve([built.routes, played(&self.plan).routes()]);
        self.bench.add(built.parts).await;
    }

    /// A client of an inspector.
    pub fn hmi(&self, code: &str) -> Client {
        self.client(code, Role::Hmi)
    }

    /// A client of anybody.
    pub fn client(&self, principal: &str, role: Role) -> Client {
        RecordingServiceClient::new(self.host.caller(Actor::new(principal, role)))
    }

    /// A new mark of a request.
    pub fn request_id(&self) -> String {
        let mut last = self.requests.lock().expect("lock");
        *last += 1;
        Uuid::from_u128(*last).to_string()
    }

    /// Moves the clock of England on 13 October 2020 (BST).
    pub fn clock(&self, hour: i8, minute: i8) {
        self.bench.clock.advance_to(at(hour, minute));
    }

    pub async fn import(&self, toml: &str) -> Result<proto::VisitForm, Fault> {
        let request = proto::ImportVisitFormRequest {
            toml: toml.to_owned(),
            request_id: self.request_id(),
        };
        let mut client = self.client("planner-1", Role::Scheduler);
        answer(client.import_visit_form(request).await)
    }

    pub async fn hear_ready(&self, visit: Uuid, sequence: i64) {
        let event = scheduling::VisitReady {
            visit: format!("visits/{visit}"),
            school: SCHOOL.to_owned(),
            visit_date: "2020-10-13".to_owned(),
        };
        let of = Of {
            aggregate: "scheduling.visit",
            id: visit,
            sequence,
        };
        self.bench.send(of, &event).await;
        self.bench.settle().await;
    }

    pub async fn hear_assignment(&self, inspector: &str) {
        let event = scheduling::RoutineInspectionAssigned {
            inspector: inspector.to_owned(),
            school: SCHOOL.to_owned(),
            start_date: "2021-02-01".to_owned(),
        };
        let of = Of {
            aggregate: "scheduling.inspector",
            id: Uuid::from_u128(77),
            sequence: 1,
        };
        self.bench.send(of, &event).await;
        self.bench.settle().await;
    }

    pub async fn hear_decision(&self, visit: Uuid, required: bool, decided: Timestamp) {
        let event = escalation::v1::NfdDecided {
            case: format!("cases/{CASE}"),
            visit: format!("visits/{visit}"),
            school: SCHOOL.to_owned(),
            required,
            decided_time: Some(timestamp(decided)),
            ..Default::default()
        };
        let of = Of {
            aggregate: "escalation.case",
            id: CASE,
            sequence: 1,
        };
        self.bench.send(of, &event).await;
        self.bench.settle().await;
    }

    pub async fn hear_letter(&self, letter: u128, published: Timestamp) {
        let event = letters::v1::LetterPublished {
            letter: format!("letters/{}", Uuid::from_u128(letter)),
            visit: format!("visits/{VISIT}"),
            school: SCHOOL.to_owned(),
            edition: 1,
            published_time: Some(timestamp(published)),
            ..Default::default()
        };
        let of = Of {
            aggregate: "letters.letter",
            id: Uuid::from_u128(letter),
            sequence: 1,
        };
        self.bench.send(of, &event).await;
        self.bench.settle().await;
    }

    /// With the first form imported and the visit ready, at 10:05 on its day.
    pub async fn ready(database: Database) -> Self {
        let stage = Self::new(database).await;
        stage.import(FIRST_FORM).await.expect("the first form");
        stage.hear_ready(VISIT, 1).await;
        stage.clock(10, 5);
        stage
    }

    /// Begun, with an open discussion about the curriculum and one answer that holds the marker.
    pub async fn begun(database: Database) -> (Self, proto::Discussion, proto::Answer) {
        let stage = Self::ready(database).await;
        let mut lead = stage.hmi("HMI-001");
        answer(lead.start_visit(stage.start()).await).expect("started");
        let discussion = answer(
            lead.open_discussion(stage.open(proto::Area::Curriculum))
                .await,
        )
        .expect("opened");
        let request = stage.answers(&discussion, &[("CUR-1", MARKER)]);
        let recorded = answer(lead.record_answers(request).await).expect("recorded");
        let first = recorded.answers[0].clone();
        (stage, discussion, first)
    }

    /// Complete at 14:30: departed, content agreed, the school asked, every gap explained.
    pub async fn complete(database: Database) -> Self {
        let (stage, _, _) = Self::begun(database).await;
        stage.clock(14, 30);
        let mut lead = stage.hmi("HMI-001");
        answer(lead.record_departure(stage.depart()).await).expect("departed");
        answer(lead.agree_letter_content(stage.agree()).await).expect("agreed");
        answer(lead.record_school_feedback(stage.feedback()).await).expect("asked");
        let gaps = stage.gaps().await;
        answer(lead.complete_visit(stage.complete_with(gaps)).await).expect("complete");
        stage.bench.settle().await;
        stage
    }

    /// A reason for each question that is not asked yet.
    pub async fn gaps(&self) -> Vec<proto::CoverageGap> {
        let request = proto::GetCoverageRequest { name: record() };
        let coverage = answer(self.hmi("HMI-001").get_coverage(request).await).expect("coverage");
        coverage
            .unasked
            .into_iter()
            .map(|question| proto::CoverageGap {
                question_code: question.code,
                reason: "time ran out".to_owned(),
            })
            .collect()
    }

    pub async fn record(&self) -> proto::VisitRecord {
        let request = proto::GetVisitRecordRequest { name: record() };
        let mut service = self.client("service:letters", Role::Service);
        answer(service.get_visit_record(request).await).expect("the record")
    }

    /// The types of the public events that the record has said, in order.
    pub async fn said(&self) -> Vec<String> {
        self.bench.settle().await;
        let feed = self.durable.feed();
        let said = feed.after(0, "recording.record").await.expect("the feed");
        said.into_iter()
            .map(|event| event.event_type.rsplit('.').next().unwrap_or("").to_owned())
            .collect()
    }
}

/// The record's name.
pub fn record() -> String {
    format!("visitRecords/{VISIT}")
}

/// An instant of 13 October 2020 by the clock of England.
pub fn at(hour: i8, minute: i8) -> Timestamp {
    use visits_core::civil::{date, time};
    visits_core::london::instant(date(2020, 10, 13), time(hour, minute, 0, 0))
}

/// What an RPC answered, or the fault that its status tells of.
pub fn answer<T>(outcome: Result<Response<T>, Status>) -> Result<T, Fault> {
    outcome
        .map(Response::into_inner)
        .map_err(|status| from_status(&status))
}

/// The reason of a refusal.
pub fn refused<T: std::fmt::Debug>(outcome: Result<Response<T>, Status>) -> &'static str {
    answer(outcome).expect_err("refused").reason
}
