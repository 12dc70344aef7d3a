//! Every service in one process, as `serve`, the demo and the journeys use it.

use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;
use visits::config;
use visits::host::{Host, HostOptions};
use visits_core::{Actor, ManualClock, Role, SeededIds};
use visits_proto::escalation::v1::WatchCasesRequest;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::escalation::v1::watch_cases_response::Message;
use visits_proto::insights::v1::ListCodingFramesRequest;
use visits_proto::insights::v1::insights_service_client::InsightsServiceClient;
use visits_proto::scheduling::v1::GetSchoolRequest;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;

const SERVICES: [&str; 5] = [
    "ofsted.visits.scheduling.v1.SchedulingService",
    "ofsted.visits.recording.v1.RecordingService",
    "ofsted.visits.escalation.v1.EscalationService",
    "ofsted.visits.letters.v1.LettersService",
    "ofsted.visits.insights.v1.InsightsService",
];

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

fn desk() -> Actor {
    Actor::new("desk-1", Role::DutyDesk)
}

#[tokio::test]
async fn every_service_answers_for_its_health_under_its_name() {
    let folder = tempfile::tempdir().expect("folder");
    let host = open(folder.path()).await;
    let mut health = HealthClient::new(host.channel_as(desk()));
    for service in SERVICES.into_iter().chain([""]) {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(request).await.expect(service).into_inner();
        assert_eq!(answer.status, 1, "{service} is SERVING");
    }
    host.close().await.expect("closed");
}

#[tokio::test]
async fn a_fresh_folder_is_settled_and_keeps_everything_inside() {
    let folder = tempfile::tempdir().expect("folder");
    let host = open(folder.path()).await;
    host.settle().await.expect("settled");
    for (service, health) in host.health().await.expect("health") {
        assert!(health.is_settled(), "{service}: {health:?}");
    }
    assert_eq!(host.sweep().await, Ok(0));
    host.close().await.expect("closed");
    for service in [
        "scheduling",
        "recording",
        "escalation",
        "letters",
        "insights",
    ] {
        let file = folder.path().join(format!("data/{service}.db"));
        assert!(file.exists(), "{service} has a database of its own");
    }
    let outside = std::fs::read_dir(folder.path()).expect("folder").count();
    assert_eq!(outside, 1);
}

#[tokio::test]
async fn a_role_that_does_not_fit_is_refused_and_what_is_not_there_is_not_found() {
    let folder = tempfile::tempdir().expect("folder");
    let host = open(folder.path()).await;
    let refused = InsightsServiceClient::new(host.channel_as(desk()))
        .list_coding_frames(ListCodingFramesRequest::default())
        .await
        .expect_err("not for the desk");
    assert_eq!(refused.code(), Code::PermissionDenied);
    let request = GetSchoolRequest {
        name: "schools/123166".into(),
    };
    let scheduler = Actor::new("scheduler", Role::Scheduler);
    let absent = SchedulingServiceClient::new(host.channel_as(scheduler))
        .get_school(request)
        .await
        .expect_err("nothing is imported");
    assert_eq!(absent.code(), Code::NotFound);
    let details = absent.get_error_details();
    let resource = details.resource_info().expect("resource info");
    assert_eq!(resource.resource_name, "schools/123166");
    host.close().await.expect("closed");
}

#[tokio::test]
async fn a_watch_is_sent_its_last_message_when_the_process_stops() {
    let folder = tempfile::tempdir().expect("folder");
    let host = open(folder.path()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    host.listen(listener);
    let mut stream = EscalationServiceClient::new(host.channel_as(desk()))
        .watch_cases(WatchCasesRequest::default())
        .await
        .expect("watch")
        .into_inner();
    let first = stream.message().await.expect("message").expect("one");
    assert!(matches!(first.message, Some(Message::Heartbeat(_))));
    host.until_stopped(std::future::ready(()))
        .await
        .expect("stopped");
    let last = loop {
        let message = stream.message().await.expect("message").expect("one");
        match message.message {
            Some(Message::GoingAway(last)) => break last,
            _ => continue,
        }
    };
    assert_eq!(last.reason_code, "SHUTTING_DOWN");
    assert!(!last.resume_token.is_empty());
    assert!(stream.message().await.expect("end").is_none());
    host.close().await.expect("closed");
}

async fn get(port: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(port).await.expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_browser_reads_public_pages_on_the_same_port_and_nothing_else() {
    let folder = tempfile::tempdir().expect("folder");
    let host = open(folder.path()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let port = listener.local_addr().expect("address");
    host.listen(listener);
    let index = get(port, "/letters").await;
    assert!(index.starts_with("HTTP/1.1 200"), "{index}");
    assert!(index.contains("<html"), "{index}");
    let strayed = get(port, "/ofsted.visits.letters.v1.LettersService/GetLetter").await;
    assert!(strayed.starts_with("HTTP/1.1 404"), "{strayed}");
    host.until_stopped(std::future::ready(()))
        .await
        .expect("stopped");
    host.close().await.expect("closed");
}
