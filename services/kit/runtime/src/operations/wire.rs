//! Names, page places and items as the contract has them.

use uuid::Uuid;
use visits_core::parked::{ParkedItem, ParkedKind, ParkedState, WaitingEvent};
use visits_core::{Fault, FieldViolation};
use visits_proto::operations::v1 as proto;
use visits_proto::operations::v1::parked_item::{Kind, State};
use visits_proto::timestamp;

use crate::filter;

/// The name of a parked item, in its parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) service: String,
    pub(super) id: Uuid,
}

/// The service in `services/{service}`.
pub(super) fn parent(text: &str) -> Result<String, Fault> {
    let service = text.strip_prefix("services/").filter(|name| is_code(name));
    service.map(str::to_owned).ok_or_else(|| {
        let form = "must be of the form services/{service}";
        Fault::invalid(vec![FieldViolation::new("parent", form)])
    })
}

/// The service and the id in `services/{service}/parkedItems/{id}`.
pub(super) fn name(text: &str) -> Result<Name, Fault> {
    let read = || {
        let (service, id) = text
            .strip_prefix("services/")?
            .split_once("/parkedItems/")?;
        let id = Uuid::parse_str(id).ok().filter(|_| is_code(service))?;
        let service = service.to_owned();
        Some(Name { service, id })
    };
    read().ok_or_else(|| {
        let form = "must be of the form services/{service}/parkedItems/{uuid}";
        Fault::invalid(vec![FieldViolation::new("name", form)])
    })
}

fn is_code(name: &str) -> bool {
    let is_short = !name.is_empty() && name.len() <= 63;
    is_short && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

/// `kind = EVENT`, `kind = JOB` or `kind = MESSAGE`, or nothing.
pub(super) fn kind(filter: &str) -> Result<Option<ParkedKind>, Fault> {
    let mut wanted = None;
    for term in filter::parse(filter, &["kind"])? {
        wanted = Some(match term.equal()? {
            "EVENT" => ParkedKind::Event,
            "JOB" => ParkedKind::Job,
            "MESSAGE" => ParkedKind::Message,
            _ => return Err(term.refuse("must be EVENT, JOB or MESSAGE")),
        });
    }
    Ok(wanted)
}

/// An item of `service`, with the first of those that wait for it.
pub(super) fn item(
    service: &str,
    item: ParkedItem,
    waiting: Vec<WaitingEvent>,
) -> proto::ParkedItem {
    let kind = match item.kind {
        ParkedKind::Event => Kind::Event,
        ParkedKind::Job => Kind::Job,
        ParkedKind::Message => Kind::Message,
    };
    let state = match item.state {
        ParkedState::Parked => State::Parked,
        ParkedState::Retried => State::Retried,
        ParkedState::Discarded => State::Discarded,
    };
    let (aggregate, aggregate_id) = item
        .aggregate
        .map_or_else(Default::default, |(kind, id)| (kind, id.to_string()));
    proto::ParkedItem {
        name: format!("services/{service}/parkedItems/{}", item.id),
        kind: kind.into(),
        state: state.into(),
        code: item.code,
        subject: item.subject,
        aggregate,
        aggregate_id,
        sequence: item.sequence,
        attempts: item.attempts,
        receive_time: Some(timestamp(item.received_at)),
        park_time: Some(timestamp(item.parked_at)),
        fault_reason: item.reason,
        fault_message: item.message,
        waiting_count: i64::try_from(item.behind).unwrap_or(i64::MAX),
        waiting_events: waiting.into_iter().map(event).collect(),
    }
}

fn event(waiting: WaitingEvent) -> proto::WaitingEvent {
    proto::WaitingEvent {
        event_id: waiting.id.to_string(),
        event_type: waiting.event_type,
        sequence: waiting.sequence,
        receive_time: Some(timestamp(waiting.received_at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_service_and_which_item() {
        let id = Uuid::from_u128(7);
        let whole = format!("services/letters/parkedItems/{id}");
        let service = "letters".to_owned();
        assert_eq!(name(&whole), Ok(Name { service, id }));
        assert_eq!(parent("services/letters"), Ok("letters".to_owned()));
        for wrong in [
            "",
            "services/",
            "letters",
            "services/a/parkedItems/1",
            "services/A b",
        ] {
            assert!(name(wrong).is_err() && parent(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_filter_names_events_jobs_or_messages() {
        assert_eq!(kind("kind = EVENT"), Ok(Some(ParkedKind::Event)));
        assert_eq!(kind("kind = JOB"), Ok(Some(ParkedKind::Job)));
        assert_eq!(kind("kind = MESSAGE"), Ok(Some(ParkedKind::Message)));
        assert_eq!(kind(""), Ok(None));
        assert!(kind("kind = LETTER").is_err() && kind("state = PARKED").is_err());
    }
}
