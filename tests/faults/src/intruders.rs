//! Two who ask for what is not theirs, all the time and whatever else happens (I9, I13): an inspector
//! from another team wants a visit's record, and somebody at the duty desk wants to decide.

use std::time::Duration;

use visits::client::CallerChannel;
use visits_core::Role;
use visits_proto::escalation::v1 as escalation;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::recording::v1 as recording;
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;

use crate::caller::Caller;
use crate::load::Load;
use crate::run;

/// An inspector who is on no team.
pub const INTRUDER: &str = "HMI-998";
/// Somebody who may take concerns on and not decide.
pub const INTRUDER_AT_THE_DESK: &str = "duty-desk-intruder";
/// What they are entered as in the ledger, each under its own mark.
pub const INTRUSION: &str = "intrusion";

const EVERY: Duration = Duration::from_millis(150);

impl Load {
    /// Asks for the records of visits of others.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn read_what_is_barred(self) -> anyhow::Result<()> {
        let mut caller = Caller::new(&self.world, INTRUDER, Role::Hmi);
        let visits: Vec<String> = self
            .prelude
            .begun
            .iter()
            .map(|one| one.visit.clone())
            .collect();
        for visit in visits.iter().cycle() {
            if !self.goes_on() {
                break;
            }
            let name = visit.replacen("visits/", "visitRecords/", 1);
            let request = recording::GetVisitRecordRequest { name };
            let answer = caller
                .insist(async |channel: CallerChannel| {
                    let mut client = RecordingServiceClient::new(channel);
                    client.get_visit_record(request.clone()).await
                })
                .await?;
            self.enter((&caller, INTRUSION, visit), answer, |record| {
                record.name.clone()
            })?;
            run::pause(EVERY).await;
        }
        Ok(())
    }

    /// Decides as somebody who may not.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn decide_without_right(self) -> anyhow::Result<()> {
        let mut caller = Caller::new(&self.world, INTRUDER_AT_THE_DESK, Role::DutyDesk);
        while self.goes_on() {
            let Some(case) = self.any_case(&mut caller).await? else {
                run::pause(EVERY).await;
                continue;
            };
            let request = escalation::DecideNfdRequest {
                name: case.name.clone(),
                etag: case.etag,
                required: Some(true),
                rationale: "Nobody asked me.".to_owned(),
                request_id: self.world.request_id()?,
            };
            let answer = caller
                .insist(async |channel: CallerChannel| {
                    let mut client = EscalationServiceClient::new(channel);
                    client.decide_nfd(request.clone()).await
                })
                .await?;
            self.enter(
                (&caller, INTRUSION, &case.name),
                answer,
                |case: &escalation::Case| case.name.clone(),
            )?;
            run::pause(EVERY).await;
        }
        Ok(())
    }

    async fn any_case(&self, caller: &mut Caller) -> anyhow::Result<Option<escalation::Case>> {
        let request = escalation::ListCasesRequest {
            page_size: 1,
            ..escalation::ListCasesRequest::default()
        };
        let (_, answer) = caller
            .insist(async |channel: CallerChannel| {
                let mut client = EscalationServiceClient::new(channel);
                client.list_cases(request.clone()).await
            })
            .await?;
        match answer {
            Ok(page) => Ok(page.cases.into_iter().next()),
            Err(status) => anyhow::bail!("the desk may list cases: {:?}", status.code()),
        }
    }
}

/// Whether an answer is the refusal that each of them must get.
#[must_use]
pub fn is_denial(answer: &str) -> bool {
    ["ACTION_NOT_PERMITTED", "NOT_FOUND"].contains(&answer)
}
