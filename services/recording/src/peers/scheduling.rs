//! Scheduling: what is planned for a visit, and whether the barrier stands.

use jiff::civil::{Date, Time};
use visits_core::{ErrorKind, Fault, london};
use visits_proto::common::v1 as common;
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_runtime::{AuthenticatedChannel, Peers, from_status};

use crate::domain::{Briefing, Command, Control, ExecutiveRequest, HomeTime, Mode, VisitId};
use crate::name;

/// A client of scheduling. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scheduling {
    client: SchedulingServiceClient<AuthenticatedChannel>,
}

/// What scheduling says about a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedVisit {
    /// What it knows, and whether the visit may start.
    Known(Command),
    /// It won't take place.
    Cancelled,
}

impl Scheduling {
    /// A client over `peers`.
    #[must_use]
    pub fn new(peers: &Peers) -> Self {
        Self {
            client: SchedulingServiceClient::new(peers.channel("scheduling")),
        }
    }

    /// Whether the inspector is assigned to a routine inspection of the school (M11), asked
    /// afresh. An inspector or a school that scheduling doesn't know is barred.
    pub async fn is_barred(&self, inspector: &str, school: &str) -> Result<bool, Fault> {
        let request = proto::CheckBarrierRequest {
            inspector: name::inspector(inspector),
            school: name::school(school),
        };
        match self.client.clone().check_barrier(request).await {
            Ok(response) => Ok(response.into_inner().barred),
            Err(status) => match from_status(&status) {
                fault if fault.kind == ErrorKind::NotFound => Ok(true),
                fault => Err(fault),
            },
        }
    }

    /// What is planned for the visit.
    pub async fn visit(&self, visit: VisitId) -> Result<PlannedVisit, Fault> {
        let request = proto::GetVisitRequest {
            name: name::visit(visit),
        };
        let response = self.client.clone().get_visit(request).await;
        let visit = response
            .map_err(|status| from_status(&status))?
            .into_inner();
        planned(&visit)
    }
}

fn planned(visit: &proto::Visit) -> Result<PlannedVisit, Fault> {
    use proto::visit::State;
    let ready = match visit.state() {
        State::Cancelled => return Ok(PlannedVisit::Cancelled),
        State::Ready | State::InProgress => true,
        _ => false,
    };
    Ok(PlannedVisit::Known(Command::Brief {
        school: name::after("schools", &visit.school)?.to_owned(),
        briefing: Box::new(briefing(visit)?),
        ready,
    }))
}

fn briefing(visit: &proto::Visit) -> Result<Briefing, Fault> {
    let visit_date: Date = visit
        .visit_date
        .parse()
        .map_err(|_| unreadable("visit_date", &visit.visit_date))?;
    Ok(Briefing {
        visit_date,
        mode: match visit.mode() {
            common::Mode::Remote => Mode::Remote,
            common::Mode::OnSite | common::Mode::Unspecified => Mode::OnSite,
        },
        lead: name::after("inspectors", &visit.lead)?.to_owned(),
        inspectors: visit
            .inspectors
            .iter()
            .map(|inspector| name::after("inspectors", inspector).map(str::to_owned))
            .collect::<Result<_, _>>()?,
        controls: visit
            .system_of_controls
            .as_ref()
            .map_or_else(Vec::new, controls),
        home_time: visit.home_time.as_ref().map(home_time).transpose()?,
        planned_departure: optional_time("planned_departure", &visit.planned_departure)?,
        executive_request: visit
            .executive_conversation
            .as_ref()
            .map(|request| executive(request, visit_date))
            .transpose()?,
        planned_form: visit.form_version.clone(),
    })
}

fn controls(system: &proto::SystemOfControls) -> Vec<Control> {
    system
        .measures
        .iter()
        .map(|measure| Control {
            topic: code(measure.topic().as_str_name(), "TOPIC_"),
            arrangement: measure.arrangement.clone(),
        })
        .collect()
}

fn home_time(home: &proto::HomeTime) -> Result<HomeTime, Fault> {
    Ok(HomeTime {
        from: time("home_time.from", &home.from)?,
        until: time("home_time.until", &home.until)?,
    })
}

fn executive(
    request: &proto::ExecutiveConversation,
    visit_date: Date,
) -> Result<ExecutiveRequest, Fault> {
    let start = optional_time(
        "executive_conversation.planned_start",
        &request.planned_start,
    )?;
    Ok(ExecutiveRequest {
        leader_role: code(request.leader_role().as_str_name(), "LEADER_ROLE_"),
        planned_at: start.map(|start| london::instant(visit_date, start)),
    })
}

fn code(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_owned()
}

fn time(field: &str, text: &str) -> Result<Time, Fault> {
    text.parse().map_err(|_| unreadable(field, text))
}

fn optional_time(field: &str, text: &str) -> Result<Option<Time>, Fault> {
    if text.is_empty() {
        Ok(None)
    } else {
        time(field, text).map(Some)
    }
}

fn unreadable(field: &str, text: &str) -> Fault {
    Fault::new(
        ErrorKind::InvalidInput,
        "PEER_ANSWER_UNREADABLE",
        format!("scheduling gave `{text}` as {field}"),
    )
}
