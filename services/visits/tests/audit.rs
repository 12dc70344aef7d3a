//! The audit as auditors reach it: over gRPC, with rights, in pages, held against its hashes (R18).

use std::collections::BTreeSet;

use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Response, Status};
use visits_core::{Actor, Fault, Role};
use visits_durable::{Durable, ServiceParts};
use visits_proto::operations::v1::audit_entry::Outcome;
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;
use visits_proto::operations::v1::{
    AuditEntry, AuditVerdict, ListAuditEntriesRequest, VerifyAuditRequest,
};
use visits_testkit::host::Bearer;
use visits_testkit::{Bench, Database, Host, on_every_database};

type Client = OperationsServiceClient<InterceptedService<Channel, Bearer>>;

/// Letters, where two inspectors were refused what they wanted to read.
struct Scene {
    bench: Bench,
    durable: Durable,
    host: Host,
}

const CASES: [&str; 3] = ["letters/1", "letters/2", "letters/3"];

impl Scene {
    async fn new(database: Database) -> Self {
        let mut bench = database.bench("2020-10-23T09:00:00Z");
        let durable = bench.durable("letters", visits_letters::migrations).await;
        bench
            .add(ServiceParts {
                durable: durable.clone(),
                consumes: vec![],
                consumers: vec![],
                jobs: vec![],
                sweeps: vec![],
            })
            .await;
        let mut scene = Self {
            host: Host::new(&bench),
            bench,
            durable,
        };
        for (number, letter) in CASES.into_iter().enumerate() {
            let principal = if number == 1 { "HMI-002" } else { "HMI-001" };
            let fault = Fault::not_found(letter);
            let actor = Actor::new(principal, Role::Hmi);
            let refused = scene
                .durable
                .audit_refusal(&actor, "letters.letters.read", letter, &fault)
                .await;
            refused.expect("recorded");
            scene.bench.settle().await;
        }
        let routes = visits::operations::routes(std::slice::from_ref(&scene.durable));
        scene.host.serve([routes]);
        scene
    }

    fn client(&self, role: Role) -> Client {
        let actor = Actor::new("auditor-1", role);
        OperationsServiceClient::new(self.host.caller(actor))
    }

    async fn entries(&self, filter: &str, order_by: &str) -> Vec<AuditEntry> {
        let request = ListAuditEntriesRequest {
            filter: filter.to_owned(),
            order_by: order_by.to_owned(),
            ..list()
        };
        let page = self.client(Role::Auditor).list_audit_entries(request).await;
        let entries = page.expect("a page").into_inner().audit_entries;
        self.bench.settle().await;
        entries
    }

    async fn verdict(&self) -> AuditVerdict {
        self.piece(whole()).await.expect("a verdict")
    }

    async fn piece(&self, request: VerifyAuditRequest) -> Result<AuditVerdict, Status> {
        let verdict = self.client(Role::Auditor).verify_audit(request).await;
        verdict.map(Response::into_inner)
    }
}

fn whole() -> VerifyAuditRequest {
    VerifyAuditRequest {
        parent: "services/letters".to_owned(),
        ..VerifyAuditRequest::default()
    }
}

fn list() -> ListAuditEntriesRequest {
    ListAuditEntriesRequest {
        parent: "services/letters".to_owned(),
        ..ListAuditEntriesRequest::default()
    }
}

fn resources(entries: &[AuditEntry]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry.resource.as_str())
        .collect()
}

async fn r18_an_auditor_finds_entries_by_resource_actor_outcome_and_time(database: Database) {
    let scene = Scene::new(database).await;
    let newest = scene.entries("", "").await;
    assert_eq!(resources(&newest), ["letters/3", "letters/2", "letters/1"]);
    let first = &newest[2];
    assert_eq!(first.name, "services/letters/auditEntries/1");
    assert_eq!(first.outcome(), Outcome::Refused);
    assert_eq!(
        (first.actor.as_str(), first.reason.as_str()),
        ("HMI-001", "NOT_FOUND")
    );
    assert_eq!((first.cause.as_str(), first.hash.len()), ("read", 64));

    let by_actor = scene.entries("actor = \"HMI-002\"", "").await;
    assert_eq!(resources(&by_actor), ["letters/2"]);
    let by_resource = scene.entries("resource = \"letters/3\"", "").await;
    assert_eq!(resources(&by_resource), ["letters/3"]);
    let oldest = scene.entries("outcome = REFUSED", "name").await;
    assert_eq!(resources(&oldest), CASES);
    let later = "record_time >= \"2020-10-23T10:00:00Z\"";
    assert!(scene.entries(later, "").await.is_empty());
    let earlier = "record_time < \"2020-10-23T10:00:00Z\" AND outcome = REFUSED";
    assert_eq!(scene.entries(earlier, "").await.len(), 3);
}

async fn r18_reading_the_audit_is_itself_an_entry(database: Database) {
    let scene = Scene::new(database).await;
    scene.entries("actor = \"HMI-001\"", "").await;
    let done = scene.entries("outcome = DONE", "").await;
    assert_eq!(resources(&done), ["services/letters"]);
    let reading = &done[0];
    assert_eq!(reading.action, "operations.auditEntries.read");
    assert_eq!(reading.actor, "auditor-1");
    assert_eq!(reading.detail["actor"], "HMI-001");
}

