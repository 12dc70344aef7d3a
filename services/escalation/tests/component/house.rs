//! The service on a bench, with its callers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prost::Name as _;
use tonic::Status;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use uuid::Uuid;
use visits_core::{Actor, Clock as _, ErrorKind, Fault, Role, Timestamp};
use visits_durable::{Durable, FeedEntry};
use visits_escalation::{DEFAULTS, Policy, SERVICE, Setup, build, migrations};
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::escalation::v1::{self as wire, Case};
use visits_runtime::settings::Settings;
use visits_runtime::{Deps, ResumeTokens, from_status};
use visits_testkit::host::Bearer;
use visits_testkit::{Bench, Database, Host};

use crate::paged::Paged;
use crate::says::SchedulingSays;

pub type Client = EscalationServiceClient<InterceptedService<Channel, Bearer>>;

/// The visit that most tests are about.
pub const VISIT: &str = "visits/00000000-0000-7000-8000-000000000007";
/// A visit of another team in another region.
pub const OTHER_VISIT: &str = "visits/00000000-0000-7000-8000-000000000008";
/// Friday 23 October 2020, 11:20 BST.
const START: &str = "2020-10-23T10:20:00Z";

/// The service, up and running.
pub struct House {
    pub bench: Bench,
    pub host: Host,
    pub durable: Durable,
    pub says: SchedulingSays,
    pub pages: Paged,
    policy: Policy,
    requests: AtomicU64,
}

impl House {
    /// The service with its directors on the register.
    pub async fn open(database: Database) -> Self {
        Self::with(database, &[]).await
    }

    /// The service, with some values of its policy as the environment would set them.
    pub async fn with(database: Database, environment: &[(&str, &str)]) -> Self {
        let environment = environment
            .iter()
            .map(|(key, value)| (format!("VISITS__ESCALATION__{key}"), (*value).to_owned()));
        let settings = Settings::load(&[DEFAULTS], None, environment).expect("settings");
        let policy: Policy = settings.section("escalation").expect("a policy");
        let says = SchedulingSays::in_progress();
        let mut bench = database.bench(START);
        let pages = Paged::default();
        let (host, durable) = start(&mut bench, &policy, &says, &pages).await;
        let house = Self {
            bench,
            host,
            durable,
            says,
            pages,
            policy,
            requests: AtomicU64::new(1),
        };
        for (region, principal, to_date, deputy) in [
            ("south-east", "RD-SOUTH-EAST", "", false),
            ("london", "RD-LONDON", "", false),
            ("south-east", "HMI-900", "2020-12-18", true),
        ] {
            let request = wire::SetRegionalDirectorRequest {
                request_id: house.request_id(),
                region: format!("regions/{region}"),
                principal: principal.into(),
                from_date: "2020-09-01".into(),
                to_date: to_date.into(),
                deputy,
                ..wire::SetRegionalDirectorRequest::default()
            };
            let mut scheduler = house.client("planner-1", Role::Scheduler);
            scheduler
                .set_regional_director(request)
                .await
                .expect("entered");
        }
        house
    }

    /// The process dies and comes back over the same files.
    pub async fn restart(mut self) -> Self {
        self.bench.kill();
        self.durable.close().await.expect("closed");
        let (host, durable) = start(&mut self.bench, &self.policy, &self.says, &self.pages).await;
        Self {
            host,
            durable,
            ..self
        }
    }

    pub fn request_id(&self) -> String {
        let next = self.requests.fetch_add(1, Ordering::SeqCst);
        Uuid::from_u128(u128::from(next)).to_string()
    }

    pub fn now(&self) -> Timestamp {
        self.bench.clock.now()
    }

    pub fn client(&self, principal: &str, role: Role) -> Client {
        EscalationServiceClient::new(self.host.caller(Actor::new(principal, role)))
    }

    pub fn hmi(&self, code: &str) -> Client {
        self.client(code, Role::Hmi)
    }

    pub fn lead(&self) -> Client {
        self.hmi("HMI-001")
    }

    pub fn desk(&self) -> Client {
        self.client("desk-1", Role::DutyDesk)
    }

    pub fn director(&self) -> Client {
        self.client("RD-SOUTH-EAST", Role::RegionalDirector)
    }

    pub fn raise_request(&self, area: &str) -> wire::RaiseConcernRequest {
        wire::RaiseConcernRequest {
            visit: VISIT.into(),
            request_id: self.request_id(),
            area: area.into(),
            what_was_seen: "MARKER the single central record has gaps".into(),
        }
    }

    pub async fn raise(&self) -> Case {
        let request = self.raise_request("safeguarding");
        answer(self.lead().raise_concern(request).await)
    }

    pub async fn acknowledge(&self, case: &Case) -> Case {
        let request = wire::AcknowledgeCaseRequest {
            name: case.name.clone(),
            request_id: self.request_id(),
            ..wire::AcknowledgeCaseRequest::default()
        };
        answer(self.desk().acknowledge_case(request).await)
    }

    pub async fn call(&self, case: &Case, outcome: Outcome) -> Case {
        let request = wire::LogDutyDeskCallRequest {
            name: case.name.clone(),
            request_id: self.request_id(),
            inspector: "inspectors/HMI-001".into(),
            called_time: Some(visits_proto::timestamp(self.now())),
            summary: "MARKER discussed the record".into(),
            outcome: outcome.into(),
            ..wire::LogDutyDeskCallRequest::default()
        };
        answer(self.desk().log_duty_desk_call(request).await)
    }

