//! The load: four clients, each with work that can be found again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;
use tonic::{Code, Status};
use visits::client::CallerChannel;
use visits::demo::cast::{director, hmi, inspector};
use visits_core::Role;
use visits_proto::common::v1::Mode;
use visits_proto::escalation::v1 as escalation;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::recording::v1 as recording;
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;
use visits_proto::scheduling::v1 as scheduling;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use crate::caller::{Caller, World, reason};
use crate::ledger::{Ledger, Line};
use crate::prelude::{BEGUN, Begun, Prelude};

/// A case takes no more concerns than this.
const CONCERNS_A_CASE: usize = 18;
/// The days for which visits are planned, with a day of rest between them.
const DAYS: [&str; 8] = [
    "2020-10-19",
    "2020-10-21",
    "2020-10-23",
    "2020-11-03",
    "2020-11-05",
    "2020-11-09",
    "2020-11-11",
    "2020-11-13",
];
/// Pairs of inspectors who have no visit when the load begins.
const PAIRS: usize = 45;

/// What the clients share.
#[derive(Clone)]
pub struct Load {
    pub(crate) world: World,
    pub(crate) ledger: Ledger,
    pub(crate) prelude: Arc<Prelude>,
    stop: Arc<AtomicBool>,
    pub(crate) decided: watch::Sender<u64>,
}

impl Load {
    /// The load of a run.
    #[must_use]
    pub fn new(world: World, ledger: Ledger, prelude: Prelude) -> Self {
        Self {
            world,
            ledger,
            prelude: Arc::new(prelude),
            stop: Arc::new(AtomicBool::new(false)),
            decided: watch::Sender::new(0),
        }
    }

    /// Waits until so many workflows have come to their decision.
    ///
    /// # Errors
    /// If nobody plays them.
    pub async fn decided(&self, count: u64) -> anyhow::Result<()> {
        let mut decided = self.decided.subscribe();
        decided.wait_for(|decided| *decided >= count).await?;
        Ok(())
    }

    pub(crate) fn one_is_decided(&self) {
        self.decided.send_modify(|count| *count += 1);
    }

    /// Lets each client end what it is at, and no more.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// The same load for the callers of another process.
    #[must_use]
    pub fn towards(&self, world: World) -> Self {
        Self {
            world,
            ..self.clone()
        }
    }

