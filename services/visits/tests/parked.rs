//! Parked items as operators reach them: over gRPC, with rights, once for a `request_id` (R10).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use prost::Name as _;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Actor, ErrorKind, Fault, Role};
use visits_durable::{AuditEntry, Consumer, Durable, ServiceParts};
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;
use visits_proto::operations::v1::parked_item::{Kind, State};
use visits_proto::operations::v1::{
    DiscardParkedItemRequest, GetParkedItemRequest, ListParkedItemsRequest, ParkedItem,
    RetryParkedItemRequest,
};
use visits_proto::recording::v1::VisitCompleted;
use visits_testkit::events::Of;
use visits_testkit::host::Bearer;
use visits_testkit::{Bench, Database, Host, on_every_database};

type Client = OperationsServiceClient<InterceptedService<Channel, Bearer>>;

/// Can't handle anything until it is mended.
struct Broken(Arc<AtomicBool>);

#[tonic::async_trait]
impl Consumer for Broken {
    fn name(&self) -> &'static str {
        "recording.visit_completed"
    }
    fn event_type(&self) -> String {
        VisitCompleted::full_name()
    }
    async fn handle(&self, _: Arc<Envelope>) -> Result<(), Fault> {
        if self.0.load(Ordering::SeqCst) {
            return Ok(());
        }
        let message = "can't be swallowed";
        Err(Fault::new(ErrorKind::InvalidInput, "POISONED", message))
    }
}

/// Letters, which has parked the first of three events each of two visits.
struct Scene {
    bench: Bench,
    durable: Durable,
    host: Host,
    mended: Arc<AtomicBool>,
}

impl Scene {
    async fn new(database: Database) -> Self {
        let mut bench = database.bench("2020-10-23T09:00:00Z");
        let durable = bench.durable("letters", visits_letters::migrations).await;
        let mended = Arc::new(AtomicBool::new(false));
        bench
            .add(ServiceParts {
                durable: durable.clone(),
                consumes: vec!["recording.record"],
                consumers: vec![Arc::new(Broken(mended.clone()))],
                jobs: vec![],
                sweeps: vec![],
            })
            .await;
        for (visit, sequence) in [(1, 1), (1, 2), (1, 3), (1_000, 1), (1_000, 2), (1_000, 3)] {
            let of = Of {
                aggregate: "recording.record",
                id: Uuid::from_u128(visit),
                sequence,
            };
            bench.send(of, &VisitCompleted::default()).await;
        }
        bench.settle().await;
        let mut host = Host::new(&bench);
        host.serve([visits::operations::routes(std::slice::from_ref(&durable))]);
        Self {
            bench,
            durable,
            host,
            mended,
        }
    }

    fn client(&self, principal: &str, role: Role) -> Client {
        OperationsServiceClient::new(self.host.caller(Actor::new(principal, role)))
    }

    fn operator(&self) -> Client {
        self.client("operator-1", Role::Operator)
    }

    async fn parked(&self) -> Vec<ParkedItem> {
        let page = self.operator().list_parked_items(list()).await;
        page.expect("a page").into_inner().parked_items
    }

    async fn audit(&self) -> Vec<AuditEntry> {
        self.bench.settle().await;
        self.durable.audit_page(None, 0).await.expect("audit")
    }
}

fn list() -> ListParkedItemsRequest {
    ListParkedItemsRequest {
        parent: "services/letters".to_owned(),
        ..Default::default()
    }
}

fn get(name: &str) -> GetParkedItemRequest {
    GetParkedItemRequest {
        name: name.to_owned(),
    }
}

fn retry(name: &str, number: u128) -> RetryParkedItemRequest {
    RetryParkedItemRequest {
        name: name.to_owned(),
        request_id: Uuid::from_u128(number).to_string(),
    }
}

fn discard(name: &str, number: u128) -> DiscardParkedItemRequest {
    DiscardParkedItemRequest {
        name: name.to_owned(),
        request_id: Uuid::from_u128(number).to_string(),
        note: "sent twice by a test".to_owned(),
    }
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    details.error_info().expect("a reason").reason.clone()
}