async fn r18_the_chain_is_held_against_its_hashes(database: Database) {
    let scene = Scene::new(database).await;
    let verdict = scene.verdict().await;
    assert!(verdict.intact, "{verdict:?}");
    assert_eq!((verdict.entry_count, verdict.broken_place), (3, 0));
    scene.bench.settle().await;
    let newest = scene.entries("", "").await;
    assert_eq!(newest[1].hash, verdict.head_hash, "the last one read");
    assert_eq!(newest[0].detail["verified"], "3");
}

async fn r18_a_long_chain_is_held_against_its_hashes_piece_by_piece(database: Database) {
    let scene = Scene::new(database).await;
    let mut request = whole();
    request.page_size = 2;
    let first = scene.piece(request.clone()).await.expect("a piece");
    assert_eq!((first.complete, first.entry_count), (false, 2));
    assert!(!first.intact, "what is not read is not called intact");
    request.after_place = first.entry_count;
    request.after_hash.clone_from(&first.head_hash);
    let rest = scene.piece(request.clone()).await.expect("a piece");
    assert_eq!((rest.complete, rest.intact), (true, true));
    assert_eq!(rest.head_hash, scene.verdict().await.head_hash);
    // What somebody wrote down of a chain that was made anew is not in it.
    request.after_hash = "0".repeat(64);
    let anew = scene.piece(request.clone()).await.expect("a piece");
    assert_eq!((anew.intact, anew.broken_place), (false, 2));
    request.after_place = 99;
    let cut = scene.piece(request.clone()).await.expect("a piece");
    assert_eq!(
        (cut.intact, cut.complete, cut.broken_place),
        (false, true, 99)
    );
    for (place, hash, size) in [
        (0, "0", 0),
        (2, "", 0),
        (2, "soon", 0),
        (-1, "", 0),
        (0, "", -1),
    ] {
        request.after_place = place;
        request.after_hash = hash.to_owned();
        request.page_size = size;
        let refused = scene.piece(request.clone()).await.expect_err("refused");
        assert_eq!(
            refused.code(),
            Code::InvalidArgument,
            "{place} {hash} {size}"
        );
    }
}

async fn r_api_3_the_audit_goes_on_from_page_to_page_while_rows_come_in(database: Database) {
    let scene = Scene::new(database).await;
    let (mut request, mut read) = (list(), Vec::new());
    request.page_size = 1;
    let mut client = scene.client(Role::Auditor);
    loop {
        let page = client.list_audit_entries(request.clone()).await;
        let page = page.expect("a page").into_inner();
        read.extend(page.audit_entries);
        // Each page that is read is a new row at the other end of the list.
        scene.bench.settle().await;
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(resources(&read), ["letters/3", "letters/2", "letters/1"]);
    let names: BTreeSet<_> = read.iter().map(|entry| &entry.name).collect();
    assert_eq!(names.len(), 3);
}

async fn only_an_auditor_reads_the_audit_and_refusals_are_entries_of_it(database: Database) {
    let scene = Scene::new(database).await;
    let mut refused = 0;
    for role in Role::ALL {
        let mut client = scene.client(role);
        let listed = client.list_audit_entries(list()).await;
        let verified = client.verify_audit(whole()).await;
        if role == Role::Auditor {
            assert!(listed.is_ok() && verified.is_ok());
            continue;
        }
        refused += 2;
        let (listed, verified) = (listed.expect_err("refused"), verified.expect_err("refused"));
        assert_eq!(listed.code(), Code::PermissionDenied, "{role}");
        assert_eq!(verified.code(), Code::PermissionDenied, "{role}");
    }
    scene.bench.settle().await;
    let filter = "action = \"operations.auditEntries.read\" AND outcome = REFUSED";
    assert_eq!(scene.entries(filter, "").await.len(), refused);
    let mut elsewhere = list();
    elsewhere.parent = "services/escalation".to_owned();
    let absent = scene
        .client(Role::Auditor)
        .list_audit_entries(elsewhere)
        .await;
    assert_eq!(absent.expect_err("not held here").code(), Code::NotFound);
    let mut unclear = list();
    unclear.filter = "outcome = MAYBE".to_owned();
    let unclear = scene
        .client(Role::Auditor)
        .list_audit_entries(unclear)
        .await;
    assert_eq!(unclear.expect_err("a filter").code(), Code::InvalidArgument);
}

on_every_database!(
    r18_an_auditor_finds_entries_by_resource_actor_outcome_and_time,
    r18_reading_the_audit_is_itself_an_entry,
    r18_the_chain_is_held_against_its_hashes,
    r18_a_long_chain_is_held_against_its_hashes_piece_by_piece,
    r_api_3_the_audit_goes_on_from_page_to_page_while_rows_come_in,
    only_an_auditor_reads_the_audit_and_refusals_are_entries_of_it,
);
