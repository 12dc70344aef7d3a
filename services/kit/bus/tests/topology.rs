//! The topology is the contracts' own: every public event has its place in it, once.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_types::FileDescriptorSet;
use visits_bus::topology::{GROUPS, SAID, Said, types_of, types_of_nobody};

#[test]
fn every_event_of_the_contracts_is_said_by_one_aggregate() {
    let contracts = FileDescriptorSet::decode(visits_proto::DESCRIPTORS).expect("descriptors");
    let declared: BTreeSet<String> = contracts
        .file
        .iter()
        .filter(|file| file.name().ends_with("/events.proto"))
        .flat_map(|file| {
            file.message_type
                .iter()
                .map(|message| format!("{}.{}", file.package(), message.name()))
        })
        .collect();
    let said: Vec<String> = SAID.iter().flat_map(Said::event_types).collect();
    assert_eq!(said.iter().cloned().collect::<BTreeSet<_>>(), declared);
    assert_eq!(said.len(), declared.len(), "each has one place");
}

#[test]
fn every_event_has_a_queue_and_a_group_hears_whole_aggregates() {
    let mut queued = types_of_nobody();
    for group in GROUPS {
        for aggregate in group.aggregates {
            assert!(
                SAID.iter().any(|said| said.aggregate == *aggregate),
                "{} hears {aggregate}, which says nothing",
                group.name
            );
        }
        queued.extend(types_of(group.aggregates));
    }
    let said: BTreeSet<String> = SAID.iter().flat_map(Said::event_types).collect();
    assert_eq!(queued, said);
}
