//! Ours: the escalation service, as its callers use it. Tokens, deadlines, request ids and the
//! etag of the decision are those of production.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use serde_json::Value;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use visits_core::{Actor, Clock as _, Role, SignedDuration, SystemClock, Timestamp, london};
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::duty_desk_call::Outcome;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::timestamp;
use visits_runtime::auth::Issuer;

use super::{System, TIMER_MS, new_id};
use crate::command::Target;
use crate::figures::now_ms;
use crate::scheduling::{REGION, TEAM};
use crate::sink::{Seen, Step};

/// Where every event of ours goes.
pub const EXCHANGE: &str = "ofsted.visits.events";
/// The events that the workflow is counted by; it says more.
pub const EVENTS: [(&str, Step); 4] = [
    ("ofsted.visits.escalation.v1.ConcernRaised", Step::Raised),
    ("ofsted.visits.escalation.v1.DutyDeskCallLogged", Step::Duty),
    ("ofsted.visits.escalation.v1.DecisionReminder", Step::Fired),
    ("ofsted.visits.escalation.v1.NfdDecided", Step::Decided),
];
/// Half of the time for the decision, as `tests/load/measure/systems.py` configures it: the
/// reminder is due so long after the call.
const REMINDER_AFTER: SignedDuration = SignedDuration::from_mins(10);
const CONNECTIONS: usize = 2;
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(12);
const CALL_TIME: Duration = Duration::from_secs(20);
const DESK: &str = "duty-desk";
const SCHEDULER: &str = "scheduler";

type Client = EscalationServiceClient<InterceptedService<Channel, Bearer>>;

/// Puts a token, signed once, and a deadline on each call.
#[derive(Clone)]
struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.set_timeout(CALL_TIME);
        let header = self.0.clone();
        request.metadata_mut().insert("authorization", header);
        Ok(request)
    }
}

/// One who calls, over each connection.
struct Caller {
    clients: Vec<Client>,
    turn: AtomicUsize,
}

impl Caller {
    fn new(
        channels: &[Channel],
        issuer: &Issuer,
        principal: &str,
        role: Role,
    ) -> anyhow::Result<Self> {
        let actor = Actor::new(principal, role);
        let token = issuer.sign(&actor, TOKEN_LIFETIME, SystemClock::new().now())?;
        let bearer = Bearer(format!("Bearer {token}").parse()?);
        let client = |channel: &Channel| {
            Client::new(InterceptedService::new(channel.clone(), bearer.clone()))
        };
        Ok(Self {
            clients: channels.iter().map(client).collect(),
            turn: AtomicUsize::new(0),
        })
    }

    fn client(&self) -> Client {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.clients.len();
        self.clients[turn].clone()
    }
}

pub(super) struct Visits {
    lead: Caller,
    desk: Caller,
    director: Caller,
    scheduler: Caller,
}

impl Visits {
    pub(super) async fn connect(target: &Target) -> anyhow::Result<Self> {
        let mut channels = Vec::new();
        for _ in 0..CONNECTIONS {
            let endpoint = Endpoint::from_shared(target.address.clone())?;
            channels.push(endpoint.tcp_nodelay(true).connect().await?);
        }
        let key = fs::read_to_string(&target.key_file).context("the key of the tokens")?;
        let mut seed = [0; 32];
        hex::decode_to_slice(key.trim(), &mut seed)?;
        let issuer = Issuer::from_seed(&seed)?;
        let caller = |principal: &str, role| Caller::new(&channels, &issuer, principal, role);
        Ok(Self {
            lead: caller(TEAM[0], Role::Hmi)?,
            desk: caller(DESK, Role::DutyDesk)?,
            director: caller(&director(), Role::RegionalDirector)?,
            scheduler: caller(SCHEDULER, Role::Scheduler)?,
        })
    }

