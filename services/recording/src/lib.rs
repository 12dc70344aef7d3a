//! Recording: interim visits in progress, from the arrival to the departure.
//!
//! The invariants:
//!
//! * a visit starts only when scheduling has said that it is ready and the system of controls is
//!   recorded (M6), and it keeps the version of the form that it began with (M8);
//! * answers are written down as given, and nothing that was written down vanishes (M22);
//! * a visit that is turned into an NFD stops: what arrives later is kept, marked, and no part of
//!   the visit (M30);
//! * what was gathered is read by the visit's own team alone, until access ends, and by nobody
//!   who is assigned to the school's routine inspection (M11); insight sees the answers of
//!   completed visits without whom they came from;
//! * no event carries a text (R19).

pub mod access;
pub mod app;
pub mod consumers;
pub mod domain;
pub mod grpc;
pub mod jobs;
pub mod name;
pub mod peers;
pub mod publish;
pub mod store;
pub mod sweep;

mod config;

use std::sync::Arc;

use tonic::service::Routes;
use visits_durable::{Durable, ServiceParts};
use visits_proto::recording::v1::recording_service_server::RecordingServiceServer;
use visits_runtime::limits::MAX_MESSAGE_BYTES;
use visits_runtime::{Built, Deps};

use access::Access;
use app::App;
use grpc::RecordingGrpc;
use peers::Scheduling;

pub use domain::Policy;
pub use store::migrations;

/// The service's name.
pub const SERVICE: &str = "recording";

/// The embedded configuration, which is its reference.
pub const DEFAULTS: &str = include_str!("default.toml");

/// The first version of the visit form, for the demo and for tests; production imports it.
pub const FIRST_FORM: &str = include_str!("../forms/2020-09.toml");

/// Wires the service: its RPCs, consumers, timers and sweep.
#[must_use]
pub fn build(deps: Deps<Durable, Policy>) -> Built<ServiceParts> {
    let app = App {
        durable: deps.durable,
        policy: Arc::new(deps.policy),
    };
    let scheduling = Scheduling::new(&deps.peers);
    let access = Access::new(app.clone(), scheduling.clone());
    let server = RecordingServiceServer::new(RecordingGrpc::new(app.clone(), access))
        .max_decoding_message_size(MAX_MESSAGE_BYTES);
    let parts = ServiceParts {
        durable: app.durable.clone(),
        consumes: consumers::HEARD.to_vec(),
        consumers: consumers::all(&app, &scheduling),
        jobs: vec![Arc::new(jobs::EndAccess(app.clone()))],
        sweeps: vec![Arc::new(sweep::EndsOfAccess(app))],
    };
    Built::new(
        parts,
        Routes::new(server),
        "ofsted.visits.recording.v1.RecordingService",
    )
}