async fn an_operator_sees_retries_and_discards(database: Database) {
    let scene = Scene::new(database).await;
    let items = scene.parked().await;
    assert_eq!(items.len(), 2);
    let first = &items[0];
    let asked = |filter: &str, order_by: &str| ListParkedItemsRequest {
        filter: filter.to_owned(),
        order_by: order_by.to_owned(),
        ..list()
    };
    let newest = asked("kind = EVENT", "park_time desc");
    let newest = scene.operator().list_parked_items(newest).await;
    let newest = newest.expect("a page").into_inner().parked_items;
    assert!(newest.iter().eq(items.iter().rev()), "{newest:?}");
    let jobs = scene
        .operator()
        .list_parked_items(asked("kind = JOB", ""))
        .await;
    assert!(jobs.expect("a page").into_inner().parked_items.is_empty());
    let refused = scene.operator().list_parked_items(asked("", "code")).await;
    assert_eq!(
        reason(&refused.expect_err("no such order")),
        "FIELDS_INVALID"
    );
    assert_eq!((first.kind(), first.state()), (Kind::Event, State::Parked));
    assert_eq!(first.code, VisitCompleted::full_name());
    assert_eq!(first.fault_reason, "POISONED");
    assert_eq!((first.sequence, first.waiting_count), (1, 2));
    let shown = scene.operator().get_parked_item(get(&first.name)).await;
    let waiting = shown.expect("item").into_inner().waiting_events;
    let waiting: Vec<_> = waiting.iter().map(|event| event.sequence).collect();
    assert_eq!(waiting, [2, 3]);

    scene.mended.store(true, Ordering::SeqCst);
    let mut operator = scene.operator();
    let retried = operator.retry_parked_item(retry(&first.name, 1)).await;
    assert_eq!(retried.expect("retried").get_ref().state(), State::Retried);
    let second = &items[1].name;
    let discarded = operator.discard_parked_item(discard(second, 2)).await;
    let discarded = discarded.expect("discarded").into_inner();
    assert_eq!(discarded.state(), State::Discarded);
    let again = operator.discard_parked_item(discard(second, 2)).await;
    assert_eq!(again.expect("the same answer").into_inner(), discarded);
    let gone = operator.retry_parked_item(retry(second, 3)).await;
    let gone = gone.expect_err("gone");
    assert_eq!(gone.code(), Code::FailedPrecondition);
    assert_eq!(reason(&gone), "PARKED_ITEM_GONE");
    scene.bench.settle().await;
    assert!(scene.durable.health().await.expect("health").is_settled());
    assert_eq!(scene.parked().await, []);
    let audit = scene.audit().await;
    let note = audit
        .iter()
        .find(|row| row.action == "parked_item_discarded");
    let note = note.expect("a row");
    assert_eq!(
        (note.actor.as_str(), &note.resource),
        ("operator-1", second)
    );
    assert_eq!(note.detail["note"], "sent twice by a test");
}

async fn every_role_may_do_exactly_what_it_is_for_and_refusals_are_audited(database: Database) {
    let scene = Scene::new(database).await;
    let name = scene.parked().await[0].name.clone();
    let mut refused = 0;
    for role in Role::ALL {
        let mut client = scene.client("somebody", role);
        let may_read = [Role::Operator, Role::Auditor].contains(&role);
        let listed = client.list_parked_items(list()).await;
        assert_eq!(listed.is_ok(), may_read, "{role}");
        let shown = client.get_parked_item(get(&name)).await;
        assert_eq!(shown.is_ok(), may_read, "{role}");
        if role == Role::Operator {
            continue;
        }
        let retried = client.retry_parked_item(retry(&name, 1)).await;
        let retried = retried.expect_err("not an operator");
        assert_eq!(retried.code(), Code::PermissionDenied, "{role}");
        let discarded = client.discard_parked_item(discard(&name, 2)).await;
        let discarded = discarded.expect_err("not an operator");
        assert_eq!(discarded.code(), Code::PermissionDenied, "{role}");
        refused += if may_read { 2 } else { 4 };
    }
    let audit = scene.audit().await;
    let kept = audit.iter().filter(|row| row.outcome == "refused");
    assert_eq!(kept.count(), refused);
    assert_eq!(scene.parked().await.len(), 2, "as they were");
    let mut stranger = OperationsServiceClient::new(scene.host.stranger());
    let unknown = stranger.list_parked_items(list()).await;
    assert_eq!(unknown.expect_err("no token").code(), Code::Unauthenticated);
}

async fn what_is_asked_wrongly_is_said_field_by_field(database: Database) {
    let scene = Scene::new(database).await;
    let mut operator = scene.operator();
    let mut elsewhere = list();
    elsewhere.parent = "services/escalation".to_owned();
    let elsewhere = operator.list_parked_items(elsewhere).await;
    assert_eq!(elsewhere.expect_err("not here").code(), Code::NotFound);
    let absent = format!("services/letters/parkedItems/{}", Uuid::from_u128(404));
    let absent = operator.get_parked_item(get(&absent)).await;
    assert_eq!(absent.expect_err("absent").code(), Code::NotFound);
    let malformed = operator.get_parked_item(get("letters/7")).await;
    assert_eq!(malformed.expect_err("form").code(), Code::InvalidArgument);
    let name = scene.parked().await[0].name.clone();
    let nothing_said = DiscardParkedItemRequest {
        name,
        request_id: "once".to_owned(),
        note: "  ".to_owned(),
    };
    let refused = operator.discard_parked_item(nothing_said).await;
    let details = refused.expect_err("two fields").get_error_details();
    let fields = &details.bad_request().expect("fields").field_violations;
    let fields: Vec<_> = fields.iter().map(|found| found.field.as_str()).collect();
    assert_eq!(fields, ["request_id", "note"]);
}

async fn the_list_goes_on_from_page_to_page(database: Database) {
    let scene = Scene::new(database).await;
    let mut operator = scene.operator();
    let (mut request, mut read) = (list(), Vec::new());
    request.page_size = 1;
    loop {
        let page = operator.list_parked_items(request.clone()).await;
        let page = page.expect("a page").into_inner();
        read.extend(page.parked_items);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(read, scene.parked().await);
    assert_eq!(read.len(), 2);
}

on_every_database!(
    an_operator_sees_retries_and_discards,
    every_role_may_do_exactly_what_it_is_for_and_refusals_are_audited,
    what_is_asked_wrongly_is_said_field_by_field,
    the_list_goes_on_from_page_to_page,
);
