//! Everything in a contract says what it is.

use super::{Contracts, Named};
use crate::Finding;

/// What has no comment above it.
pub(super) fn check(contracts: &Contracts) -> Vec<Finding> {
    let messages = contracts.messages.iter().flat_map(|message| {
        let fields = message.fields.iter().map(|field| &field.named);
        std::iter::once(&message.named).chain(fields)
    });
    let enums = contracts.enums.iter().flat_map(|declared| {
        let values = declared.values.iter().map(|(value, _)| value);
        std::iter::once(&declared.named).chain(values)
    });
    let rpcs = contracts.rpcs.iter().map(|rpc| &rpc.named);
    let all = messages.chain(enums).chain(&contracts.services).chain(rpcs);
    all.filter(|named| named.comment.is_empty())
        .map(undocumented)
        .collect()
}

fn undocumented(named: &Named) -> Finding {
    Finding::new(
        &named.place,
        format!("{} has no comment above it", named.name),
    )
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn each_thing_without_a_comment_is_found_with_its_line() {
        let contracts = sample(
            "x.proto",
            "message A {\n string b = 1;\n enum C { C_UNSPECIFIED = 0; }\n}\n\
             service D { rpc E(A) returns (A); }\n",
        );
        let found = check(&contracts);
        let places: Vec<_> = found.iter().map(|f| f.place.rsplit(':').next()).collect();
        assert_eq!(found.len(), 6, "{found:?}");
        assert_eq!(places[0], Some("3"));
    }

    #[test]
    fn a_contract_that_says_what_it_is_passes() {
        let contracts = sample(
            "x.proto",
            "// A thing.\nmessage A {\n // Its b.\n string b = 1;\n}\n",
        );
        assert!(check(&contracts).is_empty());
    }
}
