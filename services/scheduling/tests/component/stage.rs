//! Scheduling on a bench, with escalation's register played by the test.

use std::sync::{Arc, Mutex};

use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Response, Status};
use uuid::Uuid;
use visits_core::{Actor, Fault, Role};
use visits_durable::Durable;
use visits_proto::common::v1::Mode;
use visits_proto::escalation::v1 as escalation;
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_runtime::{Deps, ResumeTokens, from_status};
use visits_scheduling::{Policy, SERVICE, build, migrations};
use visits_testkit::host::Bearer;
use visits_testkit::{Bench, Database, FakePeers, Host};

pub type Client = SchedulingServiceClient<InterceptedService<Channel, Bearer>>;

pub const SCHOOL: &str = "schools/123166";
pub const OTHER_SCHOOL: &str = "schools/123167";
pub const LEAD: &str = "HMI-001";
/// What somebody writes, and nothing that leaves the service may hold (R19).
pub const MARKER: &str = "zebra-crossing-marker";

/// A small register: two schools in Oxfordshire, and one that is closed.
pub const REGISTER: &str = "\
URN,LA (code),LA (name),EstablishmentName,TypeOfEstablishment (code),TypeOfEstablishment (name),\
EstablishmentStatus (code),PhaseOfEducation (code),NumberOfPupils,GOR (code)\r\n\
123166,931,Oxfordshire,First School,01,Community school,1,2,210,J\r\n\
123167,931,Oxfordshire,Second School,01,Community school,1,4,1050,J\r\n\
123168,931,Oxfordshire,Closed School,01,Community school,2,2,,J\r\n";

/// Ofsted's word about one of them.
pub const OUTCOMES: &str = "\
URN,Overall effectiveness,Deprivation index,Web link\r\n\
123166,2,1,https://reports.example/provider/123166\r\n";

/// The stage.
pub struct Stage {
    pub bench: Bench,
    pub host: Host,
    pub durable: Durable,
    requests: Mutex<u128>,
}

impl Stage {
    /// Scheduling with the small register and four inspectors, on the morning of 1 October 2020.
    pub async fn new(database: Database) -> Self {
        Self::at(database, "2020-10-01T08:00:00Z").await
    }

    /// As [`Stage::new`], at another instant.
    pub async fn at(database: Database, start: &str) -> Self {
        let stage = Self::empty(database, start).await;
        stage
            .upload(Source::Gias, REGISTER.as_bytes())
            .await
            .expect("the register");
        stage
            .upload(Source::OfstedMi, OUTCOMES.as_bytes())
            .await
            .expect("the outcomes");
        for code in ["HMI-001", "HMI-002", "HMI-003", "HMI-004"] {
            let request = proto::CreateInspectorRequest {
                inspector_id: code.to_owned(),
                ofsted_region: "south-east".to_owned(),
                request_id: stage.request_id(),
            };
            answer(stage.planner().create_inspector(request).await).expect("entered");
        }
        stage
    }