    pub fn decision(&self, case: &Case, required: bool) -> wire::DecideNfdRequest {
        wire::DecideNfdRequest {
            name: case.name.clone(),
            request_id: self.request_id(),
            etag: case.etag.clone(),
            required: Some(required),
            rationale: "MARKER children may be at risk".into(),
        }
    }

    pub async fn decide(&self, case: &Case, required: bool) -> Case {
        answer(
            self.director()
                .decide_nfd(self.decision(case, required))
                .await,
        )
    }

    /// An operator goes on duty.
    pub async fn on_duty(&self, operator: &str) -> wire::DutyShift {
        let request = wire::GoOnDutyRequest {
            request_id: self.request_id(),
            sound_tested: true,
        };
        let mut desk = self.client(operator, Role::DutyDesk);
        answer(desk.go_on_duty(request).await)
    }

    /// A case that waits for the decision.
    pub async fn awaiting_decision(&self) -> Case {
        let case = self.acknowledge(&self.raise().await).await;
        self.call(&case, Outcome::SeekDecision).await
    }

    /// A case with its 48 hours running.
    pub async fn nfd_required(&self) -> Case {
        let case = self.awaiting_decision().await;
        self.decide(&case, true).await
    }

    pub fn start_request(&self, case: &Case, straight_away: bool) -> wire::StartNfdRequest {
        wire::StartNfdRequest {
            name: case.name.clone(),
            request_id: self.request_id(),
            straight_away,
            ..wire::StartNfdRequest::default()
        }
    }

    pub async fn start_nfd(&self, case: &Case) -> Case {
        answer(self.lead().start_nfd(self.start_request(case, true)).await)
    }

    /// The NFD from its start to its end.
    pub async fn complete_nfd(&self, case: &Case) -> Case {
        let case = self.start_nfd(case).await;
        for concern in &case.concerns {
            let request = wire::RecordNfdFindingRequest {
                name: case.name.clone(),
                request_id: self.request_id(),
                concern_id: concern.concern_id.clone(),
                text: "MARKER the record was completed".into(),
                ..wire::RecordNfdFindingRequest::default()
            };
            answer(self.lead().record_nfd_finding(request).await);
        }
        let request = wire::RecordLeavingSiteRequest {
            name: case.name.clone(),
            request_id: self.request_id(),
            left_site_time: Some(visits_proto::timestamp(self.now())),
            ..wire::RecordLeavingSiteRequest::default()
        };
        answer(self.lead().record_leaving_site(request).await);
        let request = wire::CompleteNfdRequest {
            name: case.name.clone(),
            request_id: self.request_id(),
            ..wire::CompleteNfdRequest::default()
        };
        answer(self.lead().complete_nfd(request).await)
    }

    pub async fn get(&self, mut client: Client, case: &Case) -> Result<Case, Fault> {
        let name = case.name.clone();
        outcome(client.get_case(wire::GetCaseRequest { name }).await)
    }

    /// Everything that was said about cases, in order.
    pub async fn said(&self) -> Vec<FeedEntry> {
        self.bench.settle().await;
        let feed = self.durable.feed();
        feed.after(0, "escalation.case").await.expect("the feed")
    }

    /// The names of the events said, without their package.
    pub async fn said_names(&self) -> Vec<String> {
        let said = self.said().await;
        let package = wire::ConcernRaised::PACKAGE;
        said.into_iter()
            .map(|entry| entry.event_type[package.len() + 1..].to_owned())
            .collect()
    }

    pub async fn count_said(&self, name: &str) -> usize {
        let names = self.said_names().await;
        names.iter().filter(|said| *said == name).count()
    }

    /// Everything has been handled, nothing is parked, and the sweep has nothing to repair.
    pub async fn assert_at_rest(&self) {
        self.bench.settle().await;
        let health = self.durable.health().await.expect("health");
        assert!(health.is_settled(), "{health:?}");
        assert_eq!(self.bench.workers.sweep().await, Ok(0), "nothing to repair");
    }
}

async fn start(
    bench: &mut Bench,
    policy: &Policy,
    says: &SchedulingSays,
    pages: &Paged,
) -> (Host, Durable) {
    let durable = bench.durable(SERVICE, migrations).await;
    let mut host = Host::new(bench);
    let built = build(Deps {
        durable: durable.clone(),
        peers: host.peers(SERVICE),
        policy: Setup {
            rules: policy.rules(),
            pager: Arc::new(pages.clone()),
        },
        resume: ResumeTokens::new([9; 32]),
        going_away: host.going_away.clone(),
    });
    host.serve([built.routes, says.peers().routes()]);
    bench.add(built.parts).await;
    (host, durable)
}

pub fn outcome<T>(answer: Result<tonic::Response<T>, Status>) -> Result<T, Fault> {
    answer
        .map(tonic::Response::into_inner)
        .map_err(|status| from_status(&status))
}

pub fn answer<T>(answer: Result<tonic::Response<T>, Status>) -> T {
    outcome(answer).expect("an answer")
}

/// What a refusal says to a program.
pub fn refusal<T: std::fmt::Debug>(
    answer: Result<tonic::Response<T>, Status>,
) -> (ErrorKind, &'static str) {
    let fault = outcome(answer).expect_err("a refusal");
    (fault.kind, fault.reason)
}
