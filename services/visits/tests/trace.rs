//! One trace id on a gRPC call, on the event and on the step of the service that heard it, as a
//! collector receives them (R-EVT-7).

use std::path::Path;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use visits::config;
use visits::host::{Host, HostOptions};
use visits_core::{Actor, ManualClock, Role, SeededIds};
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_proto::scheduling::v1::{AssignRoutineInspectionRequest, CreateInspectorRequest};
use visits_runtime::telemetry::Export;
use visits_trace::Trace;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// Keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut kept = self.0.lock().expect("lock");
        kept.push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let address = listener.local_addr().expect("address");
        let server = Server::builder().add_service(TraceServiceServer::new(self.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        format!("http://{address}")
    }

    fn spans(&self) -> Vec<Span> {
        let kept = self.0.lock().expect("lock");
        let resources = kept.iter().flat_map(|sent| &sent.resource_spans);
        let scopes = resources.flat_map(|sent| &sent.scope_spans);
        scopes.flat_map(|sent| sent.spans.clone()).collect()
    }

    fn service_names(&self) -> Vec<String> {
        let kept = self.0.lock().expect("lock");
        let resources = kept.iter().flat_map(|sent| &sent.resource_spans);
        let attributes =
            resources.flat_map(|sent| sent.resource.iter().flat_map(|r| &r.attributes));
        attributes
            .filter(|attribute| attribute.key == "service.name")
            .map(|attribute| format!("{:?}", attribute.value))
            .collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a span says under this key, in text.
fn said<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let mut attributes = span.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.key == key)?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

/// Which event it was and which way it went: names and ids, and no other word of it (R19).
fn names_the_way_of_the_assignment(span: &Span) {
    let event_type = "ofsted.visits.scheduling.v1.RoutineInspectionAssigned";
    let destination = format!("ofsted.visits.events:{event_type}");
    for (key, value) in [
        ("messaging.destination.name", destination.as_str()),
        ("messaging.rabbitmq.destination.routing_key", event_type),
        ("cloudevents.event_type", event_type),
    ] {
        assert_eq!(said(span, key), Some(value), "{key} of {}", span.name);
    }
    let known = [
        "visits.service",
        "messaging.destination.name",
        "messaging.rabbitmq.destination.routing_key",
        "messaging.message.id",
        "cloudevents.event_type",
        "cloudevents.event_subject",
    ];
    let keys = span.attributes.iter().map(|attribute| &attribute.key);
    let others: Vec<&String> = keys.filter(|key| !known.contains(&key.as_str())).collect();
    assert!(others.is_empty(), "{}: {others:?}", span.name);
}

async fn open(folder: &Path) -> Host {
    let start = "2020-09-29T08:00:00Z".parse().expect("instant");
    Host::open(HostOptions {
        data: folder.join("data"),
        settings: config::embedded().expect("settings"),
        clock: Arc::new(ManualClock::new(start)),
        ids: Arc::new(SeededIds::new(1)),
    })
    .await
    .expect("host")
}

/// The barrier is told to recording, escalation and letters by an event (M11).
async fn assign(host: &Host) {
    let scheduler = Actor::new("planner-1", Role::Scheduler);
    let mut scheduling = SchedulingServiceClient::new(host.channel_as(scheduler));
    let request = CreateInspectorRequest {
        inspector_id: "HMI-001".into(),
        ofsted_region: "south-east".into(),
        request_id: "00000000-0000-4000-8000-000000000001".into(),
    };
    let inspector = scheduling.create_inspector(request).await;
    let inspector = inspector.expect("entered").into_inner();
    let request = AssignRoutineInspectionRequest {
        name: inspector.name,
        school: "schools/123166".into(),
        start_date: "2021-01-12".into(),
        request_id: "00000000-0000-4000-8000-000000000002".into(),
        ..AssignRoutineInspectionRequest::default()
    };
    let traced = Trace::of(Some(&format!("00-{TRACE}-{CALLER}-01")))
        .within(scheduling.assign_routine_inspection(request));
    traced.await.expect("assigned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_leads_from_a_call_over_its_event_to_the_services_that_hear_it() {
    let collector = Collector::default();
    let export = Export::start(&collector.listen().await, "visits").expect("exporting");
    let folder = tempfile::tempdir().expect("folder");
    let host = open(folder.path()).await;
    let check = HealthCheckRequest::default();
    let health = HealthClient::new(host.public_channel()).check(check).await;
    health.expect("healthy");
    assign(&host).await;
    host.settle().await.expect("settled");
    host.close().await.expect("closed");
    export.finish().await;

    let spans = collector.spans();
    let in_trace = |span: &&Span| hex(&span.trace_id) == TRACE;
    let ours: Vec<&Span> = spans.iter().filter(in_trace).collect();
    let named = |name: &str| ours.iter().find(|span| span.name == name);
    let call = "ofsted.visits.scheduling.v1.SchedulingService/AssignRoutineInspection";
    let call = named(call).expect("the call");
    assert_eq!(hex(&call.parent_span_id), CALLER);
    let step = named("step request:AssignRoutineInspection").expect("its step");
    assert_eq!(step.parent_span_id, call.span_id);
    let sending = named("publish scheduling.inspector").expect("the event on its way");
    assert_eq!(sending.parent_span_id, step.span_id);
    names_the_way_of_the_assignment(sending);
    let message = said(sending, "messaging.message.id");
    assert!(message.is_some(), "{sending:?}");
    for service in ["recording", "escalation", "letters"] {
        let heard = ours.iter().find(|span| {
            span.name.starts_with(&format!("process {service}."))
                && span.parent_span_id == step.span_id
        });
        let heard = heard.expect(service);
        names_the_way_of_the_assignment(heard);
        assert_eq!(said(heard, "messaging.message.id"), message, "{service}");
        let follows = ours.iter().any(|span| {
            span.name.starts_with(&format!("step event:{service}."))
                && span.parent_span_id == heard.span_id
        });
        assert!(follows, "{service} made its step in the trace: {ours:#?}");
    }
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert!(
        !names.iter().any(|name| name.contains("grpc.health")),
        "{names:?}"
    );
    assert!(
        collector
            .service_names()
            .iter()
            .all(|name| name.contains("\"visits\""))
    );
}
