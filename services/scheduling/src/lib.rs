//! Scheduling: the register of schools and inspectors, the calendars, the plan of visits, and the
//! telephone call on the school day before each of them.
//!
//! What always holds:
//!
//! * the first contact is a call at 10:00 in England on the last day before the visit on which this
//!   school is open; a year without bank-holiday data is refused, never guessed (M13);
//! * no visit is ready without the system of controls, and a change of mode or date asks for it
//!   again (M6, M15);
//! * the inspector has the script and exactly the context pack, frozen when the call begins (M14,
//!   M18); nothing has a place for education on the call (M16), for a complaint (M17), for a
//!   document (M7) or for a grade of the visit (M5);
//! * nobody is in two places on one day, and the lead's call day belongs to the visit: the diary's
//!   key forbids it;
//! * assignments to routine inspections are held here, bar at once, and are asked for here (M11);
//! * the timers of a visit are a function of its state, and what is said on the bus carries names,
//!   codes and times only (R19).
//!
//! `domain` decides, `app` carries out, `store` keeps, `grpc`, `consumers` and `jobs` ask; `import`
//! reads the files of the outside world.

pub mod app;
pub mod config;
mod consumers;
pub mod domain;
mod grpc;
pub mod import;
mod jobs;
mod publish;
mod store;
mod sweep;

use std::sync::Arc;

use tonic::service::Routes;
use visits_durable::{Durable, ServiceParts};
use visits_proto::scheduling::v1::scheduling_service_server::SchedulingServiceServer;
use visits_runtime::{Built, Deps, limits};

pub use config::{DEFAULTS, Policy};
pub use store::migrations;

/// The service's name.
pub const SERVICE: &str = "scheduling";

/// The gRPC service's name.
pub const GRPC_SERVICE: &str = "ofsted.visits.scheduling.v1.SchedulingService";

/// The first version of the call's script (M14), ready to be imported.
pub const FIRST_CALL_SCRIPT: &str = include_str!("../scripts/call-script-2020-09-29.toml");

/// Builds the service from what it needs.
#[must_use]
pub fn build(deps: Deps<Durable, Policy>) -> Built<ServiceParts> {
    let app = app::App {
        durable: deps.durable.clone(),
        policy: Arc::new(deps.policy),
    };
    let parts = ServiceParts {
        durable: deps.durable,
        consumes: consumers::CONSUMES.to_vec(),
        consumers: consumers::all(&app),
        jobs: jobs::all(&app),
        sweeps: vec![Arc::new(sweep::TimerSweep(app.clone()))],
    };
    let directors = grpc::directors::Directors::new(&deps.peers);
    let service = SchedulingServiceServer::new(grpc::service::Grpc::new(app, directors))
        .max_decoding_message_size(limits::MAX_MESSAGE_BYTES);
    Built::new(parts, Routes::new(service), GRPC_SERVICE)
}
