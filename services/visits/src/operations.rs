//! Lets operators at what each service of this process has parked (R10).

use std::sync::Arc;

use tonic::service::Routes;
use uuid::Uuid;
use visits_core::parked::{ParkedItem, ParkedKind, WaitingEvent};
use visits_core::{Actor, Fault, Page};
use visits_durable::{Cause, Durable, Fingerprint};
use visits_runtime::operations::{self, Order, ParkedItems};

/// The operations service over the databases of `durables`.
#[must_use]
pub fn routes(durables: &[Durable]) -> Routes {
    let services = durables.iter().cloned();
    let services = services.map(|durable| Arc::new(Parked(durable)) as Arc<dyn ParkedItems>);
    operations::routes(services.collect())
}

/// What one service has parked in its database.
struct Parked(Durable);

fn cause(order: Order) -> Cause {
    Cause::Request {
        fingerprint: Fingerprint::of(&order.encoded),
        actor: order.actor,
        method: order.method,
        request_id: order.request_id,
    }
}

#[tonic::async_trait]
impl ParkedItems for Parked {
    fn service(&self) -> &'static str {
        self.0.service()
    }

    async fn list(&self, kind: Option<ParkedKind>, page: &Page) -> Result<Vec<ParkedItem>, Fault> {
        self.0.parked(kind, page).await
    }

    async fn get(&self, id: Uuid, limit: u64) -> Result<(ParkedItem, Vec<WaitingEvent>), Fault> {
        self.0.parked_item(id, limit).await
    }

    async fn retry(&self, order: Order) -> Result<ParkedItem, Fault> {
        let id = order.id;
        self.0.retry_parked(cause(order), id).await
    }

    async fn discard(&self, order: Order, note: String) -> Result<ParkedItem, Fault> {
        let id = order.id;
        self.0.discard_parked(cause(order), id, note).await
    }

    async fn refused(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        fault: &Fault,
    ) -> Result<(), Fault> {
        self.0.audit_refusal(actor, action, resource, fault).await
    }
}
