//! Concern escalation: from an inspector's significant concern over the duty desk and the Regional
//! Director to a section 8 "no formal designation" inspection (NFD) and its end.
//!
//! What always holds:
//!
//! * only two areas can be raised (M26);
//! * no decision without a call with the duty desk about every concern (M27);
//! * who decides is who stands on the dated register for the school's region that day (M28);
//! * the NFD's deadline is 48 elapsed hours after the decision, and a deadline that passes without
//!   a start is recorded exactly once (M29);
//! * nothing that anybody wrote leaves the service on the bus (R19), and nothing at all reaches an
//!   inspector behind the barrier (M11).
//!
//! `domain` decides, `app` carries out, `store` keeps, `grpc`, `consumers` and `jobs` ask.

pub mod app;
pub mod config;
mod consumers;
pub mod domain;
mod grpc;
mod jobs;
pub mod pager;
mod publish;
mod scheduling;
mod store;
mod sweep;
mod unwatched;
mod wire;

use std::sync::Arc;

use tonic::service::Routes;
use visits_durable::{Durable, ServiceParts};
use visits_proto::escalation::v1::escalation_service_server::EscalationServiceServer;
use visits_runtime::{Built, Deps, limits};

pub use config::{DEFAULTS, Policy, Setup};
pub use store::migrations;
pub use unwatched::CASES_UNWATCHED;

/// The service's name.
pub const SERVICE: &str = "escalation";

/// The gRPC service's name.
pub const GRPC_SERVICE: &str = "ofsted.visits.escalation.v1.EscalationService";

/// Builds the service from what it needs.
#[must_use]
pub fn build(deps: Deps<Durable, Setup>) -> Built<ServiceParts> {
    let Setup { rules, pager } = deps.policy;
    let app = app::App::new(deps.durable.clone(), rules);
    let parts = ServiceParts {
        durable: deps.durable,
        consumes: consumers::CONSUMES.to_vec(),
        consumers: consumers::consumers(&app),
        jobs: jobs::jobs(&app, &pager),
        sweeps: vec![
            Arc::new(sweep::TimerSweep(app.clone())),
            Arc::new(unwatched::WatchFigure(app.clone())),
        ],
    };
    let service = grpc::service::Grpc {
        scheduling: scheduling::Scheduling::new(&deps.peers),
        watches: grpc::watch::Watches {
            app: app.clone(),
            tokens: deps.resume,
            going_away: deps.going_away,
        },
        app,
    };
    let server =
        EscalationServiceServer::new(service).max_decoding_message_size(limits::MAX_MESSAGE_BYTES);
    Built::new(parts, Routes::new(server), GRPC_SERVICE)
}
