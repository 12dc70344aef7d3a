//! The contracts: what the services say to their callers and to each other.
//!
//! The `.proto` files under `ofsted/visits` are the source; this crate is their generated Rust,
//! with proto-JSON through serde, and the descriptor set. Nothing clever lives here.

#![expect(
    missing_docs,
    reason = "generated code carries the comments of the .proto files"
)]
#![expect(clippy::all, clippy::allow_attributes, reason = "generated code")]

/// The descriptor set of every contract, for server reflection and for the tests that walk it.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

macro_rules! contract {
    ($area:ident, $package:literal) => {
        pub mod $area {
            pub mod v1 {
                tonic::include_proto!($package);
                include!(concat!(env!("OUT_DIR"), "/", $package, ".serde.rs"));
            }
        }
    };
}

contract!(common, "ofsted.visits.common.v1");
contract!(scheduling, "ofsted.visits.scheduling.v1");
contract!(recording, "ofsted.visits.recording.v1");
contract!(escalation, "ofsted.visits.escalation.v1");
contract!(letters, "ofsted.visits.letters.v1");
contract!(insights, "ofsted.visits.insights.v1");
contract!(operations, "ofsted.visits.operations.v1");

/// An instant of ours as the contract's timestamp.
#[must_use]
pub fn timestamp(instant: jiff::Timestamp) -> pbjson_types::Timestamp {
    pbjson_types::Timestamp {
        seconds: instant.as_second(),
        nanos: instant.subsec_nanosecond(),
    }
}

/// The contract's timestamp as an instant of ours, if it is one.
#[must_use]
pub fn instant(timestamp: Option<&pbjson_types::Timestamp>) -> Option<jiff::Timestamp> {
    timestamp.and_then(|t| jiff::Timestamp::new(t.seconds, t.nanos).ok())
}
