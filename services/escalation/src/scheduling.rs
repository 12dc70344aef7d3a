//! What escalation asks scheduling, fresh, before a step: never inside one.

use visits_core::civil::Date;
use visits_core::{Actor, ErrorKind, Fault, Timestamp, london};
use visits_proto::scheduling::v1 as wire;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_proto::scheduling::v1::visit::State;
use visits_runtime::{AuthenticatedChannel, Peers, from_status};

use crate::domain::case::{School, VisitId};
use crate::domain::command::{VisitFacts, VisitStage};
use crate::domain::region::Region;
use crate::wire::{inspector_name, principal_of};

/// The way to scheduling.
#[derive(Clone, Debug)]
pub struct Scheduling {
    client: SchedulingServiceClient<AuthenticatedChannel>,
}

impl Scheduling {
    /// Scheduling, as this service reaches it.
    #[must_use]
    pub fn new(peers: &Peers) -> Self {
        Self {
            client: SchedulingServiceClient::new(peers.channel("scheduling")),
        }
    }

    /// The visit and its school, for `actor`, who must not stand behind the barrier: for them the
    /// visit is not there (M11).
    pub async fn visit_facts(
        &self,
        visit: VisitId,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<VisitFacts, Fault> {
        let name = format!("visits/{visit}");
        let request = wire::GetVisitRequest { name: name.clone() };
        let answer = self.client.clone().get_visit(request).await;
        let found = answer.map_err(|status| from_status(&status))?.into_inner();
        let request = wire::CheckBarrierRequest {
            inspector: inspector_name(&actor.principal),
            school: found.school.clone(),
        };
        let answer = self.client.clone().check_barrier(request).await;
        let answer = answer.map_err(|status| from_status(&status))?;
        if answer.into_inner().barred {
            return Err(Fault::not_found(name));
        }
        let school = self.school(&found.school).await?;
        Ok(VisitFacts {
            visit,
            school,
            team: found
                .inspectors
                .iter()
                .map(|name| principal_of(name))
                .collect(),
            stage: stage(&found, now),
        })
    }

    /// The days on which the school is open, and the calendar that says so.
    pub async fn school_days(
        &self,
        urn: &str,
        from: Date,
        to: Date,
    ) -> Result<(Vec<Date>, String), Fault> {
        let request = wire::GetSchoolDaysRequest {
            school: format!("schools/{urn}"),
            from_date: from.to_string(),
            to_date: to.to_string(),
        };
        let answer = self.client.clone().get_school_days(request).await;
        let said = answer.map_err(|status| from_status(&status))?.into_inner();
        let days = said.dates.iter().filter_map(|day| day.parse().ok());
        Ok((days.collect(), said.calendar_used))
    }

    async fn school(&self, name: &str) -> Result<School, Fault> {
        let request = wire::GetSchoolRequest {
            name: name.to_owned(),
        };
        let answer = self.client.clone().get_school(request).await;
        let school = answer.map_err(|status| from_status(&status))?.into_inner();
        let region = Region::from_slug(&school.ofsted_region).ok_or_else(|| {
            let message = "the school's Ofsted region is not known, so nobody can decide";
            Fault::new(ErrorKind::WrongState, "SCHOOL_REGION_UNKNOWN", message)
                .with("resource", name)
        })?;
        Ok(School {
            urn: school.urn,
            display_name: school.display_name,
            region,
        })
    }
}

/// A visit that is ready counts as begun on its day: that recording's word of the start has not
/// reached scheduling yet must not hold up a concern.
fn stage(visit: &wire::Visit, now: Timestamp) -> VisitStage {
    let today = london::date(now).to_string();
    match visit.state() {
        State::InProgress | State::Completed | State::Converted => VisitStage::Begun,
        State::Ready if visit.visit_date <= today => VisitStage::Begun,
        State::Cancelled => VisitStage::Cancelled,
        _ => VisitStage::Ahead,
    }
}