    pub(crate) fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::SeqCst)
    }

    pub(crate) fn enter<T>(
        &self,
        (client, kind, mark): (&Caller, &str, &str),
        (sent, answer): (u32, Result<T, Status>),
        name: impl Fn(&T) -> String,
    ) -> anyhow::Result<Option<T>> {
        let line = Line {
            client: client.name().to_owned(),
            kind: kind.to_owned(),
            mark: mark.to_owned(),
            answer: answer.as_ref().map_or_else(reason, &name),
            granted: answer.is_ok(),
            sent,
        };
        self.ledger.write(&line)?;
        Ok(answer.ok())
    }

    /// Plans visits, one a school.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn plan(self) -> anyhow::Result<()> {
        let mut caller = Caller::new(&self.world, "scheduler", Role::Scheduler);
        let schools = self.prelude.schools.clone();
        for (number, school) in schools.iter().enumerate() {
            let Some(day) = DAYS.get(number / PAIRS).filter(|_| self.goes_on()) else {
                break;
            };
            let pair = u32::try_from(BEGUN * 2 + (number % PAIRS) * 2 + 1)?;
            let request = scheduling::PlanVisitRequest {
                school: school.clone(),
                visit_date: (*day).to_owned(),
                mode: i32::from(Mode::OnSite),
                lead: inspector(&hmi(pair)),
                inspectors: vec![inspector(&hmi(pair + 1))],
                request_id: self.world.request_id()?,
                ..scheduling::PlanVisitRequest::default()
            };
            let answer = caller
                .insist(async |channel: CallerChannel| {
                    let mut client = SchedulingServiceClient::new(channel);
                    client.plan_visit(request.clone()).await
                })
                .await?;
            self.enter(
                (&caller, "plan", school),
                answer,
                |visit: &scheduling::Visit| visit.name.clone(),
            )?;
        }
        Ok(())
    }

    /// Enters inspectors.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn enter_inspectors(self) -> anyhow::Result<()> {
        let mut caller = Caller::new(&self.world, "registrar", Role::Scheduler);
        let mut number = 500;
        while self.goes_on() && number < 999 {
            let code = hmi(number);
            let request = scheduling::CreateInspectorRequest {
                inspector_id: code.clone(),
                ofsted_region: "london".to_owned(),
                request_id: self.world.request_id()?,
            };
            let answer = caller
                .insist(async |channel: CallerChannel| {
                    let mut client = SchedulingServiceClient::new(channel);
                    client.create_inspector(request.clone()).await
                })
                .await?;
            self.enter(
                (&caller, "inspector", &code),
                answer,
                |one: &scheduling::Inspector| one.name.clone(),
            )?;
            number += 1;
        }
        Ok(())
    }

    /// Writes answers down, each with words of its own, on visits without a concern.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn record(self) -> anyhow::Result<()> {
        let visits: Vec<Begun> = self.prelude.begun[BEGUN / 2..].to_vec();
        let mut callers: Vec<Caller> = visits
            .iter()
            .map(|visit| Caller::new(&self.world, &visit.lead, Role::Hmi))
            .collect();
        let mut number = 0;
        while self.goes_on() {
            let index = number % visits.len();
            self.one_answer(&mut callers[index], &visits[index], number)
                .await?;
            number += 1;
        }
        Ok(())
    }

    async fn one_answer(
        &self,
        caller: &mut Caller,
        visit: &Begun,
        number: usize,
    ) -> anyhow::Result<()> {
        let record = visit.visit.replacen("visits/", "visitRecords/", 1);
        let request = recording::OpenDiscussionRequest {
            name: record.clone(),
            request_id: self.world.request_id()?,
            area: i32::from(recording::Area::Curriculum),
            spoken_to: vec![i32::from(recording::SpokenTo::Head)],
            // A visit lasts one day: what is written down later was said then.
            opened_time: Some(visits_proto::timestamp(self.prelude.ends)),
            ..recording::OpenDiscussionRequest::default()
        };
        let answer = caller
            .insist(async |channel: CallerChannel| {
                let mut client = RecordingServiceClient::new(channel);
                client.open_discussion(request.clone()).await
            })
            .await?;
        let mark = format!("discussion {number}");
        let opened = self.enter(
            (caller, "discussion", &mark),
            answer,
            |one: &recording::Discussion| one.discussion_id.clone(),
        )?;
        let Some(opened) = opened else { return Ok(()) };
        let words = format!("Answer number {number}, as given.");
        let request = recording::RecordAnswersRequest {
            name: record,
            request_id: self.world.request_id()?,
            discussion_id: opened.discussion_id,
            answers: vec![recording::NewAnswer {
                question_code: "CUR-1".to_owned(),
                text: words.clone(),
                given_time: Some(visits_proto::timestamp(self.prelude.ends)),
                ..recording::NewAnswer::default()
            }],
            ..recording::RecordAnswersRequest::default()
        };
        let answer = caller
            .insist(async |channel: CallerChannel| {
                let mut client = RecordingServiceClient::new(channel);
                client.record_answers(request.clone()).await
            })
            .await?;
        let visit = visit.visit.clone();
        self.enter((caller, "answer", &words), answer, |_| visit.clone())?;
        Ok(())
    }

    /// Raises concerns, takes their cases on and records calls; one case is decided.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn escalate(self) -> anyhow::Result<()> {
        let visits: Vec<Begun> = self.prelude.begun[..BEGUN / 2].to_vec();
        let mut desk = Caller::new(&self.world, "duty-desk", Role::DutyDesk);
        let mut number = 0;
        while self.goes_on() && number < visits.len() * CONCERNS_A_CASE {
            let visit = &visits[number % visits.len()];
            let mut lead = Caller::new(&self.world, &visit.lead, Role::Hmi);
            let mark = format!("Concern number {number}.");
            let case = self.one_concern(&mut lead, &visit.visit, &mark).await?;
            if let Some(case) = case {
                if number < visits.len() {
                    self.acknowledge(&mut desk, &case.name).await?;
                } else {
                    let mark = format!("Call number {number}.");
                    self.log_call(&mut desk, &case.name, &visit.lead, &mark)
                        .await?;
                }
                if number == visits.len() {
                    self.decide(&mut desk, &case, true).await?;
                }
            }
            number += 1;
        }
        Ok(())
    }

    /// Raises one concern.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn one_concern(
        &self,
        lead: &mut Caller,
        visit: &str,
        mark: &str,
    ) -> anyhow::Result<Option<escalation::Case>> {
        let request = escalation::RaiseConcernRequest {
            visit: visit.to_owned(),
            request_id: self.world.request_id()?,
            area: "safeguarding".to_owned(),
            what_was_seen: mark.to_owned(),
        };
        let answer = lead
            .insist(async |channel: CallerChannel| {
                let mut client = EscalationServiceClient::new(channel);
                client.raise_concern(request.clone()).await
            })
            .await?;
        self.enter(
            (lead, "concern", mark),
            answer,
            |case: &escalation::Case| case.name.clone(),
        )
    }

    pub(crate) async fn acknowledge(&self, desk: &mut Caller, case: &str) -> anyhow::Result<()> {
        let request = escalation::AcknowledgeCaseRequest {
            name: case.to_owned(),
            request_id: self.world.request_id()?,
            ..escalation::AcknowledgeCaseRequest::default()
        };
        let answer = desk
            .insist(async |channel: CallerChannel| {
                let mut client = EscalationServiceClient::new(channel);
                client.acknowledge_case(request.clone()).await
            })
            .await?;
        self.enter(
            (desk, "acknowledgement", case),
            answer,
            |case: &escalation::Case| case.name.clone(),
        )?;
        Ok(())
    }

    pub(crate) async fn log_call(
        &self,
        desk: &mut Caller,
        case: &str,
        lead: &str,
        mark: &str,
    ) -> anyhow::Result<()> {
        let request = escalation::LogDutyDeskCallRequest {
            name: case.to_owned(),
            request_id: self.world.request_id()?,
            inspector: inspector(lead),
            called_time: Some(visits_proto::timestamp(self.world.clock.now()?)),
            summary: mark.to_owned(),
            outcome: i32::from(escalation::duty_desk_call::Outcome::SeekDecision),
            ..escalation::LogDutyDeskCallRequest::default()
        };
        let answer = desk
            .insist(async |channel: CallerChannel| {
                let mut client = EscalationServiceClient::new(channel);
                client.log_duty_desk_call(request.clone()).await
            })
            .await?;
        self.enter((desk, "call", mark), answer, |case: &escalation::Case| {
            case.name.clone()
        })?;
        Ok(())
    }

    /// The Regional Director decides, on the case as it stands.
    pub(crate) async fn decide(
        &self,
        desk: &mut Caller,
        case: &escalation::Case,
        required: bool,
    ) -> anyhow::Result<()> {
        let region = case.region.trim_start_matches("regions/");
        let mut decider = Caller::new(&self.world, &director(region), Role::RegionalDirector);
        loop {
            let name = case.name.clone();
            let (_, now) = desk
                .insist(async |channel: CallerChannel| {
                    let mut client = EscalationServiceClient::new(channel);
                    let request = escalation::GetCaseRequest { name: name.clone() };
                    client.get_case(request).await
                })
                .await?;
            let request = escalation::DecideNfdRequest {
                name: case.name.clone(),
                request_id: self.world.request_id()?,
                etag: now?.etag,
                required: Some(required),
                rationale: "Children are at risk.".to_owned(),
            };
            let answer = decider
                .insist_as_read(async |channel: CallerChannel| {
                    let mut client = EscalationServiceClient::new(channel);
                    client.decide_nfd(request.clone()).await
                })
                .await?;
            let conflict = answer.1.as_ref().is_err_and(|s| s.code() == Code::Aborted);
            let entry = (&decider, "decision", case.name.as_str());
            self.enter(entry, answer, |case: &escalation::Case| case.name.clone())?;
            if !conflict {
                return Ok(());
            }
        }
    }
}
