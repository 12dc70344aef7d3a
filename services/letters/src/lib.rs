//! The letters service: drafting, the school's check for factual accuracy, publication.
//!
//! Invariants:
//! 1. No draft before the departure is on record (M35), none of an NFD before it is complete (M32).
//! 2. No text goes out that states a graded judgement, names a person, or has unconfirmed marks (M5).
//! 3. No publication without a round of the school's check: its reply with every correction answered,
//!    or an explicit, audited decision to go on without one (M36).
//! 4. The interim letter of a converted visit is never published (M30).
//! 5. A published edition is never altered; corrections are new editions with a note (M37).
//! 6. Drafts and rounds are the team's and the publishers'; behind the barrier only published letters
//!    exist (M11). Events carry no words (R19).

pub mod app;
pub mod config;
pub mod consumers;
pub mod domain;
pub mod grpc;
pub mod jobs;
pub mod link;
pub mod mailbox;
pub mod pages;
pub mod publish;
pub mod sources;
pub mod store;
pub mod sweep;

use std::sync::Arc;

use tonic::service::Routes;
use visits_durable::sea_orm_migration::MigrationTrait;
use visits_durable::{Durable, ServiceParts};
use visits_proto::letters::v1::letters_service_server::LettersServiceServer;
use visits_runtime::{Built, Deps, limits};

pub use config::{Config, DEFAULTS, Setup};

/// The service's name.
pub const SERVICE: &str = "letters";

/// The full name of its gRPC service.
pub const GRPC_SERVICE: &str = "ofsted.visits.letters.v1.LettersService";

/// The service's own tables.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(store::migration::Tables)]
}

/// Wires routes, pages, consumers, job handlers and the sweep.
#[must_use]
pub fn build(deps: Deps<Durable, Setup>) -> Built<ServiceParts> {
    let app = app::App {
        durable: deps.durable.clone(),
        setup: Arc::new(deps.policy),
    };
    let parts = ServiceParts {
        durable: deps.durable,
        consumes: consumers::CONSUMES.to_vec(),
        consumers: consumers::all(&app),
        jobs: jobs::all(&app),
        sweeps: vec![Arc::new(sweep::TimersSweep::new(app.clone()))],
    };
    let sources = sources::Sources::new(deps.peers);
    let service = LettersServiceServer::new(grpc::LettersGrpc::new(app.clone(), sources))
        .max_decoding_message_size(limits::MAX_MESSAGE_BYTES);
    Built::new(parts, Routes::new(service), GRPC_SERVICE)
        .with_pages(&pages::PREFIXES, pages::router(app))
}
