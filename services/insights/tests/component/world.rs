//! A world for a test: the service, the schools and answers that its peers know, and callers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Response, Status};
use uuid::Uuid;
use visits_core::{Actor, Clock as _, Fault, Role, SignedDuration};
use visits_durable::sea_orm::{ConnectionTrait as _, Statement};
use visits_durable::{AuditEntry, Cause, Durable, db_fault};
use visits_insights::domain::policy::ConversionPolicy;
use visits_insights::pseudonym::Pseudonyms;
use visits_insights::{Policy, SERVICE, build, frame_file, migrations};
use visits_proto::escalation::v1::NfdDecided;
use visits_proto::insights::v1::insights_service_client::InsightsServiceClient;
use visits_proto::insights::v1::{
    AnswerCodes, CodeAnswersRequest, CreateReleaseRequest, GetVisitCodingRequest,
    ImportCodingFrameRequest, Release, VisitCoding,
};
use visits_proto::recording::v1::{DepartureRecorded, VisitCompleted, VisitStarted, VisitStopped};
use visits_proto::scheduling::v1::{Phase, PreviousGrade, School};
use visits_proto::timestamp;
use visits_runtime::{Deps, ResumeTokens, from_status};
use visits_testkit::events::Of;
use visits_testkit::host::Bearer;
use visits_testkit::{Bench, Database, Host};

use crate::peers::{Known, Shared, answers, lock, peers, record};

pub type Client = InsightsServiceClient<InterceptedService<Channel, Bearer>>;

pub struct World {
    pub bench: Bench,
    pub durable: Durable,
    known: Shared,
    host: Host,
    sequences: Mutex<HashMap<Uuid, i64>>,
}

const KEY: &[u8] = b"a secret of thirty-two characters";

/// The service on the bench, served beside its peers.
async fn start(bench: &mut Bench, known: &Shared) -> (Durable, Host) {
    let mut host = Host::new(bench);
    let durable = bench.durable(SERVICE, migrations).await;
    let built = build(Deps {
        durable: durable.clone(),
        peers: host.peers(SERVICE),
        policy: Policy {
            conversion: ConversionPolicy::default(),
            pseudonyms: Pseudonyms::new(KEY),
        },
        resume: ResumeTokens::new([1; 32]),
        going_away: host.going_away.clone(),
    });
    bench.add(built.parts).await;
    host.serve([built.routes, peers(known).routes()]);
    (durable, host)
}

impl World {
    pub async fn new(database: Database) -> Self {
        let mut bench = database.bench("2020-10-12T09:00:00Z");
        let known = Arc::new(Mutex::new(Known {
            page_size: 500,
            ..Known::default()
        }));
        let (durable, host) = start(&mut bench, &known).await;
        Self {
            bench,
            durable,
            known,
            host,
            sequences: Mutex::default(),
        }
    }

    /// Ends the service as a kill would, and starts it over what it left.
    pub async fn restart(&mut self) {
        self.bench.kill();
        (self.durable, self.host) = start(&mut self.bench, &self.known).await;
    }

