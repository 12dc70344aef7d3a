//! What travels on the bus is ids, codes, versions and times, never text or names (R19, M11).

use super::{Contracts, Field, Kind, Message};
use crate::Finding;

/// Strings that name a resource or a principal by its code, or say a date.
const REFERENCES: &[&str] = &[
    "visit",
    "school",
    "case",
    "concern",
    "letter",
    "inspector",
    "inspectors",
    "lead",
    "raised_by",
    "operator",
    "region",
    "local_authority",
    "visit_record",
    "form",
    "release",
    "shift",
];
/// Endings of strings that are codes, identifiers, versions or dates.
const CODED: &[&str] = &[
    "_code",
    "_codes",
    "_id",
    "_ids",
    "_version",
    "_date",
    "_name_code",
];

/// Event fields that could carry what a person wrote or is called.
pub(super) fn check(contracts: &Contracts) -> Vec<Finding> {
    let events = contracts
        .messages
        .iter()
        .filter(|message| is_event(message));
    events
        .flat_map(|event| check_event(contracts, event))
        .collect()
}

fn is_event(message: &Message) -> bool {
    message.named.place.contains("/events.proto:")
}

fn check_event(contracts: &Contracts, event: &Message) -> Vec<Finding> {
    let fields = event
        .fields
        .iter()
        .filter(|field| !may_travel(contracts, field));
    fields
        .map(|field| {
            let what = format!(
                "{}.{}: events carry ids, codes, versions and times only (R19)",
                event.named.name, field.named.name
            );
            Finding::new(&field.named.place, what)
        })
        .collect()
}

fn may_travel(contracts: &Contracts, field: &Field) -> bool {
    let name = field.named.name.as_str();
    match &field.kind {
        Kind::Plain => true,
        Kind::Text => REFERENCES.contains(&name) || CODED.iter().any(|end| name.ends_with(end)),
        Kind::Message(full_name) if full_name == "google.protobuf.Timestamp" => true,
        // A part of an event is held to the same rule where it is declared.
        Kind::Message(full_name) => contracts.message(full_name).is_some_and(is_event),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn text_and_messages_from_elsewhere_are_found_in_an_event() {
        let body = "message Raised { string case = 1; string details = 2; string lead_name = 3; }";
        assert_eq!(check(&sample("events.proto", body)).len(), 2);
        assert_eq!(check(&sample("service.proto", body)).len(), 0);
    }

    #[test]
    fn references_codes_and_versions_pass() {
        let body = "message Raised { string case = 1; string reason_code = 2; int64 version = 3; }";
        assert!(check(&sample("events.proto", body)).is_empty());
    }
}
