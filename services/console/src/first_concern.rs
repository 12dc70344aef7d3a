//! How somebody who tries the console out raises a first concern: by a command, ready to be run in
//! a terminal. Offered with the development sign-in only, where nobody works in earnest.

use visits_core::Role;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_proto::scheduling::v1::{ListVisitsRequest, Visit};

use crate::session::Session;
use crate::state::App;
use crate::words::{self, code};

/// What a page without cases says.
pub(crate) struct FirstConcern {
    pub(crate) before: &'static str,
    pub(crate) command: String,
    pub(crate) afterwards: String,
}

/// The command, or how to come to a visit that it can be run for.
pub(crate) async fn offer(app: &App, session: &Session) -> Option<FirstConcern> {
    let command = app.config.command.as_deref()?;
    if app.issuer.is_none() || !session.has(Role::DutyDesk) {
        return None;
    }
    let mut client = SchedulingServiceClient::new(app.reach("scheduling", session));
    let request = ListVisitsRequest {
        page_size: 1,
        filter: "state = IN_PROGRESS".to_owned(),
        order_by: "visit_date desc".to_owned(),
        ..ListVisitsRequest::default()
    };
    let visits = client.list_visits(request).await.ok()?.into_inner().visits;
    Some(
        visits
            .first()
            .map_or_else(without_a_visit, |visit| with(visit, command)),
    )
}

fn with(visit: &Visit, command: &str) -> FirstConcern {
    let (id, lead) = (code(&visit.name), code(&visit.lead));
    FirstConcern {
        before: "A visit is under way. To raise a concern as its lead inspector, run this in another \
                 terminal, in the folder in which you started the server:",
        command: format!(
            "{command} case raise --visit {id} --id {lead} --area safeguarding --seen \
             \"The lead for safeguarding has left, and nobody does the work.\""
        ),
        afterwards: format!(
            "The concern appears here. To take the decision, sign in as the Regional Director of {} \
             in another browser or a private window.",
            words::region(&visit.region)
        ),
    }
}

fn without_a_visit() -> FirstConcern {
    FirstConcern {
        before: "No visit is under way that a concern could be about. To try things out, stop the \
                 server and start it with an invented visit, in a data folder of its own:",
        command: "visits serve --example --data visits-example".to_owned(),
        afterwards: "This page then offers a command that raises a concern.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_the_visit_and_its_lead() {
        let visit = Visit {
            name: "visits/0192".to_owned(),
            lead: "inspectors/HMI-007".to_owned(),
            ..Visit::default()
        };
        let offered = with(&visit, "visits --data d").command;
        let start = "visits --data d case raise --visit 0192 --id HMI-007 --area safeguarding";
        assert!(offered.starts_with(start), "{offered}");
    }
}