    /// Scheduling with nothing but what it ships with.
    pub async fn empty(database: Database, start: &str) -> Self {
        let bench = database.bench(start);
        let mut stage = Self {
            durable: bench.durable(SERVICE, migrations).await,
            host: Host::new(&bench),
            bench,
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
        self.host.serve([built.routes, register().routes()]);
        self.bench.add(built.parts).await;
    }

    pub fn client(&self, principal: &str, role: Role) -> Client {
        SchedulingServiceClient::new(self.host.caller(Actor::new(principal, role)))
    }

    pub fn planner(&self) -> Client {
        self.client("planner-1", Role::Scheduler)
    }

    pub fn hmi(&self, code: &str) -> Client {
        self.client(code, Role::Hmi)
    }

    /// A new mark of a request.
    pub fn request_id(&self) -> String {
        let mut last = self.requests.lock().expect("lock");
        *last += 1;
        Uuid::from_u128(*last).to_string()
    }

    /// Moves the clock.
    pub fn clock(&self, instant: &str) {
        self.bench
            .clock
            .advance_to(instant.parse().expect("an instant"));
    }

    pub fn plan_request(&self, visit_date: &str) -> proto::PlanVisitRequest {
        proto::PlanVisitRequest {
            school: SCHOOL.to_owned(),
            visit_date: visit_date.to_owned(),
            mode: Mode::OnSite.into(),
            lead: format!("inspectors/{LEAD}"),
            inspectors: vec!["inspectors/HMI-002".to_owned()],
            request_id: self.request_id(),
            ..Default::default()
        }
    }

    /// A visit planned for that day.
    pub async fn planned(&self, visit_date: &str) -> proto::Visit {
        let request = self.plan_request(visit_date);
        answer(self.planner().plan_visit(request).await).expect("planned")
    }

    /// A visit of the other school for that day, by the two other inspectors.
    pub async fn planned_elsewhere(&self, visit_date: &str) -> proto::Visit {
        let request = proto::PlanVisitRequest {
            school: OTHER_SCHOOL.to_owned(),
            lead: "inspectors/HMI-003".to_owned(),
            inspectors: vec!["inspectors/HMI-004".to_owned()],
            ..self.plan_request(visit_date)
        };
        answer(self.planner().plan_visit(request).await).expect("planned")
    }

    /// The visit as a service reads it.
    pub async fn visit(&self, name: &str) -> proto::Visit {
        let request = proto::GetVisitRequest {
            name: name.to_owned(),
        };
        let mut service = self.client("service:recording", Role::Service);
        answer(service.get_visit(request).await).expect("the visit")
    }

    pub async fn start_call(&self, name: &str) -> Result<proto::Visit, Fault> {
        let request = proto::StartCallRequest {
            name: name.to_owned(),
            request_id: self.request_id(),
            ..Default::default()
        };
        answer(self.hmi(LEAD).start_call(request).await)
    }

    pub async fn record_steps(&self, name: &str) -> proto::Visit {
        let request = proto::GetCallSheetRequest {
            name: format!("{name}/callSheet"),
        };
        let sheet = answer(self.hmi(LEAD).get_call_sheet(request).await).expect("the sheet");
        let steps = sheet.steps.into_iter().filter_map(|step| step.step);
        let request = proto::RecordCallStepRequest {
            name: name.to_owned(),
            step_codes: steps.map(|step| step.code).collect(),
            request_id: self.request_id(),
            ..Default::default()
        };
        answer(self.hmi(LEAD).record_call_step(request).await).expect("recorded")
    }

    pub fn controls_request(&self, name: &str) -> proto::RecordSystemOfControlsRequest {
        proto::RecordSystemOfControlsRequest {
            name: name.to_owned(),
            measures: vec![proto::ControlMeasure {
                topic: proto::control_measure::Topic::Visitors.into(),
                arrangement: format!("Sign in by the side gate. {MARKER}"),
            }],
            request_id: self.request_id(),
            ..Default::default()
        }
    }

    pub async fn record_controls(&self, name: &str) -> Result<proto::Visit, Fault> {
        let request = self.controls_request(name);
        answer(self.hmi(LEAD).record_system_of_controls(request).await)
    }

    pub async fn complete_call(&self, name: &str) -> Result<proto::Visit, Fault> {
        let request = proto::CompleteCallRequest {
            name: name.to_owned(),
            request_id: self.request_id(),
            ..Default::default()
        };
        answer(self.hmi(LEAD).complete_call(request).await)
    }

    /// A visit of 13 October whose call was made at 10:05 the day before; without controls.
    pub async fn called(&self) -> proto::Visit {
        let visit = self.planned("2020-10-13").await;
        self.bench.run_until("2020-10-12T09:05:00Z").await;
        self.start_call(&visit.name).await.expect("begun");
        self.record_steps(&visit.name).await;
        self.complete_call(&visit.name).await.expect("completed")
    }

    /// A visit of 13 October that is ready.
    pub async fn ready(&self) -> proto::Visit {
        let visit = self.called().await;
        self.record_controls(&visit.name).await.expect("recorded")
    }

    /// Uploads a file in small parts, so that rows lie across them.
    pub async fn upload(&self, source: Source, file: &[u8]) -> Result<proto::ImportReport, Fault> {
        let request_id = self.request_id();
        self.upload_as(&request_id, source, file).await
    }

    pub async fn upload_as(
        &self,
        request_id: &str,
        source: Source,
        file: &[u8],
    ) -> Result<proto::ImportReport, Fault> {
        use proto::import_schools_request::Part;
        let header = Part::Header(proto::ImportSchoolsHeader {
            source: source.into(),
            file_name: "file.csv".to_owned(),
            request_id: request_id.to_owned(),
        });
        let size = (file.len() / 40).clamp(7, 200_000);
        let chunks = file.chunks(size).map(|part| Part::Chunk(part.to_vec()));
        let messages: Vec<_> = std::iter::once(header)
            .chain(chunks)
            .map(|part| proto::ImportSchoolsRequest { part: Some(part) })
            .collect();
        let stream = tokio_stream::iter(messages);
        answer(self.planner().import_schools(stream).await)
    }

    /// The types of the public events said about `subject`, in order.
    pub async fn said(&self, subject: &str) -> Vec<String> {
        self.bench.settle().await;
        let feed = self.durable.feed();
        let mut said = Vec::new();
        for aggregate in ["scheduling.visit", "scheduling.inspector"] {
            said.extend(feed.after(0, aggregate).await.expect("the feed"));
        }
        said.into_iter()
            .filter(|event| event.subject == subject)
            .map(|event| event.event_type.rsplit('.').next().unwrap_or("").to_owned())
            .collect()
    }
}

pub use visits_proto::scheduling::v1::import_schools_header::Source;

/// Escalation's register: `RD-SOUTH-EAST` for one region, `RD-LONDON` for another.
fn register() -> FakePeers {
    let entries = Arc::new([("RD-SOUTH-EAST", "south-east"), ("RD-LONDON", "london")]);
    FakePeers::new().answer(
        "ofsted.visits.escalation.v1.EscalationService/ListRegionalDirectors",
        move |asked: escalation::ListRegionalDirectorsRequest| {
            assert!(!asked.on_date.is_empty(), "the register is dated (M28)");
            let directors =
                entries
                    .iter()
                    .map(|(principal, region)| escalation::RegionalDirector {
                        principal: (*principal).to_owned(),
                        region: format!("regions/{region}"),
                        ..Default::default()
                    });
            Ok(escalation::ListRegionalDirectorsResponse {
                regional_directors: directors.collect(),
                next_page_token: String::new(),
            })
        },
    )
}

/// What an RPC answered, or the fault that its status tells of.
pub fn answer<T>(outcome: Result<Response<T>, Status>) -> Result<T, Fault> {
    outcome
        .map(Response::into_inner)
        .map_err(|status| from_status(&status))
}

/// The reason of a refusal.
pub fn refused<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> &'static str {
    outcome.expect_err("refused").reason
}
