//! The load that goes on for as long as it is wanted: concerns from the first word to the decision
//! that no NFD is needed, and barriers, of which two services hear from a third.

use visits::client::CallerChannel;
use visits::demo::cast::{corps, hmi, inspector};
use visits_core::Role;
use visits_proto::scheduling::v1 as scheduling;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

use crate::caller::Caller;
use crate::load::Load;

/// An inspector is barred from no more schools than 500 at once.
const BARRIERS_MAX: usize = 450;

impl Load {
    /// One concern after another on the visit `which` of those that have begun, each raised, taken
    /// on, talked about and decided: four commands, and a case of its own.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn workflows(self, which: usize, at_most: usize) -> anyhow::Result<usize> {
        let visit = self.prelude.begun[which].clone();
        let mut lead = Caller::new(&self.world, &visit.lead, Role::Hmi);
        let mut desk = Caller::new(&self.world, "duty-desk", Role::DutyDesk);
        let mut number = 0;
        while self.goes_on() && number < at_most {
            let mark = format!("Concern {which}-{number}.");
            let case = self.one_concern(&mut lead, &visit.visit, &mark).await?;
            let Some(case) = case else {
                let line = self
                    .ledger
                    .read()?
                    .into_iter()
                    .find(|line| line.mark == mark);
                anyhow::bail!("{mark} was refused: {line:?}");
            };
            self.acknowledge(&mut desk, &case.name).await?;
            let mark = format!("Call {which}-{number}.");
            self.log_call(&mut desk, &case.name, &visit.lead, &mark)
                .await?;
            self.decide(&mut desk, &case, false).await?;
            self.one_is_decided();
            number += 1;
        }
        Ok(number)
    }

    /// Assigns inspectors of the corps who are on no visit to one routine inspection after another.
    ///
    /// # Errors
    /// If the ledger can't be written.
    pub async fn assign(self) -> anyhow::Result<()> {
        let mut caller = Caller::new(&self.world, "assigner", Role::Scheduler);
        let schools = self.prelude.schools.clone();
        let mut number = 0;
        while self.goes_on() && number < schools.len().min(BARRIERS_MAX) {
            // Everybody else of the corps may be on a visit.
            let code = hmi(corps());
            let school = &schools[number];
            let request = scheduling::AssignRoutineInspectionRequest {
                name: inspector(&code),
                school: school.clone(),
                start_date: "2021-05-03".to_owned(),
                request_id: self.world.request_id()?,
                ..scheduling::AssignRoutineInspectionRequest::default()
            };
            let answer = caller
                .insist(async |channel: CallerChannel| {
                    let mut client = SchedulingServiceClient::new(channel);
                    client.assign_routine_inspection(request.clone()).await
                })
                .await?;
            self.enter(
                (&caller, "barrier", school),
                answer,
                |one: &scheduling::Inspector| one.name.clone(),
            )?;
            number += 1;
        }
        Ok(())
    }
}