    pub fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }

    pub fn client(&self, principal: &str, role: Role) -> Client {
        InsightsServiceClient::new(self.host.caller(Actor::new(principal, role)))
    }

    pub fn researcher(&self) -> Client {
        self.client("researcher-1", Role::Researcher)
    }

    pub fn stranger(&self) -> InsightsServiceClient<Channel> {
        InsightsServiceClient::new(self.host.stranger())
    }

    /// Makes a school known, primary, good and in the South East unless `change` says otherwise.
    pub fn school(&self, urn: &str, change: impl FnOnce(&mut School)) {
        let mut school = School {
            name: format!("schools/{urn}"),
            urn: urn.to_owned(),
            display_name: "Abbey Hill Primary School".to_owned(),
            ofsted_region: "south-east".to_owned(),
            phase: Phase::Primary.into(),
            previous_grade: PreviousGrade::Good.into(),
            ..School::default()
        };
        change(&mut school);
        self.known().schools.insert(school.name.clone(), school);
    }

    fn of(&self, aggregate: &'static str, id: Uuid) -> Of<'static> {
        let mut sequences = self
            .sequences
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let sequence = sequences.entry(id).or_default();
        *sequence += 1;
        Of {
            aggregate,
            id,
            sequence: *sequence,
        }
    }

    pub async fn started(&self, visit: Uuid, urn: &str) {
        let event = VisitStarted {
            visit: format!("visits/{visit}"),
            school: format!("schools/{urn}"),
            started_time: Some(timestamp(self.bench.clock.now())),
            form_version: "2020-09".into(),
        };
        self.bench
            .send(self.of("recording.record", visit), &event)
            .await;
    }

    pub async fn completed(&self, visit: Uuid, urn: &str) {
        let event = VisitCompleted {
            visit: format!("visits/{visit}"),
            school: format!("schools/{urn}"),
            completed_time: Some(timestamp(self.bench.clock.now())),
            form_version: "2020-09".into(),
        };
        self.bench
            .send(self.of("recording.record", visit), &event)
            .await;
    }

    pub async fn stopped(&self, visit: Uuid, urn: &str) {
        let event = VisitStopped {
            visit: format!("visits/{visit}"),
            school: format!("schools/{urn}"),
            stopped_time: Some(timestamp(self.bench.clock.now())),
            reason_code: "NFD_REQUIRED".into(),
            ..VisitStopped::default()
        };
        self.bench
            .send(self.of("recording.record", visit), &event)
            .await;
    }

    pub async fn departed(&self, visit: Uuid, urn: &str) {
        let event = DepartureRecorded {
            visit: format!("visits/{visit}"),
            school: format!("schools/{urn}"),
            departed_time: Some(timestamp(self.bench.clock.now())),
        };
        self.bench
            .send(self.of("recording.record", visit), &event)
            .await;
    }

    /// What is sent from now on takes the places of what was sent before: sent again.
    pub fn forget_sequences(&self) {
        self.sequences
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Every row of the audit.
    pub async fn audit(&self) -> Vec<AuditEntry> {
        self.bench.settle().await;
        self.durable.audit_page(None, 0).await.expect("the audit")
    }

    /// Whether any text of the database holds that one.
    pub async fn database_holds(&self, text: &str) -> bool {
        let columns = [
            ("body", "visits"),
            ("body", "codings"),
            ("body", "releases"),
            ("payload", "jobs"),
            ("note", "jobs"),
            ("envelope", "inbox"),
            ("note", "inbox"),
            ("answer", "requests"),
            ("detail", "audit"),
            ("data", "outbox"),
        ];
        for (column, table) in columns {
            let sql = format!(
                "SELECT count(*) AS found FROM {table} WHERE CAST({column} AS TEXT) LIKE '%{text}%'"
            );
            let asked = Statement::from_string(self.durable.reads().get_database_backend(), sql);
            let row = self.durable.reads().query_one_raw(asked).await;
            let row = row.expect("a column").expect("a row");
            if row.try_get::<i64>("", "found").expect("a count") > 0 {
                return true;
            }
        }
        false
    }

    /// Writes to the database past the service's own store.
    pub async fn write(&self, sql: &'static str) -> Result<(), Fault> {
        self.durable
            .unit_of_work(Cause::System, move |step| {
                Box::pin(async move {
                    let written = step.tx().execute_unprepared(sql).await;
                    written.map(|_| ()).map_err(db_fault)
                })
            })
            .await
    }

    /// Lets an hour pass, minute by minute, so that what is tried again is tried often enough.
    pub async fn wait_an_hour(&self) {
        for _ in 0..60 {
            self.bench.clock.advance(SignedDuration::from_mins(1));
            self.bench.settle().await;
        }
    }

    pub async fn decided(&self, visit: Uuid, urn: &str, required: bool) {
        let case = Uuid::from_u128(visit.as_u128() + 0xca5e_0000);
        let event = NfdDecided {
            case: format!("cases/{case}"),
            visit: format!("visits/{visit}"),
            school: format!("schools/{urn}"),
            required,
            decided_time: Some(timestamp(self.bench.clock.now())),
            ..NfdDecided::default()
        };
        self.bench
            .send(self.of("escalation.case", case), &event)
            .await;
    }

    /// A visit to a known school, begun and completed, with two answers and a declined one.
    pub async fn whole_visit(&self, visit: Uuid, urn: &str) {
        self.held(visit, urn).await;
        self.bench.settle().await;
    }

    /// The same, while nothing of it has been heard yet.
    pub async fn held(&self, visit: Uuid, urn: &str) {
        self.known().answers.insert(record(visit), answers());
        self.started(visit, urn).await;
        self.completed(visit, urn).await;
    }

    pub async fn import_frame(&self) {
        let imported = self.researcher().import_coding_frame(first_frame(1)).await;
        imported.expect("the first frame");
    }

    pub async fn coding(&self, visit: Uuid) -> Result<VisitCoding, Status> {
        let name = coding_name(visit);
        let asked = GetVisitCodingRequest { name };
        self.researcher()
            .get_visit_coding(asked)
            .await
            .map(Response::into_inner)
    }

    /// Codes as [`World::code_given`] does, for the first time and unchecked.
    pub async fn code(
        &self,
        visit: Uuid,
        request: u128,
        codes: &[&str],
    ) -> Result<VisitCoding, Status> {
        self.code_given(visit, request, codes, "", "").await
    }

    /// Puts the same codes to both answers given; the declined one comes first.
    pub async fn code_given(
        &self,
        visit: Uuid,
        request: u128,
        codes: &[&str],
        reason: &str,
        etag: &str,
    ) -> Result<VisitCoding, Status> {
        let answers = [2, 3].map(|answer| AnswerCodes {
            answer,
            codes: codes.iter().map(ToString::to_string).collect(),
        });
        let asked = CodeAnswersRequest {
            name: coding_name(visit),
            request_id: Uuid::from_u128(request).to_string(),
            frame: "codingFrames/2020-09".into(),
            answers: answers.into(),
            reason: reason.into(),
            etag: etag.into(),
        };
        let answer = self.researcher().code_answers(asked).await;
        answer.map(Response::into_inner)
    }

    pub async fn release(&self, request: u128, through_date: &str) -> Result<Release, Status> {
        let asked = CreateReleaseRequest {
            request_id: Uuid::from_u128(request).to_string(),
            title: "Interim visits: October 2020".into(),
            through_date: through_date.into(),
            frame: "codingFrames/2020-09".into(),
        };
        self.researcher()
            .create_release(asked)
            .await
            .map(Response::into_inner)
    }
}

pub fn visit(number: u128) -> Uuid {
    Uuid::from_u128(0x0175_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub fn coding_name(visit: Uuid) -> String {
    format!("visitCodings/{}", Pseudonyms::new(KEY).of_visit(visit))
}

/// The reason that a refusal gives.
pub fn reason(status: &Status) -> &'static str {
    from_status(status).reason
}

pub fn first_frame(request: u128) -> ImportCodingFrameRequest {
    let frame = frame_file::read(frame_file::FIRST).expect("the first frame");
    visits_insights::grpc::convert::import_request(frame, Uuid::from_u128(request))
}
