//! The request that a form of an NFD's page becomes.

use tonic::Status;
use visits_core::Timestamp;
use visits_proto::escalation::v1 as pb;
use visits_proto::timestamp;

use super::offer::OfNfd;
use crate::client::Escalation;
use crate::form::Filled;
use crate::problem::Problem;
use crate::sheet::{Called, explained, found};
use crate::words;

/// What the form's field of an inspector is called before their code.
pub(super) const INSPECTOR: &str = "inspector-";

const CALLED: [Called; 5] = [
    Called {
        field: "planned_time",
        id: "planned-day",
        missing: "Enter when the NFD is to start",
        name: "When the NFD is to start",
    },
    Called {
        field: "inspectors",
        id: "inspector",
        missing: "Select who is to inspect",
        name: "Who is to inspect: this",
    },
    Called {
        field: "left_site_time",
        id: "left-day",
        missing: "Enter when the inspectors left",
        name: "When the inspectors left",
    },
    Called {
        field: "text",
        id: "finding",
        missing: "Enter what was found",
        name: "What was found: this text",
    },
    Called {
        field: "reason",
        id: "reason",
        missing: "Enter your reasons",
        name: "Your reasons: this text",
    },
];

/// Asks the service for it. [`OfNfd::Letter`] is asked of another.
pub(super) async fn send(
    offer: OfNfd,
    client: Escalation,
    name: &str,
    filled: &Filled,
) -> Result<(), Problem> {
    let planned = at(offer == OfNfd::Plan, filled, "planned")?;
    let left = at(offer == OfNfd::Leave, filled, "left")?;
    let sent = ask(offer, client, name, filled, planned.or(left)).await;
    sent.map_err(|status| {
        let mut problem = explained(&status, &CALLED);
        if let OfNfd::Finding(number) = offer {
            let lines = problem.lines.iter_mut();
            for line in lines.filter(|line| line.field == "finding") {
                line.field = format!("finding-{number}");
            }
        }
        problem
    })
}

/// The instant in the fields `name-…`, if this form has them.
fn at(has: bool, filled: &Filled, name: &str) -> Result<Option<Timestamp>, Problem> {
    if !has {
        return Ok(None);
    }
    let part = |part: &str| filled.get(&format!("{name}-{part}"));
    let instant = words::instant(part("day"), part("month"), part("year"), part("time"));
    let words = "Enter a date and a time, such as 25 10 2020 and 9:30am";
    instant
        .map(Some)
        .map_err(|_| found(&format!("{name}-day"), words))
}

async fn ask(
    offer: OfNfd,
    mut client: Escalation,
    name: &str,
    filled: &Filled,
    at: Option<Timestamp>,
) -> Result<(), Status> {
    let name = name.to_owned();
    let etag = filled.get("etag").to_owned();
    let request_id = filled.get("request_id").to_owned();
    let at = at.map(timestamp);
    let sent = match offer {
        OfNfd::Plan => {
            let request = pb::PlanNfdRequest {
                inspectors: inspectors(filled),
                planned_time: at,
                name,
                request_id,
                etag,
            };
            client.plan_nfd(request).await
        }
        OfNfd::Finding(number) => {
            let request = pb::RecordNfdFindingRequest {
                concern_id: filled.get("concern_id").to_owned(),
                text: filled.get(&format!("finding-{number}")).to_owned(),
                name,
                request_id,
                etag,
            };
            client.record_nfd_finding(request).await
        }
        OfNfd::Leave => {
            let request = pb::RecordLeavingSiteRequest {
                left_site_time: at,
                name,
                request_id,
                etag,
            };
            client.record_leaving_site(request).await
        }
        OfNfd::Complete => {
            let request = pb::CompleteNfdRequest {
                name,
                request_id,
                etag,
            };
            client.complete_nfd(request).await
        }
        OfNfd::Section5 | OfNfd::Letter => {
            let request = pb::RecommendSection5Request {
                reason: filled.get("reason").to_owned(),
                name,
                request_id,
                etag,
            };
            client.recommend_section5(request).await
        }
    };
    sent.map(drop)
}

/// Those chosen, and those written beside them.
fn inspectors(filled: &Filled) -> Vec<String> {
    let chosen = filled.all().filter(|(_, value)| *value == "on");
    let chosen = chosen.filter_map(|(name, _)| name.strip_prefix(INSPECTOR));
    let others = filled.get("others").split([',', ' ', '\n']);
    let all = chosen.chain(others).map(str::trim);
    let all = all.filter(|code| !code.is_empty());
    all.map(|code| format!("inspectors/{code}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_nfd_is_inspected_by_those_chosen_and_those_written_beside_them() {
        let mut filled = Filled::default();
        filled.set("inspector-HMI-001", "on");
        filled.set("others", "HMI-007, HMI-008");
        let expected = [
            "inspectors/HMI-001",
            "inspectors/HMI-007",
            "inspectors/HMI-008",
        ];
        assert_eq!(inspectors(&filled), expected);
    }

    #[test]
    fn r_con_27_a_time_that_is_none_is_said_at_its_field() {
        let problem = at(true, &Filled::default(), "left").expect_err("no time");
        assert!(problem.about("left-day").is_some());
        assert!(matches!(at(false, &Filled::default(), "left"), Ok(None)));
    }
}
