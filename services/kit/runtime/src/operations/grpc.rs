//! `OperationsService`: who calls, may they, then the service that is meant.

use std::sync::Arc;

use prost::Message as _;
use tonic::{Request, Response, Status};
use visits_core::{Actor, Fault, Fields, SortKey, parked};
use visits_proto::operations::v1::operations_service_server::OperationsService;
use visits_proto::operations::v1::{
    AuditVerdict, DiscardParkedItemRequest, GetParkedItemRequest, ListAuditEntriesRequest,
    ListAuditEntriesResponse, ListParkedItemsRequest, ListParkedItemsResponse, ParkedItem,
    RetryParkedItemRequest, VerifyAuditRequest,
};

use super::wire::{self, Name};
use super::{DECIDE_PARKED, Operated, Order, READ_PARKED};
use crate::asked;
use crate::auth::caller;
use crate::order::Orders;
use crate::paging::{Listing, Paging};
use crate::policy::{Action, Resource, authorise};
use crate::status::to_status;

/// The orders and page sizes of what is parked.
const PARKED: Listing = Listing {
    orders: Orders {
        fields: &["name", "park_time"],
        default: &[SortKey::ascending("park_time")],
        key: "name",
    },
    page_default: 20,
    page_max: 100,
};
const WAITING_SHOWN: u64 = 20;
const NOTE_CHARS_MAX: usize = 500;

pub(super) struct Operations {
    services: Vec<Arc<dyn Operated>>,
}

impl Operations {
    pub(super) fn new(services: Vec<Arc<dyn Operated>>) -> Self {
        Self { services }
    }

    /// The service that is meant, if this process holds it and the caller may do that there.
    pub(super) async fn permitted(
        &self,
        actor: &Actor,
        action: &Action,
        service: &str,
        resource: &str,
    ) -> Result<&dyn Operated, Fault> {
        let held = self.services.iter().find(|held| held.service() == service);
        let held = held.ok_or_else(|| Fault::not_found(format!("services/{service}")))?;
        let Err(fault) = authorise(actor, action, &Resource::open(resource)) else {
            return Ok(held.as_ref());
        };
        held.refused(actor, action.name, resource, &fault).await?;
        Err(fault)
    }

    async fn list(
        &self,
        actor: &Actor,
        request: &ListParkedItemsRequest,
    ) -> Result<ListParkedItemsResponse, Fault> {
        let service = wire::parent(&request.parent)?;
        let held = self
            .permitted(actor, &READ_PARKED, &service, &request.parent)
            .await?;
        let paging = Paging::read(&asked!(request).within(&service), &PARKED)?;
        let kind = wire::kind(&request.filter)?;
        let mut items = held.list(kind, &paging.page).await?;
        let next_page_token = paging.finish(&mut items, parked::ParkedItem::part);
        let parked_items = items.into_iter();
        let parked_items = parked_items.map(|item| wire::item(&service, item, Vec::new()));
        Ok(ListParkedItemsResponse {
            parked_items: parked_items.collect(),
            next_page_token,
        })
    }

    async fn get(
        &self,
        actor: &Actor,
        request: &GetParkedItemRequest,
    ) -> Result<ParkedItem, Fault> {
        let Name { service, id } = wire::name(&request.name)?;
        let held = self
            .permitted(actor, &READ_PARKED, &service, &request.name)
            .await?;
        let (item, waiting) = held.get(id, WAITING_SHOWN).await?;
        Ok(wire::item(&service, item, waiting))
    }

    async fn retry(
        &self,
        actor: Actor,
        request: &RetryParkedItemRequest,
    ) -> Result<ParkedItem, Fault> {
        let Name { service, id } = wire::name(&request.name)?;
        let held = self
            .permitted(&actor, &DECIDE_PARKED, &service, &request.name)
            .await?;
        let mut fields = Fields::new();
        let request_id = fields.request_id(&request.request_id);
        fields.finish()?;
        let order = Order {
            actor,
            method: "RetryParkedItem",
            request_id,
            encoded: request.encode_to_vec(),
            id,
        };
        Ok(wire::item(&service, held.retry(order).await?, Vec::new()))
    }

    async fn discard(
        &self,
        actor: Actor,
        request: &DiscardParkedItemRequest,
    ) -> Result<ParkedItem, Fault> {
        let Name { service, id } = wire::name(&request.name)?;
        let held = self
            .permitted(&actor, &DECIDE_PARKED, &service, &request.name)
            .await?;
        let mut fields = Fields::new();
        let request_id = fields.request_id(&request.request_id);
        let note = fields.text("note", &request.note, NOTE_CHARS_MAX);
        fields.finish()?;
        let order = Order {
            actor,
            method: "DiscardParkedItem",
            request_id,
            encoded: request.encode_to_vec(),
            id,
        };
        let item = held.discard(order, note).await?;
        Ok(wire::item(&service, item, Vec::new()))
    }
}

#[tonic::async_trait]
impl OperationsService for Operations {
    async fn list_parked_items(
        &self,
        request: Request<ListParkedItemsRequest>,
    ) -> Result<Response<ListParkedItemsResponse>, Status> {
        let actor = caller(&request)?.actor;
        let answer = self.list(&actor, request.get_ref()).await;
        answer.map(Response::new).map_err(to_status)
    }

    async fn get_parked_item(
        &self,
        request: Request<GetParkedItemRequest>,
    ) -> Result<Response<ParkedItem>, Status> {
        let actor = caller(&request)?.actor;
        let answer = self.get(&actor, request.get_ref()).await;
        answer.map(Response::new).map_err(to_status)
    }

    async fn retry_parked_item(
        &self,
        request: Request<RetryParkedItemRequest>,
    ) -> Result<Response<ParkedItem>, Status> {
        let actor = caller(&request)?.actor;
        let answer = self.retry(actor, request.get_ref()).await;
        answer.map(Response::new).map_err(to_status)
    }

    async fn discard_parked_item(
        &self,
        request: Request<DiscardParkedItemRequest>,
    ) -> Result<Response<ParkedItem>, Status> {
        let actor = caller(&request)?.actor;
        let answer = self.discard(actor, request.get_ref()).await;
        answer.map(Response::new).map_err(to_status)
    }

    async fn list_audit_entries(
        &self,
        request: Request<ListAuditEntriesRequest>,
    ) -> Result<Response<ListAuditEntriesResponse>, Status> {
        let actor = caller(&request)?.actor;
        let answer = self.audit(&actor, request.get_ref()).await;
        answer.map(Response::new).map_err(to_status)
    }

    async fn verify_audit(
        &self,
        request: Request<VerifyAuditRequest>,
    ) -> Result<Response<AuditVerdict>, Status> {
        let actor = caller(&request)?.actor;
        let answer = self.verdict(&actor, request.get_ref()).await;
        answer.map(Response::new).map_err(to_status)
    }
}
