//! Insights: what schools said, counted into a dated national picture (M1, M2, M38).
//!
//! The invariants:
//!
//! * A visit counts once it is completed and as long as it isn't converted. A converted one counts
//!   in the conversion rate only; its answers are erased here and never come back (M30, M34).
//! * Answers are kept under a pseudonym of their visit, which only this service can make, without
//!   whom they came from, when, and where. Researchers read them; nobody else does, and whoever
//!   else asks is refused and the refusal is audited (M11).
//! * A coding covers every answer in which something was said; recoding keeps what stood before.
//! * A release never changes: it is inserted, with its finished tables, and a later one supersedes
//!   it. No table names a school (M11), and none carries a grade of a visit (M5).
//! * Nothing is published on the bus.

pub mod app;
pub mod config;
pub mod consumers;
pub mod digest;
pub mod domain;
pub mod frame_file;
pub mod grpc;
pub mod jobs;
pub mod pseudonym;
pub mod store;
pub mod sweep;
pub mod terminal;

use std::sync::Arc;

use tonic::service::Routes;
use visits_durable::{Durable, ServiceParts};
use visits_proto::insights::v1::insights_service_server::InsightsServiceServer;
use visits_runtime::{Built, Deps, limits};

pub use config::{Config, DEFAULTS, Policy};
pub use store::migrations;

/// The service's name.
pub const SERVICE: &str = "insights";

/// Wires routes, consumers, jobs and sweep.
#[must_use]
pub fn build(deps: Deps<Durable, Policy>) -> Built<ServiceParts> {
    let app = app::App::new(deps.durable.clone(), deps.policy);
    let parts = ServiceParts {
        durable: deps.durable,
        consumes: consumers::CONSUMES.to_vec(),
        consumers: consumers::all(&app, &deps.peers),
        jobs: jobs::all(&app, &deps.peers),
        sweeps: vec![Arc::new(sweep::OutstandingAnswers::new(app.clone()))],
    };
    let server = InsightsServiceServer::new(grpc::service::Insights::new(app))
        .max_decoding_message_size(limits::MAX_MESSAGE_BYTES);
    Built::new(
        parts,
        Routes::new(server),
        "ofsted.visits.insights.v1.InsightsService",
    )
}