    /// Raises a concern about a visit that had none; the name of its case.
    async fn raise(&self) -> anyhow::Result<String> {
        let request = pb::RaiseConcernRequest {
            visit: format!("visits/{}", new_id()),
            request_id: request_id(),
            area: "safeguarding".to_owned(),
            what_was_seen: "Pupils left by a gate that nobody watched.".to_owned(),
        };
        let case = self.lead.client().raise_concern(request).await?;
        Ok(case.into_inner().name)
    }

    /// The desk takes the case on and records the call. When that was decides when the reminder of
    /// the decision is due.
    async fn talk(&self, case: &str, called_at: Timestamp) -> anyhow::Result<()> {
        let request = pb::AcknowledgeCaseRequest {
            name: case.to_owned(),
            request_id: request_id(),
            ..pb::AcknowledgeCaseRequest::default()
        };
        self.desk.client().acknowledge_case(request).await?;
        let request = pb::LogDutyDeskCallRequest {
            name: case.to_owned(),
            request_id: request_id(),
            etag: String::new(),
            inspector: format!("inspectors/{}", TEAM[0]),
            called_time: Some(timestamp(called_at)),
            summary: "What was seen, and who was told.".to_owned(),
            outcome: i32::from(Outcome::SeekDecision),
        };
        self.desk.client().log_duty_desk_call(request).await?;
        Ok(())
    }
}

#[async_trait]
impl System for Visits {
    async fn prepare(&self) -> anyhow::Result<()> {
        let yesterday = SystemClock::new().now() - SignedDuration::from_hours(48);
        let request = pb::SetRegionalDirectorRequest {
            request_id: request_id(),
            region: format!("regions/{REGION}"),
            principal: director(),
            from_date: london::date(yesterday).to_string(),
            ..pb::SetRegionalDirectorRequest::default()
        };
        let mut scheduler = self.scheduler.client();
        scheduler.set_regional_director(request).await?;
        let request = pb::GoOnDutyRequest {
            request_id: request_id(),
            ..pb::GoOnDutyRequest::default()
        };
        self.desk.client().go_on_duty(request).await?;
        Ok(())
    }

    async fn start(&self) -> anyhow::Result<String> {
        self.raise().await
    }

    async fn duty(&self, key: &str) -> anyhow::Result<()> {
        let due = now_ms() + f64::from(TIMER_MS);
        self.talk(key, called_at(due)?).await
    }

    async fn decide(&self, key: &str) -> anyhow::Result<()> {
        let request = pb::GetCaseRequest {
            name: key.to_owned(),
        };
        let case = self.director.client().get_case(request).await?;
        let request = pb::DecideNfdRequest {
            name: key.to_owned(),
            request_id: request_id(),
            etag: case.into_inner().etag,
            required: Some(true),
            rationale: "Children are at risk today.".to_owned(),
        };
        self.director.client().decide_nfd(request).await?;
        Ok(())
    }

    async fn arm(&self, due_ms: f64) -> anyhow::Result<String> {
        let case = self.raise().await?;
        self.talk(&case, called_at(due_ms)?).await?;
        Ok(case)
    }

    fn decides_last(&self) -> bool {
        true
    }
}

fn director() -> String {
    format!("RD-{}", REGION.to_uppercase())
}

fn request_id() -> String {
    new_id().to_string()
}

/// The call after which the reminder is due at this instant.
fn called_at(due_ms: f64) -> anyhow::Result<Timestamp> {
    let due = Timestamp::from_microsecond((due_ms * 1_000.0) as i64)?;
    Ok(due - REMINDER_AFTER)
}

/// A CloudEvent of ours, if the workflow is counted by it. When the reminder was due, only whoever
/// armed it knows.
pub fn seen(event: &Value) -> Option<Seen> {
    let name = event["type"].as_str()?;
    let (_, step) = EVENTS.iter().find(|(of, _)| *of == name)?;
    let handled: Option<Timestamp> = event["time"].as_str().and_then(|time| time.parse().ok());
    let handled_ms = handled.map(|time| time.as_microsecond() as f64 / 1_000.0);
    Some(Seen {
        key: event["subject"].as_str()?.to_owned(),
        step: *step,
        timer: handled_ms.map(|handled| (0.0, handled)),
    })
}
