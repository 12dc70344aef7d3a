//! What operators do with what is parked (R10), and what auditors read of the audit (R18):
//! one gRPC service for every service of a process.
//!
//! Which database keeps them is behind [`ParkedItems`] and [`AuditTrail`]; each service of the
//! process brings both.

mod audit;
mod grpc;
mod wire;

use std::sync::Arc;

use tonic::service::Routes;
use uuid::Uuid;
use visits_core::parked::{ParkedItem, ParkedKind, WaitingEvent};
use visits_core::{Actor, Fault, Page, Role};
use visits_proto::operations::v1::operations_service_server::OperationsServiceServer;

use crate::limits;
use crate::policy::Action;

pub use audit::{AuditTrail, READ_AUDIT};

/// The gRPC service's name.
pub const GRPC_SERVICE: &str = "ofsted.visits.operations.v1.OperationsService";
/// The metadata key that repeats which service is meant, for a gateway before separate processes.
pub const SERVICE_KEY: &str = "visits-service";

/// See what is parked.
pub const READ_PARKED: Action = Action {
    name: "operations.parkedItems.read",
    roles: &[Role::Operator, Role::Auditor],
    assigned: false,
};
/// Retry or discard what is parked.
pub const DECIDE_PARKED: Action = Action {
    name: "operations.parkedItems.decide",
    roles: &[Role::Operator],
    assigned: false,
};

/// An operator's decision about one item: who, under which mark, about what.
#[derive(Clone, Debug)]
pub struct Order {
    /// Who decides.
    pub actor: Actor,
    /// The RPC's name.
    pub method: &'static str,
    /// The caller's mark for this intent (R17).
    pub request_id: Uuid,
    /// The request's bytes, which tell a repeat from a reuse of its mark.
    pub encoded: Vec<u8>,
    /// The item.
    pub id: Uuid,
}

/// The parked items of one service.
#[tonic::async_trait]
pub trait ParkedItems: Send + Sync + 'static {
    /// The service's name: `escalation`.
    fn service(&self) -> &'static str;
    /// A page of the items, of that kind or all, and one item more if there is another page.
    async fn list(&self, kind: Option<ParkedKind>, page: &Page) -> Result<Vec<ParkedItem>, Fault>;
    /// One item and the first `limit` events that wait for it.
    async fn get(&self, id: Uuid, limit: u64) -> Result<(ParkedItem, Vec<WaitingEvent>), Fault>;
    /// Lets an item be tried again.
    async fn retry(&self, order: Order) -> Result<ParkedItem, Fault>;
    /// Gives an item up, for the reason in `note`.
    async fn discard(&self, order: Order, note: String) -> Result<ParkedItem, Fault>;
    /// Keeps in the audit that `actor` was refused.
    async fn refused(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        fault: &Fault,
    ) -> Result<(), Fault>;
}

/// One service as those reach it who keep it running or audit it.
pub trait Operated: ParkedItems + AuditTrail {}

impl<T: ParkedItems + AuditTrail> Operated for T {}

/// The operations service over the databases of each service of the process.
#[must_use]
pub fn routes(services: Vec<Arc<dyn Operated>>) -> Routes {
    let server = OperationsServiceServer::new(grpc::Operations::new(services));
    Routes::new(server.max_decoding_message_size(limits::MAX_MESSAGE_BYTES))
}
