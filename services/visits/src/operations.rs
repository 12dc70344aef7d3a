//! Lets operators at what each service of this process has parked (R10), and auditors at its audit
//! (R18).

use std::sync::Arc;

use serde_json::Value;
use tonic::service::Routes;
use uuid::Uuid;
use visits_core::audited::{AuditSought, AuditVerdict, AuditedEntry, ChainPoint};
use visits_core::parked::{ParkedItem, ParkedKind, WaitingEvent};
use visits_core::{Actor, Fault, Page, Timestamp};
use visits_durable::{Cause, Durable, Fingerprint};
use visits_runtime::operations::{self, AuditTrail, Operated, Order, ParkedItems};

/// The operations service over the databases of `durables`.
#[must_use]
pub fn routes(durables: &[Durable]) -> Routes {
    let services = durables.iter().cloned();
    let services = services.map(|durable| Arc::new(Operations(durable)) as Arc<dyn Operated>);
    operations::routes(services.collect())
}

/// The database of one service.
struct Operations(Durable);

fn cause(order: Order) -> Cause {
    Cause::Request {
        fingerprint: Fingerprint::of(&order.encoded),
        actor: order.actor,
        method: order.method,
        request_id: order.request_id,
    }
}

#[tonic::async_trait]
impl ParkedItems for Operations {
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

#[tonic::async_trait]
impl AuditTrail for Operations {
    async fn entries(&self, sought: &AuditSought, page: &Page) -> Result<Vec<AuditedEntry>, Fault> {
        self.0.audited(sought, page).await
    }

    async fn verify(&self, after: ChainPoint, limit: u64) -> Result<AuditVerdict, Fault> {
        self.0.verify_audit_after(after, limit).await
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn was_read(
        &self,
        actor: &Actor,
        action: &str,
        resource: &str,
        detail: Value,
    ) -> Result<(), Fault> {
        self.0.audit_reading(actor, action, resource, detail).await
    }
}
